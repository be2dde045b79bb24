//! The particulars, one by one.

use super::{CARDS, PERSONAL, born, judged, moved, named, person, rules, with};
use crate::{Basis, Level, Line, Part, Rules, Term, Terms, Verdict, compare};
use renkei_person::{Name, Person, Sex, Writing};

const CARD: &str = "06130018:12:3456:00";

/// The rule that decided.
fn rule(verdict: &Verdict) -> &str {
    match &verdict.basis {
        Basis::Score => "score",
        Basis::Sure(rule) | Basis::Veto(rule) => &rule.id,
    }
}

fn has(verdict: &Verdict, level: Level) -> bool {
    verdict.reasons.iter().any(|reason| reason.level == level)
}

#[test]
fn whoever_agrees_in_everything_is_linked() {
    let verdict = judged(&person(), &person());
    assert_eq!((verdict.line, rule(&verdict)), (Line::Linked, "score"));
    assert_eq!(judged(&Person::default(), &Person::default()).line, Line::Nothing);
}

#[test]
fn spellings_of_one_name_are_linked() {
    for (kanji, kana) in [
        (("渡邊", "裕子"), ("ワタナベ", "ユーコ")),
        (("渡邉", "裕子"), ("ﾜﾀﾅﾍﾞ", "ﾕｳｺ")),
        (("渡部", "裕子"), ("ワタナベ", "ユウコ")),
        (("渡辺", "祐子"), ("ワタナベ", "ユウコ")),
        (("裕子", "渡辺"), ("ユウコ", "ワタナベ")),
        (("渡辺裕子", ""), ("ワタナベユウコ", "")),
        (("渡辺", "裕子"), ("ワタナヘ", "ヒロコ")),
    ] {
        let verdict = judged(&person(), &named(&person(), kanji, kana));
        assert_eq!(verdict.line, Line::Linked, "{kanji:?} {kana:?}\n{}", verdict.english());
    }
}

#[test]
fn a_family_name_changes_with_a_marriage() {
    let married = named(&person(), ("鈴木", "裕子"), ("スズキ", "ユウコ"));
    let verdict = judged(&person(), &married);
    assert!(has(&verdict, Level::FamilyChanged));
    assert_eq!(verdict.line, Line::Linked, "{}", verdict.english());
    let man = |person: Person| Person { sex: Some(Sex::Male), ..person };
    assert!(has(&judged(&man(person()), &man(married)), Level::FamilyOther));
}

#[test]
fn dates_are_mistaken_and_the_rest_agrees() {
    for (birth, level) in [
        ("19661204", Level::BirthSwapped),
        ("19660413", Level::BirthDigit),
        ("1966", Level::BirthPartly),
    ] {
        let verdict = judged(&person(), &born(&person(), birth));
        assert!(has(&verdict, level));
        assert_eq!(verdict.line, Line::Linked, "{birth}\n{}", verdict.english());
    }
    let showa = born(&person(), "19300412");
    let verdict = judged(&showa, &born(&person(), "19930412"));
    assert!(has(&verdict, Level::BirthEra) && verdict.line > Line::Nothing);
}

#[test]
fn a_date_that_stands_for_none_is_none() {
    let [a, b] = ["19000101", "19660412"].map(|birth| born(&person(), birth));
    assert!(!judged(&a, &b).reasons.iter().any(|r| r.level.field() == crate::Field::Birth));
}

#[test]
fn twins_are_two() {
    for (kanji, kana, line) in [
        (("渡辺", "花子"), ("ワタナベ", "ハナコ"), Line::Nothing),
        (("渡辺", "裕美"), ("ワタナベ", "ユミ"), Line::Nothing),
        (("渡辺", "洋子"), ("ワタナベ", "ヨウコ"), Line::Nothing),
    ] {
        let verdict = judged(&person(), &named(&person(), kanji, kana));
        assert_eq!((verdict.line, rule(&verdict)), (line, "twins"), "{}", verdict.english());
    }
    let kana = |given: &str| Person {
        names: vec![Name::new(Writing::Syllabic, "ワタナベ", given)],
        ..person()
    };
    let verdict = judged(&kana("ユウカ"), &kana("ユウナ"));
    assert_eq!((verdict.line, rule(&verdict)), (Line::WorkList, "twins-alike"));
    // A register that does not divide names hides that the family name is the same.
    let whole = Person {
        names: vec![Name::new(Writing::Syllabic, "ワタナベユウナ", "")],
        ..person()
    };
    let verdict = judged(&kana("ユウカ"), &whole);
    assert_eq!((verdict.line, rule(&verdict)), (Line::WorkList, "twins-alike"));
}

#[test]
fn nobody_is_linked_whose_names_cannot_be_compared() {
    let in_one = |writing| {
        let names = person().names_in(writing).cloned().collect();
        Person { names, ..person() }
    };
    let verdict = judged(&in_one(Writing::Syllabic), &in_one(Writing::Ideographic));
    assert_eq!((verdict.line, rule(&verdict)), (Line::WorkList, "no-name-compared"));
}

#[test]
fn a_family_shares_much_and_is_several() {
    let card =
        |person: &Person, branch: &str| with(person, &format!("06130018:12:3456:{branch}"), CARDS);
    let husband = named(&person(), ("渡辺", "健一"), ("ワタナベ", "ケンイチ"));
    let husband = Person { sex: Some(Sex::Male), ..born(&husband, "19640101") };
    for branch in ["00", "01", ""] {
        let verdict = judged(&card(&person(), "00"), &card(&husband, branch));
        assert_eq!(verdict.line, Line::Nothing, "{branch}\n{}", verdict.english());
    }
}

#[test]
fn a_card_links_with_the_date_of_birth_and_never_alone() {
    let one = with(&person(), CARD, CARDS);
    let married = moved(&named(&one, ("鈴木", "裕子"), ("スズキ", "ユウコ")));
    let shown = |card: &str| {
        let bare = Person { identifiers: Vec::new(), ..married.clone() };
        judged(&one, &with(&bare, card, CARDS))
    };
    assert_eq!(rule(&shown("6130018:１２:3456:0")), "insured-and-birth", "in another notation");
    let verdict = shown("06130018:12:3456:");
    assert_ne!(verdict.line, Line::Linked, "a card without 枝番 is a family's");
    let verdict = judged(&one, &married);
    assert_eq!((verdict.line, rule(&verdict)), (Line::Linked, "insured-and-birth"));
    let bare = Person { identifiers: one.identifiers.clone(), ..Person::default() };
    assert_eq!(judged(&bare, &bare).line, Line::Nothing);
    assert_ne!(judged(&one, &born(&married, "19800101")).line, Line::Linked);
}

#[test]
fn a_card_that_went_to_the_next_holder_links_nobody() {
    let before = with(&person(), CARD, CARDS);
    let next = moved(&named(&before, ("佐藤", "健一"), ("サトウ", "ケンイチ")));
    let verdict = judged(&before, &born(&next, "19900909"));
    assert_eq!((verdict.line, rule(&verdict)), (Line::Nothing, "card-taken-over"));
    let verdict = judged(&before, &next);
    assert_ne!(verdict.line, Line::Linked, "born on one day, by chance");
}

#[test]
fn an_identifier_that_a_person_has_once_links_and_tells_apart() {
    let one = with(&person(), "A1", PERSONAL);
    let other = moved(&named(&one, ("鈴木", "裕子"), ("スズキ", "ユウコ")));
    assert_eq!(rule(&judged(&one, &other)), "personal-identifier");
    let verdict = judged(&one, &with(&person(), "A2", PERSONAL));
    assert_eq!((verdict.line, rule(&verdict)), (Line::WorkList, "other-person-by-identifier"));
    let [a, b] = ["00", "01"].map(|b| with(&person(), &format!("06130018:12:3456:{b}1"), CARDS));
    assert_eq!(rule(&judged(&a, &b)), "other-person-by-identifier");
}

#[test]
fn a_number_counts_inside_its_institution() {
    let chart = |person: &Person, of: &str| with(person, "77", of);
    let other = moved(&named(&person(), ("鈴木", "裕子"), ("スズキ", "ユウコ")));
    let verdict = judged(&chart(&person(), "2.999.51.1"), &chart(&other, "2.999.51.1"));
    assert_eq!((verdict.line, rule(&verdict)), (Line::Linked, "institutions-number"));
    let verdict = judged(&chart(&person(), "2.999.51.1"), &chart(&other, "2.999.51.2"));
    assert_ne!(verdict.line, Line::Linked);
}

#[test]
fn namesakes_of_one_birthday_are_looked_at() {
    let verdict = judged(&person(), &moved(&person()));
    assert_eq!((verdict.line, rule(&verdict)), (Line::WorkList, "namesakes"));
}

#[test]
fn who_is_read_otherwise_is_not_linked_by_kanji_birth_and_sex_alone() {
    // 裕子 is Yuko and Hiroko; a rare family name would lift them over the line.
    let [one, other] = read_otherwise();
    let verdict = judged(&one, &other);
    assert!(has(&verdict, Level::GivenKanji) && verdict.score > rules().lines.upper);
    assert_eq!((verdict.line, rule(&verdict)), (Line::WorkList, "read-otherwise"));
    // Where they live together says that one of the readings is a guess.
    let living = |of: &Person| Person { addresses: person().addresses, ..of.clone() };
    assert_eq!(judged(&living(&one), &living(&other)).line, Line::Linked);
}

#[test]
fn what_a_household_shares_lifts_nobody_over_the_line() {
    // A grandmother and a granddaughter of one name, at one address, with one telephone.
    let verdict = judged(&person(), &born(&person(), "19980909"));
    assert!(verdict.score > rules().lines.upper && verdict.person < rules().lines.person);
    assert_ne!(verdict.line, Line::Linked, "{}", verdict.english());
}

#[test]
fn a_reading_that_was_guessed_is_told_from_another_name_of_the_same_sound() {
    let guessed = named(&person(), ("渡辺", "裕子"), ("トベ", "ヒロコ"));
    let verdict = judged(&person(), &guessed);
    assert!(has(&verdict, Level::GivenKanji) && has(&verdict, Level::FamilyKanji));
    let homophone = named(&person(), ("渡部", "祐子"), ("ワタナベ", "ユウコ"));
    let verdict = judged(&person(), &homophone);
    assert!(has(&verdict, Level::GivenMixed) && has(&verdict, Level::FamilyMixed));
}

#[test]
fn the_commonest_name_weighs_no_less_than_one_that_differs_in_a_writing() {
    let name = ["ユーコ", "裕子"];
    let writings = [Writing::Syllabic, Writing::Ideographic];
    let terms = writings.into_iter().zip(name).map(|(writing, name)| Term {
        part: Part::Given,
        writing,
        name: name.to_owned(),
        share: 1.0,
    });
    let terms = Terms::new(&terms.collect::<Vec<_>>(), [0.002, 0.002], 0.000_05);
    let rules = Rules { terms, ..rules() };
    let weight = |a: &Person, b: &Person, level| {
        let verdict = compare(a, b, &rules);
        verdict.reasons.iter().find(|reason| reason.level == level).unwrap().weight
    };
    let homophone = named(&person(), ("渡辺", "祐子"), ("ワタナベ", "ユウコ"));
    let same = weight(&person(), &person(), Level::GivenSame);
    assert!(same >= weight(&person(), &homophone, Level::GivenMixed), "{same}");
}

#[test]
fn a_rare_name_weighs_more() {
    let common = named(&person(), ("佐藤", "裕子"), ("サトウ", "ユウコ"));
    let rare = named(&person(), ("勅使河原", "裕子"), ("テシガワラ", "ユウコ"));
    assert!(judged(&rare, &rare).score > judged(&common, &common).score);
}

#[test]
fn a_verdict_says_why_in_both_languages_and_nothing_of_the_person() {
    let verdict = judged(&person(), &moved(&person()));
    let (ja, en) = (verdict.japanese(), verdict.english());
    assert!(ja.starts_with("同一人物の可能性があり") && ja.contains("住所が異なる"), "{ja}");
    assert!(en.starts_with("Perhaps one person") && en.contains("another address"), "{en}");
    for text in [&ja, &en] {
        assert!(text.contains(&*verdict.rules), "the version of the rules");
        for word in ["渡辺", "裕子", "1966", "梅田", "9876"] {
            assert!(!text.contains(word), "{text}");
        }
    }
}

/// Two of one name in kanji, of a rare family, of whom no more is known than their birth and sex.
fn read_otherwise() -> [Person; 2] {
    ["ユウコ", "ヒロコ"].map(|given| {
        let named = named(&person(), ("勅使河原", "裕子"), ("テシガワラ", given));
        Person { identifiers: Vec::new(), addresses: Vec::new(), contacts: Vec::new(), ..named }
    })
}

/// Two people of whom this rule decides.
fn decided_by(rule: &str) -> [Person; 2] {
    let renamed = |person: &Person| named(person, ("鈴木", "裕子"), ("スズキ", "ユウコ"));
    let other = |person: &Person| named(person, ("佐藤", "健一"), ("サトウ", "ケンイチ"));
    let both = |id, authority, change: &dyn Fn(&Person) -> Person| {
        let one = with(&person(), id, authority);
        [one.clone(), moved(&change(&one))]
    };
    let kana = |given: &str| Person {
        names: vec![Name::new(Writing::Syllabic, "ワタナベ", given)],
        ..person()
    };
    let kanji =
        Person { names: vec![Name::new(Writing::Ideographic, "渡辺", "裕子")], ..person() };
    match rule {
        "personal-identifier" => both("A1", PERSONAL, &renamed),
        "insured-and-birth" => both(CARD, CARDS, &renamed),
        "institutions-number" => both("77", "2.999.51.1", &renamed),
        "twins" => [person(), named(&person(), ("渡辺", "花子"), ("ワタナベ", "ハナコ"))],
        "twins-alike" => [kana("ユウカ"), kana("ユウナ")],
        "other-person-by-identifier" => ["A1", "A2"].map(|id| with(&person(), id, PERSONAL)),
        "card-taken-over" => both(CARD, CARDS, &|one| other(&born(one, "19900909"))),
        "card-contradicted" => {
            let one = with(&person(), CARD, CARDS);
            [one.clone(), other(&one)]
        }
        "read-otherwise" => read_otherwise(),
        "no-name-compared" => [kana("ユウコ"), kanji],
        "namesakes" => [person(), moved(&person())],
        other => panic!("no two people for the rule {other}"),
    }
}

#[test]
fn every_rule_decides_and_without_it_the_verdict_is_another() {
    let rules = rules();
    let sure = rules.sure.iter().map(|rule| &rule.row);
    for row in sure.chain(rules.vetoes.iter().map(|rule| &rule.row)) {
        let [a, b] = decided_by(&row.id);
        let verdict = judged(&a, &b);
        assert_eq!(rule(&verdict), row.id, "{}", verdict.english());
        let mut without = rules.clone();
        without.sure.retain(|rule| rule.row.id != row.id);
        without.vetoes.retain(|rule| rule.row.id != row.id);
        let other = compare(&a, &b, &without);
        assert_ne!((other.line, other.basis), (verdict.line, verdict.basis), "{}", row.id);
    }
}

#[test]
fn of_several_rules_that_forbid_the_strictest_counts_wherever_it_stands() {
    let twin = named(&person(), ("渡辺", "花子"), ("ワタナベ", "ハナコ"));
    let [a, b] = [with(&person(), "A1", PERSONAL), with(&twin, "A2", PERSONAL)];
    let mut turned = rules();
    turned.vetoes.reverse();
    for rules in [rules(), turned] {
        assert_eq!(compare(&a, &b, &rules).line, Line::Nothing);
    }
}
