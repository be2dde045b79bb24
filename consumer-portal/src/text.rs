//! The results as a person reads them on a terminal.

use crate::table::print::harmless;
use crate::told::{About, NotShown, Remark};
use crate::years::{Other, Years};
use std::fmt;

impl fmt::Display for Years {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.table.is_empty() {
            write!(f, "{}", self.table)?;
        }
        for other in &self.others {
            write_other(f, other)?;
        }
        write_remarks(f, &self.remarks)?;
        write_not_shown(f, &self.not_shown)
    }
}

fn write_other(f: &mut fmt::Formatter<'_>, other: &Other) -> fmt::Result {
    writeln!(
        f,
        "\n別人の可能性がある文書 / perhaps of another person: {}",
        plain(&other.person.to_string())
    )?;
    write!(f, "{}", other.table)
}

/// Those of one document stand together.
fn write_remarks(f: &mut fmt::Formatter<'_>, remarks: &[Remark]) -> fmt::Result {
    let mut sorted: Vec<&Remark> = remarks.iter().collect();
    sorted.sort_by_key(|remark| (&remark.about.date, &remark.about.document));
    if !sorted.is_empty() {
        writeln!(f, "\n注意 / to mind")?;
    }
    for of_document in sorted.chunk_by(|one, next| one.about == next.about) {
        if let Some(first) = of_document.first() {
            write_about(f, &first.about)?;
        }
        for remark in of_document {
            writeln!(f, "    {}\n      {}", plain(&remark.ja), plain(&remark.en))?;
        }
    }
    Ok(())
}

fn write_not_shown(f: &mut fmt::Formatter<'_>, documents: &[NotShown]) -> fmt::Result {
    if !documents.is_empty() {
        writeln!(f, "\n表示できなかった文書 {}件 / documents not shown: {0}", documents.len())?;
    }
    for document in documents {
        write_about(f, &document.about)?;
        writeln!(f, "    {}\n      {}", plain(&document.ja), plain(&document.en))?;
        if let Some(instead) = &document.shown_instead {
            writeln!(f, "    代わりに {instead} を表示しています / {instead} is shown instead")?;
        }
    }
    Ok(())
}

fn write_about(f: &mut fmt::Formatter<'_>, about: &About) -> fmt::Result {
    let words = [&about.date, &about.institution, &about.title, &about.document];
    let words: Vec<String> =
        words.into_iter().filter(|w| !w.is_empty()).map(|w| plain(w)).collect();
    writeln!(f, "  {}", words.join("  "))
}

/// Nothing that comes from a document steers the terminal.
fn plain(text: &str) -> String {
    text.chars().map(harmless).collect()
}
