//! Mandates, from being asked for to their end.

use super::*;
use chrono::TimeDelta;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use tempfile::TempDir;

/// Something that `by` does at a time.
pub(super) fn event(what: Deed, at: DateTime<Utc>, by: &str) -> Event {
    Event { at, what, by: by.to_owned(), account: None, hours: None, note: None }
}

fn granted(at: DateTime<Utc>, by: &str, hours: u32) -> Event {
    Event { hours: Some(hours), ..event(Deed::Grant, at, by) }
}

fn now() -> DateTime<Utc> {
    "2026-04-01T03:00:00Z".parse().unwrap()
}

fn mandate_of(file: &[u8], asked: Event) -> Mandate {
    let Measures { size, sha256 } = measure(file).unwrap();
    let about = About {
        member: "clinic-a".to_owned(),
        reason: "E014の原因調査".to_owned(),
        sha256,
        size,
        rows: 2,
        accepted: 1,
        errors: BTreeMap::from([("E011".to_owned(), 1), ("E014".to_owned(), 3)]),
        history: vec![asked],
    };
    Mandate { id: "20260401-1".parse().unwrap(), about }
}

fn asked() -> Mandate {
    mandate_of(b"a,b\n", event(Deed::Ask, now(), "健診 花子"))
}

/// Granted by two, open from `now` on.
fn open() -> Mandate {
    let once = asked().after(granted(now(), "佐藤", 24)).unwrap();
    once.after(granted(now(), "鈴木", 24)).unwrap()
}

/// A data directory with mandates.
pub(super) struct House<H> {
    pub(super) dir: TempDir,
    keys: KeyRing,
    pub(super) mandates: Mandates,
    pub(super) held: H,
}

pub(super) fn house() -> House<Held> {
    let dir = TempDir::new().unwrap();
    let keys = KeyRing::open_or_create(&dir.path().join("keys")).unwrap();
    let mandates = Mandates::of(dir.path());
    let held = mandates.hold().unwrap();
    House { dir, keys, mandates, held }
}

impl House<Held> {
    pub(super) fn keep(&self, file: &[u8], asked: Event) -> Mandate {
        let id = self.held.new_id(asked.at);
        let mandate = Mandate { id, ..mandate_of(file, asked) };
        self.held.keep(&mandate, &self.keys, &mut &file[..]).unwrap();
        mandate
    }

    pub(super) fn let_go(self) -> House<()> {
        let Self { dir, keys, mandates, .. } = self;
        House { dir, keys, mandates, held: () }
    }
}

impl<H> House<H> {
    pub(super) fn copy(&self, mandate: &Mandate) -> PathBuf {
        self.dir.path().join("mandates").join(format!("{}.sealed", mandate.id))
    }
}

/// What is told of it, which is in both languages.
fn told(refused: &Refused) -> String {
    let told = refused.to_string();
    assert!(told.contains(" / ") && !told.is_ascii(), "{told}");
    told
}

/// A mandate in each state, at `now`.
fn in_state(state: State) -> Mandate {
    let mandate = match state {
        State::Asked => asked(),
        State::GrantedOnce => asked().after(granted(now(), "佐藤", 24)).unwrap(),
        State::Open => open(),
        State::Ended => {
            let long_ago = now() - TimeDelta::days(DAYS_TO_GRANT.into());
            mandate_of(b"a,b\n", event(Deed::Ask, long_ago, "健診 花子"))
        }
        State::Closed => open().after(event(Deed::Close, now(), "佐藤")).unwrap(),
    };
    assert_eq!(mandate.life(now()).state, state);
    mandate
}

#[test]
fn every_deed_leads_where_the_table_says_and_nothing_else_is_done() {
    for state in State::ALL {
        for deed in Deed::ALL {
            let mandate = in_state(state);
            let before = mandate.about.history.len();
            let step = STEPS.iter().filter(|step| step.deed == deed && step.from == state);
            let to: Vec<State> = step.map(|step| step.to).collect();
            match (mandate.after(event(deed, now(), "高橋")), to.as_slice()) {
                (Ok(done), [to]) => {
                    assert_eq!(done.life(now()).state, *to, "{deed:?} {state:?}");
                    assert_eq!(done.about.history.len(), before + 1);
                }
                (Err(refused), []) => {
                    let told = told(&refused);
                    let words = [state.words(), deed.words(), state.way_on()];
                    for word in words {
                        assert!(told.contains(word.ja) && told.contains(word.en), "{told}");
                    }
                }
                (done, to) => panic!("{deed:?} {state:?}: {done:?} {to:?}"),
            }
        }
    }
}

#[test]
fn two_grant_it_and_neither_of_them_asked() {
    for same in ["健診 花子", "健診花子 "] {
        let refused = asked().after(granted(now(), same, 24)).unwrap_err();
        assert!(told(&refused).contains("2人"), "{refused}");
    }
    let once = asked().after(granted(now(), "佐藤", 24)).unwrap();
    for same in ["佐藤", " 佐 藤"] {
        let refused = once.clone().after(granted(now(), same, 24)).unwrap_err();
        assert!(told(&refused).contains("別の管理者"), "{refused}");
    }
    assert!(once.clone().after(granted(now(), "健診 花子", 24)).is_err());
    assert!(once.clone().after(event(Deed::Open, now(), "田中")).is_err());
    let open = once.clone().after(granted(now(), "鈴木", 24)).unwrap();
    assert_eq!(open.life(now()).state, State::Open);
    // A hand in the file that grants a second time for the first changes nothing.
    let mut by_hand = once;
    by_hand.about.history.push(granted(now(), "佐藤", 24));
    assert_eq!(by_hand.life(now()).state, State::GrantedOnce);
}

#[test]
fn access_begins_with_the_second_grant_and_ends_with_the_shorter_time() {
    let (first, second) = (now() + TimeDelta::hours(5), now() + TimeDelta::hours(9));
    for (hours, until) in [((24, 2), 2), ((3, 72), 3), ((72, 72), 72), ((1_000_000, 0), 1)] {
        let once = asked().after(granted(first, "佐藤", hours.0)).unwrap();
        let mandate = once.after(granted(second, "鈴木", hours.1)).unwrap();
        let until = second + TimeDelta::hours(until);
        assert_eq!(mandate.life(second).until, until, "{hours:?}");
        let moment = TimeDelta::milliseconds(1);
        assert_eq!(mandate.life(until - moment).state, State::Open);
        assert_eq!(mandate.life(until).state, State::Ended);
        let opened = mandate.clone().after(event(Deed::Open, until - moment, "田中")).unwrap();
        assert_eq!(opened.life(until - moment).opened, 1);
        assert_eq!(opened.life(until).state, State::Ended, "opening it prolongs nothing");
        let late = mandate.after(event(Deed::Open, until, "田中")).unwrap_err();
        assert!(told(&late).contains("期限切れ"), "{late}");
    }
}

#[test]
fn what_nobody_grants_in_time_ends() {
    let end = now() + TimeDelta::days(DAYS_TO_GRANT.into());
    for mandate in [asked(), in_state(State::GrantedOnce)] {
        assert!(!mandate.life(end - TimeDelta::seconds(1)).is_over());
        assert_eq!(mandate.life(end).state, State::Ended);
        assert!(mandate.life(end).is_over());
        assert!(mandate.after(granted(end, "鈴木", 24)).is_err());
    }
}

#[test]
fn what_is_over_stays_so_and_is_erased_once() {
    let end = open().life(now()).until;
    for over in [open(), in_state(State::Closed)] {
        assert!(over.life(end).is_over());
        let erased = over.after(event(Deed::Erase, end, "root")).unwrap();
        assert!(erased.life(end).erased && !erased.life(end).is_over());
        // Whoever sets the clock back opens nothing again.
        assert_ne!(erased.life(now()).state, State::Open);
        for deed in Deed::ALL {
            assert!(erased.clone().after(event(deed, end, "高橋")).is_err(), "{deed:?}");
        }
    }
    let (mut by_hand, day) = (open(), TimeDelta::days(1));
    by_hand.about.history.push(granted(end + day, "高橋", 72));
    assert_eq!(by_hand.life(end + day).state, State::Ended);
    assert_eq!(asked().after(event(Deed::Close, now(), "佐藤")).unwrap().life(now()).until, now());
}

#[test]
fn a_record_is_read_as_it_was_written_and_by_its_owner_alone() {
    let house = house();
    let kept = house.keep(b"a,b\n", event(Deed::Ask, now(), "健診 花子"));
    let open = Mandate { id: kept.id.clone(), ..open() };
    house.held.put(&open).unwrap();
    assert_eq!(house.mandates.get(&kept.id).unwrap(), open);
    let mode = |path: &str| {
        std::fs::metadata(house.dir.path().join(path)).unwrap().permissions().mode() & 0o777
    };
    let files = ["20260401-1.toml", "20260401-1.sealed"].map(|f| mode(&format!("mandates/{f}")));
    assert_eq!((mode("mandates"), files), (0o700, [0o600, 0o600]));
    let text = std::fs::read_to_string(house.dir.path().join("mandates/20260401-1.toml")).unwrap();
    for (wrong, part) in [("x = 1", "unknown"), (&text.replace("\"ask\"", "\"open\""), "asked for")]
    {
        std::fs::write(house.dir.path().join("mandates/20260401-1.toml"), wrong).unwrap();
        let told = told(&house.mandates.get(&kept.id).unwrap_err());
        assert!(told.contains(part), "{told}");
        assert_eq!(house.mandates.read().unwrap().broken.len(), 1);
    }
    assert!(
        told(&house.mandates.get(&"20260401-2".parse().unwrap()).unwrap_err()).contains("list")
    );
}

#[test]
fn exactly_the_file_that_was_asked_for_is_handed_out() {
    let house = house();
    let (one, other) = (b"a,b\n1,2\n".as_slice(), b"c,d\n".as_slice());
    let first = house.keep(one, event(Deed::Ask, now(), "x"));
    let second = house.keep(other, event(Deed::Ask, now(), "x"));
    let mut out = Vec::new();
    house.held.hand_out(&first, &house.keys, &mut out).unwrap();
    assert_eq!(out, one);
    std::fs::rename(house.copy(&second), house.copy(&first)).unwrap();
    let differs = house.held.hand_out(&first, &house.keys, &mut Vec::new()).unwrap_err();
    assert!(told(&differs).contains("SHA-256"), "{differs}");
    std::fs::write(house.copy(&first), "{}\n").unwrap();
    let broken = house.held.hand_out(&first, &house.keys, &mut Vec::new()).unwrap_err();
    assert!(told(&broken).contains("keys/"), "{broken}");

    // What changes while it is read is not kept.
    let id = house.held.new_id(now());
    let third = Mandate { id, ..mandate_of(one, event(Deed::Ask, now(), "x")) };
    let changed = house.held.keep(&third, &house.keys, &mut &other[..]).unwrap_err();
    assert!(told(&changed).contains("変わりました"));
    assert!(!house.copy(&third).exists() && house.mandates.get(&third.id).is_err());
}

#[test]
fn an_id_is_given_once_and_cannot_leave_the_folder() {
    for wrong in [
        "",
        "x",
        "20260401",
        "20260401-",
        "2026041-1",
        "20260401-1/x",
        "../20260401-1",
        "20260401-12345678901",
        "２0260401-1",
    ] {
        let told = wrong.parse::<MandateId>().unwrap_err().to_string();
        assert!(told.contains(" / ") && told.contains("委任id"), "{told}");
    }
    let house = house();
    let late = "2026-04-01T15:30:00Z".parse().unwrap();
    assert_eq!(house.held.new_id(late).as_str(), "20260402-1", "the day is one of Japan");
    for number in 1..=11 {
        let mandate = house.keep(b"a\n", event(Deed::Ask, now(), "x"));
        assert_eq!(mandate.id.as_str(), format!("20260401-{number}"));
        house.held.erase(&mandate).unwrap();
    }
    let read = house.mandates.read().unwrap().mandates;
    let ids: Vec<&str> = read.iter().map(|mandate| mandate.id.as_str()).collect();
    assert_eq!((ids[1], ids[9], ids[10]), ("20260401-2", "20260401-10", "20260401-11"));
}

#[test]
fn what_is_refused_is_told_in_both_languages() {
    for refused in [
        Refused::NothingWrong,
        Refused::Disabled("clinic-a".parse().unwrap()),
        Refused::There(PathBuf::from("x.csv")),
    ] {
        told(&refused);
    }
}

#[test]
fn a_clock_that_goes_back_opens_nothing() {
    let (before, after) = (now() - TimeDelta::hours(1), now() + TimeDelta::hours(1));
    for (mandate, deed) in [(asked(), Deed::Grant), (open(), Deed::Open)] {
        let refused = mandate.clone().after(event(deed, before, "高橋")).unwrap_err();
        assert!(matches!(refused, Refused::Clock { .. }), "{refused}");
        assert!(told(&refused).contains("2026-04-01T03:00:00Z"), "{refused}");
        assert!(mandate.after(event(deed, after, "高橋")).is_ok());
    }
    // What is over stays so, and can still be erased.
    let closed = open().after(event(Deed::Close, after, "佐藤")).unwrap();
    assert_eq!(closed.life(before).state, State::Closed);
    assert!(closed.after(event(Deed::Erase, before, "佐藤")).is_ok());
}
