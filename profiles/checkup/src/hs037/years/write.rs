//! The document, written source by source: what is kept of a source is what goes into the document.

use chrono::{DateTime, SecondsFormat, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::copy::{self, Names, Resource, member, name};
use super::tokens::Tokens;
use super::{About, CHECKUP, Reason, SECTION, Source, reference};
use crate::hs037::composition::UNNAMED_TITLE;
use crate::hs037::out::{Json, Text};
use crate::hs037::{self, Report, coding, systems, url};

/// How deep a source may be nested: its sections come to stand deeper here, and readers have a bound.
const DEEPEST: usize = 100;
const TOO_DEEP: &str = "要素の入れ子が深すぎます。作成元に確認してください";

/// The title of the document.
const TITLE: &str = "健診結果の経年記録";

/// A document that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its name: the same content has the same one.
    pub id: Uuid,
    /// Its octets.
    pub content: Vec<u8>,
}

/// A section of the document.
struct Section {
    code: &'static str,
    title: String,
    /// What there is to read, a line each.
    lines: Vec<String>,
    /// What stands in it.
    entries: Vec<Uuid>,
    /// The sections of the source's Composition, with their array.
    sections: Vec<u8>,
}

/// Makes a document.
pub struct Writer<'a> {
    about: About<'a>,
    /// The entries but the Composition, as they stand between the brackets of their array.
    entries: Vec<u8>,
    sections: Vec<Section>,
    left_out: Vec<(Reason, Uuid, String)>,
    /// The sources, for `Composition.relatesTo`.
    made_of: Vec<String>,
    newest: DateTime<Utc>,
}

impl<'a> Writer<'a> {
    /// A document without checkups.
    pub fn new(about: About<'a>) -> Self {
        Self {
            about,
            entries: Vec::new(),
            sections: Vec::new(),
            left_out: Vec::new(),
            made_of: Vec::new(),
            newest: DateTime::UNIX_EPOCH,
        }
    }

    /// Adds the checkup of an HS037 document behind the others. A document that cannot be read is named
    /// as left out.
    pub fn add(&mut self, source: &Source, content: &[u8]) {
        let report = match hs037::read(content) {
            Ok(report) => report,
            Err(error) => return self.leave_out(source, Reason::Unreadable, &error.ja()),
        };
        // it was JSON, which is UTF-8
        let text = std::str::from_utf8(content).unwrap_or_default();
        if Tokens::new(text).any(|token| token.depth > DEEPEST) {
            return self.leave_out(source, Reason::Unreadable, TOO_DEEP);
        }
        let resources = copy::resources(text);
        let reference = self.refer(source, "");
        self.made_of.push(source.unique_id.clone());
        let names = Names::of(&resources, &source.unique_id);
        for (place, resource) in resources.iter().enumerate() {
            self.copy(resource, names.at(place), &names, reference);
        }
        let mut sections = Vec::new();
        if let Some(text) = resources.first().and_then(|first| member(first.text, "section")) {
            copy::part(text, &names, &mut sections);
        }
        let entries = (0..resources.len()).map(|place| names.at(place));
        self.sections.push(Section {
            code: CHECKUP,
            title: title(&report),
            lines: vec![line(source)],
            entries: std::iter::once(reference).chain(entries).collect(),
            sections,
        });
    }

    /// Names a document that is not in the years.
    pub fn leave_out(&mut self, source: &Source, reason: Reason, why: &str) {
        let reference = self.refer(source, why);
        self.left_out.push((reason, reference, line(source)));
    }

    /// Octets so far.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing was added and nothing was left out.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The document. Its time is that of the newest document it knows of: made again of the same
    /// sources, it is the same.
    pub fn finish(mut self) -> Made {
        for reason in Reason::ALL {
            self.close(reason);
        }
        let mut out = Vec::with_capacity(self.entries.len() + 4096);
        let mut id = Uuid::nil();
        Json::new(&mut out).object(|json| {
            json.key("resourceType").word("Bundle");
            json.key("language").word("ja");
            json.key("type").word("document");
            json.key("timestamp").text(&self.time());
            json.key("entry").array(|json| {
                self.entry(json);
                json.raw(|out| out.extend_from_slice(&self.entries));
            });
            // behind everything that it is made of
            json.key("identifier").raw(|out| {
                id = Uuid::new_v5(&Uuid::NAMESPACE_OID, &Sha256::digest(&*out));
                let oid = format!("2.25.{}", id.as_u128());
                Json::new(out).object(|json| reference::identifier(&oid, json));
            });
        });
        Made { id, content: out }
    }

    fn time(&self) -> String {
        self.newest.to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// The section of what was left out for a reason.
    fn close(&mut self, reason: Reason) {
        let of = self.left_out.iter().filter(|(why, _, _)| *why == reason);
        let (entries, lines): (Vec<_>, Vec<_>) =
            of.map(|(_, uuid, line)| (*uuid, line.clone())).unzip();
        if !entries.is_empty() {
            let (code, title) = (reason.code(), reason.title().to_owned());
            self.sections.push(Section { code, title, lines, entries, sections: Vec::new() });
        }
    }

    fn refer(&mut self, source: &Source, why: &str) -> Uuid {
        self.newest = self.newest.max(source.created);
        let uuid = name(&source.unique_id, "source");
        self.push(uuid, |out| {
            Json::new(out).object(|json| reference::write(source, uuid, why, json));
        });
        uuid
    }

    fn copy(&mut self, resource: &Resource<'_>, uuid: Uuid, names: &Names, source: Uuid) {
        let source = (resource.kind == "Observation").then_some(source);
        self.push(uuid, |out| copy::resource(resource.text, uuid, names, source, out));
    }

    fn push(&mut self, uuid: Uuid, resource: impl FnOnce(&mut Vec<u8>)) {
        if !self.entries.is_empty() {
            self.entries.push(b',');
        }
        Json::new(&mut self.entries).object(|json| {
            json.key("fullUrl");
            url(uuid, json);
            json.key("resource").raw(resource);
        });
    }

    /// The entry of the Composition.
    fn entry(&self, json: &mut Json<'_>) {
        json.object(|json| {
            let uuid = name(self.about.on_demand, "composition");
            json.key("fullUrl");
            url(uuid, json);
            json.key("resource").object(|json| {
                json.key("resourceType").word("Composition");
                json.key("id").text(&uuid.to_string());
                self.composition(json);
            });
        });
    }

    fn composition(&self, json: &mut Json<'_>) {
        let About { on_demand, patient_id, authority, maker } = self.about;
        json.key("language").word("ja");
        json.key("identifier").object(|json| reference::identifier(on_demand, json));
        json.key("status").word("final");
        json.key("type").object(|json| {
            coding(json, systems::DOCUMENT_TYPE, "53576-5", Some(UNNAMED_TITLE));
        });
        json.key("subject").object(|json| {
            json.key("type").word("Patient");
            json.key("identifier").object(|json| {
                json.key("system").text(&format!("urn:oid:{authority}"));
                json.key("value").text(patient_id);
            });
        });
        json.key("date").text(&self.time());
        json.key("author").array(|json| {
            json.object(|json| {
                json.key("type").word("Device");
                json.key("identifier").object(|json| reference::identifier(maker, json));
                json.key("display").word("Renkei");
            });
        });
        json.key("title").word(TITLE);
        if !self.made_of.is_empty() {
            json.key("relatesTo").array(|json| {
                for source in &self.made_of {
                    json.object(|json| {
                        json.key("code").word("transforms");
                        json.key("targetIdentifier")
                            .object(|json| reference::identifier(source, json));
                    });
                }
            });
        }
        if !self.sections.is_empty() {
            json.key("section").array(|json| {
                for section in &self.sections {
                    json.object(|json| section.write(json));
                }
            });
        }
    }
}

impl Section {
    fn write(&self, json: &mut Json<'_>) {
        json.key("title").text(&self.title);
        json.key("code").object(|json| coding(json, SECTION, self.code, None));
        json.key("text").object(|json| {
            json.key("status").word("generated");
            json.key("div").string(|out| self.narrative(out));
        });
        json.key("entry").array(|json| {
            for uuid in &self.entries {
                json.object(|json| {
                    json.key("reference");
                    url(*uuid, json);
                });
            }
        });
        if !self.sections.is_empty() {
            json.key("section").raw(|out| out.extend_from_slice(&self.sections));
        }
    }

    fn narrative(&self, out: &mut Text<'_>) {
        out.word("<div xmlns=\\\"http://www.w3.org/1999/xhtml\\\"><p>");
        out.xhtml(&self.title);
        out.word("</p><ul>");
        for line in &self.lines {
            out.word("<li>");
            out.xhtml(line);
            out.word("</li>");
        }
        out.word("</ul></div>");
    }
}

/// Day, name and place of a checkup.
fn title(report: &Report) -> String {
    let day = report.exam_date.map(|day| day.to_string()).unwrap_or_default();
    let parts = [day.as_str(), report.title.trim(), report.institution.trim()];
    let told: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if told.is_empty() { UNNAMED_TITLE.to_owned() } else { told.join(" ") }
}

/// A source document in a line.
fn line(source: &Source) -> String {
    let Source { unique_id, repository, sha1, .. } = source;
    let hash = hex::encode(sha1);
    format!("文書 {unique_id}（リポジトリ {repository}、SHA-1 {hash}）")
}
