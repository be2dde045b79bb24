//! Queries for persons in HL7 v2, their answers, and notifications.
#![no_main]

use chrono::DateTime;
use libfuzzer_sys::fuzz_target;
use renkei_hl7v2::adt::update;
use renkei_hl7v2::authorities::Authorities;
use renkei_hl7v2::msh::Stamp;
use renkei_hl7v2::query::answer::{self, Page};
use renkei_hl7v2::query::{self, Query};
use renkei_metadata::ids::{Oid, PatientId};
use uuid::Uuid;

fuzz_target!(|data: &[u8]| {
    let stamp = Stamp::new(DateTime::UNIX_EPOCH, Uuid::nil());
    let authority = Oid::parse("1.2.3").expect("an OID");
    let names = ["A", "B=1.2.4"].map(|name| name.parse().expect("a name"));
    let authorities = Authorities::new(authority).named(names);
    match query::read(data) {
        Ok(Query::CrossReference(query)) => {
            let written = match query.resolve(&authorities) {
                Ok(resolved) => {
                    assert_eq!(PatientId::parse(&resolved.id.to_string()).as_ref(), Ok(&resolved.id));
                    let ids = [resolved.id.into()];
                    answer::cross_references(&query.asked, &ids, &authorities, &stamp)
                }
                Err(refusal) => refusal.write(&stamp),
            };
            answer::read(&written).expect("our own answer");
        }
        Ok(Query::Demographics(query)) => {
            let written = match query.wanted(&authorities) {
                Ok(_) => {
                    let _ = query.criteria.identifiers(&authorities);
                    let persons = [query.criteria.described.clone()];
                    let pointer = query.pointer.as_deref();
                    let page = Page { persons: &persons, total: 1, left: 0, pointer };
                    answer::persons(&query.asked, &page, &authorities, &stamp)
                }
                Err(refusal) => refusal.write(&stamp),
            };
            answer::read(&written).expect("our own answer");
        }
        Ok(Query::Cancel(cancel)) => {
            let _ = renkei_hl7v2::ack::accept(&cancel.msh, &stamp);
        }
        Err(refusal) => {
            answer::read(&refusal.write(&stamp)).expect("our own refusal");
        }
    }
    let _ = answer::read(data);
    let _ = update::read(data);
});
