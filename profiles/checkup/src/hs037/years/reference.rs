//! The DocumentReference of a source document, both ways (FHIR R4: 10.3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{Source, URI};
use crate::hs037::json::{text, text_at};
use crate::hs037::out::Json;

/// Before an OID that is written as a URI.
const OID: &str = "urn:oid:";

/// Writes the members of the resource; `why` is what is to be said of it.
pub(super) fn write(source: &Source, id: Uuid, why: &str, json: &mut Json<'_>) {
    json.key("resourceType").word("DocumentReference");
    json.key("id").text(&id.to_string());
    json.key("masterIdentifier").object(|json| identifier(&source.unique_id, json));
    json.key("status").word("current");
    let created = source.created.to_rfc3339_opts(SecondsFormat::Secs, true);
    json.key("date").text(&created);
    json.key("custodian").object(|json| {
        json.key("type").word("Organization");
        json.key("identifier").object(|json| identifier(&source.repository, json));
    });
    if !why.is_empty() {
        json.key("description").text(why);
    }
    json.key("content").array(|json| {
        json.object(|json| {
            json.key("attachment").object(|json| {
                json.key("contentType").text(&source.mime_type);
                json.key("size").number(source.size);
                json.key("hash").text(&STANDARD.encode(source.sha1));
                if !source.title.is_empty() {
                    json.key("title").text(&source.title);
                }
                json.key("creation").text(&created);
            });
        });
    });
}

/// Reads the resource; nothing when a member is missing that makes it the source of a value.
pub(super) fn read(resource: &Value) -> Option<Source> {
    let attachment = resource.pointer("/content/0/attachment")?;
    let sha1 = STANDARD.decode(text(attachment, "hash")).ok()?;
    let created = DateTime::parse_from_rfc3339(text(resource, "date")).ok()?;
    Some(Source {
        unique_id: value(resource, "/masterIdentifier/value")?,
        repository: value(resource, "/custodian/identifier/value")?,
        sha1: sha1.try_into().ok()?,
        size: attachment.get("size").and_then(Value::as_u64)?,
        mime_type: text(attachment, "contentType").to_owned(),
        title: text(attachment, "title").to_owned(),
        created: created.with_timezone(&Utc),
    })
}

/// Writes the members of an Identifier: an OID as a URI, anything else as it stands.
pub(super) fn identifier(id: &str, json: &mut Json<'_>) {
    if id.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        json.key("system").word(URI);
        json.key("value").text(&[OID, id].concat());
    } else {
        json.key("value").text(id);
    }
}

/// The value of an Identifier; nothing when there is none.
pub(super) fn value(resource: &Value, pointer: &str) -> Option<String> {
    let value = text_at(resource, pointer);
    (!value.is_empty()).then(|| value.strip_prefix(OID).unwrap_or(value).to_owned())
}
