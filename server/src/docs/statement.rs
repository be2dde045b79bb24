//! The IHE Integration Statement (ITI TF-1: Appendix F): actors and options, each of which is told only
//! if every transaction that it needs is declared, and those declarations.

use renkei_soap::message::Framing;
use renkei_xds::transaction::{self, Effect, Transaction};
use std::fmt::Write;

/// An actor, or an option of one.
struct Claim {
    profile: &'static str,
    actor: &'static str,
    /// Empty for the actor itself.
    option: &'static str,
    /// Web-service transactions without which it is not claimed.
    needs: &'static [&'static str],
    /// What else it speaks.
    also: &'static [&'static str],
}

const fn actor(
    profile: &'static str,
    actor: &'static str,
    needs: &'static [&'static str],
    also: &'static [&'static str],
) -> Claim {
    Claim { profile, actor, option: "", needs, also }
}

const fn option(
    profile: &'static str,
    actor: &'static str,
    option: &'static str,
    needs: &'static [&'static str],
    also: &'static [&'static str],
) -> Claim {
    Claim { profile, actor, option, needs, also }
}

const REGISTRY: &str = "Document Registry";
const REPOSITORY: &str = "Document Repository";
const GATEWAY: &str = "Responding Gateway";
const INITIATING: &str = "Initiating Gateway";
const MANAGER: &str = "Patient Identifier Cross-reference Manager";
const SUPPLIER: &str = "Patient Demographics Supplier";
const ADMINISTRATOR: &str = "Document Administrator";

#[rustfmt::skip]
static CLAIMS: &[Claim] = &[
    actor("XDS.b", REGISTRY, &["ITI-18", "ITI-42"], &[]),
    option("XDS.b", REGISTRY, "Patient Identity Feed", &[], &["ITI-8"]),
    option("XDS.b", REGISTRY, "Patient Identity Feed HL7 V3", &["ITI-44"], &[]),
    option("XPID", REGISTRY, "", &[], &["ITI-64"]),
    option("XDS.b", REGISTRY, "On-Demand Documents", &["ITI-61"], &[]),
    option("XDS.b", REGISTRY, "Reference ID", &["ITI-18"], &[]),
    option("XDS.b", REGISTRY, "Asynchronous Web Services Exchange", &["ITI-18", "ITI-42"], &[]),
    option("XDS Metadata Update", REGISTRY, "Document Metadata Update", &["ITI-57"], &[]),
    option("RMU", "Update Responder", "", &["ITI-92"], &[]),
    option("RMU", "Update Responder", "XDS Persistence", &["ITI-92"], &[]),
    option("RMD", REGISTRY, "Remove Metadata", &["ITI-62"], &[]),
    option("MPQ", REGISTRY, "", &["ITI-51"], &[]),
    actor("XDS.b", REPOSITORY, &["ITI-41", "ITI-42", "ITI-43"], &[]),
    option("XDS.b", REPOSITORY, "Asynchronous Web Services Exchange", &["ITI-41", "ITI-43"], &[]),
    option("RMD", REPOSITORY, "Remove Documents", &["ITI-86"], &[]),
    actor("XDS.b", "Document Source", &["ITI-41"], &[]),
    option("XDS.b", "Document Source", "Document Replacement", &["ITI-41"], &[]),
    option("XDS.b", "Document Source", "Document Transformation", &["ITI-41"], &[]),
    option("XDS.b", "Document Source", "Document Addendum", &["ITI-41"], &[]),
    option("XDS.b", "Document Source", "Folder Management", &["ITI-41"], &[]),
    option("XDS.b", "Document Source", "Asynchronous Web Services Exchange", &["ITI-41"], &[]),
    actor("XDS.b", "Patient Identity Source", &[], &["ITI-8"]),
    actor("XDS.b", "Document Consumer", &["ITI-18", "ITI-43"], &[]),
    option("XDS.b", "Document Consumer", "On-Demand Documents", &["ITI-18", "ITI-43"], &[]),
    option("XDS.b", "Document Consumer", "Asynchronous Web Services Exchange", &["ITI-18", "ITI-43"], &[]),
    option("MPQ", "Document Consumer", "", &["ITI-51"], &[]),
    actor("XDS.b", "On-Demand Document Source", &["ITI-43", "ITI-61"], &[]),
    option("XDS.b", "On-Demand Document Source", "Persistence of Retrieved Documents", &["ITI-43", "ITI-61"], &[]),
    actor("XCA", GATEWAY, &["ITI-38", "ITI-39"], &[]),
    option("XCA", GATEWAY, "On-Demand Documents", &["ITI-38", "ITI-39"], &[]),
    option("XCA", GATEWAY, "Persistence of Retrieved Documents", &["ITI-38", "ITI-39"], &[]),
    option("RMU", GATEWAY, "", &["ITI-92"], &[]),
    actor("XCA", INITIATING, &["ITI-18", "ITI-38", "ITI-39", "ITI-43"], &[]),
    option("XCA", INITIATING, "XDS Affinity Domain", &["ITI-18", "ITI-38", "ITI-39", "ITI-43"], &[]),
    option("XCA", INITIATING, "Asynchronous Web Services Exchange", &["ITI-38", "ITI-39"], &[]),
    option("XCA", INITIATING, "On-Demand Documents", &["ITI-38", "ITI-39"], &[]),
    option("XCA", INITIATING, "Target Communities", &["ITI-38"], &[]),
    actor("XCPD", GATEWAY, &["ITI-55"], &[]),
    option("XCPD", GATEWAY, "Deferred Response", &["ITI-55"], &[]),
    option("XCPD", GATEWAY, "Health Data Locator", &["ITI-55", "ITI-56"], &[]),
    actor("XCPD", INITIATING, &["ITI-55"], &[]),
    option("XCPD", INITIATING, "Asynchronous Web Services Exchange", &["ITI-55"], &[]),
    option("XCPD", INITIATING, "Deferred Response", &["ITI-55"], &[]),
    option("XCPD", INITIATING, "Health Data Locator", &["ITI-55", "ITI-56"], &[]),
    actor("PIX", MANAGER, &[], &["ITI-8", "ITI-9", "ITI-10"]),
    actor("PDQ", SUPPLIER, &[], &["ITI-21"]),
    actor("PIXV3", MANAGER, &["ITI-44", "ITI-45", "ITI-46"], &[]),
    actor("PDQV3", SUPPLIER, &["ITI-47"], &[]),
    option("PDQV3", SUPPLIER, "Continuation", &["ITI-47"], &[]),
    actor("XDS Metadata Update", ADMINISTRATOR, &["ITI-57"], &[]),
    option("RMU", "Update Initiator", "", &["ITI-92"], &[]),
    actor("RMD", ADMINISTRATOR, &["ITI-62", "ITI-86"], &[]),
    actor("ATNA", "Secure Application", &[], &["ITI-19"]),
    actor("CT", "Time Client", &[], &["ITI-1"]),
];

/// What the text of a profile asks for and is not done.
const DEVIATIONS: &str = "\
- ATNA: audit records are kept in the form of ITI-20 and can be listed; they are not sent to an Audit Record Repository.
- TLS: version 1.3, or 1.2 by setting, with ECDHE and AES-GCM or ChaCha20-Poly1305. The suites with finite-field DHE of ITI TF-2: 3.19.6.2.3 are taken
  with `tls.profile=bcp195` and an RSA certificate alone; RFC 9325 advises against them.
- PDQ: ITI-21 is answered at once (RCP-1 `I`); parameters beside PID-3, 5, 6, 7, 8, 11, 13, 14 and 18 are refused; a family or given name
  that ends in `*` is a beginning. An unknown authority in `@PID.3.4` is told as one in QPD-8 is. ITI-22 is not there.
- PDQV3: an interval of birth times is looked for where it is one day, month or year; matchCriterionList is passed over, and whoever is
  found fits wholly (100). More of a query is told by the process that was asked, to the node that asked; a query of more than 16 KiB is
  answered whole or not at all. An unknown authority of livingSubjectId is told as one of otherIDsScopingOrganization is.
- The RMU options Forward Update and XCA Persistence are not there.
- XCPD: ITI-56 is answered where `gateway.tells_locations` says so, and asked by command; correlations are not revoked.
- The Initiating Gateway takes ITI-18 and ITI-43 of consumers only.
- HTTP/1.1 only; `Content-Encoding` other than `identity` is answered with 415.
";

/// Those whose messages are HL7 v3 (`profiles/hl7v3`), which no WSDL of ours describes.
static OF_HL7_V3: [&Transaction; 12] = [
    &transaction::ITI_45,
    &transaction::ITI_46,
    &transaction::ITI_47,
    &transaction::ITI_47_CONTINUE,
    &transaction::ITI_47_CANCEL,
    &transaction::ITI_44_ADDED,
    &transaction::ITI_44_REVISED,
    &transaction::ITI_44_MERGED,
    &transaction::ITI_55,
    &transaction::ITI_55_DEFERRED,
    &transaction::ITI_55_DEFERRED_ANSWER,
    &transaction::ITI_56,
];

/// The page.
pub(super) fn page() -> String {
    let mut out = String::from(
        "# IHE Integration Statement\n\nWritten from the declarations of the transactions \
         (`profiles/xds/src/transaction.rs`) and the table of claims (`server/src/docs/statement.rs`); do not edit.\n\n",
    );
    let version = env!("CARGO_PKG_VERSION");
    line(&mut out, &["Product", "Version", "Licence"]);
    line(&mut out, &["---"; 3]);
    line(&mut out, &["Renkei", version, "MIT OR Apache-2.0"]);
    out.push_str("\n## Actors and options\n\n");
    line(&mut out, &["Profile", "Actor", "Option", "Transactions"]);
    line(&mut out, &["---"; 4]);
    for claim in CLAIMS.iter().filter(|c| c.needs.iter().all(|id| declared(id))) {
        let speaks: Vec<&str> = claim.needs.iter().chain(claim.also).copied().collect();
        line(&mut out, &[claim.profile, claim.actor, or_dash(claim.option), &speaks.join(", ")]);
    }
    out.push_str("\n## Web services\n\nSOAP 1.2 over mutual TLS; `?wsdl` at the endpoints of registry, repository and both XCA gateways (`/xds/...`, `/xca/responding`, `/xca/initiating`) tells the same to programs.\n\n");
    line(&mut out, &["Transaction", "Name", "Framing", "wsa:Action", "Effect", "Who may call"]);
    line(&mut out, &["---"; 6]);
    let mut all: Vec<&Transaction> = [transaction::ALL, &OF_HL7_V3].concat();
    all.sort_by_key(|t| t.id);
    for t in all {
        let callers: Vec<&str> = t.may_call.iter().map(|role| role.name()).collect();
        let (framing, effect) = (framing_name(t.framing), effect_name(t.effect));
        let action = format!("`{}`", t.request_action);
        line(&mut out, &[t.id, t.name, framing, &action, effect, or_dash(&callers.join(", "))]);
    }
    write!(out, "\n## Deviations\n\n{DEVIATIONS}").unwrap();
    out
}

fn line(out: &mut String, cells: &[&str]) {
    writeln!(out, "| {} |", cells.join(" | ")).unwrap();
}

fn declared(id: &str) -> bool {
    transaction::ALL.iter().chain(&OF_HL7_V3).any(|t| t.id == id)
}

const fn or_dash(text: &str) -> &str {
    if text.is_empty() { "–" } else { text }
}

const fn framing_name(framing: Framing) -> &'static str {
    match framing {
        Framing::Simple => "Simple SOAP",
        Framing::Mtom => "MTOM/XOP",
    }
}

const fn effect_name(effect: Effect) -> &'static str {
    match effect {
        Effect::Reads => "reads",
        Effect::Changes => "changes",
    }
}

#[test]
fn every_declared_transaction_belongs_to_an_actor() {
    for transaction in transaction::ALL.iter().chain(&OF_HL7_V3) {
        let claimed = CLAIMS.iter().any(|c| c.needs.contains(&transaction.id));
        assert!(claimed, "{}", transaction.id);
    }
}
