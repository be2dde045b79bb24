//! The document, made of what is approved at this moment: one source after the other is read, checked
//! and written, and none is held beyond that.

use crate::Inner;
use crate::doors::NotRead;
use crate::rules::{self, on};
use bytes::Bytes;
use chrono::{DateTime, NaiveDateTime, Utc};
use renkei_checkup::hs037::years::{About, Reason, Source, Writer};
use renkei_context::Ctx;
use renkei_metadata::finding::Finding;
use renkei_metadata::ids::{Dtm, Oid, Sha1Hash, UniqueId};
use renkei_metadata::model::DocumentEntry;
use sha1::{Digest, Sha1};

/// A document that was made.
pub(crate) struct MadeDocument {
    /// The same octets have the same one.
    pub(crate) unique_id: UniqueId,
    pub(crate) content: Bytes,
    /// First and last day of the checkups in it.
    pub(crate) days: Option<(Dtm, Dtm)>,
}

impl Inner {
    pub(crate) async fn make(
        &self,
        ctx: &Ctx,
        entry: &DocumentEntry,
    ) -> Result<MadeDocument, Box<Finding>> {
        let id = &entry.unique_id;
        let sources = self.sources(ctx, entry).await?;
        let limits = self.config.limits;
        if sources.len() > limits.sources {
            let setting = format!("ondemand.sources = {}", limits.sources);
            return Err(too_large(id, setting));
        }
        let (Some(patient), false) = (&entry.patient_id, sources.is_empty()) else {
            return Err(on(&rules::NOTHING, id));
        };
        let maker = self.config.repository.to_string();
        let mut writer = Writer::new(About {
            on_demand: id.as_str(),
            patient_id: &patient.id,
            authority: patient.authority.as_str(),
            maker: &maker,
        });
        for source in &sources {
            self.add(ctx, id, source, &mut writer).await?;
            if writer.len() > limits.octets {
                return Err(too_large(id, format!("ondemand.bytes = {}", limits.octets)));
            }
        }
        let made = writer.finish();
        let mut days = sources.iter().filter_map(|source| source.service_start.clone());
        let (first, last) = (days.clone().next_back(), days.next());
        Ok(MadeDocument {
            unique_id: Oid::from_uuid(made.id).into(),
            content: made.content.into(),
            days: first.zip(last),
        })
    }

    /// Adds a document, or names it where another repository has it.
    async fn add(
        &self,
        ctx: &Ctx,
        id: &UniqueId,
        source: &DocumentEntry,
        writer: &mut Writer<'_>,
    ) -> Result<(), Box<Finding>> {
        let broken = || {
            let finding = on(&rules::SOURCE_BROKEN, id);
            Box::new(finding.attribute("uniqueId").value(source.unique_id.as_str()))
        };
        let about = about(source).ok_or_else(broken)?;
        if source.repository.as_ref() != Some(&self.config.repository) {
            writer.leave_out(&about, Reason::Elsewhere, "");
            return Ok(());
        }
        let most = self.config.limits.octets;
        let content = self.config.documents.read(ctx, &source.unique_id, most).await;
        let content = content.map_err(|error| match error {
            NotRead::TooLong => too_large(id, format!("ondemand.bytes = {most}")),
            NotRead::Absent | NotRead::Broken => broken(),
        })?;
        let hash: [u8; 20] = Sha1::digest(&content).into();
        if content.len() as u64 != about.size || hash != about.sha1 {
            return Err(broken());
        }
        writer.add(&about, &content);
        Ok(())
    }
}

fn too_large(id: &UniqueId, limit: String) -> Box<Finding> {
    Box::new(on(&rules::TOO_LARGE, id).expected(limit.clone(), limit))
}

/// What an entry tells of its document; nothing when it is not registered as a stable one has to be.
fn about(entry: &DocumentEntry) -> Option<Source> {
    Some(Source {
        unique_id: entry.unique_id.to_string(),
        repository: entry.repository.as_ref()?.to_string(),
        sha1: digest(entry.hash.as_ref()?)?,
        size: entry.size?,
        mime_type: entry.mime_type.to_string(),
        title: entry.title.as_ref().map(|title| title.text().to_owned()).unwrap_or_default(),
        created: entry.creation_time.as_ref().map(instant).unwrap_or_default(),
    })
}

fn digest(hash: &Sha1Hash) -> Option<[u8; 20]> {
    let mut digest = [0; 20];
    for (octet, place) in digest.iter_mut().zip((0..).step_by(2)) {
        *octet = u8::from_str_radix(hash.as_str().get(place..place + 2)?, 16).ok()?;
    }
    Some(digest)
}

/// The earliest instant that a time may mean.
fn instant(time: &Dtm) -> DateTime<Utc> {
    NaiveDateTime::parse_from_str(&time.lowest(), "%Y%m%d%H%M%S").unwrap_or_default().and_utc()
}
