//! What sealing costs, in nanoseconds: `cargo run --release -p renkei-sealing --example cost`.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "prints figures for a reader")]

use renkei_sealing::KeyRing;
use std::hint::black_box;
use std::time::Instant;
use uuid::Uuid;

/// Times `work`: the best of five rounds.
fn time(name: &str, rounds: u32, mut work: impl FnMut()) {
    let mut best = f64::MAX;
    for _ in 0..5 {
        let started = Instant::now();
        for _ in 0..rounds {
            work();
        }
        best = best.min(started.elapsed().as_nanos() as f64 / f64::from(rounds));
    }
    println!("{name:40} {best:9.0} ns");
}

fn main() {
    let dir = tempfile::tempdir().unwrap();
    let ring = KeyRing::open_or_create(dir.path()).unwrap();
    let sealer = ring.sealer("cost").unwrap();
    let dictionary =
        (0..300).map(|n| format!("<rim:Slot name=\"slot{n}\"><rim:ValueList>")).collect::<String>();
    for length in [64, 2_000] {
        let plain: Vec<u8> = dictionary.bytes().cycle().skip(77).step_by(3).take(length).collect();
        let sealed = sealer.seal(b"row 1", &plain).unwrap();
        time(&format!("seal {length}"), 20_000, || drop(black_box(sealer.seal(b"row 1", &plain))));
        time(&format!("open {length}"), 20_000, || drop(black_box(sealer.open(b"row 1", &sealed))));
    }
    let like = dictionary.replace("slot7", "others").replace("slot1", "x");
    let plain = like.bytes().skip(1000).take(4000).collect::<Vec<u8>>();
    let dictionary = dictionary.as_bytes();
    let sealed = sealer.seal_compressed(b"row", &plain, dictionary).unwrap();
    println!("compressed {} -> {}", plain.len(), sealed.len());
    time("seal compressed 4000", 5_000, || {
        drop(black_box(sealer.seal_compressed(b"row", &plain, dictionary)))
    });
    // The dictionary alone.
    time("seal compressed 16", 5_000, || {
        drop(black_box(sealer.seal_compressed(b"row", b"0123456789abcdef", dictionary)))
    });
    time("open compressed 4000", 5_000, || {
        drop(black_box(sealer.open_compressed(b"row", &sealed, dictionary, 9000)))
    });
    time("new content key", 5_000, || drop(black_box(ring.new_content_key())));
    let (key, wrapped) = ring.new_content_key().unwrap();
    time("unwrap content key", 5_000, || drop(black_box(ring.unwrap(&wrapped))));
    for length in [10_000, 262_144] {
        let plain = vec![7; length];
        let sealed = key.seal_chunk(Uuid::nil(), 0, true, &plain).unwrap();
        time(&format!("seal chunk {length}"), 2_000, || {
            drop(black_box(key.seal_chunk(Uuid::nil(), 0, true, &plain)))
        });
        time(&format!("open chunk {length}"), 2_000, || {
            drop(black_box(key.open_chunk(Uuid::nil(), 0, true, &sealed)))
        });
    }
    time("Uuid::new_v4", 20_000, || {
        black_box(Uuid::new_v4());
    });
    time("Uuid::now_v7", 20_000, || {
        black_box(Uuid::now_v7());
    });
    time("openssl rand_bytes 12", 20_000, || {
        openssl::rand::rand_bytes(black_box(&mut [0; 12])).unwrap()
    });
}
