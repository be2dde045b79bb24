//! What is said of patients for whom nothing can be there: that nothing was found would be taken for an answer
//! about them.

use crate::store::lookup;
use crate::store::search::{SearchError, seen};
use crate::{PatientPolicy, Registry, failure, rules};
use renkei_context::Scope;
use renkei_metadata::finding::{Finding, Rule};
use renkei_metadata::ids::PatientId;
use std::sync::Arc;

/// The key of no patient. For one whom nobody announced documents are looked for like for one of whom nothing is opened,
/// so that the time that it takes does not tell these apart.
const NOBODYS_KEY: i64 = 0;

/// Why there is nothing.
#[derive(Clone, Copy)]
enum Nobody {
    OfAnotherDomain,
    Unknown,
    Subsumed,
}

impl Nobody {
    const fn rule(self) -> &'static Rule {
        match self {
            Self::OfAnotherDomain => &rules::ASKED_ANOTHER_DOMAIN,
            Self::Unknown => &rules::ASKED_UNKNOWN,
            Self::Subsumed => &rules::ASKED_SUBSUMED,
        }
    }
}

impl Registry {
    /// Warnings for the patients of a query whom nobody announced, who were merged into others, or who are of
    /// another domain. Of whom `scope` opens no document is nobody, for whom it is not everything.
    pub(super) async fn nobodies(
        &self,
        scope: &Scope,
        patients: &[PatientId],
        query: &'static str,
    ) -> Result<Vec<Finding>, Vec<Finding>> {
        if patients.is_empty() {
            return Ok(Vec::new());
        }
        let (inner, asked, scope) = (Arc::clone(&self.inner), patients.to_vec(), scope.clone());
        let read = move |db: &mut _| {
            let mut found = Vec::new();
            for patient in asked {
                if patient.authority != inner.patients.assigning_authority {
                    found.push((patient, Nobody::OfAnotherDomain));
                    continue;
                }
                let row = lookup::patient(db, &inner.vault.hash(&patient))?;
                let root = row.map_or(NOBODYS_KEY, |row| row.root);
                let is_opened = seen::patient(db, &scope, root)?;
                match row.filter(|_| is_opened) {
                    // Who may have documents without being announced has none yet.
                    None if inner.patients.policy == PatientPolicy::AcceptAny => {}
                    None => found.push((patient, Nobody::Unknown)),
                    Some(row) if row.root != row.key => found.push((patient, Nobody::Subsumed)),
                    Some(_) => {}
                }
            }
            Ok::<_, SearchError>(found)
        };
        let found = self.inner.database.read(read).await;
        let found = found.map_err(|error| vec![failure::of_search(&error, query)])?;
        let own = &self.inner.patients.assigning_authority;
        let told = |(patient, nobody): (PatientId, Nobody)| {
            let finding = Finding::new(nobody.rule(), query).value(patient.to_string());
            match nobody {
                Nobody::OfAnotherDomain => finding
                    .expected(format!("an identifier of {own}"), format!("{own} の発番したID")),
                Nobody::Unknown | Nobody::Subsumed => finding,
            }
        };
        Ok(found.into_iter().map(told).collect())
    }
}
