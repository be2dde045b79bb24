//! Under which patient id an institution's numbers were seen: to notice when one of them changes.
//!
//! A person whose birth date, sex, kana or card is corrected is another patient of the affinity domain,
//! and nothing in the registry leads from the one to the other. So a run remembers, for each number of
//! a person and of a checkup, the patient id it went under: keyed hashes only, from which nobody learns
//! a number. Nothing needs the file to go on; whoever loses it loses the notice.

use hmac::{Hmac, KeyInit, Mac};
use renkei_metadata::ids::PatientId;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::private;

/// What the file begins with.
const MAGIC: [u8; 16] = *b"renkei seen 1\r\n\0";
/// A key, a patient id, and what tells that both are whole.
const RECORD: usize = 16 + 16 + 4;
/// Pairs that are remembered: of an export of 100,000 rows both numbers. The file ends at 11 MB; the
/// oldest pairs go first.
const PAIRS: usize = 300_000;
/// Patient ids that are remembered of one number.
const IDS: usize = 8;

type Key = [u8; 16];
type Id = [u8; 16];

/// Which number of the institution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number<'n> {
    /// That of a person.
    Person(&'n str),
    /// That of a checkup.
    Report(&'n str),
}

/// What was seen so far.
pub struct Seen {
    key: [u8; 32],
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    first: HashMap<Key, Id>,
    /// The few numbers that went under several ids: the further ones.
    more: HashMap<Key, Vec<Id>>,
    /// Pairs that the file has and shall have no more.
    forgotten: HashSet<(Key, Id)>,
    path: Option<PathBuf>,
    file: Option<BufWriter<File>>,
}

impl Seen {
    /// Remembers for this run alone. The key is that of the patient ids.
    pub fn in_memory(key: [u8; 32]) -> Self {
        Self { key, known: Mutex::new(Known::default()) }
    }

    /// Remembers in a file, which is made if needed; what is broken in it is left out.
    ///
    /// # Errors
    /// When the file can be neither read nor written.
    pub fn open(path: &Path, key: [u8; 32]) -> io::Result<Self> {
        let seen = Self::in_memory(key);
        let content = read(path)?;
        let (pairs, is_whole) = pairs(&content);
        let kept = pairs.get(pairs.len().saturating_sub(PAIRS * 3 / 4)..).unwrap_or_default();
        let kept = if pairs.len() > PAIRS { kept } else { &pairs[..] };
        let mut known = seen.known();
        for (key, id) in kept {
            known.add(*key, *id);
        }
        if !is_whole || kept.len() < pairs.len() {
            rewrite(path, kept)?;
        }
        known.file = Some(appended(path)?);
        known.path = Some(path.to_owned());
        drop(known);
        Ok(seen)
    }

    /// Remembers that a number of an institution went under this id, and tells under which others it
    /// went before. An id that is no hash of ours is not remembered.
    pub fn meet(
        &self,
        institution: &str,
        number: Number<'_>,
        patient: &PatientId,
    ) -> Vec<PatientId> {
        let Some(id) = id_of(patient) else { return Vec::new() };
        let key = self.key_of(institution, number, patient);
        let mut known = self.known();
        let others: Vec<Id> = known.of(&key).filter(|other| *other != id).collect();
        if known.is_new(&key, &id) {
            known.write(&key, &id);
            known.add(key, id);
        }
        drop(known);
        let patient_id =
            |id: Id| PatientId { id: hex::encode(id), authority: patient.authority.clone() };
        others.into_iter().map(patient_id).collect()
    }

    /// Forgets that a number went under this id: nothing of it stands there any more.
    pub fn forget(&self, institution: &str, number: Number<'_>, patient: &PatientId) {
        let Some(id) = id_of(patient) else { return };
        let key = self.key_of(institution, number, patient);
        self.known().forget(key, id);
    }

    /// Writes what is still in memory, and takes out of the file what was forgotten.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn flush(&self) -> io::Result<()> {
        let mut known = self.known();
        known.file.as_mut().map_or(Ok(()), Write::flush)?;
        if let Some(path) = known.path.clone().filter(|_| !known.forgotten.is_empty()) {
            let (mut kept, _) = pairs(&read(&path)?);
            kept.retain(|pair| !known.forgotten.contains(pair));
            rewrite(&path, &kept)?;
            known.file = Some(appended(&path)?);
            known.forgotten.clear();
        }
        Ok(())
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // What another thread left is whole pairs.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn key_of(&self, institution: &str, number: Number<'_>, patient: &PatientId) -> Key {
        let (purpose, number) = match number {
            Number::Person(number) => ("seen person", number),
            Number::Report(number) => ("seen report", number),
        };
        let mut key = Key::default();
        // HMAC takes a key of any length; these 32 bytes are never refused.
        if let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.key) {
            for field in [purpose, patient.authority.as_str(), institution, number] {
                mac.update(&(field.len() as u64).to_le_bytes());
                mac.update(field.as_bytes());
            }
            key.iter_mut().zip(mac.finalize().into_bytes()).for_each(|(to, from)| *to = from);
        }
        key
    }
}

impl Known {
    fn of<'k>(&'k self, key: &Key) -> impl Iterator<Item = Id> + 'k {
        let more = self.more.get(key).map_or(&[][..], Vec::as_slice);
        self.first.get(key).into_iter().chain(more).copied()
    }

    fn is_new(&self, key: &Key, id: &Id) -> bool {
        let ids = self.of(key).take_while(|known| known != id).count();
        let room = self.first.len() < PAIRS || self.first.contains_key(key);
        ids == self.of(key).count() && ids < IDS && room
    }

    fn add(&mut self, key: Key, id: Id) {
        match self.first.get(&key) {
            None => drop(self.first.insert(key, id)),
            Some(first) if *first == id => {}
            Some(_) => {
                let more = self.more.entry(key).or_default();
                if !more.contains(&id) && more.len() + 1 < IDS {
                    more.push(id);
                }
            }
        }
    }

    fn forget(&mut self, key: Key, id: Id) {
        let ids: Vec<Id> = self.of(&key).collect();
        if !ids.contains(&id) {
            return;
        }
        self.first.remove(&key);
        self.more.remove(&key);
        for other in ids.into_iter().filter(|other| *other != id) {
            self.add(key, other);
        }
        self.forgotten.insert((key, id));
    }

    fn write(&mut self, key: &Key, id: &Id) {
        // What is met again comes behind what is forgotten.
        self.forgotten.remove(&(*key, *id));
        let Some(file) = &mut self.file else { return };
        if let Err(error) = file.write_all(&record(key, id)) {
            tracing::warn!(%error, "changed identities are not remembered any more");
            self.file = None;
        }
    }
}

/// The file, to add to. Whole records at once: another run may be writing too.
fn appended(path: &Path) -> io::Result<BufWriter<File>> {
    let file = File::options().append(true).open(path)?;
    Ok(BufWriter::with_capacity(RECORD * 100, file))
}

/// The id of a patient, if it is a hash.
fn id_of(patient: &PatientId) -> Option<Id> {
    let mut id = Id::default();
    hex::decode_to_slice(&patient.id, &mut id).ok().map(|()| id)
}

fn record(key: &Key, id: &Id) -> Vec<u8> {
    let mut record = [*key, *id].concat();
    let whole = Sha256::digest(&record);
    record.extend(whole.iter().take(4));
    record
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    match File::open(path) {
        // Twice as much as is ever kept: two runs at once may both have filled it.
        Ok(file) => file.take((PAIRS * RECORD * 2) as u64).read_to_end(&mut content)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error),
    };
    Ok(content)
}

/// The pairs of a file, and whether it held nothing else.
fn pairs(content: &[u8]) -> (Vec<(Key, Id)>, bool) {
    let Some(records) = content.strip_prefix(&MAGIC) else { return (Vec::new(), false) };
    let (records, rest) = records.as_chunks::<RECORD>();
    let read = |bytes: &[u8; RECORD]| {
        let (key, id) = (bytes.first_chunk::<16>()?, bytes.get(16..)?.first_chunk::<16>()?);
        (record(key, id) == bytes).then_some((*key, *id))
    };
    let pairs: Vec<(Key, Id)> = records.iter().filter_map(read).collect();
    let is_whole = rest.is_empty() && pairs.len() == records.len();
    (pairs, is_whole)
}

/// Replaces the file, for its owner alone.
fn rewrite(path: &Path, pairs: &[(Key, Id)]) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let temporary: PathBuf = path.with_file_name(private::temporary(&name));
    let mut content = MAGIC.to_vec();
    for (key, id) in pairs {
        content.extend(record(key, id));
    }
    private::write(&temporary, &content)?;
    fs::rename(&temporary, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use renkei_metadata::ids::Oid;

    fn patient(number: u8) -> PatientId {
        PatientId { id: hex::encode([number; 16]), authority: Oid::parse("2.999.1").unwrap() }
    }

    fn ids(patients: &[PatientId]) -> Vec<&str> {
        patients.iter().map(|p| p.id.get(..2).unwrap_or_default()).collect()
    }

    #[test]
    fn another_id_of_a_number_is_noticed_as_long_as_the_file_lives() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seen");
        let seen = Seen::open(&path, [1; 32]).unwrap();
        assert!(seen.meet("I", Number::Person("Z1"), &patient(1)).is_empty());
        assert!(seen.meet("I", Number::Person("Z1"), &patient(1)).is_empty());
        assert!(seen.meet("I", Number::Report("Z1"), &patient(2)).is_empty());
        assert!(seen.meet("J", Number::Person("Z1"), &patient(3)).is_empty());
        seen.flush().unwrap();
        let size = fs::metadata(&path).unwrap().len() as usize;
        assert_eq!(size, MAGIC.len() + 3 * RECORD);
        let seen = Seen::open(&path, [1; 32]).unwrap();
        assert_eq!(ids(&seen.meet("I", Number::Person("Z1"), &patient(9))), ["01"]);
        assert_eq!(ids(&seen.meet("I", Number::Person("Z1"), &patient(1))), ["09"]);
        seen.flush().unwrap();
        // under another key nobody finds anything
        let other = Seen::open(&path, [2; 32]).unwrap();
        assert!(other.meet("I", Number::Person("Z1"), &patient(5)).is_empty());
        fs::remove_file(&path).unwrap();
        let seen = Seen::open(&path, [1; 32]).unwrap();
        assert!(seen.meet("I", Number::Person("Z1"), &patient(9)).is_empty());
    }

    #[test]
    fn no_number_stands_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seen");
        let seen = Seen::open(&path, [1; 32]).unwrap();
        seen.meet("1319900013", Number::Person("PERSON-77"), &patient(1));
        seen.flush().unwrap();
        let content = fs::read(&path).unwrap();
        assert!(!content.windows(9).any(|window| window == b"PERSON-77"));
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_was_broken_off_is_left_out_and_mended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seen");
        let (one, two) = (record(&[1; 16], &[2; 16]), record(&[3; 16], &[4; 16]));
        fs::write(&path, [&MAGIC[..], &one, &two[..20]].concat()).unwrap();
        Seen::open(&path, [1; 32]).unwrap();
        assert_eq!(fs::read(&path).unwrap(), [&MAGIC[..], &one].concat());
        fs::write(&path, b"something else").unwrap();
        Seen::open(&path, [1; 32]).unwrap();
        assert_eq!(fs::read(&path).unwrap(), MAGIC);
    }

    #[test]
    fn what_is_forgotten_is_in_the_file_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seen");
        let seen = Seen::open(&path, [1; 32]).unwrap();
        for (person, number) in [("Z1", 1), ("Z1", 2), ("Z2", 1)] {
            seen.meet("I", Number::Person(person), &patient(number));
        }
        seen.forget("I", Number::Person("Z1"), &patient(1));
        seen.forget("I", Number::Report("Z1"), &patient(1));
        assert_eq!(ids(&seen.meet("I", Number::Person("Z1"), &patient(9))), ["02"]);
        seen.flush().unwrap();
        seen.meet("I", Number::Person("Z3"), &patient(3));
        seen.flush().unwrap();
        let size = fs::metadata(&path).unwrap().len() as usize;
        assert_eq!(size, MAGIC.len() + 4 * RECORD);
        let seen = Seen::open(&path, [1; 32]).unwrap();
        assert_eq!(ids(&seen.meet("I", Number::Person("Z1"), &patient(9))), ["02"]);
        assert_eq!(ids(&seen.meet("I", Number::Person("Z2"), &patient(9))), ["01"]);
        assert_eq!(ids(&seen.meet("I", Number::Person("Z3"), &patient(9))), ["03"]);
    }

    #[test]
    fn an_id_that_is_no_hash_is_not_remembered() {
        let seen = Seen::in_memory([1; 32]);
        let other = PatientId { id: "P-1".to_owned(), ..patient(1) };
        seen.meet("I", Number::Person("Z1"), &other);
        assert!(seen.meet("I", Number::Person("Z1"), &patient(1)).is_empty());
    }

    #[test]
    fn few_ids_are_kept_of_one_number() {
        let seen = Seen::in_memory([1; 32]);
        for number in 0..100 {
            assert!(seen.meet("I", Number::Person("Z1"), &patient(number)).len() <= IDS);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            written in proptest::collection::vec((any::<Key>(), any::<Id>()), 0..20),
        ) {
            let mut content = MAGIC.to_vec();
            for (key, id) in &written {
                content.extend(record(key, id));
            }
            prop_assert_eq!(pairs(&content), (written, true));
        }

        #[test]
        fn any_octets_are_read(
            begun in any::<bool>(),
            octets in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let head = if begun { &MAGIC[..] } else { &[] };
            pairs(&[head, &octets].concat());
        }
    }
}
