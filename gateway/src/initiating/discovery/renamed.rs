//! A query with the identifiers by which another community knows its patients (ITI TF-2: 3.18.4.1.2.3.8).

use renkei_metadata::ids::PatientId;
use renkei_xds::catalogue::{self, ParamKind, quote, quote_list};
use renkei_xds::iti18::AdhocQuery;
use renkei_xds::transaction::ITI_18;

/// The query about `theirs`; all other parameters stay as they came. `None` if it is about patients and there
/// are none of theirs: it would go out about nobody, or with our identifiers.
pub(in super::super) fn renamed(query: &AdhocQuery, theirs: &[PatientId]) -> Option<AdhocQuery> {
    let def = catalogue::by_id(&ITI_18, &query.id)?;
    let mut sent = query.clone();
    let names_patients =
        |name: &str| def.param(name).filter(|param| param.kind == ParamKind::PatientId);
    for (name, values) in &mut sent.params {
        let Some(param) = names_patients(name) else { continue };
        if theirs.is_empty() {
            return None;
        }
        let ids = theirs.iter().map(ToString::to_string);
        *values = if param.multiple { quote_list(ids) } else { ids.map(|id| quote(&id)).collect() };
    }
    Some(sent)
}
