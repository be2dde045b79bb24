//! Which documents of others a caller may have: those of which it may know the entries.
//!
//! A request of ITI-43 names documents and says nothing of them. For a caller who sees everything it goes on as it is;
//! for any other one the community is asked for the entries first (GetDocuments, ITI-38), by the same sight as in a
//! query of the caller's own.

use super::retrieve::{Sorted, about};
use super::sight::Sight;
use super::{Gateway, merge, rules, said};
use crate::community::Community;
use futures_util::future;
use renkei_context::Ctx;
use renkei_metadata::finding::{Finding, Rule};
use renkei_metadata::ids::UniqueId;
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::transaction::ITI_38;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

/// Documents whose entries are asked for at once: fewer than the values of a query that others take.
const IDS_AT_ONCE: usize = 500;

impl Gateway {
    /// Leaves in `sorted` what the caller may have, and tells of the rest what it would hear if there were no such
    /// documents.
    pub async fn entitled(&self, ctx: &Ctx, sorted: Sorted) -> Sorted {
        let sight = Sight::of(ctx);
        if sight.is_whole() || sorted.elsewhere.is_empty() {
            return sorted;
        }
        let Sorted { own, elsewhere, mut findings } = sorted;
        let asked = elsewhere.into_iter().map(|(community, requests)| async {
            let known = self.entries_of(ctx, &community, &requests, &sight).await;
            (community, requests, known)
        });
        let mut entitled = Vec::new();
        for (community, requests, known) in future::join_all(asked).await {
            let (known, why) = match known {
                Ok(known) => (known, &rules::DOCUMENT_UNKNOWN),
                Err(rule) => (HashSet::new(), rule),
            };
            let is_known = |r: &DocumentRequest| {
                known.contains(&(r.repository.as_str().to_owned(), r.unique_id.as_str().to_owned()))
            };
            let (may, may_not): (Vec<_>, Vec<_>) = requests.into_iter().partition(is_known);
            let told = may_not.iter().map(|request| about(why, &community, request));
            findings.extend(told.collect::<Vec<Finding>>());
            if !may.is_empty() {
                entitled.push((community, may));
            }
        }
        Sorted { own, elsewhere: entitled, findings }
    }

    /// Repositories and uniqueIds of the entries that the caller may know of, among those that are asked for.
    async fn entries_of(
        &self,
        ctx: &Ctx,
        community: &Arc<Community>,
        requests: &[DocumentRequest],
        sight: &Sight,
    ) -> Result<HashSet<(String, String)>, &'static Rule> {
        let deadline = ctx.deadline.min(Instant::now() + self.inner.config.query_time);
        let ids: Vec<UniqueId> = requests.iter().map(|r| r.unique_id.clone()).collect();
        let mut known = HashSet::new();
        for ids in ids.chunks(IDS_AT_ONCE) {
            let query = QueryBuilder::get_documents_by_unique_id(ids).home(&community.home).build();
            let answer = self.answer_of(community, &query, deadline).await;
            let word = answer.as_ref().map_or_else(|rule| rule.id, |_| said::ANSWERED);
            self.inner.config.observer.asked(community.home.as_str(), ITI_38.id, word);
            let mut passed = merge::pass(community, &[], ctx.now(), answer?);
            sight.keep(&mut passed.objects);
            let content = passed.objects.into_iter().map(|object| object.content);
            known.extend(content.map(|content| (content.repository, content.unique_id)));
        }
        Ok(known)
    }
}
