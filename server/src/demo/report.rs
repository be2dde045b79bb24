//! What the demonstration has done, and the one object that tells machines of it.

use super::asked::{Asked, Stopped};
use super::institution::About;
use super::picture::OWN_NAME;
use super::text;
use crate::endpoints::Endpoints;
use crate::ready::ReadyLine;
use crate::show;
use renkei_consumer_portal::{Table, TableColumn, Years, YearsDocument};
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

impl Export {
    /// What became of it.
    pub(super) fn new(name: &'static str, done: &Exported) -> Self {
        Self {
            name,
            rows: done.conversion.rows,
            submitted: done.report.submitted,
            corrected: done.report.corrected,
            repeated: done.report.repeated,
            documents: done.report.documents,
            refused: done.refused.clone(),
        }
    }
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
    /// How many documents of the doctor's community are not there for the doctor.
    pub(super) hidden: usize,
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
    /// Title and community of each, oldest first.
    pub(super) titles: Vec<String>,
    /// What people call the community of each column.
    pub(super) communities: Vec<String>,
    pub(super) table: Table,
}

impl View {
    /// What was read of a person.
    pub(super) fn new(years: Years) -> Self {
        let columns = &years.table.columns;
        // The own registry need not name its community.
        let community = |column: &TableColumn| match column.community.name.as_str() {
            "" => OWN_NAME.to_owned(),
            name => name.to_owned(),
        };
        let communities: Vec<String> = columns.iter().map(community).collect();
        let entry = |id: &str| years.documents.iter().find(|d| d.entry.unique_id.as_str() == id);
        let title = |(column, community): (&TableColumn, &String)| {
            let title = entry(&column.document).and_then(|d| d.entry.title.as_ref());
            format!("{}  〔{community}〕", title.map_or("", |title| title.text()))
        };
        let titles = columns.iter().zip(&communities).map(title).collect();
        let (found, retrieved) = (years.found, years.documents.len());
        Self { found, retrieved, titles, communities, table: years.table }
    }

    /// How many of the documents are of a community.
    pub(super) fn of_community(&self, name: &str) -> usize {
        self.communities.iter().filter(|community| *community == name).count()
    }

    fn json(&self) -> Value {
        json!({
            "queried": self.found,
            "retrieved": self.retrieved,
            "verified": self.retrieved,
            "dates": self.table.dates,
            "institutions": self.table.institutions,
            "communities": self.communities,
            "items": self.table.rows.len(),
        })
    }
}

/// Everything that was done.
pub(super) struct Report {
    pub(super) endpoints: Endpoints,
    pub(super) data_dir: PathBuf,
    pub(super) institutions: Vec<Delivered>,
    /// The communities that the doctor asks, the own one first.
    pub(super) communities: Vec<Asked>,
    /// The person whose results were read.
    pub(super) followed: Option<Followed>,
    /// What the doctor read when one of them was stopped.
    pub(super) stopped: Option<Stopped>,
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
            communities: Vec::new(),
            followed: None,
            stopped: None,
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
        institution.exports.push(Export::new(name, done));
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
                "hidden": followed.hidden,
                "full": followed.full.json(),
                "years": followed.years.json(),
            })),
            "communities": self.communities.iter().map(|c| self.community(c)).collect::<Vec<_>>(),
        })
    }
}

impl Report {
    fn community(&self, asked: &Asked) -> Value {
        let of = |e: &Export| (e.submitted, e.repeated);
        let own = (self.sum(|e| e.submitted), self.sum(|e| e.repeated));
        let counts = asked.export.as_ref().map_or(own, of);
        let read = self.followed.as_ref().map(|followed| &followed.statutory);
        asked.json(counts, read, self.stopped.as_ref())
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
