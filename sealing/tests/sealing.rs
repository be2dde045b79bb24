//! What is sealed opens unchanged, in its own place only, and with its own keys only.
#![allow(clippy::unwrap_used, reason = "a test program stops at the first surprise")]

use proptest::collection::vec;
use proptest::prelude::{any, proptest};
use proptest::{prop_assert, prop_assert_eq};
use renkei_sealing::{CHUNK, KeyError, KeyRing, Room, SealError};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::LazyLock;
use uuid::Uuid;

static DIR: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());
static RING: LazyLock<KeyRing> = LazyLock::new(|| KeyRing::open_or_create(DIR.path()).unwrap());

proptest! {
    #[test]
    fn a_row_opens_in_its_own_place_only(
        context in vec(any::<u8>(), 0..40),
        other in vec(any::<u8>(), 0..40),
        plain in vec(any::<u8>(), 0..2000),
    ) {
        let sealer = RING.sealer("test.row").unwrap();
        let sealed = sealer.seal(&context, &plain).unwrap();
        prop_assert_eq!(&sealer.open(&context, &sealed).unwrap(), &plain);
        prop_assert!(plain.len() < 8 || !sealed.windows(plain.len()).any(|w| w == plain));
        if other != context {
            prop_assert!(matches!(sealer.open(&other, &sealed), Err(SealError::NotAuthentic)));
        }
        let purpose = RING.sealer("test.other").unwrap();
        prop_assert!(matches!(purpose.open(&context, &sealed), Err(SealError::NotAuthentic)));
    }

    #[test]
    fn any_changed_byte_is_noticed(plain in vec(any::<u8>(), 0..200), at: usize, bit in 0..8u8) {
        let sealer = RING.sealer("test.row").unwrap();
        let mut sealed = sealer.seal(b"row 1", &plain).unwrap();
        let at = at % sealed.len();
        sealed[at] ^= 1 << bit;
        prop_assert!(sealer.open(b"row 1", &sealed).is_err());
        sealed.truncate(at);
        prop_assert!(sealer.open(b"row 1", &sealed).is_err());
    }

    #[test]
    fn a_compressed_row_opens_unchanged(
        plain in vec(0u8..4, 0..3000),
        dictionary in vec(0u8..4, 0..500),
    ) {
        let sealer = RING.sealer("test.row").unwrap();
        let sealed = sealer.seal_compressed(b"row", &plain, &dictionary).unwrap();
        let opened = sealer.open_compressed(b"row", &sealed, &dictionary, plain.len()).unwrap();
        prop_assert_eq!(&opened, &plain);
        let mut room = Room::default();
        let before = sealer.seal_compressed(b"before", &[7; 700], &dictionary).unwrap();
        sealer.open_compressed_in(b"before", &before, &dictionary, 700, &mut room).unwrap();
        let bound = plain.len();
        let opened = sealer.open_compressed_in(b"row", &sealed, &dictionary, bound, &mut room);
        prop_assert_eq!(opened.unwrap(), &plain[..]);
        prop_assert!(
            sealer.open_compressed_in(b"other", &sealed, &dictionary, bound, &mut room).is_err()
        );
        if let Some(shorter) = plain.len().checked_sub(1) {
            let result = sealer.open_compressed(b"row", &sealed, &dictionary, shorter);
            prop_assert!(matches!(result, Err(SealError::TooLong(_))));
        }
        prop_assert!(sealer.open(b"row", &sealed).is_err());
    }

    #[test]
    fn bytes_that_were_never_sealed_do_not_open(bytes in vec(any::<u8>(), 0..300)) {
        let sealer = RING.sealer("test.row").unwrap();
        prop_assert!(sealer.open(b"row", &bytes).is_err());
        prop_assert!(sealer.open_compressed(b"row", &bytes, b"", 1000).is_err());
    }

    #[test]
    fn a_chunk_opens_in_its_own_place_only(plain in vec(any::<u8>(), 0..2000), number: u32, last: bool) {
        let id = Uuid::from_u128(1);
        let (key, wrapped) = RING.new_content_key().unwrap();
        let sealed = key.seal_chunk(id, number, last, &plain).unwrap();
        let again = RING.unwrap(&wrapped).unwrap();
        prop_assert_eq!(again.open_chunk(id, number, last, &sealed).unwrap(), &plain[..]);
        let mut behind = b"before".to_vec();
        key.seal_chunk_into(id, number, last, &plain, &mut behind).unwrap();
        let place = again.open_chunk_in_place(id, number, last, &mut behind[6..]).unwrap();
        prop_assert_eq!(&behind[6..][place], &plain[..]);
        prop_assert!(again.open_chunk(id, number, !last, &sealed).is_err());
        prop_assert!(again.open_chunk(id, number.wrapping_add(1), last, &sealed).is_err());
        prop_assert!(again.open_chunk(Uuid::from_u128(2), number, last, &sealed).is_err());
    }
}

#[test]
fn a_key_is_used_from_many_threads_at_once_and_again_after_a_failure() {
    let sealer = RING.sealer("test.threads").unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8u8 {
            let sealer = sealer.clone();
            scope.spawn(move || {
                for n in 0..200u8 {
                    let plain = vec![n; usize::from(n) * 7];
                    let sealed = sealer.seal(&[thread, n], &plain).unwrap();
                    assert_eq!(sealer.open(&[thread, n], &sealed).unwrap(), plain);
                    assert!(sealer.open(&[thread, n, 0], &sealed).is_err());
                }
            });
        }
    });
}

#[test]
fn a_dictionary_makes_similar_rows_small() {
    let sealer = RING.sealer("test.row").unwrap();
    let typical = (0..100).map(|n| format!("<rim:Slot name=\"slot{n}\"/>")).collect::<String>();
    let plain = typical.replace("slot7", "other");
    let sealed = sealer.seal_compressed(b"row", plain.as_bytes(), typical.as_bytes()).unwrap();
    assert!(sealed.len() * 4 < plain.len(), "{} of {}", sealed.len(), plain.len());
}

#[test]
fn a_changed_wrapped_key_does_not_unwrap() {
    let (key, wrapped) = RING.new_content_key().unwrap();
    let sealed = key.seal_chunk(Uuid::nil(), 0, true, &[1; CHUNK]).unwrap();
    assert_eq!(sealed.len(), CHUNK + 28);
    let mut changed = wrapped.clone();
    changed.bytes[20] ^= 1;
    assert!(matches!(RING.unwrap(&changed), Err(SealError::NotAuthentic)));
    let unknown = renkei_sealing::WrappedKey { key_name: "gone".to_owned(), ..wrapped.clone() };
    assert!(matches!(RING.unwrap(&unknown), Err(SealError::UnknownKey(name)) if name == "gone"));
    let other = renkei_sealing::WrappedKey { algorithm: "ROT13".to_owned(), ..wrapped };
    assert!(matches!(RING.unwrap(&other), Err(SealError::Format)));
}

#[test]
fn a_new_current_key_leaves_old_values_and_secrets_as_they_were() {
    let dir = tempfile::tempdir().unwrap();
    let old = KeyRing::open_or_create(dir.path()).unwrap();
    let sealed = old.sealer("p").unwrap().seal(b"row", b"value").unwrap();
    let secret = old.derive("patient").unwrap();
    assert_ne!(*secret, *old.derive("other").unwrap());

    let path = dir.path().join("key-2.key");
    fs::write(&path, "ab".repeat(32)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(dir.path().join("current"), "key-2\n").unwrap();
    let new = KeyRing::open_or_create(dir.path()).unwrap();
    assert_eq!(new.current(), "key-2");
    assert_eq!(new.sealer("p").unwrap().open(b"row", &sealed).unwrap(), b"value");
    assert_eq!(*new.derive("patient").unwrap(), *secret);
    let newer = new.sealer("p").unwrap().seal(b"row", b"value").unwrap();
    assert!(matches!(old.sealer("p").unwrap().open(b"row", &newer), Err(SealError::UnknownKey(_))));
}

#[test]
fn key_files_belong_to_their_owner_alone() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("keys");
    KeyRing::open_or_create(&dir).unwrap();
    assert_eq!(fs::metadata(&dir).unwrap().permissions().mode() & 0o777, 0o700);
    let keys: Vec<_> = fs::read_dir(&dir).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(keys.len(), 4, "two keys, the current name, the lock: {keys:?}");
    for path in &keys {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600, "{path:?}");
    }
    let root = dir.join("root.key");
    fs::set_permissions(&root, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(KeyRing::open_or_create(&dir), Err(KeyError::Exposed(_))));
    fs::remove_file(&root).unwrap();
    assert!(matches!(KeyRing::open_or_create(&dir), Err(KeyError::NoRoot(_))));
}

#[test]
fn processes_that_start_at_once_share_the_keys() {
    let dir = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        let open = || KeyRing::open_or_create(dir.path()).unwrap();
        let rings: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
        let rings: Vec<_> = rings.into_iter().map(|r| r.join().unwrap()).collect();
        let sealed = rings[0].sealer("p").unwrap().seal(b"", b"x").unwrap();
        for ring in &rings {
            assert_eq!(ring.sealer("p").unwrap().open(b"", &sealed).unwrap(), b"x");
        }
    });
}
