//! What a query found, page by page, before anybody has decided how to show it.

use crate::store::key::Key;
use crate::store::search::{Match, Matches, SearchError, fragments};
use crate::store::vault::VaultError;
use crate::{Inner, store};
use renkei_metadata::ebrim;
use renkei_metadata::fragment::Holes;
use renkei_metadata::ids::{Dtm, EntryUuid, HomeCommunityId, ObjectId, PatientId};
use renkei_metadata::model::{AvailabilityStatus, ObjectKind, RegistryObject};
use renkei_sealing::Room;
use renkei_soap::xml::{Reader, Writer, XmlLimits, ns};
use std::collections::HashMap;
use std::sync::Arc;

/// The hits broke off: what was read must not be taken for the whole. The log says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what was found could not be read to its end")]
pub struct HitsBroken;

/// The objects that a query found, as they were at the moment that decided the answer.
pub struct Hits {
    inner: Arc<Inner>,
    /// Whether whole objects were asked for.
    whole: bool,
    /// Whether all are told to be of this community.
    ours: bool,
    count: usize,
    objects: std::vec::IntoIter<Match>,
    fragments: HashMap<Key, Vec<u8>>,
    patients: HashMap<i64, Arc<PatientId>>,
}

/// One object that was found.
pub struct Hit {
    inner: Arc<Inner>,
    found: Match,
    home: Option<HomeCommunityId>,
    patient: Option<Arc<PatientId>>,
    /// Its sealed ebRIM, where whole objects were asked for.
    sealed: Option<Vec<u8>>,
}

impl Hits {
    pub(super) fn new(
        inner: Arc<Inner>,
        whole: bool,
        matches: Matches,
    ) -> Result<Self, VaultError> {
        let mut patients = HashMap::with_capacity(matches.patients.len());
        for (root, stored) in matches.patients {
            let cx = inner.vault.open_cx(&stored.hash, &stored.sealed)?;
            patients.insert(root, Arc::new(cx));
        }
        Ok(Self {
            inner,
            whole,
            ours: false,
            count: matches.objects.len(),
            objects: matches.objects.into_iter(),
            fragments: matches.fragments,
            patients,
        })
    }

    /// The same, all told to be of this community.
    #[must_use]
    pub(super) fn of_this_community(self) -> Self {
        Self { ours: true, ..self }
    }

    /// How many objects were found in all.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The next objects, in the order of the query's parts and, in each, of registration; none at
    /// the end.
    ///
    /// # Errors
    /// When the database fails, or an object has been removed since the answer was decided: the rest
    /// would be no state that ever was.
    pub async fn next_page(&mut self) -> Result<Vec<Hit>, HitsBroken> {
        self.read_page().await.map_err(|error| {
            tracing::error!(%error, "what a query found could not be read");
            self.objects = Vec::new().into_iter();
            HitsBroken
        })
    }

    pub(super) async fn read_page(&mut self) -> Result<Vec<Hit>, SearchError> {
        let size = self.inner.limits.query_page.max(1);
        let page: Vec<Match> = self.objects.by_ref().take(size).collect();
        if self.whole && self.fragments.is_empty() && !page.is_empty() {
            let keys: Vec<Key> = page.iter().map(|m| m.key).collect();
            let read =
                move |db: &mut renkei_database::Db| fragments(db, &keys).map_err(SearchError::from);
            self.fragments = self.inner.database.read(read).await?;
        }
        let hits = page.into_iter().map(|found| self.hit(found)).collect();
        self.fragments.clear();
        hits
    }

    fn hit(&mut self, found: Match) -> Result<Hit, SearchError> {
        let sealed = match self.whole {
            true => Some(self.fragments.remove(&found.key).ok_or(SearchError::Overtaken)?),
            false => None,
        };
        let home = match &found.home {
            Some(text) if !self.ours => {
                Some(HomeCommunityId::parse(text).map_err(|_| VaultError::Content)?)
            }
            Some(_) | None => self.inner.home.clone(),
        };
        let known = |root| self.patients.get(&root).cloned().ok_or(VaultError::Content);
        let patient = found.root.map(known).transpose()?;
        Ok(Hit { inner: Arc::clone(&self.inner), found, home, patient, sealed })
    }
}

impl Hit {
    /// Its kind.
    pub fn kind(&self) -> ObjectKind {
        self.found.kind
    }

    /// Its entryUUID.
    pub fn id(&self) -> EntryUuid {
        EntryUuid(self.found.id.0)
    }

    /// Its availabilityStatus.
    pub fn status(&self) -> AvailabilityStatus {
        store::status_of(self.found.status)
    }

    /// The patient, by the identifier that survives (ITI TF-2: 3.18.4.1.2.3.9); an association has
    /// none.
    pub fn patient(&self) -> Option<&PatientId> {
        self.patient.as_deref()
    }

    /// Appends its ebRIM to `out`, an ObjectRef where references were asked for; the prefix `rim` is
    /// declared around it.
    ///
    /// # Errors
    /// When what is stored cannot be opened.
    pub fn write_ebrim(&self, out: &mut String) -> Result<(), HitsBroken> {
        self.render(out, &mut Room::default()).map_err(|error| {
            tracing::error!(%error, "a stored object cannot be opened");
            HitsBroken
        })
    }

    /// The object itself; a reference where references were asked for.
    ///
    /// # Errors
    /// When what is stored cannot be opened.
    pub fn object(&self) -> Result<RegistryObject, HitsBroken> {
        if self.sealed.is_none() {
            return Ok(self.reference());
        }
        let mut xml = format!("<rim:RegistryObjectList xmlns:rim=\"{}\">", ns::RIM);
        self.write_ebrim(&mut xml)?;
        xml.push_str("</rim:RegistryObjectList>");
        read_object(&xml).ok_or_else(|| {
            tracing::error!("a stored object cannot be read");
            HitsBroken
        })
    }

    fn reference(&self) -> RegistryObject {
        RegistryObject::Ref(ObjectId::Uuid(self.id()), self.home.clone())
    }

    /// As [`Self::write_ebrim`]; fragments are opened in `room`, one after the other.
    pub(super) fn render(&self, out: &mut String, room: &mut Room) -> Result<(), VaultError> {
        let Some(sealed) = &self.sealed else {
            let mut w = Writer::new();
            ebrim::write_object(&mut w, &self.reference());
            out.push_str(&w.finish());
            return Ok(());
        };
        let found = &self.found;
        let last_update = match &found.last_update {
            Some(text) => Some(Dtm::parse(text).map_err(|_| VaultError::Content)?),
            None => None,
        };
        let holes = Holes {
            status: self.status(),
            home: self.home.as_ref(),
            lid: EntryUuid(found.lid.0),
            version: u32::try_from(found.version).map_err(|_| VaultError::Content)?,
            patient_id: self.patient(),
            last_update_time: last_update.as_ref(),
            availability: store::availability_of(found.availability),
        };
        self.inner.vault.fill_fragment((found.kind, found.key), sealed, &holes, room, out)
    }
}

/// The one object in a rim:RegistryObjectList.
pub(crate) fn read_object(xml: &str) -> Option<RegistryObject> {
    let mut reader = Reader::new(xml, XmlLimits::default());
    let list = reader.root().ok()?;
    ebrim::read_objects(&mut reader, &list).ok()?.value?.into_iter().next()
}
