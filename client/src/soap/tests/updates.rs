//! Metadata updates, as a Document Administrator sends them.

use super::{Bench, ended, simple, submission};
use renkei_atna::record::{Action, Outcome};
use renkei_metadata::ids::EntryUuid;
use renkei_metadata::model::AvailabilityStatus;
use renkei_metadata::update::Update;
use renkei_xds::response::Status;
use renkei_xds::transaction::{ITI_57, ITI_92, Transaction};
use renkei_xds::update::UpdateBuilder;
use uuid::Uuid;

fn update() -> Update {
    let [original, new] = AvailabilityStatus::ALL;
    let target = EntryUuid(Uuid::from_u128(5));
    UpdateBuilder::new(submission().submission_set).status(target, original, new).build()
}

#[tokio::test]
async fn an_update_is_sent_answered_and_recorded() {
    let transactions: [&'static Transaction; 2] = [&ITI_57, &ITI_92];
    for transaction in transactions {
        let bench = Bench::new(move |request| {
            simple(transaction, request, |w| ended(Status::Success, &[]).write(w))
        })
        .await;
        let url = bench.server.url();
        let answer = match transaction.id {
            "ITI-57" => bench.client.update(&url, &update()).await,
            _ => bench.client.update_restricted(&url, &update()).await,
        };
        assert_eq!(answer.unwrap().status, Status::Success);
        let request = bench.requests.lock().unwrap().pop().unwrap();
        let text = String::from_utf8(request.body).unwrap();
        assert!(text.contains(transaction.request_action), "{text}");
        let record = bench.record();
        assert_eq!((record.outcome, record.action), (Outcome::Success, Action::Update));
        let code = record.event_type.as_ref().map(|t| t.code.as_ref());
        assert_eq!(code, Some(transaction.id));
        let ids: Vec<&str> = record.objects.iter().map(|o| o.id.as_str()).collect();
        assert_eq!(ids, ["P1^^^&1.2.3&ISO", "1.2.3.4"]);
    }
}
