//! By what an organization is known.

use crate::ids::ObjectId;
use crate::model::{ObjectKind, Submission};

/// The id of an organization in an XON: XON.10, with the OID of XON.6.2 when there is one; else its
/// name (ITI TF-3: Table 4.2.3.1.7-2).
pub fn id_of(xon: &str) -> Option<String> {
    let component = |n: usize| xon.split('^').nth(n).unwrap_or_default();
    let authority = component(5).split('&').nth(1).unwrap_or_default();
    let text = match (component(9), authority) {
        ("", _) => component(0).to_owned(),
        (id, "") => id.to_owned(),
        (id, authority) => format!("{id}^^{authority}"),
    };
    (!text.is_empty()).then_some(text)
}

/// The institutions of all authors of a submission (XON, ITI TF-3: 4.2.3.1.4.2), each with the object that names it.
pub fn of_authors(s: &Submission) -> impl Iterator<Item = (ObjectKind, &ObjectId, &str)> {
    let set = (ObjectKind::SubmissionSet, &s.submission_set.id, &s.submission_set.authors);
    let entries = s.entries.iter().map(|e| (ObjectKind::DocumentEntry, &e.id, &e.authors));
    std::iter::once(set).chain(entries).flat_map(|(kind, id, authors)| {
        let institutions = authors.iter().flat_map(|author| &author.institutions);
        institutions.map(move |xon| (kind, id, xon.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::id_of;

    #[test]
    fn organizations_are_known_by_their_id() {
        assert_eq!(
            id_of("健診機関^^^^^&1.2.392.100495.20.3.21&ISO^^^^1312345678").as_deref(),
            Some("1312345678^^1.2.392.100495.20.3.21")
        );
        assert_eq!(id_of("A^^^^^^^^^1.2.3").as_deref(), Some("1.2.3"));
        assert_eq!(id_of("A").as_deref(), Some("A"));
        assert_eq!(id_of(""), None);
    }
}
