//! docs/ACCESS.md says what a request is met with, by endpoint, transaction, certificate and scope. Every cell of its table
//! is asked here, through the real wire; a row that nobody knows how to ask fails.

mod documents;
mod persons;
mod scene;

use crate::forms::by_form;
use anyhow::{Context, Result, bail, ensure};
use renkei_tests::Form;
use renkei_tests::world::Caller;
use scene::Scene;

on_every_database! { by by_form:
    every_cell_of_the_table_is_true
}

/// One row of the table.
struct Row {
    endpoint: String,
    transaction: String,
    object: String,
    roles: Vec<String>,
    /// Without a certificate, with a revoked one, with another role; without a scope, with another, with the right one.
    cells: [String; 6],
}

/// What a request was met with, and the words of the answer with its own ids put out of them.
#[derive(Debug, PartialEq, Eq)]
struct Met {
    how: How,
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// Done, or answered with what was asked for.
    Done,
    /// Success with nothing.
    Nothing,
    /// Acknowledged, and no more.
    Taken,
    /// A refusal of what was asked.
    Refused,
    /// A refusal of the role.
    NotItsRole,
}

/// Asks as a row says; about what is there, or about what is not.
type Probe = fn(&Scene, &Caller, About) -> Result<Met>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    /// What the right node may have.
    What,
    /// What does not exist.
    Nothing,
}

fn table() -> Result<Vec<Row>> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/ACCESS.md");
    let page = std::fs::read_to_string(page)?;
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let rows = page.lines().filter(|line| line.starts_with("| `")).map(cells);
    let row = |cells: Vec<String>| {
        let [endpoint, transaction, object, roles, cells @ ..] =
            <[String; 10]>::try_from(cells).ok()?;
        let object = object.split(" / ").last()?.to_owned();
        let roles = roles.split(", ").map(str::to_owned).collect();
        let endpoint = endpoint.trim_matches('`').to_owned();
        Some(Row { endpoint, transaction, object, roles, cells })
    };
    let rows: Vec<Row> = rows.filter_map(row).collect();
    ensure!(rows.len() > 30, "{} rows", rows.len());
    Ok(rows)
}

/// How the request of a row is made.
fn probe(row: &Row) -> Result<Probe> {
    let Row { endpoint, transaction, object, .. } = row;
    let known = documents::PROBES.iter().chain(persons::PROBES);
    let found = known
        .clone()
        .find(|(e, t, o, _)| e == endpoint && transaction.starts_with(t) && o == object);
    let (.., probe) =
        found.with_context(|| format!("nobody asks {endpoint} {transaction} {object}"))?;
    Ok(*probe)
}

fn every_cell_of_the_table_is_true(form: Form) -> Result<()> {
    let scene = Scene::new(form)?;
    let mut wrong = Vec::new();
    let rows = table()?;
    for row in &rows {
        if let Err(error) = asked(&scene, row) {
            wrong.push(format!("{} {} {}: {error:#}", row.endpoint, row.transaction, row.object));
        }
    }
    for (endpoint, transaction, object, _) in documents::PROBES.iter().chain(persons::PROBES) {
        let is_row = |row: &Row| {
            row.endpoint == *endpoint
                && row.transaction.starts_with(transaction)
                && row.object == *object
        };
        if !rows.iter().any(is_row) {
            wrong.push(format!("no row for {endpoint} {transaction} {object}"));
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

fn asked(scene: &Scene, row: &Row) -> Result<()> {
    let probe = probe(row)?;
    let is_mllp = matches!(row.endpoint.as_str(), "patient_feed" | "pixpdq_v2");
    let [no_certificate, revoked, wrong_role, without, foreign, right] = &row.cells;
    ensure!(no_certificate == "handshake" && wrong_role == "role", "another word");
    ensure!(revoked == if is_mllp { "closed" } else { "forbidden" }, "another word");
    scene.lets_nobody_in(is_mllp)?;
    scene.lets_no_revoked_node_in(is_mllp, |caller| probe(scene, caller, About::What))?;
    let met = probe(scene, &scene.with_other_roles(&row.roles)?, About::What)?;
    ensure!(met.how == How::NotItsRole, "another role: {met:?}");
    for (node, word) in
        [(&scene.without, without), (&scene.foreign, foreign), (&scene.right, right)]
    {
        let met = probe(scene, node, About::What)?;
        is_so(&met, word, || probe(scene, node, About::Nothing))
            .with_context(|| format!("{}: {word}: {met:?}", node.name))?;
    }
    Ok(())
}

fn is_so(met: &Met, word: &str, nothing: impl Fn() -> Result<Met>) -> Result<()> {
    let how = match word {
        "done" => How::Done,
        "later" => How::Taken,
        "refused" => How::Refused,
        "nothing" => How::Nothing,
        "unknown" => How::Refused,
        _ => bail!("no such word"),
    };
    ensure!(met.how == how, "it was another");
    // What is hidden is answered word for word like what is not there.
    if matches!(word, "nothing" | "unknown") {
        let nothing = nothing()?;
        ensure!(*met == nothing, "of what is not there: {nothing:?}");
    }
    Ok(())
}
