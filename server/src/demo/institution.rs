//! The sample institutions: who they are and how they write their exports.

use super::partners;
use anyhow::Context as _;
use renkei_checkup::programmes::programmes;
use renkei_source_adapter::{Mapping, Sample, samples};
use serde::Serialize;

/// The mapping among the files of a sample institution.
pub(super) const MAPPING: &str = "map.toml";

/// A sample institution.
pub(super) struct Institution {
    /// What is said about it.
    pub(super) about: About,
    /// What its columns mean.
    pub(super) mapping: Mapping,
    /// Its exports, in order.
    pub(super) exports: Vec<Sample>,
}

/// What is said about an institution.
#[derive(Clone, Debug, Serialize)]
pub(super) struct About {
    /// Its folder among the samples.
    pub(super) institution: &'static str,
    /// Its name.
    pub(super) name: String,
    /// The encoding of its exports.
    pub(super) encoding: &'static str,
    /// Whether they begin with a byte order mark.
    pub(super) byte_order_mark: bool,
    /// The language of their headers: `ja` or `en`.
    pub(super) headers: &'static str,
    /// 健診プログラムサービスコード.
    pub(super) programme: String,
    /// Its name.
    pub(super) programme_name: &'static str,
}

impl About {
    fn new(institution: &'static str, mapping: &Mapping) -> Self {
        let fixed = |id| mapping.constant(id).unwrap_or_default().to_owned();
        let programme = fixed("program_code");
        Self {
            institution,
            name: fixed("inst_name"),
            encoding: mapping.encoding(),
            byte_order_mark: mapping.has_byte_order_mark(),
            headers: if mapping.headers().all(str::is_ascii) { "en" } else { "ja" },
            programme_name: programmes().get(&programme).map_or("", |row| &row.name),
            programme,
        }
    }

    /// How it writes, in one line.
    pub(super) fn dialect(&self) -> String {
        let mark = if self.byte_order_mark { " BOM付き / with BOM" } else { "" };
        let headers =
            if self.headers == "en" { "英語 / English" } else { "日本語 / Japanese" };
        format!("文字コード / encoding {}{mark}  見出し / headers {headers}", self.encoding)
    }
}

/// The node of an institution: each has one of its own, since each asks for people by its own numbers.
pub(super) fn node(mapping: &Mapping) -> String {
    format!("demo-{}", mapping.constant("inst_no").unwrap_or("institution"))
}

/// By whose numbers each node asks for people (setting `identity.source_domains`; HS037: the institution number behind
/// the arc).
pub(super) fn domains() -> anyhow::Result<Vec<String>> {
    let mut mappings: Vec<Mapping> = all()?.into_iter().map(|one| one.mapping).collect();
    mappings.extend(partners::mappings()?);
    let domain = |mapping: &Mapping| {
        let number = mapping.constant("inst_no")?;
        // The name of an identity that the house makes for itself begins so.
        Some(format!("own.{}=1.2.392.100495.20.3.51.1{number}", node(mapping)))
    };
    let mut domains: Vec<String> = mappings.iter().filter_map(domain).collect();
    domains.sort();
    domains.dedup();
    Ok(domains)
}

/// All sample institutions.
pub(super) fn all() -> anyhow::Result<Vec<Institution>> {
    let mut names: Vec<&'static str> = samples().iter().map(|s| s.institution).collect();
    names.dedup();
    names.into_iter().map(named).collect()
}

fn named(name: &'static str) -> anyhow::Result<Institution> {
    let own = || samples().iter().copied().filter(move |s| s.institution == name);
    let mapping = own().find(|s| s.name == MAPPING).context("a sample without mapping")?;
    let mapping = Mapping::read(MAPPING, std::str::from_utf8(mapping.bytes)?)?;
    let exports = own().filter(|s| s.name != MAPPING).collect();
    Ok(Institution { about: About::new(name, &mapping), mapping, exports })
}
