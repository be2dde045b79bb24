//! Answers of time servers: a number, how long it took, then octets; and what a few of them agree on.
#![no_main]

use libfuzzer_sys::fuzz_target;
use renkei_ntp::{Answer, LENGTH, Question, Sample, agreement};
use std::time::Duration;

fuzz_target!(|data: &[u8]| {
    let Some((nonce, rest)) = data.split_first_chunk::<8>() else { return };
    let Some((took, rest)) = rest.split_first_chunk::<8>() else { return };
    let question = Question::new(u64::from_be_bytes(*nonce));
    let took = Duration::from_nanos(u64::from_be_bytes(*took));
    let samples: Vec<Sample> = rest
        .chunks(LENGTH)
        .filter_map(|octets| Answer::read(octets, &question).ok())
        .map(|answer| answer.compared(0, took))
        .collect();
    if let Some(agreed) = agreement(&samples) {
        assert!(agreed.members.len() * 2 > samples.len());
    }
});
