//! A stored query as SQL.
//!
//! One statement decides which objects there are and all that may change about them: whatever is
//! committed later, the answer is the state of that moment. The usual answer, a page at most, comes
//! with its ebRIM by that same statement. Of a larger one the ebRIM follows by key, page by page, each
//! in a statement of its own, so that no read transaction is open while a peer is slow; it never
//! changes, so that reading it late tells nothing new.
//!
//! [`subject`]: the objects that a query names; [`anyone`]: where it names no patient; [`ways`]: what leads from them to the objects of the
//! answer; [`conditions`]: what has to hold for these; [`visibility`]: what the caller may know of;
//! [`matches`]: what comes out; [`seen`]: the same of objects that no query names.

mod anyone;
mod conditions;
mod matches;
pub(crate) mod seen;
mod subject;
mod visibility;
mod ways;

pub(crate) use conditions::NotSearchable;
pub(crate) use matches::{Match, Matches, fragments};

use super::statement::{Bind, Sql};
use super::vault::{Vault, VaultError};
use conditions::PatternCheck;
use diesel::RunQueryDsl;
use diesel::connection::DefaultLoadingMode;
use diesel::sql_types::{Binary, Nullable};
use matches::{Candidate, CandidateTypes, Collector};
use renkei_context::Scope;
use renkei_database::{DatabaseError, Db, Dialect, each};
use renkei_metadata::model::ObjectKind;
use renkei_xds::catalogue::StoredQuery;

/// Why an answer could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SearchError {
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A sealed column.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// An object was removed after the state of the answer had been decided.
    #[error("an object of the answer was removed while it was read")]
    Overtaken,
}

impl From<diesel::result::Error> for SearchError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// How much a search may return.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Objects in all; one more shows that there are too many.
    pub(crate) results: usize,
    /// Rows that Rust looks at where SQL cannot decide.
    pub(crate) candidates: usize,
}

/// A stored query, ready to be run.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    /// The selects of all parts.
    selects: Vec<Sql>,
    /// Whether two of them may find the same object.
    overlapping: bool,
    checks: Vec<PatternCheck>,
    /// The kinds of the parts, in their order.
    order: Vec<ObjectKind>,
    keep: bool,
}

/// The columns of a candidate, as the selects name them.
const CANDIDATE: &str = "k.kind, k.key, k.id, k.status, k.availability, k.version, k.lid, \
    k.last_update, k.home, k.root, k.cx_hash, k.cx, k.author_persons, k.reference_ids";

impl Search {
    /// The statement that answers `query` for a caller who may know of `scope`; `alone`: of documents of which all
    /// entries are in it.
    pub(crate) fn new(
        query: &StoredQuery,
        (scope, is_alone): (&Scope, bool),
        vault: &Vault,
        dialect: Dialect,
    ) -> Result<Self, NotSearchable> {
        ways::Planner { query, scope, is_alone, vault, dialect }.search()
    }

    /// Whether SQL alone decides, so that a page of it may be asked for first.
    pub(crate) fn fits_a_statement(&self) -> bool {
        self.checks.is_empty()
    }

    /// The whole answer, if it is not larger than a page; with its ebRIM if it is to be `whole`.
    pub(crate) fn first(
        &self,
        db: &mut Db,
        vault: &Vault,
        whole: bool,
        page: usize,
    ) -> Result<Option<Matches>, SearchError> {
        if self.selects.is_empty() {
            return Ok(Some(Matches::default()));
        }
        let mut collector = Collector::new(vault, &self.checks);
        if whole {
            let statement = self.with_fragments(page.saturating_add(1));
            let statement = statement.rows::<(CandidateTypes, Nullable<Binary>)>(self.keep);
            let rows = each!(db, |c| statement.load::<(Candidate, Option<Vec<u8>>)>(c))?;
            for (candidate, fragment) in rows {
                collector.add_with_fragment(candidate, fragment)?;
            }
        } else {
            let statement = self.candidates(page.saturating_add(1));
            let statement = statement.rows::<CandidateTypes>(self.keep);
            for candidate in each!(db, |c| statement.load::<Candidate>(c))? {
                collector.add(candidate)?;
            }
        }
        let fits = collector.len() <= page;
        Ok(fits.then(|| collector.finish(&self.order)))
    }

    /// The answer without its ebRIM; one object or candidate more than `bounds` shows that there are
    /// too many.
    pub(crate) fn all(
        &self,
        db: &mut Db,
        vault: &Vault,
        bounds: Bounds,
    ) -> Result<Matches, SearchError> {
        if self.selects.is_empty() {
            return Ok(Matches::default());
        }
        let limit = if self.checks.is_empty() { bounds.results } else { bounds.candidates };
        let statement = self.candidates(limit.saturating_add(1));
        let statement = statement.rows::<CandidateTypes>(self.keep);
        let mut collector = Collector::new(vault, &self.checks);
        let mut looked_at = 0usize;
        each!(db, |c| for candidate in statement.load_iter::<Candidate, DefaultLoadingMode>(c)? {
            looked_at = looked_at.saturating_add(1);
            collector.add(candidate?)?;
            if collector.len() > bounds.results {
                break;
            }
        });
        let mut matches = collector.finish(&self.order);
        matches.incomplete = !self.checks.is_empty() && looked_at > limit;
        Ok(matches)
    }

    /// Up to `limit` candidates, in no order.
    fn candidates(&self, limit: usize) -> Sql {
        let mut sql = Sql::default();
        for (n, select) in self.selects.iter().enumerate() {
            sql.push(match (n, self.overlapping) {
                (0, _) => "",
                (_, true) => " UNION ",
                (_, false) => " UNION ALL ",
            });
            sql.append(select.clone());
        }
        sql.push(" LIMIT ").bind(Bind::Big(i64::try_from(limit).unwrap_or(i64::MAX)));
        sql
    }

    /// The same with their ebRIM.
    fn with_fragments(&self, limit: usize) -> Sql {
        let mut sql = Sql::new("SELECT ");
        sql.push(CANDIDATE).push(", f.sealed FROM (").append(self.candidates(limit));
        sql.push(") k LEFT JOIN fragment f ON f.key = k.key");
        sql
    }

    /// Its statements with literal values, for their plans.
    #[cfg(test)]
    pub(crate) fn literal(&self, dialect: Dialect) -> Vec<String> {
        vec![self.with_fragments(201).literal(dialect), self.candidates(10_001).literal(dialect)]
    }

    /// Their text without the values, and whether they are kept prepared.
    #[cfg(test)]
    pub(crate) fn shape(&self) -> (String, bool) {
        (self.with_fragments(201).shape(), self.keep)
    }
}
