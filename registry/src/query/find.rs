//! What a stored query finds: the verb below every form of asking.

use super::hits::Hits;
use crate::store::search::{Bounds, Matches, NotSearchable, Search, SearchError};
use crate::{Registry, failure, rules};
use renkei_context::{Ctx, Scope};
use renkei_metadata::finding::Finding;
use renkei_xds::catalogue::{Attribute, StoredQuery};
use renkei_xds::iti18::ReturnType;
use std::sync::Arc;

impl Registry {
    /// Finds the objects of `query` that the caller may know of. Nothing is recorded here: whoever
    /// shows what was found records that first.
    ///
    /// # Errors
    /// Findings: too many objects, objects of several patients where the query allows one, a
    /// condition on an attribute that is not searched, or a failure of the house.
    pub async fn find(
        &self,
        ctx: &Ctx,
        query: &StoredQuery,
        scope: &Scope,
    ) -> Result<Hits, Vec<Finding>> {
        let name = query.def.name;
        if ctx.remaining().is_zero() {
            return Err(vec![Finding::new(&rules::BUSY, name)]);
        }
        let (vault, dialect) = (&self.inner.vault, self.inner.database.dialect());
        let scope = (scope, ctx.origin.is_to_erase);
        let search = Search::new(query, scope, vault, dialect).map_err(|NotSearchable(a)| {
            let rule = match a {
                Attribute::PatientId => &rules::QUERY_TOO_WIDE,
                _ => &rules::CONDITION_NOT_OFFERED,
            };
            vec![Finding::new(rule, name).attribute(a.name())]
        })?;
        let whole = query.return_type == ReturnType::LeafClass;
        let failed = |e: SearchError| vec![failure::of_search(&e, name)];
        let matches = self.matches(search, whole).await.map_err(failed)?;
        self.check_bounds(query, whole, &matches).map_err(|finding| vec![*finding])?;
        let hits = Hits::new(Arc::clone(&self.inner), whole, matches);
        hits.map_err(|e| failed(e.into()))
    }

    /// A page at most is read at once, on the caller's thread where the database lies beside it.
    /// Whatever is larger goes to a reader thread.
    async fn matches(&self, search: Search, whole: bool) -> Result<Matches, SearchError> {
        let (inner, search) = (Arc::clone(&self.inner), Arc::new(search));
        let page = inner.limits.query_page.max(1);
        if search.fits_a_statement() {
            let (inner, search) = (Arc::clone(&inner), Arc::clone(&search));
            let database = self.inner.database.clone();
            let first = move |db: &mut _| search.first(db, &inner.vault, whole, page);
            if let Some(matches) = database.read_short(first).await? {
                return Ok(matches);
            }
        }
        let bounds =
            Bounds { results: self.most(whole), candidates: inner.limits.query_references };
        let database = self.inner.database.clone();
        database.read(move |db| search.all(db, &inner.vault, bounds)).await
    }

    /// How many objects an answer may hold.
    fn most(&self, whole: bool) -> usize {
        let limits = &self.inner.limits;
        if whole { limits.query_results } else { limits.query_references }
    }

    fn check_bounds(
        &self,
        query: &StoredQuery,
        whole: bool,
        matches: &Matches,
    ) -> Result<(), Box<Finding>> {
        let name = query.def.name;
        // References are how a consumer asks patient by patient (ITI TF-2: 3.18.4.1.2.3.7.5).
        if query.def.single_patient && whole && matches.patients.len() > 1 {
            return Err(Box::new(Finding::new(&rules::NOT_SINGLE_PATIENT, name)));
        }
        let most = self.most(whole);
        if matches.objects.len() > most || matches.incomplete {
            let setting = if whole && !matches.incomplete {
                "limits.query_results"
            } else {
                "limits.query_references"
            };
            let most = if matches.incomplete { self.inner.limits.query_references } else { most };
            let finding = Finding::new(&rules::TOO_MANY_RESULTS, name)
                .attribute(setting)
                .expected(format!("at most {most} results"), format!("{most}件以内の結果"));
            return Err(Box::new(finding));
        }
        Ok(())
    }
}
