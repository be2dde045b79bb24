//! The program ends while a patient is announced: who was acknowledged is known afterwards, and whoever was not
//! can be announced again.

use super::*;
use renkei_hl7v2::ack;
use renkei_hl7v2::adt::{self, A04, PersonName};
use renkei_hl7v2::msh::Stamp;
use renkei_tests::mllp::Feed;
use renkei_tests::wire;

pub(super) fn ends_at(start: impl Fn() -> Start, step: &str) -> Result<()> {
    let policy = "patient.policy=known-only";
    let mut renkei = start().set(policy).failpoint(step).go()?;
    let identity = identity(&renkei)?;
    let connector = wire::connector(&renkei.ready.ca, Some(&identity))?;
    let announce = |renkei: &Renkei, patient: &PatientId| {
        let mut feed = Feed::connect(&connector, feed_port(renkei)?)?;
        let answer = feed.send(&announcement(patient))?;
        ensure!(ack::read(answer.as_bytes())?.is_accepted(), "{answer}");
        Ok(())
    };
    let patients: Vec<PatientId> =
        (0..4).map(|_| sample::patient(&renkei.ready.assigning_authority)).collect();
    let mut known = 0;
    while known < patients.len() && announce(&renkei, &patients[known]).is_ok() {
        known += 1;
    }
    ensure!(known > 0 && known < patients.len(), "{known} announced");
    renkei.wait(Duration::from_secs(10))?;
    let renkei = start().set(policy).go_in(renkei.into_place())?;
    let mut peer = Peer::new(&renkei, &identity)?;
    for patient in &patients[..known] {
        let answer = peer.submit(&DocumentSet::of(patient, &[1_000]))?;
        ensure!(answer.status == Status::Success, "an acknowledged patient: {answer:?}");
    }
    let interrupted = &patients[known];
    let answer = peer.submit(&DocumentSet::of(interrupted, &[1_000]))?;
    let unknown = is_only(&answer, "XDSUnknownPatientId");
    ensure!(unknown || answer.status == Status::Success, "{answer:?}");
    announce(&renkei, interrupted).context("the same patient again")?;
    let answer = peer.submit(&DocumentSet::of(interrupted, &[1_000]))?;
    ensure!(answer.status == Status::Success, "{answer:?}");
    Ok(())
}

fn feed_port(renkei: &Renkei) -> Result<u16> {
    let endpoint = renkei.ready.endpoints.patient_feed.as_deref().context("no feed")?;
    Ok(endpoint.rsplit_once(':').context("no port")?.1.parse()?)
}

/// ADT^A04.
fn announcement(patient: &PatientId) -> Vec<u8> {
    let name =
        PersonName {
            family: "試験".to_owned(), given: "花子".to_owned(), representation: None
        };
    adt::write_a04(&A04 {
        stamp: Stamp::new(chrono::Utc::now(), uuid::Uuid::new_v4()),
        sending_application: "TEST".to_owned(),
        sending_facility: "TEST".to_owned(),
        receiving_application: "RENKEI".to_owned(),
        receiving_facility: "RENKEI".to_owned(),
        patient: patient.clone(),
        names: vec![name],
        birth_date: None,
        sex: None,
    })
}
