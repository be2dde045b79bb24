//! What may pass of an answer, and who is asked.

use super::answer::{self, Answer};
use super::object::{Content, Object};
use super::seen::Seen;
use super::sight::Sight;
use super::targets::Targets;
use super::{merge, rules};
use crate::community::{Broken, By, Community, Known, NotRead, When, Where};
use crate::incoming::Expected;
use chrono::{DateTime, Utc};
use renkei_context::Labels;
use renkei_metadata::finding::{Reporter, Rule, Severity};
use renkei_metadata::ids::{HomeCommunityId, PatientId, RepositoryUniqueId, Sha1Hash, UniqueId};
use renkei_metadata::model::AvailabilityStatus;
use renkei_soap::xml::{Reader, XmlLimits};
use renkei_xds::catalogue;
use renkei_xds::iti18::{AdhocQuery, QueryBuilder};
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::{RegistryError, Status};
use std::sync::Arc;
use url::Url;

/// The parameter that says which communities are meant.
const LIST: &str = "$targetCommunityIdList";
const HASH: &str = "da39a3ee5e6b4b0d3255bfef95601890afd80709";

fn home(text: &str) -> HomeCommunityId {
    HomeCommunityId::parse(text).unwrap()
}

pub(super) fn community(id: &str, quirks: &[&str]) -> Community {
    let url = Url::parse("https://north.example/xca").unwrap();
    Community {
        home: home(id),
        name: "North".to_owned(),
        query: url.clone(),
        retrieve: url,
        discovery: None,
        discovery_by: By::Demographics,
        discovery_answers: When::Now,
        answers: Where::Connection,
        peer: None,
        locations: None,
        authorities: None,
        presented: None,
        quirks: quirks.iter().map(|quirk| quirk.parse().unwrap()).collect(),
    }
}

fn patient(id: &str) -> PatientId {
    PatientId::parse(&format!("{id}^^^&1.2.9.1&ISO")).unwrap()
}

/// An answer as strangers write it: prefixes of their own, slots we do not know, another namespace.
fn answer(status: &str, errors: &str, objects: &str) -> Answer {
    let text = format!(
        "<q:AdhocQueryResponse xmlns:q='urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0' \
         xmlns:e='urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0' status='{status}'>\
         <e:RegistryErrorList>{errors}</e:RegistryErrorList>\
         <o:RegistryObjectList xmlns:o='urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0'>{objects}\
         </o:RegistryObjectList></q:AdhocQueryResponse>"
    );
    let mut reader = Reader::new(&text, XmlLimits::default());
    let body = reader.root().unwrap();
    answer::read(&mut reader, &body, 10).unwrap()
}

fn entry(home: &str, patient: &str) -> String {
    format!(
        "<o:ExtrinsicObject id='urn:uuid:1' {home} mimeType='text/plain' xmlns:v='urn:v' v:own='&lt;1&gt;'>\
         <o:Slot name='repositoryUniqueId'><o:ValueList><o:Value>1.2.3.4</o:Value></o:ValueList></o:Slot>\
         <o:Slot name='size'><o:ValueList><o:Value> 12 </o:Value></o:ValueList></o:Slot>\
         <o:Slot name='hash'><o:ValueList><o:Value>{HASH}</o:Value></o:ValueList></o:Slot>\
         <o:Name><o:LocalizedString xml:lang='ja' value='健診 &amp;&quot;結果&quot;'/></o:Name>\
         <v:Extra at='1'>a &lt; b</v:Extra>\
         <o:ExternalIdentifier identificationScheme='urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427' value='{patient}^^^&amp;1.2.9.1&amp;ISO'/>\
         <o:ExternalIdentifier identificationScheme='urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab' value='1.2.3.5'/>\
         </o:ExtrinsicObject>"
    )
}

const SUCCESS: &str = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success";
const FAILURE: &str = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure";

/// The evening of the first of December, and in Japan the morning of the second.
fn now() -> DateTime<Utc> {
    "2026-12-01T20:00:00Z".parse().unwrap()
}

/// The row that an error is of.
fn row(error: &RegistryError) -> &'static str {
    let is = |rule: &&&Rule| {
        error.code == rule.code.name(Reporter::Registry) && error.context.contains(rule.en)
    };
    rules::all().iter().find(is).unwrap().id
}

/// The rows of the errors, and how many objects are left.
fn passed(community: &Community, answer: Answer) -> (Vec<&'static str>, usize) {
    let passed = merge::pass(community, &[patient("p1")], now(), answer);
    (passed.errors.iter().map(row).collect(), passed.objects.len())
}

#[test]
fn an_object_is_copied_as_it_came() {
    let mut found = answer(SUCCESS, "", &entry("home='urn:oid:1.2.3'", "p1")).objects;
    let object = found.pop().unwrap();
    let expected = Content {
        repository: "1.2.3.4".to_owned(),
        unique_id: "1.2.3.5".to_owned(),
        size: Some(12),
        hash: Sha1Hash::parse(HASH).ok(),
    };
    assert_eq!((object.content.clone(), object.needs_home), (expected, true));
    let mut out = String::from("<x xmlns:rim='urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0'>");
    object.write(&mut out, None);
    out.push_str("</x>");
    assert!(
        out.contains("<v:Extra")
            || out.contains("<Extra xmlns=\"urn:v\" at=\"1\">a &lt; b</Extra>"),
        "{out}"
    );
    assert!(out.contains("xml:lang=\"ja\" value=\"健診 &amp;&quot;結果&quot;\""), "{out}");
    let mut reader = Reader::new(&out, XmlLimits::default());
    reader.root().unwrap();
    let element = reader.next_child().unwrap().unwrap();
    assert_eq!(element.attr_ns("urn:v", "own"), Some("<1>"));
    assert_eq!(element.attr("home"), Some("urn:oid:1.2.3"));
    let again = Object::read(&mut reader, &element).unwrap().unwrap();
    let mut twice = String::from("<x xmlns:rim='urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0'>");
    again.write(&mut twice, None);
    twice.push_str("</x>");
    assert_eq!(twice, out, "a copy of a copy is the same");
}

#[test]
fn a_copy_is_not_longer_out_of_all_proportion() {
    let namespace = "n".repeat(1000);
    let parts = "<v:a/>".repeat(5000);
    let object = format!(
        "<o:ExtrinsicObject id='urn:uuid:1' xmlns:v='{namespace}'>{parts}</o:ExtrinsicObject>"
    );
    let found = answer(SUCCESS, "", &format!("{object}{}", entry("", "p1")));
    assert!(found.has_more, "it is too much");
    assert_eq!(found.objects.len(), 1, "the next one is read all the same");
}

#[test]
fn whose_an_object_is_is_seen_in_whichever_letters() {
    let north = community("urn:oid:1.2.3", &[]);
    let home = "home='urn:oid:1.2.3'";
    let loud = entry(home, "p2").replace("urn:uuid:58a6f841", "URN:UUID:58A6F841");
    assert_eq!(
        passed(&north, answer(SUCCESS, "", &loud)),
        (vec!["community-object-of-another"], 0)
    );
    let nobodys = entry(home, "p1").replace("urn:uuid:58a6f841", "urn:uuid:00000000");
    let told = passed(&north, answer(SUCCESS, "", &nobodys));
    assert_eq!(told, (vec!["community-object-of-another"], 0));
}

#[test]
fn what_is_of_nobody_or_somebody_else_is_left_out_and_named() {
    let (homeless, strange) = ("", "home='urn:oid:1.2.4'");
    let north = community("urn:oid:1.2.3", &[]);
    let told = |attribute: &str| passed(&north, answer(SUCCESS, "", &entry(attribute, "p1")));
    assert_eq!(told("home='urn:oid:1.2.3'"), (vec![], 1));
    assert_eq!(told(homeless), (vec!["community-object-homeless"], 0));
    assert_eq!(told(strange), (vec!["community-object-strange"], 0));
    let of_another = answer(SUCCESS, "", &entry("home='urn:oid:1.2.3'", "p2"));
    assert_eq!(passed(&north, of_another), (vec!["community-object-of-another"], 0));
    let found = merge::pass(&north, &[], now(), answer(SUCCESS, "", &entry(homeless, "p1")));
    let context = &found.errors.first().unwrap().context;
    assert!(
        context.contains("North (urn:oid:1.2.3)") && context.contains("urn:uuid:1"),
        "{context}"
    );
}

#[test]
fn what_is_forgiven_passes_until_its_day_and_is_counted() {
    let both = ["home-missing=2026-12-02:old", "home-differs=2026-12-01:older"];
    let north = community("urn:oid:1.2.3", &both);
    let found = merge::pass(&north, &[], now(), answer(SUCCESS, "", &entry("", "p1")));
    assert_eq!((found.objects.len(), found.forgiven.len(), found.errors.len()), (1, 1, 0));
    let strange = answer(SUCCESS, "", &entry("home='urn:oid:1.2.4'", "p1"));
    assert_eq!(passed(&north, strange).1, 0, "its day is over");
}

#[test]
fn errors_pass_and_an_unknown_patient_is_a_warning() {
    let north = community("urn:oid:1.2.3", &[]);
    let error = |code: &str| {
        format!(
            "<e:RegistryError errorCode='{code}' codeContext='c' severity='urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error'/>"
        )
    };
    let unknown =
        merge::pass(&north, &[], now(), answer(FAILURE, &error("XDSUnknownPatientId"), ""));
    assert!(unknown.knows_nobody);
    let [told] = &unknown.errors[..] else { panic!("{:?}", unknown.errors) };
    assert_eq!((row(told), told.severity), ("community-knows-nobody", Severity::Warning));
    assert!(told.context.contains("North (urn:oid:1.2.3)"), "{}", told.context);
    let found = merge::pass(&north, &[], now(), answer(FAILURE, &error("XDSRegistryBusy"), ""));
    let told = found.errors.first().unwrap();
    assert_eq!((told.code.as_str(), told.location.as_str()), ("XDSRegistryBusy", "urn:oid:1.2.3"));
    assert_eq!(told.context, "c", "as it came");
    let [_, beside] = &found.errors[..] else { panic!("{:?}", found.errors) };
    assert_eq!((row(beside), beside.severity), ("community-own-errors", Severity::Warning));
    assert!(beside.context.contains("North (urn:oid:1.2.3)"), "{}", beside.context);
    let silent = merge::pass(&north, &[], now(), answer(FAILURE, "", ""));
    assert_eq!(row(silent.errors.first().unwrap()), "community-refused", "no reason given");
    // Some write PartialSuccess with the prefix of the others.
    let partial = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:PartialSuccess";
    assert_eq!(answer(partial, "", "").status, Status::PartialSuccess);
}

#[test]
fn too_much_is_told_and_nothing_of_it_passes() {
    let north = community("urn:oid:1.2.3", &[]);
    let many = entry("home='urn:oid:1.2.3'", "p1").repeat(11);
    assert_eq!(passed(&north, answer(SUCCESS, "", &many)), (vec!["community-too-much"], 0));
}

#[test]
fn the_status_follows_the_table() {
    let error = renkei_xds::response::errors_of(
        &[merge::told(&rules::SILENT, &community("urn:oid:1.2.3", &[]))],
        renkei_metadata::finding::Reporter::Registry,
    );
    assert_eq!(error.first().map(|e| e.severity), Some(Severity::Error));
    assert_eq!(merge::status(&[], true), Status::Success);
    assert_eq!(merge::status(&[], false), Status::Success);
    assert_eq!(merge::status(&error, true), Status::PartialSuccess);
    assert_eq!(merge::status(&error, false), Status::Failure);
}

/// Who is asked: our own, the others, and the errors.
fn asked(query: &AdhocQuery) -> (bool, Vec<String>, Vec<&'static str>, Option<String>) {
    let known =
        ["urn:oid:1.2.3", "urn:oid:1.2.4"].map(|id| (home(id), Arc::new(community(id, &[]))));
    let broken = |name: &str| Broken {
        path: format!("/house/communities/{name}.toml").into(),
        reason: NotRead::Form("no TOML".to_owned()),
    };
    let broken = vec![broken("1.2.5"), broken("south")];
    let known = Known { communities: known.into(), broken };
    let targets = Targets::of(query, &known, &home("urn:oid:1.2.9"));
    assert!(targets.query.params.iter().all(|(name, _)| name != LIST));
    let others = targets.others.iter().map(|c| c.home.to_string()).collect();
    let named: Vec<&str> = targets.findings.iter().map(|f| &*f.location).collect();
    assert!(named.iter().all(|name| !name.contains('/')), "where files are is nobody's matter");
    let findings = targets.findings.iter().map(|f| f.rule.id).collect();
    (targets.own, others, findings, targets.query.home)
}

#[test]
fn a_query_for_a_patient_goes_to_all_or_to_those_it_lists() {
    let query =
        QueryBuilder::find_documents(&patient("p1"), &[AvailabilityStatus::Approved]).build();
    let both = vec!["urn:oid:1.2.3".to_owned(), "urn:oid:1.2.4".to_owned()];
    // Whoever is entered and cannot be read is missing, and told so.
    let missing = vec!["community-not-set-up"; 2];
    assert_eq!(asked(&query), (true, both.clone(), missing.clone(), None));
    let listing = |list: &str| {
        let mut query = query.clone();
        query.params.push((LIST.to_owned(), vec![list.to_owned()]));
        query
    };
    assert_eq!(asked(&listing("()")), (true, both, missing, None), "an empty list is none");
    let broken = listing("('urn:oid:1.2.5')");
    assert_eq!(asked(&broken), (false, vec![], vec!["community-not-set-up"], None));
    let one = vec!["urn:oid:1.2.4".to_owned()];
    assert_eq!(
        asked(&listing("('urn:oid:1.2.4', 'urn:oid:1.2.4')")),
        (false, one.clone(), vec![], None)
    );
    let list = listing("('urn:oid:1.2.9','urn:oid:9.9')");
    assert_eq!(asked(&list), (true, vec![], vec!["community-unknown"], None));
    let home = AdhocQuery { home: Some("urn:oid:1.2.4".to_owned()), ..query.clone() };
    assert_eq!(asked(&home), (false, one, vec![], None), "home is a list of one");
    // Not more than an answer can be about.
    let long: Vec<String> = (0..1_001).map(|n| format!("'urn:oid:1.2.{n}'")).collect();
    let told = asked(&listing(&format!("({})", long.join(","))));
    assert_eq!(told, (false, vec![], vec!["community-list-too-long"], None));
}

#[test]
fn of_a_query_whose_patient_cannot_be_read_nobody_else_hears() {
    let own = (true, vec![], vec![], None);
    let query =
        QueryBuilder::find_documents(&patient("p1"), &[AvailabilityStatus::Approved]).build();
    let with = |change: &dyn Fn(&mut AdhocQuery)| {
        let mut query = query.clone();
        change(&mut query);
        asked(&query)
    };
    let param = |name: &str, value: &str| (name.to_owned(), vec![value.to_owned()]);
    let wrong = |q: &mut AdhocQuery| {
        q.params.push(param("$XDSDocumentEntryCreationTimeFrom", "yesterday"));
    };
    let elsewhere = |q: &mut AdhocQuery| q.home = Some("urn:oid:1.2.4".to_owned());
    let unnamed =
        |q: &mut AdhocQuery| q.params.retain(|(name, _)| name != "$XDSDocumentEntryPatientId");
    assert_eq!(with(&wrong), own);
    assert_eq!(with(&unnamed), own);
    assert_eq!(
        with(&|q| {
            wrong(q);
            elsewhere(q)
        }),
        own,
        "nor whoever it is meant for"
    );
    assert_eq!(
        with(&|q| {
            wrong(q);
            q.params.push(param(LIST, "('urn:oid:1.2.4')"))
        }),
        own
    );
    // Queries of others than consumers (ITI-51), and those that nobody knows.
    for name in ["FindDocumentsForMultiplePatients", "no such query"] {
        let id = catalogue::by_name(name).map_or(name, |def| def.id).to_owned();
        let found = with(&|q| {
            q.id.clone_from(&id);
            elsewhere(q)
        });
        assert!(found.0 && found.1.is_empty() && found.2.is_empty(), "{name}: {found:?}");
    }
    // What is too much for us need not be too much for whoever answers it.
    let many = (0..10_001).map(|n| format!("('{n}^^2.999')")).collect();
    let code = ("$XDSDocumentEntryClassCode".to_owned(), many);
    assert_eq!(with(&|q| q.params.push(code.clone())).1.len(), 2);
}

#[test]
fn a_query_by_ids_goes_to_the_community_that_it_names() {
    let id = UniqueId::parse("1.2.3.5").unwrap();
    let query = QueryBuilder::get_documents_by_unique_id(&[id]).build();
    assert_eq!(asked(&query), (false, vec![], vec!["community-home-needed"], None));
    let with = |home: &str| AdhocQuery { home: Some(home.to_owned()), ..query.clone() };
    let (there, own) = ("urn:oid:1.2.4".to_owned(), "urn:oid:1.2.9".to_owned());
    assert_eq!(asked(&with(&there)), (false, vec![there.clone()], vec![], Some(there.clone())));
    assert_eq!(asked(&with(&own)), (true, vec![], vec![], Some(own.clone())));
    assert_eq!(asked(&with("urn:oid:9.9")).2, ["community-unknown"]);
}

#[test]
fn what_entries_said_is_remembered_for_their_community_alone() {
    let seen = Seen::default();
    let content = Content {
        repository: "1.2.3.4".to_owned(),
        unique_id: "1.2.3.5".to_owned(),
        size: Some(12),
        hash: Sha1Hash::parse(HASH).ok(),
    };
    seen.note("urn:oid:1.2.3", &content);
    let request = DocumentRequest {
        home: None,
        repository: RepositoryUniqueId::parse("1.2.3.4").unwrap(),
        unique_id: UniqueId::parse("1.2.3.5").unwrap(),
    };
    assert_eq!(seen.of("urn:oid:1.2.3", &request).size, Some(12));
    assert_eq!(seen.of("urn:oid:1.2.4", &request), Expected::default());
    let delayed = Content { size: Some(0), unique_id: "1.2.3.6".to_owned(), ..content };
    seen.note("urn:oid:1.2.3", &delayed);
    let request = DocumentRequest { unique_id: UniqueId::parse("1.2.3.6").unwrap(), ..request };
    assert_eq!(seen.of("urn:oid:1.2.3", &request), Expected::default(), "assembled when asked for");
}

/// A version of a document, for an audience.
fn version(number: u8, audience: &str) -> String {
    let id = |n: u8| format!("urn:uuid:00000000-0000-4000-8000-00000000000{n}");
    format!(
        "<o:ExtrinsicObject id='{}' lid='{}' home='urn:oid:1.2.3' mimeType='text/plain' \
         objectType='urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1' status='urn:oasis:names:tc:ebxml-regrep:StatusType:Approved'>\
         <o:VersionInfo versionName='{number}'/>\
         <o:Classification id='urn:uuid:10000000-0000-4000-8000-00000000000{number}' nodeRepresentation='{audience}' \
         classificationScheme='urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f' classifiedObject='{}'>\
         <o:Slot name='codingScheme'><o:ValueList><o:Value>1.2.3</o:Value></o:ValueList></o:Slot>\
         <o:Name><o:LocalizedString value='x'/></o:Name></o:Classification>\
         <o:ExternalIdentifier id='a' registryObject='{}' identificationScheme='urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427' value='p1^^^&amp;1.2.9.1&amp;ISO'/>\
         <o:ExternalIdentifier id='b' registryObject='{}' identificationScheme='urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab' value='1.2.3.5'/>\
         </o:ExtrinsicObject>",
        id(number),
        id(1),
        id(number),
        id(number),
        id(number),
    )
}

/// Of a document that was corrected, its newest version says who may know of it.
#[test]
fn an_earlier_version_is_judged_by_the_newest_of_the_answer() {
    let seen = |audience: &str, versions: &[String]| {
        let audiences = [format!("{audience}^^1.2.3")].into();
        let sight = Sight::Labelled(vec![Labels { audiences, ..Labels::default() }]);
        let mut objects = answer(SUCCESS, "", &versions.concat()).objects;
        sight.keep(&mut objects);
        objects.len()
    };
    let both = [version(2, "FULL"), version(1, "STAT")];
    assert_eq!((seen("STAT", &both), seen("FULL", &both)), (0, 2));
    let one = [version(1, "STAT")];
    assert_eq!((seen("STAT", &one), seen("FULL", &one)), (1, 0));
}
