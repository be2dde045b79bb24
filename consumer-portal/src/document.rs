//! A retrieved document as a report, whatever its form.

use crate::checkups::Form;
use renkei_checkup::hs037::{self, Report};
use renkei_checkup::kcsv;

/// Why a document cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} / {}", self.ja(), self.en())]
pub enum Unreadable {
    /// Not an HS037 document.
    Hs037(#[from] hs037::ReadError),
    /// Not a standard CSV, and why.
    Kcsv(String),
    /// A standard CSV with more than one record, or none.
    Records(&'static str),
}

impl Unreadable {
    /// Whether its author has withdrawn it.
    pub(crate) const fn is_withdrawn(&self) -> bool {
        matches!(self, Self::Hs037(hs037::ReadError::Withdrawn))
    }

    /// Short name for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Hs037(error) => error.code(),
            Self::Kcsv(_) => "not-kcsv",
            Self::Records(_) => "records",
        }
    }

    /// What is wrong and what to do, in Japanese.
    pub fn ja(&self) -> String {
        match self {
            Self::Hs037(error) => error.ja(),
            Self::Kcsv(error) => {
                format!("標準CSVとして読めません（{error}）。文書の再送を依頼してください")
            }
            Self::Records(_) => "一人分の標準CSVはレコードが一件のはずですが、そうではありません。\
                                 送付元に確認してください"
                .into(),
        }
    }

    /// What is wrong and what to do, in English.
    pub fn en(&self) -> String {
        match self {
            Self::Hs037(error) => error.en(),
            Self::Kcsv(error) => {
                format!("not a standard CSV ({error}); have the document sent again")
            }
            Self::Records(found) => format!(
                "the standard CSV of a person holds one record, this one {found}; ask its source"
            ),
        }
    }
}

impl From<kcsv::ReadError> for Unreadable {
    fn from(error: kcsv::ReadError) -> Self {
        Self::Kcsv(error.to_string())
    }
}

/// Reads a document.
pub(crate) fn report(form: Form, content: &[u8]) -> Result<Report, Unreadable> {
    match form {
        Form::Hs037 => Ok(hs037::read(content)?),
        Form::Kcsv => {
            let mut reader = kcsv::Reader::new(content)?;
            let record = reader.next_record()?.ok_or(Unreadable::Records("none"))?;
            match reader.next_record()? {
                None => Ok(Report::of_record(&record)),
                Some(_) => Err(Unreadable::Records("several")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Unreadable, report};
    use crate::Table;
    use crate::checkups::Form;
    use chrono::DateTime;
    use renkei_checkup::hs037::{self, Practice, View};
    use renkei_checkup::{Record, kcsv};

    fn record() -> Record {
        let mut record = Record::new();
        for (id, value) in [
            ("profile_ver", kcsv::PROFILE),
            ("record_no", "1"),
            ("program_code", "030"),
            ("inst_no", "1319900013"),
            ("inst_name", "架空健診所"),
            ("exam_date", "2025-05-12"),
            ("height", "170.0"),
            ("tg_fast", "<30"),
            ("u_prot", "±"),
            ("ua", "未実施"),
        ] {
            record.set_id(id, value);
        }
        record
    }

    #[test]
    fn both_forms_of_a_record_give_the_same_table() {
        let record = record();
        let practice = Practice::default();
        let created_at = DateTime::UNIX_EPOCH.fixed_offset();
        let options =
            hs037::Options { view: View::Full, created_at, practice: &practice, report_no: None };
        let bundle = report(Form::Hs037, &hs037::document(&record, &options)).unwrap();
        let csv = report(Form::Kcsv, kcsv::document(&record).as_bytes()).unwrap();
        // the name of an item is that of its method in HS037
        let ids = |table: Table| {
            let rows = table.rows.into_iter();
            let rows = rows.map(|row| (row.id, row.unit, row.cells[0].clone().unwrap().value));
            (table.dates, table.institutions, rows.collect::<Vec<_>>())
        };
        assert_eq!(ids(Table::new(&[bundle])), ids(Table::new(&[csv])));
    }

    #[test]
    fn a_file_of_several_people_is_refused() {
        let one = kcsv::document(&record());
        let line = one.lines().nth(1).unwrap();
        let several = format!("{one}{line}\r\n");
        assert!(matches!(
            report(Form::Kcsv, several.as_bytes()),
            Err(Unreadable::Records("several"))
        ));
        let none = format!("{}\r\n", kcsv::header());
        assert!(matches!(report(Form::Kcsv, none.as_bytes()), Err(Unreadable::Records("none"))));
        assert!(matches!(report(Form::Kcsv, b"x,y\r\n"), Err(Unreadable::Kcsv(_))));
    }
}
