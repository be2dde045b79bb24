//! ITI-43: for each document asked for, exactly one outcome (ITI TF-2: 3.43.5).

use crate::expect::{codes, plain, refused};
use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::{HomeCommunityId, MimeType, RepositoryUniqueId, UniqueId};
use renkei_tests::world::REPOSITORY;
use renkei_tests::{World, message, sample};
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::Status;
use renkei_xds::transaction::ITI_43;

on_every_database! {
    several_documents_come_in_the_order_asked_for
    the_same_document_comes_as_often_as_it_is_asked_for
    what_is_not_there_is_named
    of_a_mixture_the_rest_comes
    documents_of_another_repository_are_not_looked_for
    the_request_is_echoed
    what_asks_for_nothing_or_too_much_is_refused
    answers_are_valid_by_the_schemas
}

/// A new document of a new patient.
fn submit(w: &World, content: &[u8], mime_type: &str) -> Result<UniqueId> {
    let mut sent = sample::one(&w.patient(), content);
    sent.entries[0].mime_type = MimeType::parse(mime_type)?;
    w.submitted(&sent, &[content])?;
    Ok(sent.entries[0].unique_id.clone())
}

fn several_documents_come_in_the_order_asked_for(w: &World) -> Result<()> {
    let kinds = [("application/pdf", &b"%PDF"[..]), ("text/xml", b"<a/>"), ("text/plain", b"t")];
    let mut requests = Vec::new();
    for (mime_type, content) in kinds {
        requests.push(w.request(&submit(w, content, mime_type)?)?);
    }
    requests.reverse();
    let got = w.retrieve(&requests)?;
    assert_eq!(got.response.status, Status::Success);
    ensure!(got.response.errors.is_empty(), "{:?}", got.response);
    for ((document, request), (mime_type, content)) in
        got.documents.iter().zip(&requests).zip(kinds.iter().rev())
    {
        assert_eq!(document.unique_id, request.unique_id.as_str());
        assert_eq!((document.mime_type.as_str(), &document.content[..]), (*mime_type, *content));
    }
    assert_eq!(got.documents.len(), 3);
    Ok(())
}

fn the_same_document_comes_as_often_as_it_is_asked_for(w: &World) -> Result<()> {
    let id = submit(w, b"twice", "text/plain")?;
    let request = w.request(&id)?;
    let got = w.retrieve(&[request.clone(), request])?;
    assert_eq!(got.response.status, Status::Success);
    let contents: Vec<&[u8]> = got.documents.iter().map(|d| &d.content[..]).collect();
    assert_eq!(contents, [b"twice", b"twice"]);
    Ok(())
}

fn what_is_not_there_is_named(w: &World) -> Result<()> {
    let (a, b) = (sample::new_unique_id(), sample::new_unique_id());
    let got = w.retrieve(&[w.request(&a)?, w.request(&b)?])?;
    refused(&got.response, &["XDSDocumentUniqueIdError"; 2])?;
    let places: Vec<&str> = got.response.errors.iter().map(|e| e.location.as_str()).collect();
    assert_eq!(places, [a.as_str(), b.as_str()], "location is the uniqueId asked for");
    for (error, id) in got.response.errors.iter().zip([&a, &b]) {
        ensure!(error.context.contains(id.as_str()), "{}", error.context);
    }
    ensure!(got.documents.is_empty());
    Ok(())
}

fn of_a_mixture_the_rest_comes(w: &World) -> Result<()> {
    let there = submit(w, b"there", "text/plain")?;
    let missing = sample::new_unique_id();
    let got = w.retrieve(&[w.request(&missing)?, w.request(&there)?])?;
    assert_eq!(got.response.status, Status::PartialSuccess);
    assert_eq!(codes(&got.response), ["XDSDocumentUniqueIdError"]);
    assert_eq!(got.response.errors[0].location, missing.as_str());
    plain(&got.response.errors[0].context)?;
    let ids: Vec<&str> = got.documents.iter().map(|d| d.unique_id.as_str()).collect();
    assert_eq!(ids, [there.as_str()]);
    assert_eq!(got.documents[0].content, b"there");
    Ok(())
}

fn documents_of_another_repository_are_not_looked_for(w: &World) -> Result<()> {
    let there = submit(w, b"there", "text/plain")?;
    let elsewhere = RepositoryUniqueId::parse("1.2.3.4.5")?;
    let request = DocumentRequest { repository: elsewhere, ..w.request(&there)? };
    let got = w.retrieve(std::slice::from_ref(&request))?;
    refused(&got.response, &["XDSUnknownRepositoryId"])?;
    let error = &got.response.errors[0];
    assert_eq!(error.location, there.as_str());
    ensure!(error.context.contains("1.2.3.4.5"), "{}", error.context);
    let got = w.retrieve(&[request, w.request(&there)?])?;
    assert_eq!((got.response.status, got.documents.len()), (Status::PartialSuccess, 1));
    Ok(())
}

fn the_request_is_echoed(w: &World) -> Result<()> {
    let there = submit(w, b"there", "text/plain")?;
    let home = HomeCommunityId::parse(&w.renkei.ready.home_community_id)?;
    let with_home = DocumentRequest { home: Some(home.clone()), ..w.request(&there)? };
    let got = w.retrieve(&[with_home, w.request(&there)?])?;
    assert_eq!(got.response.status, Status::Success);
    let homes: Vec<Option<&str>> = got.documents.iter().map(|d| d.home.as_deref()).collect();
    assert_eq!(homes, [Some(home.as_str()), None], "absent where it was absent");
    for document in &got.documents {
        assert_eq!(document.repository, w.renkei.ready.repository_unique_id);
    }
    Ok(())
}

fn what_asks_for_nothing_or_too_much_is_refused(w: &World) -> Result<()> {
    let got = w.retrieve(&[])?;
    ensure!(got.response.status == Status::Failure && !got.response.errors.is_empty());
    let many: Vec<DocumentRequest> =
        (0..1001).map(|_| w.request(&sample::new_unique_id())).collect::<Result<_>>()?;
    let got = w.retrieve(&many)?;
    refused(&got.response, &["XDSTooManyResults"])?;
    ensure!(got.response.errors[0].context.contains("limits.parts"));
    Ok(())
}

fn answers_are_valid_by_the_schemas(w: &World) -> Result<()> {
    let there = submit(w, b"there", "text/plain")?;
    let missing = sample::new_unique_id();
    for ids in [vec![&there], vec![&missing], vec![&there, &missing, &there]] {
        let requests: Vec<DocumentRequest> =
            ids.into_iter().map(|id| w.request(id)).collect::<Result<_>>()?;
        let message = message::retrieve(&requests);
        let reply = w.consumer.post(REPOSITORY, &message)?;
        reply.valid_by("IHE/IHEXDSB.xsd")?;
        assert_eq!(reply.addressing()?.action, ITI_43.response_action);
        ensure!(reply.content_type.starts_with("multipart/related"), "{}", reply.content_type);
        let relates = reply.addressing()?.relates_to.context("no RelatesTo")?;
        ensure!(String::from_utf8_lossy(&message.body).contains(&relates));
    }
    Ok(())
}
