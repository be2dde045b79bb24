//! What a client records of a call (security considerations of each transaction in ITI TF-2).

use crate::error::ClientError;
use crate::response::fault_codes;
use renkei_atna::record::Outcome;
use renkei_xds::response::{RegistryError, Status, codes_of};

/// The outcome of a call, or of a part of it.
#[derive(Clone)]
pub(crate) struct Ending {
    /// EventOutcomeIndicator.
    pub(crate) outcome: Outcome,
    /// Codes of what went wrong.
    pub(crate) description: Option<String>,
}

/// How a call ended. Part of success and part of failure are two records (ITI TF-2: 3.18.5.1,
/// 3.43.6.1); what was not answered in a way that can be read failed entirely.
pub(crate) fn endings<T>(
    result: &Result<T, ClientError>,
    judge: impl FnOnce(&T) -> (Status, &[RegistryError]),
) -> Vec<Ending> {
    let failed = |outcome, description| Ending { outcome, description };
    let good = || Ending { outcome: Outcome::Success, description: None };
    match result.as_ref().map(judge) {
        Ok((Status::Success, _)) => vec![good()],
        Ok((Status::PartialSuccess, errors)) => {
            vec![good(), failed(Outcome::SeriousFailure, codes(errors))]
        }
        Ok((Status::Failure, errors)) => vec![failed(Outcome::SeriousFailure, codes(errors))],
        Err(ClientError::Fault(fault)) => {
            vec![failed(Outcome::SeriousFailure, Some(fault_codes(fault)))]
        }
        Err(error) => vec![failed(Outcome::MajorFailure, Some(error.code().to_owned()))],
    }
}

fn codes(errors: &[RegistryError]) -> Option<String> {
    let codes = codes_of(errors);
    (!codes.is_empty()).then(|| codes.join(" "))
}
