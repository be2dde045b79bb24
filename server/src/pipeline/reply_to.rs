//! To whom answers are sent that do not go back on their connection: to listed addresses alone, since
//! whoever may send a request must not be able to make this house call whomever he likes.

use crate::settings::ReplyAddress;
use renkei_soap::envelope::{ANONYMOUS, Addressing, NONE};
use renkei_soap::fault::Fault;
use url::Url;

/// Where the answer to a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ReplyTo {
    /// Back on the connection.
    Here {
        /// Where a fault goes, if not there, too.
        fault: Option<Url>,
    },
    /// In a message of its own (ITI TF-2: V.5).
    There {
        /// An answer.
        reply: Url,
        /// A fault.
        fault: Url,
    },
}

/// Scheme, host and port of an address: what is called with one reply at a time.
pub(crate) fn host_of(to: &Url) -> String {
    to.origin().ascii_serialization()
}

impl ReplyTo {
    /// Where an answer goes, if not back on the connection.
    pub(super) fn address(&self) -> Option<&Url> {
        match self {
            Self::Here { .. } => None,
            Self::There { reply, .. } => Some(reply),
        }
    }
}

/// Where a deferred answer goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Deferred {
    /// There.
    To(Url),
    /// Nowhere: no address is listed, so that nothing is deferred here.
    Never,
}

/// The addresses of `async.allowed_reply_to`.
#[derive(Clone, Debug, Default)]
pub(crate) struct AllowedReplyTo(Vec<ReplyAddress>);

impl AllowedReplyTo {
    /// These.
    pub(crate) fn new(listed: Vec<ReplyAddress>) -> Self {
        Self(listed)
    }

    /// Where the answer to a request of the node `from` goes, if it is sent there.
    pub(super) fn reply_to(&self, from: &str, addressing: &Addressing) -> Result<ReplyTo, Fault> {
        let elsewhere = |a: &&str| *a != ANONYMOUS;
        let listed = |address: &str, header| {
            if self.0.is_empty() || address == NONE {
                return Err(Fault::only_anonymous_reply_to());
            }
            self.listed(from, address).ok_or_else(|| Fault::reply_to_not_listed(header))
        };
        let reply = addressing.reply_to.as_deref().filter(elsewhere);
        let reply = reply.map(|address| listed(address, "ReplyTo")).transpose()?;
        let fault = addressing.fault_to.as_deref().filter(elsewhere);
        let fault = fault.map(|address| listed(address, "FaultTo")).transpose()?;
        Ok(match reply {
            None => ReplyTo::Here { fault },
            Some(reply) => ReplyTo::There { fault: fault.unwrap_or_else(|| reply.clone()), reply },
        })
    }

    /// Where the answer to a deferred query of the node `from` goes (HL7 v3 `respondTo`).
    pub(super) fn deferred(&self, from: &str, address: &str) -> Result<Deferred, Fault> {
        if self.0.is_empty() {
            return Ok(Deferred::Never);
        }
        let url = self.listed(from, address).map(Deferred::To);
        url.ok_or_else(|| Fault::reply_to_not_listed("respondTo"))
    }

    fn listed(&self, from: &str, address: &str) -> Option<Url> {
        let url = Url::parse(address).ok()?;
        let plain = url.username().is_empty() && url.password().is_none();
        let is_theirs = |listed: &ReplyAddress| {
            listed.peer.as_ref().is_none_or(|peer| peer.as_str() == from)
                && leads_to(&listed.url, &url)
        };
        (plain && self.0.iter().any(is_theirs)).then_some(url)
    }
}

/// Whether `url` is `listed` or lies below it: the same scheme, host and port, and the path begins with
/// all of its steps.
fn leads_to(listed: &Url, url: &Url) -> bool {
    let path = listed.path().trim_end_matches('/');
    let rest = url.path().strip_prefix(path);
    listed.scheme() == url.scheme()
        && listed.host() == url.host()
        && listed.port_or_known_default() == url.port_or_known_default()
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use renkei_soap::fault::rows;

    fn allowed(listed: &[&str]) -> AllowedReplyTo {
        let address = |url: &&str| ReplyAddress { peer: None, url: Url::parse(url).unwrap() };
        AllowedReplyTo::new(listed.iter().map(address).collect())
    }

    fn to(reply_to: Option<&str>, fault_to: Option<&str>) -> Addressing {
        let (reply_to, fault_to) = (reply_to.map(str::to_owned), fault_to.map(str::to_owned));
        Addressing { reply_to, fault_to, ..Addressing::default() }
    }

    #[test]
    fn the_connection_is_always_allowed() {
        for allowed in [allowed(&[]), allowed(&["https://a.example/"])] {
            for address in [None, Some(ANONYMOUS)] {
                let here = ReplyTo::Here { fault: None };
                assert_eq!(allowed.reply_to("node", &to(address, None)), Ok(here));
            }
        }
    }

    #[test]
    fn deferred_answers_go_to_listed_addresses_alone() {
        assert_eq!(allowed(&[]).deferred("node", "https://a.example/"), Ok(Deferred::Never));
        let listed = allowed(&["https://a.example/replies"]);
        let url = Url::parse("https://a.example/replies/1").unwrap();
        assert_eq!(listed.deferred("node", url.as_str()), Ok(Deferred::To(url)));
        for bad in ["", "https://a.example/other", "https://b.example/replies"] {
            let fault = listed.deferred("node", bad).unwrap_err();
            assert_eq!(rows::of(&fault).map(|row| row.id), Some("fault-reply-to-not-listed"));
        }
    }

    #[test]
    fn other_addresses_are_compared_by_scheme_host_port_and_leading_path() {
        let allowed = allowed(&["https://a.example/replies", "https://b.example:8443/"]);
        for good in [
            "https://a.example/replies",
            "https://A.example:443/replies/1?x=y",
            "https://b.example:8443/anything",
            "https://a.example/x/../replies/",
        ] {
            let url = Url::parse(good).unwrap();
            let there = ReplyTo::There { reply: url.clone(), fault: url };
            assert_eq!(allowed.reply_to("node", &to(Some(good), None)), Ok(there), "{good}");
        }
        for bad in [
            "http://a.example/replies",
            "https://a.example/",
            "https://a.example/replies2",
            "https://a.example/replies/../other",
            "https://a.example/replies%2f..%2fother/../../x",
            "https://a.example:8443/replies",
            "https://a.example.evil.example/replies",
            "https://a.example@evil.example/replies",
            "https://u:p@a.example/replies",
            "https://b.example/anything",
            "https://127.0.0.1/replies",
            "gopher://a.example/replies",
        ] {
            let fault = allowed.reply_to("node", &to(Some(bad), None)).expect_err(bad);
            assert_eq!(rows::of(&fault).map(|row| row.id), Some("fault-reply-to-not-listed"));
        }
    }

    #[test]
    fn a_fault_may_go_to_another_listed_address() {
        let allowed = allowed(&["https://a.example/"]);
        let url = |u: &str| Url::parse(u).unwrap();
        let (reply, fault) = ("https://a.example/r", "https://a.example/f");
        let there = ReplyTo::There { reply: url(reply), fault: url(fault) };
        assert_eq!(allowed.reply_to("node", &to(Some(reply), Some(fault))), Ok(there));
        let here = ReplyTo::Here { fault: Some(url(fault)) };
        assert_eq!(allowed.reply_to("node", &to(None, Some(fault))), Ok(here));
        for reply in [None, Some(reply)] {
            let other = allowed.reply_to("node", &to(reply, Some("https://b.example/")));
            assert!(other.unwrap_err().en.contains("FaultTo"));
        }
    }

    #[test]
    fn without_a_list_only_the_connection_is() {
        let fault =
            allowed(&[]).reply_to("node", &to(Some("https://a.example/"), None)).unwrap_err();
        assert_eq!(rows::of(&fault).map(|row| row.id), Some("fault-only-anonymous-reply-to"));
        let none = allowed(&["https://a.example/"]).reply_to("node", &to(Some(NONE), None));
        assert_eq!(none, Err(Fault::only_anonymous_reply_to()));
    }

    #[test]
    fn an_address_of_one_node_is_no_other_nodes() {
        let url = Url::parse("https://a.example/replies").unwrap();
        let peer = Some("north".parse().unwrap());
        let allowed = AllowedReplyTo::new(vec![ReplyAddress { peer, url: url.clone() }]);
        let asked = to(Some(url.as_str()), None);
        let there = ReplyTo::There { reply: url.clone(), fault: url.clone() };
        assert_eq!(allowed.reply_to("north", &asked), Ok(there));
        assert_eq!(allowed.deferred("north", url.as_str()), Ok(Deferred::To(url.clone())));
        let row = |fault: Fault| rows::of(&fault).map(|row| row.id);
        let refused = Some("fault-reply-to-not-listed");
        assert_eq!(row(allowed.reply_to("south", &asked).unwrap_err()), refused);
        assert_eq!(row(allowed.deferred("south", url.as_str()).unwrap_err()), refused);
        let fault = to(None, Some(url.as_str()));
        assert_eq!(row(allowed.reply_to("south", &fault).unwrap_err()), refused);
    }
}
