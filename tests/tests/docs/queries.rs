//! Every stored query of the catalogue (ITI-18, ITI-51).

use crate::documents::{FILED, FOLDER, REFERENCE, REPLACEMENT, set_number};
use crate::house::{patient, uuid};
use crate::messages::Example;
use renkei_metadata::ids::PatientId;
use renkei_metadata::model::{AssociationType, AvailabilityStatus};
use renkei_tests::sample;
use renkei_xds::catalogue::{
    FIND_DOCUMENTS_BY_REFERENCE_ID, FIND_DOCUMENTS_BY_REFERENCE_ID_FOR_PATIENTS,
    FIND_DOCUMENTS_EXCLUDE, GET_DOCUMENTS, GET_FOLDER_AND_CONTENTS, GET_FOLDERS,
    GET_RELATED_DOCUMENTS, GET_SUBMISSION_SET_AND_CONTENTS, QUERIES, QueryDef,
};
use renkei_xds::iti18::{self, QueryBuilder};
use renkei_xds::transaction::ITI_51;

/// One example of each query, in the order of the catalogue.
pub(crate) fn asked() -> Vec<Example> {
    let by_transaction = |q: &&&QueryDef| q.transaction.id == ITI_51.id;
    let (several, single): (Vec<_>, Vec<_>) = QUERIES.iter().partition(|q| by_transaction(&q));
    single.into_iter().chain(several).map(asks).collect()
}

/// A query for what the examples before it have registered.
fn asks(query: &'static QueryDef) -> Example {
    let folder = query.transaction.id.to_ascii_lowercase();
    let built = parameters(query).build();
    let section = query.section;
    let about = [format!("{}({section})", query.name), format!("{} ({section})", query.name)];
    let about = [about[0].as_str(), about[1].as_str()];
    Example::soap(query.transaction, &format!("{folder}/{}", query.name), about, &[], |w| {
        iti18::write_request(w, &built);
    })
}

fn parameters(query: &QueryDef) -> QueryBuilder {
    let patients: Vec<PatientId> = if query.transaction.id == ITI_51.id {
        vec![patient(1001), patient(1003)]
    } else {
        vec![patient(1001)]
    };
    let begun =
        QueryBuilder::new(query.id).patients(&patients).statuses(&[AvailabilityStatus::Approved]);
    match query.id {
        GET_DOCUMENTS => begun.uuids(&[uuid(FILED), uuid(REPLACEMENT)]),
        GET_FOLDERS | GET_FOLDER_AND_CONTENTS => begun.uuids(&[uuid(FOLDER)]),
        GET_SUBMISSION_SET_AND_CONTENTS => begun.uuids(&[uuid(set_number(1))]),
        GET_RELATED_DOCUMENTS => {
            begun.uuids(&[uuid(REPLACEMENT)]).association_types(&[AssociationType::Rplc])
        }
        FIND_DOCUMENTS_BY_REFERENCE_ID | FIND_DOCUMENTS_BY_REFERENCE_ID_FOR_PATIENTS => {
            begun.set("$XDSDocumentEntryReferenceIdList", [REFERENCE])
        }
        FIND_DOCUMENTS_EXCLUDE => {
            let occupational = sample::project_code("OCC", 1, "");
            begun.codes("$XDSDocumentEntryClassCodeExclude", [&occupational])
        }
        _ => begun.uuids(&[uuid(FILED)]),
    }
}
