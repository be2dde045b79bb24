//! ITI-21 (ITI TF-2: 3.21.4.1.3, 3.21.4.2.2.8).

use super::cross_reference::at;
use super::{Queries, Told, failed};
use renkei_context::Ctx;
use renkei_hl7v2::ack::Problem;
use renkei_hl7v2::msh::Stamp;
use renkei_hl7v2::query::answer::{self, Page as Answered};
use renkei_hl7v2::query::{Criteria, DemographicsQuery, Refusal};
use renkei_identity::{CrossReference, Cursor, Page, Search, Searched, Sought, SoughtName};
use renkei_metadata::ids::PatientId;
use renkei_person::Person;

/// The most persons in one answer, a fixed bound, whatever RCP-2 says: each is a record of the audit.
const MOST: u32 = 100;

impl Queries {
    /// The persons who are described so, a page of them.
    pub(super) async fn demographics(
        &self,
        ctx: &Ctx,
        query: &DemographicsQuery,
        stamp: &Stamp,
    ) -> Result<Told, Refusal> {
        let asked = &query.asked;
        let reach = self.reach(ctx, asked)?;
        let ids = query.criteria.identifiers(&self.authorities);
        let ids = ids.map_err(|problems| Refusal::error(asked, problems))?;
        let wanted = query.wanted(&self.authorities)?;
        reach.allows(ids.iter().map(|(_, id)| id), asked)?;
        let after = self.after(ctx, query)?;
        let unknown =
            self.unknown_domains(ctx, &ids).await.map_err(|error| failed(asked, &error))?;
        if !unknown.is_empty() {
            return Err(Refusal::error(asked, unknown));
        }
        let (search, domains) = (search(&query.criteria, ids), wanted.oids());
        let limit = query.quantity.unwrap_or(MOST).min(MOST);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let found = self.persons.search(ctx, &search, &domains, after, limit).await;
        match found.map_err(|error| failed(asked, &error))? {
            Searched::Found(mut page) => {
                for of in &mut page.persons {
                    let home = self.authorities.own();
                    reach.narrow(&mut of.identifiers, Some(&mut of.person), home);
                }
                page.persons.retain(|of| !of.identifiers.is_empty());
                self.told(ctx, query, page, stamp)
            }
            Searched::UnknownDomains(places) => {
                Err(Refusal::error(asked, wanted.unknown(&at(&domains, &places))))
            }
            Searched::TooLittle => Err(Refusal::error(asked, vec![query.too_few()])),
            Searched::TooMany => Err(Refusal::error(asked, vec![query.too_wide()])),
        }
    }

    /// Where the answer begins.
    fn after(&self, ctx: &Ctx, query: &DemographicsQuery) -> Result<Cursor, Refusal> {
        let Some(pointer) = &query.pointer else { return Ok(Cursor::default()) };
        let place = self.pointers.place(ctx, &query.asked, pointer);
        let place = place.and_then(|place| <[u8; 8]>::try_from(place).ok());
        let unknown = || Refusal::error(&query.asked, vec![query.pointer_unknown()]);
        Ok(Cursor(i64::from_be_bytes(place.ok_or_else(unknown)?)))
    }

    /// The identifiers of whose authority nobody has told.
    async fn unknown_domains(
        &self,
        ctx: &Ctx,
        ids: &[(usize, PatientId)],
    ) -> anyhow::Result<Vec<Problem>> {
        let mut problems = Vec::new();
        for (repetition, id) in ids {
            let known = self.persons.cross_reference(ctx, id, &[]).await?;
            if known.of == CrossReference::UnknownDomain {
                problems.push(Criteria::domain_unknown(*repetition, id));
            }
        }
        Ok(problems)
    }

    fn told(
        &self,
        ctx: &Ctx,
        query: &DemographicsQuery,
        page: Page,
        stamp: &Stamp,
    ) -> Result<Told, Refusal> {
        let asked = &query.asked;
        let pointer =
            page.next.map(|Cursor(key)| self.pointers.write(ctx, asked, &key.to_be_bytes()));
        let pointer = pointer.transpose().map_err(|error| failed(asked, &error))?;
        // The identifier of the affinity domain comes first, if there is one.
        let first = |sought: &Sought| sought.identifiers.first().map(PatientId::to_string);
        let patients = page.persons.iter().filter_map(first).collect();
        let persons: Vec<Person> = page.persons.into_iter().map(whole).collect();
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let answered = Answered {
            persons: &persons,
            total: count(page.total),
            left: count(page.remaining),
            pointer: pointer.as_deref(),
        };
        let octets = answer::persons(asked, &answered, &self.authorities, stamp);
        Ok(Told { octets, patients })
    }
}

fn whole(sought: Sought) -> Person {
    let identifiers = sought.identifiers.into_iter().map(Into::into).collect();
    Person { identifiers, ..sought.person }
}

/// What is asked, as the persons are asked.
fn search(criteria: &Criteria, ids: Vec<(usize, PatientId)>) -> Search {
    let Criteria { described, family_goes_on, given_goes_on, .. } = criteria;
    let Person { birth, sex, addresses, contacts, mothers_maiden_name, .. } = described.clone();
    let names = described.names.iter().filter(|name| !name.is_empty()).map(|name| SoughtName {
        name: name.clone(),
        family_goes_on: *family_goes_on,
        given_goes_on: *given_goes_on,
    });
    Search {
        names: names.collect(),
        birth,
        sex,
        identifiers: ids.into_iter().map(|(_, id)| id).collect(),
        addresses,
        contacts,
        mothers_maiden_name,
    }
}
