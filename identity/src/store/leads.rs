//! What records are found by: keyed hashes of what a search may ask for.

use super::bulk;
use super::schema::{lead, person};
use super::vault::Vault;
use crate::IdentityRules;
use crate::find::Found;
use diesel::{ExpressionMethods, QueryDsl, QueryResult, RunQueryDsl};
use renkei_database::{Db, each};
use renkei_metadata::ids::PatientId;
use renkei_person::{Birth, Insured, Name};
use std::collections::BTreeSet;

/// The letters of a family name by which names are found that begin so.
const BEGINNING: usize = 2;

/// The most names, and the most identifiers, of a record that lead to it.
const MOST: usize = 64;

/// A hash.
pub(crate) type Hash = Vec<u8>;

/// What leads to a record.
pub(crate) fn of(rules: &IdentityRules, vault: &Vault, found: &Found) -> BTreeSet<Hash> {
    let person = &found.person;
    let mut texts = BTreeSet::new();
    let ids = person.identifiers.iter().map(|i| &i.id).take(MOST);
    for id in ids.filter(|id| rules.shared.has(&id.authority)) {
        texts.extend(identifier(rules, id));
    }
    texts.extend(person.birth.and_then(born));
    for name in person.names.iter().take(MOST) {
        texts.extend([whole(name), beginning(name)].into_iter().flatten());
    }
    texts.iter().map(|text| vault.lead_hash(text)).collect()
}

/// By an identifier that is no record's: a card leads to all whom it insures, and with 枝番 to one of them.
pub(crate) fn identifier(rules: &IdentityRules, id: &PatientId) -> Vec<String> {
    if rules.shared.insured.as_ref() != Some(&id.authority) {
        return vec![format!("id\n{id}")];
    }
    let Some(card) = Insured::parse(&id.id) else { return Vec::new() };
    let key = card.comparison_key();
    let (family, branch) = key.rsplit_once(':').unwrap_or((&key, ""));
    let family = format!("card\n{family}");
    match branch {
        "" => vec![family],
        _ => vec![format!("insured\n{key}"), family],
    }
}

/// By the day of birth.
pub(crate) fn born(birth: Birth) -> Option<String> {
    Some(format!("born\n{}", birth.day()?))
}

/// By a whole name.
pub(crate) fn whole(name: &Name) -> Option<String> {
    let (family, given) = name.compared();
    (!family.is_empty() && !given.is_empty()).then(|| format!("name\n{family}\n{given}"))
}

/// By the beginning of a family name.
pub(crate) fn beginning(name: &Name) -> Option<String> {
    let (family, _) = name.compared();
    let letters: String = family.chars().take(BEGINNING).collect();
    (!letters.is_empty()).then(|| format!("begins\n{letters}"))
}

/// Keeps these as what leads to a record, and no others; nothing leads to one that just came into being.
pub(crate) fn keep(
    db: &mut Db,
    key: i64,
    leads: &BTreeSet<Hash>,
    is_made: bool,
) -> Result<(), crate::IdentityError> {
    let mut old: BTreeSet<Hash> = BTreeSet::new();
    if !is_made {
        let query = lead::table.filter(lead::person_key.eq(key)).select(lead::hash);
        old.extend(each!(db, |c| query.load::<Hash>(c))?);
    }
    let gone: Vec<&Hash> = old.difference(leads).collect();
    if !gone.is_empty() {
        let all = lead::table.filter(lead::hash.eq_any(gone)).filter(lead::person_key.eq(key));
        each!(db, |c| diesel::delete(all).execute(c))?;
    }
    let new: Vec<&Hash> = leads.difference(&old).collect();
    bulk::insert_leads(db, key, &new)?;
    Ok(())
}

/// The clusters of the records to which a lead goes, and whether there are more than `most` records.
pub(crate) fn clusters(db: &mut Db, hash: &[u8], most: i64) -> QueryResult<(BTreeSet<i64>, bool)> {
    let query = lead::table
        .inner_join(person::table)
        .filter(lead::hash.eq(hash))
        .select(person::cluster)
        .limit(most.saturating_add(1));
    let found: Vec<i64> = each!(db, |c| query.load(c))?;
    let is_cut = i64::try_from(found.len()).is_ok_and(|n| n > most);
    Ok((found.into_iter().collect(), is_cut))
}
