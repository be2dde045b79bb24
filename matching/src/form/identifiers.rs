//! Identifiers, as they are compared.

use renkei_metadata::ids::PatientId;
use renkei_person::{Insured, Person, SharedAuthorities};

/// The most identifiers of a kind that are looked at.
const MOST: usize = 64;

/// What registers and insurers call a person. All sorted, none twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Identifiers {
    /// Cards of insured persons: what all of a card have, and the 枝番, which may be empty.
    pub(crate) cards: Vec<(String, String)>,
    /// Of authorities that give each person one identifier, everywhere.
    pub(crate) personal: Vec<PatientId>,
    /// Of institutions, which mean something inside each of them.
    pub(crate) own: Vec<PatientId>,
}

impl Identifiers {
    pub(crate) fn of(person: &Person, shared: &SharedAuthorities) -> Self {
        let mut all = Self::default();
        for id in person.identifiers.iter().map(|i| &i.id) {
            if shared.insured.as_ref() == Some(&id.authority) {
                all.cards.extend(card(id));
            } else if shared.others.contains(&id.authority) {
                all.personal.push(id.clone());
            } else {
                all.own.push(id.clone());
            }
        }
        tidy(&mut all.cards);
        tidy(&mut all.personal);
        tidy(&mut all.own);
        all
    }
}

/// Insurer, 記号 and 番号 by their comparison key, and the 枝番.
fn card(id: &PatientId) -> Option<(String, String)> {
    let key = Insured::parse(&id.id)?.comparison_key();
    let (card, branch) = key.rsplit_once(':')?;
    Some((card.to_owned(), branch.to_owned()))
}

fn tidy<T: Ord>(list: &mut Vec<T>) {
    list.sort();
    list.dedup();
    list.truncate(MOST);
}
