//! What ceases to be current by a submission (ITI TF-3: 4.2.2.2.3).

use super::check::Facts;
use super::targets::replaces;
use crate::change::effect::{Effect, happens};
use crate::change::lifecycle::{Event, State};
use crate::store::key::Id;
use crate::store::lookup::{self, Held, Place};
use crate::store::write::WriteError;
use renkei_database::Db;
use renkei_metadata::model::Association;
use std::collections::BTreeSet;

/// The registered documents that become Deprecated: those that `associations` replace, and what falls
/// with them.
///
/// This has to be asked before the submission is stored. Its own documents are the current versions,
/// even one that is the transformation of what another one replaces: they are never among these.
pub(super) fn outdated(
    db: &mut Db,
    associations: &[Association],
    facts: &Facts,
) -> Result<Vec<Effect>, WriteError> {
    let replacing = associations.iter().filter(|a| replaces(a.association_type));
    let replaced = replacing.filter_map(|a| registered(Id::from(a.target.uuid()?), facts));
    // What replaces comes with the submission.
    fallen(db, replaced.collect(), &BTreeSet::new(), Some)
}

fn registered(id: Id, facts: &Facts) -> Option<Held> {
    let state: State = *facts.states.get(&id)?;
    Some((Place::from(facts.registered.get(&id)?), id, state))
}

/// Documents cease to be current because they are replaced, and with each the transformations and
/// addenda that it has, and theirs. But what is among the `replacing` is the current version, even of what
/// it transforms or adds to, and what adds to it stays with it. `now` says what a registered version is by the same change; `None`
/// where nothing more becomes of it.
pub(crate) fn fallen(
    db: &mut Db,
    replaced: Vec<Held>,
    replacing: &BTreeSet<Place>,
    now: impl Fn(Held) -> Option<Held>,
) -> Result<Vec<Effect>, WriteError> {
    let falling = replaced.iter().map(|(place, ..)| *place);
    let mut seen: BTreeSet<Place> = replacing.iter().copied().chain(falling).collect();
    let mut todo: Vec<(Event, Held)> =
        replaced.into_iter().map(|held| (Event::Replaced, held)).collect();
    let mut effects = Vec::new();
    while let Some((event, held)) = todo.pop() {
        for dependant in lookup::dependants(db, held.0.key)? {
            if seen.insert(dependant.0) {
                todo.push((Event::ParentReplaced, dependant));
            }
        }
        // What cannot be replaced was refused as the target of its association.
        let known = now(held).map(|(place, id, state)| happens(event, (place, id), state));
        effects.extend(known.into_iter().flatten());
    }
    Ok(effects)
}
