//! Remove Metadata (ITI TF-2: 3.62): objects go for good, all that a request names or none.
//!
//! What is left has to be a registry: no Association without one of its ends, nothing that no
//! SubmissionSet holds ([`references`]), no document whose state nothing explains ([`relations`]).
//! Documents stay in their repositories, which are asked by ITI-86.

mod references;
mod relations;

use crate::change::effect::{self, Effect};
use crate::change::lifecycle::Event;
use crate::change::{Change, Prepared, Told};
use crate::store::codes;
use crate::store::key::{Id, Key};
use crate::store::links::{self, Link};
use crate::store::lookup::{self, Known, Named, Place};
use crate::store::search::seen;
use crate::store::vault::Vault;
use crate::store::versions;
use crate::store::write::WriteError;
use crate::update::stored;
use crate::{Registry, rules};
use renkei_atna::build;
use renkei_atna::record::Object;
use renkei_context::{Action, Ctx, Scope, within};
use renkei_database::{DatabaseError, Db};
use renkei_metadata::finding::{Checked, Finding, Rule};
use renkei_metadata::ids::EntryUuid;
use renkei_metadata::model::ObjectKind;
use renkei_xds::response::{RegistryResponse, Status};
use renkei_xds::transaction::ITI_62;
use std::collections::{BTreeMap, BTreeSet, HashSet};

impl Registry {
    /// Removes the objects named (ITI-62), all of them, with an audit record, when the answer is
    /// Success; otherwise nothing, and the refusal is audited.
    ///
    /// After XDSRegistryError the outcome may be open: the commit was sent and no answer came.
    pub async fn remove_metadata(
        &self,
        ctx: &Ctx,
        request: Checked<Vec<EntryUuid>>,
    ) -> RegistryResponse {
        let Checked { value, findings } = request;
        let ids: Vec<Id> = value.iter().flatten().copied().map(Id::from).collect();
        let told = Told { spec: ITI_62.audit, objects: self.told_of_removal(&ids).await };
        let vault = self.inner.vault.clone();
        let prepared = match value {
            Some(_) => {
                let [seen, changed] = [Action::See, Action::Change].map(|of| within(ctx, of));
                Ok(Prepared { change: Removal { vault, seen, changed, ids }, findings })
            }
            None => Err(findings),
        };
        let response = self.change(ctx, told, prepared).await;
        if response.status == Status::Success
            && let Err(error) = self.inner.database.checkpoint().await
        {
            tracing::warn!(%error, "the log keeps what was removed until its next end");
        }
        response
    }

    /// The patients whose objects these are, and the objects (ITI TF-2: 3.62.5.1).
    async fn told_of_removal(&self, ids: &[Id]) -> Vec<Object> {
        let (wanted, vault) = (ids.to_vec(), self.inner.vault.clone());
        let read = self.inner.database.read(move |db| {
            let named = lookup::objects(db, &wanted)?;
            let patients = named.values().filter_map(known).map(|o| o.root).collect();
            Ok::<_, DatabaseError>(links::sealed_patients(db, &patients)?)
        });
        let sealed = read.await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the patients of a removal are not told");
            Vec::new()
        });
        let patient = |(hash, cx): &(Vec<u8>, Vec<u8>)| vault.open_cx(hash, cx).ok();
        let patients = sealed.iter().filter_map(patient).map(|cx| build::patient(&cx.to_string()));
        let objects = ids.iter().map(|id| build::erased(build::registry_object(&urn(*id))));
        patients.chain(objects).collect()
    }
}

fn known(named: &Named) -> Option<&Known> {
    match named {
        Named::Object(object) => Some(object),
        Named::Removed => None,
    }
}

/// An entryUUID as it goes on the wire.
fn urn(id: Id) -> String {
    EntryUuid(id.0).to_string()
}

/// One request as a change.
struct Removal {
    vault: Vault,
    /// What may be known, and what may be removed.
    seen: Scope,
    changed: Scope,
    /// Each once.
    ids: Vec<Id>,
}

impl Change for Removal {
    const SUBJECT: &'static str = "RemoveObjectsRequest";

    fn plan(&self, db: &mut Db, findings: &mut Vec<Finding>) -> Result<Vec<Effect>, WriteError> {
        let going = self.hold(db)?;
        for id in &self.ids {
            let rule = match going.named.get(id) {
                Some(Named::Object(_)) => continue,
                Some(Named::Removed) => &rules::REMOVAL_OF_REMOVED,
                None => &rules::REMOVAL_OF_UNKNOWN,
            };
            findings.push(about(rule, *id));
        }
        references::check(db, &self.seen, &going, findings)?;
        relations::check(db, &going, findings)?;
        if findings.iter().any(Finding::is_error) {
            return Ok(Vec::new());
        }
        self.effects(db, &going)
    }

    fn is_done(&self, db: &mut Db) -> Result<bool, DatabaseError> {
        let named = lookup::objects(db, &self.ids)?;
        Ok(self.ids.iter().all(|id| matches!(named.get(id), Some(Named::Removed))))
    }
}

impl Removal {
    /// What goes, with all patients held to whom it, another version or an end of it belongs: nobody submits anything
    /// that leads there, and no merge moves it.
    fn hold(&self, db: &mut Db) -> Result<Going, WriteError> {
        let mut held = BTreeSet::new();
        loop {
            let going = Going::read(db, &self.changed, &self.ids)?;
            let mut wanted = links::with_survivors(db, &going.patients())?;
            for (place, _) in going.objects.values() {
                wanted.extend(links::of_versions(db, place)?);
            }
            if wanted.is_subset(&held) {
                return Ok(going);
            }
            held.extend(wanted);
            lookup::lock_patients(db, &held)?;
        }
    }

    fn effects(&self, db: &mut Db, going: &Going) -> Result<Vec<Effect>, WriteError> {
        const IMPOSSIBLE: WriteError = WriteError::Missing("a state that an object can leave");
        let mut effects = Vec::new();
        let (mut older, mut noted) = (BTreeMap::new(), HashSet::new());
        for (place, id) in going.objects.values() {
            let state = lookup::state(db, place)?.ok_or(IMPOSSIBLE)?;
            noted.extend(codes::noted(db, place)?);
            if place.kind == ObjectKind::DocumentEntry {
                let hashes = lookup::reference_hashes(db, &self.vault, place)?;
                effects.extend(hashes.into_iter().map(|hash| Effect::Unreferenced(*place, hash)));
            }
            if state.is_latest() {
                let mut left = links::versions(db, place)?.into_iter();
                let newest = left.find(|(version, ..)| !going.contains(version));
                older.extend(newest.map(|(place, id, state)| (place, (id, state))));
            }
            let gone = effect::happens(Event::Removed, (*place, *id), state);
            effects.push(gone.map_err(|_| IMPOSSIBLE)?);
        }
        let mut labelled = Vec::new();
        for (place, (id, state)) in older {
            let latest = effect::happens(Event::NewerRemoved, (place, id), state);
            effects.push(latest.map_err(|_| IMPOSSIBLE)?);
            if place.kind == ObjectKind::DocumentEntry {
                let lid = versions::logical_id(db, &place)?.ok_or(IMPOSSIBLE)?;
                labelled.push(stored::labelled(db, &self.vault, (lid, &place))?);
            }
        }
        effects.extend(noted.into_iter().map(Effect::Uncoded));
        effects.extend((!labelled.is_empty()).then_some(Effect::Labelled(labelled)));
        Ok(effects)
    }
}

/// What goes together.
struct Going {
    named: std::collections::HashMap<Id, Named>,
    /// By their keys, which are in the order in which they came.
    objects: BTreeMap<Key, (Place, Id)>,
    /// The Associations among them.
    links: Vec<Link>,
}

impl Going {
    /// What may not be removed is not there.
    fn read(db: &mut Db, scope: &Scope, ids: &[Id]) -> Result<Self, WriteError> {
        let mut named = lookup::objects(db, ids)?;
        for id in ids {
            if let Some(object) = named.get(id).and_then(known)
                && !seen::object(db, scope, &Place::from(object))?
            {
                named.remove(id);
            }
        }
        let mut objects = BTreeMap::new();
        for (id, object) in named.iter().filter_map(|(id, n)| Some((*id, known(n)?))) {
            objects.insert(object.key, (Place::from(object), id));
        }
        let is_link = |place: &Place| place.kind == ObjectKind::Association;
        let keys: Vec<Key> =
            objects.values().filter(|(p, _)| is_link(p)).map(|(p, _)| p.key).collect();
        let links = links::by_keys(db, &keys)?;
        Ok(Self { named, objects, links })
    }

    fn contains(&self, place: &Place) -> bool {
        self.objects.contains_key(&place.key)
    }

    /// To whom it, and what its Associations lead to, belongs.
    fn patients(&self) -> BTreeSet<i64> {
        let objects = self.objects.values().map(|(place, _)| place.patient_key);
        let ends = self.links.iter().flat_map(|l| [l.source.patient_key, l.target.patient_key]);
        objects.chain(ends).collect()
    }
}

/// A finding about an object of the request.
fn about(rule: &'static Rule, id: Id) -> Finding {
    let urn = urn(id);
    Finding::new(rule, format!("ObjectRef {urn}")).location(urn)
}
