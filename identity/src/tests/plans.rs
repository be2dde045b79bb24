//! Every statement finds its rows by an index, whatever the number of records.

use super::links::COMPANY;
use super::order::of;
use super::records::{CLINIC, hers, local};
use super::{INSURED, World, hanako, id, insured, living, numbered, phone, worlds};
use crate::{Cursor, Decision, IdentityError, Place, RuleBook, Search};
use chrono::Utc;
use diesel::connection::{Connection, InstrumentationEvent, SimpleConnection};
use futures_util::future::join_all;
use renkei_database::{Db, Dialect, each, explain_on};
use renkei_person::{Birth, Merge};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const RECORDS: usize = 20_000;

/// Many records: copies of a few.
fn fill(dialect: Dialect) -> Vec<String> {
    let (series, hash) = match dialect {
        Dialect::Sqlite => (
            "WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < $N)",
            "CAST('h' || i AS BLOB)",
        ),
        Dialect::Postgres => (
            "WITH n(i) AS (SELECT * FROM generate_series(1000, $N))",
            "convert_to('h' || i, 'UTF8')",
        ),
    };
    let series = series.replace("$N", &RECORDS.to_string());
    let one = "(SELECT sealed FROM person ORDER BY key LIMIT 1)";
    let mut all = vec![
        format!(
            "INSERT INTO person (key, id_hash, survivor, told, sealed, is_home, cluster, epoch) {series} SELECT i, {hash}, i, 0, {one}, TRUE, i, 1 FROM n"
        ),
        format!("INSERT INTO lead (hash, person_key) {series} SELECT {hash}, i FROM n"),
        format!("INSERT INTO clue (hash, person_key) {series} SELECT {hash}, i FROM n"),
        format!("INSERT INTO known_as (cluster, sealed) {series} SELECT i, {hash} FROM n"),
        format!("INSERT INTO changed (key, at, sealed) {series} SELECT i, 0, {hash} FROM n"),
        format!("INSERT INTO domain (oid) {series} SELECT '2.999.5.' || i FROM n"),
        format!(
            "INSERT INTO pair (low, high, told, line, score, decided, waiting, sealed) {series} SELECT i, i + 1, 0, 1, 0, NULL, CASE WHEN i % 2 = 0 THEN i END, {hash} FROM n WHERE i < {RECORDS}"
        ),
    ];
    all.push("ANALYZE".to_owned());
    all
}

impl World {
    /// Has every connection write down the statements that it runs.
    async fn listen(&self) -> Arc<Mutex<BTreeSet<String>>> {
        let seen: Arc<Mutex<BTreeSet<String>>> = Arc::default();
        let listen = |seen: &Arc<Mutex<BTreeSet<String>>>| {
            let seen = Arc::clone(seen);
            move |db: &mut Db| {
                let seen = Arc::clone(&seen);
                each!(db, |c| c.set_instrumentation(move |event: InstrumentationEvent<'_>| {
                    if let InstrumentationEvent::StartQuery { query, .. } = event {
                        let text = query.to_string();
                        let sql = text.split(" -- binds").next().unwrap_or_default();
                        seen.lock().unwrap().insert(sql.to_owned());
                    }
                }));
                Ok::<_, IdentityError>(())
            }
        };
        let database = self.identity.database();
        // More than there are connections, all at once: a connection is opened when the others are at work, and one
        // after the other the same might take every turn.
        let reads = (0..16).map(|_| database.read(lasting(listen(&seen))));
        for done in join_all(reads).await {
            done.unwrap();
        }
        for _ in 0..16 {
            database.read_short(listen(&seen)).await.unwrap();
            database.write(listen(&seen)).await.unwrap();
        }
        seen
    }

    /// Everything that this crate does with records.
    async fn do_everything(&self) {
        let told = numbered(numbered(hanako("1"), "A-1", CLINIC), "C-1", COMPANY);
        let told = insured(phone(living(told, "架空町1-2"), "090-0000-0001"), "138057:1:1:1");
        self.take(vec![of(1, told), of(2, hanako("2")), of(3, hers("A-2", CLINIC))]).await;
        self.take(vec![super::order::moved(4, ["1", "2"], "A-1", CLINIC)]).await;
        let [a, b] = [local("A-2", CLINIC), local("C-1", COMPANY)];
        let identity = &self.identity;
        identity.cross_reference(&a, &[]).await.unwrap();
        identity.cross_reference(&local("138057:1:1:1", INSURED), &[]).await.unwrap();
        identity.find(&hanako("")).await.unwrap();
        let name = hanako("").names[1].clone();
        let name = crate::SoughtName { name, ..crate::SoughtName::default() };
        for search in [
            Search { birth: Birth::parse("19750412"), ..Search::default() },
            Search { names: vec![name], ..Search::default() },
            Search { identifiers: vec![local("138057:1:1:", INSURED)], ..Search::default() },
        ] {
            identity.search(&search, &[], Cursor::default(), 10).await.unwrap();
        }
        let now = Utc::now();
        identity.explain(&a, &b).await.unwrap();
        identity.decide([&a, &b], Decision::NotTheSame, "x", now).await.unwrap();
        identity.undo([&a, &b], "x", now).await.unwrap();
        let merge = Merge { subsumed: id("1"), survivor: id("2") };
        identity.propose_merge(&merge, "x", now).await.unwrap();
        identity.confirm_merge(&merge, "y", now).await.unwrap();
        self.merge("1", "2").await;
        identity.review(Place(i64::MAX - 1, 1, 1), 10).await.unwrap();
        identity.backlog().await.unwrap();
        // A copy opens in no other row.
        assert!(identity.changes(100).await.is_err());
        identity.changes_told(vec![1]).await.unwrap();
    }
}

/// The same for a while, so that others have to do without the connection.
fn lasting<T>(work: impl FnOnce(&mut Db) -> T) -> impl FnOnce(&mut Db) -> T {
    |db: &mut Db| {
        std::thread::sleep(Duration::from_millis(50));
        work(db)
    }
}

/// Tables that stay small (leads that are left out, rules that were in force), and those of other tests.
const OTHERS: [&str; 4] = ["FROM crowd", "FROM rules", "FROM correlation", "FROM question"];

#[tokio::test]
async fn every_statement_uses_an_index() {
    for w in worlds() {
        w.take(vec![of(1, hanako("9"))]).await;
        let standard = RuleBook::standard();
        w.identity.put_in_force(&standard, Utc::now()).await.unwrap();
        w.identity.catch_up_all(Utc::now()).await.unwrap();
        let dialect = w.identity.database().dialect();
        let statements = fill(dialect);
        let filled = w.identity.database().write(move |db: &mut Db| {
            for sql in &statements {
                each!(db, |c| c.batch_execute(sql)).map_err(IdentityError::from)?;
            }
            Ok::<_, IdentityError>(())
        });
        filled.await.unwrap();
        let seen = w.listen().await;
        w.do_everything().await;
        let seen = seen.lock().unwrap().clone();
        let plain = |sql: &str| sql.replace(['"', '`'], "");
        let found: Vec<String> = seen
            .into_iter()
            .filter(|sql| ["SELECT", "UPDATE", "DELETE"].iter().any(|verb| sql.starts_with(verb)))
            .filter(|sql| sql.contains("FROM") || sql.starts_with("UPDATE"))
            .filter(|sql| !OTHERS.iter().any(|table| plain(sql).contains(table)))
            .collect();
        assert!(found.len() > 25, "{found:#?}");
        let explained = w.identity.database().read(move |db: &mut Db| {
            let mut wrong = Vec::new();
            for sql in &found {
                let plan = explained(db, sql);
                let is_scan = |line: &str| {
                    line.contains("Seq Scan")
                        || line.contains("SCAN")
                            && !line.contains("USING COVERING INDEX pair_waiting")
                };
                if plan.lines().any(is_scan) {
                    wrong.push(format!("{sql}\n{plan}"));
                }
            }
            Ok::<_, IdentityError>(wrong)
        });
        let wrong = explained.await.unwrap();
        assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    }
}

/// The plan of a statement whatever its values are.
fn explained(db: &mut Db, sql: &str) -> String {
    if db.dialect() == Dialect::Sqlite {
        return explain_on(db, sql).unwrap();
    }
    let values = (1..).take_while(|n| sql.contains(&format!("${n}"))).count();
    let nulls = vec!["NULL"; values].join(", ");
    let call = if values == 0 { "s".to_owned() } else { format!("s({nulls})") };
    let prepare = format!("SET plan_cache_mode = force_generic_plan; PREPARE s AS {sql}");
    each!(db, |c| c.batch_execute(&prepare)).unwrap();
    let plan = explain_on(db, &format!("EXECUTE {call}")).unwrap();
    each!(db, |c| c.batch_execute("DEALLOCATE s")).unwrap();
    plan
}
