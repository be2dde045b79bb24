//! What an administrator changes and removes.

use crate::documents::{
    ELSEWHERE, FILED, REMOVED, REPLACEMENT, link_number, registered, request, set_number,
    submission_set,
};
use crate::house::{patient, uuid};
use crate::messages::Example;
use renkei_metadata::model::{AvailabilityStatus, LocalizedText, Submission};
use renkei_metadata::update::Propagation;
use renkei_xds::transaction::{ITI_57, ITI_62, ITI_86, ITI_92, Transaction};
use renkei_xds::update::UpdateBuilder;
use renkei_xds::{iti42, iti62, iti86};

/// A document under another title.
fn titled(set: u32, number: u32, title: &str) -> Submission {
    let patient = patient(1001);
    let mut entry = registered(number, &patient);
    entry.title = Some(LocalizedText::ja(title));
    let update = UpdateBuilder::new(submission_set(set, &patient));
    let update = update.entry(entry, Propagation::Yes).expect("a registered entry");
    update.build().message()
}

/// A document that counts no longer.
fn deprecated(set: u32, number: u32) -> Submission {
    let (approved, deprecated) = (AvailabilityStatus::Approved, AvailabilityStatus::Deprecated);
    let update = UpdateBuilder::new(submission_set(set, &patient(1001)));
    update.status(uuid(number), approved, deprecated).build().message()
}

fn update(
    transaction: &'static Transaction,
    name: &str,
    about: [&str; 2],
    update: &Submission,
) -> Example {
    Example::soap(transaction, name, about, &[], |w| iti42::write_request(w, update))
}

/// ITI-57 and ITI-92.
pub(crate) fn updated() -> Vec<Example> {
    vec![
        update(
            &ITI_57,
            "iti-57/title",
            ["文書の標題の変更(新しい版)", "another title: a new version of the entry"],
            &titled(10, FILED, "訂正した標題"),
        ),
        update(
            &ITI_57,
            "iti-57/status",
            ["文書を非推奨にする", "deprecates a document"],
            &deprecated(11, ELSEWHERE),
        ),
        update(
            &ITI_92,
            "iti-92/title",
            ["制限付きの更新による標題の変更", "another title, by a restricted update"],
            &titled(12, REPLACEMENT, "制限付きの更新による標題"),
        ),
    ]
}

/// ITI-62 and ITI-86.
pub(crate) fn removed() -> Vec<Example> {
    let objects = [uuid(set_number(3)), uuid(REMOVED), uuid(link_number(3, 1))];
    let documents = [request(REMOVED)];
    vec![
        Example::soap(
            &ITI_62,
            "iti-62/submission",
            ["1回の登録のメタデータをすべて削除", "removes the metadata of a whole submission"],
            &[],
            |w| iti62::write_request(w, &objects),
        ),
        Example::soap(
            &ITI_86,
            "iti-86/document",
            ["その文書の消去", "erases its document"],
            &[],
            |w| iti86::write_request(w, &documents),
        ),
    ]
}
