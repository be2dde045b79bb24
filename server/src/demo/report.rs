//! What the demonstration has done, and the one object that tells machines of it.

use super::institution::About;
use super::text;
use crate::endpoints::Endpoints;
use crate::ready::ReadyLine;
use crate::show;
use renkei_consumer_portal::{Retrieved, Table, Years, YearsDocument};
use renkei_source_adapter::RefusedRow;
use renkei_source_adapter::submit::Exported;
use serde_json::{Value, json};
use std::path::PathBuf;

/// One export.
pub(super) struct Export {
    pub(super) name: &'static str,
    pub(super) rows: u64,
    pub(super) submitted: u64,
    pub(super) corrected: u64,
    pub(super) repeated: u64,
    pub(super) documents: u64,
    pub(super) refused: Vec<RefusedRow>,
}

/// An institution and its exports.
pub(super) struct Delivered {
    pub(super) about: About,
    pub(super) exports: Vec<Export>,
}

/// The person whose results were read.
pub(super) struct Followed {
    /// Under this id.
    pub(super) patient: String,
    /// As the occupational doctor reads them.
    pub(super) statutory: View,
    /// As the person reads them.
    pub(super) full: View,
    /// The On-Demand document for the person.
    pub(super) years: Made,
}

/// A document that was made when it was asked for.
pub(super) struct Made {
    pub(super) document: String,
    pub(super) bytes: usize,
    /// Day, name and place of each checkup in it, with its source.
    pub(super) checkups: Vec<(String, String)>,
}

impl Made {
    /// What was made.
    pub(super) fn new(document: &YearsDocument) -> Self {
        let checkups = document.years.checkups.iter().map(|checkup| {
            let day = checkup.report.exam_date.map(|day| day.to_string()).unwrap_or_default();
            let what = format!("{day} {}", checkup.report.institution);
            (what, checkup.source.unique_id.clone())
        });
        Self {
            document: document.entry.unique_id.to_string(),
            bytes: document.content.len(),
            checkups: checkups.collect(),
        }
    }

    fn json(&self) -> Value {
        let sources: Vec<&str> = self.checkups.iter().map(|(_, source)| source.as_str()).collect();
        json!({ "document": self.document, "bytes": self.bytes, "sources": sources })
    }
}

/// The documents that somebody read; each has been compared with its size and hash.
pub(super) struct View {
    pub(super) found: usize,
    pub(super) retrieved: usize,
    pub(super) titles: Vec<String>,
    pub(super) table: Table,
}

impl View {
    /// What was read of a person.
    pub(super) fn new(years: Years) -> Self {
        let title = |d: &Retrieved| {
            d.entry.title.as_ref().map_or_else(String::new, |title| title.text().to_owned())
        };
        let mut titles: Vec<String> = years.documents.iter().map(title).collect();
        // The date stands before the institution.
        titles.sort();
        Self { found: years.found, retrieved: years.documents.len(), titles, table: years.table }
    }

    fn json(&self) -> Value {
        json!({
            "queried": self.found,
            "retrieved": self.retrieved,
            "verified": self.retrieved,
            "dates": self.table.dates,
            "institutions": self.table.institutions,
            "items": self.table.rows.len(),
        })
    }
}

/// Everything that was done.
pub(super) struct Report {
    pub(super) endpoints: Endpoints,
    pub(super) data_dir: PathBuf,
    pub(super) institutions: Vec<Delivered>,
    /// The person whose results were read.
    pub(super) followed: Option<Followed>,
    /// Audit records.
    pub(super) audit_records: u64,
    /// From start to end.
    pub(super) seconds: f64,
}

impl Report {
    /// An empty report of a community.
    pub(super) fn new(ready: &ReadyLine) -> Self {
        Self {
            endpoints: ready.endpoints.clone(),
            data_dir: ready.data_dir.clone(),
            institutions: Vec::new(),
            followed: None,
            audit_records: 0,
            seconds: 0.0,
        }
    }

    /// Begins the part of an institution.
    pub(super) fn begin(&mut self, about: About) {
        self.institutions.push(Delivered { about, exports: Vec::new() });
    }

    /// Adds an export to the institution that was begun last.
    pub(super) fn add(&mut self, name: &'static str, done: &Exported) {
        let Some(institution) = self.institutions.last_mut() else { return };
        institution.exports.push(Export {
            name,
            rows: done.conversion.rows,
            submitted: done.report.submitted,
            corrected: done.report.corrected,
            repeated: done.report.repeated,
            documents: done.report.documents,
            refused: done.refused.clone(),
        });
    }

    /// Shows it on standard output.
    pub(super) fn show(&self, json: bool) -> anyhow::Result<()> {
        if json {
            show::json_line(&self.json())?
        } else {
            text::show(self)?
        }
        Ok(())
    }

    fn sum(&self, of: impl Fn(&Export) -> u64) -> u64 {
        self.institutions.iter().flat_map(|i| &i.exports).map(of).sum()
    }

    fn json(&self) -> Value {
        let views = self.followed.as_ref();
        let statutory = views.map(|followed| &followed.statutory);
        json!({
            "submitted": self.sum(|e| e.submitted),
            "repeated": self.sum(|e| e.repeated),
            "documents": self.sum(|e| e.documents),
            "refused_rows": self.institutions.iter().flat_map(refused).collect::<Vec<_>>(),
            "queried": statutory.map_or(0, |view| view.found),
            "retrieved": statutory.map_or(0, |view| view.retrieved),
            "verified": statutory.map_or(0, |view| view.retrieved),
            "audit_records": self.audit_records,
            "seconds": (self.seconds * 1000.0).round() / 1000.0,
            "endpoints": self.endpoints,
            "data_dir": self.data_dir,
            "institutions": self.institutions.iter().map(institution).collect::<Vec<_>>(),
            "followed": views.map(|followed| json!({
                "patient": followed.patient,
                "statutory": followed.statutory.json(),
                "full": followed.full.json(),
                "years": followed.years.json(),
            })),
        })
    }
}

fn refused(delivered: &Delivered) -> Vec<Value> {
    let institution = delivered.about.institution;
    let row = |r: &RefusedRow| {
        json!({
            "institution": institution, "row": r.row, "column": r.column,
            "code": r.code, "value": r.value, "ja": r.ja, "en": r.en,
        })
    };
    delivered.exports.iter().flat_map(|e| &e.refused).map(row).collect()
}

fn institution(delivered: &Delivered) -> Value {
    let export = |e: &Export| {
        json!({
            "name": e.name, "rows": e.rows, "submitted": e.submitted, "corrected": e.corrected,
            "repeated": e.repeated, "documents": e.documents, "refused": e.refused.len(),
        })
    };
    json!({
        "about": delivered.about,
        "exports": delivered.exports.iter().map(export).collect::<Vec<_>>(),
    })
}

/// Says that the servers stay up.
pub(super) fn staying(json: bool) -> anyhow::Result<()> {
    if !json {
        show::line("\nCtrl-C で終了します / stays up until Ctrl-C")?;
    }
    Ok(())
}
