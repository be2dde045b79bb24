//! ITI-44 Patient Identity Feed HL7 V3: what ITI-8 asks of the registry and of who keeps the persons, in other
//! words. The same function of the registry answers both.

use super::answer::{Answer, Record};
use super::exchange::Exchange;
use super::iti_55::rows;
use super::iti_55_deferred::acknowledged;
use super::work::Work;
use crate::actors::not_authorized;
use crate::house::House;
use renkei_atna::record::Outcome as Ending;
use renkei_context::Ctx;
use renkei_hl7v2::ack::{Nak, Problem};
use renkei_hl7v2::adt::PatientFeed;
use renkei_hl7v3::acknowledgement::{AckCode, Detail, Gravity};
use renkei_hl7v3::iti44::{Feed, place};
use renkei_hl7v3::{Read, Refusal};
use renkei_identity::feed::of_v3;
use renkei_soap::fault::Fault;
use renkei_soap::xml::Writer;

/// Reads the message, has it carried out, and acknowledges it. One that breaks a rule of the transaction is
/// acknowledged, too, with what is wrong (ITI TF-2: O.1.2).
pub(super) async fn run(mut exchange: Exchange<'_>) -> Result<Work, Fault> {
    let house = exchange.house.clone();
    let registry = house.registry.clone().ok_or_else(Fault::endpoint_unavailable)?;
    let read = Feed::read(&mut exchange.reader, &exchange.body);
    if let Err(Refusal::Fault(fault)) = read {
        return Err(fault);
    }
    exchange.finish().await?;
    let ctx = exchange.ctx;
    let message = match read {
        Ok(Read { message, .. }) => message,
        Err(refusal) => return refused(&ctx, refusal),
    };
    Ok(Work::new(&ctx.clone(), async move {
        let feed = of_v3(&message);
        let done = match taken(&house, &ctx, &feed).await {
            Ok(is_told) => {
                let kept = is_told.then(|| written(&message));
                registry.feed_v3(&ctx, &feed, kept.as_deref()).await
            }
            Err((nak, why)) => {
                registry.feed_v3_refused(&ctx, &feed, why).await;
                Err(nak)
            }
        };
        if let (Some(persons), Ok(())) = (&house.persons, &done) {
            persons.are_told();
        }
        Ok(answer(&ctx, &message, done))
    }))
}

/// Whether what a message says is kept for the persons; a refusal, and why for auditors, of one that its node may not feed
/// or that what is known of the persons forbids.
async fn taken(house: &House, ctx: &Ctx, feed: &PatientFeed) -> Result<bool, (Nak, String)> {
    let allowed = house.feeders.allow(ctx, feed);
    allowed.map_err(|nak| (nak, not_authorized(&ctx.caller)))?;
    let Some(persons) = &house.persons else { return Ok(false) };
    persons.take(feed).await.map_err(|nak| {
        let why = nak.kinds();
        (nak, why)
    })
}

/// The message as it is kept: what is understood of it, in our words.
fn written(message: &Feed) -> Vec<u8> {
    let mut w = Writer::new();
    message.write(&mut w);
    w.finish().into_bytes()
}

/// The registry records what became of the message with its effect.
fn answer(ctx: &Ctx, message: &Feed, done: Result<(), Nak>) -> Answer {
    match done {
        Ok(()) => acknowledged(ctx, &message.transmission, AckCode::CommitAccept, Vec::new()),
        Err(nak) => {
            let details = nak.problems.iter().map(|problem| detail(message, problem)).collect();
            let told = acknowledged(ctx, &message.transmission, AckCode::CommitError, details);
            Answer { result: "failure", ..told }
        }
    }
}

fn refused(ctx: &Ctx, refusal: Refusal) -> Result<Work, Fault> {
    let answerable = match refusal {
        Refusal::Fault(fault) => return Err(fault),
        Refusal::Answerable(answerable) => answerable,
    };
    let details = answerable.problems.iter().map(renkei_hl7v3::Problem::detail).collect();
    let told = acknowledged(ctx, &answerable.transmission, AckCode::CommitError, details);
    let record = Record {
        outcome: Ending::SeriousFailure,
        objects: Vec::new(),
        description: Some(rows(&answerable.problems)),
    };
    let told = Answer { records: vec![record], result: "failure", ..told };
    Ok(Work::new(ctx, async move { Ok(told) }))
}

/// A problem of the one table, under the code of HL7 table 0357, with the XPath of the place that HL7 v2 calls PID-3
/// or MRG-1 (ITI TF-2: E.2).
fn detail(message: &Feed, problem: &Problem) -> Detail {
    let event = message.event;
    // Of the identifiers, others than those of the record stand with the person.
    let nth = |n: usize, of: usize| (n <= of).then_some(n);
    let location = match problem.location.repeated_in() {
        ("MRG", n) => Some(place::prior(event, nth(n, message.prior.len()))),
        ("PID", n) => Some(place::id(event, nth(n, message.ids.len()))),
        _ => None,
    };
    let words =
        |text: &str| text.replace("PID-3", "patient/id").replace("MRG-1", "priorRegisteredRole/id");
    Detail {
        gravity: Gravity::Error,
        code: Some(problem.code.entry().0.to_string()),
        text: Some(format!("{} / {}", words(&problem.en), words(&problem.ja))),
        locations: location.into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use renkei_hl7v2::ack::{AckCode as V2, Location, rows};
    use renkei_hl7v2::msh::Msh;
    use renkei_soap::xml::{Reader, XmlLimits};

    fn merge() -> Feed {
        let xml = include_str!("../../../profiles/hl7v3/samples/feed-merge.xml");
        let mut reader = Reader::new(xml, XmlLimits::default());
        let root = reader.root().unwrap();
        Feed::read(&mut reader, &root).unwrap().message
    }

    #[test]
    fn a_problem_is_told_in_the_words_and_places_of_the_message() {
        let ctx = Ctx::internal("test", std::time::Duration::from_secs(1));
        let of = |row, place| Problem::of(row, place, &[("segment", "PID"), ("field", "3")]);
        let prior = "/PRPA_IN201304UV02/controlActProcess/subject/registrationEvent/replacementOf\
                     /priorRegistration/subject1/priorRegisteredRole/id[1]";
        let own =
            "/PRPA_IN201304UV02/controlActProcess/subject/registrationEvent/subject1/patient/id[1]";
        for (problem, code, place, word) in [
            (
                of(&rows::MERGED_BEFORE, Location::field("MRG", 1)),
                "205",
                Some(prior),
                "in priorRegisteredRole/id",
            ),
            (of(&rows::PATIENT_SUBSUMED, Location::field("PID", 3)), "204", Some(own), "surviving"),
            (
                of(&rows::ID_MISSING, Location::component("PID", 3, 4)),
                "204",
                Some(own),
                "patient/id has no",
            ),
            (of(&rows::INTERNAL, Location::none()), "207", None, "later"),
        ] {
            let told = detail(&merge(), &problem);
            assert_eq!(told.code.as_deref(), Some(code));
            assert_eq!(told.locations.first().map(String::as_str), place);
            let text = told.text.unwrap();
            assert!(text.contains(word) && text.contains(" / "), "{text}");
            let nak = Nak::new(V2::Error, Some(&Msh::default()), vec![problem]);
            assert_eq!(answer(&ctx, &merge(), Err(nak)).result, "failure");
        }
        assert_eq!(answer(&ctx, &merge(), Ok(())).result, "success");
    }
}
