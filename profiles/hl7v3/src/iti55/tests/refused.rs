//! What is refused, and with what words.

use super::*;
use crate::problem::{Answerable, rules};
use crate::tree::limits;

fn refusal(xml: &str) -> Box<Answerable> {
    match read(xml, Request::read) {
        Err(Refusal::Answerable(answerable)) => answerable,
        other => panic!("{other:?}\n{xml}"),
    }
}

fn fault(xml: &str) -> Fault {
    match read(xml, Request::read) {
        Err(Refusal::Fault(fault)) => fault,
        other => panic!("{other:?}\n{xml}"),
    }
}

fn refused_answer(xml: &str) -> Vec<(&'static str, String)> {
    match read(xml, Answer::read) {
        Err(Refusal::Answerable(a)) => {
            a.problems.into_iter().map(|p| (p.rule.id, p.element)).collect()
        }
        other => panic!("{other:?}\n{xml}"),
    }
}

/// The sample with the text between `from` and `to`, both included, replaced.
fn without(xml: &str, from: &str, to: &str, with: &str) -> String {
    let (before, rest) = xml.split_once(from).expect(from);
    let (_, after) = rest.split_once(to).expect(to);
    format!("{before}{with}{after}")
}

#[test]
fn each_rule_of_a_request_is_told_by_element() {
    let scope = "<otherIDsScopingOrganization><value root=\"2.999\"/><semanticsText/></otherIDsScopingOrganization>";
    let nobody = without(REQUEST, "<livingSubjectId>", "</livingSubjectId>", "");
    let nobody = without(&nobody, "<livingSubjectBirthTime>", "</livingSubjectBirthTime>", "");
    let twice =
        "<livingSubjectBirthTime><value value=\"1975\"/><value value=\"1976\"/><semanticsText/>";
    let cases = [
        (
            REQUEST.replace("use=\"IDE\"", "use=\"IDE SRCH\""),
            "hl7v3-not-allowed",
            "livingSubjectName/value/@use",
        ),
        (
            REQUEST.replace("</parameterList>", &format!("{scope}</parameterList>")),
            "hl7v3-not-allowed",
            "otherIDsScopingOrganization",
        ),
        (nobody, "hl7v3-demographics", "parameterList"),
        (
            REQUEST.replace("\"19750412\"", "\"1975-04-12\""),
            "hl7v3-value",
            "livingSubjectBirthTime/value",
        ),
        (REQUEST.replace(" extension=\"KN00012345\"", ""), "hl7v3-value", "livingSubjectId/value"),
        (
            REQUEST.replace("value=\"80\"", "value=\"101\""),
            "hl7v3-value",
            "minimumDegreeMatch/value",
        ),
        (
            REQUEST.replace("code=\"F\"", "code=\"X\""),
            "hl7v3-value",
            "livingSubjectAdministrativeGender/value",
        ),
        (
            REQUEST.replace("code=\"I\"", "code=\"D\""),
            "hl7v3-missing",
            "PRPA_IN201305UV02/respondTo/telecom",
        ),
        (
            REQUEST.replace("extension=\"PRPA_IN201305UV02\"", "extension=\"PRPA_IN201309UV02\""),
            "hl7v3-value",
            "PRPA_IN201305UV02/interactionId/@extension",
        ),
        (without(REQUEST, "<queryId", "/>", ""), "hl7v3-missing", "queryByParameter/queryId"),
        (
            without(REQUEST, "<controlActProcess", "</controlActProcess>", ""),
            "hl7v3-missing",
            "PRPA_IN201305UV02/controlActProcess",
        ),
        (
            without(
                REQUEST,
                "<livingSubjectBirthTime>",
                "<semanticsText>LivingSubject.birthTime</semanticsText>",
                twice,
            ),
            "hl7v3-several",
            "livingSubjectBirthTime/value",
        ),
    ];
    for (xml, rule, element) in cases {
        let found = refusal(&xml);
        let problems: Vec<_> =
            found.problems.iter().map(|p| (p.rule.id, p.element.as_str())).collect();
        assert!(problems.contains(&(rule, element)), "{problems:?}, not {rule} {element}");
        assert!(found.problems.iter().all(|p| p.position.is_some()));
    }
}

#[test]
fn all_problems_are_told_at_once_in_both_languages() {
    let xml =
        REQUEST.replace("\"19750412\"", "\"4月12日\"").replace("value=\"80\"", "value=\"many\"");
    let found = refusal(&xml);
    assert_eq!(found.problems.len(), 2);
    assert_eq!(found.transmission.id.root(), "6b0f2d1a-4c1e-4f55-8a58-9ad0b2f15502");
    assert_eq!(found.query.as_ref().unwrap().0.id.extension(), Some("XQ-20250601-1"));
    let detail = found.problems[1].detail();
    assert_eq!((detail.gravity, detail.code.as_deref()), (Gravity::Error, Some("SYN113")));
    let fault = Refusal::Answerable(found).into_fault();
    for said in ["livingSubjectBirthTime/value", "minimumDegreeMatch/value", "line 20"] {
        assert!(fault.en.contains(said), "{}", fault.en);
    }
    assert!(fault.ja.contains("livingSubjectBirthTime/valueの値を解釈できません"), "{}", fault.ja);
    assert!(fault.ja.contains("20 行"), "{}", fault.ja);
    assert!(!fault.en.contains("4月12日"), "a value of a person is quoted");
}

#[test]
fn a_request_that_breaks_rules_is_answered_with_all_of_them() {
    let like = answer(ERROR).message.transmission;
    let refusing =
        |xml: &str| Answer::refusing(&refusal(xml), like.id.clone(), like.created.clone());
    let made = refusing(
        &REQUEST.replace("use=\"IDE\"", "use=\"SRCH\"").replace("use=\"SYL\"", "use=\"SRCH\""),
    )
    .unwrap();
    assert_eq!((&made.outcome, made.details.len()), (&Outcome::Error(None), 2));
    assert_eq!(made.target.root(), "6b0f2d1a-4c1e-4f55-8a58-9ad0b2f15502");
    let xml = written(|w| made.write(w));
    assert_eq!(answer(&xml).message, made);
    valid(&schema("PRPA_IN201306UV02"), &[xml]);
    assert_eq!(refusing(&without(REQUEST, "<queryId", "/>", "")), None);
}

#[test]
fn what_cannot_be_answered_is_a_fault() {
    let cases = [
        (
            REQUEST.replace("PRPA_IN201305UV02", "PRPA_IN201309UV02"),
            "PRPA_IN201309UV02 is not the message",
        ),
        (REQUEST.replace("urn:hl7-org:v3", "urn:hl7-org:v2"), "is not the message"),
        (
            REQUEST.replace("root=\"6b0f2d1a-4c1e-4f55-8a58-9ad0b2f15502\"", "root=\"one\""),
            "PRPA_IN201305UV02/id",
        ),
        (REQUEST.replace("20250601101500+0900", "yesterday"), "creationTime"),
        (without(REQUEST, "<sender", "</sender>", ""), "PRPA_IN201305UV02/sender is missing"),
        (
            REQUEST.replace("root=\"2.999.392.20.9.1\"", "root=\"device\""),
            "receiver/device/id/@root has a value that cannot be read (device)",
        ),
    ];
    for (xml, said) in cases {
        let fault = fault(&xml);
        assert!(fault.en.contains(said), "{}, not {said}", fault.en);
    }
}

#[test]
fn an_answer_that_leaves_open_whom_it_means_is_refused_whole() {
    let subject = format!(
        "<subject{}</subject>",
        ONE_MATCH.split_once("<subject").unwrap().1.split_once("</subject>").unwrap().0
    );
    let broken = subject.replace(" extension=\"PHR-778899\"", "");
    let second = "<id root=\"2.999.392.20.1\" extension=\"2\"/><statusCode code=\"active\"/>\n      <patientPerson";
    let cases = [
        // One of two candidates cannot be read: the other must not pass for the only one.
        (ONE_MATCH.replace(&subject, &format!("{subject}{broken}")), "hl7v3-value", "patient/id"),
        (
            ONE_MATCH.replace("<statusCode code=\"active\"/>\n      <patientPerson", second),
            "hl7v3-several",
            "patient/id",
        ),
        (
            without(ONE_MATCH, "<assignedEntity", "/>", "<assignedEntity classCode=\"ASSIGNED\">"),
            "hl7v3-missing",
            "assignedEntity/id",
        ),
        (
            without(ONE_MATCH, "<queryAck>", "</queryAck>", ""),
            "hl7v3-missing",
            "controlActProcess/queryAck",
        ),
        (
            ONE_MATCH.replace("code=\"OK\"", "code=\"NF\""),
            "hl7v3-contradiction",
            "controlActProcess/subject",
        ),
        (ONE_MATCH.replace("\"AA\"", "\"AE\""), "hl7v3-contradiction", "controlActProcess/subject"),
        (ONE_MATCH.replace("\"AA\"", "\"OK\""), "hl7v3-value", "acknowledgement/typeCode"),
        (
            ONE_MATCH.replace("\"19750412\"/></patientPerson>", "\"1\"/></patientPerson>"),
            "hl7v3-value",
            "patientPerson/birthTime",
        ),
    ];
    for (xml, rule, element) in cases {
        let found = refused_answer(&xml);
        assert!(found.contains(&(rule, element.to_owned())), "{found:?}, not {rule} {element}");
    }
}

#[test]
fn no_list_grows_without_bound() {
    let name =
        "<livingSubjectName><value><family>x</family></value><semanticsText/></livingSubjectName>";
    let names = name.repeat(limits::ENTRIES);
    let many =
        |names: &str| REQUEST.replace("</parameterList>", &format!("{names}</parameterList>"));
    let one_more = refusal(&many(&names));
    assert_eq!(one_more.problems[0].rule, &rules::TOO_MANY);
    assert_eq!(one_more.problems[0].value.as_deref(), Some("64"));
    let long = "x".repeat(limits::LETTERS + 1);
    let long = refusal(&REQUEST.replace("健診", &long));
    assert_eq!(long.problems[0].rule, &rules::VALUE);
    let elements = "<x/>".repeat(limits::ELEMENTS);
    assert!(fault(&many(&elements)).en.contains("(20000)"));
    let subject = format!(
        "<subject{}</subject>",
        ONE_MATCH.split_once("<subject").unwrap().1.split_once("</subject>").unwrap().0
    );
    let crowd = ONE_MATCH.replace(&subject, &subject.repeat(limits::CANDIDATES + 1));
    assert_eq!(
        refused_answer(&crowd)[0],
        ("hl7v3-too-many", "controlActProcess/subject".to_owned())
    );
}

#[test]
fn every_rule_says_what_to_do_in_both_languages() {
    let mut ids: Vec<_> = rules::ALL.iter().map(|rule| rule.id).collect();
    ids.dedup();
    assert_eq!(ids.len(), rules::ALL.len());
    for rule in rules::ALL {
        assert!(!rule.fix_en.is_empty() && !rule.section.is_empty() && rule.en.is_ascii());
        assert!(!rule.ja.is_ascii() && !rule.fix_ja.is_ascii(), "{}", rule.id);
    }
}
