//! What an inspection says of documents that are whole, gone, damaged or other than they were.

use crate::support::{Answer, House, change, literal};
use renkei_repository::inspect::{
    Condition, InspectedContent, InspectedSubmissions, Inspection, Kept,
};

const CHUNK: usize = 256 * 1024;

fn opened(house: &House) -> Inspection {
    let segments = house.dir.path().join("content");
    Inspection::open(house.test.url(), &segments, &house.keys).unwrap()
}

async fn contents(inspection: &Inspection) -> Vec<(String, bool, Condition)> {
    let (page, next) = inspection.contents(None).await.unwrap();
    assert!(inspection.contents(Some(next.unwrap())).await.unwrap().1.is_none());
    let fields = |c: InspectedContent| (c.name, c.settled, c.condition);
    let mut all: Vec<_> = page.into_iter().map(fields).collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn each_document_is_what_its_row_says() {
    for house in House::each() {
        let long = vec![7; 5 * CHUNK];
        house.submit(&[("2.999.1", b"a"), ("2.999.2", &long), ("2.999.3", b"b")]).await;
        let inspection = opened(&house);
        let whole = |id: &str| (id.to_owned(), true, Condition::Whole);
        let all = [whole("2.999.1"), whole("2.999.2"), whole("2.999.3")];
        assert_eq!(contents(&inspection).await, all, "beside a repository at work");
        let measures = inspection.kept(vec!["2.999.3".into(), "2.999.4".into()]).await.unwrap();
        assert!(matches!(&measures[0], Kept::Document(measures) if measures.size == 1));
        assert_eq!(measures[1], Kept::Nothing);

        let database = house.repository.database();
        for (id, other) in [
            (1, format!("sha1 = {}", literal(database, &[0; 20]))),
            (2, "key_name = 'lost'".to_owned()),
            (3, "chunks = 0".to_owned()),
        ] {
            change(database, format!("UPDATE content SET {other} WHERE unique_id = '2.999.{id}'"))
                .await;
        }
        let mut conditions: Vec<Condition> =
            contents(&inspection).await.into_iter().map(|c| c.2).collect();
        conditions.sort_by_key(|c| format!("{c:?}"));
        let expected = [Condition::Mismatched, Condition::Unreadable, Condition::Unreadable];
        assert_eq!(conditions, expected);
        inspection.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_settled_is_counted_and_opened() {
    for house in House::each() {
        house.answer(Answer::Silence);
        house.submit(&[("2.999.1", b"a")]).await;
        let inspection = opened(&house);
        let expected = InspectedSubmissions { unsettled: 1, unreadable: Vec::new() };
        assert_eq!(inspection.submissions().await.unwrap(), expected);
        let all = [("2.999.1".to_owned(), false, Condition::Whole)];
        assert_eq!(contents(&inspection).await, all);
        change(house.repository.database(), "UPDATE submission SET set_id = 'no set'").await;
        let found = inspection.submissions().await.unwrap();
        assert_eq!((found.unsettled, found.unreadable.len()), (1, 1));
        inspection.close().await;
    }
}
