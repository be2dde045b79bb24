//! Commands of clients, as a person or a script runs them.

use anyhow::{Context, Result, ensure};
use renkei_tests::world::Caller;
use renkei_tests::{World, program};
use serde_json::Value;

/// What every client command is told: where the house is, who calls, where the journal is.
pub(crate) fn options(w: &World, caller: &Caller) -> Result<Vec<String>> {
    let connect = w.renkei.connect_file()?.display().to_string();
    let identity = caller.directory.display().to_string();
    let own = ["--connect", &connect, "--identity", &identity, "--state-dir", &state(w, caller)];
    Ok(own.map(str::to_owned).to_vec())
}

/// The state directory of a caller.
pub(crate) fn state(w: &World, caller: &Caller) -> String {
    w.renkei.place().client_dir().join(format!("state-{}", caller.name)).display().to_string()
}

/// The affinity domain's code list, which a ready line does not name.
pub(crate) fn codes(w: &World) -> String {
    w.renkei.place().data_dir().join("codes.xml").display().to_string()
}

/// Runs a command with `--json`: its status, and what it says.
pub(crate) fn run(w: &World, caller: &Caller, args: &[&str]) -> Result<(i32, Value)> {
    let own = options(w, caller)?;
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let output = program::run(&[args, &own, &["--json"]].concat())?;
    let status = output.status.code().context("no status")?;
    // Shown when the test fails.
    eprintln!("{args:?}: {status} {}", String::from_utf8_lossy(&output.stderr));
    if output.stdout.is_empty() {
        return Ok((status, Value::Null));
    }
    Ok((status, serde_json::from_slice(&output.stdout)?))
}

/// The same of a command that has to succeed without a word.
pub(crate) fn done(w: &World, caller: &Caller, args: &[&str]) -> Result<Value> {
    let (status, report) = run(w, caller, args)?;
    ensure!(status == 0 && report["status"] == "success", "{args:?}: {status} {report}");
    ensure!(report["errors"] == Value::Array(Vec::new()), "{report}");
    Ok(report)
}

/// The codes of the errors of a report.
pub(crate) fn errors(report: &Value) -> Vec<&str> {
    let all = report["errors"].as_array().map_or(&[][..], Vec::as_slice);
    all.iter().filter_map(|e| e["code"].as_str()).collect()
}

/// A text of a report.
pub(crate) fn text<'r>(report: &'r Value, pointer: &str) -> Result<&'r str> {
    report.pointer(pointer).and_then(Value::as_str).with_context(|| format!("{pointer}: {report}"))
}

/// Records of a caller's own journal that have these keys (event, transaction, action, outcome).
pub(crate) fn recorded(w: &World, caller: &Caller, key: &str) -> Result<usize> {
    let output = program::run(&["audit", "list", "--json", "--state-dir", &state(w, caller)])?;
    ensure!(output.status.success(), "{output:?}");
    let lines = String::from_utf8(output.stdout)?;
    let records = lines.lines().map(serde_json::from_str::<renkei_tests::audit::Record>);
    let records: Vec<_> = records.collect::<Result<_, _>>()?;
    Ok(records.iter().filter(|record| record.key() == key).count())
}
