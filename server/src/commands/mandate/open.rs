//! `renkei mandate open`: takes the file out.

use super::desk::{Desk, DeskArguments};
use super::{id, shown};
use crate::commands::member::said;
use crate::files;
use crate::mandates::{Deed, Event, Mandate, MandateId, Refused};
use crate::show;
use anyhow::Context;
use chrono::Utc;
use serde_json::json;
use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// What, who, and where to.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The mandate. 委任id。
    #[arg(value_name = "ID", value_parser = id)]
    id: MandateId,
    /// Who is going to look at it. 閲覧する人。
    #[arg(long, value_name = "NAME", value_parser = said)]
    by: String,
    /// Folder for the file, ID.csv, which nobody else can read and which replaces nothing; made if needed. 出力先。
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Status 0.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let Arguments { id, by, out, .. } = arguments;
    let desk = arguments.desk.open()?;
    let mandate = desk.held.mandates().get(id)?;
    let now = Utc::now();
    let mandate = desk.after(&mandate, Event::new(now, Deed::Open, by))?;
    let path = out.join(format!("{id}.csv"));
    if path.symlink_metadata().is_ok() {
        return Err(Refused::There(path).into());
    }
    desk.on_record(&mandate, || {
        // What could not be written was opened all the same: who reads the history hears of it rather than not.
        desk.held.put(&mandate)?;
        write(&desk, &mandate, out, &path)
    })?;
    if arguments.desk.json {
        let mut told = shown::as_json(&mandate, now);
        told.as_object_mut().map(|told| told.insert("file".to_owned(), json!(path)));
        show::json_line(&told)?;
    } else {
        show::line(&format!(
            "{}  調査が済んだら消去し、`renkei mandate close {id}` で終了してください({} まで) / erase it when the cause is found, and end the mandate by `renkei mandate close {id}`",
            path.display(),
            shown::moment(mandate.life(now).until)
        ))?;
    }
    Ok(0)
}

/// The whole file, or none: until it is whole it has a hidden name, and what an interrupted command left there goes.
fn write(desk: &Desk, mandate: &Mandate, out: &Path, path: &Path) -> anyhow::Result<()> {
    let told = || path.display().to_string();
    files::private_dir(out).with_context(told)?;
    let part = out.join(format!(".{}.part", mandate.id));
    match std::fs::remove_file(&part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).with_context(told)?,
        Ok(()) | Err(_) => {}
    }
    let made = File::options().write(true).create_new(true).mode(0o600).open(&part);
    let mut file = made.with_context(told)?;
    let written = match desk.held.hand_out(mandate, &desk.keys, &mut file) {
        Ok(()) => file.sync_all().and_then(|()| std::fs::rename(&part, path)).with_context(told),
        Err(error) => Err(error.into()),
    };
    if written.is_err() {
        // The first error is the one to tell.
        drop(std::fs::remove_file(&part));
    }
    written
}
