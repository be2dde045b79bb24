//! Not permitted looks like not existing: what a node sees, and what it may change, by what it is
//! entitled to (`renkei pki issue --scope, --source-id, --repository-id`).

use crate::expect::refused_with;
use crate::handshake::soon_known;
use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::{
    EntryUuid, HomeCommunityId, Oid, PatientId, RepositoryUniqueId, UniqueId,
};
use renkei_metadata::model::{AssociationType, AvailabilityStatus, RegistryObject, Submission};
use renkei_metadata::update::Propagation;
use renkei_tests::world::{Caller, REGISTRY, REPOSITORY};
use renkei_tests::{Form, World, message, program, sample};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::{RegistryResponse, Status};
use renkei_xds::update::UpdateBuilder;
use serde_json::Value;
use uuid::Uuid;

in_every_form! {
    a_node_sees_what_it_is_entitled_to
    what_is_hidden_is_answered_like_what_does_not_exist
    nobody_replaces_updates_or_removes_what_is_not_theirs
    a_correction_is_one_of_the_earlier_versions_too
    a_source_submits_under_its_own_source_ids
    a_repository_registers_its_own_documents_of_this_community
    an_assertion_that_must_be_understood_is_refused
    what_is_new_is_told_of_everybody_in_scope
}

/// A name that no other test has.
pub(crate) fn named(name: &str) -> String {
    format!("{name}-{}", &Uuid::new_v4().simple().to_string()[..8])
}

/// A node with both sides of a member: it submits and reads.
fn member(w: &World, name: &str, words: &[&str]) -> Result<Caller> {
    w.entitled(&named(name), &["source", "consumer"], words)
}

/// A submission of one document for `audience`, sent to these organizations.
pub(crate) fn sent(patient: &PatientId, audience: &str, recipients: &[&str]) -> Submission {
    let mut s = sample::one(patient, b"x");
    s.submission_set.intended_recipients = recipients.iter().map(|r| (*r).to_owned()).collect();
    s.submission_set.source_id = sample::new_oid();
    let codes = &mut s.entries[0].confidentiality_codes;
    codes.truncate(1);
    codes.push(sample::project_code(audience, 5, "対象"));
    s
}

pub(crate) fn insurer(number: &str, issuer: &str) -> String {
    format!("架空健保^^^^^&{issuer}&ISO^^^^{number}")
}

pub(crate) fn employer(code: &str) -> String {
    format!("架空商事^^^^^&{}.12&ISO^^^^{code}", sample::ROOT)
}

fn submit(caller: &Caller, s: &Submission) -> Result<RegistryResponse> {
    caller.post(REPOSITORY, &message::provide_and_register(s, &[b"x"]))?.registry()
}

fn submitted(caller: &Caller, s: &Submission) -> Result<()> {
    let response = submit(caller, s)?;
    ensure!(response.status == Status::Success, "{response:?}");
    Ok(())
}

/// What a node finds of a patient, the uniqueIds of its documents in order.
fn found(caller: &Caller, patient: &PatientId) -> Result<Vec<String>> {
    found_by(caller, QueryBuilder::get_all(patient, &AvailabilityStatus::ALL))
}

fn found_by(caller: &Caller, query: QueryBuilder) -> Result<Vec<String>> {
    let query = query.build();
    let response = caller.post(REGISTRY, &message::query(&query))?.query()?;
    ensure!(response.status == Status::Success, "{response:?}");
    let entry = |object: &RegistryObject| match object {
        RegistryObject::Entry(entry) => Some(entry.unique_id.to_string()),
        _ => None,
    };
    let mut ids: Vec<String> = response.objects.iter().filter_map(entry).collect();
    ids.sort();
    Ok(ids)
}

fn retrieve(caller: &Caller, requests: &[DocumentRequest]) -> Result<(String, usize)> {
    let got = caller.post(REPOSITORY, &message::retrieve(requests))?.retrieved()?;
    Ok((format!("{:?}", got.response), got.documents.len()))
}

fn id_of(s: &Submission) -> &UniqueId {
    &s.entries[0].unique_id
}

fn a_node_sees_what_it_is_entitled_to(w: &World) -> Result<()> {
    let patient = w.patient();
    let (number, code) = ("06139992", "KK-1");
    let full = sent(&patient, "FULL", &[&insurer(number, "1.2.392.200119.6.101"), &employer(code)]);
    let statutory = sent(&patient, "STAT", &[&employer(code)]);
    let other_form = sent(&patient, "FULL", &[&insurer(number, "1.2.392.100495.20.3.61")]);
    let counsel = sent(&patient, "CONS", &[&insurer(number, "1.2.392.200119.6.101")]);
    let mut written = sent(&patient, "CONS", &[]);
    written.entries[0].authors[0].institutions =
        vec!["架空健診所^^^^^&1.2.392.200119.6.102&ISO^^^^0119900025".to_owned()];
    for s in [&full, &statutory, &other_form, &counsel, &written] {
        w.submitted(s, &[b"x"])?;
    }
    let clinic = member(w, "clinic", &[])?;
    let own = sent(&patient, "CONS", &[]);
    submitted(&clinic, &own)?;

    let insurers = format!("insurer={number}");
    let sees: [(&str, &[&str], &[&Submission]); 7] = [
        (
            "domain",
            &["--scope", "domain"],
            &[&full, &statutory, &other_form, &counsel, &written, &own],
        ),
        ("insurer", &["--scope", &insurers], &[&full, &other_form]),
        ("doctor", &["--scope", "employer=KK-1"], &[&statutory]),
        ("institution", &["--scope", "institution=0119900025"], &[&written]),
        (
            "both",
            &["--scope", "employer=KK-1", "--scope", "institution=0119900025"],
            &[&statutory, &written],
        ),
        ("elsewhere", &["--scope", "employer=KK-2", "--scope", "insurer=06139993"], &[]),
        ("outsider", &[], &[]),
    ];
    for (name, words, expected) in sees {
        let node = member(w, name, words)?;
        let mut ids: Vec<String> = expected.iter().map(|s| id_of(s).to_string()).collect();
        ids.sort();
        assert_eq!(found(&node, &patient)?, ids, "{name}");
        for s in [&full, &statutory, &other_form, &counsel, &written, &own] {
            let (response, given) = retrieve(&node, &[w.request(id_of(s))?])?;
            let sees = ids.contains(&id_of(s).to_string());
            assert_eq!(given, usize::from(sees), "{name}: {response}");
        }
    }
    assert_eq!(found(&clinic, &patient)?, [id_of(&own).to_string()]);
    assert_eq!(retrieve(&clinic, &[w.request(id_of(&own))?])?.1, 1);
    // A gateway is entitled as any other node is.
    let gateway = w.entitled(&named("gateway"), &["gateway"], &[])?;
    let across =
        message::retrieve_by(&renkei_xds::transaction::ITI_39, &[w.request_across(id_of(&full))?]);
    let got = gateway.post(renkei_tests::world::RESPONDING_GATEWAY, &across)?.retrieved()?;
    assert_eq!(got.documents.len(), 0);
    Ok(())
}

/// An answer with every id of the two that are told apart by nothing else put out of it.
fn without(text: &str, ids: &[&str]) -> String {
    ids.iter().fold(text.to_owned(), |text, id| text.replace(id, "ID"))
}

fn what_is_hidden_is_answered_like_what_does_not_exist(w: &World) -> Result<()> {
    let patient = w.patient();
    let hidden = sent(&patient, "FULL", &[]);
    w.submitted(&hidden, &[b"x"])?;
    let there = w.document_of(&patient)?;
    let outsider = member(w, "outsider", &[])?;
    // ITI-43: a document, an id that names none, each behind and before the other.
    let nothing = sample::new_unique_id();
    let ask = |first: &UniqueId, second: &UniqueId| -> Result<String> {
        let (response, given) = retrieve(&outsider, &[w.request(first)?, w.request(second)?])?;
        ensure!(given == 0, "{response}");
        Ok(without(&response, &[first.as_str(), second.as_str()]))
    };
    let never = sample::new_unique_id();
    assert_eq!(ask(id_of(&hidden), &nothing)?, ask(&never, &nothing)?);
    assert_eq!(ask(&nothing, id_of(&hidden))?, ask(&nothing, &never)?);
    // ITI-18, by entryUUID, by uniqueId, by patient.
    let uuid = there.id.uuid().context("no entryUUID")?;
    let queries = |id: EntryUuid, unique_id: &UniqueId| {
        [
            QueryBuilder::get_documents(&[id]),
            QueryBuilder::get_documents_by_unique_id(std::slice::from_ref(unique_id)),
            QueryBuilder::get_associations(&[id]),
            QueryBuilder::get_submission_sets(&[id]),
            QueryBuilder::get_related_documents(id, &[AssociationType::Rplc]),
            QueryBuilder::get_folders_for_document(id),
        ]
    };
    let unknown = queries(EntryUuid(Uuid::new_v4()), &never);
    for (known, unknown) in queries(uuid, id_of(&hidden)).into_iter().zip(unknown) {
        let answer = |query: QueryBuilder| -> Result<String> {
            let message = message::query(&query.build());
            Ok(format!("{:?}", outsider.post(REGISTRY, &message)?.query()?))
        };
        assert_eq!(answer(known)?, answer(unknown)?);
    }
    assert_eq!(found(&outsider, &patient)?, Vec::<String>::new());
    Ok(())
}

fn nobody_replaces_updates_or_removes_what_is_not_theirs(w: &World) -> Result<()> {
    let patient = w.patient();
    let theirs = sent(&patient, "FULL", &[&insurer("06139992", "1.2.392.200119.6.101")]);
    w.submitted(&theirs, &[b"x"])?;
    let there = w.document_of(&patient)?;
    let uuid = there.id.uuid().context("no entryUUID")?;
    // An insurer sees it, and may not change it; an outsider does neither. Both hear the same, and what
    // they hear of an id that names nothing.
    for words in [&["--scope", "insurer=06139992"][..], &[]] {
        let node = w.entitled(
            &named("other"),
            &["source", "consumer", "administrator"],
            &[words, &["--source-id", "any"]].concat(),
        )?;
        for kind in [AssociationType::Rplc, AssociationType::Apnd, AssociationType::Xfrm] {
            let joined = |target: EntryUuid| -> Result<String> {
                let mut s = sent(&patient, "FULL", &[]);
                let target = renkei_metadata::ids::ObjectId::Uuid(target);
                let link = sample::association("link", kind, &s.entries[0].id.clone(), &target);
                s.associations.push(link);
                let response = submit(&node, &s)?;
                ensure!(response.status == Status::Failure, "{response:?}");
                Ok(without(&format!("{response:?}"), &[&target.to_string()]))
            };
            assert_eq!(joined(uuid)?, joined(EntryUuid(Uuid::new_v4()))?, "{kind:?}");
        }
        let removed = |id: EntryUuid| -> Result<String> {
            let response = node.post(REGISTRY, &message::remove_metadata(&[id]))?.registry()?;
            ensure!(response.status == Status::Failure, "{response:?}");
            Ok(without(&format!("{response:?}"), &[&id.to_string()]))
        };
        assert_eq!(removed(uuid)?, removed(EntryUuid(Uuid::new_v4()))?);
        let erased = |id: &UniqueId| -> Result<String> {
            let message = message::remove_documents(&[w.request(id)?]);
            let response = node.post(REPOSITORY, &message)?.registry()?;
            ensure!(response.status == Status::Failure, "{response:?}");
            Ok(without(&format!("{response:?}"), &[id.as_str()]))
        };
        assert_eq!(erased(id_of(&theirs))?, erased(&sample::new_unique_id())?);
    }
    assert_eq!(w.document_of(&patient)?.status, there.status);
    assert_eq!(w.content(id_of(&theirs))?, b"x");
    Ok(())
}

/// Corrects the newest version of a patient's only document to be for another audience (ITI-57 by the administrator of
/// the house whose registry has it).
pub(crate) fn corrected(registry: &World, patient: &PatientId, audience: &str) -> Result<()> {
    let mut entry = registry.document_of(patient)?;
    entry.confidentiality_codes.truncate(1);
    entry.confidentiality_codes.push(sample::project_code(audience, 5, "対象"));
    let mut set = sent(patient, audience, &[]).submission_set;
    set.unique_id = sample::new_oid();
    let update = UpdateBuilder::new(set).entry(entry, Propagation::Yes)?.build();
    let administrator = &registry.administrator;
    let response = administrator.post(REGISTRY, &message::update(&update))?.registry()?;
    ensure!(response.status == Status::Success, "{response:?}");
    Ok(())
}

fn a_correction_is_one_of_the_earlier_versions_too(w: &World) -> Result<()> {
    let patient = w.patient();
    let (number, code) = ("06139992", "KK-7");
    let both = [&insurer(number, "1.2.392.200119.6.101")[..], &employer(code)];
    let s = sent(&patient, "STAT", &both);
    w.submitted(&s, &[b"x"])?;
    let doctor = member(w, "doctor", &["--scope", &format!("employer={code}")])?;
    let insurer = member(w, "insurer", &["--scope", &format!("insurer={number}")])?;
    let sees = |node: &Caller| -> Result<(usize, usize)> {
        let query = QueryBuilder::get_all(&patient, &AvailabilityStatus::ALL).everything();
        Ok((found_by(node, query)?.len(), retrieve(node, &[w.request(id_of(&s))?])?.1))
    };
    assert_eq!((sees(&doctor)?, sees(&insurer)?), ((1, 1), (1, 1)));
    // What was for everybody by law turns out to be for insurers alone, and the other way round.
    corrected(w, &patient, "FULL")?;
    assert_eq!((sees(&doctor)?, sees(&insurer)?), ((0, 0), (2, 1)));
    let (hidden, _) = retrieve(&doctor, &[w.request(id_of(&s))?])?;
    let none = sample::new_unique_id();
    let (unknown, _) = retrieve(&doctor, &[w.request(&none)?])?;
    assert_eq!(without(&hidden, &[id_of(&s).as_str()]), without(&unknown, &[none.as_str()]));
    corrected(w, &patient, "WORK")?;
    assert_eq!((sees(&doctor)?, sees(&insurer)?), ((3, 1), (0, 0)));
    Ok(())
}

fn a_source_submits_under_its_own_source_ids(w: &World) -> Result<()> {
    let patient = w.patient();
    let under = |source_id: &Oid| {
        let mut s = sent(&patient, "FULL", &[]);
        s.submission_set.source_id = source_id.clone();
        s
    };
    let (mine, other, listed) = (sample::new_oid(), sample::new_oid(), sample::new_oid());
    let words = ["--source-id", listed.as_str()];
    let issued = w.entitled(&named("listed"), &["source"], &words)?;
    submitted(&issued, &under(&listed))?;
    refused_with(&submit(&issued, &under(&mine))?, "XDSRepositoryError")?;
    // Without one, a node is bound to that of its first submission, and nobody else uses it.
    let (first, second) = (member(w, "first", &[])?, member(w, "second", &[])?);
    refused_with(&submit(&first, &under(&listed))?, "XDSRepositoryError")?;
    submitted(&first, &under(&mine))?;
    refused_with(&submit(&first, &under(&other))?, "XDSRepositoryError")?;
    let refusal = submit(&second, &under(&mine))?;
    refused_with(&refusal, "XDSRepositoryError")?;
    let told = &refusal.errors[0].context;
    ensure!(told.contains("sourceId") && told.contains(mine.as_str()), "{told}");
    ensure!(told.contains("--source-id") && told.contains("ノード"), "{told}");
    submitted(&second, &under(&other))?;
    submitted(&first, &under(&mine))?;
    Ok(())
}

fn a_repository_registers_its_own_documents_of_this_community(w: &World) -> Result<()> {
    let patient = w.patient();
    let of = |repository: &str| -> Result<Submission> {
        let mut s = sent(&patient, "FULL", &[]);
        s.entries[0].repository = Some(RepositoryUniqueId::parse(repository)?);
        Ok(s)
    };
    let house = w.renkei.ready.repository_unique_id.clone();
    let (mine, other) = (sample::new_oid().to_string(), sample::new_oid().to_string());
    let words = ["--repository-id", mine.as_str()];
    let [none, any, one] = [&[][..], &["--repository-id", "any"], &words]
        .map(|words| w.entitled(&named("repository"), &["repository"], words));
    let (none, any, one) = (none?, any?, one?);
    let register =
        |node: &Caller, s: &Submission| node.post(REGISTRY, &message::register(s))?.registry();
    refused_with(&register(&none, &of(&mine)?)?, "XDSRegistryError")?;
    refused_with(&register(&any, &of(&house)?)?, "XDSRegistryError")?;
    refused_with(&register(&one, &of(&other)?)?, "XDSRegistryError")?;
    // Who is no repository registers nothing, be it without a document.
    let of_a_folder = || {
        let mut s = sample::submission(&patient, Vec::new());
        sample::bring(&mut s, sample::folder(&patient, 2025));
        s
    };
    refused_with(&register(&none, &of_a_folder())?, "XDSRegistryError")?;
    let response = register(&one, &of_a_folder())?;
    ensure!(response.status == Status::Success, "{response:?}");
    for (node, repository) in [(&any, &other), (&one, &mine)] {
        let response = register(node, &of(repository)?)?;
        ensure!(response.status == Status::Success, "{response:?}");
    }
    let mut foreign = of(&mine)?;
    foreign.entries[0].home = Some(HomeCommunityId::parse("urn:oid:1.2.392.999.77")?);
    refused_with(&register(&one, &foreign)?, "XDSRegistryMetadataError")?;
    // Nor does one register under a sourceId that somebody was issued for.
    let listed = sample::new_oid();
    soon_known(&w.entitled(&named("listed"), &["source"], &["--source-id", listed.as_str()])?)?;
    let mut of_listed = of(&mine)?;
    of_listed.submission_set.source_id = listed;
    let refusal = register(&one, &of_listed)?;
    refused_with(&refusal, "XDSRegistryError")?;
    ensure!(refusal.errors[0].context.contains("--source-id"), "{refusal:?}");
    foreign.entries[0].home = Some(w.home()?);
    let response = register(&one, &foreign)?;
    ensure!(response.status == Status::Success, "{response:?}");
    Ok(())
}

fn an_assertion_that_must_be_understood_is_refused(w: &World) -> Result<()> {
    let query = QueryBuilder::find_submission_sets(&w.patient()).build();
    let with = |must: &str| -> Result<renkei_tests::reply::Reply> {
        let mut message = message::query(&query);
        let security = format!(
            "<w:Security xmlns:w='http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd'{must}/></soap12:Header>"
        );
        let text = String::from_utf8(message.body)?.replace("</soap12:Header>", &security);
        message.body = text.into_bytes();
        w.consumer.post(REGISTRY, &message)
    };
    let fault = with(" soap12:mustUnderstand='1'")?.fault()?;
    ensure!(format!("{fault:?}").contains("MustUnderstand"), "{fault:?}");
    let passed_over = with("")?.query()?;
    ensure!(passed_over.status == Status::Success, "{passed_over:?}");
    Ok(())
}

fn what_is_new_is_told_of_everybody_in_scope(w: &World) -> Result<()> {
    let code = named("KK");
    let doctor =
        w.entitled(&named("doctor"), &["consumer"], &["--scope", &format!("employer={code}")])?;
    let new = |patient: &PatientId| -> Result<String> {
        let mut s = sent(patient, "STAT", &[&employer(&code)]);
        // What its source says does not matter: it came when it came.
        s.submission_set.submission_time = sample::dtm("20200101000000");
        w.submitted(&s, &[b"x"])?;
        let full = sent(patient, "FULL", &[&employer(&code)]);
        w.submitted(&full, &[b"x"])?;
        Ok(id_of(&s).to_string())
    };
    let patients = [w.patient(), w.patient()];
    new(&patients[0])?;
    // The moment is a second of the clock by which the registry goes, too.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let since = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut expected = vec![new(&patients[0])?, new(&patients[1])?];
    expected.sort();
    let state = tempfile::tempdir()?;
    let connect = w.renkei.connect_file()?.display().to_string();
    let (identity, state) =
        (doctor.directory.display().to_string(), state.path().display().to_string());
    let words = ["query", "--mine", "--since", &since, "--json", "--connect", &connect];
    let more = ["--identity", &identity, "--state-dir", &state];
    let output = program::run(&[&words[..], &more].concat())?;
    ensure!(output.status.code() == Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout)?;
    let objects = told["objects"].as_array().context("no objects")?;
    let mut found: Vec<String> =
        objects.iter().filter_map(|object| Some(object["uniqueId"].as_str()?.to_owned())).collect();
    found.sort();
    assert_eq!(found, expected, "{told}");
    Ok(())
}

#[test]
fn what_nodes_are_entitled_to_is_listed_and_told_at_the_start() -> Result<()> {
    let w = World::shared(Form::PLAIN)?.context("no program")?;
    let data = w.renkei.place().data_dir().display().to_string();
    let name = named("listed");
    w.entitled(&name, &["source"], &["--scope", "insurer=06139992", "--source-id", "1.2.3"])?;
    let output = program::run(&["pki", "list", "--data-dir", &data, "--json"])?;
    let listed: Value = serde_json::from_slice(&output.stdout)?;
    let nodes = listed["nodes"].as_array().context("no nodes")?;
    let node = nodes.iter().find(|node| node["name"] == *name).context("it is not listed")?;
    assert_eq!(node["scope"], serde_json::json!(["insurer=06139992"]));
    assert_eq!(node["source_id"], serde_json::json!(["1.2.3"]));
    assert_eq!(node["repository_id"], serde_json::json!([]));
    let output = program::run(&["pki", "list", "--data-dir", &data])?;
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().find(|line| line.starts_with(&name)).context("no line")?;
    let words = "scope=insurer=06139992 source-id=1.2.3 repository-id=none speaks-for=none";
    ensure!(line.contains(words), "{line}");
    // Wrong words are told in both languages, before anything is issued.
    for (option, word, told) in
        [("--scope", "all", "範囲"), ("--scope", "insurer=12", "8桁"), ("--source-id", "x", "OID")]
    {
        let out = w.renkei.place().client_dir().join("wrong").display().to_string();
        let issue = ["pki", "issue", "--data-dir", &data, "--name", "wrong", "--role", "source"];
        let output = program::run(&[&issue[..], &["--out", &out, option, word]].concat())?;
        assert_eq!(output.status.code(), Some(1), "{word}");
        let said = String::from_utf8(output.stderr)?;
        ensure!(said.contains(told) && said.contains(" / "), "{said}");
    }
    Ok(())
}
