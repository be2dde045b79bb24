//! What entitlements come to in one house.

use super::set;
use super::sight::{EmployerCode, Number, Sight};
use crate::pki::name::is_desk;
use renkei_context::{Authorities, Labels};
use renkei_metadata::codes::CodeList;
use std::collections::{BTreeMap, BTreeSet};
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
    /// The authorities of identifiers of persons that nodes are named for, and of all of them.
    named: BTreeMap<String, BTreeSet<String>>,
    of_somebody: Arc<BTreeSet<String>>,
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
            ..Self::default()
        }
    }

    /// The same where nodes are named for authorities of identifiers of persons (`identity.source_domains`).
    pub(crate) fn with_authorities(self, named: BTreeMap<String, BTreeSet<String>>) -> Self {
        let of_somebody = Arc::new(named.values().flatten().cloned().collect());
        Self { named, of_somebody, ..self }
    }

    /// The same for a part of the house, which may use what is the house's.
    pub(in crate::pki) fn of_house(&self) -> Self {
        Self { repositories: Arc::default(), ..self.clone() }
    }

    /// Those of the node `name`; any for the house's own, which merges two identifiers as two people told it.
    pub(super) fn authorities(&self, name: &str) -> Authorities {
        if is_desk(name) {
            return Authorities::any();
        }
        let own = self.named.get(name).cloned().unwrap_or_default();
        Authorities::new(own, Arc::clone(&self.of_somebody))
    }

    /// The labels of an institution with this number.
    pub(super) fn of_institution(Number(number): &Number) -> BTreeSet<String> {
        by(number, INSTITUTIONS)
    }

    /// What opens objects to whoever sees so; what the domain has no codes for opens nothing.
    pub(super) fn opening(&self, sight: &Sight) -> Option<Labels> {
        let meant =
            |audiences: &BTreeSet<String>| (!audiences.is_empty()).then(|| audiences.clone());
        Some(match sight {
            // The one is no opening but the whole, the other is everybody's.
            Sight::Domain | Sight::Own => return None,
            Sight::Institution(number) => {
                Labels { institutions: Self::of_institution(number), ..Labels::default() }
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

fn by(number: &str, issuers: [&str; 2]) -> BTreeSet<String> {
    set(issuers.map(|issuer| format!("{number}^^{issuer}")))
}

/// The arc of employers' codes below that of the domain.
const EMPLOYERS: u8 = renkei_source_adapter::submit::EMPLOYERS;
