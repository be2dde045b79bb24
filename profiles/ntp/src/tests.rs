//! Answers that are believed, answers that are not, and liars among servers.

use crate::{Answer, Kiss, LENGTH, Question, SECOND, Sample, Timestamp, Unusable, agreement};
use proptest::prelude::*;
use std::time::Duration;

/// 2026-12-01T00:00:00Z.
const NOW: i64 = 1_796_083_200 * SECOND;
const QUESTION: Question = Question::new(0x0123_4567_89ab_cdef);

/// The timestamp of nanoseconds since 1970, of whatever era.
fn stamp(nanos: i64) -> u64 {
    let (seconds, rest) = (nanos.div_euclid(SECOND), nanos.rem_euclid(SECOND));
    let fraction = ((i128::from(rest) << 32) / i128::from(SECOND)) as u64;
    ((seconds + 2_208_988_800) as u64) << 32 | fraction
}

/// A right answer of stratum 2 to [`QUESTION`] by a server whose clock says `at`.
fn answer(at: i64) -> [u8; LENGTH] {
    let mut octets = [0; LENGTH];
    octets[..4].copy_from_slice(&[0x24, 2, 6, 0xe9]);
    octets[4..8].copy_from_slice(&0x0000_0800_u32.to_be_bytes());
    octets[8..12].copy_from_slice(&0x0000_0400_u32.to_be_bytes());
    octets[16..24].copy_from_slice(&stamp(at - 64 * SECOND).to_be_bytes());
    octets[24..32].copy_from_slice(&QUESTION.octets()[40..]);
    octets[32..40].copy_from_slice(&stamp(at).to_be_bytes());
    octets[40..].copy_from_slice(&stamp(at).to_be_bytes());
    octets
}

#[test]
fn a_question_discloses_nothing_but_its_number() {
    let octets = QUESTION.octets();
    assert_eq!(octets[0], 0x23, "version 4, mode 3");
    assert_eq!(octets[1..40], [0; 39]);
    assert_eq!(octets[40..], 0x0123_4567_89ab_cdef_u64.to_be_bytes());
}

#[test]
fn an_answer_tells_how_far_the_clock_is_off() {
    for off in [0, 400_000_000, 1_500_000_000, -3 * 3600 * SECOND] {
        let read = Answer::read(&answer(NOW + off), &QUESTION).unwrap();
        assert_eq!(read.stratum, 2);
        let sample = read.compared(NOW - 10_000_000, Duration::from_millis(20));
        assert!((sample.offset - off).abs() < 10, "{sample:?} {off}");
        // half of 20 ms, half of 1/32 s, and 1/64 s
        assert_eq!(sample.error, 10_000_000 + 15_625_000 + 15_625_000);
    }
}

#[test]
fn answers_that_are_none_are_told_apart() {
    type Break = fn(&mut [u8; LENGTH]);
    let broken: [(Break, Unusable); 12] = [
        (|o| o[0] = 0x23, Unusable::Mode),
        (|o| o[0] = 0x14, Unusable::Mode),
        (|o| o[31] ^= 1, Unusable::Origin),
        (|o| o[0] |= 0xc0, Unusable::Unsynchronised),
        (|o| o[1] = 16, Unusable::Unsynchronised),
        (|o| o[1] = 0, Unusable::Unsynchronised),
        (|o| o[5] = 1, Unusable::Far),
        (|o| o[4] = 0xff, Unusable::Far),
        (|o| o[9] = 1, Unusable::Far),
        (|o| o[32..40].fill(0), Unusable::Times),
        (|o| o[40..].fill(0), Unusable::Times),
        (|o| o[19] = o[43] + 1, Unusable::Times),
    ];
    for (number, (change, expected)) in broken.into_iter().enumerate() {
        let mut octets = answer(NOW);
        change(&mut octets);
        assert_eq!(Answer::read(&octets, &QUESTION), Err(expected), "{number}");
    }
    assert_eq!(Answer::read(&answer(NOW)[..47], &QUESTION), Err(Unusable::Short));
    let mut longer = answer(NOW).to_vec();
    longer.extend([7; 20]);
    assert!(Answer::read(&longer, &QUESTION).is_ok(), "an authentication code behind it");
    let mut leap = answer(NOW);
    leap[0] |= 0x40;
    assert!(Answer::read(&leap, &QUESTION).is_ok(), "a leap second is announced");
}

#[test]
fn kisses_are_understood_from_whoever_was_asked() {
    let codes = [(b"RATE", Kiss::Slower), (b"DENY", Kiss::Leave), (b"RSTR", Kiss::Leave)];
    for (code, kiss) in codes {
        let mut octets = answer(NOW);
        octets[..2].copy_from_slice(&[0xe4, 0]);
        octets[12..16].copy_from_slice(code);
        assert_eq!(Answer::read(&octets, &QUESTION), Err(Unusable::Kiss(kiss)));
        octets[24] ^= 1;
        assert_eq!(Answer::read(&octets, &QUESTION), Err(Unusable::Origin));
    }
}

#[test]
fn the_era_turns_in_2036() {
    assert_eq!(Timestamp(0x8000_0000_0000_0000).unix_nanos(), -61_505_152 * SECOND);
    // 2036-02-07T06:28:16Z
    assert_eq!(Timestamp(0).unix_nanos(), 2_085_978_496 * SECOND);
    let later = 2_100_000_000 * SECOND;
    let read = Answer::read(&answer(later), &QUESTION).unwrap();
    assert_eq!(read.compared(later, Duration::ZERO).offset, 0);
}

#[test]
fn two_against_one_and_one_against_one() {
    let says = |offset| Sample { offset, error: 1000 };
    let two = agreement(&[says(500), says(300 * SECOND), says(-500)]).unwrap();
    assert_eq!((two.offset, two.members), (-500, vec![0, 2]));
    assert_eq!(agreement(&[says(0), says(300 * SECOND)]), None);
    assert_eq!(agreement(&[says(7)]).map(|a| a.offset), Some(7));
    assert_eq!(agreement(&[]), None);
}

proptest! {
    #[test]
    fn whatever_comes_is_read_or_refused(
        octets in prop::collection::vec(any::<u8>(), 0..100),
        is_answer in any::<bool>(),
        sent in any::<i64>(),
        took in any::<u64>(),
    ) {
        let mut octets = octets;
        if is_answer && octets.len() >= LENGTH {
            octets[..2].copy_from_slice(&[0x24, 3]);
            octets[4..12].fill(0);
            octets[24..32].copy_from_slice(&QUESTION.octets()[40..]);
        }
        if let Ok(answer) = Answer::read(&octets, &QUESTION) {
            prop_assert!(octets.len() >= LENGTH && (1..16).contains(&answer.stratum));
            let sample = answer.compared(sent, Duration::from_nanos(took));
            prop_assert!(sample.error >= 0);
        }
    }

    #[test]
    fn a_clock_is_measured_whatever_the_way_takes(
        off in -5_000 * SECOND..5_000 * SECOND,
        there in 0..SECOND,
        back in 0..SECOND,
        held in 0..SECOND,
    ) {
        let mut octets = answer(NOW + off);
        octets[32..40].copy_from_slice(&stamp(NOW + off + there).to_be_bytes());
        octets[40..].copy_from_slice(&stamp(NOW + off + there + held).to_be_bytes());
        let answer = Answer::read(&octets, &QUESTION).unwrap();
        let took = u64::try_from(there + held + back).unwrap();
        let sample = answer.compared(NOW, Duration::from_nanos(took));
        prop_assert!((sample.offset - off).abs() <= sample.error + 10, "{sample:?} {off}");
    }

    #[test]
    fn a_minority_of_liars_moves_nothing(
        honest in prop::collection::vec(-SECOND / 10..SECOND / 10, 2..8),
        liars in prop::collection::vec(any::<i64>(), 0..7),
        seed in any::<prop::sample::Index>(),
    ) {
        let error = SECOND / 10;
        let liars = &liars[..liars.len().min(honest.len() - 1)];
        let mut offsets: Vec<i64> = honest.iter().chain(liars).copied().collect();
        let by = seed.index(offsets.len());
        offsets.rotate_left(by);
        let samples: Vec<Sample> =
            offsets.iter().map(|offset| Sample { offset: *offset, error }).collect();
        let agreed = agreement(&samples).unwrap();
        prop_assert!(agreed.offset.abs() <= 3 * error, "{agreed:?} of {samples:?}");
    }

    #[test]
    fn an_agreement_is_of_most(offsets in prop::collection::vec(any::<i64>(), 0..9), error in 0..i64::MAX) {
        let samples: Vec<Sample> =
            offsets.iter().map(|offset| Sample { offset: *offset, error }).collect();
        if let Some(agreed) = agreement(&samples) {
            prop_assert!(agreed.members.len() * 2 > samples.len());
            prop_assert!(agreed.members.iter().any(|m| samples[*m].offset == agreed.offset));
        }
    }
}
