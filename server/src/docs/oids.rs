//! docs/OIDS.md: the OIDs that stand in messages, and whose they are.

use super::codes::{ATTRIBUTES, list};
use crate::settings::definitions;
use renkei_checkup::hs037::systems;
use renkei_source_adapter::submit::Domain;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Code systems of others, by their OIDs.
const OTHERS: [(&str, &str, &str); 6] = [
    ("2.16.840.1.113883.6.1", "LOINC", "LOINC"),
    ("2.16.840.1.113883.5.25", "HL7 機密度", "HL7 Confidentiality"),
    ("1.3.6.1.4.1.19376.1.2.3", "IHE formatCode", "IHE format codes"),
    ("1.2.840.10008.2.6.1", "DICOM UID", "DICOM UIDs"),
    ("1.2.392.200119.6.1001", "報告区分", "kinds of reports"),
    ("1.2.392.200119.6.1002", "健診プログラムサービスコード", "programmes of checkups"),
];

/// Own code systems, by their number under the arc.
const OWN: [(&str, &str, &str); 9] = [
    ("1", "文書区分", "classes of documents"),
    ("2", "登録の種類", "kinds of submissions"),
    ("3", "文書形式", "formats of documents"),
    ("4", "施設の種類", "kinds of institutions"),
    ("5", "閲覧範囲", "who may read"),
    ("6", "診療科・領域", "practice settings"),
    ("7", "フォルダーの種類", "kinds of folders"),
    ("8", "文書種別", "types of documents"),
    ("12", "文書間の関係の説明", "documentation of associations"),
];

/// Who issued an identifier.
const ISSUERS: [(&str, &str, &str); 5] = [
    (
        systems::LOCAL_PATIENT,
        "医療機関内の患者番号(この後に機関番号10桁)",
        "patient numbers of an institution (its ten digits follow)",
    ),
    (systems::INSTITUTIONS[1], "健診機関番号", "numbers of checkup institutions"),
    (systems::INSURER_OID, "保険者番号", "numbers of insurers"),
    (systems::INSURERS[2], "保険者番号(特定健診)", "numbers of insurers (特定健診)"),
    (systems::PUBLIC_PAYER, "公費負担者番号", "numbers of public payers"),
];

/// Schemes of the list, with the attributes that use them.
fn schemes() -> BTreeMap<String, Vec<&'static str>> {
    let list = list();
    let mut schemes: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
    for (attribute, _) in ATTRIBUTES {
        for code in list.listed(attribute) {
            let users = schemes.entry(code.scheme.clone()).or_default();
            if !users.contains(&attribute) {
                users.push(attribute);
            }
        }
    }
    schemes
}

/// What a scheme is called.
fn name(scheme: &str, root: &str) -> Option<(&'static str, &'static str)> {
    let own = scheme.strip_prefix(root).and_then(|rest| rest.strip_prefix('.'));
    let rows = if own.is_some() { OWN.as_slice() } else { OTHERS.as_slice() };
    let wanted = own.unwrap_or(scheme);
    rows.iter().find(|(oid, ..)| *oid == wanted).map(|(_, ja, en)| (*ja, *en))
}

/// The page.
pub(super) fn page() -> String {
    let root = list().oid_root().unwrap().to_string();
    let mut out = format!(
        "# OID\n\nWritten from the settings, the default code list and the identifiers of the documents; do not edit. 試験用の表の起点は \
         `{root}` です。実際のアフィニティドメインは自分のOIDを持ちます(コード表の `OidRoot`)。 / The arc of the default list, `{root}`, \
         is for tests: a real affinity domain has its own (`OidRoot` of its code list).\n\n\
         ## 拠点のid / Ids of a house\n\n| setting | 内容 | what it is |\n| --- | --- | --- |\n"
    );
    for id in definitions().iter().filter(|d| d.key.starts_with("ids.")) {
        row(&mut out, id.key, id.ja, id.en);
    }
    out.push_str("\n## コード体系 / Code systems\n\n| OID | 名称 | name | attributes |\n| --- | --- | --- | --- |\n");
    for (scheme, users) in schemes() {
        let (ja, en) = name(&scheme, &root).unwrap();
        writeln!(out, "| `{scheme}` | {ja} | {en} | {} |", users.join(", ")).unwrap();
    }
    out.push_str("\n## ドメインが作るid / Ids that the domain makes\n\n| OID | 内容 | what it is |\n| --- | --- | --- |\n");
    let domain = Domain::of_project().unwrap();
    let source = domain.default_source_id("").unwrap().to_string();
    row(
        &mut out,
        &domain.reference_authority(),
        "健診と記録の参照ID(referenceIdList)",
        "reference ids of checkups and records (referenceIdList)",
    );
    row(
        &mut out,
        &source,
        "sourceId(この後に機関番号)",
        "sourceIds (the number of the institution follows)",
    );
    row(
        &mut out,
        &format!("{root}.{}", renkei_source_adapter::submit::EMPLOYERS),
        "事業所コード(intendedRecipient。`renkei pki issue --scope employer=CODE`)",
        "codes of employers (intendedRecipient; `renkei pki issue --scope employer=CODE`)",
    );
    for authority in list().assigning_authorities() {
        row(&mut out, authority.as_str(), "患者IDの発行者", "assigning authority of patient ids");
    }
    out.push_str("\n## 番号の発行者 / Who issues numbers\n\n| OID | 内容 | what it is |\n| --- | --- | --- |\n");
    for (oid, ja, en) in ISSUERS {
        row(&mut out, oid.trim_start_matches("urn:oid:"), ja, en);
    }
    out
}

fn row(out: &mut String, oid: &str, ja: &str, en: &str) {
    writeln!(out, "| `{oid}` | {ja} | {en} |").unwrap();
}

#[test]
fn every_scheme_of_the_list_has_a_name_and_no_name_is_left_over() {
    let root = list().oid_root().unwrap().to_string();
    let schemes = schemes();
    for scheme in schemes.keys() {
        assert!(name(scheme, &root).is_some(), "{scheme}");
    }
    let own = OWN.map(|(number, ..)| format!("{root}.{number}"));
    for oid in OTHERS.map(|(oid, ..)| oid.to_owned()).iter().chain(&own) {
        assert!(schemes.contains_key(oid), "{oid} is in no list");
    }
}
