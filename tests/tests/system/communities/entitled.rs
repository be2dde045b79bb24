//! What other communities tell a node that does not see everything: the documents of others that it is entitled to.

use super::*;
use renkei_metadata::model::Submission;
use renkei_xds::iti18::ReturnType;

on_every_database! { by by_form:
    a_doctor_of_an_employer_sees_of_other_communities_what_is_for_such_doctors
}

/// One document for an audience, which `world` has.
fn submitted(world: &World, patient: &PatientId, audience: &str) -> Result<Submission> {
    let mut s = sample::one(patient, audience.as_bytes());
    let codes = &mut s.entries[0].confidentiality_codes;
    codes.truncate(1);
    codes.push(sample::project_code(audience, 5, "対象"));
    sample::bring(&mut s, sample::folder(patient, 2025));
    world.submitted(&s, &[audience.as_bytes()])?;
    Ok(s)
}

fn a_doctor_of_an_employer_sees_of_other_communities_what_is_for_such_doctors(
    form: Form,
) -> Result<()> {
    let (north, south) = (house(form)?, house(form)?);
    join(&north, &south, "南の地域連携")?;
    noticed(&north.renkei)?;
    let patient = north.patient();
    let (statutory, full) =
        (submitted(&south, &patient, "STAT")?, submitted(&south, &patient, "FULL")?);
    let home = south.home()?;
    let doctor = north.entitled("doctor", &["consumer"], &["--scope", "employer=KK-1"])?;
    let ask = |caller: &Caller, query: QueryBuilder| -> Result<QueryResponse> {
        caller.post(INITIATING, &message::query(&query.build()))?.query()
    };

    // Who sees the whole domain sees both, each in a folder.
    let all = || QueryBuilder::get_all(&patient, &AvailabilityStatus::ALL);
    let whole = ask(&north.consumer, all())?;
    ensure!(entries(&whole).len() == 2 && whole.objects.len() > 4, "{whole:?}");
    let found = ask(&doctor, all())?;
    ensure!(found.status == Status::Success && found.objects.len() == 1, "{found:?}");
    let ids =
        |r: &QueryResponse| -> Vec<_> { entries(r).iter().map(|e| e.unique_id.clone()).collect() };
    assert_eq!(ids(&found), [statutory.entries[0].unique_id.clone()]);

    // References are no way round.
    let find = || QueryBuilder::find_documents(&patient, &[AvailabilityStatus::Approved]);
    let referred = ask(&doctor, find().returning(ReturnType::ObjectRef))?;
    let entry = entries(&found)[0];
    let is_it = |object: &RegistryObject| matches!(object, RegistryObject::Ref(id, h) if *id == entry.id && h.as_ref() == Some(&home));
    ensure!(referred.objects.len() == 1 && is_it(&referred.objects[0]), "{referred:?}");
    let by_id = |s: &Submission| {
        let id = s.entries[0].unique_id.clone();
        QueryBuilder::get_documents_by_unique_id(&[id]).home(&home)
    };
    let hidden = ask(&doctor, by_id(&full))?;
    ensure!(hidden.status == Status::Success && hidden.objects.is_empty(), "{hidden:?}");

    // What may not be known of is retrieved as what does not exist.
    let repository = entry.repository.clone().context("no repository")?;
    let theirs = |unique_id| DocumentRequest {
        home: Some(home.clone()),
        repository: repository.clone(),
        unique_id,
    };
    let nothing = theirs(sample::new_unique_id());
    let requests = [
        theirs(statutory.entries[0].unique_id.clone()),
        theirs(full.entries[0].unique_id.clone()),
        nothing.clone(),
    ];
    let got = doctor.post(INITIATING, &message::retrieve(&requests))?.retrieved()?;
    ensure!(got.response.status == Status::PartialSuccess, "{got:?}");
    ensure!(got.documents.len() == 1 && got.documents[0].content == b"STAT", "{got:?}");
    let refused = named(&got.response.errors, "community-document-unknown")?;
    ensure!(refused.len() == 2 && refused[0].code == "XDSDocumentUniqueIdError", "{got:?}");
    let alike = |n: usize| refused[n].context.replace(requests[n + 1].unique_id.as_str(), "ID");
    assert_eq!(alike(0), alike(1));
    let got = retrieve(&north, &requests)?;
    ensure!(got.documents.len() == 2, "{got:?}");

    // A community that does not answer is named.
    drop(south);
    let got = doctor.post(INITIATING, &message::retrieve(&[nothing]))?.retrieved()?;
    ensure!(got.response.errors.len() == 1, "{got:?}");
    named(&got.response.errors, "community-unreachable")?;
    Ok(())
}
