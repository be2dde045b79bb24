//! ITI-57.

use super::*;

on_every_database! {
    nist_15800_a_document_is_updated
    nist_15801_every_attribute_is_updated
    nist_15802_a_document_is_deprecated_and_approved_again
    nist_20000_a_folder_is_updated
    nist_20001_an_association_is_submitted_deprecated_and_approved_again
    nist_20002_the_syntax_of_operations
    nist_20003_20004_an_update_and_a_status_in_one_request
    nist_20005_20006_an_association_beside_other_operations
    nist_20007_two_updates_of_one_logical_object
    nist_20008_a_membership_that_exists
    nist_20100_relationships_over_two_patients
    nist_21000_an_update_through_iti_42
    nist_21001_the_status_of_a_submission_set
    nist_21002_21003_another_patient
    nist_21004_deprecated_ends
    others_may_not_update
    answers_are_valid_and_contents_stay
}

fn nist_15800_a_document_is_updated(w: &World) -> Result<()> {
    let admin = Admin::of(w);
    let (patient, first) = admin.document()?;
    let mut changed = first.clone();
    changed.title = Some(LocalizedText::ja("訂正された標題"));
    let update = of(&patient, &changed)?.build();
    ensure!(admin.send(&update)?.status == Status::Success);
    let found = admin.versions(&patient)?;
    ensure!(found.len() == 2, "{found:#?}");
    let expected = DocumentEntry { status: Some(DEPRECATED), ..first.clone() };
    assert_eq!(found[0], expected);
    let expected = DocumentEntry { id: found[1].id.clone(), version: Some(2), ..changed };
    assert_eq!(found[1], expected);
    let brought = admin.brought(&update)?;
    ensure!(associations(&brought).iter().any(|a| a.previous_version == Some(1)));

    // 15800b: no original.
    let stray = DocumentEntry { lid: Some(EntryUuid(Uuid::new_v4())), ..first.clone() };
    admin.refused(&of(&patient, &stray)?.build(), VERSION)?;
    // 15800c: an initial version.
    let mut initial = of(&patient, &found[1])?.build().message();
    initial.entries[0].lid = None;
    admin.refused_message(&initial, UPDATE)?;
    // 15800d: incomplete metadata.
    let incomplete = DocumentEntry { class_code: None, ..found[1].clone() };
    admin.refused(&of(&patient, &incomplete)?.build(), METADATA)?;
    // 15800e: an older PreviousVersion.
    let older = DocumentEntry { version: Some(1), ..found[1].clone() };
    admin.refused(&of(&patient, &older)?.build(), VERSION)?;
    ensure!(admin.versions(&patient)? == found);
    Ok(())
}

fn nist_15801_every_attribute_is_updated(w: &World) -> Result<()> {
    let admin = Admin::of(w);
    let (patient, mut entry) = admin.document()?;
    for (attribute, change) in CHANGES {
        change(&mut entry);
        admin.done(of(&patient, &entry)?).with_context(|| (*attribute).to_owned())?;
        let found = admin.newest(&patient)?;
        (entry.id, entry.version) = (found.id.clone(), found.version);
        assert_eq!(found, entry, "{attribute}");
    }
    Ok(())
}

fn nist_15802_a_document_is_deprecated_and_approved_again(w: &World) -> Result<()> {
    let admin = Admin::of(w);
    let (patient, first) = admin.document()?;
    let id = id_of(&first.id)?;
    admin.done(by(&patient).status(id, APPROVED, DEPRECATED))?;
    ensure!(admin.newest(&patient)?.status == Some(DEPRECATED));
    admin.done(by(&patient).status(id, DEPRECATED, APPROVED))?;
    ensure!(admin.newest(&patient)?.status == Some(APPROVED));
    // 15802b: of an older version.
    admin.done(of(&patient, &first)?)?;
    admin.refused(&by(&patient).status(id, DEPRECATED, APPROVED).build(), UPDATE)
}

fn nist_20000_a_folder_is_updated(w: &World) -> Result<()> {
    let admin = Admin::of(w);
    let patient = w.patient();
    // 20000d, 20000e: with and without association propagation.
    for (propagation, count) in [(Propagation::Yes, 1), (Propagation::No, 0)] {
        let filed = admin.filed(&patient)?;
        let mut changed = filed.folder.clone();
        changed.title = Some(LocalizedText::ja("新しい標題"));
        let update = by(&patient).folder(changed, propagation)?.build();
        ensure!(admin.send(&update)?.status == Status::Success);
        let brought = admin.brought(&update)?;
        let new = objects(&brought, |o| match o {
            RegistryObject::Folder(f) => Some((**f).clone()),
            _ => None,
        });
        let new = new.first().context("no new version")?;
        ensure!(new.version == Some(2) && new.lid == filed.folder.lid, "{new:?}");
        let query = QueryBuilder::new(renkei_xds::catalogue::GET_DOCUMENTS)
            .set("$XDSDocumentEntryEntryUUID", [filed.document.id.to_string()]);
        ensure!(w.query(&all_versions(query))?.objects.len() == 1);
        let members = associations(&brought).into_iter().filter(|a| a.source == new.id).count();
        ensure!(members <= count, "{members} members with {propagation:?}");
    }
    let filed = admin.filed(&patient)?;
    let message = || -> Result<Submission> {
        Ok(by(&patient).folder(filed.folder.clone(), Propagation::Yes)?.build().message())
    };
    // 20000b: an original submission.
    let mut original = message()?;
    original.folders[0].lid = None;
    admin.refused_message(&original, UPDATE)?;
    // 20000c: another version.
    let mut other = message()?;
    member(&mut other)?.previous_version = Some(5);
    admin.refused_message(&other, VERSION)?;
    // 20000f: incomplete.
    let mut incomplete = message()?;
    incomplete.folders[0].codes.clear();
    admin.refused_message(&incomplete, METADATA)
}

fn nist_20001_an_association_is_submitted_deprecated_and_approved_again(w: &World) -> Result<()> {
    let admin = Admin::of(w);
    let (patient, a) = admin.document()?;
    let b = admin.document_of(&patient)?;
    // Its id is chosen by the sender, and stays.
    let id = EntryUuid(Uuid::new_v4());
    let apnd = by(&patient).association(link(AssociationType::Apnd, &a.id, &b.id));
    let mut update = apnd.build().message();
    let symbol = update.associations[0].id.clone();
    for association in &mut update.associations {
        for named in [&mut association.id, &mut association.target] {
            if *named == symbol {
                *named = ObjectId::Uuid(id);
            }
        }
    }
    let message = message::update_message(&update);
    let response = admin.caller.post(REGISTRY, &message)?.registry()?;
    ensure!(response.status == Status::Success, "{response:#?}");
    admin.done(by(&patient).status(id, APPROVED, DEPRECATED))?;
    admin.done(by(&patient).status(id, DEPRECATED, APPROVED))?;
    let invalid = by(&patient).association(link(AssociationType::HasMember, &a.id, &b.id));
    admin.refused(&invalid.build(), METADATA)
}

fn nist_20002_the_syntax_of_operations(w: &World) -> Result<()> {
    let admin = Admin::of(w);
    let (patient, entry) = admin.document()?;
    let id = id_of(&entry.id)?;
    let slots: [fn(&mut Vec<ExtraSlot>); 6] = [
        |s| s.clear(),
        |s| s.truncate(1),
        |s| s[0].values.push(DEPRECATED.urn().to_owned()),
        |s| s[1].values = vec!["Withdrawn".to_owned()],
        |s| s.push(slot("urn:x-kenshin:a", &["b"])),
        |s| s[1] = slot("NewStatus", &[APPROVED.urn()]),
    ];
    for change in slots {
        let mut m = by(&patient).status(id, APPROVED, DEPRECATED).build().message();
        change(&mut m.associations[0].extra);
        admin.refused_message(&m, OPERATION)?;
    }
    // 20002b: of a new version.
    let members: [fn(&mut Association); 6] = [
        |a| a.previous_version = None,
        |a| a.submission_set_status = None,
        |a| a.extra = vec![slot("AssociationPropagation", &["perhaps"])],
        |a| a.extra = vec![slot("AssociationPropagation", &["yes", "no"])],
        |a| a.extra = vec![slot("urn:x-kenshin:a", &["b"])],
        |a| a.extra = vec![slot("NewStatus", &[APPROVED.urn()])],
    ];
    for change in members {
        let mut m = of(&patient, &entry)?.build().message();
        change(member(&mut m)?);
        admin.refused_message(&m, OPERATION)?;
    }
    Ok(())
}

fn nist_20003_20004_an_update_and_a_status_in_one_request(w: &World) -> Result<()> {
    let admin = Admin::of(w);
    let (patient, entry) = admin.document()?;
    let id = id_of(&entry.id)?;
    admin.refused(&of(&patient, &entry)?.status(id, DEPRECATED, APPROVED).build(), UPDATE)?;
    admin.done(of(&patient, &entry)?.status(id, APPROVED, DEPRECATED))?;
    let found = admin.newest(&patient)?;
    ensure!((found.version, found.status) == (Some(2), Some(DEPRECATED)), "{found:?}");

    let filed = admin.filed(&patient)?;
    let folder = || by(&patient).folder(filed.folder.clone(), Propagation::Yes);
    let id = id_of(&filed.folder.id)?;
    admin.refused(&folder()?.status(id, DEPRECATED, APPROVED).build(), UPDATE)?;
    admin.done(folder()?.status(id, APPROVED, DEPRECATED))
}

fn nist_20005_20006_an_association_beside_other_operations(w: &World) -> Result<()> {
    let admin = Admin::of(w);
    let (patient, a) = admin.document()?;
    let b = admin.document_of(&patient)?;
    let apnd = || link(AssociationType::Apnd, &a.id, &b.id);
    let both = by(&patient).association(apnd()).status(id_of(&b.id)?, APPROVED, DEPRECATED);
    admin.done(both)?;
    admin.done(by(&patient).status(id_of(&b.id)?, DEPRECATED, APPROVED))?;
    // 20006: with an update that propagates.
    let signs = link(AssociationType::Signs, &a.id, &b.id);
    admin.refused(&of(&patient, &a)?.association(signs.clone()).build(), OPERATION)?;
    admin.refused(&of(&patient, &b)?.association(signs).build(), OPERATION)
}

fn nist_20007_two_updates_of_one_logical_object(w: &World) -> Result<()> {
    let admin = Admin::of(w);
    let (patient, entry) = admin.document()?;
    let twice = of(&patient, &entry)?.entry(entry, Propagation::Yes)?.build();
    admin.refused(&twice, OPERATION)
}

fn nist_20008_a_membership_that_exists(w: &World) -> Result<()> {
    let admin = Admin::of(w);
    let patient = w.patient();
    let filed = admin.filed(&patient)?;
    let again = link(AssociationType::HasMember, &filed.folder.id, &filed.document.id);
    admin.refused(&by(&patient).association(again.clone()).build(), UPDATE)?;
    // After the first was deprecated it is submitted again.
    admin.done(by(&patient).status(id_of(&filed.member.id)?, APPROVED, DEPRECATED))?;
    admin.done(by(&patient).association(again))
}

fn nist_20100_relationships_over_two_patients(w: &World) -> Result<()> {
    let admin = Admin::of(w);
    let ((p, a), (_, b)) = (admin.document()?, admin.document()?);
    let apnd = link(AssociationType::Apnd, &a.id, &b.id);
    admin.refused(&by(&p).association(apnd).build(), PATIENT)?;
    let filed = admin.filed(&p)?;
    let member = link(AssociationType::HasMember, &filed.folder.id, &b.id);
    admin.refused(&by(&p).association(member).build(), PATIENT)
}

fn nist_21000_an_update_through_iti_42(w: &World) -> Result<()> {
    let admin = Admin::of(w);
    let (patient, entry) = admin.document()?;
    let update = of(&patient, &entry)?.build().message();
    refused(&w.register(&update)?, METADATA)?;
    let status = by(&patient).status(id_of(&entry.id)?, APPROVED, DEPRECATED).build().message();
    refused(&w.register(&status)?, METADATA)
}

fn nist_21001_the_status_of_a_submission_set(w: &World) -> Result<()> {
    let admin = Admin::of(w);
    let patient = w.patient();
    let sent = sample::one(&patient, b"x");
    w.submitted(&sent, &[b"x"])?;
    let set = &sent.submission_set.unique_id;
    let query = QueryBuilder::get_submission_set_and_contents_by_unique_id(set).build();
    let member = associations(&w.query(&query)?).into_iter().next().context("no member")?;
    for id in [member.source, member.id] {
        let update = by(&patient).status(id_of(&id)?, APPROVED, DEPRECATED);
        admin.refused(&update.build(), UPDATE)?;
    }
    Ok(())
}

fn nist_21002_21003_another_patient(w: &World) -> Result<()> {
    let admin = Admin::of(w);
    let (p, entry) = admin.document()?;
    let (q, _) = admin.document()?;
    let moved = DocumentEntry { patient_id: Some(q.clone()), ..entry.clone() };
    admin.done(of(&q, &moved)?)?;
    let of_p = admin.versions(&p)?;
    let of_q: Vec<_> = admin.versions(&q)?.into_iter().filter(|e| e.lid == entry.lid).collect();
    ensure!((of_p.len(), of_q.len()) == (1, 1), "{of_p:?} {of_q:?}");
    let ids = [id_of(&of_p[0].id)?, id_of(&of_q[0].id)?];
    let both = || QueryBuilder::get_documents(&ids);
    let answer = w.query(&all_versions(both()))?;
    ensure!(answer.errors[0].code == "XDSResultNotSinglePatient", "{answer:?}");
    let references = w.query(&all_versions(both().returning(ReturnType::ObjectRef)))?;
    ensure!(references.objects.len() == 2);

    let filed = admin.filed(&p)?;
    let folder = Folder { patient_id: Some(q.clone()), ..filed.folder.clone() };
    let alone = by(&q).folder(folder.clone(), Propagation::Yes)?.build();
    admin.refused(&alone, PATIENT)?;
    admin.done(by(&q).folder(folder, Propagation::No)?)
}

fn nist_21004_deprecated_ends(w: &World) -> Result<()> {
    let admin = Admin::of(w);
    let (patient, a) = admin.document()?;
    let b = admin.document_of(&patient)?;
    let update = || by(&patient).association(link(AssociationType::Apnd, &a.id, &b.id));
    for id in [id_of(&a.id)?, id_of(&b.id)?] {
        admin.done(by(&patient).status(id, APPROVED, DEPRECATED))?;
    }
    for id in [id_of(&a.id)?, id_of(&b.id)?] {
        admin.refused(&update().build(), UPDATE)?;
        admin.done(by(&patient).status(id, DEPRECATED, APPROVED))?;
    }
    admin.done(update())
}

fn others_may_not_update(w: &World) -> Result<()> {
    let admin = Admin::of(w);
    let (patient, entry) = admin.document()?;
    let update = of(&patient, &entry)?.build();
    for caller in [&w.consumer, &w.source, &w.repository, &w.feed] {
        for message in [message::update(&update), message::update_restricted(&update)] {
            fault(&caller.post(REGISTRY, &message)?, FaultCode::Sender)?;
        }
    }
    let name = format!("gateway-{}", Uuid::new_v4().simple());
    let gateway = w.caller(&name, &["gateway"])?;
    fault(&gateway.post(REGISTRY, &message::update(&update))?, FaultCode::Sender)?;
    ensure!(admin.versions(&patient)? == [entry]);
    Ok(())
}

fn answers_are_valid_and_contents_stay(w: &World) -> Result<()> {
    let admin = Admin::of(w);
    let patient = w.patient();
    w.submitted(&sample::one(&patient, b"content"), &[b"content"])?;
    let entry = admin.newest(&patient)?;
    let mut changed = entry.clone();
    changed.confidentiality_codes.truncate(1);
    let reply = admin.caller.post(REGISTRY, &message::update(&of(&patient, &changed)?.build()))?;
    reply.valid_by("ebRS30/rs.xsd")?;
    let action = reply.addressing()?.action;
    ensure!(action == "urn:ihe:iti:2010:UpdateDocumentSetResponse", "{action}");
    ensure!(w.content(&entry.unique_id)? == b"content");
    let query = all_versions(QueryBuilder::find_documents(&patient, &AvailabilityStatus::ALL));
    let reply = w.consumer.post(REGISTRY, &message::query(&query))?;
    reply.valid_by("ebRS30/query.xsd")
}
