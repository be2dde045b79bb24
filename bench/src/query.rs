//! ITI-18 FindDocuments with ten results in a filled registry, beside nginx serving the same bytes
//! and beside the bare SQL.

use crate::Plan;
use crate::fill::{self, EACH};
use crate::load::{Load, Request};
use crate::report::{self, Figure, Goal, Pairs};
use crate::scene::Scene;
use crate::size::{STRIDE, find};
use anyhow::{Context, Result, ensure};
use diesel::connection::SimpleConnection;
use diesel::prelude::{Connection, QueryableByName, RunQueryDsl};
use diesel::sql_types::{BigInt, Binary, Integer, Nullable, SmallInt, Text};
use diesel::sqlite::SqliteConnection;
use renkei_tests::message;
use renkei_tests::world::REGISTRY;
use renkei_xds::iti18::QueryBuilder;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Connections, as many as nginx gets.
const CONNECTIONS: usize = 8;

/// Fills the registry and asks.
pub(crate) fn run(scene: &Scene, plan: Plan) -> Result<()> {
    let mut loaded = Vec::new();
    fill::up_to(scene, &mut loaded, plan.entries)?;
    let turn = AtomicUsize::new(0);
    let next = || {
        let n = turn.fetch_add(STRIDE, Ordering::Relaxed) % loaded.len().max(1);
        let query = loaded.get(n).map(find).unwrap_or_else(|| QueryBuilder::new("").build());
        Request::Post(REGISTRY, message::query(&query))
    };
    let load = Load {
        connector: &scene.connector,
        connections: CONNECTIONS,
        each: plan.each,
        next: &next,
        right: &|body| memchr::memmem::find_iter(body, b"</rim:ExtrinsicObject>").count() == EACH,
    };
    let (_, bytes) = scene.ours(&load)?;
    let mut sql = BareSql::open(scene)?;
    let (mut beside_w, mut beside_sql) = (Pairs::default(), Pairs::default());
    for _ in 0..plan.pairs {
        let (ours, _) = scene.ours(&load)?;
        if let Some(nginx) = &scene.nginx {
            beside_w.push(ours, scene.static_bytes(nginx, bytes, CONNECTIONS, plan)?);
        }
        beside_sql.push(ours, Figure::bare(sql.rate(plan.each / 2)?));
    }
    let what = format!("ITI-18, {EACH} LeafClass entries ({bytes} bytes) of {}", plan.entries);
    let goal = Some(Goal { must: 0.30, aim: 0.45 });
    report::ratio(&what, "W(same bytes)", goal, &beside_w);
    report::ratio(&format!("{what}, whole way"), "R (the bare SQL)", None, &beside_sql);
    Ok(())
}

#[derive(QueryableByName)]
struct Key {
    #[diesel(sql_type = BigInt)]
    patient_key: i64,
}

/// What a LeafClass answer needs of an entry.
#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Binary)]
    id: Vec<u8>,
    #[diesel(sql_type = SmallInt)]
    status: i16,
    #[diesel(sql_type = SmallInt)]
    availability: i16,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Binary)]
    lid: Vec<u8>,
    #[diesel(sql_type = Nullable<Text>)]
    home: Option<String>,
    #[diesel(sql_type = Binary)]
    cx: Vec<u8>,
    #[diesel(sql_type = Binary)]
    fragment: Vec<u8>,
}

/// R: the same rows by the same indexes through one connection, and nothing else: nothing opened,
/// unpacked, written, audited or sent.
struct BareSql {
    connection: SqliteConnection,
    keys: Vec<i64>,
    turn: usize,
}

impl BareSql {
    fn open(scene: &Scene) -> Result<Self> {
        let file = scene.databases().join("registry.sqlite");
        let mut connection = SqliteConnection::establish(&file.display().to_string())?;
        connection.batch_execute("PRAGMA query_only=ON; PRAGMA cache_size=-65536;")?;
        let keys: Vec<Key> = diesel::sql_query(
            "SELECT patient_key FROM document_entry GROUP BY patient_key HAVING count(*) = 10",
        )
        .load(&mut connection)?;
        let keys = keys.into_iter().map(|k| k.patient_key).collect();
        let mut sql = Self { connection, keys, turn: 0 };
        sql.rate(Duration::from_millis(200))?;
        Ok(sql)
    }

    /// Queries per second.
    fn rate(&mut self, each: Duration) -> Result<f64> {
        let started = Instant::now();
        let mut count = 0usize;
        while started.elapsed() < each {
            self.turn = (self.turn + STRIDE) % self.keys.len();
            let key = self.keys.get(self.turn).context("no patients")?;
            let rows: Vec<Row> = diesel::sql_query(
                "SELECT o.id, o.status, o.availability, o.version, o.lid, o.home, root.cx, \
                 f.sealed AS fragment \
                 FROM document_entry o JOIN fragment f ON f.key = o.key JOIN patient p ON p.key = o.patient_key \
                 JOIN patient root ON root.key = p.survivor \
                 WHERE o.patient_key = ? AND o.status = ? ORDER BY o.patient_key, o.key",
            )
            .bind::<BigInt, _>(key)
            .bind::<SmallInt, _>(0)
            .load(&mut self.connection)?;
            ensure!(rows.len() == EACH, "{} rows", rows.len());
            ensure!(rows.iter().all(Row::whole), "an empty row");
            count += 1;
        }
        Ok(count as f64 / started.elapsed().as_secs_f64())
    }
}

impl Row {
    /// Whether everything was read.
    fn whole(&self) -> bool {
        let texts = [&self.id, &self.lid].iter().all(|t| !t.is_empty());
        let home = self.home.as_ref().is_none_or(|h| !h.is_empty());
        let numbers = self.status >= 0 && self.availability >= 0 && self.version > 0;
        texts && home && numbers && !self.cx.is_empty() && !self.fragment.is_empty()
    }
}
