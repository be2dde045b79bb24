//! Random choices, before it is known what there is.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use renkei_metadata::model::AssociationType::{self, *};

/// How many patients there are, and how many local identifiers.
pub(super) const PATIENTS: usize = 4;
pub(super) const LOCALS: usize = 2;

/// What a random operation is to be.
#[derive(Clone, Debug)]
pub(super) enum Choice {
    Register {
        patient: usize,
        on_demand: bool,
        /// Whether a document has the uniqueId of a registered one, and then other content.
        documents: Vec<Option<(Index, bool)>>,
        folders: usize,
        relations: Vec<(Index, AssociationType, Other)>,
        memberships: Vec<(Other, Other)>,
        reference: Option<Index>,
    },
    Update(UpdateChoice),
    Remove {
        of: Index,
        how: How,
        spoilt: Option<(Index, bool)>,
    },
    Merge(usize, usize),
    Move {
        patients: [usize; 2],
        local: usize,
        takes_in: Option<usize>,
    },
}

/// A metadata update, of the patient of one thing that is there.
#[derive(Clone, Debug)]
pub(super) struct UpdateChoice {
    pub(super) subject: Index,
    /// Another patient, where it is to be one.
    pub(super) patient: Option<usize>,
    pub(super) restricted: bool,
    pub(super) versions: Vec<VersionChoice>,
    /// Whether what is connected to an updated object is updated with it.
    pub(super) together: bool,
    pub(super) associations: Vec<(Other, AssociationType, Other)>,
    pub(super) statuses: Vec<StatusChoice>,
}

#[derive(Clone, Debug)]
pub(super) struct VersionChoice {
    pub(super) of: Other,
    /// Whether the version it follows is said right.
    pub(super) honest: bool,
    pub(super) propagates: bool,
}

#[derive(Clone, Debug)]
pub(super) struct StatusChoice {
    pub(super) of: Of,
    pub(super) index: Index,
    /// Whether its present status is said right.
    pub(super) honest: bool,
}

/// What a status is of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Of {
    Anything,
    /// A document or folder of the patient's.
    Versioned,
    /// An association of the patient's that no SubmissionSet holds things by.
    Link,
}

/// The other end of an association.
#[derive(Clone, Debug)]
pub(super) enum Other {
    Registered(Index),
    /// One of the patient's own that is current, if there is one.
    Fitting(Index),
    New(Index),
}

/// How much is removed.
#[derive(Clone, Copy, Debug)]
pub(super) enum How {
    /// What is named alone.
    Alone,
    /// With everything that has to go with it.
    Whole,
}

fn kind() -> impl Strategy<Value = AssociationType> {
    prop_oneof![
        4 => Just(Rplc), 2 => Just(Apnd), 2 => Just(Xfrm), 1 => Just(XfrmRplc), 1 => Just(Signs),
        1 => Just(IsSnapshotOf),
    ]
}

fn other() -> impl Strategy<Value = Other> {
    prop_oneof![
        1 => any::<Index>().prop_map(Other::Registered),
        7 => any::<Index>().prop_map(Other::Fitting),
        2 => any::<Index>().prop_map(Other::New),
    ]
}

fn patient() -> impl Strategy<Value = usize> {
    prop_oneof![5 => Just(0), 3 => Just(1), 1 => 2..PATIENTS]
}

fn register() -> impl Strategy<Value = Choice> {
    let repeated = prop::option::weighted(0.15, (any::<Index>(), prop::bool::weighted(0.3)));
    (
        patient(),
        prop::bool::weighted(0.15),
        vec(repeated, 0..3),
        prop_oneof![4 => Just(0), 1 => Just(1usize)],
        vec((any::<Index>(), kind(), other()), 0..3),
        vec((other(), other()), 0..2),
        prop::option::weighted(0.2, any::<Index>()),
    )
        .prop_map(
            |(patient, on_demand, documents, folders, relations, memberships, reference)| {
                Choice::Register {
                    patient,
                    on_demand,
                    documents,
                    folders,
                    relations,
                    memberships,
                    reference,
                }
            },
        )
}

fn version() -> impl Strategy<Value = VersionChoice> {
    (other(), prop::bool::weighted(0.9), prop::bool::weighted(0.8))
        .prop_map(|(of, honest, propagates)| VersionChoice { of, honest, propagates })
}

fn status() -> impl Strategy<Value = StatusChoice> {
    let of = prop_oneof![1 => Just(Of::Anything), 4 => Just(Of::Versioned), 3 => Just(Of::Link)];
    (of, any::<Index>(), prop::bool::weighted(0.9)).prop_map(|(of, index, honest)| StatusChoice {
        of,
        index,
        honest,
    })
}

fn update() -> impl Strategy<Value = Choice> {
    let submitted = prop_oneof![3 => kind(), 2 => Just(HasMember)];
    (
        any::<Index>(),
        prop::option::weighted(0.2, patient()),
        prop::bool::weighted(0.2),
        vec(version(), 0..3),
        prop::bool::weighted(0.4),
        vec((other(), submitted, other()), 0..2),
        vec(status(), 0..2),
    )
        .prop_map(
            |(subject, patient, restricted, versions, together, associations, statuses)| {
                Choice::Update(UpdateChoice {
                    subject,
                    patient,
                    restricted,
                    versions,
                    together,
                    associations,
                    statuses,
                })
            },
        )
}

pub(super) fn choice() -> impl Strategy<Value = Choice> {
    let how = prop_oneof![1 => Just(How::Alone), 4 => Just(How::Whole)];
    let spoilt = prop::option::weighted(0.2, (any::<Index>(), any::<bool>()));
    let remove = (any::<Index>(), how, spoilt);
    let takes_in = prop::option::weighted(0.3, 0..LOCALS);
    prop_oneof![
        10 => register(),
        8 => update(),
        3 => remove.prop_map(|(of, how, spoilt)| Choice::Remove { of, how, spoilt }),
        1 => (0..PATIENTS, 0..PATIENTS).prop_map(|(from, into)| Choice::Merge(from, into)),
        2 => (patient(), patient(), 0..LOCALS, takes_in).prop_map(|(from, to, local, takes_in)| {
            Choice::Move { patients: [from, to], local, takes_in }
        }),
    ]
}
