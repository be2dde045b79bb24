//! Who has objects with a code: what leads to the objects of all patients (ITI TF-2: 3.51.4.1.2.1).

use super::columns::{CodeColumn, code_column, coded_number, frame, table};
use super::lookup::Place;
use super::schema::{document_entry, folder};
use super::statement::{Bind, Sql, padded};
use diesel::{OptionalExtension, QueryDsl, QueryResult, RunQueryDsl};
use renkei_database::{Db, each};
use renkei_metadata::model::ObjectKind;
use renkei_xds::catalogue::CodeAttribute;

/// Notes that a patient has an object with these codes, each `code^^scheme` in comparable form, or
/// several framed by line feeds. Most are noted already.
pub(crate) fn note(
    db: &mut Db,
    patient_key: i64,
    codes: &[(CodeAttribute, Option<&str>)],
) -> QueryResult<()> {
    let mut rows: Vec<(i16, &str)> = Vec::new();
    for (attribute, values) in codes {
        let Some(number) = coded_number(*attribute) else { continue };
        let values = values.unwrap_or_default().split('\n').filter(|value| !value.is_empty());
        rows.extend(values.map(|value| (number, value)));
    }
    if rows.is_empty() {
        return Ok(());
    }
    let mut sql = Sql::new("INSERT INTO patient_code (attribute, code, patient_key) VALUES ");
    for (n, (number, value)) in padded(rows).enumerate() {
        sql.push(if n == 0 { "(" } else { ", (" }).bind(Bind::Big(number.into()));
        sql.push(", ").bind(Bind::Text(value.to_owned()));
        sql.push(", ").bind(Bind::Big(patient_key)).push(")");
    }
    sql.push(" ON CONFLICT DO NOTHING");
    let insert = sql.rows::<()>(true);
    each!(db, |c| insert.execute(c)).map(drop)
}

/// A code that a patient has an object with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Noted {
    pub(crate) patient_key: i64,
    pub(crate) attribute: CodeAttribute,
    /// `code^^scheme` in comparable form.
    pub(crate) code: String,
}

/// What is noted of a registered version.
pub(crate) fn noted(db: &mut Db, at: &Place) -> QueryResult<Vec<Noted>> {
    let place = (at.patient_key, at.key);
    let found = match at.kind {
        ObjectKind::DocumentEntry => {
            use document_entry as e;
            let query = e::table.find(place);
            let query = query.select((e::class_code, e::facility_type_code, e::event_codes));
            let row: Option<(Option<String>, Option<String>, Option<String>)> =
                each!(db, |c| query.first(c).optional())?;
            let (class, facility, events) = row.unwrap_or_default();
            vec![
                (CodeAttribute::Class, class),
                (CodeAttribute::FacilityType, facility),
                (CodeAttribute::Event, events),
            ]
        }
        ObjectKind::Folder => {
            let query = folder::table.find(place).select(folder::codes);
            let codes: Option<Option<String>> = each!(db, |c| query.first(c).optional())?;
            vec![(CodeAttribute::Folder, codes.flatten())]
        }
        ObjectKind::SubmissionSet | ObjectKind::Association => Vec::new(),
    };
    let mut noted = Vec::new();
    for (attribute, values) in found {
        let values = values.unwrap_or_default();
        let values = values.split('\n').filter(|value| !value.is_empty());
        noted.extend(values.map(|value| Noted {
            patient_key: at.patient_key,
            attribute,
            code: value.to_owned(),
        }));
    }
    Ok(noted)
}

/// Takes a note away when the patient has no object with the code any more.
pub(crate) fn forget(db: &mut Db, noted: &Noted) -> QueryResult<()> {
    let kind = match noted.attribute {
        CodeAttribute::Folder => ObjectKind::Folder,
        _ => ObjectKind::DocumentEntry,
    };
    let (Some(number), Some(column)) =
        (coded_number(noted.attribute), code_column(kind, noted.attribute))
    else {
        return Ok(());
    };
    let patient = || Bind::Big(noted.patient_key);
    let mut sql = Sql::new("DELETE FROM patient_code WHERE attribute = ");
    sql.bind(Bind::Big(number.into())).push(" AND code = ").bind(Bind::Text(noted.code.clone()));
    sql.push(" AND patient_key = ").bind(patient()).push(" AND NOT EXISTS (SELECT 1 FROM ");
    sql.push(table(kind)).push(" WHERE patient_key = ").bind(patient()).push(" AND ");
    match column {
        CodeColumn::Single(name) => {
            sql.push(name).push(" = ").bind(Bind::Text(noted.code.clone())).push(")");
        }
        CodeColumn::Framed(name) => {
            sql.push(if matches!(db, Db::Pg(_)) { "strpos(" } else { "instr(" }).push(name);
            sql.push(", ").bind(Bind::Text(frame(&noted.code))).push(") > 0)");
        }
    }
    let statement = sql.rows::<()>(true);
    each!(db, |c| statement.execute(c)).map(drop)
}
