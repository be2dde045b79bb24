//! What the house says about a certificate: its subject as text and its fingerprint.

use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::x509::{X509, X509Name, X509NameRef, X509Ref};
use std::cmp::Ordering;
use std::fmt::Write;

/// The subject as a string (RFC 4514: last relative name first, special characters escaped).
pub fn subject(certificate: &X509Ref) -> String {
    name(certificate.subject_name())
}

/// SHA-256 of the DER form, lower-case hexadecimal.
pub fn fingerprint(certificate: &X509Ref) -> Result<String, ErrorStack> {
    Ok(hex::encode(certificate.digest(MessageDigest::sha256())?))
}

/// The certificates of a PEM text, one at least; what is wrong with it otherwise.
pub(crate) fn authorities(pem: &[u8]) -> Result<Vec<X509>, String> {
    let found = X509::stack_from_pem(pem).map_err(|e| e.to_string())?;
    if found.is_empty() { Err("holds no certificate".to_owned()) } else { Ok(found) }
}

/// The subjects of the certificates of a PEM text, one at least; what is wrong with it otherwise.
///
/// # Errors
/// When it holds none, or cannot be read.
pub fn subjects(pem: &[u8]) -> Result<Vec<String>, String> {
    Ok(authorities(pem)?.iter().map(|c| subject(c)).collect())
}

/// A name as a string, as [`subject`] has it.
pub fn name(name: &X509NameRef) -> String {
    let mut parts: Vec<String> = name
        .entries()
        .map(|entry| {
            let object = entry.object();
            let kind = match object.nid() {
                Nid::UNDEF => object.to_string(),
                known => known.short_name().map_or_else(|_| object.to_string(), str::to_owned),
            };
            // A string type that is not text (RFC 4514, 2.4) is shown by what it stands for.
            let value = entry.data().to_string().unwrap_or_else(|_| "?".to_owned());
            format!("{kind}={}", escape(&value))
        })
        .collect();
    parts.reverse();
    parts.join(",")
}

/// Whether the text of a name leads back to this name alone: each value is text, and a relative name of its own.
pub fn is_plain(name: &X509NameRef) -> bool {
    if !name.entries().all(|entry| entry.data().to_string().is_ok()) {
        return false;
    }
    let apart = X509Name::builder().and_then(|mut apart| {
        name.entries().try_for_each(|entry| apart.append_entry(entry))?;
        Ok(apart.build())
    });
    apart.is_ok_and(|apart| matches!(apart.try_cmp(name), Ok(Ordering::Equal)))
}

/// RFC 4514, 2.4.
fn escape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let last = value.chars().count().saturating_sub(1);
    for (i, c) in value.chars().enumerate() {
        match c {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '#' | ' ' if i == 0 => {
                out.push('\\');
                out.push(c);
            }
            ' ' if i == last => out.push_str("\\ "),
            c if c.is_control() => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    let _infallible = write!(out, "\\{byte:02X}");
                }
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_last_part_first_and_escaped() {
        let mut n = X509Name::builder().unwrap();
        n.append_entry_by_nid(Nid::COUNTRYNAME, "JP").unwrap();
        n.append_entry_by_nid(Nid::ORGANIZATIONNAME, "健診, \"A\"").unwrap();
        n.append_entry_by_nid(Nid::COMMONNAME, "#a\n ").unwrap();
        assert_eq!(name(n.build().as_ref()), "CN=\\#a\\0A\\ ,O=健診\\, \\\"A\\\",C=JP");
    }

    #[test]
    fn a_name_of_several_values_in_one_is_not_taken_for_that_of_several() {
        let mut apart = X509Name::builder().unwrap();
        apart.append_entry_by_nid(Nid::COMMONNAME, "a").unwrap();
        apart.append_entry_by_nid(Nid::ORGANIZATIONNAME, "b").unwrap();
        let apart = apart.build();
        // SEQUENCE, SET of both: CN=a+O=b.
        let cn = [0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, b'a'];
        let o = [0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x0a, 0x0c, 0x01, b'b'];
        let joined = [&[0x30, 0x16, 0x31, 0x14][..], &cn, &o].concat();
        let joined = X509Name::from_der(&joined).unwrap();
        assert_eq!(name(&joined), name(&apart));
        assert!(is_plain(&apart) && !is_plain(&joined));
    }
}
