//! What a message of the patient feed (ITI-8, ITI-44, ITI-64) says of persons.

use crate::News;
use renkei_hl7v2::adt::{self, FeedEvent, Notice, PatientFeed};
use renkei_hl7v2::authorities::Authorities;
use renkei_hl7v2::cx::CxField;
use renkei_hl7v2::msh::Msh;
use renkei_hl7v3::iti44::{Event, Feed, RoleId};
use renkei_person::Merge;
use renkei_soap::xml::{Reader, XmlLimits};

impl News {
    /// Reads a message that a registry has carried out, with the authorities that it knows; `None` for one that
    /// it would have refused.
    pub fn of_message(frame: &[u8], authorities: &Authorities) -> Option<Self> {
        let is_v3 = frame.first() == Some(&b'<');
        let feed = if is_v3 { of_v3(&read_v3(frame)?) } else { adt::read(frame).ok()? };
        let person = Box::new(feed.person(authorities));
        let notice = feed.elsewhere(authorities).or_else(|| feed.notice(authorities).ok());
        Some(match notice? {
            Notice::Announced(_) => Self::Of(person),
            Notice::Changed(_) => Self::Changed(person),
            Notice::Merged(merge) => {
                let merge = Merge { survivor: merge.surviving, subsumed: merge.subsumed };
                // A merge of HL7 v3 has to name somebody and tells nothing of them: what is known of the survivor is
                // changed by a revision (ITI TF-2: 3.44.4.2.2).
                Self::Merged(merge, if is_v3 { Box::default() } else { person })
            }
            Notice::Moved(link) => Self::Moved {
                previous: link.previous,
                new: link.new,
                local: link.local,
                subsumed: link.subsumed,
            },
        })
    }
}

fn read_v3(message: &[u8]) -> Option<Feed> {
    let mut reader = Reader::new(std::str::from_utf8(message).ok()?, XmlLimits::default());
    let root = reader.root().ok()?;
    Some(Feed::read(&mut reader, &root).ok()?.message)
}

/// What a message of ITI-44 says, in the words of ITI-8: a record that was added is A04, one that was revised A08,
/// a duplicate A40 (ITI TF-2: 3.44.4; the identifiers by Appendix E.2). MSH-10 is the id of the message.
pub fn of_v3(feed: &Feed) -> PatientFeed {
    let id = &feed.transmission.id;
    let control_id = match id.extension() {
        Some(extension) => format!("{}^{extension}", id.root()),
        None => id.root().to_owned(),
    };
    let event = match feed.event {
        Event::Added => FeedEvent::A04,
        Event::Revised => FeedEvent::A08,
        Event::Merged => FeedEvent::A40,
    };
    let others = feed.person.identifiers.iter().map(|other| CxField::from(&other.id));
    PatientFeed {
        msh: Msh {
            sending_application: feed.transmission.sender.device.to_string(),
            receiving_application: feed.transmission.receiver.device.to_string(),
            message_type: "ADT".to_owned(),
            event: event.code().to_owned(),
            control_id,
            ..Msh::default()
        },
        event,
        identifiers: feed.ids.iter().map(field).chain(others).collect(),
        prior: feed.prior.iter().map(field).collect(),
        described: renkei_person::Person { identifiers: Vec::new(), ..feed.person.clone() },
    }
}

/// An OID says whose an identifier is, whatever name stands beside it; without one, the name has to.
fn field(id: &RoleId) -> CxField {
    let mut cx = CxField::default();
    cx.id.clone_from(&id.extension);
    match &id.root {
        Some(root) => {
            cx.universal_id = Some(root.as_str().to_owned());
            cx.universal_id_type = Some("ISO".to_owned());
        }
        None => cx.namespace.clone_from(&id.authority_name),
    }
    cx
}

#[cfg(test)]
mod tests {
    use super::*;
    use renkei_metadata::ids::Oid;

    const ADD: &str = include_str!("../../profiles/hl7v3/samples/foreign-feed.xml");
    const MERGE: &str = include_str!("../../profiles/hl7v3/samples/foreign-merge.xml");

    fn authorities() -> Authorities {
        let names = ["KENSHIN-MPI", "JIGYOSHO=2.999.392.1.6"].map(|name| name.parse().unwrap());
        Authorities::new(Oid::parse("2.999.392.1.1").unwrap()).named(names)
    }

    #[test]
    fn a_message_of_iti_44_says_what_one_of_iti_8_does() {
        // A comment stands before the message as it came; what is kept is what we write.
        let kept = |xml: &str| {
            let mut w = renkei_soap::xml::Writer::new();
            read_v3(xml.as_bytes()).unwrap().write(&mut w);
            w.finish()
        };
        let Some(News::Of(person)) = News::of_message(kept(ADD).as_bytes(), &authorities()) else {
            panic!("no news")
        };
        let ids: Vec<String> = person.identifiers.iter().map(|of| of.id.to_string()).collect();
        let expected = [
            "W-3^^^&2.999.392.1.2&ISO",
            "KN00015^^^&2.999.392.1.1&ISO",
            "E-77^^^&2.999.392.1.6&ISO",
            "06139992:12-3:4567:01^^^&2.999.392.1.3&ISO",
            "100-09^^^&2.999.392.1.9&ISO",
        ];
        assert_eq!(ids, expected);
        assert_eq!((person.names.len(), person.contacts.len()), (2, 5));
        let revised = kept(ADD).replace("201301UV02", "201302UV02");
        let told = News::of_message(revised.as_bytes(), &authorities());
        assert!(matches!(told, Some(News::Changed(_))), "{told:?}");
        let told = News::of_message(kept(MERGE).as_bytes(), &authorities());
        let Some(News::Merged(merge, person)) = told else { panic!("{told:?}") };
        assert_eq!(*person, renkei_person::Person::default(), "what it calls the survivor");
        assert_eq!((merge.survivor.id.as_str(), merge.subsumed.id.as_str()), ("120-01", "120-02"));
    }
}
