//! A SubmissionSet without documents is sent, the program ends before it answers, and it is sent again:
//! whatever becomes of either, it succeeded once.

use super::*;
use renkei_metadata::model::Submission;
use renkei_tests::message;

#[test]
fn a_folder_that_is_sent_twice_succeeded_once_sqlite() {
    in_both_orders(Form { postgres: false, wired: false });
}

#[test]
fn a_folder_that_is_sent_twice_succeeded_once_sqlite_wired() {
    in_both_orders(Form { postgres: false, wired: true });
}

#[test]
fn a_folder_that_is_sent_twice_succeeded_once_postgres() {
    in_both_orders(Form { postgres: true, wired: false });
}

#[test]
fn a_folder_that_is_sent_twice_succeeded_once_postgres_wired() {
    in_both_orders(Form { postgres: true, wired: true });
}

fn in_both_orders(form: Form) {
    if !Form::all().contains(&form) {
        return;
    }
    for settled_before in [false, true] {
        succeeded_once(form, settled_before)
            .unwrap_or_else(|e| panic!("{form:?}, settled before: {settled_before}: {e:?}"));
    }
}

/// Repair finds both, or the second when it has settled the first.
fn succeeded_once(form: Form, settled_before: bool) -> Result<()> {
    let mut renkei = start(form).failpoint("repository.registered").go()?;
    let identity = identity(&renkei)?;
    let patient = sample::patient(&renkei.ready.assigning_authority);
    let mut folder = sample::submission(&patient, Vec::new());
    sample::bring(&mut folder, sample::folder(&patient, 2025));
    ends_with(&mut renkei, &identity, &folder).context("the first")?;

    // Repair would settle the first at once: it is late, or done.
    let late = |start: Start| match settled_before {
        true => start,
        false => start.set("repository.lease_seconds=600"),
    };
    let second = late(start(form)).failpoint("repository.content_stored");
    let mut renkei = second.go_in(renkei.into_place())?;
    if settled_before {
        whole::settled(renkei.place(), &renkei.settings(), REPAIR)?;
    }
    ends_with(&mut renkei, &identity, &folder).context("the second")?;

    let renkei = start(form).go_in(renkei.into_place())?;
    let counts = whole::settled(renkei.place(), &renkei.settings(), REPAIR)?;
    ensure!(counts.faults() == [0; 4], "{counts:?}");
    let set = folder.submission_set.unique_id.to_string();
    on_record(&renkei, "ITI-41", std::slice::from_ref(&set))?;
    let mut outcomes = outcomes(&renkei, &set)?;
    let until = Instant::now() + REPAIR;
    while outcomes.len() < 2 && Instant::now() < until {
        thread::sleep(Duration::from_millis(200));
        outcomes = self::outcomes(&renkei, &set)?;
    }
    // The failure of a repository that found out later (DICOM PS3.15 A.5.3: major failure).
    ensure!(outcomes == [0, 12], "{outcomes:?}");
    let mut peer = Peer::new(&renkei, &identity)?;
    let again = message::provide_and_register(&folder, &[]);
    let again = peer.post(REPOSITORY, &again)?.registry()?;
    ensure!(is_only(&again, "XDSDuplicateUniqueIdInRegistry"), "{again:?}");
    Ok(())
}

/// Sends it; the program ends over it.
fn ends_with(renkei: &mut Renkei, identity: &Path, folder: &Submission) -> Result<()> {
    let message = message::provide_and_register(folder, &[]);
    let answer = Peer::new(renkei, identity)?.post(REPOSITORY, &message);
    ensure!(answer.is_err(), "an answer");
    let status = renkei.wait(Duration::from_secs(10))?;
    ensure!(!status.success(), "ended with {status}");
    Ok(())
}

/// How the ITI-41 of a SubmissionSet ended, by the trail of the house.
fn outcomes(renkei: &Renkei, set: &str) -> Result<Vec<u8>> {
    let records = audit::list(&renkei.place().data_dir(), &renkei.settings())?;
    let is_of = |r: &audit::Record| {
        r.event_type.as_deref() == Some("ITI-41") && r.objects.iter().any(|o| o.id == set)
    };
    let mut outcomes: Vec<u8> = records.iter().filter(|r| is_of(r)).map(|r| r.outcome).collect();
    outcomes.sort_unstable();
    Ok(outcomes)
}
