//! What the words of an entitlement come to.

use super::terms::{INSTITUTIONS, INSURERS};
use super::*;
use renkei_metadata::codes::{CodeList, default_xml};

fn terms() -> Terms {
    Terms::new(&CodeList::read(default_xml()).unwrap(), "1.2.7", "1.2.8")
}

fn entitled(scope: &[&str], source: &[&str], repository: &[&str]) -> Entitlement {
    Entitlement {
        scope: scope.iter().map(|word| word.parse().unwrap()).collect(),
        source_id: source.iter().map(|word| word.parse().unwrap()).collect(),
        repository_id: repository.iter().map(|word| word.parse().unwrap()).collect(),
        institution: None,
        speaks_for: BTreeSet::new(),
    }
}

fn grants(entitlement: &Entitlement) -> Grants {
    entitlement.grants("node", &terms(), &Arc::new(set(["1.2.8".to_owned()])))
}

/// A document sent to `recipient`, for `audience`.
fn sent(recipient: &str, audience: &str) -> Labels {
    let root = "2.25.185732698166007113028036616671757965052";
    Labels {
        recipients: set([recipient.replace("R.", &format!("{root}."))]),
        audiences: set([format!("{audience}^^{root}.5")]),
        ..Labels::default()
    }
}

#[test]
fn words_are_read_and_written_alike_and_others_are_told_in_both_languages() {
    for word in ["domain", "own", "institution=0119900025", "insurer=06139992", "employer=千葉-1"]
    {
        assert_eq!(word.parse::<Sight>().unwrap().to_string(), word);
    }
    for wrong in [
        "",
        "all",
        "domain=1",
        "own=x",
        "institution=1",
        "insurer=1234567a",
        "employer=",
        "employer=a^b",
        "employer=123456789012345678901",
    ] {
        let told = wrong.parse::<Sight>().unwrap_err().to_string();
        assert!(told.contains(" / ") && !told.is_ascii(), "{told}");
    }
    assert_eq!("any".parse::<Id>().unwrap(), Id::Any);
    assert_eq!("1.2.3".parse::<Id>().unwrap().to_string(), "1.2.3");
    for word in ["any", "clinic-a"] {
        assert_eq!(word.parse::<Node>().unwrap().to_string(), word);
    }
    for wrong in ["", "a b", "own.repository", "../x"] {
        let told = wrong.parse::<Node>().unwrap_err().to_string();
        assert!(told.contains(" / ") && !told.is_ascii(), "{told}");
    }
    for wrong in ["", "all", "1..2", "urn:oid:1.2.3"] {
        assert!(wrong.parse::<Id>().unwrap_err().to_string().contains(" / "), "{wrong}");
    }
}

#[test]
fn what_the_page_says_of_each_scope_is_so() {
    for row in SIGHTS {
        let word = row.word.replace("institution=NO", "institution=0119900025");
        let word = word.replace("insurer=NO", "insurer=06139992").replace("CODE", "KK");
        let Grants { sees, changes, .. } = grants(&entitled(&[&word], &[], &[]));
        assert_eq!(sees == changes, row.changes, "{word}");
    }
}

#[test]
fn without_a_word_there_is_the_least() {
    let Grants { sees, changes, sources, repositories, .. } = grants(&Entitlement::default());
    let own = Labels { submitters: set(["node".to_owned()]), ..Labels::default() };
    assert!(sees.permits(&own) && changes.permits(&own));
    assert!(!sees.permits(&sent("06139992^^1.2.392.200119.6.101", "FULL")));
    assert!(matches!(sources, Sources::First { taken } if taken.contains("1.2.8")));
    assert!(!repositories.permit("1.2.9"));
    assert!(Entitlement::default().wide().is_empty());
}

#[test]
fn an_insurer_sees_what_was_sent_to_it_by_either_of_its_numbers_and_changes_none_of_it() {
    let Grants { sees, changes, .. } = grants(&entitled(&["insurer=06139992"], &[], &[]));
    for issuer in INSURERS {
        let number = format!("06139992^^{issuer}");
        assert!(sees.permits(&sent(&number, "FULL")) && sees.permits(&sent(&number, "STAT")));
        assert!(!sees.permits(&sent(&number, "CONS")) && !sees.permits(&sent(&number, "WORK")));
        assert!(!changes.permits(&sent(&number, "FULL")));
    }
    assert!(!sees.permits(&sent("06139993^^1.2.392.200119.6.101", "FULL")));
}

#[test]
fn an_employers_doctor_sees_the_statutory_documents_of_that_employer() {
    let Grants { sees, changes, .. } = grants(&entitled(&["employer=KK"], &[], &[]));
    assert!(sees.permits(&sent("KK^^R.12", "STAT")) && sees.permits(&sent("KK^^R.12", "WORK")));
    for hidden in [sent("KK^^R.12", "FULL"), sent("KK2^^R.12", "STAT"), sent("KK", "STAT")] {
        assert!(!sees.permits(&hidden), "{hidden:?}");
    }
    assert!(!changes.permits(&sent("KK^^R.12", "STAT")));
}

#[test]
fn an_institution_changes_what_it_wrote() {
    let grants = grants(&entitled(&["institution=0119900025"], &[], &[]));
    for issuer in INSTITUTIONS {
        let institutions = set([format!("0119900025^^{issuer}")]);
        let written = Labels { institutions, ..Labels::default() };
        assert!(grants.sees.permits(&written) && grants.changes.permits(&written));
    }
}

#[test]
fn a_node_of_a_member_that_is_an_institution_writes_for_that_alone() {
    let number = || Some("0119900025".parse().unwrap());
    let of_member = entitled(&[], &[], &[]).of_member(number());
    let bound = grants(&of_member);
    assert_eq!(
        bound,
        Grants { institutions: bound.institutions.clone(), ..grants(&entitled(&[], &[], &[])) }
    );
    for issuer in INSTITUTIONS {
        assert!(bound.institutions.permit(&format!("0119900025^^{issuer}")));
        assert!(!bound.institutions.permit(&format!("0119900033^^{issuer}")));
    }
    // What its scope says anyway changes nothing, and whoever is entitled to everything is bound to none.
    let said = entitled(&["institution=0119900025"], &[], &[]);
    assert_eq!(grants(&said.clone().of_member(number())), grants(&said));
    let wide = entitled(&["domain", "own"], &[], &[]);
    assert_eq!(wide.clone().of_member(number()), wide);
    assert_eq!(grants(&wide).institutions, Institutions::Any);

    assert!(of_member.to_string().ends_with(" institution=0119900025"), "{of_member}");
    let text = toml::to_string(&of_member).unwrap();
    assert_eq!(toml::from_str::<Entitlement>(&text).unwrap(), of_member);
    assert!(toml::from_str::<Entitlement>(&text.replace("0119900025", "1")).is_err());
    // An entry from before is of a node that is bound to none.
    assert_eq!(toml::from_str::<Entitlement>("").unwrap().institution, None);
}

#[test]
fn a_repository_sees_the_entries_of_what_it_keeps_and_changes_none_of_it() {
    let Grants { sees, changes, .. } = grants(&entitled(&[], &[], &["1.2.4"]));
    let kept = |id: &str| Labels { repositories: set([id.to_owned()]), ..Labels::default() };
    assert!(sees.permits(&kept("1.2.4")) && !sees.permits(&kept("1.2.5")));
    assert!(!changes.permits(&kept("1.2.4")));
}

#[test]
fn any_is_any_but_the_houses_repository_and_is_told() {
    let wide = entitled(&["domain"], &["any"], &["any"]);
    let Grants { sees, changes, repositories, .. } = grants(&wide);
    assert_eq!((sees, changes), (Scope::Everything, Scope::Everything));
    assert!(repositories.permit("1.2.9") && !repositories.permit("1.2.7"));
    assert_eq!(wide.wide(), ["scope domain", "source-id any", "repository-id any"]);
    assert!(entitled(&["own"], &["1.2.3"], &["1.2.4"]).wide().is_empty());
}

#[test]
fn who_speaks_for_any_is_told_and_without_a_word_nobody_is_spoken_for() {
    let of = |words: &[&str]| Entitlement {
        speaks_for: words.iter().map(|word| word.parse().unwrap()).collect(),
        ..Entitlement::default()
    };
    let speaks = |words: &[&str], node: &str| grants(&of(words)).speaks_for.permit(node);
    assert!(speaks(&["a", "b"], "b") && !speaks(&["a", "b"], "c") && !speaks(&[], "a"));
    assert!(speaks(&["a", "any"], "c"));
    assert_eq!(of(&["a", "any"]).wide(), ["speaks-for any"]);
    assert!(of(&["a"]).wide().is_empty());
    // Files of nodes that speak for nobody are as they were.
    let text = toml::to_string(&Entitlement::default()).unwrap();
    assert!(!text.contains("speaks_for"), "{text}");
    let read: Entitlement = toml::from_str("speaks_for = [\"a\"]").unwrap();
    assert_eq!(read, of(&["a"]));
    assert!(toml::from_str::<Entitlement>("speaks_for = [\"own.x\"]").is_err());
}

#[test]
fn a_domain_without_codes_opens_nothing() {
    let terms = Terms::new(&CodeList::read("<Codes/>").unwrap(), "1.2.7", "1.2.8");
    let entitlement = entitled(&["insurer=06139992", "employer=KK"], &[], &[]);
    let Grants { sees, .. } = entitlement.grants("node", &terms, &Arc::default());
    assert!(!sees.permits(&sent("06139992^^1.2.392.200119.6.101", "FULL")));
    assert_eq!(sees, Entitlement::default().grants("node", &terms, &Arc::default()).sees);
}
