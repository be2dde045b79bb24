//! ITI-41 and ITI-42: what is accepted is there afterwards, whole; what is refused leaves nothing.

use crate::expect::{codes, refused, refused_with};
use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::{ObjectId, Oid, Sha1Hash, UniqueId};
use renkei_metadata::model::{
    AssociationType, AvailabilityStatus, DocumentEntry, ExtraSlot, LocalizedString, LocalizedText,
    RegistryObject, Submission,
};
use renkei_tests::world::REPOSITORY;
use renkei_tests::{World, message, sample};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::{RegistryResponse, Status};
use renkei_xds::transaction::ITI_41;
use sha1::{Digest, Sha1};
use std::collections::HashSet;

in_every_form! {
    a_document_is_found_as_it_was_described_and_comes_back_as_it_was_sent
    symbols_become_uuids_and_members_are_linked
    a_large_and_an_empty_document_come_back
    hash_and_size_are_supplied_and_compared
    text_of_every_kind_comes_back
    a_replaced_document_is_deprecated_and_stays_retrievable
    a_replacement_that_transforms_what_it_replaces_is_current
    of_two_replacements_at_once_one_wins
    what_cannot_be_replaced_is_refused
    a_submission_set_is_registered_once
    a_unique_id_stands_for_one_content
    one_submission_is_about_one_patient
    answers_are_valid_by_the_schemas
    a_repository_may_register_directly
    extra_metadata_is_kept
}

fn a_document_is_found_as_it_was_described_and_comes_back_as_it_was_sent(w: &World) -> Result<()> {
    let patient = w.patient();
    let content = "番号,値\r\n1,5.6\r\n".as_bytes();
    let mut sent = sample::one(&patient, content);
    entry(&mut sent).reference_ids =
        vec![format!("{}^^^&{}.9&ISO^urn:kcsv:record-sha256", "ab".repeat(32), sample::ROOT)];
    w.submitted(&sent, &[content])?;

    let found = w.document_of(&patient)?;
    ensure!(found.status == Some(AvailabilityStatus::Approved), "{:?}", found.status);
    ensure!(found.lid == found.id.uuid() && found.version == Some(1), "{found:?}");
    let home = found.home.as_ref().map(|h| h.as_str());
    ensure!(home == Some(&w.renkei.ready.home_community_id), "{home:?}");
    let repository = found.repository.as_ref().context("no repositoryUniqueId")?;
    ensure!(repository.as_str() == w.renkei.ready.repository_unique_id, "{repository}");

    // All that the source said comes back; the rest was said by registry and repository.
    let mut expected = entry(&mut sent).clone();
    expected.id = found.id.clone();
    (expected.lid, expected.version) = (found.lid, found.version);
    (expected.status, expected.availability) = (found.status, found.availability);
    (expected.home, expected.repository) = (found.home.clone(), found.repository.clone());
    assert_eq!(found, expected);

    let got = w.retrieve(&[w.request(&found.unique_id)?])?;
    ensure!(got.response.status == Status::Success && got.response.errors.is_empty());
    let document = got.documents.first().context("no document")?;
    assert_eq!(document.content, content);
    assert_eq!(document.mime_type, "text/csv");
    let hash = Sha1Hash::from_digest(Sha1::digest(&document.content).into());
    assert_eq!((Some(hash), Some(document.content.len() as u64)), (found.hash, found.size));
    Ok(())
}

fn symbols_become_uuids_and_members_are_linked(w: &World) -> Result<()> {
    let patient = w.patient();
    let (a, b) = (&b"first"[..], &b"second"[..]);
    let mut entries = vec![sample::entry(&patient, a), sample::entry(&patient, b)];
    entries[1].id = sample::symbol("Document02");
    let sent = sample::submission(&patient, entries);
    w.submitted(&sent, &[a, b])?;

    let by_id =
        QueryBuilder::get_submission_set_and_contents_by_unique_id(&sent.submission_set.unique_id);
    let answer = w.query(&by_id.build())?;
    let mut ids = HashSet::new();
    let (mut sets, mut documents, mut links) = (Vec::new(), Vec::new(), Vec::new());
    for object in &answer.objects {
        match object {
            RegistryObject::SubmissionSet(s) => {
                assert_eq!(s.status, Some(AvailabilityStatus::Approved));
                assert_eq!(s.patient_id.as_ref(), Some(&patient));
                assert_eq!(s.source_id, sent.submission_set.source_id);
                assert_eq!(s.submission_time, sent.submission_set.submission_time);
                assert_eq!((s.lid, s.version), (s.id.uuid(), Some(1)));
                ids.insert(s.id.uuid().context("the set has no UUID")?);
                sets.push(s.id.clone());
            }
            RegistryObject::Entry(e) => {
                assert_eq!((e.lid, e.version), (e.id.uuid(), Some(1)));
                ids.insert(e.id.uuid().context("an entry has no UUID")?);
                documents.push(e.id.clone());
            }
            RegistryObject::Association(a) => {
                assert_eq!(a.association_type, AssociationType::HasMember);
                assert_eq!((a.lid, a.version), (a.id.uuid(), Some(1)));
                ids.insert(a.id.uuid().context("an association has no UUID")?);
                links.push((a.source.clone(), a.target.clone()));
            }
            other => anyhow::bail!("{other:?}"),
        }
    }
    assert_eq!((sets.len(), documents.len(), links.len()), (1, 2, 2));
    assert_eq!(ids.len(), 5, "every object has an id of its own");
    for document in &documents {
        ensure!(links.contains(&(sets[0].clone(), document.clone())), "{document} is no member");
    }
    Ok(())
}

fn a_large_and_an_empty_document_come_back(w: &World) -> Result<()> {
    // More than two chunks, and not a multiple of one.
    let large: Vec<u8> =
        (0..700_001u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for content in [&large[..], &[]] {
        let patient = w.patient();
        let sent = sample::one(&patient, content);
        w.submitted(&sent, &[content])?;
        let found = w.document_of(&patient)?;
        assert_eq!(found.size, Some(content.len() as u64));
        ensure!(w.content(&found.unique_id)? == content, "{} octets differ", content.len());
    }
    Ok(())
}

fn hash_and_size_are_supplied_and_compared(w: &World) -> Result<()> {
    let patient = w.patient();
    let content = b"without hash";
    let mut sent = sample::one(&patient, content);
    (entry(&mut sent).hash, entry(&mut sent).size) = (None, None);
    w.submitted(&sent, &[content])?;
    let found = w.document_of(&patient)?;
    assert_eq!(found.hash, Some(Sha1Hash::from_digest(Sha1::digest(content).into())));
    assert_eq!(found.size, Some(content.len() as u64));

    // Hexadecimal digits of either case are the same hash (ITI TF-3: Table 4.2.3.1.7-2).
    let patient = w.patient();
    let mut sent = sample::one(&patient, content);
    let hash = entry(&mut sent).hash.clone().context("no hash")?;
    let root = message::provide_and_register_root(&sent, &["Document01"]);
    let root = root.replace(hash.as_str(), &hash.as_str().to_uppercase());
    let response = post_root(w, &root, &[content])?;
    ensure!(response.status == Status::Success, "{response:?}");
    Ok(())
}

fn text_of_every_kind_comes_back(w: &World) -> Result<()> {
    let patient = w.patient();
    // Decomposed, half-width, beyond the BMP, quotes, markup, and what LIKE would take for a wildcard.
    let text = "カ\u{3099} ﾃｽﾄ 𠮷野家 \u{1f3e5} O'Neil & <b> \"100%\" _";
    let mut sent = sample::one(&patient, b"x");
    entry(&mut sent).title = Some(LocalizedText::ja(text));
    entry(&mut sent).comments = LocalizedText::of([
        LocalizedString { value: text.repeat(20), lang: None, charset: None },
        LocalizedString::new(text, "ja"),
    ]);
    sent.submission_set.comments = Some(LocalizedText::ja(text));
    w.submitted(&sent, &[b"x"])?;
    let found = w.document_of(&patient)?;
    assert_eq!(found.title, entry(&mut sent).title);
    assert_eq!(found.comments, entry(&mut sent).comments);
    Ok(())
}

fn a_replaced_document_is_deprecated_and_stays_retrievable(w: &World) -> Result<()> {
    let patient = w.patient();
    w.submitted(&sample::one(&patient, b"before"), &[b"before"])?;
    let old = w.document_of(&patient)?;
    w.submitted(&sample::replacement(&patient, b"after", &old.id), &[b"after"])?;

    let approved =
        w.entries(QueryBuilder::find_documents(&patient, &[AvailabilityStatus::Approved]))?;
    assert_eq!(approved.len(), 1);
    ensure!(approved[0].id != old.id, "the old document is still current");
    assert_eq!(w.content(&approved[0].unique_id)?, b"after");
    let deprecated =
        w.entries(QueryBuilder::find_documents(&patient, &[AvailabilityStatus::Deprecated]))?;
    let ids: Vec<&ObjectId> = deprecated.iter().map(|e| &e.id).collect();
    assert_eq!(ids, [&old.id]);
    assert_eq!(w.content(&old.unique_id)?, b"before");
    Ok(())
}

/// ITI TF-3: 4.2.2.2.3: what the old document has falls with it, not what comes with the new one.
fn a_replacement_that_transforms_what_it_replaces_is_current(w: &World) -> Result<()> {
    let patient = w.patient();
    w.submitted(&sample::one(&patient, b"before"), &[b"before"])?;
    let old = w.document_of(&patient)?;
    let mut sent = sample::replacement(&patient, b"after", &old.id);
    let replaces = sent.associations.iter().find(|a| a.association_type == AssociationType::Rplc);
    let mut transforms = replaces.context("no RPLC")?.clone();
    transforms.association_type = AssociationType::Xfrm;
    transforms.id = sample::symbol("transforms");
    sent.associations.push(transforms);
    w.submitted(&sent, &[b"after"])?;

    let found = w.documents_of(&patient)?;
    let new = found.iter().find(|e| e.id != old.id).context("no new document")?;
    let status = |e: &DocumentEntry| e.status == Some(AvailabilityStatus::Approved);
    assert_eq!((found.len(), status(new)), (2, true));
    Ok(())
}

fn of_two_replacements_at_once_one_wins(w: &World) -> Result<()> {
    let patient = w.patient();
    w.submitted(&sample::one(&patient, b"before"), &[b"before"])?;
    let old = w.document_of(&patient)?;
    let tries: Vec<Submission> =
        (0..4).map(|_| sample::replacement(&patient, b"after", &old.id)).collect();
    let answers: Vec<Result<RegistryResponse>> = std::thread::scope(|s| {
        let running: Vec<_> =
            tries.iter().map(|t| s.spawn(move || w.submit(t, &[b"after"]))).collect();
        running.into_iter().map(|r| r.join().expect("no panic")).collect()
    });
    let mut won = 0;
    for (attempt, answer) in tries.iter().zip(answers) {
        let answer = answer?;
        if answer.status == Status::Success {
            won += 1;
        } else {
            refused(&answer, &["XDSRegistryDeprecatedDocumentError"])?;
            let id = &attempt.entries[0].unique_id;
            let got = w.retrieve(&[w.request(id)?])?;
            ensure!(got.documents.is_empty(), "a loser's document can be retrieved");
        }
    }
    assert_eq!(won, 1);
    let found = w.documents_of(&patient)?;
    let current = |e: &&DocumentEntry| e.status == Some(AvailabilityStatus::Approved);
    assert_eq!((found.len(), found.iter().filter(current).count()), (2, 1));
    Ok(())
}

fn what_cannot_be_replaced_is_refused(w: &World) -> Result<()> {
    let patient = w.patient();
    w.submitted(&sample::one(&patient, b"before"), &[b"before"])?;
    let old = w.document_of(&patient)?;

    let other = w.patient();
    let sent = sample::replacement(&other, b"after", &old.id);
    let response = w.submit(&sent, &[b"after"])?;
    refused_with(&response, "XDSPatientIdDoesNotMatch")?;
    w.nothing_of(&sent)?;

    let unknown = ObjectId::parse(&format!("urn:uuid:{}", uuid::Uuid::new_v4()))?;
    let sent = sample::replacement(&other, b"after", &unknown);
    let response = w.submit(&sent, &[b"after"])?;
    let error = refused_with(&response, "UnresolvedReferenceException")?;
    ensure!(error.context.contains(&unknown.to_string()), "{}", error.context);
    w.nothing_of(&sent)?;

    // A replacement of a document of the same message replaces nothing that is registered.
    let mut sent = sample::replacement(&other, b"after", &sample::symbol("Document02"));
    let mut second = sample::entry(&other, b"second");
    second.id = sample::symbol("Document02");
    sent.entries.push(second.clone());
    let mut member = sent.associations[0].clone();
    (member.id, member.target) = (sample::symbol("as9"), second.id);
    sent.associations.push(member);
    let response = w.submit(&sent, &[b"after", b"second"])?;
    refused_with(&response, "UnresolvedReferenceException")?;
    w.nothing_of(&sent)?;

    // Twice in one submission.
    let mut sent = sample::replacement(&patient, b"after", &old.id);
    let mut again = sent.associations[1].clone();
    again.id = sample::symbol("again");
    sent.associations.push(again);
    refused_with(&w.submit(&sent, &[b"after"])?, "XDSRegistryDeprecatedDocumentError")?;

    w.submitted(&sample::replacement(&patient, b"after", &old.id), &[b"after"])?;
    let late = sample::replacement(&patient, b"late", &old.id);
    let response = w.submit(&late, &[b"late"])?;
    let error = refused_with(&response, "XDSRegistryDeprecatedDocumentError")?;
    ensure!(error.context.contains(&old.id.to_string()), "{}", error.context);
    assert_eq!(w.documents_of(&patient)?.len(), 2);
    Ok(())
}

fn a_submission_set_is_registered_once(w: &World) -> Result<()> {
    let patient = w.patient();
    let first = sample::one(&patient, b"first");
    w.submitted(&first, &[b"first"])?;
    let mut second = sample::one(&patient, b"second");
    second.submission_set.unique_id = first.submission_set.unique_id.clone();
    let response = w.submit(&second, &[b"second"])?;
    let error = refused_with(&response, "XDSDuplicateUniqueIdInRegistry")?;
    for told in ["SubmissionSet", first.submission_set.unique_id.as_str()] {
        ensure!(error.context.contains(told), "{told} is not in: {}", error.context);
    }
    assert_eq!(w.documents_of(&patient)?.len(), 1);

    // The uniqueId of a document is taken as well (ITI TF-2: 3.42.4.1.3.3.7).
    let taken = first.entries[0].unique_id.as_str();
    second.submission_set.unique_id = Oid::parse(taken)?;
    let response = w.submit(&second, &[b"second"])?;
    refused_with(&response, "XDSDuplicateUniqueIdInRegistry")?;
    Ok(())
}

fn a_unique_id_stands_for_one_content(w: &World) -> Result<()> {
    let patient = w.patient();
    let first = sample::one(&patient, b"content");
    w.submitted(&first, &[b"content"])?;
    let id = first.entries[0].unique_id.clone();

    let again = |content: &[u8]| {
        let mut sent = sample::one(&patient, content);
        entry(&mut sent).unique_id = id.clone();
        sent
    };
    let response = w.submit(&again(b"CONTENT"), &[b"CONTENT"])?;
    let error = refused_with(&response, "XDSNonIdenticalHash")?;
    ensure!(error.context.contains(id.as_str()), "{}", error.context);
    let response = w.submit(&again(b"longer content"), &[b"longer content"])?;
    refused(&response, &["XDSNonIdenticalHash", "XDSNonIdenticalSize"])?;
    assert_eq!(w.content(&id)?, b"content", "the first content stays");

    // The same content under the same id is no error (ITI TF-2: 3.41.4.1.3.2).
    w.submitted(&again(b"content"), &[b"content"])?;
    let query = QueryBuilder::get_documents_by_unique_id(std::slice::from_ref(&id));
    assert_eq!(w.entries(query)?.len(), 2);
    assert_eq!(w.content(&id)?, b"content");

    // Nor for another patient, who may be the right one (ITI TF-2: 3.42.4.1.3.3.1).
    let right = w.patient();
    let mut sent = sample::one(&right, b"content");
    entry(&mut sent).unique_id = id.clone();
    w.submitted(&sent, &[b"content"])?;
    assert_eq!(w.document_of(&right)?.unique_id, id);
    assert_eq!(w.documents_of(&patient)?.len(), 2);
    assert_eq!(w.content(&id)?, b"content");

    // Twice in one message.
    let other = w.patient();
    let mut entries = vec![sample::entry(&other, b"a"), sample::entry(&other, b"a")];
    entries[1].id = sample::symbol("Document02");
    entries[1].unique_id = entries[0].unique_id.clone();
    let sent = sample::submission(&other, entries);
    let response = w.submit(&sent, &[b"a", b"a"])?;
    ensure!(response.status == Status::Failure, "{response:?}");
    for error in &response.errors {
        ensure!(error.code.ends_with("DuplicateUniqueIdInMessage"), "{error:?}");
        ensure!(error.context.contains(sent.entries[0].unique_id.as_str()), "{error:?}");
    }
    w.nothing_of(&sent)
}

fn one_submission_is_about_one_patient(w: &World) -> Result<()> {
    let (patient, other) = (w.patient(), w.patient());
    let mut sent = sample::one(&patient, b"x");
    entry(&mut sent).patient_id = Some(other.clone());
    let response = w.submit(&sent, &[b"x"])?;
    let error = refused_with(&response, "XDSPatientIdDoesNotMatch")?;
    ensure!(error.context.contains(&other.to_string()), "{}", error.context);
    ensure!(error.context.contains("patientId"), "{}", error.context);
    w.nothing_of(&sent)?;
    ensure!(w.documents_of(&other)?.is_empty());

    // A patient id of another domain is not known here, whatever the policy.
    let stranger = sample::patient("1.2.3.4");
    let sent = sample::one(&stranger, b"x");
    let response = w.submit(&sent, &[b"x"])?;
    ensure!(codes(&response).iter().all(|c| *c == "XDSUnknownPatientId"), "{response:?}");
    ensure!(response.errors.iter().any(|e| e.context.contains(&stranger.to_string())));
    Ok(())
}

fn answers_are_valid_by_the_schemas(w: &World) -> Result<()> {
    let patient = w.patient();
    let sent = sample::one(&patient, b"x");
    let message = message::provide_and_register(&sent, &[b"x"]);
    let (text, _) = split(&message.body);
    let start = text.find("<lcm:SubmitObjectsRequest").context("no request")?;
    ensure!(start > 0);
    let success = w.source.post(REPOSITORY, &message)?;
    success.valid_by("ebRS30/rs.xsd")?;
    // Request and answer have the same framing (ITI TF-2: 3.41.4.2.2).
    ensure!(success.content_type.starts_with("multipart/related"), "{}", success.content_type);
    let addressing = success.addressing()?;
    assert_eq!(addressing.action, ITI_41.response_action);
    ensure!(
        addressing.relates_to.is_some_and(|id| text.contains(&id)),
        "RelatesTo is not the MessageID of the request"
    );
    // The same set in another message: the same message would be answered as before.
    let again = message::provide_and_register(&sent, &[b"x"]);
    let failure = w.source.post(REPOSITORY, &again)?;
    failure.valid_by("ebRS30/rs.xsd")?;
    ensure!(failure.registry()?.status == Status::Failure);
    Ok(())
}

/// The text before the first binary octet, and the rest.
fn split(body: &[u8]) -> (String, usize) {
    (String::from_utf8_lossy(body).into_owned(), body.len())
}

fn a_repository_may_register_directly(w: &World) -> Result<()> {
    let patient = w.patient();
    let mut sent = sample::one(&patient, b"held elsewhere");
    // hash, size and repositoryUniqueId are the repository's to give (ITI TF-3: Table 4.3.1-3).
    let response = w.register(&sent)?;
    let error = refused_with(&response, "XDSRegistryMetadataError")?;
    ensure!(error.context.contains("repositoryUniqueId"), "{}", error.context);
    let elsewhere = sample::new_oid();
    entry(&mut sent).repository = Some(renkei_metadata::ids::RepositoryUniqueId(elsewhere.clone()));
    let response = w.register(&sent)?;
    ensure!(response.status == Status::Success, "{response:?}");
    let found = w.document_of(&patient)?;
    assert_eq!(found.repository.map(|r| r.0), Some(elsewhere));
    Ok(())
}

fn extra_metadata_is_kept(w: &World) -> Result<()> {
    let patient = w.patient();
    let mut sent = sample::one(&patient, b"x");
    let extra = |values: &[&str]| ExtraSlot {
        name: "urn:example-jp:batch".to_owned(),
        values: values.iter().map(|v| (*v).to_owned()).collect(),
    };
    entry(&mut sent).extra = vec![extra(&["b", "a"])];
    let response = w.submit(&sent, &[b"x"])?;
    ensure!(response.status == Status::Success && response.errors.is_empty(), "{response:?}");
    assert_eq!(w.document_of(&patient)?.extra, [extra(&["b", "a"])]);

    entry(&mut sent).extra[0].name = "not a urn".to_owned();
    entry(&mut sent).unique_id = UniqueId::parse("2.25.1")?;
    sent.submission_set.unique_id = sample::new_oid();
    let response = w.submit(&sent, &[b"x"])?;
    ensure!(response.status == Status::Failure, "{response:?}");
    ensure!(response.errors.iter().any(|e| e.context.contains("not a urn")), "{response:?}");
    Ok(())
}

/// The submission's first entry.
pub(crate) fn entry(submission: &mut Submission) -> &mut DocumentEntry {
    submission.entries.first_mut().expect("an entry")
}

/// ITI-41 with this envelope.
pub(crate) fn post_root(w: &World, root: &str, contents: &[&[u8]]) -> Result<RegistryResponse> {
    let cids = message::cids(contents.len());
    let parts: Vec<(&str, &[u8])> =
        cids.iter().map(String::as_str).zip(contents.iter().copied()).collect();
    let message = message::multipart(root, &parts, ITI_41.request_action);
    w.source.post(REPOSITORY, &message)?.registry()
}
