//! ITI-18: each query with each of its parameters (ITI TF-2: 3.18.4.1.2.3.7).

use crate::expect::{plain, refused};
use crate::shelf::{Shelf, code, confidentiality, event};
use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::ObjectId;
use renkei_metadata::model::{AssociationType, AvailabilityStatus, EntryType, RegistryObject};
use renkei_tests::row::named;
use renkei_tests::world::REGISTRY;
use renkei_tests::{Form, Start, World, message, sample};
use renkei_xds::catalogue::{FIND_DOCUMENTS, GET_DOCUMENTS, GET_SUBMISSION_SET_AND_CONTENTS};
use renkei_xds::iti18::{AdhocQuery, QueryBuilder, QueryResponse, ReturnType};
use renkei_xds::response::{RegistryResponse, Status};
use renkei_xds::transaction::ITI_18;

on_every_database! {
    statuses_are_told_apart
    each_code_parameter_narrows
    alternatives_and_conjunctions_are_told_apart
    times_begin_at_from_and_end_before_to
    documents_without_service_times_are_not_narrowed_by_them
    authors_are_found_by_pattern
    entry_types_are_told_apart
    different_parameters_all_hold
    lists_may_be_spelled_in_several_ways
    documents_are_got_by_uuid_and_by_unique_id
    a_submission_set_comes_with_its_contents
    contents_are_filtered
    references_name_the_same_objects
    nothing_found_is_a_success
    a_query_that_cannot_be_understood_is_refused
    leaves_are_of_one_patient
    values_are_values_and_not_sql
    answers_are_valid_by_the_schemas
}

/// The titles of what a query finds, in alphabetical order.
fn titles(w: &World, query: QueryBuilder) -> Result<String> {
    let found = w.entries(query)?;
    let mut titles: Vec<String> =
        found.iter().filter_map(|e| e.title.as_ref().map(|t| t.text().to_owned())).collect();
    titles.sort();
    Ok(titles.concat())
}

/// Fails unless FindDocuments with these parameters finds these titles.
fn finds(w: &World, shelf: &Shelf, params: &[(&str, &[&str])], expected: &str) -> Result<()> {
    let mut query = shelf.find();
    for (name, values) in params {
        query = query.set(name, values.iter());
    }
    let found = titles(w, query)?;
    ensure!(found == expected, "{params:?}: expected {expected:?}, found {found:?}");
    Ok(())
}

fn statuses_are_told_apart(w: &World) -> Result<()> {
    let shelf = Shelf::fill(w)?;
    let of = |s: &[AvailabilityStatus]| titles(w, QueryBuilder::find_documents(&shelf.patient, s));
    assert_eq!(of(&[AvailabilityStatus::Approved])?, "ABCE");
    assert_eq!(of(&[AvailabilityStatus::Deprecated])?, "D");
    assert_eq!(of(&AvailabilityStatus::ALL)?, "ABCDE");
    // A status that does not exist is passed over as long as another is left.
    let odd = QueryBuilder::new(FIND_DOCUMENTS)
        .set("$XDSDocumentEntryPatientId", [shelf.patient.to_string()])
        .set("$XDSDocumentEntryStatus", ["urn:x:Draft", AvailabilityStatus::Deprecated.urn()]);
    assert_eq!(titles(w, odd)?, "D");
    Ok(())
}

fn each_code_parameter_narrows(w: &World) -> Result<()> {
    let shelf = Shelf::fill(w)?;
    let own = |c: &str, arc: u8| code(c, arc).key();
    let cases = [
        ("$XDSDocumentEntryClassCode", own("OCC", 1), "B"),
        ("$XDSDocumentEntryClassCode", own("CHECKUP", 1), "ACDE"),
        ("$XDSDocumentEntryClassCode", own("OCC", 2), ""),
        ("$XDSDocumentEntryTypeCode", own("OPHOPINION", 8), "B"),
        ("$XDSDocumentEntryTypeCode", "53576-5^^2.16.840.1.113883.6.1".to_owned(), "ACDE"),
        ("$XDSDocumentEntryPracticeSettingCode", own("OCC", 6), "B"),
        ("$XDSDocumentEntryPracticeSettingCode", own("CARE", 6), ""),
        ("$XDSDocumentEntryHealthcareFacilityTypeCode", own("COMPANY", 4), "B"),
        ("$XDSDocumentEntryHealthcareFacilityTypeCode", own("KENSHIN", 4), "ACDE"),
        ("$XDSDocumentEntryFormatCode", own("kcsv-1.0", 3), "ACDE"),
        (
            "$XDSDocumentEntryFormatCode",
            "urn:ihe:iti:xds-sd:pdf:2008^^1.3.6.1.4.1.19376.1.2.3".to_owned(),
            "B",
        ),
        ("$XDSDocumentEntryEventCodeList", event("060").key(), "C"),
        ("$XDSDocumentEntryEventCodeList", event("030").key(), "ADE"),
        ("$XDSDocumentEntryConfidentialityCode", confidentiality("R").key(), "C"),
        ("$XDSDocumentEntryConfidentialityCode", own("FULL", 5), "ACDE"),
    ];
    for (name, value, expected) in cases {
        finds(w, &shelf, &[(name, &[&value])], expected)?;
    }
    Ok(())
}

fn alternatives_and_conjunctions_are_told_apart(w: &World) -> Result<()> {
    let shelf = Shelf::fill(w)?;
    let (stat, full) = (code("STAT", 5).key(), code("FULL", 5).key());
    let (n, r) = (confidentiality("N").key(), confidentiality("R").key());
    let (e010, e060) = (event("010").key(), event("060").key());
    let events = "$XDSDocumentEntryEventCodeList";
    finds(w, &shelf, &[(events, &[&e010, &e060])], "BC")?;
    finds(w, &shelf, &[(events, &[&e010]), (events, &[&e060])], "C")?;
    let confidentiality = "$XDSDocumentEntryConfidentialityCode";
    finds(w, &shelf, &[(confidentiality, &[&stat, &r])], "BC")?;
    finds(w, &shelf, &[(confidentiality, &[&full]), (confidentiality, &[&n])], "ADE")?;
    finds(w, &shelf, &[(confidentiality, &[&stat, &full]), (confidentiality, &[&n])], "ABDE")?;
    finds(w, &shelf, &[(confidentiality, &[&stat]), (confidentiality, &[&r])], "")
}

fn times_begin_at_from_and_end_before_to(w: &World) -> Result<()> {
    let shelf = Shelf::fill(w)?;
    let (from, to) = ("$XDSDocumentEntryCreationTimeFrom", "$XDSDocumentEntryCreationTimeTo");
    // C was made in 2025, which is taken as its beginning.
    finds(w, &shelf, &[(from, &["20250101000000"])], "ABC")?;
    finds(w, &shelf, &[(from, &["20250101000001"])], "B")?;
    finds(w, &shelf, &[(to, &["20250101000000"])], "DE")?;
    finds(w, &shelf, &[(to, &["20250101000001"])], "ACDE")?;
    finds(w, &shelf, &[(from, &["20230102"]), (to, &["20250601120000"])], "ACE")?;
    finds(w, &shelf, &[(from, &["2023"]), (to, &["2024"])], "DE")?;

    let (from, to) =
        ("$XDSDocumentEntryServiceStartTimeFrom", "$XDSDocumentEntryServiceStartTimeTo");
    finds(w, &shelf, &[(from, &["20240401"])], "ABC")?;
    finds(w, &shelf, &[(from, &["20240402"])], "BC")?;
    finds(w, &shelf, &[(to, &["20240401"])], "CDE")?;
    finds(w, &shelf, &[(from, &["202304"]), (to, &["202305"])], "CDE")?;

    let (from, to) = ("$XDSDocumentEntryServiceStopTimeFrom", "$XDSDocumentEntryServiceStopTimeTo");
    finds(w, &shelf, &[(from, &["20250603"])], "BC")?;
    finds(w, &shelf, &[(to, &["20250603"])], "ACDE")?;
    finds(w, &shelf, &[(to, &["20250604"])], "ABCDE")
}

fn documents_without_service_times_are_not_narrowed_by_them(w: &World) -> Result<()> {
    let shelf = Shelf::fill(w)?;
    for name in ["ServiceStartTimeFrom", "ServiceStopTimeFrom"] {
        let name = format!("$XDSDocumentEntry{name}");
        finds(w, &shelf, &[(&name, &["2099"])], "C")?;
    }
    Ok(())
}

fn authors_are_found_by_pattern(w: &World) -> Result<()> {
    let shelf = Shelf::fill(w)?;
    let name = "$XDSDocumentEntryAuthorPerson";
    for (patterns, expected) in [
        (&["100^佐藤^花子^^^^^^&1.2.3&ISO"][..], "A"),
        (&["%^佐藤^%"], "A"),
        (&["%^佐_^%"], "A"),
        (&["佐藤"], ""),
        (&["1%", "2%"], "AB"),
        // The second author of B; what is a wildcard in a pattern is a character in a name.
        (&["300^O'Neil%"], "B"),
        (&["300^o'neil%"], ""),
        (&["%"], "AB"),
    ] {
        finds(w, &shelf, &[(name, patterns)], expected)?;
    }
    Ok(())
}

fn entry_types_are_told_apart(w: &World) -> Result<()> {
    let shelf = Shelf::fill(w)?;
    let (stable, on_demand) = (EntryType::Stable.urn(), EntryType::OnDemand.urn());
    let name = "$XDSDocumentEntryType";
    finds(w, &shelf, &[(name, &[stable])], "ABCDE")?;
    finds(w, &shelf, &[(name, &[on_demand])], "")?;
    finds(w, &shelf, &[(name, &[on_demand, stable])], "ABCDE")
}

fn different_parameters_all_hold(w: &World) -> Result<()> {
    let shelf = Shelf::fill(w)?;
    let class = code("CHECKUP", 1).key();
    let e010 = event("010").key();
    let both: [(&str, &[&str]); 2] =
        [("$XDSDocumentEntryClassCode", &[&class]), ("$XDSDocumentEntryEventCodeList", &[&e010])];
    finds(w, &shelf, &both, "C")?;
    let all = [both[0], both[1], ("$XDSDocumentEntryCreationTimeFrom", &["20250102"])];
    finds(w, &shelf, &all, "")
}

/// FindDocuments with these slots as they are written.
fn written(shelf: &Shelf, slots: &[(&str, &[&str])]) -> AdhocQuery {
    let mut query = shelf.find().build();
    for (name, values) in slots {
        let values = values.iter().map(|v| (*v).to_owned()).collect();
        query.params.push(((*name).to_owned(), values));
    }
    query
}

fn lists_may_be_spelled_in_several_ways(w: &World) -> Result<()> {
    let shelf = Shelf::fill(w)?;
    let root = sample::ROOT;
    let name = "$XDSDocumentEntryClassCode";
    let (occ, checkup) = (format!("OCC^^{root}.1"), format!("CHECKUP^^{root}.1"));
    let spellings: [(Vec<String>, usize); 4] = [
        (vec![format!("('{occ}','{checkup}')")], 5),
        (vec![format!("('{occ}', '{checkup}')")], 5),
        (vec![format!("('{occ}')"), format!("('{checkup}')")], 5),
        (vec![format!("'{occ}'")], 1),
    ];
    for (values, expected) in spellings {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        let response = w.query(&written(&shelf, &[(name, &values)]))?;
        ensure!(response.objects.len() == expected, "{values:?}: {}", response.objects.len());
    }
    // A parameter that no query knows has no effect.
    let response = w.query(&written(&shelf, &[("$XDSNobodyKnows", &["('x')"])]))?;
    assert_eq!((response.status, response.objects.len()), (Status::Success, 5));
    Ok(())
}

fn documents_are_got_by_uuid_and_by_unique_id(w: &World) -> Result<()> {
    let shelf = Shelf::fill(w)?;
    let unknown = renkei_metadata::ids::EntryUuid(uuid::Uuid::new_v4());
    let ids = [shelf.id("A")?, shelf.id("D")?, unknown];
    assert_eq!(titles(w, QueryBuilder::get_documents(&ids))?, "AD", "whatever the status");
    let ids = [shelf.get("B")?.unique_id.clone(), sample::new_unique_id()];
    assert_eq!(titles(w, QueryBuilder::get_documents_by_unique_id(&ids))?, "B");
    // Each Value is a list of its own, which is how long lists are split.
    let values = [&shelf.entries[0].id, &shelf.entries[1].id].map(|id| format!("('{id}')"));
    let query = AdhocQuery {
        params: vec![("$XDSDocumentEntryEntryUUID".to_owned(), values.to_vec())],
        ..QueryBuilder::new(GET_DOCUMENTS).build()
    };
    assert_eq!(w.query(&query)?.objects.len(), 2);
    Ok(())
}

/// How many SubmissionSets, entries and associations an answer holds.
fn counts(response: &QueryResponse) -> (usize, usize, usize) {
    let count =
        |fits: fn(&RegistryObject) -> bool| response.objects.iter().filter(|o| fits(o)).count();
    (
        count(|o| matches!(o, RegistryObject::SubmissionSet(_))),
        count(|o| matches!(o, RegistryObject::Entry(_))),
        count(
            |o| matches!(o, RegistryObject::Association(a) if a.association_type == AssociationType::HasMember),
        ),
    )
}

fn a_submission_set_comes_with_its_contents(w: &World) -> Result<()> {
    let shelf = Shelf::fill(w)?;
    let query = QueryBuilder::get_submission_set_and_contents_by_unique_id(&shelf.set);
    let response = w.query(&query.build())?;
    assert_eq!(counts(&response), (1, 3, 3));
    let set = response.objects.iter().find_map(|o| match o {
        RegistryObject::SubmissionSet(s) => s.id.uuid(),
        _ => None,
    });
    let query = QueryBuilder::get_submission_set_and_contents(set.context("no set")?);
    assert_eq!(counts(&w.query(&query.build())?), (1, 3, 3));
    let query = QueryBuilder::get_submission_set_and_contents_by_unique_id(&sample::new_oid());
    let none = w.query(&query.build())?;
    assert_eq!((none.status, none.objects.len()), (Status::Success, 0));
    Ok(())
}

fn contents_are_filtered(w: &World) -> Result<()> {
    let shelf = Shelf::fill(w)?;
    let query = || QueryBuilder::get_submission_set_and_contents_by_unique_id(&shelf.set);
    let format = code("kcsv-1.0", 3).key();
    let (full, work) = (code("FULL", 5).key(), code("WORK", 5).key());
    let confidentiality = "$XDSDocumentEntryConfidentialityCode";
    let cases = [
        (query().set("$XDSDocumentEntryFormatCode", [&format]), 2),
        (query().set(confidentiality, [&full]), 2),
        (query().set(confidentiality, [&full]).set(confidentiality, [&work]), 1),
        (query().set("$XDSDocumentEntryType", [EntryType::OnDemand.urn()]), 0),
        (query().set("$XDSDocumentEntryType", [EntryType::Stable.urn()]), 3),
    ];
    for (query, entries) in cases {
        let query = query.build();
        // An association is returned only with both of its ends.
        let found = counts(&w.query(&query)?);
        ensure!(found == (1, entries, entries), "{:?}: {found:?}", query.params);
    }
    Ok(())
}

fn references_name_the_same_objects(w: &World) -> Result<()> {
    let shelf = Shelf::fill(w)?;
    let queries = [
        shelf.find(),
        QueryBuilder::get_documents(&[shelf.id("A")?, shelf.id("D")?]),
        QueryBuilder::get_submission_set_and_contents_by_unique_id(&shelf.set),
    ];
    for query in queries {
        let leaves = w.query(&query.clone().build())?;
        let references = w.query(&query.returning(ReturnType::ObjectRef).build())?;
        let mut expected = Vec::new();
        for object in &leaves.objects {
            expected.push(match object {
                RegistryObject::Entry(e) => e.id.clone(),
                RegistryObject::SubmissionSet(s) => s.id.clone(),
                RegistryObject::Association(a) => a.id.clone(),
                other => anyhow::bail!("{other:?}"),
            });
        }
        let mut found = Vec::new();
        for object in &references.objects {
            let RegistryObject::Ref(id, _) = object else { anyhow::bail!("{object:?}") };
            found.push(id.clone());
        }
        expected.sort();
        found.sort();
        assert_eq!(found, expected);
    }
    Ok(())
}

fn nothing_found_is_a_success(w: &World) -> Result<()> {
    let strangers = [w.patient(), sample::patient("1.2.3.4")];
    for patient in &strangers {
        let query = QueryBuilder::find_documents(patient, &AvailabilityStatus::ALL);
        let response = w.query(&query.build())?;
        assert_eq!((response.status, response.objects.len()), (Status::Success, 0));
        // One of another domain is told of; who may have documents without being announced is not unknown.
        let is_foreign = patient.authority.as_str() == "1.2.3.4";
        ensure!(response.errors.len() == usize::from(is_foreign), "{response:?}");
        if is_foreign {
            named(&response.errors, "asked-another-domain")?;
        }
    }
    Ok(())
}

/// Fails unless a query is refused with this code in words that hold `told`.
fn is_refused(w: &World, query: &AdhocQuery, code: &str, told: &[&str]) -> Result<()> {
    let response = w.query(query)?;
    ensure!(response.objects.is_empty(), "{:?}: objects", query.params);
    let response = RegistryResponse { status: response.status, errors: response.errors };
    refused(&response, &[code]).with_context(|| format!("{:?}", query.params))?;
    for told in told {
        let context = &response.errors[0].context;
        ensure!(context.contains(told), "{told} is not in: {context}");
    }
    Ok(())
}

fn a_query_that_cannot_be_understood_is_refused(w: &World) -> Result<()> {
    let patient = w.patient();
    let find = || QueryBuilder::find_documents(&patient, &[AvailabilityStatus::Approved]);
    let unknown = "urn:uuid:00000000-0000-4000-8000-000000000000";
    is_refused(w, &QueryBuilder::new(unknown).build(), "XDSUnknownStoredQuery", &[unknown])?;

    let missing = "XDSStoredQueryMissingParam";
    let (id, status) = ("$XDSDocumentEntryPatientId", "$XDSDocumentEntryStatus");
    let approved = AvailabilityStatus::Approved.urn();
    let without = QueryBuilder::new(FIND_DOCUMENTS).set(status, [approved]).build();
    is_refused(w, &without, missing, &[id])?;
    let without = || QueryBuilder::new(FIND_DOCUMENTS).set(id, [patient.to_string()]);
    is_refused(w, &without().build(), missing, &[status])?;
    is_refused(w, &without().set(status, ["urn:x:Draft"]).build(), missing, &[status])?;

    for (query, one, other) in [
        (GET_DOCUMENTS, "$XDSDocumentEntryEntryUUID", "$XDSDocumentEntryUniqueId"),
        (
            GET_SUBMISSION_SET_AND_CONTENTS,
            "$XDSSubmissionSetEntryUUID",
            "$XDSSubmissionSetUniqueId",
        ),
    ] {
        is_refused(w, &QueryBuilder::new(query).build(), missing, &[one, other])?;
        let both = QueryBuilder::new(query).set(one, [unknown]).set(other, ["1.2.3"]);
        is_refused(w, &both.build(), "XDSStoredQueryParamNumber", &[one, other])?;
    }
    let mut several = find().build();
    several.params[0].1.push(format!("'{}'", w.patient()));
    is_refused(w, &several, "XDSStoredQueryParamNumber", &[id])?;
    let class = "$XDSDocumentEntryClassCode";
    let repeated = find().set(class, ["a^^1.2"]).set(class, ["b^^1.2"]).build();
    is_refused(w, &repeated, "XDSStoredQueryParamNumber", &[class])?;

    let mut other = find().build();
    other.return_type = "RegistryObject".to_owned();
    is_refused(w, &other, "XDSRegistryError", &["returnType", "RegistryObject"])?;
    let raw = |name: &str, value: &str| {
        let mut query = find().build();
        query.params.push((name.to_owned(), vec![value.to_owned()]));
        query
    };
    let from = "$XDSDocumentEntryCreationTimeFrom";
    for (name, value, told) in [
        (class, "('CHECKUP')", "CHECKUP"),
        (class, "('CHECKUP^^')", "CHECKUP"),
        (class, "('CHECKUP^^1.2", "CHECKUP"),
        (from, "2025-01-01", "2025-01-01"),
        (from, "20251301", "20251301"),
    ] {
        is_refused(w, &raw(name, value), "XDSRegistryError", &[name, told])?;
    }
    let many: Vec<String> =
        (0..1001).map(|_| format!("urn:uuid:{}", uuid::Uuid::new_v4())).collect();
    let many = QueryBuilder::new(GET_DOCUMENTS).set("$XDSDocumentEntryEntryUUID", &many);
    is_refused(w, &many.build(), "XDSRegistryError", &["limits.query_values"])?;

    // Everything at once.
    let mut all = raw(from, "2025-01-01");
    all.params.remove(1);
    let response = w.query(&all)?;
    assert_eq!(response.errors.len(), 2, "{:?}", response.errors);
    response.errors.iter().try_for_each(|e| plain(&e.context))
}

fn leaves_are_of_one_patient(w: &World) -> Result<()> {
    let mut ids = Vec::new();
    let mut unique_ids = Vec::new();
    for _ in 0..2 {
        let patient = w.patient();
        let sent = sample::one(&patient, b"x");
        w.submitted(&sent, &[b"x"])?;
        ids.push(w.document_of(&patient)?.id.uuid().context("no UUID")?);
        unique_ids.push(sent.entries[0].unique_id.clone());
    }
    for query in
        [QueryBuilder::get_documents(&ids), QueryBuilder::get_documents_by_unique_id(&unique_ids)]
    {
        is_refused(w, &query.clone().build(), "XDSResultNotSinglePatient", &[])?;
        let references = w.query(&query.returning(ReturnType::ObjectRef).build())?;
        assert_eq!((references.status, references.objects.len()), (Status::Success, 2));
    }
    Ok(())
}

fn values_are_values_and_not_sql(w: &World) -> Result<()> {
    let patient = w.patient();
    w.submitted(&sample::one(&patient, b"x"), &[b"x"])?;
    for evil in ["' OR '1'='1", "'; DROP TABLE patient; --", "\\' OR 1=1 --", "%", "\0"] {
        let query = QueryBuilder::new(GET_DOCUMENTS).set("$XDSDocumentEntryUniqueId", [evil]);
        // Either nothing is found, or the value is refused for what it is.
        let reply = w.consumer.post(REGISTRY, &message::query(&query.build()));
        let Ok(reply) = reply else { continue };
        if reply.status == 200 {
            let response = reply.query()?;
            ensure!(response.objects.is_empty(), "{evil} found something");
            for error in &response.errors {
                plain(&error.context)?;
            }
        }
    }
    assert_eq!(w.documents_of(&patient)?.len(), 1);
    Ok(())
}

fn answers_are_valid_by_the_schemas(w: &World) -> Result<()> {
    let shelf = Shelf::fill(w)?;
    let by_set = QueryBuilder::get_submission_set_and_contents_by_unique_id(&shelf.set);
    for query in [
        shelf.find(),
        shelf.find().returning(ReturnType::ObjectRef),
        by_set,
        QueryBuilder::get_documents_by_unique_id(&[sample::new_unique_id()]),
        QueryBuilder::new("urn:uuid:00000000-0000-4000-8000-000000000000"),
    ] {
        let reply = w.consumer.post(REGISTRY, &message::query(&query.build()))?;
        reply.valid_by("ebRS30/query.xsd")?;
        assert_eq!(reply.addressing()?.action, ITI_18.response_action);
        ensure!(reply.content_type.starts_with("application/soap+xml"), "{}", reply.content_type);
        ensure!(reply.addressing()?.relates_to.is_some(), "no RelatesTo");
    }
    // What the schema leaves open and the standard does not (ITI TF-3: 4.2.1): ids and types.
    let reply = w.consumer.post(REGISTRY, &message::query(&shelf.find().build()))?;
    let id = ObjectId::Uuid(shelf.id("A")?).to_string();
    for (element, owner) in
        [("Classification", "classifiedObject"), ("ExternalIdentifier", "registryObject")]
    {
        for start in reply.envelope.split(&format!("<rim:{element} ")).skip(1) {
            let tag = start.split('>').next().unwrap_or_default();
            for attribute in ["id=\"", owner, "objectType=\""] {
                ensure!(tag.contains(attribute), "{element} without {attribute}: {tag}");
            }
        }
    }
    ensure!(reply.envelope.contains(&format!("classifiedObject=\"{id}\"")), "symbols were left");
    Ok(())
}

#[test]
fn too_many_leaves_are_refused_by_the_name_of_the_limit() -> Result<()> {
    let w = World::start(Start::new(Form::PLAIN).set("limits.query_results=2"))?;
    let patient = w.patient();
    for n in 0..3u8 {
        w.submitted(&sample::one(&patient, &[n]), &[&[n]])?;
    }
    let find = QueryBuilder::find_documents(&patient, &AvailabilityStatus::ALL);
    is_refused(&w, &find.clone().build(), "XDSTooManyResults", &["limits.query_results", "2"])?;
    // References are how a consumer pages through much (ITI TF-2: 3.18.4.1.2.6).
    let references = w.query(&find.returning(ReturnType::ObjectRef).build())?;
    assert_eq!((references.status, references.objects.len()), (Status::Success, 3));
    Ok(())
}
