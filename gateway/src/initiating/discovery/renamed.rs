//! A query with the identifiers by which another community knows its patients (ITI TF-2: 3.18.4.1.2.3.8).

use renkei_metadata::ids::PatientId;
use renkei_xds::catalogue::{self, ParamKind, quote, quote_list};
use renkei_xds::iti18::AdhocQuery;

/// The query about `theirs`; all other parameters stay as they came.
pub(in super::super) fn renamed(query: &AdhocQuery, theirs: &[PatientId]) -> AdhocQuery {
    let mut sent = query.clone();
    let Some(def) = catalogue::any_by_id(&query.id) else { return sent };
    let names_patients =
        |name: &str| def.param(name).filter(|param| param.kind == ParamKind::PatientId);
    for (name, values) in &mut sent.params {
        let Some(param) = names_patients(name) else { continue };
        let ids = theirs.iter().map(ToString::to_string);
        *values = if param.multiple { quote_list(ids) } else { ids.map(|id| quote(&id)).collect() };
    }
    sent
}
