//! What the demonstration tells: text for people, one object for machines.

use crate::ready::{Endpoints, ReadyLine};
use crate::show;
use renkei_consumer_portal::{Table, Years};
use renkei_metadata::ids::PatientId;
use renkei_source_adapter::RefusedRow;
use renkei_source_adapter::submit::Exported;
use serde_json::{Value, json};
use std::path::PathBuf;

/// One export.
struct Export {
    institution: &'static str,
    name: &'static str,
    rows: u64,
    submitted: u64,
    corrected: u64,
    repeated: u64,
    documents: u64,
    refused: Vec<RefusedRow>,
}

/// The person whose results were read.
pub(super) struct Followed {
    patient: String,
    found: usize,
    retrieved: usize,
    titles: Vec<String>,
    table: Table,
}

impl Followed {
    /// What was read of a person; every document has been compared with its size and hash.
    pub(super) fn new(patient: &PatientId, years: Years) -> Self {
        let title = |d: &renkei_consumer_portal::Retrieved| {
            d.entry.title.as_ref().map_or_else(String::new, |t| t.value.clone())
        };
        Self {
            patient: patient.to_string(),
            found: years.found,
            retrieved: years.documents.len(),
            titles: years.documents.iter().map(title).collect(),
            table: years.table,
        }
    }
}

/// Everything that was done.
pub(super) struct Report {
    endpoints: Endpoints,
    data_dir: PathBuf,
    exports: Vec<Export>,
    /// The person whose results were read.
    pub(super) followed: Option<Followed>,
    /// Records in the audit store.
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
            exports: Vec::new(),
            followed: None,
            audit_records: 0,
            seconds: 0.0,
        }
    }

    /// Adds an export.
    pub(super) fn add(&mut self, institution: &'static str, name: &'static str, done: &Exported) {
        self.exports.push(Export {
            institution,
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
            self.text()?
        }
        Ok(())
    }

    fn sum(&self, of: impl Fn(&Export) -> u64) -> u64 {
        self.exports.iter().map(of).sum()
    }

    fn json(&self) -> Value {
        let refused = |e: &Export| {
            let institution = e.institution;
            let row = move |r: &RefusedRow| {
                json!({
                    "institution": institution, "row": r.row, "column": r.column,
                    "code": r.code, "value": r.value, "ja": r.ja, "en": r.en,
                })
            };
            e.refused.iter().map(row).collect::<Vec<Value>>()
        };
        let followed = self.followed.as_ref();
        json!({
            "submitted": self.sum(|e| e.submitted),
            "repeated": self.sum(|e| e.repeated),
            "documents": self.sum(|e| e.documents),
            "refused_rows": self.exports.iter().flat_map(refused).collect::<Vec<_>>(),
            "queried": followed.map_or(0, |f| f.found),
            "retrieved": followed.map_or(0, |f| f.retrieved),
            "verified": followed.map_or(0, |f| f.retrieved),
            "audit_records": self.audit_records,
            "seconds": (self.seconds * 1000.0).round() / 1000.0,
            "endpoints": self.endpoints,
            "data_dir": self.data_dir,
        })
    }

    fn text(&self) -> anyhow::Result<()> {
        let line = |text: String| show::line(&text);
        line(
            "連携 Renkei  健診結果の変換・登録・照会 / checkup results: converted, submitted, read"
                .into(),
        )?;
        line("\n1  変換と登録 / converted and submitted".into())?;
        for e in &self.exports {
            line(format!(
                "   {}/{}  {}行 → 登録 {}  訂正 {}  登録済み {}  文書 {}  エラー行 {}  / rows, submitted, corrected, repeated, documents, refused",
                e.institution,
                e.name,
                e.rows,
                e.submitted,
                e.corrected,
                e.repeated,
                e.documents,
                e.refused.len()
            ))?;
        }
        line("\n2  登録しなかった行とその理由 / rows refused, and why".into())?;
        for e in &self.exports {
            for r in &e.refused {
                line(format!("   {}/{}  {}\n      {}", e.institution, e.name, r.ja, r.en))?;
            }
        }
        if let Some(f) = &self.followed {
            line("\n3  産業医のシステムから / from an occupational doctor's system".into())?;
            line(format!("   受診者 / patient {}", f.patient))?;
            line(format!(
                "   法定項目の文書 {}件を照会、{}件を取得、大きさとハッシュを照合済み / found, retrieved, size and hash verified",
                f.found, f.retrieved
            ))?;
            for title in &f.titles {
                line(format!("   {title}"))?;
            }
            line(format!("\n{}", f.table))?;
        }
        line(format!(
            "4  監査記録 {}件、{:.1}秒 / audit records, seconds",
            self.audit_records, self.seconds
        ))?;
        line("\n5  どこで動いているか / where everything runs".into())?;
        let e = &self.endpoints;
        for (name, address) in [
            ("レジストリ / registry", &e.registry),
            ("リポジトリ / repository", &e.repository),
            ("患者フィード / patient feed", &e.patient_feed),
            ("管理 / admin", &e.admin),
        ] {
            line(format!("   {name}  {}", address.as_deref().unwrap_or("-")))?;
        }
        line(format!("   データ / data  {}", self.data_dir.display()))?;
        Ok(())
    }
}

/// Says that the servers stay up.
pub(super) fn staying(json: bool) -> anyhow::Result<()> {
    if !json {
        show::line("\nCtrl-C で終了します / stays up until Ctrl-C")?;
    }
    Ok(())
}
