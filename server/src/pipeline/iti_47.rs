//! ITI-47 Patient Demographics Query HL7 V3: who somebody is, in as many answers as whoever asks wants
//! (ITI TF-2: 3.47.4.2.3, 3.47.4.3).

use super::answer::{Answer, Body, Record};
use super::exchange::Exchange;
use super::iti_45::{failed, named, query, unknown_domain};
use super::iti_55::rows;
use super::iti_55_deferred::acknowledged;
use super::reach::Reach;
use super::work::Work;
use crate::house::SharedHouse;
use renkei_atna::build;
use renkei_atna::record::{Object, Outcome as Ending};
use renkei_context::Ctx;
use renkei_hl7v2::authorities::Authorities;
use renkei_hl7v3::acknowledgement::{AckCode, Detail};
use renkei_hl7v3::iti47::{self, Continuation, Counts, Found, Outcome, Request, Wish};
use renkei_hl7v3::query::{BirthTime, Query};
use renkei_hl7v3::{InstanceId, Read, Refusal, Rule, Time, limits, told};
use renkei_identity::{CrossReference, Cursor, Page, Search, Searched, Sought, SoughtName};
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::{Birth, Identifier, Name};
use renkei_soap::fault::Fault;
use renkei_xds::transaction::ITI_47;

/// A query of which more may be asked for.
#[derive(Clone)]
pub(crate) struct Rest {
    asked: Request,
    search: Search,
    after: Cursor,
    /// The number of the next person, from 1.
    next: u32,
    /// The answer that told the last ones; `None` before there was one.
    told_in: Option<InstanceId>,
}

/// The longest query that is kept, in octets as it came.
const KEPT: usize = 16 << 10;

/// Reads the query, has the persons looked through, and answers with the first of them.
pub(super) async fn run(mut exchange: Exchange<'_>) -> Result<Work, Fault> {
    let house = exchange.house.clone();
    let reach = Reach::of(&house, &exchange.ctx);
    let read = Request::read(&mut exchange.reader, &exchange.body);
    if let Err(Refusal::Fault(fault)) = read {
        return Err(fault);
    }
    exchange.finish().await?;
    let ctx = exchange.ctx;
    let asked = match read {
        Ok(Read { message, .. }) => message,
        Err(refusal) => return refused(&ctx, refusal),
    };
    Ok(Work::new(&ctx.clone(), async move {
        let ids = asked.query.identifiers.iter().map(|of| &of.id);
        if let Some(detail) = reach.refuses(ids, Request::identifiers_place()) {
            return Ok(error(&ctx, &asked, vec![detail], told::NOT_OWN_DOMAIN.id));
        }
        match unknown_authorities(&ctx, &house, &asked).await {
            Ok(details) if details.is_empty() => {}
            Ok(details) => return Ok(error(&ctx, &asked, details, told::DOMAIN_UNKNOWN.id)),
            Err(error) => return Ok(unanswered(&ctx, &asked, &error)),
        }
        let rest = match search(&asked.query) {
            Ok(search) => {
                let after = Cursor::default();
                Rest { asked, search, after, next: 1, told_in: None }
            }
            Err(row) => {
                let detail = told::detail(row, "", None);
                return Ok(error(&ctx, &asked, vec![detail], row.id));
            }
        };
        let most = rest.asked.query.initial_quantity;
        Ok(answered(&ctx, &house, rest, most).await)
    }))
}

/// More of it, or no more (ITI TF-2: 3.47.4.3).
pub(super) async fn continued(mut exchange: Exchange<'_>) -> Result<Work, Fault> {
    let house = exchange.house.clone();
    let read = Continuation::read(&mut exchange.reader, &exchange.body);
    if let Err(Refusal::Fault(fault)) = read {
        return Err(fault);
    }
    exchange.finish().await?;
    let ctx = exchange.ctx;
    let wanted = match read {
        Ok(Read { message, .. }) => message,
        Err(refusal) => return refused(&ctx, refusal),
    };
    Ok(Work::new(&ctx.clone(), async move {
        let named = (ctx.caller.name.clone(), wanted.query_id.clone());
        let rest = house.continuations.take(&named);
        let (start, quantity) = match wanted.wish {
            Wish::More { start, quantity } => (start, quantity),
            Wish::NoMore => return Ok(given_up(&ctx, &wanted)),
        };
        let Some(rest) = rest else { return Ok(not_continued(&ctx, &wanted)) };
        let is_next = start.is_none_or(|start| start == rest.next);
        // Whoever names another answer has not read the last one: the persons in it would be lost.
        let is_behind = wanted.target.is_none() || wanted.target == rest.told_in;
        if !is_next || !is_behind {
            house.continuations.keep(named, rest);
            return Ok(not_continued(&ctx, &wanted));
        }
        // The answer is to this message, and about that query.
        let mut rest = rest;
        rest.asked.transmission = wanted.transmission.clone();
        let most = quantity.or(rest.asked.query.initial_quantity);
        Ok(answered(&ctx, &house, rest, most).await)
    }))
}

/// What is looked for; what cannot be, by its row.
fn search(query: &Query) -> Result<Search, &'static Rule> {
    let names = query.names.iter().map(|name| sought(name, query.is_pattern));
    Ok(Search {
        names: names.filter(|sought| !sought.name.is_empty()).collect(),
        birth: query.birth.map(birth).transpose()?,
        sex: query.sex,
        identifiers: query.identifiers.iter().map(|of| of.id.clone()).collect(),
        addresses: query.addresses.clone(),
        contacts: query.contacts.clone(),
        mothers_maiden_name: query.mothers_maiden_name.clone(),
    })
}

/// A name, of which parts go on where the query says so, or where they end in the `*` that queries of HL7 v2 have for
/// it (ITI TF-2: 3.21.4.1.2.2) and senders of both carry over.
fn sought(name: &Name, is_pattern: bool) -> SoughtName {
    let mut name = name.clone();
    let family_goes_on = without_star(&mut name.family);
    let given_goes_on = name.given.last_mut().is_some_and(without_star);
    name.given.retain(|part| !part.is_empty());
    SoughtName {
        name,
        family_goes_on: is_pattern || family_goes_on,
        given_goes_on: is_pattern || given_goes_on,
    }
}

fn without_star(part: &mut String) -> bool {
    let begins = part.strip_suffix('*').map(|begins| begins.trim_end().to_owned());
    begins.is_some_and(|begins| {
        *part = begins;
        true
    })
}

/// An interval is looked for where it is a day, a month or a year.
fn birth(time: BirthTime) -> Result<Birth, &'static Rule> {
    let (low, high) = match time {
        BirthTime::At(birth) => return Ok(birth),
        BirthTime::Between(Some(low), Some(high)) => (low, high),
        BirthTime::Between(..) => return Err(&told::BIRTH_INTERVAL),
    };
    let day = low.first().format("%Y%m%d").to_string();
    let whole = [8, 6, 4].into_iter().filter_map(|length| Birth::parse(day.get(..length)?));
    let mut whole = whole.filter(|of| of.first() == low.first() && of.last() == high.last());
    whole.next().ok_or(&told::BIRTH_INTERVAL)
}

/// Looks for the next persons, and keeps what is left.
async fn answered(ctx: &Ctx, house: &SharedHouse, rest: Rest, most: Option<u32>) -> Answer {
    let domains: Vec<Oid> = rest.asked.query.domains.iter().map(|of| of.id.clone()).collect();
    let limit = most.map_or(limits::CANDIDATES, |most| usize::try_from(most).unwrap_or(usize::MAX));
    let limit = limit.clamp(1, limits::CANDIDATES);
    let Some(persons) = house.persons.as_ref() else {
        return error(ctx, &rest.asked, vec![failed()], told::FAILED.id);
    };
    let named = (ctx.caller.name.clone(), rest.asked.query.id.clone());
    let page = match persons.search(ctx, &rest.search, &domains, rest.after, limit).await {
        Ok(Searched::Found(page)) => page,
        Ok(Searched::UnknownDomains(unknown)) => {
            let unknown = unknown.iter().filter_map(|at| rest.asked.query.domains.get(*at));
            let details = unknown.map(|of| unknown_domain(&of.id, Request::domain_place(of)));
            let details = details.collect();
            return error(ctx, &rest.asked, details, told::DOMAIN_UNKNOWN.id);
        }
        Ok(Searched::TooLittle) => return refusing(ctx, &rest.asked, &told::TOO_LITTLE),
        Ok(Searched::TooMany) => return refusing(ctx, &rest.asked, &told::TOO_MANY),
        Err(error) => {
            let answer = unanswered(ctx, &rest.asked, &error);
            // What was told of it before counts: it may be continued from there, once it can be.
            if rest.told_in.is_some() {
                house.continuations.keep(named, rest);
            }
            return answer;
        }
    };
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let counts = Counts {
        total: number(page.total),
        current: number(page.persons.len()),
        remaining: number(page.remaining),
    };
    let (id, created) = stamp(ctx);
    let after = page.next;
    if after.is_some() && rest.asked.copy.as_xml().len() > KEPT {
        return refusing(ctx, &rest.asked, &told::TOO_LONG);
    }
    // What a caller may know is what it may know now, also of a query that it began before.
    let (reach, mut page) = (Reach::of(house, ctx), page);
    for of in &mut page.persons {
        reach.narrow(&mut of.identifiers, Some(&mut of.person), house.authorities.own());
    }
    let answer = answer(&house.authorities, &rest.asked, (page, counts), (id.clone(), created));
    if let Some(after) = after {
        let next = rest.next.saturating_add(counts.current);
        house.continuations.keep(named, Rest { after, next, told_in: Some(id), ..rest });
    }
    answer
}

/// A failure of this house.
fn unanswered(ctx: &Ctx, asked: &Request, why: &anyhow::Error) -> Answer {
    tracing::error!(error = %why, "a query for persons was not answered");
    error(ctx, asked, vec![failed()], told::FAILED.id)
}

/// Each authority of an identifier that is asked for and of which nothing is known: nobody is found by it, which is
/// not told as if there were nobody.
async fn unknown_authorities(
    ctx: &Ctx,
    house: &SharedHouse,
    asked: &Request,
) -> anyhow::Result<Vec<Detail>> {
    let Some(persons) = house.persons.as_ref() else { return Ok(Vec::new()) };
    let mut unknown: Vec<&Oid> = Vec::new();
    for Identifier { id, .. } in &asked.query.identifiers {
        let known = persons.cross_reference(ctx, id, &[]).await?;
        if known.of == CrossReference::UnknownDomain && !unknown.contains(&&id.authority) {
            unknown.push(&id.authority);
        }
    }
    let place = Request::authority_place;
    Ok(unknown.into_iter().map(|of| unknown_domain(of, place(of))).collect())
}

fn answer(
    authorities: &Authorities,
    asked: &Request,
    (page, counts): (Page, Counts),
    (id, created): (InstanceId, Time),
) -> Answer {
    let query = query(&ITI_47, &asked.query.id, &asked.copy);
    let found: Vec<Found> =
        page.persons.into_iter().filter_map(|of| person(authorities, asked, of)).collect();
    let firsts = found.iter().filter_map(|one| one.identifiers().next());
    let records = records(firsts.map(|of| &of.id), &query);
    let outcome = if found.is_empty() { Outcome::NotFound } else { Outcome::Found(found) };
    let told = iti47::Answer::to(asked, (outcome, counts), Vec::new(), id, created);
    whole(told, records, "success")
}

/// Case 2: of a domain in which the person has no identifier that is said.
fn person(authorities: &Authorities, asked: &Request, of: Sought) -> Option<Found> {
    let has = |domain: &Oid| of.identifiers.iter().any(|id| id.authority == *domain);
    let wanted = asked.query.domains.iter().map(|domain| &domain.id);
    let without = wanted.filter(|domain| !has(domain)).cloned().collect();
    let identifiers = of.identifiers.into_iter().map(|id| named(authorities, id)).collect();
    // Whoever does not fit is not found, so that whoever is fits wholly.
    Found::new(identifiers, of.person, without, Some(100))
}

/// A record for each patient who is told of, or one of the query (ITI TF-2: 3.47.5.1).
fn records<'a>(patients: impl Iterator<Item = &'a PatientId>, query: &Object) -> Vec<Record> {
    let record = |objects| Record { outcome: Ending::Success, objects, description: None };
    let mut all: Vec<Record> =
        patients.map(|id| record(vec![build::patient(&id.to_string()), query.clone()])).collect();
    if all.is_empty() {
        all.push(record(vec![query.clone()]));
    }
    all
}

fn refusing(ctx: &Ctx, asked: &Request, row: &'static Rule) -> Answer {
    error(ctx, asked, vec![told::detail(row, "", None)], row.id)
}

fn error(ctx: &Ctx, asked: &Request, details: Vec<Detail>, row: &'static str) -> Answer {
    let (id, created) = stamp(ctx);
    let outcome = (Outcome::Error, Counts::default());
    let told = iti47::Answer::to(asked, outcome, details, id, created);
    let query = query(&ITI_47, &asked.query.id, &asked.copy);
    whole(told, vec![failure(vec![query], row.to_owned())], "failure")
}

fn not_continued(ctx: &Ctx, wanted: &Continuation) -> Answer {
    let row = &told::NOT_CONTINUED;
    let place = "/QUQI_IN000003UV01/controlActProcess/queryContinuation/queryId".to_owned();
    let detail = told::detail(row, "", Some(place));
    let (id, created) = stamp(ctx);
    let told = iti47::Answer::not_continuing(wanted, vec![detail], id, created);
    whole(told, vec![failure(vec![named_query(wanted)], row.id.to_owned())], "failure")
}

/// What is given up is given up, whether or not it was there.
fn given_up(ctx: &Ctx, wanted: &Continuation) -> Answer {
    let told = acknowledged(ctx, &wanted.transmission, AckCode::CommitAccept, Vec::new());
    Answer { records: records(std::iter::empty(), &named_query(wanted)), ..told }
}

fn named_query(wanted: &Continuation) -> Object {
    let id = &wanted.query_id;
    let name = id.extension().map_or(id.root().to_owned(), |e| format!("{}^{e}", id.root()));
    let audit = &ITI_47.audit;
    Object { query: None, ..build::stored_query(audit.code, audit.text, &name, "", None) }
}

fn refused(ctx: &Ctx, refusal: Refusal) -> Result<Work, Fault> {
    let answerable = match refusal {
        Refusal::Fault(fault) => return Err(fault),
        Refusal::Answerable(answerable) => answerable,
    };
    let (id, created) = stamp(ctx);
    let Some(told) = iti47::Answer::refusing(&answerable, id, created) else {
        return Err(Refusal::Answerable(answerable).into_fault());
    };
    let asked = answerable.query.as_ref().map(|(asked, copy)| query(&ITI_47, &asked.id, copy));
    let record = failure(asked.into_iter().collect(), rows(&answerable.problems));
    let answer = whole(told, vec![record], "failure");
    Ok(Work::new(ctx, async move { Ok(answer) }))
}

fn failure(objects: Vec<Object>, description: String) -> Record {
    Record { outcome: Ending::SeriousFailure, objects, description: Some(description) }
}

fn stamp(ctx: &Ctx) -> (InstanceId, Time) {
    (InstanceId::new(ctx.ids.new_uuid()), Time::at(ctx.now().fixed_offset()))
}

fn whole(told: iti47::Answer, records: Vec<Record>, result: &'static str) -> Answer {
    Answer::whole(Body::whole(move |w| told.write(w)), records, result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use renkei_person::Writing;

    #[test]
    fn a_part_of_a_name_goes_on_where_a_star_says_so() {
        let name = |family: &str, given: &str| Name::new(Writing::Syllabic, family, given);
        let of = |family: &str, given: &str, is_pattern| {
            let sought = sought(&name(family, given), is_pattern);
            (sought.name, sought.family_goes_on, sought.given_goes_on)
        };
        assert_eq!(of("ケン*", "ハナ", false), (name("ケン", "ハナ"), true, false));
        assert_eq!(of("ケンシン", "ハナ*", false), (name("ケンシン", "ハナ"), false, true));
        assert_eq!(of("ケン", "ハナ", true), (name("ケン", "ハナ"), true, true));
        // It says nothing of a part that is the star alone, and is a letter elsewhere.
        assert!(of("*", "*", false).0.is_empty());
        assert_eq!(of("ケ*ン", "ハナ", false), (name("ケ*ン", "ハナ"), false, false));
    }

    #[test]
    fn an_interval_is_looked_for_where_it_is_one_date() {
        let of = |text: &str| Birth::parse(text);
        let between = |low: &str, high: &str| birth(BirthTime::Between(of(low), of(high)));
        assert_eq!(Some(between("19750412", "19750412").unwrap()), of("19750412"));
        assert_eq!(Some(between("19750401", "19750430").unwrap()), of("197504"));
        assert_eq!(Some(between("1975", "19751231").unwrap()), of("1975"));
        for open in [between("1975", "1976"), between("19750412", "19750413")] {
            assert_eq!(open.unwrap_err().id, "pdq-birth-interval");
        }
        let open = birth(BirthTime::Between(None, of("1975")));
        assert_eq!(open.unwrap_err().id, "pdq-birth-interval");
    }
}
