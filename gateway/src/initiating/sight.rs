//! What a caller may know of what other communities told. They answer our house, and not whoever asks it.
//!
//! A scope that is not everything is matched against what a DocumentEntry says of itself: the institutions of its
//! authors and its audience. To whom it was sent its SubmissionSet says, and what the community opens to our house
//! is its own judgement; so a recipient is not asked for again. Of a document that an answer has in several versions the
//! newest is judged. What cannot be judged does not pass: SubmissionSets,
//! Folders, references, and associations with another end than an entry of the same answer.

use super::object::Object;
use renkei_context::{Action, Ctx, Labels, Scope, within};
use renkei_metadata::ebrim::read_objects;
use renkei_metadata::model::{Code, DocumentEntry, NewestVersions, RegistryObject};
use renkei_metadata::organization;
use renkei_soap::xml::{Reader, XmlLimits, ns};
use renkei_xds::catalogue::comparable;
use renkei_xds::iti18::{AdhocQuery, ReturnType};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

/// What a caller may know of others.
#[derive(Clone, Debug)]
pub(super) enum Sight {
    /// All that they tell.
    Whole,
    /// What one of these opens.
    Labelled(Vec<Labels>),
}

impl Sight {
    /// Of who asked first.
    pub(super) fn of(ctx: &Ctx) -> Self {
        match within(ctx, Action::See) {
            Scope::Everything => Self::Whole,
            Scope::Nothing => Self::Labelled(Vec::new()),
            Scope::Labelled(openings) => {
                Self::Labelled(openings.iter().filter(|o| is_of_others(o)).cloned().collect())
            }
        }
    }

    /// Whether nothing has to be looked at.
    pub(super) const fn is_whole(&self) -> bool {
        matches!(self, Self::Whole)
    }

    /// How a community is asked: a reference alone tells nothing by which it could be judged.
    pub(super) fn asks<'q>(&self, query: &'q AdhocQuery) -> Cow<'q, AdhocQuery> {
        let leaf = ReturnType::LeafClass.name();
        match self.is_whole() || query.return_type == leaf {
            true => Cow::Borrowed(query),
            false => Cow::Owned(AdhocQuery { return_type: leaf.to_owned(), ..query.clone() }),
        }
    }

    /// Whether what a community tells is to go out as references, in which it was not asked for.
    pub(super) fn refers(&self, query: &AdhocQuery) -> bool {
        matches!(self.asks(query), Cow::Owned(_))
    }

    /// Leaves what the caller may know of.
    pub(super) fn keep(&self, objects: &mut Vec<Object>) {
        let Self::Labelled(openings) = self else { return };
        let read: Vec<Option<RegistryObject>> = objects.iter().map(read).collect();
        let newest = NewestVersions::among(read.iter().flatten().filter_map(entry));
        let entries: HashSet<String> = read
            .iter()
            .flatten()
            .filter_map(entry)
            .filter(|e| opens(openings, newest.of(e)))
            .map(|e| e.id.to_string())
            .collect();
        let mut read = read.iter();
        objects.retain(|_| match read.next().and_then(Option::as_ref) {
            Some(RegistryObject::Entry(e)) => entries.contains(&e.id.to_string()),
            Some(RegistryObject::Association(a)) => {
                entries.contains(&a.source.to_string()) && entries.contains(&a.target.to_string())
            }
            Some(
                RegistryObject::SubmissionSet(_)
                | RegistryObject::Folder(_)
                | RegistryObject::Ref(..),
            )
            | None => false,
        });
    }
}

/// Whether an opening is about what others wrote or were sent; what a node submitted or keeps is ours.
fn is_of_others(opening: &Labels) -> bool {
    let Labels { recipients, institutions, audiences, submitters, repositories } = opening;
    let of_others = [recipients, institutions, audiences].iter().any(|l| !l.is_empty());
    of_others && submitters.is_empty() && repositories.is_empty()
}

fn entry(object: &RegistryObject) -> Option<&DocumentEntry> {
    match object {
        RegistryObject::Entry(entry) => Some(entry),
        RegistryObject::SubmissionSet(_)
        | RegistryObject::Folder(_)
        | RegistryObject::Association(_)
        | RegistryObject::Ref(..) => None,
    }
}

fn opens(openings: &[Labels], entry: &DocumentEntry) -> bool {
    let told = |values: BTreeSet<String>| -> BTreeSet<String> {
        values.iter().map(|value| comparable(value).into_owned()).collect()
    };
    let institutions = entry.authors.iter().flat_map(|author| &author.institutions);
    let institutions = told(institutions.filter_map(|xon| organization::id_of(xon)).collect());
    let audiences = told(entry.audience().map(Code::key).collect());
    let met = |own: &BTreeSet<String>, carried: &BTreeSet<String>| {
        own.is_empty() || own.iter().any(|label| carried.contains(&*comparable(label)))
    };
    // A recipient alone opens nothing here: nobody could look whether it is one.
    let can_be_judged = |o: &Labels| !o.institutions.is_empty() || !o.audiences.is_empty();
    openings.iter().any(|opening| {
        can_be_judged(opening)
            && met(&opening.institutions, &institutions)
            && met(&opening.audiences, &audiences)
    })
}

/// An object by its parts; `None` for what cannot be read.
fn read(object: &Object) -> Option<RegistryObject> {
    let mut xml = format!("<rim:RegistryObjectList xmlns:rim=\"{}\">", ns::RIM);
    object.write(&mut xml, None);
    xml.push_str("</rim:RegistryObjectList>");
    let mut reader = Reader::new(&xml, XmlLimits::default());
    let list = reader.next_child().ok()??;
    read_objects(&mut reader, &list).ok()?.value?.pop()
}
