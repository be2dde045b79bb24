//! The affinity domain as a source has to know it: the arc of its identifiers, and its codes.
//!
//! Which codes a checkup's documents have is fixed (they say what the documents are); of which scheme
//! they are, and how they are called, the domain's own list says. What the list lacks a registry of
//! the domain would refuse, so it is told by name before anything is sent.

use super::kind::Kind;
use renkei_metadata::codes::{CodeList, CodesError, default_xml};
use renkei_metadata::ids::{Invalid, Oid};
use renkei_metadata::model::{Code, LocalizedText};
use std::fmt;

/// LOINC; 53576-5 is the national choice for a checkup report.
const LOINC: &str = "2.16.840.1.113883.6.1";
/// IHE's own format codes.
const IHE_FORMATS: &str = "1.3.6.1.4.1.19376.1.2.3";
/// HL7 Confidentiality.
const CONFIDENTIALITY: &str = "2.16.840.1.113883.5.25";
/// 健診プログラムサービスコード.
pub(super) const PROGRAMME: &str = "1.2.392.200119.6.1002";
/// 報告区分.
pub(super) const REPORT_CATEGORY: &str = "1.2.392.200119.6.1001";

/// Behind the domain's arc: who issues the codes of employers, as institutions write them (事業所コード).
pub const EMPLOYERS: u8 = 12;

/// A code that the documents have and the domain's list has not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MissingCode {
    /// The attribute, by its name in ITI TF-3.
    pub attribute: &'static str,
    /// The code.
    pub code: String,
}

impl fmt::Display for MissingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.attribute, self.code)
    }
}

/// Why nothing can be sent into a domain.
#[derive(Debug, thiserror::Error)]
pub enum DomainError {
    /// The list cannot be read.
    #[error(transparent)]
    Codes(#[from] CodesError),
    /// Nobody says under which arc the domain makes identifiers.
    #[error(
        "アフィニティドメインのOIDがありません。コード表に <OidRoot id=\"…\"/> を書くか、connect.json に oid_root を書いてください / the affinity domain's arc is not known: name it in the code list, <OidRoot id=\"...\"/>, or as oid_root in connect.json"
    )]
    NoRoot,
    /// The list and whoever issued the identity say different arcs.
    #[error(
        "アフィニティドメインのOIDが食い違っています。コード表は {list}、connect.json は {given} です。どちらかが古いため、新しいものを受け取ってください / the code list names the arc {list} and connect.json {given}; one of them is out of date"
    )]
    TwoRoots {
        /// That of the list.
        list: Oid,
        /// The other.
        given: Oid,
    },
    /// The list lacks codes.
    #[error(
        "アフィニティドメインのコード表にないコードがあるため、何も送っていません: {names}。コード表に加えるよう、ドメインの管理者に依頼してください / nothing was sent, since the affinity domain's code list lacks: {names}; ask whoever keeps the list to add them",
        names = .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    )]
    Missing(Vec<MissingCode>),
}

/// An affinity domain.
#[derive(Clone, Debug)]
pub struct Domain {
    root: Oid,
    list: CodeList,
    codes: Codes,
}

/// The codes that stand in every checkup's documents, as this domain has them.
#[derive(Clone, Debug)]
pub(crate) struct Codes {
    pub(super) class_source: Code,
    pub(super) class_checkup: Code,
    pub(super) format_source: Code,
    pub(super) format_kcsv: Code,
    pub(super) format_hs037: Code,
    pub(super) format_cda: Code,
    pub(super) normal: Code,
    pub(super) restricted: Code,
    pub(super) full: Code,
    pub(super) statutory: Code,
    pub(super) facility: Code,
    pub(super) practice_setting: Code,
    pub(super) checkup_report: Code,
    pub(crate) delivery: Code,
}

/// Where a code comes from when the domain does not say it.
#[derive(Clone, Copy)]
enum Scheme {
    /// A list of the domain: its number under the arc.
    Own(u8),
    /// A list of somebody else.
    Of(&'static str),
}

impl Domain {
    /// The domain of a code list; `root` is what is known of its arc otherwise.
    ///
    /// # Errors
    /// When the arc is not known, or the list lacks a code.
    pub fn new(list: CodeList, root: Option<Oid>) -> Result<Self, DomainError> {
        let root = match (list.oid_root().cloned(), root) {
            (Some(list), Some(given)) if list != given => {
                return Err(DomainError::TwoRoots { list, given });
            }
            (list, given) => list.or(given).ok_or(DomainError::NoRoot)?,
        };
        let mut choice = Choice { root: &root, list: &list, missing: Vec::new() };
        let codes = choice.codes();
        let types = Kind::ALL.map(Kind::mime_type).into_iter();
        let refused = types.filter(|mime_type| !list.allows_mime_type(mime_type));
        choice.missing.extend(
            refused.map(|code| MissingCode { attribute: "mimeType", code: code.to_owned() }),
        );
        let mut missing = choice.missing;
        missing.sort();
        missing.dedup();
        if missing.is_empty() {
            Ok(Self { root, list, codes })
        } else {
            Err(DomainError::Missing(missing))
        }
    }

    /// The project's own domain, for tests and demonstrations.
    ///
    /// # Errors
    /// Never; its list is whole.
    pub fn of_project() -> Result<Self, DomainError> {
        Self::new(CodeList::read(default_xml())?, None)
    }

    /// Who issues the codes of employers.
    pub(super) fn employer_authority(&self) -> String {
        format!("{}.{EMPLOYERS}", self.root)
    }

    /// The codes of every document.
    pub(crate) const fn codes(&self) -> &Codes {
        &self.codes
    }

    /// An event code, of a scheme that the nation has.
    pub(super) fn event(
        &self,
        code: &str,
        scheme: &'static str,
        display: &str,
    ) -> Result<Code, MissingCode> {
        let mut choice = Choice { root: &self.root, list: &self.list, missing: Vec::new() };
        let chosen = choice.choose("eventCodeList", code, Scheme::Of(scheme), display);
        choice.missing.pop().map_or(Ok(chosen), Err)
    }

    /// The code of a fiscal year, which its Folders have.
    pub(super) fn year(&self, number: i32) -> Result<Code, MissingCode> {
        let mut choice = Choice { root: &self.root, list: &self.list, missing: Vec::new() };
        let (code, display) = (format!("KENSHIN-{number}"), format!("{number}年度健診"));
        let chosen = choice.choose("codeList", &code, Scheme::Own(7), &display);
        choice.missing.pop().map_or(Ok(chosen), Err)
    }

    /// Under which the ids of records and checkups stand in metadata.
    pub fn reference_authority(&self) -> String {
        format!("{}.9", self.root)
    }

    /// The sourceId of an institution's system when none is configured. The 1 before the institution
    /// number keeps the arc free of a leading zero.
    ///
    /// # Errors
    /// When the institution number holds something else than digits, or the arc is too long.
    pub fn default_source_id(&self, institution: &str) -> Result<Oid, Invalid> {
        Oid::parse(&format!("{}.10.1{institution}", self.root))
    }
}

/// Looks codes up and keeps those that are not there.
struct Choice<'d> {
    root: &'d Oid,
    list: &'d CodeList,
    missing: Vec<MissingCode>,
}

impl Choice<'_> {
    fn codes(&mut self) -> Codes {
        use Scheme::{Of, Own};
        let mut of =
            |attribute, code, scheme, display| self.choose(attribute, code, scheme, display);
        Codes {
            class_source: of("classCode", "SOURCE", Own(1), "原本"),
            class_checkup: of("classCode", "CHECKUP", Own(1), "健診・検診"),
            // Any system may have written it in any dialect: only the media type is known.
            format_source: of(
                "formatCode",
                "urn:ihe:iti:xds:2017:mimeTypeSufficient",
                Of(IHE_FORMATS),
                "mimeType Sufficient",
            ),
            format_kcsv: of("formatCode", "kcsv-1.0", Own(3), "標準CSV kcsv/1.0"),
            format_hs037: of("formatCode", "hs037-fhir-r4", Own(3), "HS037 FHIR R4 文書"),
            format_cda: of("formatCode", "cdar2_hc08_v08", Own(3), "特定健診 CDA R2 V08"),
            normal: of("confidentialityCode", "N", Of(CONFIDENTIALITY), "通常"),
            restricted: of("confidentialityCode", "R", Of(CONFIDENTIALITY), "制限"),
            full: of("confidentialityCode", "FULL", Own(5), "全項目"),
            statutory: of("confidentialityCode", "STAT", Own(5), "法定項目"),
            facility: of("healthcareFacilityTypeCode", "KENSHIN", Own(4), "健診センター"),
            practice_setting: of("practiceSettingCode", "CHECKUP", Own(6), "健診・予防医学"),
            checkup_report: of("typeCode", "53576-5", Of(LOINC), "検診・健診報告書"),
            delivery: of("contentTypeCode", "CHECKUP-DELIVERY", Own(2), "健診結果納品"),
        }
    }

    /// The code as the list has it: of the scheme that is meant, else of the one the domain chose. An
    /// attribute for which the domain lists nothing takes any code.
    fn choose(
        &mut self,
        attribute: &'static str,
        code: &str,
        scheme: Scheme,
        display: &str,
    ) -> Code {
        let scheme = match scheme {
            Scheme::Own(list) => format!("{}.{list}", self.root),
            Scheme::Of(scheme) => scheme.to_owned(),
        };
        let listed = self.list.codes(attribute, code);
        let meant = self.list.codes(attribute, code).find(|listed| listed.scheme == scheme);
        let chosen = meant.or_else(|| {
            let mut listed = listed;
            listed.next()
        });
        if chosen.is_none() && self.list.lists(attribute) {
            self.missing.push(MissingCode { attribute, code: code.to_owned() });
        }
        let scheme = chosen.map_or(scheme, |chosen| chosen.scheme.clone());
        let named = chosen.map_or("", |chosen| chosen.display.text());
        // A coded attribute needs a name; where nobody has one, the code itself tells enough.
        let name = [named, display, code].into_iter().find(|name| !name.is_empty());
        let display = LocalizedText::ja(name.unwrap_or_default());
        Code { code: code.to_owned(), scheme, display }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARC: &str = "1.2.392.999.7";

    fn list(xml: &str) -> CodeList {
        CodeList::read(xml).unwrap()
    }

    /// The project's list, moved to another arc.
    fn moved() -> String {
        let root = CodeList::read(default_xml()).unwrap().oid_root().unwrap().to_string();
        default_xml().replace(&root, ARC)
    }

    #[test]
    fn arcs_schemes_and_names_are_those_of_the_list() {
        let xml = moved().replace("原本", "院内の原本");
        let domain = Domain::new(list(&xml), None).unwrap();
        let source = &domain.codes().class_source;
        assert_eq!((&*source.scheme, source.display.text()), ("1.2.392.999.7.1", "院内の原本"));
        assert_eq!(domain.codes().checkup_report.scheme, LOINC);
        assert_eq!(domain.reference_authority(), "1.2.392.999.7.9");
        let source = domain.default_source_id("0119900025").unwrap();
        assert_eq!(source.as_str(), "1.2.392.999.7.10.10119900025");
    }

    #[test]
    fn a_domain_may_number_its_lists_otherwise() {
        let xml = moved().replace("1.2.392.999.7.3\"", "1.2.392.999.7.55\"");
        let domain = Domain::new(list(&xml), None).unwrap();
        assert_eq!(domain.codes().format_hs037.scheme, "1.2.392.999.7.55");
    }

    #[test]
    fn codes_that_the_list_lacks_are_told_by_name() {
        let lines = moved();
        let kept =
            lines.lines().filter(|l| !l.contains("\"kcsv-1.0\"") && !l.contains("fhir+json"));
        let error = Domain::new(list(&kept.collect::<String>()), None).unwrap_err();
        let DomainError::Missing(missing) = &error else { panic!("{error}") };
        let names: Vec<String> = missing.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["formatCode kcsv-1.0", "mimeType application/fhir+json"]);
        assert!(error.to_string().contains("何も送っていません"), "{error}");
    }

    #[test]
    fn an_attribute_that_is_not_listed_takes_the_arc() {
        let domain = Domain::new(list("<Codes/>"), Some(Oid::parse(ARC).unwrap())).unwrap();
        assert_eq!(domain.codes().class_checkup.scheme, "1.2.392.999.7.1");
        assert_eq!(domain.codes().class_checkup.display.text(), "健診・検診");
        assert!(domain.event("999", PROGRAMME, "").is_ok());
    }

    #[test]
    fn an_event_that_is_not_listed_is_told() {
        let domain = Domain::of_project().unwrap();
        assert_eq!(domain.event("030", PROGRAMME, "x").unwrap().scheme, PROGRAMME);
        let missing = domain.event("999", PROGRAMME, "x").unwrap_err();
        assert_eq!(missing.to_string(), "eventCodeList 999");
    }

    #[test]
    fn somebody_has_to_say_the_arc_and_all_the_same() {
        assert!(matches!(Domain::new(list("<Codes/>"), None), Err(DomainError::NoRoot)));
        let other = Oid::parse("1.2.3").unwrap();
        let two = Domain::new(list(&moved()), Some(other));
        assert!(matches!(two, Err(DomainError::TwoRoots { .. })));
    }
}
