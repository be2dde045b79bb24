//! A database that another program holds for itself: what a house meets that is really busy.

use crate::{Renkei, postgres, python};
use anyhow::{Context, Result, ensure};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

/// A database of a house, held until this is dropped.
pub struct Held {
    program: Child,
}

impl Held {
    /// Holds the database of an actor: on PostgreSQL `table` of it for reading and writing, on SQLite, where no reader
    /// waits for a writer, the right to write. `None` where no program is installed that can.
    pub fn hold(house: &Renkei, actor: &str, table: &str) -> Result<Option<Self>> {
        let setting = format!("{actor}.database=");
        let settings = house.settings();
        let url = settings.iter().find_map(|of| of.strip_prefix(&setting));
        let program = match url {
            Some(url) if postgres::server().is_some() => by_psql(url, table)?,
            Some(_) | None => {
                let file = house.place().data_dir().join(format!("databases/{actor}.sqlite"));
                let Some(python) = python::with("sqlite3") else { return Ok(None) };
                let script = "import sqlite3, sys\n\
                              c = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)\n\
                              c.execute('BEGIN IMMEDIATE')\n\
                              print('held', flush=True)\n\
                              sys.stdin.read()\n\
                              c.execute('ROLLBACK')";
                let mut command = Command::new(python);
                command.arg("-c").arg(script).arg(file);
                command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?
            }
        };
        Self { program }.when_held().map(Some)
    }

    /// Waits until it says so.
    fn when_held(mut self) -> Result<Self> {
        let said = self.program.stdout.take().context("no output")?;
        let mut line = String::new();
        BufReader::new(said).read_line(&mut line)?;
        ensure!(line.trim() == "held", "not held: {line:?}");
        Ok(self)
    }
}

fn by_psql(url: &str, table: &str) -> Result<Child> {
    let mut psql = Command::new("psql")
        .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--dbname", url])
        .args(["--set", "ON_ERROR_STOP=1"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("could not run psql")?;
    let input = psql.stdin.as_mut().context("no input")?;
    writeln!(input, "BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE; SELECT 'held';")?;
    input.flush()?;
    Ok(psql)
}

impl Drop for Held {
    /// At the end of its input each of the programs ends, and with it what it held.
    fn drop(&mut self) {
        drop(self.program.stdin.take());
        drop(self.program.wait());
    }
}
