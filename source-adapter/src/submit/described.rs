//! The person of a record, with all that the export knows (ITI TF-2: 3.8.4.1.2; the identifiers by HS031).

use chrono::NaiveDate;
use renkei_checkup::Record;
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::{
    Address, Birth, Contact, ContactSystem, Identifier, Insured, Name, Person, Place, Sex, Writing,
};

/// Whose number of a patient it is: the institution's (HS037: `1.2.392.100495.20.3.51.1` and the institution number).
const LOCAL: &str = "1.2.392.100495.20.3.51.1";

/// The person's number at the institution; `None` where the export has none, or the institution's number makes no OID.
pub(super) fn local_id(record: &Record) -> Option<PatientId> {
    let (id, institution) = (record.get("patient_id").trim(), record.get("inst_no"));
    let authority = Oid::parse(&format!("{LOCAL}{institution}")).ok()?;
    let is_known = !id.is_empty() && !institution.is_empty();
    PatientId::new(id, authority).ok().filter(|_| is_known)
}

/// The person by these identifiers, with the insurance card as `insured` names cards.
pub(super) fn described(
    record: &Record,
    ids: impl IntoIterator<Item = PatientId>,
    insured: Option<&Oid>,
) -> Person {
    let mut identifiers: Vec<Identifier> = ids.into_iter().map(Identifier::from).collect();
    identifiers
        .extend(insured.and_then(|authority| card(record)?.identifier(authority.clone()).ok()));
    let names = [("name_kanji", Writing::Ideographic), ("name_kana", Writing::Syllabic)];
    let name = |(item, writing)| Name::of(record.get(item), Some(writing));
    let birth = NaiveDate::parse_from_str(record.get("birth_date"), "%Y-%m-%d").ok();
    let sex = match record.get("sex") {
        "女" => Some(Sex::Female),
        "男" => Some(Sex::Male),
        _ => None,
    };
    let contacts = filled(record, "tel").map(|value| Contact {
        system: ContactSystem::Phone,
        value,
        place: Some(Place::Home),
    });
    Person {
        identifiers,
        names: names.into_iter().filter_map(name).collect(),
        sex,
        birth: birth.and_then(Birth::on),
        addresses: address(record).into_iter().collect(),
        contacts: contacts.into_iter().collect(),
        ..Person::default()
    }
}

fn card(record: &Record) -> Option<Insured> {
    Some(Insured {
        insurer: filled(record, "insurer_no")?,
        symbol: filled(record, "card_symbol"),
        number: filled(record, "card_number")?,
        branch: filled(record, "card_branch"),
    })
}

fn address(record: &Record) -> Option<Address> {
    let (postal_code, lines) = (filled(record, "postal"), filled(record, "address"));
    let address = Address {
        place: Some(Place::Home),
        lines: lines.into_iter().collect(),
        postal_code,
        country: Some("JP".to_owned()),
        ..Address::default()
    };
    let says_something = !address.lines.is_empty() || address.postal_code.is_some();
    says_something.then_some(address)
}

fn filled(record: &Record, item: &str) -> Option<String> {
    let text = record.get(item).trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(items: &[(&str, &str)]) -> Record {
        let mut record = Record::new();
        for (id, value) in items {
            record.set_id(id, value);
        }
        record
    }

    #[test]
    fn all_that_the_export_knows_is_told() {
        let record = record(&[
            ("inst_no", "1319900013"),
            ("patient_id", "A1"),
            ("insurer_no", "06139992"),
            ("card_symbol", "１２３"),
            ("card_number", "4107"),
            ("card_branch", "01"),
            ("name_kanji", "佐藤　和也"),
            ("name_kana", "サトウ カズヤ"),
            ("birth_date", "1967-08-15"),
            ("sex", "男"),
            ("postal", "100-0001"),
            ("address", "東京都千代田区1-1"),
            ("tel", "03-000-0000"),
        ]);
        let home = PatientId::parse("h^^^&2.999.1&ISO").unwrap();
        let local = local_id(&record).unwrap();
        let insured = Oid::parse("2.999.3").unwrap();
        let person = described(&record, [home, local], Some(&insured));
        let ids: Vec<String> = person.identifiers.iter().map(|of| of.id.to_string()).collect();
        assert_eq!(
            ids,
            [
                "h^^^&2.999.1&ISO",
                "A1^^^&1.2.392.100495.20.3.51.11319900013&ISO",
                "06139992:１２３:4107:01^^^&2.999.3&ISO",
            ]
        );
        assert_eq!(
            person.names,
            [
                Name::new(Writing::Ideographic, "佐藤", "和也"),
                Name::new(Writing::Syllabic, "サトウ", "カズヤ"),
            ]
        );
        assert_eq!(
            (person.sex, person.birth.map(|b| b.to_string())),
            (Some(Sex::Male), Some("19670815".to_owned()))
        );
        assert_eq!(person.addresses[0].postal_code.as_deref(), Some("100-0001"));
        assert_eq!(person.contacts[0].value, "03-000-0000");
    }

    #[test]
    fn what_is_not_known_is_not_told() {
        let record = record(&[
            ("inst_no", "1319900013"),
            ("name_kana", "サトウ カズヤ"),
            ("insurer_no", "06139992"),
        ]);
        assert_eq!(local_id(&record), None);
        let person = described(&record, [], Oid::parse("2.999.3").ok().as_ref());
        assert!(
            person.identifiers.is_empty()
                && person.addresses.is_empty()
                && person.contacts.is_empty()
        );
        assert_eq!((person.sex, person.birth), (None, None));
    }
}
