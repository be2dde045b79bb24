//! By which identifiers a caller may look for persons: a consumer by any, a source by those of its own domain
//! (`identity.source_domains`).

use crate::house::House;
use renkei_context::{Action, Ctx, Object, Role, may};
use renkei_hl7v3::acknowledgement::Detail;
use renkei_hl7v3::told;
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::Person;

/// How far a caller sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Anybody.
    Everybody,
    /// Whom it asks about by an identifier of one of these domains; none: nobody.
    Domains(Vec<Oid>),
}

impl Reach {
    /// The reach of a caller who was let in.
    pub(super) fn of(house: &House, ctx: &Ctx) -> Self {
        match may(ctx, Action::Call, Object::As(Role::Consumer)).is_ok() {
            true => Self::Everybody,
            false => {
                let own = house.source_domains.get(&ctx.caller.name);
                Self::Domains(own.cloned().unwrap_or_default())
            }
        }
    }

    /// Whether one may be asked about by these; if not, what is said, with the place of the identifier.
    pub(super) fn refuses<'a>(
        &self,
        mut ids: impl Iterator<Item = &'a PatientId>,
        place: String,
    ) -> Option<Detail> {
        let is_allowed = match self {
            Self::Everybody => true,
            Self::Domains(own) => ids.any(|id| own.contains(&id.authority)),
        };
        let refused = || told::detail(&told::NOT_OWN_DOMAIN, "", Some(place));
        (!is_allowed).then(refused)
    }
}

impl Reach {
    /// Leaves of what is told of somebody what the caller may know; `home` is the affinity domain.
    pub(super) fn narrow(&self, ids: &mut Vec<PatientId>, person: Option<&mut Person>, home: &Oid) {
        if let Self::Domains(own) = self {
            crate::persons::narrow(ids, person, own, home);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_asks_by_its_own_identifiers() {
        let id = |text: &str| PatientId::parse(text).unwrap();
        let (own, other) = (id("1^^^&2.999.1&ISO"), id("1^^^&2.999.2&ISO"));
        let third = id("1^^^&2.999.3&ISO");
        let domain = Reach::Domains(vec![own.authority.clone(), third.authority.clone()]);
        for (reach, ids, is_refused) in [
            (&Reach::Everybody, vec![], false),
            (&domain, vec![&other, &own], false),
            (&domain, vec![&third], false),
            (&domain, vec![&other], true),
            (&domain, vec![], true),
            (&Reach::Domains(Vec::new()), vec![&own], true),
        ] {
            let refused = reach.refuses(ids.into_iter(), "/x".to_owned());
            assert_eq!(refused.is_some(), is_refused, "{reach:?}");
            let text = refused.and_then(|detail| detail.text).unwrap_or_default();
            assert_eq!(text.contains("consumer"), is_refused);
        }
    }

    #[test]
    fn a_source_is_told_of_its_own_identifiers_and_of_the_domain_s() {
        let id = |text: &str| PatientId::parse(text).unwrap();
        let all = ["1^^^&2.999.1&ISO", "2^^^&2.999.2&ISO", "3^^^&2.999.3&ISO"].map(id);
        let home = all[2].authority.clone();
        let told = |reach: Reach| {
            let (mut ids, mut person) =
                (all.to_vec(), Person { contacts: vec![phone()], ..Person::default() });
            reach.narrow(&mut ids, Some(&mut person), &home);
            (ids.len(), person.contacts.len())
        };
        assert_eq!(told(Reach::Everybody), (3, 1));
        assert_eq!(told(Reach::Domains(vec![all[0].authority.clone()])), (2, 0));
        let both = all[..2].iter().map(|id| id.authority.clone());
        assert_eq!(told(Reach::Domains(both.collect())), (3, 0));
        assert_eq!(told(Reach::Domains(Vec::new())), (1, 0));
    }

    fn phone() -> renkei_person::Contact {
        let system = renkei_person::ContactSystem::Phone;
        renkei_person::Contact { system, value: "03-000-0000".to_owned(), place: None }
    }
}
