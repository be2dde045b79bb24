//! What entitlements come to in one house.

use super::set;
use super::sight::{EmployerCode, Number, Sight};
use renkei_context::Labels;
use renkei_metadata::codes::CodeList;
use std::collections::BTreeSet;
use std::sync::Arc;

/// 健診・保健指導機関番号, and 保険医療機関番号: an institution is known by either.
pub(super) const INSTITUTIONS: [&str; 2] = ["1.2.392.200119.6.102", "1.2.392.100495.20.3.21"];
/// 保険者番号, as CDA and as FHIR documents have it.
pub(super) const INSURERS: [&str; 2] = ["1.2.392.200119.6.101", "1.2.392.100495.20.3.61"];
/// Audiences of the documents that an occupational doctor reads without consent, and those that an
/// insurer reads of its own members.
const OF_EMPLOYERS: [&str; 2] = ["STAT", "WORK"];
const OF_INSURERS: [&str; 2] = ["STAT", "FULL"];
/// What entitlements are measured by in this house: the codes of its domain, and its own identifiers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {
    /// Who issues the codes of employers.
    employers: Option<String>,
    of_employers: BTreeSet<String>,
    of_insurers: BTreeSet<String>,
    /// The repositoryUniqueIds of the house itself.
    pub(super) repositories: Arc<BTreeSet<String>>,
    /// The sourceIds of the house itself.
    pub(in crate::pki) sources: BTreeSet<String>,
}

impl Terms {
    /// Those of the affinity domain of `codes`, in the house with these identifiers.
    pub(crate) fn new(codes: &CodeList, repository: &str, source: &str) -> Self {
        let audiences = |words: [&str; 2]| {
            let listed =
                words.into_iter().flat_map(|word| codes.codes("confidentialityCode", word));
            listed.map(|code| code.key()).collect()
        };
        Self {
            employers: codes.oid_root().map(|root| format!("{root}.{EMPLOYERS}")),
            of_employers: audiences(OF_EMPLOYERS),
            of_insurers: audiences(OF_INSURERS),
            repositories: Arc::new(set([repository.to_owned()])),
            sources: set([source.to_owned()]),
        }
    }

    /// The same for a part of the house, which may use what is the house's.
    pub(in crate::pki) fn of_house(&self) -> Self {
        Self { repositories: Arc::default(), ..self.clone() }
    }

    /// What opens objects to whoever sees so; what the domain has no codes for opens nothing.
    pub(super) fn opening(&self, sight: &Sight) -> Option<Labels> {
        let by = |number: &str, issuers: [&str; 2]| {
            set(issuers.map(|issuer| format!("{number}^^{issuer}")))
        };
        let meant =
            |audiences: &BTreeSet<String>| (!audiences.is_empty()).then(|| audiences.clone());
        Some(match sight {
            // The one is no opening but the whole, the other is everybody's.
            Sight::Domain | Sight::Own => return None,
            Sight::Institution(Number(number)) => {
                Labels { institutions: by(number, INSTITUTIONS), ..Labels::default() }
            }
            Sight::Insurer(Number(number)) => Labels {
                recipients: by(number, INSURERS),
                audiences: meant(&self.of_insurers)?,
                ..Labels::default()
            },
            Sight::Employer(EmployerCode(code)) => Labels {
                recipients: set([format!("{code}^^{}", self.employers.as_ref()?)]),
                audiences: meant(&self.of_employers)?,
                ..Labels::default()
            },
        })
    }
}

/// The arc of employers' codes below that of the domain.
const EMPLOYERS: u8 = renkei_source_adapter::submit::EMPLOYERS;
