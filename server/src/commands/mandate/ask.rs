//! `renkei mandate ask`: an institution hands over a file that was not converted, so that the cause can be found.

use super::desk::{Desk, DeskArguments};
use crate::commands::export_file;
use crate::commands::member::{id, said};
use crate::host;
use crate::mandates::{About, Deed, Event, Mandate, Measures, Refused, measure};
use crate::members::{MemberId, Members, State};
use crate::today::as_of;
use chrono::{NaiveDate, Utc};
use renkei_source_adapter::submit::OpenExport;
use renkei_source_adapter::{
    Accepted, ConvertError, Finding, Mode, Rules, Sink, convert, read_mapping,
};
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

/// Which file of whom, and why.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The export that was not converted, as the institution hands it over. 変換エラーになった出力ファイル。
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The mapping of its columns (TOML). 列の対応表。
    #[arg(long, value_name = "M")]
    mapping: PathBuf,
    /// The day on which the file is judged (YYYY-MM-DD); today if not given. 基準日。
    #[arg(long, value_name = "DATE")]
    as_of: Option<NaiveDate>,
    /// The member whose file it is, which asks. 依頼した会員。
    #[arg(long, value_name = "ID", value_parser = id)]
    member: MemberId,
    /// What is to be found out; it stays on record, so it names nobody. 調査の目的(記録に残るため、個人名は書かない)。
    #[arg(long, value_name = "TEXT", value_parser = said)]
    reason: String,
    /// Who asks for the institution; without it, the account of the system. 申請者。
    #[arg(long, value_name = "NAME", value_parser = said)]
    by: Option<String>,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Status 0.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let Arguments { member, reason, .. } = arguments;
    let (_, dir) = arguments.desk.house.founded()?;
    if Members::of(&dir).get(member)?.state() == State::Disabled {
        return Err(Refused::Disabled(member.clone()).into());
    }
    let open = export_file::open(&arguments.file, &dir)?;
    let Measures { size, sha256 } = measure(open()?)?;
    let found = Found::by_converting(arguments, &open, &sha256)?;
    if found.errors.is_empty() {
        return Err(Refused::NothingWrong.into());
    }
    let Found { rows, accepted, errors } = found;
    let desk = arguments.desk.open()?;
    let (now, by) = (Utc::now(), arguments.by.clone().unwrap_or_else(host::operator));
    let about = About {
        member: member.to_string(),
        reason: reason.clone(),
        sha256,
        size,
        rows,
        accepted,
        errors,
        history: vec![Event::new(now, Deed::Ask, &by)],
    };
    let mandate = Mandate { id: desk.held.new_id(now), about };
    keep(&desk, &mandate, &open)?;
    let told = format!(
        "{0}  {1}  封印した写しを保管しました。申請者以外の管理者2人が `renkei mandate grant {0} --by NAME` で承認すると、取り出せます / a sealed copy is kept; the file may be taken out once two administrators, neither of whom asked, have granted it by `renkei mandate grant {0} --by NAME`",
        mandate.id,
        mandate.errors()
    );
    arguments.desk.tell(&mandate, &told)
}

fn keep(desk: &Desk, mandate: &Mandate, open: &OpenExport) -> anyhow::Result<()> {
    desk.on_record(mandate, || Ok(desk.held.keep(mandate, &desk.keys, &mut open()?)?))
}

/// What the conversion found: no data.
#[derive(Default)]
struct Found {
    rows: u64,
    accepted: u64,
    errors: BTreeMap<String, u64>,
}

impl Found {
    fn by_converting(
        arguments: &Arguments,
        open: &OpenExport,
        sha256: &str,
    ) -> anyhow::Result<Self> {
        let mapping = read_mapping(&arguments.mapping)?;
        let rules = Rules { mode: Mode::RejectRow, as_of: as_of(arguments.as_of) };
        let mut counts = Counts::default();
        match convert(|| open(), &mapping, &rules, &mut counts) {
            Ok(outcome) if outcome.input_sha256.as_str() != sha256 => Err(Refused::Changed.into()),
            Ok(outcome) => {
                let (rows, accepted) = (outcome.rows, outcome.accepted);
                Ok(Self { rows, accepted, errors: counts.0 })
            }
            Err(error) => match word(&error) {
                Some(word) => {
                    let errors = BTreeMap::from([(word.to_owned(), 1)]);
                    Ok(Self { errors, ..Self::default() })
                }
                None => Err(error.into()),
            },
        }
    }
}

/// What a conversion that the file itself ends is called, which no finding has an id for.
fn word(error: &ConvertError) -> Option<&'static str> {
    match error {
        ConvertError::Decode(_) => Some("unreadable"),
        ConvertError::Lines(_) => Some("lines"),
        ConvertError::LongTable(_) => Some("too-large"),
        ConvertError::Mapping(_)
        | ConvertError::Overwrites(_)
        | ConvertError::Changed
        | ConvertError::FileSet(_)
        | ConvertError::Io { .. } => None,
    }
}

/// Counts errors by their ids.
#[derive(Default)]
struct Counts(BTreeMap<String, u64>);

impl Sink for Counts {
    fn accepted(&mut self, _: &Accepted<'_>) -> io::Result<()> {
        Ok(())
    }

    fn findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        for finding in findings.iter().filter(|finding| finding.is_error()) {
            let count = self.0.entry(finding.code.name().to_owned()).or_default();
            *count = count.saturating_add(1);
        }
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        self.0.clear();
        Ok(())
    }
}
