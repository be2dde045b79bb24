//! The domains of which identifiers were told.

use super::schema::domain;
use crate::Inner;
use crate::error::IdentityError;
use diesel::{OptionalExtension, QueryDsl, RunQueryDsl};
use renkei_database::{Db, each};
use renkei_metadata::ids::Oid;

impl Inner {
    /// Whether anybody could know an identifier of this domain.
    pub(crate) fn knows_domain(&self, db: &mut Db, of: &Oid) -> Result<bool, IdentityError> {
        if self.rules.trusts(of) || self.domains.contains(of) {
            return Ok(true);
        }
        let query = domain::table.find(of.to_string()).select(domain::oid);
        let known: Option<String> = each!(db, |c| query.first(c).optional())?;
        Ok(known.is_some())
    }

    /// Those that are not known, by their place.
    pub(crate) fn unknown_domains(
        &self,
        db: &mut Db,
        all: &[Oid],
    ) -> Result<Vec<usize>, IdentityError> {
        let mut unknown = Vec::new();
        for (place, of) in all.iter().enumerate() {
            if !self.knows_domain(db, of)? {
                unknown.push(place);
            }
        }
        Ok(unknown)
    }
}
