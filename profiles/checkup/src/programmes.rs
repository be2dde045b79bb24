//! What the 健診プログラムサービスコード decides: report category and sections of the documents.
//!
//! The tables `programmes.csv` and `report-categories.csv` say it; this reads and checks them.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::tables::Section;

const PROGRAMMES: &str = include_str!("../tables/programmes.csv");
const CATEGORIES: &str = include_str!("../tables/report-categories.csv");

/// The programme of every code that has no row or no sections of its own.
const OTHER: &str = "990";

/// The programmes in force.
///
/// As with [`crate::tables()`], the tests of this crate find a mistake in the data files.
pub fn programmes() -> &'static Programmes {
    static TABLE: LazyLock<Programmes> =
        LazyLock::new(|| Programmes::read(PROGRAMMES, CATEGORIES).unwrap_or_default());
    &TABLE
}

/// One programme.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Programme {
    /// 健診プログラムサービスコード (1.2.392.200119.6.1002).
    pub code: String,
    /// Its name in that code table.
    pub name: String,
    /// Its name in the value set of HS037.
    pub fhir_name: String,
    /// 報告区分 of the 特定健診 CDA form (1.2.392.200119.6.1001).
    pub report_category: String,
    /// 報告区分 of HS037.
    pub fhir_category: String,
    /// Section of the CDA form; empty when the form does not know the programme.
    pub cda_section: String,
    /// Section of the CDA form for added items; empty when they stand in [`Self::cda_section`].
    pub cda_additional: String,
    /// 実施区分 of the exchange; none where the national table was not at hand.
    pub service_event: Option<u8>,
    /// Section of HS037 for results, its title and its official display.
    pub fhir_results: String,
    fhir_results_title: String,
    fhir_results_display: String,
    /// Section of HS037 for questions, its title and its official display.
    pub fhir_questionnaire: String,
    fhir_questionnaire_title: String,
    fhir_questionnaire_display: String,
    /// Section of HS037 for added items; empty when they stand among the results.
    pub fhir_additional: String,
}

/// A section of HS037.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FhirSection<'a> {
    /// What stands in it.
    pub section: Section,
    /// Its code.
    pub code: &'a str,
    /// Its title.
    pub title: &'a str,
    /// The display of its code; none where the guide's profile and its code system differ.
    pub display: Option<&'a str>,
}

impl Programme {
    /// The sections of HS037 in document order.
    pub fn fhir_sections(&self) -> Vec<FhirSection<'_>> {
        let (results, questions) = (Section::Results, Section::Questionnaire);
        [
            (results, &self.fhir_results, &*self.fhir_results_title, &*self.fhir_results_display),
            (
                questions,
                &self.fhir_questionnaire,
                &*self.fhir_questionnaire_title,
                &*self.fhir_questionnaire_display,
            ),
            (Section::Additional, &self.fhir_additional, "任意追加項目", "任意追加項目セクション"),
        ]
        .into_iter()
        .filter(|(_, code, ..)| !code.is_empty())
        .map(|(section, code, title, display)| FhirSection {
            section,
            code,
            title,
            display: (!display.is_empty()).then_some(display),
        })
        .collect()
    }

    /// Where an item of the column table goes in HS037 under this programme.
    pub fn fhir_place(&self, section: Section) -> Section {
        match section {
            Section::Additional if self.fhir_additional.is_empty() => Section::Results,
            other => other,
        }
    }
}

/// The two forms in which a report category is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// 特定健診 CDA, and the metadata of documents.
    Cda,
    /// HS037.
    Fhir,
}

#[derive(Clone, Debug, Deserialize)]
struct Category {
    form: Form,
    code: String,
    name: String,
}

/// What is wrong with the table of programmes.
#[derive(Debug, thiserror::Error)]
pub enum ProgrammesError {
    /// A row does not have the form of its table.
    #[error("table {table}: {source}")]
    Row {
        /// Name of the data file.
        table: &'static str,
        /// Line and reason.
        source: csv::Error,
    },
    /// A programme or a category stands there twice.
    #[error("table {table}: {code} stands there twice")]
    Twice {
        /// Name of the data file.
        table: &'static str,
        /// The code.
        code: String,
    },
    /// A field that does not go with the others of its row.
    #[error("programmes: {code}: {what} is {found:?}; expected: {expected}")]
    Field {
        /// The programme.
        code: String,
        /// The field.
        what: &'static str,
        /// Its content.
        found: String,
        /// What goes there.
        expected: &'static str,
    },
    /// No row for the programmes without sections of their own.
    #[error("programmes: a row {OTHER} with the sections of all other checkups is missing")]
    NoOther,
}

/// All programmes and the names of the report categories.
#[derive(Debug, Default)]
pub struct Programmes {
    rows: Vec<Programme>,
    categories: Vec<Category>,
    other: Programme,
}

impl Programmes {
    /// Reads and checks both tables.
    ///
    /// # Errors
    /// When a row is malformed, stands there twice or contradicts itself.
    pub fn read(programmes: &str, categories: &str) -> Result<Self, ProgrammesError> {
        let rows: Vec<Programme> = rows("programmes", programmes)?;
        let categories: Vec<Category> = self::rows("report-categories", categories)?;
        for (index, row) in rows.iter().enumerate() {
            let earlier = rows.iter().take(index);
            twice("programmes", &row.code, earlier.filter(|other| other.code == row.code).count())?;
            row.check()?;
        }
        for (index, row) in categories.iter().enumerate() {
            let same = |other: &&Category| other.form == row.form && other.code == row.code;
            let earlier = categories.iter().take(index).filter(same).count();
            twice("report-categories", &row.code, earlier)?;
        }
        let other = rows.iter().find(|row| row.code == OTHER && !row.fhir_results.is_empty());
        let other = other.cloned().ok_or(ProgrammesError::NoOther)?;
        Ok(Self { rows, categories, other })
    }

    /// All rows.
    pub fn all(&self) -> &[Programme] {
        &self.rows
    }

    /// The row of a programme.
    pub fn get(&self, code: &str) -> Option<&Programme> {
        self.rows.iter().find(|row| row.code == code)
    }

    /// The programme under which HS037 reports: one without sections there is その他.
    pub fn for_fhir(&self, code: &str) -> &Programme {
        self.get(code).filter(|row| !row.fhir_results.is_empty()).unwrap_or(&self.other)
    }

    /// The name of a report category in one form.
    pub fn category_name(&self, form: Form, code: &str) -> Option<&str> {
        let found = self.categories.iter().find(|row| row.form == form && row.code == code);
        found.map(|row| row.name.as_str())
    }
}

impl Programme {
    fn check(&self) -> Result<(), ProgrammesError> {
        let digits = |text: &str, length| {
            text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let field = |what, found: &str, expected, holds: bool| {
            if holds {
                return Ok(());
            }
            let found = found.to_owned();
            Err(ProgrammesError::Field { code: self.code.clone(), what, found, expected })
        };
        field("code", &self.code, "three digits", digits(&self.code, 3))?;
        field("name", &self.name, "a name", !self.name.is_empty())?;
        for (what, section) in [
            ("cda_section", &self.cda_section),
            ("cda_additional", &self.cda_additional),
            ("fhir_results", &self.fhir_results),
            ("fhir_questionnaire", &self.fhir_questionnaire),
            ("fhir_additional", &self.fhir_additional),
        ] {
            let holds = section.is_empty() || digits(section, 5);
            field(what, section, "five digits or nothing", holds)?;
        }
        let expected = "given together with fhir_questionnaire, fhir_category and fhir_name";
        let with_results = [&self.fhir_questionnaire, &self.fhir_category, &self.fhir_name]
            .iter()
            .all(|other| other.is_empty() == self.fhir_results.is_empty());
        field("fhir_results", &self.fhir_results, expected, with_results)?;
        let holds = self.cda_section.is_empty() || !self.report_category.is_empty();
        field("report_category", &self.report_category, "a code, for the CDA form", holds)?;
        let event = self.service_event.map_or_else(String::new, |event| event.to_string());
        let holds = self.service_event.is_none_or(|event| (1..=9).contains(&event));
        field("service_event", &event, "1 to 9 or nothing", holds)
    }
}

fn twice(table: &'static str, code: &str, earlier: usize) -> Result<(), ProgrammesError> {
    if earlier == 0 { Ok(()) } else { Err(ProgrammesError::Twice { table, code: code.to_owned() }) }
}

fn rows<T: serde::de::DeserializeOwned>(
    table: &'static str,
    text: &str,
) -> Result<Vec<T>, ProgrammesError> {
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(|source| ProgrammesError::Row { table, source })
}

#[cfg(test)]
mod tests {
    use super::{CATEGORIES, Form, PROGRAMMES, Programmes, programmes};
    use crate::tables::Section;

    #[test]
    fn the_table_is_in_order() {
        let read = Programmes::read(PROGRAMMES, CATEGORIES).unwrap();
        assert_eq!(read.all().len(), 10);
        let with_cda: Vec<&str> = read
            .all()
            .iter()
            .filter(|row| !row.cda_section.is_empty())
            .map(|row| row.code.as_str())
            .collect();
        assert_eq!(with_cda, ["010", "020", "030", "040"]);
        assert_eq!(read.category_name(Form::Fhir, "41"), Some("事業者健診"));
        assert_eq!(read.category_name(Form::Cda, "41"), None);
    }

    #[test]
    fn a_programme_without_sections_is_reported_as_other() {
        for code in ["990", "060", "000", "xyz"] {
            assert_eq!(programmes().for_fhir(code).code, "990", "{code}");
        }
        let employer = programmes().for_fhir("030");
        assert_eq!(employer.fhir_place(Section::Additional), Section::Results);
        let codes: Vec<&str> = employer.fhir_sections().iter().map(|s| s.code).collect();
        assert_eq!(codes, ["01031", "01032"]);
    }

    #[test]
    fn errors_name_the_place() {
        let error = |programmes: &str| {
            Programmes::read(programmes, CATEGORIES).map(drop).unwrap_err().to_string()
        };
        assert!(error(&PROGRAMMES.replace("\n060", "\n010")).contains("010 stands there twice"));
        assert!(error(&PROGRAMMES.replace("01031", "1031")).contains("030: fhir_results"));
        assert!(error(&PROGRAMMES.replace(",4,01031", ",12,01031")).contains("service_event"));
        assert!(error(&PROGRAMMES.replace("01910", "")).contains("fhir_results"));
        assert!(error(&PROGRAMMES.replace("\n990", "\n991")).contains("row 990"));
    }
}
