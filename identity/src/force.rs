//! The rules of matching that are in force: those that the store says, whatever a process began with.

use crate::error::IdentityError;
use crate::store::rules;
use crate::{Identity, Inner};
use chrono::{DateTime, Utc};
use renkei_database::Db;
use renkei_matching::{Mistake, Rules};
use renkei_person::SharedAuthorities;
use std::sync::{Arc, PoisonError};

/// Rules as they are written. What is in one is readable: it was read when it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleBook {
    version: String,
    toml: String,
    terms: String,
}

impl RuleBook {
    /// Reads rules (TOML) and the shares of names (CSV); without these, those that come with the program.
    ///
    /// # Errors
    /// All mistakes at once.
    pub fn read(toml: &str, terms: Option<&str>) -> Result<Self, Vec<Mistake>> {
        let terms = terms.unwrap_or(renkei_matching::STANDARD_TERMS);
        let version = Rules::read(toml, terms)?.version.to_string();
        Ok(Self { version, toml: toml.to_owned(), terms: terms.to_owned() })
    }

    /// The rules that come with the program.
    pub fn standard() -> Self {
        let [toml, terms] = [renkei_matching::STANDARD, renkei_matching::STANDARD_TERMS];
        let version = Rules::read(toml, terms).map(|rules| rules.version.to_string());
        let version = version.unwrap_or_default();
        Self { version, toml: toml.to_owned(), terms: terms.to_owned() }
    }

    /// What they are called.
    pub fn version(&self) -> &str {
        &self.version
    }

    pub(crate) fn of_store(version: String, toml: String, terms: String) -> Self {
        Self { version, toml, terms }
    }

    pub(crate) fn texts(&self) -> (&str, &str) {
        (&self.toml, &self.terms)
    }

    /// The rules, with the authorities of a house.
    pub(crate) fn rules(&self, shared: &SharedAuthorities) -> Result<Rules, IdentityError> {
        let mut rules = Rules::read(&self.toml, &self.terms).map_err(|_| IdentityError::Content)?;
        rules.authorities = shared.clone();
        Ok(rules)
    }
}

/// Rules, and their place among all that ever were in force.
#[derive(Clone, Debug)]
pub(crate) struct InForce {
    pub(crate) epoch: i64,
    pub(crate) rules: Rules,
}

impl Inner {
    /// The rules in force, as this process knows them.
    pub(crate) fn in_force(&self) -> Arc<InForce> {
        Arc::clone(&self.force.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Before something is written: knows the rules in force, and puts those in force with which this process began
    /// if there are none.
    pub(crate) fn ready(&self, db: &mut Db, now: DateTime<Utc>) -> Result<(), IdentityError> {
        let epoch = match rules::epoch(db)? {
            0 => rules::put(db, &self.book, now.timestamp_micros())?,
            epoch => epoch,
        };
        self.learn(db, epoch)
    }

    /// Learns of rules that another process put in force.
    pub(crate) fn refresh(&self, db: &mut Db) -> Result<(), IdentityError> {
        let epoch = rules::epoch(db)?;
        self.learn(db, epoch)
    }

    fn learn(&self, db: &mut Db, epoch: i64) -> Result<(), IdentityError> {
        if epoch == self.in_force().epoch {
            return Ok(());
        }
        let Some((epoch, book)) = rules::in_force(db)? else { return Ok(()) };
        let force = InForce { epoch, rules: book.rules(&self.rules.shared)? };
        *self.force.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(force);
        Ok(())
    }
}

impl Identity {
    /// The rules in force.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rules_in_force(&self) -> Result<RuleBook, IdentityError> {
        let read = |db: &mut Db| {
            let found = rules::in_force(db)?;
            found.map(|(_, book)| book).ok_or(IdentityError::Content)
        };
        self.inner.database.read(read).await
    }
}
