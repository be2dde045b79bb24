//! When servers are asked, and what is made of what they say.

use super::ask::{Asked, Heard, Trouble};
use super::clock::{Clock, State, judge};
use super::source::Source;
use super::{TimeServer, clock::Standing};
use crate::settings::TimeSettings;
use renkei_ntp::{Answer, Kiss, Sample, Timestamp, Unusable};
use std::time::{Duration, Instant};

const SECOND: i64 = 1_000_000_000;
const POLL: Duration = Duration::from_secs(64);

fn heard(offset: i64) -> Result<Heard, Trouble> {
    let answer = Answer {
        stratum: 2,
        root_delay: 0,
        root_dispersion: 1000,
        receive: Timestamp(1),
        transmit: Timestamp(1),
    };
    Ok(Heard { answer, sample: Sample { offset, error: 1000 } })
}

fn elsewhere(outcome: Result<Heard, Trouble>) -> Asked {
    Asked { is_own: false, outcome }
}

fn source(poll: Duration, now: Instant) -> Source {
    Source::new("time.example.jp".parse().unwrap(), poll, now)
}

fn wait(source: &Source, now: Instant) -> Option<u64> {
    source.due.map(|due| (due - now).as_secs())
}

#[test]
fn names_have_a_port_or_that_of_ntp() {
    let cases = [
        ("ntp.nict.jp", Some("ntp.nict.jp:123")),
        ("ntp.nict.jp:1123", Some("ntp.nict.jp:1123")),
        ("127.0.0.1", Some("127.0.0.1:123")),
        ("127.0.0.1:1123", Some("127.0.0.1:1123")),
        ("::1", Some("[::1]:123")),
        ("[::1]:1123", Some("[::1]:1123")),
        ("", None),
        ("a b", None),
        ("ntp.nict.jp:", None),
        ("ntp.nict.jp:70000", None),
        ("http://ntp.nict.jp", None),
    ];
    for (text, expected) in cases {
        let read = text.parse::<TimeServer>().ok().map(|server| server.to_string());
        assert_eq!(read.as_deref(), expected, "{text}");
    }
}

#[test]
fn servers_elsewhere_are_not_asked_more_often_than_the_rfc_allows() {
    let now = Instant::now();
    let second = Duration::from_secs(1);
    let mut far = source(second, now);
    assert!(far.is_due(now));
    far.take(elsewhere(heard(0)), now);
    assert_eq!(wait(&far, now), Some(15));
    let mut own = source(second, now);
    own.take(Asked { is_own: true, outcome: heard(0) }, now);
    assert_eq!(wait(&own, now), Some(1));
}

#[test]
fn who_does_not_answer_is_left_alone_for_longer_and_longer() {
    let now = Instant::now();
    let mut source = source(POLL, now);
    let waits: Vec<_> = (0..6)
        .map(|_| {
            source.take(elsewhere(Err(Trouble::Silent)), now);
            wait(&source, now).unwrap()
        })
        .collect();
    assert_eq!(waits, [128, 256, 512, 1024, 1024, 1024]);
    source.take(elsewhere(heard(0)), now);
    assert_eq!(wait(&source, now), Some(64));
    assert_eq!(source.trouble, None);
}

#[test]
fn a_kiss_is_honoured_for_good() {
    let now = Instant::now();
    let kiss = |kiss| elsewhere(Err(Trouble::Unusable(Unusable::Kiss(kiss))));
    let mut source = source(POLL, now);
    source.take(kiss(Kiss::Slower), now);
    assert_eq!(wait(&source, now), Some(128));
    source.take(elsewhere(heard(0)), now);
    assert_eq!(wait(&source, now), Some(128), "it does not forget");
    source.take(kiss(Kiss::Leave), now);
    assert_eq!(wait(&source, now), None);
}

#[test]
fn one_late_answer_moves_nothing_and_old_ones_are_forgotten() {
    let now = Instant::now();
    let mut source = source(POLL, now);
    for offset in [0, 1, 2, 5 * SECOND, 3] {
        source.take(elsewhere(heard(offset)), now);
    }
    assert_eq!(source.opinion(now).map(|s| s.offset), Some(2));
    let later = now + POLL * 9;
    assert_eq!(source.opinion(later), None);
    source.take(elsewhere(heard(7)), later);
    assert_eq!(source.opinion(later).map(|s| s.offset), Some(7));
}

fn clock() -> Clock {
    let servers = vec!["time.example.jp".parse().unwrap()];
    Clock::new(&TimeSettings { servers, poll_seconds: 64, limit_ms: 1000, stop_submissions: true })
}

/// How the clock stands when three servers say this.
fn judged(before: &Standing, offsets: [Option<i64>; 3], now: Instant) -> Standing {
    let sources = offsets.map(|offset| {
        let mut source = source(POLL, now);
        source.take(elsewhere(offset.map_or(Err(Trouble::Silent), heard)), now);
        source
    });
    judge(before, clock().limit(), &sources, now)
}

#[test]
fn the_limit_is_a_second_by_most_servers() {
    let (new, now) = (clock().standing(), Instant::now());
    let state = |offsets| judged(&new, offsets, now).state;
    assert_eq!(state([Some(400_000_000), Some(400_000_000), None]), State::Right);
    assert_eq!(state([Some(1_500_000_000), Some(1_500_000_000), Some(0)]), State::Wrong);
    assert_eq!(state([Some(-3 * 3600 * SECOND), Some(-3 * 3600 * SECOND), None]), State::Wrong);
    assert_eq!(state([Some(0), Some(300 * SECOND), None]), State::Waiting, "one against one");
    assert_eq!(state([Some(300 * SECOND), None, None]), State::Waiting, "one alone of three");
    let falseticker = judged(&new, [Some(0), Some(300 * SECOND), Some(1000)], now);
    assert_eq!(falseticker.state, State::Right);
    let agrees: Vec<bool> = falseticker.servers.iter().map(|s| s.agrees).collect();
    assert_eq!(agrees, [true, false, true]);
}

#[test]
fn what_is_wrong_stays_so_and_an_hour_without_servers_is_an_alarm() {
    let now = Instant::now();
    let wrong = judged(&clock().standing(), [Some(5 * SECOND); 3], now);
    let unheard = judged(&wrong, [None; 3], now + POLL);
    assert_eq!((unheard.state, unheard.offset), (State::Wrong, Some(5 * SECOND)));
    let right = judged(&unheard, [Some(0); 3], now + POLL);
    assert_eq!(right.state, State::Right);
    let hour = Duration::from_secs(3601);
    assert_eq!(judged(&right, [None; 3], now + hour / 2).state, State::Waiting);
    let lost = judged(&right, [None; 3], now + POLL + hour);
    assert_eq!(lost.state, State::Lost);
    assert_eq!(judged(&lost, [Some(0); 3], now + POLL + hour).state, State::Right);
}

#[test]
fn submissions_alone_are_refused_and_only_while_it_is_wrong() {
    use renkei_xds::transaction::{ITI_18, ITI_41, ITI_42};
    let (clock, now) = (clock(), Instant::now());
    assert!(clock.admit(&ITI_41).is_ok(), "nothing is known");
    clock.set(judged(&clock.standing(), [Some(300 * SECOND); 3], now));
    for transaction in [&ITI_41, &ITI_42] {
        let fault = clock.admit(transaction).unwrap_err();
        assert!(fault.en.contains("300.0 seconds"), "{fault:?}");
        assert!(fault.ja.contains("300.0 秒"), "{fault:?}");
    }
    assert!(clock.admit(&ITI_18).is_ok());
    clock.set(judged(&clock.standing(), [Some(0); 3], now));
    assert!(clock.admit(&ITI_41).is_ok());
}
