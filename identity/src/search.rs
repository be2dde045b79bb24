//! Who fits what is asked (ITI-21, ITI-47): all of it has to fit, and what is found is bounded.

use crate::compare;
use crate::find::Found;
use crate::merge::newer_over_older;
use crate::store::{leads, persons};
use crate::{Identity, IdentityError, Inner};
use renkei_database::Db;
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::{Address, Birth, Contact, Insured, Name, Person, Sex};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The most records that are looked at for one search.
const LOOKED_AT: i64 = 2_000;

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Names, of which one has to fit, in any writing (ITI TF-2: 3.47.4.1.2.1); none: whatever somebody is called.
    pub names: Vec<SoughtName>,
    /// The birth, as exactly as it is known.
    pub birth: Option<Birth>,
    /// The sex.
    pub sex: Option<Sex>,
    /// Identifiers of any domain. A card without 枝番 finds all whom it insures.
    pub identifiers: Vec<PatientId>,
    /// Where they live: what it says has to stand in an address, whatever else does.
    pub addresses: Vec<Address>,
    /// Numbers.
    pub contacts: Vec<Contact>,
    /// The name of the mother before she married.
    pub mothers_maiden_name: Option<Name>,
}

/// A name, or a part of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SoughtName {
    /// Family name and given names; an empty part is not asked for.
    pub name: Name,
    /// Whether family names that begin so fit, too.
    pub family_goes_on: bool,
    /// The same of given names.
    pub given_goes_on: bool,
}

/// Where a further page begins. It stays true whatever happens to persons meanwhile, and needs no memory here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor(pub i64);

/// A person who fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    /// The place among all who fit, by which a further page begins after this one.
    pub place: Cursor,
    /// All identifiers of the domains that were asked for, those of the affinity domain first.
    pub identifiers: Vec<PatientId>,
    /// Those of the others, by which whoever asks may know the person.
    pub others: Vec<PatientId>,
    /// Who it is; without identifiers.
    pub person: Person,
}

/// A page of persons.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The persons.
    pub persons: Vec<Sought>,
    /// How many there are in all.
    pub total: usize,
    /// How many come after these.
    pub remaining: usize,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
}

impl Page {
    /// The page of these from `after` on, at most `limit` of them. They are in the order of their places.
    pub fn of(all: Vec<Sought>, after: Cursor, limit: usize) -> Self {
        let total = all.len();
        let mut persons: Vec<Sought> = all.into_iter().filter(|of| of.place > after).collect();
        let remaining = persons.len().saturating_sub(limit);
        persons.truncate(limit);
        let last = persons.last().map_or(after, |of| of.place);
        Self { persons, total, remaining, next: (remaining > 0).then_some(last) }
    }
}

/// What came of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Searched {
    /// Persons, or nobody.
    Found(Page),
    /// These domains are not known, by their place among those that were asked for.
    UnknownDomains(Vec<usize>),
    /// Nothing that was asked leads to persons: neither an identifier, nor a day of birth, nor a family name.
    TooLittle,
    /// More than are looked at.
    TooMany,
}

impl Identity {
    /// The persons whom all of `search` fits, from `after` on, at most `limit` of them, with their identifiers in
    /// `domains` (in all, if there are none). Whoever has none there is not found.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn search(
        &self,
        search: &Search,
        domains: &[Oid],
        after: Cursor,
        limit: usize,
    ) -> Result<Searched, IdentityError> {
        let (inner, search, domains) = (Arc::clone(&self.inner), search.clone(), domains.to_vec());
        let read = move |db: &mut Db| {
            let unknown = inner.unknown_domains(db, &domains)?;
            if !unknown.is_empty() {
                return Ok(Searched::UnknownDomains(unknown));
            }
            Asked { inner: &inner, search: &search, domains: &domains }.run(db, after, limit)
        };
        self.inner.database.read(read).await
    }
}

struct Asked<'a> {
    inner: &'a Inner,
    search: &'a Search,
    domains: &'a [Oid],
}

/// Where to look.
enum Way {
    Clusters(BTreeSet<i64>),
    TooLittle,
    TooMany,
}

impl Asked<'_> {
    fn run(&self, db: &mut Db, after: Cursor, limit: usize) -> Result<Searched, IdentityError> {
        let clusters = match self.clusters(db)? {
            Way::Clusters(clusters) => clusters,
            Way::TooLittle => return Ok(Searched::TooLittle),
            Way::TooMany => return Ok(Searched::TooMany),
        };
        let named = self.of_records(db)?;
        let mut all = Vec::new();
        for cluster in clusters {
            if named.iter().any(|other| *other != Some(cluster)) {
                continue;
            }
            all.extend(self.fitting(db, cluster)?);
        }
        Ok(Searched::Found(Page::of(all, after, limit)))
    }

    /// The persons among whom to look: by what leads to the fewest.
    fn clusters(&self, db: &mut Db) -> Result<Way, IdentityError> {
        let Search { identifiers, birth, names, .. } = self.search;
        if let Some(id) = identifiers.first() {
            return self.of_identifier(db, id);
        }
        // Each of the names leads somewhere, or none of them does: one that does not could be the one that fits.
        let all = |kind: fn(&Name) -> Option<String>, is_whole: bool| -> Option<Vec<String>> {
            let fit = |name: &SoughtName| !is_whole || !name.family_goes_on && !name.given_goes_on;
            let found = names.iter().map(|name| kind(&name.name).filter(|_| fit(name)));
            found.collect::<Option<Vec<_>>>().filter(|found| !found.is_empty())
        };
        let born = birth.and_then(leads::born).map(|text| vec![text]);
        let mut too_many = false;
        for texts in
            [born, all(leads::whole, true), all(leads::beginning, false)].into_iter().flatten()
        {
            let (mut found, mut is_cut) = (BTreeSet::new(), false);
            for text in texts {
                let hash = self.inner.vault.lead_hash(&text);
                let (led, is_more) = leads::clusters(db, &hash, LOOKED_AT)?;
                found.extend(led);
                is_cut |= is_more || i64::try_from(found.len()).is_ok_and(|n| n > LOOKED_AT);
            }
            if !is_cut {
                return Ok(Way::Clusters(found));
            }
            too_many = true;
        }
        Ok(if too_many { Way::TooMany } else { Way::TooLittle })
    }

    fn of_identifier(&self, db: &mut Db, id: &PatientId) -> Result<Way, IdentityError> {
        if self.inner.is_of_record(id) {
            let row = persons::by_hash(db, &self.inner.vault, &self.inner.vault.id_hash(id))?;
            return Ok(Way::Clusters(row.map(|row| row.cluster).into_iter().collect()));
        }
        let Some(text) = leads::identifier(&self.inner.rules, id).into_iter().next() else {
            return Ok(Way::Clusters(BTreeSet::new()));
        };
        let hash = self.inner.vault.lead_hash(&text);
        let (found, is_cut) = leads::clusters(db, &hash, LOOKED_AT)?;
        Ok(if is_cut { Way::TooMany } else { Way::Clusters(found) })
    }

    /// Whom each identifier of a record names now: one that was merged away names whom it became.
    fn of_records(&self, db: &mut Db) -> Result<BTreeSet<Option<i64>>, IdentityError> {
        let vault = &self.inner.vault;
        let ids = self.search.identifiers.iter().filter(|id| self.inner.is_of_record(id));
        let mut cluster =
            |id| Ok(persons::by_hash(db, vault, &vault.id_hash(id))?.map(|r| r.cluster));
        ids.map(&mut cluster).collect()
    }

    /// The person of a cluster, if everything fits and it has an identifier where one was asked for.
    fn fitting(&self, db: &mut Db, cluster: i64) -> Result<Option<Sought>, IdentityError> {
        let records = persons::of_cluster(db, &self.inner.vault, cluster)?;
        let all = crate::store::known::of(db, &self.inner.vault, cluster)?.unwrap_or_default();
        let mut named = self.search.identifiers.iter();
        let told = |id: &PatientId| self.inner.is_of_record(id) || self.names(id, &all);
        if !named.all(told) || !records.iter().any(|(_, found)| self.describes(&found.person)) {
            return Ok(None);
        }
        let is_asked_for =
            |id: &PatientId| self.domains.is_empty() || self.domains.contains(&id.authority);
        let (identifiers, others): (Vec<_>, Vec<_>) = all.into_iter().partition(is_asked_for);
        if identifiers.is_empty() {
            return Ok(None);
        }
        let (place, person) = (Cursor(cluster), self.inner.one_person(records));
        Ok(Some(Sought { place, identifiers, others, person }))
    }

    /// Whether an identifier that communities share is one of the person's: of a card, whether it insures the person.
    fn names(&self, id: &PatientId, all: &[PatientId]) -> bool {
        let insured = self.inner.rules.shared.insured.as_ref() == Some(&id.authority);
        let Some(asked) = Insured::parse(&id.id).filter(|_| insured) else {
            return all.contains(id);
        };
        let asked = asked.comparison_key();
        let cards = all.iter().filter(|other| other.authority == id.authority);
        let mut keys = cards.filter_map(|card| Some(Insured::parse(&card.id)?.comparison_key()));
        keys.any(|key| key == asked || asked.ends_with(':') && key.starts_with(&asked))
    }

    /// Whether all that was asked fits one description.
    fn describes(&self, person: &Person) -> bool {
        let Search { names, birth, sex, addresses, contacts, mothers_maiden_name, .. } =
            self.search;
        let name = |asked: &SoughtName| person.names.iter().any(|name| fits(asked, name));
        let within = |asked: &Birth| {
            let known = person.birth.as_ref();
            known.is_some_and(|b| asked.first() <= b.first() && b.last() <= asked.last())
        };
        let lives = |asked: &Address| person.addresses.iter().any(|known| stands_in(asked, known));
        let number = |asked: &Contact| {
            let asked = compare::contact(asked);
            asked.is_some() && person.contacts.iter().any(|known| compare::contact(known) == asked)
        };
        let mother = |asked: &Name| {
            let asked = SoughtName { name: asked.clone(), ..SoughtName::default() };
            person.mothers_maiden_name.as_ref().is_some_and(|name| fits(&asked, name))
        };
        (names.is_empty() || names.iter().any(name))
            && birth.iter().all(within)
            && sex.iter().all(|sex| person.sex == Some(*sex))
            && addresses.iter().all(lives)
            && contacts.iter().all(number)
            && mothers_maiden_name.iter().all(mother)
    }
}

impl Inner {
    /// What all records of a person say of it, that of the affinity domain before others.
    fn one_person(&self, records: Vec<(i64, Found)>) -> Person {
        let home = |found: &Found| found.id.authority == self.rules.home;
        let mut records: Vec<Found> = records.into_iter().map(|(_, found)| found).collect();
        records.sort_by_key(|found| !home(found));
        let person = records
            .iter()
            .map(|found| &found.person)
            .fold(Person::default(), |person, record| newer_over_older(&person, record));
        Person { identifiers: Vec::new(), ..person }
    }
}

/// Whether a name is the one that was asked for, or begins so.
fn fits(asked: &SoughtName, name: &Name) -> bool {
    let (family, given) = asked.name.compared();
    let known = name.compared();
    let part = |asked: &str, goes_on: bool, known: &str| match goes_on {
        true => known.starts_with(asked),
        false => asked.is_empty() || asked == known,
    };
    part(&family, asked.family_goes_on, &known.0) && part(&given, asked.given_goes_on, &known.1)
}

/// Whether each part of the one address stands in the other.
fn stands_in(asked: &Address, known: &Address) -> bool {
    let known = compare::address(known);
    let parts = [&asked.postal_code, &asked.state, &asked.city];
    let parts = parts.into_iter().flatten().chain(&asked.lines);
    let folded = |part: &String| {
        compare::address(&Address { lines: vec![part.clone()], ..Address::default() })
    };
    parts.map(folded).all(|part| known.contains(&part))
}
