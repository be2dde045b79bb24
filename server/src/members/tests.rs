//! Members, from their application to their end.

use super::*;
use crate::pki::{Entitlement, Issue, NodeName, PeerTable, Pki, Terms};
use chrono::{DateTime, Days, Months};
use renkei_context::{Role, Roles};
use std::os::unix::fs::PermissionsExt;
use tempfile::TempDir;

fn event(what: Deed, at: DateTime<Utc>) -> Event {
    Event { at, what, by: "佐藤".to_owned(), account: None, node: None, note: None }
}

fn issued(node: &str) -> Event {
    Event { node: Some(node.to_owned()), ..event(Deed::Issue, Utc::now()) }
}

fn member(id: &str, kind: Kind, number: Option<&str>) -> Member {
    let about = About {
        kind,
        name: "架空健康保険組合".to_owned(),
        number: number.map(str::to_owned),
        parent: None,
        contact: "総務課 045-000-0000".to_owned(),
        history: vec![event(Deed::Add, Utc::now())],
    };
    Member { id: id.parse().unwrap(), about }
}

fn insurer(id: &str) -> Member {
    member(id, Kind::Insurer, Some("33120015"))
}

fn entitled(words: &[&str]) -> Entitlement {
    let scope = words.iter().map(|word| word.parse().unwrap()).collect();
    Entitlement { scope, ..Entitlement::default() }
}

/// What is told of it, which is in both languages.
fn told(refused: &Refused) -> String {
    let told = refused.to_string();
    assert!(told.contains(" / ") && !told.is_ascii(), "{told}");
    told
}

#[test]
fn each_state_follows_from_what_was_done_and_nothing_else_is_done() {
    let mut reached = vec![State::Applied];
    for (at, step) in STEPS.iter().enumerate() {
        let again = |other: &super::life::Step| other.deed == step.deed && other.from == step.from;
        assert_eq!(STEPS.iter().position(again), Some(at), "{:?} {:?}", step.deed, step.from);
        reached.push(step.to);
        // Nothing but a decision leads back from the end.
        let ends = step.from == State::Disabled && step.to != State::Disabled;
        assert_eq!(ends, step.deed == Deed::Enable, "{:?}", step.deed);
    }
    assert!(State::ALL.iter().all(|state| reached.contains(state)));

    let after = |deeds: &[Deed]| {
        let begin = insurer("kenpo-1");
        let end = deeds.iter().try_fold(begin, |m, deed| m.after(event(*deed, Utc::now())));
        end.map(|member| member.state())
    };
    use Deed::{Add, Approve, Disable, Enable, Issue, Prepare, Review, Revoke};
    for (deeds, state) in [
        (&[][..], State::Applied),
        (&[Prepare], State::Prepared),
        (&[Prepare, Issue], State::Issued),
        (&[Issue, Approve, Review], State::Reviewed),
        (&[Issue, Review, Issue], State::Issued),
        (&[Issue, Review, Revoke], State::Reviewed),
        (&[Issue, Disable], State::Disabled),
        (&[Issue, Disable, Enable], State::Applied),
    ] {
        assert_eq!(after(deeds).unwrap(), state, "{deeds:?}");
    }
    for (deeds, words) in [
        (&[Add][..], ["申請", "登録"]),
        (&[Issue, Prepare], ["発行済", "準備完了"]),
        (&[Approve], ["申請", "承認"]),
        (&[Enable], ["申請", "利用再開"]),
        (&[Disable, Issue], ["利用不可", "証明書の発行"]),
        (&[Disable, Review], ["利用不可", "棚卸"]),
    ] {
        let told = told(&after(deeds).unwrap_err());
        assert!(words.iter().all(|word| told.contains(word)), "{told}");
    }
}

#[test]
fn a_number_is_that_of_its_kind() {
    for kind in Kind::ALL {
        let row = kind.row();
        assert_eq!(row.word.parse::<Kind>().unwrap(), kind);
        assert_eq!(serde_json::to_value(kind).unwrap(), row.word);
        assert_eq!(kind.checked(None).is_ok(), row.numbering == Numbering::No);
    }
    let wrong = "king".parse::<Kind>().unwrap_err().to_string();
    assert!(wrong.contains("phr-operator") && wrong.contains("いずれか"), "{wrong}");
    for (kind, right) in [
        (Kind::Institution, "1419900731"),
        (Kind::Clinic, "1419900731"),
        (Kind::Pharmacy, "1449900731"),
        (Kind::Insurer, "33120015"),
        (Kind::Agency, "91399026"),
        (Kind::Employer, "千葉-1"),
    ] {
        kind.checked(Some(right)).unwrap();
    }
    for (kind, number, part) in [
        (Kind::Institution, "141990073", "10 digits"),
        (Kind::Clinic, "141990073x", "10 digits"),
        (Kind::Pharmacy, "14199007311", "10 digits"),
        (Kind::Insurer, "120015", "put 00 before"),
        (Kind::Insurer, "33120016", "check digit"),
        (Kind::Agency, "9139902", "8 digits"),
        (Kind::Employer, "a^b", "1 to 20 characters"),
        (Kind::PhrOperator, "1", "has no number"),
    ] {
        let told = told(&kind.checked(Some(number)).unwrap_err().into());
        assert!(told.contains(part), "{told}");
    }
    assert!(told(&Kind::Insurer.checked(None).unwrap_err().into()).contains("has a number"));
}

#[test]
fn a_member_is_read_as_it_was_written_and_by_its_owner_alone() {
    let dir = TempDir::new().unwrap();
    let held = Members::of(dir.path()).hold().unwrap();
    assert!(held.members().is_empty().unwrap());
    let written = insurer("kenpo-1").after(issued("kenpo-a")).unwrap();
    held.put(&written).unwrap();
    held.put(&member("phr", Kind::PhrOperator, None)).unwrap();
    let Read { members, broken } = held.members().read().unwrap();
    assert!(broken.is_empty() && members[0] == written && members.len() == 2);
    assert_eq!(held.members().get(&written.id).unwrap(), written);
    assert_eq!(held.members().owners().unwrap().get("kenpo-a"), Some(&written.id));
    assert_eq!(held.members().owners().unwrap().get("kenpo-b"), None);
    let mode =
        |path: &str| std::fs::metadata(dir.path().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("members"), mode("members/kenpo-1.toml")), (0o700, 0o600));
}

#[test]
fn an_id_is_given_once_and_cannot_leave_the_folder() {
    for wrong in ["", "../x", "a/b", ".x", "a b", "健保", &"x".repeat(65)] {
        let told = wrong.parse::<MemberId>().unwrap_err().to_string();
        assert!(told.contains(" / ") && told.contains("会員id"), "{told}");
    }
    let dir = TempDir::new().unwrap();
    let held = Members::of(dir.path()).hold().unwrap();
    let first = insurer("kenpo-1");
    held.permits(&first).unwrap();
    held.put(&first).unwrap();
    assert!(told(&held.permits(&first).unwrap_err()).contains("member enable"));
    let unknown = "kenpo-2".parse().unwrap();
    assert!(told(&held.members().get(&unknown).unwrap_err()).contains("no such member"));
    let mut child = insurer("kenpo-3");
    child.about.parent = Some("kenpo-2".to_owned());
    assert!(told(&held.permits(&child).unwrap_err()).contains("kenpo-2"));
    child.about.parent = Some("kenpo-1".to_owned());
    held.permits(&child).unwrap();
    child.about.number = Some("33120016".to_owned());
    assert!(told(&held.permits(&child).unwrap_err()).contains("検証番号"));
}

#[test]
fn a_file_that_cannot_be_read_is_told_and_leaves_no_node_free() {
    let dir = TempDir::new().unwrap();
    let held = Members::of(dir.path()).hold().unwrap();
    held.put(&insurer("kenpo-1")).unwrap();
    std::fs::write(dir.path().join("members/kenpo-2.toml"), "kind = 1").unwrap();
    let read = held.members().read().unwrap();
    assert_eq!((read.members.len(), read.broken.len()), (1, 1));
    assert!(told(&read.broken[0]).contains("kenpo-2.toml"));
    assert!(held.members().owners().is_err());
    assert_eq!(held.members().told(12).unreadable, 1);
}

#[test]
fn nodes_of_a_member_see_what_is_its_own() {
    let kenpo = insurer("kenpo-1");
    for words in [&[][..], &["own"], &["insurer=33120015"], &["domain"]] {
        kenpo.permits(&entitled(words)).unwrap();
    }
    for word in ["insurer=06139992", "institution=1419900731", "employer=33120015"] {
        let told = told(&kenpo.permits(&entitled(&["own", word])).unwrap_err());
        assert!(told.contains(word) && told.contains("insurer=33120015, own, domain"), "{told}");
    }
    let clinic = member("clinic", Kind::Clinic, Some("1419900731"));
    clinic.permits(&entitled(&["institution=1419900731"])).unwrap();
    assert!(clinic.permits(&entitled(&["institution=1419900732"])).is_err());
    let phr = member("phr", Kind::PhrOperator, None);
    assert!(phr.permits(&entitled(&["insurer=33120015"])).is_err());
}

#[test]
fn what_one_asks_for_another_approves() {
    let kenpo = insurer("kenpo-1").after(issued("kenpo-a")).unwrap();
    for same in ["佐藤", " 佐 藤 "] {
        assert!(told(&kenpo.may_approve("kenpo-a", same).unwrap_err()).contains("別の管理者"));
    }
    kenpo.may_approve("kenpo-a", "鈴木").unwrap();
    assert!(told(&kenpo.may_approve("kenpo-b", "鈴木").unwrap_err()).contains("kenpo-b"));
    // Who issued it again asked last.
    let again = Event { by: "鈴木".to_owned(), ..issued("kenpo-a") };
    let kenpo = kenpo.after(again).unwrap();
    kenpo.may_approve("kenpo-a", "佐藤").unwrap();
    assert!(kenpo.may_approve("kenpo-a", "鈴木").is_err());
    told(&Refused::NothingWide { node: "kenpo-a".to_owned() });
    told(&Refused::OfAnother { node: "kenpo-a".to_owned(), other: kenpo.id });
}

#[test]
fn what_is_approved_is_told_no_more_until_it_is_issued_again() {
    let dir = TempDir::new().unwrap();
    let pki = Pki::open(dir.path()).unwrap();
    let name: NodeName = "kenpo-a".parse().unwrap();
    let issue = |words: &[&str]| {
        let issue = Issue {
            name: name.clone(),
            roles: Roles::new([Role::Consumer]),
            entitlement: entitled(words),
            days: 10,
            password: String::new(),
            hosts: Vec::new(),
            overlap_days: 0,
            csr: None,
        };
        pki.issue(&issue, &dir.path().join("out")).unwrap()
    };
    let first = issue(&["domain"]);
    let table = PeerTable::open(&pki, Terms::default()).unwrap();
    assert_eq!(table.wide(), ["kenpo-a: scope domain"]);
    let gone = table.find_print(&first.fingerprint).unwrap().gone();
    assert!(pki.approve(&"kenpo-b".parse().unwrap(), "鈴木").unwrap().is_none());
    let approved = pki.approve(&name, "鈴木").unwrap().unwrap();
    assert_eq!(approved.approved.as_ref().unwrap().by, "鈴木");
    table.reload();
    assert!(table.wide().is_empty() && !gone.is_cancelled());
    // What a hand adds to the entry was not approved.
    let entry = pki.peers_dir().join("kenpo-a.toml");
    let text = std::fs::read_to_string(&entry).unwrap();
    std::fs::write(&entry, text.replace("source_id = []", "source_id = [\"any\"]")).unwrap();
    let told = PeerTable::open(&pki, Terms::default()).unwrap().wide();
    assert_eq!(told, ["kenpo-a: source-id any"]);
    issue(&["domain"]);
    table.reload();
    assert_eq!(table.wide(), ["kenpo-a: scope domain"]);
}

#[test]
fn a_review_is_due_a_period_after_the_last_one_and_told_a_month_before() {
    let now: DateTime<Utc> = "2026-06-15T03:00:00Z".parse().unwrap();
    let since = |deed, months| event(deed, now - Months::new(months));
    let of = |history: Vec<Event>| {
        let mut member = insurer("kenpo-1");
        member.about.history = history;
        member
    };
    let due = |history| Due::of(&of(history), 12, now);
    let fresh = due(vec![since(Deed::Add, 0)]).unwrap();
    assert!(fresh.on.to_string() == "2027-06-15" && !fresh.is_over() && !fresh.is_soon());
    let last_day = due(vec![since(Deed::Add, 12)]).unwrap();
    assert!(last_day.days == 0 && last_day.is_soon() && !last_day.is_over());
    assert!(due(vec![since(Deed::Add, 13)]).unwrap().is_over());
    let almost = now - Months::new(12) + Days::new(REMIND_DAYS as u64);
    assert!(due(vec![event(Deed::Add, almost)]).unwrap().is_soon());
    assert!(!due(vec![event(Deed::Add, almost + Days::new(1))]).unwrap().is_soon());
    // Reviewed it is due later, whatever else happens to it; disabled never; enabled from then on.
    let reviewed = vec![since(Deed::Add, 30), since(Deed::Review, 2), since(Deed::Issue, 1)];
    assert_eq!(due(reviewed).unwrap().on.to_string(), "2027-04-15");
    let mut ended = vec![since(Deed::Add, 30), since(Deed::Disable, 20)];
    assert_eq!(due(ended.clone()), None);
    ended.push(since(Deed::Enable, 1));
    assert_eq!(due(ended).unwrap().on.to_string(), "2027-05-15");

    let all = [of(vec![since(Deed::Add, 13)]), of(vec![since(Deed::Add, 12)]), insurer("new")];
    let reviews = Reviews::of(&all, 12, now);
    assert_eq!((reviews.overdue, reviews.soon), (1, 1));
    assert_eq!(reviews.first, ["kenpo-1: 2026-05-15", "kenpo-1: 2026-06-15"]);
    let many = vec![of(vec![since(Deed::Add, 13)]); 1000];
    let reviews = Reviews::of(&many, 12, now);
    assert_eq!((reviews.overdue, reviews.first.len()), (1000, 10));
    assert!(Reviews::of(&[insurer("new")], 12, Utc::now()).is_empty());
}

#[test]
fn a_name_that_only_looks_otherwise_is_nobody_else_s() {
    for other in ["山田  TARO", "山田 ｔａｒｏ", "山田\u{200b}taro", "山田.taro"] {
        assert!(is_same("山田 taro", other), "{other:?}");
    }
    assert!(!is_same("山田 taro", "山田 jiro"));
}

#[test]
fn an_institution_is_known_by_the_number_of_its_kind() {
    let of = |kind, number| member("m-1", kind, number).institution();
    for kind in [Kind::Institution, Kind::Clinic, Kind::Pharmacy] {
        let known = of(kind, Some("1419900731")).unwrap().map(|known| known.to_string());
        assert_eq!(known.as_deref(), Some("1419900731"));
        // What a hand wrote is told, and binds to nothing by mistake.
        assert!(told(&of(kind, Some("1")).unwrap_err()).contains("10 digits"));
        assert!(told(&of(kind, None).unwrap_err()).contains("has a number"));
    }
    for (kind, number) in [(Kind::Insurer, "33120015"), (Kind::Employer, "1419900731")] {
        assert_eq!(of(kind, Some(number)).unwrap(), None);
    }
}
