//! To whom answers are sent that do not go back on their connection: to listed addresses alone, since
//! whoever may send a request must not be able to make this house call whomever he likes.

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
pub(crate) struct AllowedReplyTo(Vec<Url>);

impl AllowedReplyTo {
    /// These, and what lies below them.
    pub(crate) fn new(listed: Vec<Url>) -> Self {
        Self(listed)
    }

    /// Where the answer to a request goes, if it is sent there.
    pub(super) fn reply_to(&self, addressing: &Addressing) -> Result<ReplyTo, Fault> {
        let elsewhere = |a: &&str| *a != ANONYMOUS;
        let listed = |address: &str, header| {
            if self.0.is_empty() || address == NONE {
                return Err(Fault::only_anonymous_reply_to());
            }
            self.listed(address).ok_or_else(|| Fault::reply_to_not_listed(header))
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

    /// Where the answer to a deferred query goes (HL7 v3 `respondTo`).
    pub(super) fn deferred(&self, address: &str) -> Result<Deferred, Fault> {
        if self.0.is_empty() {
            return Ok(Deferred::Never);
        }
        let url = self.listed(address).map(Deferred::To);
        url.ok_or_else(|| Fault::reply_to_not_listed("respondTo"))
    }

    fn listed(&self, address: &str) -> Option<Url> {
        let url = Url::parse(address).ok()?;
        let plain = url.username().is_empty() && url.password().is_none();
        (plain && self.0.iter().any(|listed| leads_to(listed, &url))).then_some(url)
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
        AllowedReplyTo::new(listed.iter().map(|u| Url::parse(u).unwrap()).collect())
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
                assert_eq!(allowed.reply_to(&to(address, None)), Ok(here));
            }
        }
    }

    #[test]
    fn deferred_answers_go_to_listed_addresses_alone() {
        assert_eq!(allowed(&[]).deferred("https://a.example/"), Ok(Deferred::Never));
        let listed = allowed(&["https://a.example/replies"]);
        let url = Url::parse("https://a.example/replies/1").unwrap();
        assert_eq!(listed.deferred(url.as_str()), Ok(Deferred::To(url)));
        for bad in ["", "https://a.example/other", "https://b.example/replies"] {
            let fault = listed.deferred(bad).unwrap_err();
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
            assert_eq!(allowed.reply_to(&to(Some(good), None)), Ok(there), "{good}");
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
            let fault = allowed.reply_to(&to(Some(bad), None)).expect_err(bad);
            assert_eq!(rows::of(&fault).map(|row| row.id), Some("fault-reply-to-not-listed"));
        }
    }

    #[test]
    fn a_fault_may_go_to_another_listed_address() {
        let allowed = allowed(&["https://a.example/"]);
        let url = |u: &str| Url::parse(u).unwrap();
        let (reply, fault) = ("https://a.example/r", "https://a.example/f");
        let there = ReplyTo::There { reply: url(reply), fault: url(fault) };
        assert_eq!(allowed.reply_to(&to(Some(reply), Some(fault))), Ok(there));
        let here = ReplyTo::Here { fault: Some(url(fault)) };
        assert_eq!(allowed.reply_to(&to(None, Some(fault))), Ok(here));
        for reply in [None, Some(reply)] {
            let other = allowed.reply_to(&to(reply, Some("https://b.example/")));
            assert!(other.unwrap_err().en.contains("FaultTo"));
        }
    }

    #[test]
    fn without_a_list_only_the_connection_is() {
        let fault = allowed(&[]).reply_to(&to(Some("https://a.example/"), None)).unwrap_err();
        assert_eq!(rows::of(&fault).map(|row| row.id), Some("fault-only-anonymous-reply-to"));
        let none = allowed(&["https://a.example/"]).reply_to(&to(Some(NONE), None));
        assert_eq!(none, Err(Fault::only_anonymous_reply_to()));
    }
}
