//! The reader: tolerant of the editions of the schema that are about.
//!
//! Older editions and RFC 3881 senders write `code` for `csd-code`, `displayName` for
//! `originalText`, the source type as element text, and leave out `UserIsRequestor`.

use crate::record::{Action, AuditRecord, Coded, Detail, Object, Outcome, Participant};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use renkei_soap::xml::{Element, Reader, XmlError, XmlLimits};
use uuid::Uuid;

/// Why a text is not an audit message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Not XML.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// Another root element.
    #[error("<{0}> is not an AuditMessage")]
    Root(String),
    /// A required element or attribute is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// An attribute or element text is not of its type.
    #[error("{0} has a value of the wrong type")]
    Value(&'static str),
}

/// What EventIdentification says.
struct Event {
    at: DateTime<Utc>,
    action: Action,
    outcome: Outcome,
    event: Coded,
    event_type: Option<Coded>,
    description: Option<String>,
    purposes: Vec<Coded>,
}

/// What AuditSourceIdentification says.
struct Source {
    id: String,
    site: Option<String>,
    kind: u8,
}

/// Reads a DICOM AuditMessage; `id` names the record, since the message has no place for a name.
///
/// Of several EventTypeCodes the first is kept.
pub fn read(xml: &str, id: Uuid) -> Result<AuditRecord, ReadError> {
    let mut r = Reader::new(xml, XmlLimits::default());
    let root = r.root()?;
    if !root.is("", "AuditMessage") {
        return Err(ReadError::Root(root.local));
    }
    let (mut event_part, mut source_part) = (None, None);
    let (mut participants, mut objects) = (Vec::new(), Vec::new());
    while let Some(e) = r.next_child()? {
        match e.local.as_str() {
            "EventIdentification" => event_part = Some(event(&mut r, &e)?),
            "ActiveParticipant" => participants.push(participant(&mut r, &e)?),
            "AuditSourceIdentification" => source_part = Some(source(&mut r, &e)?),
            "ParticipantObjectIdentification" => objects.push(object(&mut r, &e)?),
            _ => r.skip()?,
        }
    }
    r.finish()?;
    let event = event_part.ok_or(ReadError::Missing("EventIdentification"))?;
    let source = source_part.ok_or(ReadError::Missing("AuditSourceIdentification"))?;
    if participants.is_empty() {
        return Err(ReadError::Missing("ActiveParticipant"));
    }
    Ok(AuditRecord {
        id,
        at: event.at,
        event: event.event,
        event_type: event.event_type,
        action: event.action,
        outcome: event.outcome,
        outcome_description: event.description,
        purposes: event.purposes,
        participants,
        source_id: source.id,
        source_site: source.site,
        source_type: source.kind,
        objects,
    })
}

fn event(r: &mut Reader<'_>, e: &Element) -> Result<Event, ReadError> {
    let at = DateTime::parse_from_rfc3339(required(e, "EventDateTime")?)
        .map_err(|_| ReadError::Value("EventDateTime"))?
        .with_timezone(&Utc);
    let action = match e.attr("EventActionCode") {
        Some(code) => Action::from_code(code).ok_or(ReadError::Value("EventActionCode"))?,
        None => Action::Execute,
    };
    let outcome = Outcome::from_code(number(e, "EventOutcomeIndicator")?)
        .ok_or(ReadError::Value("EventOutcomeIndicator"))?;
    let (mut id, mut event_type, mut description) = (None, None, None);
    let mut purposes = Vec::new();
    while let Some(child) = r.next_child()? {
        match child.local.as_str() {
            "EventID" => id = Some(coded(r, &child)?),
            "EventTypeCode" if event_type.is_none() => event_type = Some(coded(r, &child)?),
            "EventOutcomeDescription" => description = Some(r.text()?),
            "PurposeOfUse" => purposes.push(coded(r, &child)?),
            _ => r.skip()?,
        }
    }
    let event = id.ok_or(ReadError::Missing("EventID"))?;
    Ok(Event { at, action, outcome, event, event_type, description, purposes })
}

fn participant(r: &mut Reader<'_>, e: &Element) -> Result<Participant, ReadError> {
    let network = match e.attr("NetworkAccessPointID") {
        Some(id) => Some((number(e, "NetworkAccessPointTypeCode")?, id.to_owned())),
        None => None,
    };
    let mut roles = Vec::new();
    while let Some(child) = r.next_child()? {
        match child.local.as_str() {
            "RoleIDCode" => roles.push(coded(r, &child)?),
            _ => r.skip()?,
        }
    }
    Ok(Participant {
        user_id: required(e, "UserID")?.to_owned(),
        alternative_user_id: e.attr("AlternativeUserID").map(str::to_owned),
        user_name: e.attr("UserName").map(str::to_owned),
        requestor: matches!(e.attr("UserIsRequestor"), Some("true" | "1")),
        roles,
        network,
    })
}

fn source(r: &mut Reader<'_>, e: &Element) -> Result<Source, ReadError> {
    let id = required(e, "AuditSourceID")?.to_owned();
    let site = e.attr("AuditEnterpriseSiteID").map(str::to_owned);
    const OTHER: u8 = 9;
    let mut kind = e.attr("code").and_then(|c| c.parse().ok());
    while let Some(child) = r.next_child()? {
        let code = child.attr("csd-code").or(child.attr("code")).map(str::to_owned);
        let text = r.text()?;
        if kind.is_none() && child.local == "AuditSourceTypeCode" {
            kind = code.as_deref().unwrap_or(text.trim()).parse().ok();
        }
    }
    Ok(Source { id, site, kind: kind.unwrap_or(OTHER) })
}

fn object(r: &mut Reader<'_>, e: &Element) -> Result<Object, ReadError> {
    let (mut id_type, mut name, mut query) = (None, None, None);
    let mut details = Vec::new();
    while let Some(child) = r.next_child()? {
        match child.local.as_str() {
            "ParticipantObjectIDTypeCode" => id_type = Some(coded(r, &child)?),
            "ParticipantObjectName" => name = Some(r.text()?),
            "ParticipantObjectQuery" => {
                query = Some(decoded(&r.text()?, "ParticipantObjectQuery")?);
            }
            "ParticipantObjectDetail" => {
                details.push(Detail {
                    name: required(&child, "type")?.to_owned(),
                    value: decoded(required(&child, "value")?, "value")?,
                });
                r.skip()?;
            }
            _ => r.skip()?,
        }
    }
    const OTHER: u8 = 4;
    let life_cycle = match e.attr("ParticipantObjectDataLifeCycle") {
        Some(_) => Some(number(e, "ParticipantObjectDataLifeCycle")?),
        None => None,
    };
    let or = |attribute: &'static str, default: u8| match e.attr(attribute) {
        Some(_) => number(e, attribute),
        None => Ok(default),
    };
    Ok(Object {
        id: e.attr("ParticipantObjectID").unwrap_or_default().to_owned(),
        type_code: or("ParticipantObjectTypeCode", OTHER)?,
        role: or("ParticipantObjectTypeCodeRole", 0)?,
        life_cycle,
        id_type: id_type.ok_or(ReadError::Missing("ParticipantObjectIDTypeCode"))?,
        name,
        query,
        details,
    })
}

fn coded(r: &mut Reader<'_>, e: &Element) -> Result<Coded, ReadError> {
    let code = e.attr("csd-code").or(e.attr("code")).ok_or(ReadError::Missing("csd-code"))?;
    let text = e.attr("originalText").or(e.attr("displayName")).unwrap_or_default();
    let value = Coded::new(code, e.attr("codeSystemName").unwrap_or_default(), text);
    r.skip()?;
    Ok(value)
}

fn required<'e>(e: &'e Element, attribute: &'static str) -> Result<&'e str, ReadError> {
    e.attr(attribute).ok_or(ReadError::Missing(attribute))
}

fn number(e: &Element, attribute: &'static str) -> Result<u8, ReadError> {
    required(e, attribute)?.trim().parse().map_err(|_| ReadError::Value(attribute))
}

fn decoded(base64: &str, what: &'static str) -> Result<String, ReadError> {
    // Senders wrap long base64 into lines.
    let dense: String = base64.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let bytes = STANDARD.decode(dense).map_err(|_| ReadError::Value(what))?;
    Ok(String::from_utf8(bytes)
        .unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
}
