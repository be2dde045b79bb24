//! What an operation does to what is registered, step by step. `store::apply` carries it out.

use super::lifecycle::{self, Event, State};
use super::objects::{NewAssociation, NewEntry, NewFolder, NewSet};
use crate::store::codes::Noted;
use crate::store::key::Id;
use crate::store::labels::Labelled;
use crate::store::lookup::Place;
use crate::store::news::NewsRow;
use std::sync::Arc;

/// One step. The patient key of a new object says whom it is filed under.
#[derive(Clone, Debug)]
pub(crate) enum Effect {
    /// A SubmissionSet comes, and takes its uniqueId.
    Set(i64, Arc<NewSet>),
    /// A version of a DocumentEntry comes.
    Entry(i64, Arc<NewEntry>),
    /// A uniqueId is taken for DocumentEntries: the first one that has it comes.
    DocumentUniqueId(String),
    /// A version of a Folder comes. The first one takes its uniqueId, and every later one leads there
    /// from then on.
    Folder(i64, Arc<NewFolder>),
    /// An Association comes, from one end to the other.
    Association(i64, Arc<NewAssociation>, [Place; 2]),
    /// A version is in another state now. What is removed leaves its id, and its uniqueId, behind.
    Becomes(Place, Id, State),
    /// An entry that is removed is no longer found by a reference id, given by its keyed hash.
    Unreferenced(Place, Vec<u8>),
    /// Something with this code was removed; no query of all patients is led by it to a patient who has
    /// nothing else with it.
    Uncoded(Noted),
    /// Documents have other newest versions than before: somebody may know of all their versions by the labels of those.
    /// After everything else, since SubmissionSets that come are among what is looked at.
    Labelled(Vec<Labelled>),
    /// A message of the patient feed is to be told to who keeps the persons.
    News(NewsRow),
    /// A Folder's lastUpdateTime, 14 digits; it never goes back.
    Touched(Place, String),
}

/// An event that cannot happen to an object in its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotPossible;

/// What `event` makes of a registered version.
pub(crate) fn happens(
    event: Event,
    (place, id): (Place, Id),
    state: State,
) -> Result<Effect, NotPossible> {
    let to = lifecycle::after(place.kind, state, event).ok_or(NotPossible)?;
    Ok(Effect::Becomes(place, id, to))
}
