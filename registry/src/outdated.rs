//! What ceases to be current by a submission (ITI TF-3: 4.2.2.2.3).

use crate::check::replaces;
use crate::store::key::{Id, Key};
use crate::store::lookup::{self, Known};
use crate::store::write::WriteError;
use renkei_database::Db;
use renkei_metadata::model::Association;
use std::collections::{BTreeMap, HashMap};

/// The registered documents that become Deprecated: those that `associations` replace, and with each
/// the transformations and addenda that it has, and theirs.
///
/// This has to be asked before the submission is stored. Its own documents are the current versions,
/// even one that is the transformation of what another one replaces: they are never among these.
pub(crate) fn outdated(
    db: &mut Db,
    associations: &[Association],
    targets: &HashMap<Id, Known>,
) -> Result<BTreeMap<Key, i64>, WriteError> {
    let replaced = associations.iter().filter(|a| replaces(a.association_type));
    let targets = replaced.filter_map(|a| targets.get(&Id::from(a.target.uuid()?)));
    let mut todo: Vec<(i64, Key)> = targets.map(|t| (t.patient_key, t.key)).collect();
    let mut outdated = BTreeMap::new();
    while let Some((patient_key, key)) = todo.pop() {
        if outdated.insert(key, patient_key).is_none() {
            todo.extend(lookup::dependants(db, key)?);
        }
    }
    Ok(outdated)
}
