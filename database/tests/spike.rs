//! What Diesel can do on both databases through one enum: every kind of statement that the
//! actors need, tried once. The findings are in docs/decisions/0001-database-access.md.
#![allow(clippy::unwrap_used, reason = "a test program stops at the first surprise")]

mod common;

use common::{NewNote, Note, new_note, note, open};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::upsert::excluded;
use renkei_database::testing::TestDatabase;
use renkei_database::{Database, DatabaseError, Db, each};

async fn with_each<F: AsyncFn(Database)>(test: F) {
    for database in TestDatabase::each().unwrap() {
        let db = open(&database);
        test(db.clone()).await;
        db.close().await;
    }
}

fn insert_all(db: &mut Db, rows: &[NewNote]) -> Result<usize, DatabaseError> {
    Ok(each!(db, |c| diesel::insert_into(note::table).values(rows).execute(c))?)
}

async fn fill(db: &Database, count: i64) {
    let rows: Vec<NewNote> =
        (0..count).map(|n| new_note(n, if n % 2 == 0 { "even" } else { "odd" })).collect();
    db.write(move |c| insert_all(c, &rows)).await.unwrap();
}

#[tokio::test]
async fn a_multi_row_insert_stores_every_row_unchanged() {
    with_each(async |db| {
        fill(&db, 50).await;
        let rows: Vec<Note> = db
            .read(|c| note::table.order(note::id).load::<Note>(c).map_err(DatabaseError::from))
            .await
            .unwrap();
        assert_eq!(rows.len(), 50);
        assert_eq!(rows[49].name, "note 0049");
        assert_eq!(rows[49].body, [0, 255]);
    })
    .await;
}

#[tokio::test]
async fn an_upsert_keeps_one_row_and_the_second_value() {
    with_each(async |db| {
        for size in [1, 2] {
            db.write(move |c| {
                let row = NewNote { size, ..new_note(7, "x") };
                each!(c, |c| diesel::insert_into(note::table)
                    .values(&row)
                    .on_conflict(note::name)
                    .do_update()
                    .set(note::size.eq(excluded(note::size)))
                    .execute(c))
                .map_err(DatabaseError::from)
            })
            .await
            .unwrap();
        }
        let sizes: Vec<i64> = db
            .read(|c| note::table.select(note::size).load(c).map_err(DatabaseError::from))
            .await
            .unwrap();
        assert_eq!(sizes, [2]);
    })
    .await;
}

/// Reads, then writes what depends on it. PostgreSQL needs the row lock, SQLite has one writer.
fn increment(db: &mut Db) -> Result<(), DatabaseError> {
    let target = note::table.filter(note::name.eq("note 0000")).select(note::size);
    let size: i64 = match db {
        Db::Pg(c) => target.for_update().first(c)?,
        Db::Sqlite(c) => target.first(c)?,
    };
    let row = note::table.filter(note::name.eq("note 0000"));
    diesel::update(row).set(note::size.eq(size + 1)).execute(db)?;
    Ok(())
}

#[tokio::test]
async fn a_row_lock_loses_no_update() {
    with_each(async |db| {
        fill(&db, 1).await;
        // Spawned, so that all of them are queued at once.
        let mut jobs = tokio::task::JoinSet::new();
        for _ in 0..40 {
            let db = db.clone();
            jobs.spawn(async move { db.write(increment).await });
        }
        for done in jobs.join_all().await {
            done.unwrap();
        }
        let size: i64 = db
            .read(|c| note::table.select(note::size).first(c).map_err(DatabaseError::from))
            .await
            .unwrap();
        assert_eq!(size, 40);
    })
    .await;
}

#[tokio::test]
async fn a_boxed_query_takes_fifteen_parameters() {
    with_each(async |db| {
        fill(&db, 20).await;
        let found: Vec<String> = db
            .read(|c| {
                let mut query = note::table.select(note::name).into_boxed();
                query = query.filter(note::kind.eq("even"));
                query = query.filter(note::kind.ne("odd")).filter(note::size.ge(0));
                query = query.filter(note::size.lt(15)).filter(note::id.gt(0));
                query = query.filter(note::name.like("note 00%"));
                query = query.filter(note::size.eq_any((0..9).collect::<Vec<i64>>()));
                query.order(note::id).load(c).map_err(DatabaseError::from)
            })
            .await
            .unwrap();
        assert_eq!(found, ["note 0000", "note 0002", "note 0004", "note 0006", "note 0008"]);
    })
    .await;
}

#[tokio::test]
async fn keyset_pages_neither_skip_nor_repeat() {
    with_each(async |db| {
        fill(&db, 35).await;
        let (mut after, mut seen) = (0, Vec::new());
        loop {
            let page: Vec<(i64, String)> = db
                .read(move |c| {
                    note::table
                        .filter(note::kind.eq("odd"))
                        .filter(note::id.gt(after))
                        .order(note::id)
                        .limit(5)
                        .select((note::id, note::name))
                        .load(c)
                        .map_err(DatabaseError::from)
                })
                .await
                .unwrap();
            let Some((last, _)) = page.last() else { break };
            after = *last;
            seen.extend(page.into_iter().map(|(_, name)| name));
        }
        let expected: Vec<String> =
            (0..35).filter(|n| n % 2 == 1).map(|n| new_note(n, "").name).collect();
        assert_eq!(seen, expected);
    })
    .await;
}

#[tokio::test]
async fn rows_can_be_read_one_by_one() {
    with_each(async |db| {
        fill(&db, 300).await;
        let sum: i64 = db
            .read(|c| {
                let mut sum = 0;
                for row in note::table.load_iter::<Note, _>(c)? {
                    sum += row?.size;
                }
                Ok::<_, DatabaseError>(sum)
            })
            .await
            .unwrap();
        assert_eq!(sum, (0..300).sum::<i64>());
    })
    .await;
}

#[tokio::test]
async fn like_and_order_compare_bytes_on_both() {
    with_each(async |db| {
        for name in ["b", "B", "あ", "a", "Ä"] {
            db.write(move |c| {
                insert_all(c, &[NewNote { name: name.to_owned(), ..new_note(0, "") }])
            })
            .await
            .unwrap();
        }
        let (like, ordered) = db
            .read(|c| {
                let like: Vec<String> =
                    note::table.filter(note::name.like("b%")).select(note::name).load(c)?;
                let ordered: Vec<String> =
                    note::table.order(note::name).select(note::name).load(c)?;
                Ok::<_, DatabaseError>((like, ordered))
            })
            .await
            .unwrap();
        assert_eq!(like, ["b"]);
        assert_eq!(ordered, ["B", "a", "b", "Ä", "あ"]);
    })
    .await;
}

#[tokio::test]
async fn raw_sql_and_returning_work() {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    with_each(async |db| {
        let id: i64 = db
            .write(|c| {
                diesel::insert_into(note::table)
                    .values(&new_note(1, "x"))
                    .returning(note::id)
                    .get_result(c)
                    .map_err(DatabaseError::from)
            })
            .await
            .unwrap();
        assert_eq!(id, 1);
        let count: Count = db
            .read(|c| {
                diesel::sql_query("SELECT count(*) AS n FROM note")
                    .get_result(c)
                    .map_err(DatabaseError::from)
            })
            .await
            .unwrap();
        assert_eq!(count.n, 1);
        let plan = db.explain("SELECT * FROM note WHERE name = 'x'").await.unwrap();
        assert!(plan.contains("note"), "{plan}");
    })
    .await;
}
