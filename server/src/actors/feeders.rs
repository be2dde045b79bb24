//! Whose identifiers a node may feed (ITI-8, ITI-44, ITI-64). A domain of identifiers has one source (ITI TF-2:
//! 3.8.4.1.3); `identity.source_domains` says who that is. What nobody is named for is fed by whoever has the role.

use crate::communities;
use crate::settings::Settings;
use renkei_context::{Action, Caller, Ctx, Object, may};
use renkei_hl7v2::ack::{AckCode, Nak, Problem, rows};
use renkei_hl7v2::adt::{FeedEvent, Named, PatientFeed};
use renkei_hl7v2::authorities::Authorities;
use renkei_metadata::ids::Oid;
use renkei_person::SharedAuthorities;

/// Who feeds what.
pub(crate) struct Feeders {
    authorities: Authorities,
    /// Cards and the like are told of persons, and no record is called by them.
    shared: SharedAuthorities,
}

impl Feeders {
    /// As the settings say.
    pub(super) fn new(settings: &Settings, authorities: Authorities) -> Self {
        let insured = Some(settings.insured_authority());
        let shared = SharedAuthorities { insured, ..communities::shared(settings) };
        Self { authorities, shared }
    }

    /// Whether a node may feed what a message says. Looked at before anybody looks up who is known.
    ///
    /// # Errors
    /// A refusal that names each identifier which it may not.
    pub(crate) fn allow(&self, ctx: &Ctx, feed: &PatientFeed) -> Result<(), Nak> {
        let named: Vec<Named> = feed.named(&self.authorities);
        let named: Vec<&Named> = named.iter().filter(|of| !self.is_told_along(feed, of)).collect();
        let may = |action, of: &Named| {
            may(ctx, action, Object::Authority(of.id.authority.as_str())).is_ok()
        };
        let all = named.iter().copied();
        let mut refused: Vec<&Named> = all.filter(|of| !may(Action::Name, of)).collect();
        if refused.is_empty() {
            refused = self.not_its_own(ctx, feed, &named);
        }
        match refused.is_empty() {
            true => Ok(()),
            false => {
                let problems =
                    refused.into_iter().map(|of| problem(&ctx.caller.name, of)).collect();
                Err(Nak::new(AckCode::Reject, Some(&feed.msh), problems))
            }
        }
    }

    /// Whether an identifier says something of the person and is nobody's record. A link change moves one, whatever it is.
    fn is_told_along(&self, feed: &PatientFeed, of: &Named) -> bool {
        feed.event != FeedEvent::A43 && self.shared.has(&of.id.authority)
    }

    /// What a node that is named would feed beyond its own. Others' numbers accompany its own, but it brings nobody by
    /// them alone, nor ends or moves any.
    fn not_its_own<'a>(
        &self,
        ctx: &Ctx,
        feed: &PatientFeed,
        named: &[&'a Named],
    ) -> Vec<&'a Named> {
        let home = self.authorities.own();
        let is_home = |of: &Named| of.id.authority == *home;
        let may = |of: &Oid| may(ctx, Action::Feed, Object::Authority(of.as_str())).is_ok();
        let strange = |of: &&Named| !may(&of.id.authority);
        let all = named.iter().copied();
        match feed.event {
            FeedEvent::A01 | FeedEvent::A04 | FeedEvent::A05 | FeedEvent::A08 => {
                // Under the affinity domain's everybody's documents are filed: each source announces them.
                let is_carried = named.iter().any(|of| is_home(of) || !strange(of));
                all.filter(|_| !is_carried).collect()
            }
            FeedEvent::A40 => {
                // With one of the affinity domain, the pair is of it, and the others accompany.
                let of_home = named.iter().any(|of| of.is_prior && is_home(of));
                all.filter(|of| of.is_prior && (is_home(of) || !of_home)).filter(strange).collect()
            }
            // Who owns the identifiers between which something moves says so, or who owns what moves.
            FeedEvent::A43 if may(home) => Vec::new(),
            FeedEvent::A43 => all.filter(|of| !is_home(of)).filter(strange).collect(),
        }
    }
}

/// Why a message was refused, for auditors.
pub(crate) fn not_authorized(caller: &Caller) -> String {
    format!("not authorized: {}", caller.subject)
}

fn problem(node: &str, of: &Named) -> Problem {
    let values = [("node", node), ("authority", of.id.authority.as_str())];
    Problem::of(&rows::NOT_ITS_AUTHORITY, of.place, &values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use renkei_context::Grants;
    use renkei_hl7v2::adt;
    use std::sync::Arc;
    use std::time::Duration;

    /// The affinity domain, authorities of two nodes, of nobody, and of cards.
    const HOME: &str = "2.999.1";
    const CLINIC: &str = "2.999.2";
    const CENTRE: &str = "2.999.3";
    const NOBODY: &str = "2.999.4";
    const CARDS: &str = "2.999.5";

    fn oid(text: &str) -> Oid {
        Oid::parse(text).unwrap()
    }

    /// Nodes and the authorities that they are named for.
    type Domains<'a> = &'a [(&'a str, &'a str)];

    const NAMED: Domains<'_> = &[("clinic", CLINIC), ("centre", CENTRE)];

    fn feeders() -> Feeders {
        Feeders {
            authorities: Authorities::new(oid(HOME)).named(["CENTRE=2.999.3".parse().unwrap()]),
            shared: SharedAuthorities { insured: Some(oid(CARDS)), others: Vec::new() },
        }
    }

    fn node(domains: Domains<'_>, name: &str) -> Ctx {
        let all = domains.iter().map(|(_, authority)| (*authority).to_owned()).collect();
        let own = domains.iter().filter(|(node, _)| *node == name);
        let own = own.map(|(_, authority)| (*authority).to_owned()).collect();
        let authorities = renkei_context::Authorities::new(own, Arc::new(all));
        let grants = Arc::new(Grants { authorities, ..Grants::of_house() });
        let caller = Caller { grants, ..Caller::internal(name) };
        Ctx::new(Arc::new(caller), "", Duration::from_secs(1))
    }

    /// The field of these authorities, one identifier of each.
    fn field(authorities: &[&str], number: &str) -> String {
        let cx = |authority: &&str| format!("{number}^^^&{authority}&ISO");
        authorities.iter().map(cx).collect::<Vec<_>>().join("~")
    }

    fn message(event: &str, own: &str, prior: Option<&str>) -> PatientFeed {
        let prior = prior.map(|prior| format!("MRG|{prior}\r")).unwrap_or_default();
        let text = format!(
            "MSH|^~\\&|A|B|C|D|20250601||ADT^{event}|1|P|2.5\rEVN||20250601\rPID|||{own}||a^b\r{prior}"
        );
        adt::read(text.as_bytes()).unwrap()
    }

    /// The places and authorities that are refused.
    fn refused(domains: Domains<'_>, name: &str, feed: &PatientFeed) -> Vec<String> {
        let Err(nak) = feeders().allow(&node(domains, name), feed) else { return Vec::new() };
        assert_eq!(nak.code, AckCode::Reject);
        let told = nak.problems.iter().map(|problem| {
            assert!(rows::NOT_ITS_AUTHORITY.is(problem), "{problem:?}");
            assert!(problem.en.contains(name) && problem.ja.contains(name), "{problem:?}");
            problem.location.to_string()
        });
        told.collect()
    }

    #[test]
    fn who_is_announced_is_called_by_the_node_s_own_numbers_and_by_nobody_else_s() {
        for event in ["A01", "A04", "A05", "A08"] {
            for (node, ids, places) in [
                ("clinic", &[CLINIC][..], &[][..]),
                ("clinic", &[CLINIC, HOME, NOBODY, CARDS], &[]),
                ("clinic", &[HOME, CARDS], &[]),
                ("clinic", &[NOBODY], &["PID^1^3^1^4"]),
                ("clinic", &[CARDS, NOBODY], &["PID^1^3^2^4"]),
                ("clinic", &[CARDS], &[]),
                ("clinic", &[CENTRE], &["PID^1^3^1^4"]),
                ("clinic", &[CLINIC, HOME, CENTRE], &["PID^1^3^3^4"]),
                ("other", &[HOME, NOBODY, CARDS], &[]),
                ("other", &[NOBODY], &[]),
                ("other", &[NOBODY, CLINIC, CENTRE], &["PID^1^3^2^4", "PID^1^3^3^4"]),
            ] {
                let feed = message(event, &field(ids, "7"), None);
                assert_eq!(refused(NAMED, node, &feed), places, "{event} {node} {ids:?}");
            }
        }
    }

    #[test]
    fn an_authority_is_known_by_its_name_as_well() {
        let feed = message("A04", "7^^^CENTRE~8^^^WHO~9", None);
        assert_eq!(refused(NAMED, "clinic", &feed), ["PID^1^3^1^4"]);
        assert_eq!(refused(NAMED, "centre", &feed), [""; 0]);
    }

    #[test]
    fn a_merge_ends_the_node_s_own_numbers_alone() {
        for (node, own, prior, places) in [
            ("clinic", &[CLINIC][..], &[CLINIC][..], &[][..]),
            ("clinic", &[CENTRE], &[CENTRE], &["PID^1^3^1^4", "MRG^1^1^1^4"]),
            ("clinic", &[CLINIC], &[CENTRE], &["MRG^1^1^1^4"]),
            ("clinic", &[CENTRE], &[CLINIC], &["PID^1^3^1^4"]),
            ("clinic", &[NOBODY], &[NOBODY], &["MRG^1^1^1^4"]),
            ("clinic", &[HOME], &[HOME], &["MRG^1^1^1^4"]),
            ("clinic", &[HOME, CLINIC], &[HOME, CLINIC], &["MRG^1^1^1^4"]),
            ("other", &[HOME], &[HOME], &[]),
            ("other", &[NOBODY], &[NOBODY], &[]),
            ("other", &[HOME, CLINIC], &[HOME], &["PID^1^3^2^4"]),
            ("other", &[CLINIC], &[CLINIC], &["PID^1^3^1^4", "MRG^1^1^1^4"]),
        ] {
            let feed = message("A40", &field(own, "7"), Some(&field(prior, "8")));
            assert_eq!(refused(NAMED, node, &feed), places, "{node} {own:?} {prior:?}");
        }
    }

    #[test]
    fn a_link_change_moves_the_node_s_own_numbers_alone() {
        for (node, own, prior, places) in [
            ("clinic", &[HOME, CLINIC][..], &[HOME][..], &[][..]),
            ("clinic", &[HOME, CLINIC], &[HOME, CLINIC], &[]),
            ("clinic", &[HOME, CLINIC], &[HOME, NOBODY], &["MRG^1^1^2^4"]),
            ("clinic", &[HOME, NOBODY], &[HOME], &["PID^1^3^2^4"]),
            ("clinic", &[HOME, CENTRE], &[HOME], &["PID^1^3^2^4"]),
            ("clinic", &[HOME, CARDS], &[HOME], &["PID^1^3^2^4"]),
            ("other", &[HOME, NOBODY], &[HOME], &[]),
            ("other", &[HOME, CLINIC], &[HOME], &["PID^1^3^2^4"]),
        ] {
            let feed = message("A43", &field(own, "7"), Some(&field(prior, "8")));
            assert_eq!(refused(NAMED, node, &feed), places, "{node} {own:?} {prior:?}");
        }
    }

    #[test]
    fn the_affinity_domain_may_be_somebody_s() {
        let domains: Domains<'_> = &[("index", HOME), ("clinic", CLINIC)];
        let a40 = |of: &[&str]| message("A40", &field(of, "7"), Some(&field(of, "8")));
        let a43 = message("A43", &field(&[HOME, NOBODY], "7"), Some(&field(&[HOME], "8")));
        assert_eq!(refused(domains, "index", &a40(&[HOME, NOBODY])), [""; 0]);
        assert_eq!(refused(domains, "index", &a43), [""; 0]);
        for node in ["clinic", "other"] {
            let places = ["PID^1^3^1^4", "MRG^1^1^1^4"];
            assert_eq!(refused(domains, node, &a40(&[HOME])), places);
            assert_eq!(refused(domains, node, &a43), places);
        }
        // What two people of the house confirmed is nobody else's to forbid.
        let house = Ctx::internal("own.matching", Duration::from_secs(1));
        assert!(feeders().allow(&house, &a40(&[HOME])).is_ok());
    }

    #[test]
    fn where_nobody_is_named_every_authority_is_fed() {
        let ids = field(&[HOME, CLINIC, CENTRE, NOBODY], "7");
        let feed = message("A40", &ids, Some(&field(&[HOME, CENTRE], "8")));
        assert_eq!(refused(&[], "clinic", &feed), [""; 0]);
    }

    #[test]
    fn an_authority_may_have_several_nodes_and_a_node_several_authorities() {
        let domains: Domains<'_> =
            &[("clinic", CLINIC), ("clinic", CENTRE), ("ward", CLINIC), ("other", NOBODY)];
        let announced = |of: &[&str]| message("A04", &field(of, "7"), None);
        assert_eq!(refused(domains, "clinic", &announced(&[CLINIC, CENTRE])), [""; 0]);
        assert_eq!(refused(domains, "ward", &announced(&[CLINIC])), [""; 0]);
        assert_eq!(refused(domains, "ward", &announced(&[CLINIC, CENTRE])), ["PID^1^3^2^4"]);
    }
}
