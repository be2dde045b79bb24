//! Media types and part headers (RFC 2045, RFC 5322), read more leniently than they are written.

use crate::fault::{Fault, excerpt, rows};
use crate::tolerance::{Tolerance, Tolerances};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

/// A media type with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaType {
    /// `type/subtype` in lower case.
    pub essence: String,
    /// Names in lower case, values unquoted, in order; no name occurs twice.
    parameters: Vec<(String, String)>,
}

impl MediaType {
    /// Reads a `Content-Type` value. Parameters may be in any order, quoted or not, and the value
    /// may be folded; a value that should be quoted and is not is noted.
    pub fn read(value: &str, tolerances: &mut Tolerances) -> Result<Self, Fault> {
        let (essence, mut rest) = value.split_once(';').unwrap_or((value, ""));
        let essence = essence.trim().to_ascii_lowercase();
        let is_type = |(t, s): (&str, &str)| is_token(t) && is_token(s);
        if !essence.split_once('/').is_some_and(is_type) {
            return Err(bad_media_type());
        }
        let mut parameters: Vec<(String, String)> = Vec::new();
        loop {
            rest = rest.trim_start_matches(|c: char| c == ';' || c.is_ascii_whitespace());
            if rest.is_empty() {
                return Ok(Self { essence, parameters });
            }
            let (name, after) = rest.split_once('=').ok_or_else(bad_media_type)?;
            let name = name.trim().to_ascii_lowercase();
            let (value, after) = parameter_value(after.trim_start(), tolerances)?;
            if !is_token(&name) || parameters.iter().any(|(n, _)| *n == name) {
                return Err(bad_media_type());
            }
            parameters.push((name, value));
            rest = after;
        }
    }

    /// The value of a parameter; `name` in lower case.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// Splits `value…` or `"value"…` from the parameters after it.
fn parameter_value<'a>(
    text: &'a str,
    tolerances: &mut Tolerances,
) -> Result<(String, &'a str), Fault> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, after) = text.split_once(';').unwrap_or((text, ""));
        let value = value.trim();
        if value.is_empty() {
            return Err(bad_media_type());
        }
        if !is_token(value) {
            tolerances.add(Tolerance::UnquotedParameter);
        }
        return Ok((value.to_owned(), after));
    };
    let mut value = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next() {
            Some('"') => break,
            Some('\\') => value.push(chars.next().ok_or_else(bad_media_type)?),
            Some(c) => value.push(c),
            None => return Err(bad_media_type()),
        }
    }
    let after = chars.as_str().trim_start();
    match after.strip_prefix(';') {
        Some(after) => Ok((value, after)),
        None if after.is_empty() => Ok((value, after)),
        None => Err(bad_media_type()),
    }
}

/// RFC 2045, 5.1: token.
fn is_token(text: &str) -> bool {
    let special = |b| b"()<>@,;:\\\"/[]?=".contains(&b);
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && !special(b))
}

fn bad_media_type() -> Fault {
    Fault::of(&rows::CONTENT_TYPE_MALFORMED, &[])
}

/// How the octets of a part were made fit for transport (RFC 2045, 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferEncoding {
    /// `binary`, `8bit` or `7bit`: the octets themselves.
    Identity,
    /// `base64`.
    Base64,
}

/// The header of one part, as far as it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PartHeader {
    /// Without angle brackets.
    pub(crate) content_id: Option<String>,
    /// Unfolded.
    pub(crate) content_type: Option<String>,
    pub(crate) encoding: TransferEncoding,
}

impl PartHeader {
    /// Reads a header block, without the empty line that ends it.
    pub(crate) fn read(block: &[u8], tolerances: &mut Tolerances) -> Result<Self, Fault> {
        // A header that does not matter may be in any encoding, such as the name of a file.
        let block = String::from_utf8_lossy(block);
        let mut lines: Vec<String> = Vec::new();
        for line in block.lines().filter(|l| !l.is_empty()) {
            match lines.last_mut() {
                Some(last) if line.starts_with([' ', '\t']) => last.push_str(line),
                _ => lines.push(line.to_owned()),
            }
        }
        let (mut id, mut kind, mut encoding) = (None, None, None);
        for line in &lines {
            let (name, value) = line.split_once(':').ok_or_else(bad_header)?;
            if !is_token(name) || value.contains(|c: char| c.is_control() && c != '\t') {
                return Err(bad_header());
            }
            if name.starts_with(|c: char| c.is_ascii_lowercase()) {
                tolerances.add(Tolerance::LowerCaseHeader);
            }
            let slot = match name.to_ascii_lowercase().as_str() {
                "content-id" => &mut id,
                "content-type" => &mut kind,
                "content-transfer-encoding" => &mut encoding,
                // Headers of HTTP that some stacks give to parts. They would change what the octets
                // are.
                "content-encoding" if !is_identity(value) => return Err(encoded_part(value)),
                "content-range" => return Err(part_of_a_part()),
                _ => continue,
            };
            if slot.replace(value.trim()).is_some() {
                return Err(bad_header());
            }
        }
        let ours = [id, kind, encoding].into_iter().flatten();
        if ours.into_iter().any(|value| value.contains('\u{fffd}')) {
            return Err(bad_header());
        }
        let content_id = id.map(|id| content_id(id, tolerances)).transpose()?;
        let encoding = match encoding.map(str::to_ascii_lowercase).as_deref() {
            None | Some("binary" | "8bit" | "7bit") => TransferEncoding::Identity,
            Some("base64") => TransferEncoding::Base64,
            Some(_) => return Err(bad_encoding()),
        };
        Ok(Self { content_id, content_type: kind.map(str::to_owned), encoding })
    }
}

/// Whether a list of content codings names none but `identity` (RFC 9110, 8.4.1).
pub fn is_identity(codings: &str) -> bool {
    let mut named = codings.split(',').map(str::trim).filter(|c| !c.is_empty());
    named.all(|coding| coding.eq_ignore_ascii_case("identity"))
}

/// A `Content-ID` or `start` value without its angle brackets.
pub(crate) fn content_id(value: &str, tolerances: &mut Tolerances) -> Result<String, Fault> {
    let value = value.trim();
    let inner = value.strip_prefix('<').and_then(|v| v.strip_suffix('>')).unwrap_or_else(|| {
        tolerances.add(Tolerance::BareContentId);
        value
    });
    if inner.is_empty() || inner.contains(['<', '>', ' ', '\t']) {
        return Err(Fault::of(&rows::CONTENT_ID_MALFORMED, &[]));
    }
    Ok(inner.to_owned())
}

fn bad_header() -> Fault {
    Fault::of(&rows::PART_HEADER_MALFORMED, &[])
}

fn encoded_part(coding: &str) -> Fault {
    Fault::of(&rows::PART_ENCODED, &[("coding", &excerpt(coding.trim()))])
}

fn part_of_a_part() -> Fault {
    Fault::of(&rows::PART_OF_A_PART, &[])
}

fn bad_encoding() -> Fault {
    Fault::of(&rows::TRANSFER_ENCODING, &[])
}

/// Decodes base64 that arrives in pieces; white space anywhere is passed over.
#[derive(Debug, Default)]
pub struct Base64Decoder {
    /// Characters that do not make a group of four yet.
    rest: Vec<u8>,
    padded: bool,
}

impl Base64Decoder {
    /// Decodes as much as is complete.
    pub fn push(&mut self, piece: &[u8]) -> Result<Bytes, Fault> {
        let mut text = std::mem::take(&mut self.rest);
        text.extend(piece.iter().filter(|b| !b.is_ascii_whitespace()));
        if self.padded && !text.is_empty() {
            return Err(bad_base64());
        }
        self.rest = text.split_off(text.len() - text.len() % 4);
        self.padded |= text.ends_with(b"=");
        if self.padded && !self.rest.is_empty() {
            return Err(bad_base64());
        }
        STANDARD.decode(&text).map(Bytes::from).map_err(|_| bad_base64())
    }

    /// Makes sure that the text ended with a whole group.
    pub fn finish(&self) -> Result<(), Fault> {
        if self.rest.is_empty() { Ok(()) } else { Err(bad_base64()) }
    }
}

fn bad_base64() -> Fault {
    Fault::of(&rows::BASE64_MALFORMED, &[])
}

#[cfg(test)]
mod tests;
