//! Every rule, met and not.

use super::*;
use crate::{Authorities, Caller, GrantedIds, Grants, Institutions, Roles};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

fn set<const N: usize>(texts: [&str; N]) -> BTreeSet<String> {
    texts.map(str::to_owned).into()
}

fn node(roles: &[Role], grants: Grants) -> Ctx {
    let roles = Roles::new(roles.iter().copied());
    let fingerprint = "00".to_owned();
    let grants = Arc::new(grants);
    let caller = Caller { roles, grants, fingerprint, ..Caller::internal("clinic") };
    Ctx::new(Arc::new(caller), "", Duration::from_secs(1))
}

/// One that is entitled to something of each kind.
fn clinic() -> Ctx {
    let submitted = Labels { submitters: set(["clinic"]), ..Labels::default() };
    let kept = Labels { repositories: set(["1.3"]), ..Labels::default() };
    let grants = Grants {
        sees: Scope::of_openings([submitted.clone(), kept]),
        changes: Scope::of_openings([submitted]),
        sources: Sources::Of(GrantedIds::Listed(set(["1.2"]))),
        institutions: Institutions::Listed(set(["1^^1.4", "2^^1.4"]), Arc::new(set(["1.4"]))),
        repositories: GrantedIds::Listed(set(["1.3"])),
        authorities: Authorities::new(set(["1.5"]), Arc::new(set(["1.5", "1.6"]))),
        speaks_for: GrantedIds::Listed(set(["doctor"])),
    };
    node(&[Role::Source, Role::Feed, Role::Repository], grants)
}

fn labels(submitter: &str, repository: &str) -> Labels {
    Labels { submitters: set([submitter]), repositories: set([repository]), ..Labels::default() }
}

#[test]
fn every_rule_says_yes_and_no() {
    let (own, kept, hidden) = (labels("clinic", ""), labels("x", "1.3"), labels("x", "y"));
    let cases = [
        (Action::Call, Object::As(Role::Source), Object::As(Role::Consumer)),
        (Action::See, Object::Labelled(&kept), Object::Labelled(&hidden)),
        (Action::Change, Object::Labelled(&own), Object::Labelled(&kept)),
        (Action::Submit, Object::Source("1.2"), Object::Source("1.3")),
        (Action::Submit, Object::Institution("2^^1.4"), Object::Institution("3^^1.4")),
        (Action::Register, Object::Repository(Some("1.3")), Object::Repository(Some("1.2"))),
        (Action::Register, Object::Source("1.2"), Object::Source("1.3")),
        (Action::Register, Object::Institution("2^^1.4"), Object::Institution("3^^1.4")),
        (
            Action::Register,
            Object::Community("urn:oid:1", Some("urn:oid:1")),
            Object::Community("urn:oid:1", None),
        ),
        (Action::Name, Object::Authority("1.7"), Object::Authority("1.6")),
        (Action::Feed, Object::Authority("1.5"), Object::Authority("1.7")),
        (Action::SpeakFor, Object::Node("doctor"), Object::Node("clinic")),
    ];
    let ctx = clinic();
    assert_eq!(cases.len(), RULES.len());
    for ((action, yes, no), rule) in cases.into_iter().zip(RULES) {
        assert_eq!(action, rule.action);
        assert_eq!(may(&ctx, action, yes), Ok(()), "{rule:?}");
        assert_eq!(may(&ctx, action, no), Err(rule.otherwise), "{rule:?}");
        assert_eq!((rule.is_met)(&ctx, yes), Some(true), "{rule:?}");
    }
}

#[test]
fn what_no_rule_speaks_of_is_refused() {
    let house = Ctx::internal("house", Duration::from_secs(1));
    for ctx in [clinic(), house] {
        assert_eq!(may(&ctx, Action::See, Object::Source("1.2")), Err(No::NoRule));
        assert_eq!(may(&ctx, Action::Feed, Object::As(Role::Feed)), Err(No::NoRule));
    }
}

#[test]
fn no_object_is_decided_by_two_rules() {
    let ctx = clinic();
    let labels = Labels::default();
    let objects = [
        Object::As(Role::Feed),
        Object::Labelled(&labels),
        Object::Source(""),
        Object::Institution(""),
        Object::Repository(None),
        Object::Community("", None),
        Object::Authority(""),
        Object::Node(""),
    ];
    for rule in RULES {
        let same = RULES.iter().filter(|other| other.action == rule.action);
        for object in objects {
            let speak = same.clone().filter(|rule| (rule.is_met)(&ctx, object).is_some());
            assert!(speak.count() < 2, "{rule:?} {object:?}");
        }
    }
}

#[test]
fn the_house_may_do_everything_to_what_it_has() {
    let house = Ctx::internal("house", Duration::from_secs(1));
    let any = labels("x", "y");
    for (action, object) in [
        (Action::Call, Object::As(Role::Gateway)),
        (Action::See, Object::Labelled(&any)),
        (Action::Change, Object::Labelled(&any)),
        (Action::Submit, Object::Source("9")),
        (Action::Submit, Object::Institution("9^^1.4")),
        (Action::Register, Object::Source("9")),
        (Action::Register, Object::Institution("9^^1.4")),
        (Action::Register, Object::Repository(None)),
        (Action::Register, Object::Community("urn:oid:9", None)),
        (Action::Name, Object::Authority("9")),
        (Action::Feed, Object::Authority("9")),
        (Action::SpeakFor, Object::Node("clinic")),
    ] {
        assert_eq!(may(&house, action, object), Ok(()), "{action:?} {object:?}");
    }
}

#[test]
fn a_role_that_may_not_query_opens_nothing() {
    let scope = |role: Option<Role>, roles: &[Role]| {
        let ctx = Ctx { role, ..node(roles, Grants::of_house()) };
        within(&ctx, Action::See)
    };
    assert_eq!(scope(None, &[Role::Feed, Role::Auditor]), Scope::Nothing);
    assert_eq!(scope(None, &[]), Scope::Nothing);
    assert_eq!(scope(None, &[Role::Auditor, Role::Consumer]), Scope::Everything);
    // A node that acts as an auditor is not opened what it might see as a consumer.
    assert_eq!(scope(Some(Role::Auditor), &[Role::Auditor, Role::Consumer]), Scope::Nothing);
}

#[test]
fn what_is_passed_on_is_decided_as_for_whoever_asked() {
    let grants = Grants { sees: Scope::Nothing, changes: Scope::Nothing, ..Grants::of_house() };
    let ctx = node(&[Role::Consumer], grants);
    let house = || Arc::new(Caller::internal("repository"));
    let passed = ctx.passed_on(house(), Role::Repository, "");
    for action in [Action::See, Action::Change] {
        assert_eq!(within(&passed, action), Scope::Nothing);
        // What the house does of its own accord is not.
        let by_house = ctx.by_house(house(), Role::Repository, "");
        assert_eq!(within(&by_house, action), Scope::Everything);
    }
    // For which repository somebody registers is the matter of whoever does.
    assert_eq!(may(&passed, Action::Register, Object::Repository(Some("9"))), Ok(()));
}

#[test]
fn a_repository_alone_speaks_for_others_and_its_own_grants_are_not_asked_then() {
    let any = || Grants { changes: Scope::Nothing, ..Grants::of_house() };
    let asked = Action::SpeakFor;
    assert_eq!(may(&node(&[Role::Repository], any()), asked, Object::Node("x")), Ok(()));
    let consumer = node(&[Role::Consumer, Role::Source], any());
    assert_eq!(may(&consumer, asked, Object::Node("x")), Err(No::AnotherNode));
    let ctx =
        node(&[Role::Repository], Grants::of_house()).on_behalf_of(Arc::clone(&consumer.caller));
    assert_eq!(within(&ctx, Action::Change), Scope::Nothing);
    let may_change = Caller::clone(&consumer.caller).to_erase();
    let ctx = ctx.on_behalf_of(Arc::new(may_change));
    assert_eq!(within(&ctx, Action::See), Scope::Nothing);
    // For which repository it registers stays its own matter.
    assert_eq!(may(&ctx, Action::Register, Object::Repository(Some("9"))), Ok(()));
}

#[test]
fn a_source_without_one_of_its_own_takes_none_of_another() {
    let taken = Arc::new(set(["1.2"]));
    let ctx =
        node(&[Role::Source], Grants { sources: Sources::First { taken }, ..Grants::of_house() });
    for action in [Action::Submit, Action::Register] {
        assert_eq!(may(&ctx, action, Object::Source("1.3")), Ok(()));
        assert_eq!(may(&ctx, action, Object::Source("1.2")), Err(No::AnotherSource));
    }
    assert!(binds_source(&ctx) && !binds_source(&clinic()));
}

#[test]
fn a_node_that_is_named_for_no_authority_feeds_what_is_nobody_s() {
    let grants = Grants {
        authorities: Authorities::new(set([]), Arc::new(set(["1.6"]))),
        ..Grants::of_house()
    };
    let ctx = node(&[Role::Feed], grants);
    for action in [Action::Name, Action::Feed] {
        assert_eq!(may(&ctx, action, Object::Authority("1.7")), Ok(()));
        assert_eq!(may(&ctx, action, Object::Authority("1.6")), Err(No::AnotherAuthority));
    }
}
