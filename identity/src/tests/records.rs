//! Records of every domain, and which of them the feed tells to be one person.

use super::order::{at, moved, of};
use super::{CONFIGURED, HOME, INSURED, SHARED, World, hanako, id, insured, numbered, oid, worlds};
use crate::{CrossReference, News, Told};
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::{Merge, Person};

pub(crate) const CLINIC: &str = "2.999.7";
const COMPANY: &str = "2.999.8";

pub(crate) fn local(number: &str, authority: &str) -> PatientId {
    PatientId::new(number, oid(authority)).unwrap()
}

/// Whom an authority that communities share tells apart from others who are like her: no rules link them.
pub(crate) fn apart(person: Person, number: &str) -> Person {
    numbered(person, number, SHARED)
}

/// Hanako, as somebody tells of her who does not know her id of the affinity domain.
pub(crate) fn hers(number: &str, authority: &str) -> Person {
    numbered(hanako(""), number, authority)
}

impl World {
    pub(crate) async fn take(&self, news: Vec<Told>) {
        self.identity.take(news).await.unwrap();
    }

    /// The other identifiers of a person, without their authorities; `None` if the identifier is not known.
    pub(crate) async fn others(&self, of: &PatientId, domains: &[&str]) -> Option<Vec<String>> {
        let domains: Vec<Oid> = domains.iter().map(|domain| oid(domain)).collect();
        let found = self.identity.cross_reference(of, &domains).await.unwrap();
        match found.of {
            CrossReference::Known(ids) => Some(ids.into_iter().map(|id| id.id).collect()),
            CrossReference::UnknownDomain | CrossReference::UnknownId => None,
        }
    }

    /// The identifiers of each change that was put down, which is forgotten.
    pub(crate) async fn changed(&self) -> Vec<Vec<String>> {
        let changes = self.identity.changes(100).await.unwrap();
        let keys = changes.iter().map(|change| change.key).collect();
        self.identity.changes_told(keys).await.unwrap();
        let ids = |ids: Vec<PatientId>| {
            let own = ids.into_iter().filter(|id| id.authority != oid(SHARED));
            own.map(|id| id.id).collect()
        };
        changes.into_iter().map(|change| ids(change.changed.now)).collect()
    }
}

#[tokio::test]
async fn who_is_named_together_is_one_person_in_every_domain() {
    for w in worlds() {
        let told = numbered(numbered(hanako("1"), "A-1", CLINIC), "C-1", COMPANY);
        w.take(vec![of(1, insured(told, "138057:1:1:1"))]).await;
        assert_eq!(w.changed().await, [["1", "138057:1:1:1", "A-1", "C-1"]]);
        let others = w.others(&local("A-1", CLINIC), &[HOME, COMPANY]).await.unwrap();
        assert_eq!(others, ["1", "C-1"]);
        assert_eq!(w.others(&id("1"), &[INSURED]).await.unwrap(), ["138057:1:1:1"]);
        assert_eq!(w.others(&id("1"), &[HOME]).await.unwrap(), Vec::<String>::new());
        // By the card in other words, too.
        let card = local("00138057:１:1:01", INSURED);
        assert_eq!(w.others(&card, &[CLINIC]).await.unwrap(), ["A-1"]);
        // The same news change nothing, and nobody is told of them.
        let again = numbered(numbered(hanako("1"), "A-1", CLINIC), "C-1", COMPANY);
        w.take(vec![of(1, again)]).await;
        assert_eq!(w.changed().await, Vec::<Vec<String>>::new());
    }
}

#[tokio::test]
async fn an_institution_that_knows_no_id_of_the_domain_makes_a_record_of_its_own() {
    for w in worlds() {
        w.take(vec![of(1, hers("A-1", CLINIC))]).await;
        assert_eq!(w.others(&local("A-1", CLINIC), &[]).await, Some(vec![]));
        // Others are answered by the ids of the domain alone.
        assert_eq!(w.found(&hanako("")).await, None);
        w.take(vec![of(2, numbered(hers("A-1", CLINIC), "C-1", COMPANY))]).await;
        assert_eq!(w.others(&local("C-1", COMPANY), &[]).await.unwrap(), ["A-1"]);
        w.take(vec![of(3, numbered(hanako("1"), "A-1", CLINIC))]).await;
        assert_eq!(w.others(&local("C-1", COMPANY), &[]).await.unwrap(), ["1", "A-1"]);
    }
}

#[tokio::test]
async fn what_is_not_known_is_told_apart() {
    for w in worlds() {
        w.take(vec![of(1, numbered(hanako("1"), "A-1", CLINIC))]).await;
        let ask = async |id: PatientId, domains: &[&str]| {
            let domains: Vec<Oid> = domains.iter().map(|domain| oid(domain)).collect();
            w.identity.cross_reference(&id, &domains).await.unwrap()
        };
        assert_eq!(ask(local("A-9", CLINIC), &[]).await.of, CrossReference::UnknownId);
        assert_eq!(ask(local("1", "2.999.99"), &[]).await.of, CrossReference::UnknownDomain);
        assert_eq!(ask(local("1", CONFIGURED), &[]).await.of, CrossReference::UnknownId);
        let found = ask(id("1"), &[CLINIC, "2.999.99", SHARED, CONFIGURED, "2.999.98"]).await;
        assert_eq!(found.of, CrossReference::Known(vec![local("A-1", CLINIC)]));
        assert_eq!(found.unknown, [1, 4]);
    }
}

#[tokio::test]
async fn a_card_without_branch_names_nobody() {
    for w in worlds() {
        w.take(vec![of(1, insured(hanako("1"), "138057:1:1:"))]).await;
        assert_eq!(w.others(&local("138057:1:1:", INSURED), &[]).await, None);
        assert_eq!(w.others(&id("1"), &[INSURED]).await.unwrap(), ["138057:1:1:"]);
    }
}

#[tokio::test]
async fn a_local_identifier_that_moves_takes_its_links_along() {
    for w in worlds() {
        let both = numbered(hers("A-1", CLINIC), "C-1", COMPANY);
        let news = [
            of(1, both),
            of(2, apart(numbered(hanako("1"), "C-1", COMPANY), "S-1")),
            of(2, apart(hanako("2"), "S-2")),
            moved(3, ["1", "2"], "A-1", CLINIC),
        ];
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]] {
            w.take(order.map(|n: usize| news[n].clone()).to_vec()).await;
            let others =
                async |of: PatientId| w.others(&of, &[HOME, CLINIC, COMPANY]).await.unwrap();
            assert_eq!(others(local("A-1", CLINIC)).await, ["2"], "{order:?}");
            assert_eq!(others(local("C-1", COMPANY)).await, ["1"], "{order:?}");
        }
    }
}

#[tokio::test]
async fn a_person_who_is_parted_in_two_is_two_changes() {
    for w in worlds() {
        let told = apart(numbered(hanako("1"), "A-1", CLINIC), "S-1");
        w.take(vec![of(1, told), of(1, apart(hanako("2"), "S-2"))]).await;
        w.changed().await;
        w.take(vec![moved(2, ["1", "2"], "A-1", CLINIC)]).await;
        let mut changed = w.changed().await;
        changed.sort();
        assert_eq!(changed, [vec!["1"], vec!["2", "A-1"]]);
    }
}

#[tokio::test]
async fn identifiers_that_were_merged_away_lead_on_and_are_told_no_more() {
    for w in worlds() {
        w.take(vec![
            of(1, numbered(hanako("1"), "A-1", CLINIC)),
            of(1, numbered(hanako("2"), "B-1", COMPANY)),
        ])
        .await;
        w.merge("1", "2").await;
        let all = ["A-1", "B-1"];
        assert_eq!(w.others(&id("2"), &[]).await.unwrap(), all);
        assert_eq!(w.others(&id("1"), &[CLINIC, COMPANY]).await.unwrap(), all);
        assert_eq!(w.others(&local("A-1", CLINIC), &[HOME]).await.unwrap(), ["2"]);
        // An institution merges its own as well.
        let merge = Merge { subsumed: local("A-1", CLINIC), survivor: local("A-2", CLINIC) };
        let news = News::Merged(merge, Box::default());
        w.take(vec![Told { at: at(5), news }]).await;
        assert_eq!(w.others(&local("A-1", CLINIC), &[]).await.unwrap(), ["2", "A-2", "B-1"]);
        assert_eq!(w.others(&id("2"), &[CLINIC]).await.unwrap(), ["A-2"]);
    }
}
