//! Two registries on one database update at once.

use super::*;
use crate::Registry;

const ROUNDS: usize = 8;

/// Sends both at once, one at each registry, and tells the first code of each refusal, sorted.
async fn both(w: &World, other: &Registry, updates: [UpdateBuilder; 2]) -> [Option<String>; 2] {
    let [a, b] = updates.map(|u| update::read(Checked::good(u.build().message()), Form::Full));
    let (c, d) = (ctx(), ctx());
    let (a, b) = tokio::join!(w.registry.update(&c, a), other.update(&d, b));
    let mut codes = [a, b].map(|r| r.errors.into_iter().next().map(|e| e.code));
    codes.sort();
    codes
}

#[tokio::test]
async fn of_two_updates_of_one_version_one_wins() {
    for (w, other) in World::each().into_iter().map(World::beside) {
        for round in 0..ROUNDS {
            let p = patient(&format!("race{round}"));
            let document = registered(&w, &p).await;
            let ends = both(&w, &other, [of(&p, document.clone()), of(&p, document.clone())]).await;
            assert_eq!(ends, [None, Some("XDSMetadataVersionError".to_owned())]);
            let versions: Vec<_> = documents(&w, &p).await.iter().map(|e| e.version).collect();
            assert_eq!(versions, [Some(1), Some(2)]);
        }
    }
}

/// To two other patients, so that no lock on these puts them in order.
#[tokio::test]
async fn a_document_goes_to_one_patient_only() {
    for (w, other) in World::each().into_iter().map(World::beside) {
        for round in 0..ROUNDS {
            let [p, q, r] = ["p", "q", "r"].map(|n| patient(&format!("{n}{round}")));
            let document = registered(&w, &p).await;
            let to = |patient: &PatientId| {
                of(patient, DocumentEntry { patient_id: Some(patient.clone()), ..document.clone() })
            };
            let ends = both(&w, &other, [to(&q), to(&r)]).await;
            assert_eq!(ends, [None, Some("XDSMetadataVersionError".to_owned())]);
        }
    }
}

/// Each update names the other's documents in opposite order.
#[tokio::test]
async fn exchanges_between_two_patients_end() {
    for (w, other) in World::each().into_iter().map(World::beside) {
        for round in 0..ROUNDS {
            let [p, q] = ["p", "q"].map(|n| patient(&format!("{n}{round}")));
            let (a, b) = (registered(&w, &p).await, registered(&w, &q).await);
            let to = |e: &DocumentEntry, patient: &PatientId| {
                of(patient, DocumentEntry { patient_id: Some(patient.clone()), ..e.clone() })
            };
            assert_eq!(both(&w, &other, [to(&a, &q), to(&b, &p)]).await, [None, None]);
        }
    }
}

#[tokio::test]
async fn a_status_changes_once() {
    for (w, other) in World::each().into_iter().map(World::beside) {
        for round in 0..ROUNDS {
            let p = patient(&format!("race{round}"));
            let id = registered(&w, &p).await.id.uuid().unwrap();
            let deprecate = || by(&p).status(id, APPROVED, DEPRECATED);
            let ends = both(&w, &other, [deprecate(), deprecate()]).await;
            assert_eq!(ends, [None, Some("XDSMetadataUpdateError".to_owned())]);
        }
    }
}
