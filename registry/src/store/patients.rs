//! Patient identifiers: known, active, merged.
//!
//! `survivor` leads to the active identifier at once, never over another one: a merge moves everything
//! that the subsumed one had taken in before. Merges are chains for those who send them, and one hop
//! for those who ask.

use super::key::Id;
use super::lookup::{self, PatientRow};
use super::schema::{document_entry, folder, patient};
use super::statement::{Bind, Sql};
use super::vault::Vault;
use super::write::{self, WriteError};
use diesel::{ExpressionMethods, JoinOnDsl, QueryDsl, QueryResult, RunQueryDsl};
use renkei_database::{Db, each};
use renkei_metadata::ids::PatientId;
use renkei_metadata::model::ObjectKind;

/// What an identifier is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Unknown,
    Active(i64),
    /// Merged into the one of this key.
    Subsumed(i64),
}

impl From<Option<PatientRow>> for Standing {
    fn from(row: Option<PatientRow>) -> Self {
        match row {
            None => Self::Unknown,
            Some(p) if p.root == p.key => Self::Active(p.key),
            Some(p) => Self::Subsumed(p.root),
        }
    }
}

/// Files an identifier, if it is not there, and says what it is.
pub(crate) fn announce(db: &mut Db, vault: &Vault, cx: &PatientId) -> Result<Standing, WriteError> {
    write::patient(db, vault, cx)?;
    Ok(lookup::patient(db, &vault.hash(cx))?.into())
}

/// What two identifiers are.
pub(crate) fn standings(
    db: &mut Db,
    vault: &Vault,
    ids: [&PatientId; 2],
) -> Result<[Standing; 2], WriteError> {
    let [a, b] = ids.map(|cx| vault.hash(cx));
    let first = lookup::patient(db, &a)?;
    Ok([first.into(), lookup::patient(db, &b)?.into()])
}

/// What two identifiers are, held until the transaction ends. Rows are locked in the order of their
/// keys, whatever the order asked for: two transactions never wait for each other.
pub(crate) fn locked(
    db: &mut Db,
    vault: &Vault,
    ids: [&PatientId; 2],
) -> Result<[Standing; 2], WriteError> {
    let [a, b] = ids.map(|cx| vault.hash(cx));
    let key = |row: Option<PatientRow>| row.map(|p| p.key);
    let in_order = key(lookup::patient(db, &a)?) <= key(lookup::patient(db, &b)?);
    if in_order {
        let first = lookup::patient_locked(db, &a)?;
        return Ok([first.into(), lookup::patient_locked(db, &b)?.into()]);
    }
    let first = lookup::patient_locked(db, &b)?;
    Ok([lookup::patient_locked(db, &a)?.into(), first.into()])
}

/// The logicalIDs of the documents or folders of a patient, by their newest versions, `most` at most.
pub(crate) fn newest(
    db: &mut Db,
    kind: ObjectKind,
    root: i64,
    most: usize,
) -> QueryResult<Vec<Id>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    macro_rules! lids {
        ($table:ident) => {{
            let query = $table::table
                .inner_join(patient::table.on($table::patient_key.eq(patient::key)))
                .filter(patient::survivor.eq(root))
                .filter($table::latest.eq(1))
                .order($table::key)
                .limit(most)
                .select($table::lid);
            each!(db, |c| query.load(c))
        }};
    }
    match kind {
        ObjectKind::DocumentEntry => lids!(document_entry),
        ObjectKind::Folder => lids!(folder),
        // These are not updated.
        ObjectKind::SubmissionSet | ObjectKind::Association => Ok(Vec::new()),
    }
}

/// Everything of `subsumed` is of `surviving` from now on, with everything it had taken in itself.
pub(crate) fn merge(db: &mut Db, subsumed: i64, surviving: i64) -> QueryResult<()> {
    let mut sql = Sql::new("UPDATE patient SET survivor = ");
    sql.bind(Bind::Big(surviving)).push(" WHERE survivor = ").bind(Bind::Big(subsumed));
    let update = sql.rows::<()>(true);
    each!(db, |c| update.execute(c)).map(drop)
}
