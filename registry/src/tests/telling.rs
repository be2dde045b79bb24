//! What the feed brought, for who keeps the persons.

use super::feeding::{feed, link, merge};
use super::world::{AUTHORITY, World, ctx};
use crate::store::news::BATCH_BYTES;
use crate::{Batch, News};
use diesel::RunQueryDsl;
use renkei_database::{DatabaseError, Db};
use renkei_hl7v2::adt::PatientFeed;

#[tokio::test]
async fn what_was_carried_out_is_told_until_it_was_taken() {
    for w in World::each() {
        let own = |id: &str| format!("{id}^^^&{AUTHORITY}&ISO");
        let tell = async |feed: &PatientFeed, message: &str| {
            w.registry.feed_and_tell(&ctx(), feed, message.as_bytes()).await
        };
        tell(&feed("A04", &own("1")), "first").await.unwrap();
        tell(&feed("A08", &own("1")), "second").await.unwrap();
        tell(&merge("1", "2"), "third").await.unwrap();
        tell(&merge("1", "2"), "again").await.unwrap();
        tell(&feed("A04", &own("3")), "fourth").await.unwrap();
        tell(&link(["3", "2"], "9", None), "fifth").await.unwrap();
        w.registry.feed(&ctx(), &feed("A04", &own("4"))).await.unwrap();
        let news = async |most| w.registry.news(most, chrono::Utc::now()).await.unwrap();
        let told = news(10).await;
        assert_eq!(words(&told), ["first", "second", "third", "again", "fourth", "fifth"]);
        assert!(told.is_last);
        let some = news(2).await;
        assert_eq!((some.news.len(), some.is_last), (2, false));
        let five = told.news.iter().take(5).map(|news| news.key).collect();
        w.registry.news_told(five).await.unwrap();
        assert_eq!(words(&news(10).await), ["fifth"]);
    }
}

#[tokio::test]
async fn who_is_named_by_others_alone_is_told_and_not_kept() {
    for w in World::each() {
        let other = feed("A04", "7^^^&2.999.77&ISO");
        let refused = w.registry.feed(&ctx(), &other).await.unwrap_err();
        assert_eq!(refused.problems[0].code.entry().0, 204, "nobody here keeps it");
        w.registry.feed_and_tell(&ctx(), &other, b"told").await.unwrap();
        let told = w.registry.news(10, chrono::Utc::now()).await.unwrap();
        assert_eq!(words(&told), ["told"]);
    }
}

/// The messages of news; a dash for one that does not open.
fn words(batch: &Batch) -> Vec<&str> {
    batch.news.iter().map(word).collect()
}

fn word(news: &News) -> &str {
    news.message.as_deref().map_or("-", |message| std::str::from_utf8(message).unwrap())
}

async fn tell(w: &World, messages: &[&str]) {
    for message in messages {
        let known = feed("A04", &format!("1^^^&{AUTHORITY}&ISO"));
        w.registry.feed_and_tell(&ctx(), &known, message.as_bytes()).await.unwrap();
    }
}

#[tokio::test]
async fn news_that_cannot_be_told_hold_up_no_others_and_stay() {
    for w in World::each() {
        tell(&w, &["first", "second", "third"]).await;
        // The octets of the first under the name of the second.
        let sql = "UPDATE news SET message = (SELECT n.message FROM news n ORDER BY n.key LIMIT 1) \
                   WHERE key = (SELECT n.key FROM news n ORDER BY n.key LIMIT 1 OFFSET 1)";
        let spoil = move |db: &mut Db| Ok::<_, DatabaseError>(diesel::sql_query(sql).execute(db)?);
        w.registry.database().write(spoil).await.unwrap();
        let now = chrono::Utc::now();
        let (before, after) =
            (now - chrono::TimeDelta::hours(1), now + chrono::TimeDelta::hours(1));
        let told = w.registry.news(10, before).await.unwrap();
        assert_eq!(words(&told), ["first", "-", "third"]);
        w.registry.news_failed(vec![told.news[1].key], now).await.unwrap();
        let rested = w.registry.news(10, before).await.unwrap();
        assert_eq!((words(&rested), rested.is_last), (vec!["first", "third"], true));
        assert_eq!(w.registry.news_failing().await.unwrap(), 1);
        // After its rest it is told again, in its place.
        assert_eq!(words(&w.registry.news(10, after).await.unwrap()), ["first", "-", "third"]);
    }
}

#[tokio::test]
async fn no_more_news_are_in_memory_than_it_shall_hold() {
    for w in World::each() {
        // No segments, so that all of it is kept.
        let long = "x".repeat(BATCH_BYTES / 2);
        let longest = "y".repeat(BATCH_BYTES + 1);
        tell(&w, &[&long, "second", &longest, &long, &long]).await;
        let mut counts = Vec::new();
        loop {
            let told = w.registry.news(10, chrono::Utc::now()).await.unwrap();
            counts.push(told.news.len());
            w.registry.news_told(told.news.iter().map(|news| news.key).collect()).await.unwrap();
            if told.is_last {
                break;
            }
        }
        // A seal makes each a little longer.
        assert_eq!(counts, [2, 1, 1, 1]);
    }
}

#[tokio::test]
async fn what_a_message_says_beside_persons_is_not_kept_for_them() {
    for w in World::each() {
        let message = "MSH|^~\\&|A\rPID|||1\rOBX|1|TX|||HbA1c\r";
        tell(&w, &[message]).await;
        let told = w.registry.news(1, chrono::Utc::now()).await.unwrap();
        assert_eq!(words(&told), ["MSH|^~\\&|A\rPID|||1\r"]);
    }
}
