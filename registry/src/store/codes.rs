//! Who has objects with a code: what leads to the objects of all patients (ITI TF-2: 3.51.4.1.2.1).

use super::columns::coded_number;
use super::statement::{Bind, Sql, padded};
use diesel::{QueryResult, RunQueryDsl};
use renkei_database::{Db, each};
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
