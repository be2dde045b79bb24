//! What a query returns: parts of an answer, each a union of ways that lead to objects.
//!
//! Every query of ITI TF-2: 3.18.4.1.2.3.7 begins with objects that it names, by patient or by id, and
//! returns them or what associations join to them. A part holds objects of one kind, each once,
//! whatever the number of ways that lead to it.

use renkei_metadata::model::ObjectKind;

/// One part of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// DocumentEntries, SubmissionSets or Folders that pass the filters of their kind.
    Objects(ObjectKind, &'static [Way]),
    /// Associations.
    Links(&'static [Link]),
}

impl Part {
    /// The kind of its objects.
    pub const fn kind(self) -> ObjectKind {
        match self {
            Self::Objects(kind, _) => kind,
            Self::Links(_) => ObjectKind::Association,
        }
    }
}

/// A way that leads to objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The query names them.
    Named,
    /// HasMember leads to them from a named object.
    Members,
    /// HasMember leads from them to a named object.
    Holders,
    /// Documents at either end of a [`Link::Relations`].
    Related,
}

/// A way that leads to associations. An end of some kind has to pass the filters of that kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The query names them, or the object at one of their ends.
    Touching,
    /// HasMember from a named object to an object of this kind.
    ToMembers(ObjectKind),
    /// HasMember from an object of this kind to a named object.
    FromHolders(ObjectKind),
    /// Of the types that the query asks for, between a named document and another one (ITI TF-2:
    /// 3.18.4.1.2.3.7.13).
    Relations,
    /// Memberships of documents in folders that a named SubmissionSet brought, both ends of which it
    /// brought too (ITI TF-2: 3.18.4.1.2.3.7.10).
    MembersOfFolders,
}
