//! Which identifiers a message names, each where it stands: what whoever keeps persons would keep of it.

use super::PatientFeed;
use crate::ack::Location;
use crate::authorities::Authorities;
use crate::cx::CxField;
use renkei_metadata::ids::PatientId;

/// An identifier of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The identifier, its authority completed.
    pub id: PatientId,
    /// Its authority, in the repetition in which it stands.
    pub place: Location,
    /// Whether it is one of MRG-1, which the message ends or from which it takes something away.
    pub is_prior: bool,
}

impl PatientFeed {
    /// Every identifier of PID-3 and MRG-1 whose authority these configure or the message tells itself. The others are
    /// kept by nobody.
    pub fn named(&self, authorities: &Authorities) -> Vec<Named> {
        let of = |segment, field, all: &[CxField], is_prior| -> Vec<Named> {
            let numbered = all.iter().enumerate().filter(|(_, cx)| !cx.id.is_empty());
            let told = numbered.filter_map(|(n, cx)| {
                let mut cx = cx.clone();
                authorities.complete(&mut cx).ok()?;
                let place = Location::component(segment, field, 4).repetition(n + 1);
                Some(Named { id: cx.patient_id().ok()?, place, is_prior })
            });
            told.collect()
        };
        let prior = of("MRG", 1, &self.prior, true);
        of("PID", 3, &self.identifiers, false).into_iter().chain(prior).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adt;
    use renkei_metadata::ids::Oid;

    #[test]
    fn each_identifier_is_named_where_it_stands() {
        let message = "MSH|^~\\&|A|B|C|D|20250601||ADT^A40^ADT_A39|1|P|2.5\rEVN||20250601\r\
                       PID|||7~X^^^WHO~8^^^OTHER~~9^^^OTHER&2.999.6&ISO~L^^^&2.999.9&ISO||a^b\r\
                       MRG|6^^^&2.999.1&ISO~5^^^&2.999.9\r";
        let authorities = Authorities::new(Oid::parse("2.999.1").unwrap());
        let authorities = authorities.named(["OTHER=2.999.5".parse().unwrap()]);
        let named = adt::read(message.as_bytes()).unwrap().named(&authorities);
        let told: Vec<String> =
            named.iter().map(|n| format!("{} {} {}", n.place, n.id, n.is_prior)).collect();
        let expected = [
            "PID^1^3^1^4 7^^^&2.999.1&ISO false",
            "PID^1^3^3^4 8^^^&2.999.5&ISO false",
            "PID^1^3^6^4 L^^^&2.999.9&ISO false",
            "MRG^1^1^1^4 6^^^&2.999.1&ISO true",
            "MRG^1^1^2^4 5^^^&2.999.9&ISO true",
        ];
        assert_eq!(told, expected);
    }
}
