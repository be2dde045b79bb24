//! Remove Metadata (ITI TF-2: 3.62, of the supplement Remove Metadata and Documents). The answer is a
//! [`RegistryResponse`](crate::response::RegistryResponse): all of it is removed, or nothing.

use crate::refusal::{expect_request, unreadable};
use crate::rules;
use crate::transaction::ITI_62;
use renkei_metadata::finding::{Checked, Finding};
use renkei_metadata::ids::EntryUuid;
use renkei_soap::fault::Fault;
use renkei_soap::limits::MessageLimits;
use renkei_soap::xml::{Element, Reader, Writer, ns};
use std::collections::HashSet;

const ELEMENT: &str = "RemoveObjectsRequest";

/// Reads a request under the default limits; the reader is inside `body` and at its end afterwards.
/// See [`read_request_within`].
pub fn read_request(r: &mut Reader<'_>, body: &Element) -> Result<Checked<Vec<EntryUuid>>, Fault> {
    read_request_within(r, body, &MessageLimits::default())
}

/// Reads a request; the reader is inside `body` and at its end afterwards.
///
/// The value holds the entryUUIDs that could be read, each once, in message order, so that a registry
/// can tell everything at once; with an error among the findings nothing of it may be removed. Of a
/// request with more than `limits.removals` objects there is no value.
pub fn read_request_within(
    r: &mut Reader<'_>,
    body: &Element,
    limits: &MessageLimits,
) -> Result<Checked<Vec<EntryUuid>>, Fault> {
    expect_request(body, ns::LCM, ELEMENT, &ITI_62)?;
    let mut list = ObjectRefs { most: limits.removals, ..ObjectRefs::default() };
    if let Some(scope) = body.attr("deletionScope") {
        // The schema has a default for it, which nobody has to send and no reader here adds.
        let refused = Finding::new(&rules::REMOVAL_BY_QUERY, ELEMENT).attribute("deletionScope");
        list.findings.push(refused.value(scope));
    }
    while let Some(child) = r.next_child().map_err(unreadable)? {
        if child.is(ns::RIM, "ObjectRefList") {
            list.read(r)?;
            continue;
        }
        if child.is(ns::RIM, "AdhocQuery") {
            let refused = Finding::new(&rules::REMOVAL_BY_QUERY, ELEMENT).attribute("AdhocQuery");
            list.findings.push(refused);
        }
        r.skip().map_err(unreadable)?;
    }
    Ok(list.checked())
}

/// Writes a request with its namespaces.
pub fn write_request(w: &mut Writer, ids: &[EntryUuid]) {
    w.start("lcm:RemoveObjectsRequest").attr("xmlns:lcm", ns::LCM).attr("xmlns:rim", ns::RIM);
    w.start("rim:ObjectRefList");
    for id in ids {
        w.start("rim:ObjectRef").attr("id", &id.to_string()).end();
    }
    w.end().end();
}

/// What the rim:ObjectRefList names.
#[derive(Default)]
struct ObjectRefs {
    most: usize,
    count: usize,
    ids: Vec<EntryUuid>,
    seen: HashSet<EntryUuid>,
    findings: Vec<Finding>,
}

impl ObjectRefs {
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Fault> {
        while let Some(child) = r.next_child().map_err(unreadable)? {
            if child.is(ns::RIM, "ObjectRef") {
                self.count += 1;
                if self.count <= self.most {
                    self.take(child.attr("id").unwrap_or_default().trim());
                }
            }
            r.skip().map_err(unreadable)?;
        }
        Ok(())
    }

    fn take(&mut self, id: &str) {
        match EntryUuid::parse(id) {
            Ok(id) => {
                if self.seen.insert(id) {
                    self.ids.push(id);
                }
            }
            Err(why) => self.findings.push(
                Finding::new(&rules::REMOVAL_ID, format!("ObjectRef {}", self.count))
                    .attribute("id")
                    .value(id)
                    .expected(why.expected, why.expected_ja)
                    .location(id),
            ),
        }
    }

    fn checked(mut self) -> Checked<Vec<EntryUuid>> {
        if self.count == 0 {
            self.findings.push(Finding::new(&rules::REMOVAL_EMPTY, ELEMENT));
        }
        if self.count > self.most {
            let most = self.most;
            let limit = Finding::new(&rules::REMOVAL_TOO_MANY, ELEMENT)
                .attribute("ObjectRef")
                .value(self.count.to_string())
                .expected(
                    format!("at most {most} objects (limits.removals)"),
                    format!("{most}件以内(limits.removals)"),
                );
            return Checked::bad(vec![limit]);
        }
        Checked { value: Some(self.ids), findings: self.findings }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{read, valid, written};
    use proptest::prelude::*;
    use renkei_metadata::finding::IheCode;
    use uuid::Uuid;

    fn id(n: u128) -> EntryUuid {
        EntryUuid(Uuid::from_u128(n))
    }

    #[test]
    fn a_request_is_written_as_in_the_standard() {
        let ids = [
            "urn:uuid:5d7e2f3a-1c0b-4f6d-8a9e-2b3c4d5e6f01",
            "urn:uuid:5d7e2f3a-1c0b-4f6d-8a9e-2b3c4d5e6f21",
        ];
        let xml = written(|w| write_request(w, &ids.map(|id| EntryUuid::parse(id).unwrap())));
        assert_eq!(
            xml,
            "<lcm:RemoveObjectsRequest xmlns:lcm=\"urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0\" xmlns:rim=\"urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0\">\
             <rim:ObjectRefList><rim:ObjectRef id=\"urn:uuid:5d7e2f3a-1c0b-4f6d-8a9e-2b3c4d5e6f01\"/>\
             <rim:ObjectRef id=\"urn:uuid:5d7e2f3a-1c0b-4f6d-8a9e-2b3c4d5e6f21\"/></rim:ObjectRefList></lcm:RemoveObjectsRequest>"
        );
        valid("ebRS30/lcm.xsd", &xml);
    }

    /// The body with these attributes of the root and this content.
    fn request(attributes: &str, content: &str) -> String {
        format!(
            "<l:RemoveObjectsRequest xmlns:l='{}' xmlns='{}'{attributes}>{content}</l:RemoveObjectsRequest>",
            ns::LCM,
            ns::RIM
        )
    }

    fn told(xml: &str) -> (Option<Vec<EntryUuid>>, Vec<(&'static str, IheCode)>) {
        let limits = MessageLimits { removals: 3, ..MessageLimits::default() };
        let checked = read(xml, |r, body| read_request_within(r, body, &limits)).unwrap();
        let findings = checked.findings.iter().map(|f| (f.rule.id, f.rule.code)).collect();
        (checked.value, findings)
    }

    #[test]
    fn what_a_list_may_not_say_is_told_at_once() {
        let reference = |id: &str| format!("<ObjectRef id='{id}'/>");
        let list = |refs: &[String]| format!("<ObjectRefList>{}</ObjectRefList>", refs.concat());
        let one = reference("urn:uuid:00000000-0000-0000-0000-00000000000A");

        let good = list(&[one.clone(), one.clone()]);
        assert_eq!(told(&request("", &good)), (Some(vec![id(10)]), vec![]), "each once");

        let wrong = list(&[reference("Document01"), one.clone(), "<ObjectRef/>".to_owned()]);
        let bad = ("removal-id", IheCode::MetadataError);
        assert_eq!(told(&request("", &wrong)), (Some(vec![id(10)]), vec![bad, bad]));

        for empty in ["", "<ObjectRefList/>"] {
            let (value, findings) = told(&request("", empty));
            assert_eq!(value, Some(vec![]));
            assert_eq!(findings, [("removal-empty", IheCode::MetadataError)]);
        }

        let scope = " deletionScope='urn:oasis:names:tc:ebxml-regrep:DeletionScopeType:DeleteAll'";
        let query = format!("<AdhocQuery id='urn:uuid:1'><Slot name='a'/></AdhocQuery>{good}");
        let refused = ("removal-by-query", IheCode::MetadataError);
        assert_eq!(told(&request(scope, &query)), (Some(vec![id(10)]), vec![refused, refused]));

        let many = list(&vec![one; 4]);
        let limit = ("removal-too-many", IheCode::LocalPolicyRestriction);
        assert_eq!(told(&request("", &many)), (None, vec![limit]));
    }

    proptest! {
        #[test]
        fn requests_written_are_read(ids in prop::collection::hash_set(any::<u128>(), 1..20)) {
            let ids: Vec<EntryUuid> = ids.into_iter().map(id).collect();
            let xml = written(|w| write_request(w, &ids));
            prop_assert_eq!(read(&xml, read_request).unwrap(), Checked::good(ids));
        }

        #[test]
        fn any_text_is_read_or_refused(inner in "[<>/a-zA-Z='\" &]{0,80}|.{0,80}") {
            _ = read(&request("", &inner), read_request);
        }
    }
}
