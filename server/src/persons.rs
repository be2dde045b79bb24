//! The persons of a data directory, which a running house and commands beside it open in the same way.

use crate::communities;
use crate::files;
use crate::settings::Settings;
use anyhow::Context as _;
use renkei_database::{DatabaseUrl, Options};
use renkei_identity::{Identity, IdentityConfig, IdentityRules, RuleBook};
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::{Person, SharedAuthorities};
use renkei_sealing::KeyRing;
use std::path::Path;

/// Opens the database of the persons.
pub(crate) fn open(
    dir: &Path,
    settings: &Settings,
    keys: &KeyRing,
    database: Options,
) -> anyhow::Result<Identity> {
    let url = DatabaseUrl::parse(&settings.identity.database, dir)?;
    if let DatabaseUrl::Sqlite(path) = &url
        && let Some(folder) = path.parent()
        && !folder.exists()
    {
        files::private_dir(folder).with_context(|| folder.display().to_string())?;
    }
    let insured = Some(settings.insured_authority());
    let rules = IdentityRules {
        home: settings.ids.assigning_authority.clone(),
        shared: SharedAuthorities { insured, ..communities::shared(settings) },
    };
    // Those of sources are known before the first of their people is.
    let named = settings.ids.namespaces.iter().chain(&settings.identity.source_domains);
    let domains = named.filter_map(|named| named.authority.clone()).collect();
    let tells_changes = !settings.identity.notify.is_empty();
    let matching = rules_of(dir, settings)?;
    let config = IdentityConfig { url, database, rules, domains, matching, tells_changes, keys };
    let identity = Identity::open(config);
    identity.context("identity.database")
}

/// The rules of matching that the settings name.
pub(crate) fn rules_of(dir: &Path, settings: &Settings) -> anyhow::Result<RuleBook> {
    match &settings.identity.rules {
        Some(path) => rules(&dir.join(path), None),
        None => Ok(RuleBook::standard()),
    }
}

/// Reads rules of matching, and the shares of names with them; all mistakes at once.
pub(crate) fn rules(path: &Path, terms: Option<&Path>) -> anyhow::Result<RuleBook> {
    let text =
        |path: &Path| std::fs::read_to_string(path).with_context(|| path.display().to_string());
    let terms = terms.map(text).transpose()?;
    RuleBook::read(&text(path)?, terms.as_deref()).map_err(|mistakes| {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("{}: {}", path.display(), lines.join("\n"))
    })
}

/// What a source is told of somebody by whose number of its own it asks: identifiers of its own domains and of the affinity
/// domain, and who it is; not by which numbers others know the person, nor where they live.
pub(crate) fn narrow(
    ids: &mut Vec<PatientId>,
    person: Option<&mut Person>,
    own: &[Oid],
    affinity: &Oid,
) {
    ids.retain(|id| id.authority == *affinity || own.contains(&id.authority));
    if let Some(person) = person {
        let Person { names, sex, birth, .. } = std::mem::take(person);
        *person = Person { names, sex, birth, ..Person::default() };
    }
}
