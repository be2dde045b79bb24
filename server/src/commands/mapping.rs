//! `renkei mapping check` and `renkei mapping propose`.

use super::export_file;
use crate::show;
use crate::today::as_of;
use anyhow::Context;
use chrono::NaiveDate;
use renkei_source_adapter::mapping::check::{CheckFinding, Coverage, Kind, OpenExport, Part};
use renkei_source_adapter::propose::State;
use renkei_source_adapter::{
    CheckReport, Draft, ProposeOptions, ProposedColumn, check_mapping, propose_with,
};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// What to do with a mapping.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Tell mistakes of a mapping, and what an export has that it has not. 対応表を確認する。
    Check(CheckArguments),
    /// Draft a mapping from an export, for a person to confirm. 対応表の下書きを作る。
    Propose(ProposeArguments),
}

/// What to check.
#[derive(Debug, clap::Args)]
pub(crate) struct CheckArguments {
    /// The mapping (TOML). 列の対応表。
    pub(crate) mapping: PathBuf,
    /// An export to convert with it, without writing anything. 出力ファイル。
    pub(crate) file: Option<PathBuf>,
    /// The day on which the file is judged (YYYY-MM-DD); today if not given. 基準日。
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<NaiveDate>,
    /// Report as JSON on standard output. JSONで出力する。
    #[arg(long)]
    pub(crate) json: bool,
}

/// What to draft from.
#[derive(Debug, clap::Args)]
pub(crate) struct ProposeArguments {
    /// The export of the institution. 健診機関の出力ファイル。
    pub(crate) file: PathBuf,
    /// Lines before the titles; found if not given. 見出しより前の行数。
    #[arg(long, value_name = "N")]
    pub(crate) skip_rows: Option<u64>,
    /// Rows of titles, 1 to 3; found if not given. 見出しの行数。
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=3))]
    pub(crate) header_rows: Option<u64>,
    /// Where to write the draft; standard output if not given. Never replaces a file. 下書きの書き出し先。
    #[arg(long, value_name = "M")]
    pub(crate) out: Option<PathBuf>,
    /// Report the columns as JSON on standard output. 列ごとの判断をJSONで出力する。
    #[arg(long)]
    pub(crate) json: bool,
}

/// Runs one of the two.
pub(crate) fn run(command: &Command) -> anyhow::Result<u8> {
    match command {
        Command::Check(arguments) => check(arguments),
        Command::Propose(arguments) => draft(arguments),
    }
}

fn open(path: &Path) -> anyhow::Result<File> {
    File::open(path).map_err(|error| {
        let name = path.display();
        let text = if error.kind() == io::ErrorKind::NotFound {
            format!(
                "{name} がありません。ファイルの名前と場所を確かめてください / there is no such file"
            )
        } else {
            format!("{name} を読めません / reading {name}")
        };
        anyhow::Error::new(error).context(text)
    })
}

/// Status 0 when nothing would be refused, 2 otherwise.
fn check(arguments: &CheckArguments) -> anyhow::Result<u8> {
    let name = arguments.mapping.display().to_string();
    let text =
        std::fs::read_to_string(&arguments.mapping).with_context(|| format!("reading {name}"))?;
    let open_file = |path: &PathBuf| export_file::open(path, &std::env::temp_dir());
    let export = arguments.file.as_ref().map(open_file).transpose()?;
    let mut export =
        export.map(|open| move || open().map(|reader| -> Box<dyn io::Read> { reader }));
    let export: Option<OpenExport<'_>> = export.as_mut().map(|open| open as OpenExport<'_>);
    let report =
        check_mapping(&name, &text, export, as_of(arguments.as_of)).with_context(|| {
            format!("reading {}", arguments.file.as_deref().unwrap_or(Path::new("")).display())
        })?;
    if arguments.json {
        show::json_line(&serde_json::to_value(&report)?)?;
    } else {
        for line in lines(&name, &report) {
            show::line(&line)?;
        }
    }
    Ok(if report.refuses() { 2 } else { 0 })
}

fn lines(name: &str, report: &CheckReport) -> Vec<String> {
    let mut lines: Vec<String> = report
        .mistakes
        .iter()
        .flat_map(|mistake| {
            let place = format!("{name}:{}: {}", mistake.line, mistake.key);
            [format!("{place}: {}", mistake.ja), format!("      {}", mistake.en)]
        })
        .collect();
    let (unused, others): (Vec<_>, Vec<_>) =
        report.findings.iter().partition(|finding| finding.kind == Kind::UnusedTerm);
    for finding in others {
        lines.push(finding_line(finding));
        lines.push(format!("      {}", finding.en));
    }
    // one line a vocabulary: most words of a notation stay unused in one file
    for same in unused.chunk_by(|one, other| one.place == other.place) {
        let words: Vec<&str> = same.iter().map(|finding| finding.value.as_str()).collect();
        let place = same.first().map_or("", |finding| finding.place.as_str());
        lines.push(format!("・ {place}: 現れない語 / words no cell has: {}", words.join(" ")));
    }
    for coverage in &report.coverage {
        lines.extend(coverage_lines(coverage));
    }
    let refused = report.findings.iter().filter(|finding| finding.refuses).count();
    lines.push(format!(
        "対応表の誤り / mistakes {}  拒否の原因 / refusing {refused}  注意 / notes {}  行 / rows {}  受理 / accepted {}",
        report.mistakes.len(),
        report.findings.len() - refused,
        report.rows,
        report.accepted
    ));
    lines.extend(report.lines.map(|account| account.sentence()));
    lines
}

fn finding_line(finding: &CheckFinding) -> String {
    let grave = if finding.refuses { "×" } else { "・" };
    let mut line = format!("{grave} {}", finding.place);
    if let Some(number) = finding.line {
        line.push_str(&format!("（{number}行目）"));
    }
    if !finding.value.is_empty() {
        line.push_str(&format!("「{}」", finding.value));
    }
    if finding.count > 0 {
        line.push_str(&format!(" {}件", finding.count));
    }
    line.push_str(": ");
    line.push_str(&finding.ja);
    line
}

fn coverage_lines(coverage: &Coverage) -> Vec<String> {
    let part = |name: &str, part: &Part| {
        let filled = part.items - part.missing.len();
        let missing = part.missing.join(", ");
        let rest = if missing.is_empty() {
            String::new()
        } else {
            format!("  なし / missing: {missing}")
        };
        format!("  {name} {filled}/{}{rest}", part.items)
    };
    let mark = if coverage.applies { "●" } else { "○" };
    vec![
        format!("{mark} {}", coverage.law.name()),
        part("必須 / required   ", &coverage.required),
        part("基本 / basic      ", &coverage.basic),
        part("条件付 / conditional", &coverage.conditional),
    ]
}

/// Status 0 whenever there is a draft.
fn draft(arguments: &ProposeArguments) -> anyhow::Result<u8> {
    let name = arguments.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (skip_rows, header_rows) = (arguments.skip_rows, arguments.header_rows);
    let options = ProposeOptions { skip_rows, header_rows };
    let draft = propose_with(open(&arguments.file)?, &name, options)?;
    if let Some(out) = &arguments.out {
        write_new(out, draft.toml())?;
    }
    if arguments.json {
        show::json_line(&serde_json::to_value(&draft)?)?;
    } else if let Some(out) = &arguments.out {
        for line in summary(&draft, out) {
            show::line(&line)?;
        }
    } else {
        show::line(draft.toml().trim_end())?;
    }
    Ok(0)
}

/// A mapping that a person has worked on is not replaced.
fn write_new(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write;
    let mut file = File::create_new(path).map_err(|error| {
        let name = path.display();
        let text = if error.kind() == io::ErrorKind::AlreadyExists {
            format!(
                "{name} はもうあります。--out で別の名前にしてください / the file exists; give another name"
            )
        } else {
            format!("{name} に書けません / writing {name}")
        };
        anyhow::Error::new(error).context(text)
    })?;
    file.write_all(text.as_bytes()).with_context(|| format!("writing {}", path.display()))
}

fn summary(draft: &Draft, out: &Path) -> Vec<String> {
    let mut lines: Vec<String> = draft.columns.iter().map(column_line).collect();
    let count = |state: State| draft.columns.iter().filter(|c| c.state == state).count();
    lines.push(format!(
        "決まった列 / decided {}  語を要記入 / words to fill in {}  列を要記入 / asked {}  不明 / unknown {}  使わない / ignored {}",
        count(State::Decided),
        count(State::WordsAsked),
        count(State::Asked),
        count(State::Unknown),
        count(State::Ignored)
    ));
    if !draft.to_fill_in.is_empty() {
        lines.push(format!("要記入 / to fill in: {}", draft.to_fill_in.join(", ")));
    }
    lines.push(format!("{} を書きました / written", out.display()));
    lines
}

/// What became of a column, in one line.
fn column_line(column: &ProposedColumn) -> String {
    let place = format!("{:>4}  {} → ", column.column, column.header.replace(['\r', '\n'], " "));
    let items = column.items.join(", ");
    let candidates: Vec<String> = column.candidates.iter().map(|ids| ids.join("+")).collect();
    let candidates = candidates.join(" / ");
    let what = match column.state {
        State::Decided => format!("{items} ({}%)", column.confidence),
        State::WordsAsked => format!("{items} ({}% 語を要記入)", column.confidence),
        State::Asked => format!("要記入: {candidates} ?"),
        State::Unknown => "不明 (unknown)".to_owned(),
        State::Ignored => "使わない (ignore)".to_owned(),
    };
    format!("{place}{what}")
}

#[cfg(test)]
mod tests {
    use super::{CheckArguments, Command, ProposeArguments, run};

    #[test]
    fn a_draft_is_written_once_and_checked() {
        let folder = tempfile::tempdir().unwrap();
        let (file, out) = (folder.path().join("e.csv"), folder.path().join("m.toml"));
        std::fs::write(&file, "ID,身長,性別\n1,170.5,男\n2,160.1,女\n").unwrap();
        let propose = || {
            let (file, out) = (file.clone(), Some(out.clone()));
            run(&Command::Propose(ProposeArguments {
                file,
                skip_rows: None,
                header_rows: None,
                out,
                json: true,
            }))
        };
        assert_eq!(propose().unwrap(), 0);
        assert!(propose().is_err(), "a mapping is not replaced");
        let check = |file| {
            let arguments = CheckArguments { mapping: out.clone(), file, as_of: None, json: false };
            run(&Command::Check(arguments))
        };
        assert_eq!(check(Some(file.clone())).unwrap(), 2, "required items are open");
        assert!(check(Some(folder.path().join("none.csv"))).is_err());
    }
}
