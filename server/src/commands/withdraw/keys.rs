//! The checkups that are meant: rows of an export, or the one that the options name.

use super::Arguments;
use crate::commands::export_file;
use crate::commands::target::Target;
use crate::today::as_of;
use anyhow::{Context as _, bail, ensure};
use renkei_source_adapter::withdraw::{Key, Keys, Selection};
use renkei_source_adapter::{Mode, RefusedRow, Rules, convert, read_mapping};

/// What was named.
pub(super) struct Named {
    pub(super) keys: Vec<Key>,
    /// Rows that cannot be read, so that nobody knows what they name.
    pub(super) refused: Vec<RefusedRow>,
    pub(super) refused_left_out: u64,
}

pub(super) fn of(arguments: &Arguments, target: &Target) -> anyhow::Result<Named> {
    match &arguments.file {
        Some(_) => of_export(arguments, target),
        None => of_options(arguments),
    }
}

/// Rows with errors were refused by submit as well; they name nothing.
fn of_export(arguments: &Arguments, target: &Target) -> anyhow::Result<Named> {
    let file = arguments.file.as_deref().context("FILE")?;
    let open = export_file::open(file, &target.state_dir)?;
    let mapping = read_mapping(arguments.mapping.as_deref().context("--mapping")?)?;
    let selection = Selection {
        record_no: arguments.record_no.clone(),
        report_no: arguments.report_no.clone(),
        person: arguments.person.clone(),
        day: arguments.day.map(|day| day.to_string()),
    };
    let is_selected = [&selection.record_no, &selection.report_no, &selection.person];
    let is_selected = selection.day.is_some() || is_selected.iter().any(|part| part.is_some());
    let mut found = Keys { selection, ..Keys::default() };
    let rules = Rules { mode: Mode::RejectRow, as_of: as_of(None) };
    let outcome = convert(|| open(), &mapping, &rules, &mut found)?;
    let Keys { keys, mut refused, mut refused_left_out, .. } = found;
    // What is wrong with other rows does not matter to whoever means one.
    if is_selected && !keys.is_empty() && !outcome.rejected {
        refused.clear();
        refused_left_out = 0;
    }
    ensure!(
        !keys.is_empty() || !refused.is_empty(),
        "指定に合う行がありません / no row is as the options say"
    );
    Ok(Named { keys, refused, refused_left_out })
}

fn of_options(arguments: &Arguments) -> anyhow::Result<Named> {
    let text = |option: &Option<String>| option.clone().unwrap_or_default();
    let key = Key {
        record_no: String::new(),
        institution: text(&arguments.institution),
        report_no: text(&arguments.report_no),
        person: text(&arguments.person),
        day: arguments.day.map(|day| day.to_string()).unwrap_or_default(),
        programme: text(&arguments.programme),
        ..Key::default()
    };
    if !key.is_whole() {
        bail!(
            "出力ファイルを指定するか、--institution と --report-no、または --institution --person --day --programme で健診を1件指定してください / name an export, or one checkup by --institution and --report-no, or by --institution, --person, --day and --programme"
        );
    }
    Ok(Named { keys: vec![key], refused: Vec::new(), refused_left_out: 0 })
}
