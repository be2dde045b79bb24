//! What becomes of a request, by what its node is entitled to. Each transaction of each endpoint has rows, one for each
//! kind of object that it decides about; docs/ACCESS.md shows them, and a test of the whole system asks every cell of it.
//!
//! What no row says is the same everywhere: without a certificate nobody shakes hands, a revoked one is let in no more,
//! and without a role that may call, nothing is read.

#[cfg(test)]
use crate::endpoints::Endpoint;
#[cfg(test)]
use renkei_xds::transaction::{CallerRole, Transaction};

/// One row.
#[derive(Debug)]
#[cfg_attr(not(test), expect(dead_code, reason = "read by docs/ACCESS.md and its test"))]
pub(crate) struct Access {
    /// What is asked for or changed, in English, by which the row is known; and in Japanese.
    pub(crate) object: [&'static str; 2],
    /// With the role, and without any scope or id that opens it.
    pub(crate) without: Met,
    /// With those of another.
    pub(crate) foreign: Met,
    /// With the right ones.
    pub(crate) right: Met,
}

/// What a request is met with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Met {
    /// It is done, or answered.
    Done,
    /// Success without anything, as where there is nothing.
    Nothing,
    /// The refusal of an id that names nothing.
    Unknown,
    /// A refusal that says which id the node may not use.
    Refused,
    /// An acknowledgement that says nothing; what follows is as for ITI-55.
    Later,
}

/// What is decided at a transaction of an endpoint.
#[cfg(test)]
pub(crate) struct Decided {
    pub(crate) endpoint: &'static Endpoint,
    /// `ITI-18`, and which message of it where it has several.
    pub(crate) transaction: String,
    pub(crate) roles: &'static [CallerRole],
    pub(crate) access: &'static [Access],
}

#[cfg(test)]
impl Decided {
    /// What `access` says of a transaction at an endpoint.
    pub(crate) fn of(
        endpoint: &'static Endpoint,
        transaction: &Transaction,
        access: &'static [Access],
    ) -> Self {
        let message = transaction.request_action.strip_prefix("urn:hl7-org:v3:");
        let name = [Some(transaction.id), message].into_iter().flatten().collect::<Vec<_>>();
        Self { endpoint, transaction: name.join(" "), roles: transaction.may_call, access }
    }
}

#[cfg(test)]
impl Met {
    /// The word in the table.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Nothing => "nothing",
            Self::Unknown => "unknown",
            Self::Refused => "refused",
            Self::Later => "later",
        }
    }
}

const fn row(object: [&'static str; 2], [without, foreign, right]: [Met; 3]) -> Access {
    Access { object, without, foreign, right }
}

const HIDDEN: [Met; 3] = [Met::Nothing, Met::Nothing, Met::Done];
const UNKNOWN: [Met; 3] = [Met::Unknown, Met::Unknown, Met::Done];
const FORBIDDEN: [Met; 3] = [Met::Refused, Met::Refused, Met::Done];

/// ITI-18, ITI-38, ITI-51.
pub(super) static QUERIED: &[Access] = &[row(["documents of a patient", "患者の文書"], HIDDEN)];
/// ITI-39, ITI-43.
pub(super) static RETRIEVED: &[Access] = &[row(["a document", "文書"], UNKNOWN)];
/// ITI-41.
pub(super) static SUBMITTED: &[Access] = &[
    row(["a sourceId", "sourceId"], FORBIDDEN),
    row(["a document that is replaced", "置き換える文書"], UNKNOWN),
];
/// ITI-42.
pub(super) static REGISTERED: &[Access] = &[
    row(["a repositoryUniqueId", "repositoryUniqueId"], FORBIDDEN),
    row(["a sourceId", "sourceId"], FORBIDDEN),
    row(["a document that is replaced", "置き換える文書"], UNKNOWN),
];
/// ITI-61.
pub(super) static REGISTERED_ON_DEMAND: &[Access] = &[
    row(["a repositoryUniqueId", "repositoryUniqueId"], FORBIDDEN),
    row(["a sourceId", "sourceId"], FORBIDDEN),
];
/// ITI-57, ITI-92.
pub(super) static UPDATED: &[Access] =
    &[row(["a document that is corrected", "訂正する文書"], UNKNOWN)];
/// ITI-62, ITI-86.
pub(super) static REMOVED: &[Access] =
    &[row(["a document that is removed", "削除する文書"], UNKNOWN)];
/// ITI-8, ITI-44, ITI-64.
pub(crate) static FED: &[Access] =
    &[row(["an identifier of an authority", "発行者のID"], FORBIDDEN)];
/// ITI-9, ITI-45.
pub(crate) static CROSS_REFERENCED: &[Access] =
    &[row(["identifiers of a person", "人のID"], UNKNOWN)];
/// ITI-21, ITI-47, ITI-55.
pub(crate) static SOUGHT: &[Access] = &[row(["a person", "人"], HIDDEN)];
/// What follows ITI-47.
pub(super) static CONTINUED: &[Access] = &[row(["a query of one's own", "自分の照会"], UNKNOWN)];
/// The end of it, which nobody hears of who began none.
pub(super) static CANCELLED: &[Access] =
    &[row(["a query of one's own", "自分の照会"], [Met::Done; 3])];
/// ITI-55, deferred.
pub(super) static SOUGHT_LATER: &[Access] = &[row(["a person", "人"], [Met::Later; 3])];
/// ITI-56.
pub(super) static LOCATED: &[Access] = &[row(["where a person is known", "人の所在"], UNKNOWN)];
/// What answers a question of ours.
pub(crate) static ANSWERED: &[Access] =
    &[row(["an answer to what nobody asked", "照会していないものへの回答"], [Met::Unknown; 3])];
