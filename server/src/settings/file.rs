//! `renkei.toml`: written on the first start with every setting, its default and what it is for.

use super::definitions::{Definition, definitions};
use super::reading::literal;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::io;
use std::path::Path;

const HEAD: &str = "\
# Settings of this house. What is given on the command line (--set key=value, then --config FILE)
# goes before what stands here. An unknown key is refused.
# この拠点の設定。コマンドラインの指定(--set key=value、次に --config FILE)がここより優先されます。
# 知らないキーがあると起動しません。
";

/// The text of a new file; `founded` holds the ids, which have no default.
pub(super) fn sample(founded: &BTreeMap<&'static str, String>) -> String {
    let mut out = HEAD.to_owned();
    let mut table = "";
    for row in definitions() {
        let (section, name) = row.key.rsplit_once('.').unwrap_or(("", row.key));
        if section != table {
            table = section;
            let _infallible = write!(out, "\n[{section}]\n");
        }
        out.push_str(&entry(&row, name, founded.get(row.key).map(String::as_str)));
    }
    out
}

fn entry(row: &Definition, name: &str, value: Option<&str>) -> String {
    let expected = format!("# {} / {}", row.expected.en, row.expected.ja);
    let default = match row.default {
        "" => "# default: none / 既定値: なし".to_owned(),
        text => {
            let text = literal(row.form, text);
            format!("# default: {text} / 既定値: {text}")
        }
    };
    let value = literal(row.form, value.unwrap_or(row.default));
    format!("\n# {}\n# {}\n{expected}\n{default}\n{name} = {value}\n", row.en, row.ja)
}

/// Puts `ids.<name>` values into an existing text that lacks them or leaves them empty, and keeps
/// every other line.
pub(super) fn with_ids(text: &str, founded: &BTreeMap<&'static str, String>) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let is_header = |line: &str| line.trim_start().starts_with('[');
    let start = lines.iter().position(|l| l.trim() == "[ids]").unwrap_or_else(|| {
        lines.push(String::new());
        lines.push("[ids]".to_owned());
        lines.len() - 1
    });
    for (key, value) in founded {
        let name = key.rsplit_once('.').map_or(*key, |(_, name)| name);
        let end = lines
            .iter()
            .skip(start + 1)
            .position(|l| is_header(l))
            .map_or(lines.len(), |n| start + 1 + n);
        let at = (start + 1..end).find(|i| {
            lines.get(*i).and_then(|l| l.split_once('=')).is_some_and(|(n, _)| n.trim() == name)
        });
        let line = format!("{name} = {}", literal(super::kind::Form::Quoted, value));
        match at.and_then(|i| lines.get_mut(i)) {
            Some(old) => *old = line,
            None => lines.insert(start + 1, line),
        }
    }
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

/// Writes the file, readable by its owner only: a database URL may hold a password.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    crate::files::write_private(path, text.as_bytes())
}
