//! Addresses and numbers as HL7 v3 writes them: AD and TEL.

use crate::problem::Notes;
use crate::tree::{Node, limits};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use renkei_person::{Address, Contact, ContactSystem, Place};
use renkei_soap::xml::Writer;

/// The uses of an address that the model knows, with the code that is written first.
const ADDRESS_USES: [(&str, Place); 3] =
    [("HP", Place::Home), ("WP", Place::Work), ("H", Place::Home)];

/// Those of a number. A mobile one is a mobile one wherever else it belongs.
const CONTACT_USES: [(&str, Place); 4] =
    [("MC", Place::Mobile), ("HP", Place::Home), ("WP", Place::Work), ("H", Place::Home)];

const SCHEMES: [(&str, ContactSystem); 3] = [
    ("tel:", ContactSystem::Phone),
    ("fax:", ContactSystem::Fax),
    ("mailto:", ContactSystem::Email),
];

/// What stands in a URL as it is: RFC 3986, 2.3, and what numbers and mail addresses are full of.
const ENCODED: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'+')
    .remove(b'@')
    .remove(b'(')
    .remove(b')');

fn place(node: &Node, uses: &[(&str, Place)]) -> Option<Place> {
    let codes = node.attr("use")?;
    uses.iter()
        .find(|(code, _)| codes.split_whitespace().any(|c| c == *code))
        .map(|(_, place)| *place)
}

fn use_code(place: Option<Place>, uses: &[(&'static str, Place)]) -> Option<&'static str> {
    uses.iter().find(|(_, of)| Some(*of) == place).map(|(code, _)| *code)
}

/// Reads an address; `None` if it says nothing. Parts that the model has no name for are lines of it.
pub(crate) fn address(cx: &mut Notes, outer: &str, mut node: Node) -> Option<Address> {
    let mut found = Address { place: place(&node, &ADDRESS_USES), ..Address::default() };
    node.take_all("delimiter");
    node.take_all("useablePeriod");
    let whole = cx.text(outer, &node);
    let parts = node.take_children();
    cx.at_most(&parts, limits::ENTRIES, outer, node.offset);
    for part in parts.iter().take(limits::ENTRIES).filter(|part| !part.is_null()) {
        let Some(text) = cx.text(outer, part) else { continue };
        let single = match part.local.as_str() {
            "city" => &mut found.city,
            "state" => &mut found.state,
            "postalCode" => &mut found.postal_code,
            "country" => &mut found.country,
            _ => {
                found.lines.push(text);
                continue;
            }
        };
        match single {
            Some(before) => {
                before.push(' ');
                before.push_str(&text);
            }
            None => *single = Some(text),
        }
    }
    if found.is_empty() {
        found.lines.extend(whole);
    }
    (!found.is_empty()).then_some(found)
}

pub(crate) fn write_address(w: &mut Writer, name: &'static str, address: &Address) {
    w.start(name).attr_opt("use", use_code(address.place, &ADDRESS_USES));
    for line in &address.lines {
        w.leaf("streetAddressLine", line);
    }
    let parts = [
        ("city", &address.city),
        ("state", &address.state),
        ("postalCode", &address.postal_code),
        ("country", &address.country),
    ];
    for (part, value) in parts {
        if let Some(value) = value {
            w.leaf(part, value);
        }
    }
    w.end();
}

/// Reads a number; `None` if it says nothing. One without a scheme is taken for a telephone's.
pub(crate) fn contact(cx: &mut Notes, outer: &str, mut node: Node) -> Option<Contact> {
    node.take_all("useablePeriod");
    cx.done(&node);
    let url = node.attr("value")?;
    if url.chars().nth(limits::LETTERS).is_some() {
        cx.unreadable(outer, &node);
        return None;
    }
    let place = place(&node, &CONTACT_USES);
    for (scheme, system) in SCHEMES {
        let Some((start, rest)) = url.split_at_checked(scheme.len()) else { continue };
        if start.eq_ignore_ascii_case(scheme) {
            let value = plain(&percent_decode_str(rest).decode_utf8_lossy());
            return (!value.is_empty()).then_some(Contact { system, value, place });
        }
    }
    let is_url = url.contains(':');
    let system = if is_url { ContactSystem::Url } else { ContactSystem::Phone };
    let value = if is_url { self::url(url) } else { plain(url) };
    Some(Contact { system, value, place })
}

/// A number without control characters, which can only come encoded.
fn plain(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    text.trim().to_owned()
}

/// A URL as the schema takes it: what may not stand in one is encoded, a percent sign that encodes nothing
/// included (RFC 3986, 2).
pub(crate) fn url(text: &str) -> String {
    const ALLOWED: &str = "-._~:/?#@!$&'()*+,;=";
    let mut out = String::new();
    for (at, c) in text.char_indices() {
        let encodes = || {
            text.get(at + 1..at + 3).is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
        };
        if c.is_ascii_alphanumeric() || ALLOWED.contains(c) || c == '%' && encodes() {
            out.push(c);
        } else {
            out.extend(utf8_percent_encode(c.encode_utf8(&mut [0; 4]), NON_ALPHANUMERIC));
        }
    }
    out
}

pub(crate) fn write_contact(w: &mut Writer, name: &'static str, contact: &Contact) {
    let scheme = SCHEMES.iter().find(|(_, system)| *system == contact.system);
    let url = match scheme {
        Some((scheme, _)) => format!("{scheme}{}", utf8_percent_encode(&contact.value, &ENCODED)),
        None => url(&contact.value),
    };
    w.start(name).attr("value", &url);
    w.attr_opt("use", use_code(contact.place, &CONTACT_USES)).end();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_one() {
        assert_eq!(url("https://a.example/b?c=%20d&e#f"), "https://a.example/b?c=%20d&e#f");
        assert_eq!(url("x:%2 %é%"), "x:%252%20%25%C3%A9%25");
    }
}
