//! Looks for texts in files, however they may be written there.

use crate::process::files_below;
use anyhow::{Result, ensure};
use encoding_rs::SHIFT_JIS;
use std::path::Path;

/// A text as octets in each encoding that could hold it.
fn spellings(text: &str) -> Vec<Vec<u8>> {
    let (cp932, _, unmapped) = SHIFT_JIS.encode(text);
    let utf16: Vec<u16> = text.encode_utf16().collect();
    let mut spellings = vec![
        text.as_bytes().to_vec(),
        utf16.iter().flat_map(|c| c.to_le_bytes()).collect(),
        utf16.iter().flat_map(|c| c.to_be_bytes()).collect(),
        hex::encode(text).into_bytes(),
    ];
    if !unmapped {
        spellings.push(cp932.into_owned());
    }
    if !text.is_ascii() {
        // As JSON may have it.
        let escaped: String = utf16.iter().map(|c| format!("\\u{c:04x}")).collect();
        spellings.push(escaped.into_bytes());
    }
    spellings
}

/// Fewer octets than these stand anywhere by chance.
const SHORTEST: usize = 5;

/// The texts that are looked for, in one pass over the octets.
pub struct Texts {
    spellings: Vec<(Vec<u8>, String)>,
    /// Places in `spellings`, by the first two octets.
    by_start: Vec<Vec<usize>>,
}

impl Texts {
    /// Texts, none of which may be readable.
    pub fn new(texts: &[String]) -> Self {
        let mut found = Self { spellings: Vec::new(), by_start: vec![Vec::new(); 1 << 16] };
        for text in texts {
            for spelling in spellings(text).into_iter().filter(|s| s.len() >= SHORTEST) {
                let place = found.spellings.len();
                if let Some(places) = found.by_start.get_mut(start(&spelling)) {
                    places.push(place);
                }
                found.spellings.push((spelling, text.clone()));
            }
        }
        found
    }

    /// Fails if one of them can be read in `bytes`; `place` says what that is.
    pub fn not_in(&self, bytes: &[u8], place: &str) -> Result<()> {
        for (at, pair) in bytes.windows(2).enumerate() {
            for n in self.by_start.get(start(pair)).into_iter().flatten() {
                let Some((spelling, text)) = self.spellings.get(*n) else { continue };
                let found = bytes.get(at..).is_some_and(|rest| rest.starts_with(spelling));
                ensure!(!found, "{text} can be read in {place}");
            }
        }
        Ok(())
    }

    /// Fails if one of them can be read in a file below `directory`, or in its name. Answers how
    /// many files there are.
    pub fn not_below(&self, directory: &Path) -> Result<usize> {
        let files = files_below(directory)?;
        for (path, bytes) in &files {
            let path = path.display().to_string();
            self.not_in(bytes, &path)?;
            self.not_in(path.as_bytes(), "the name of a file")?;
        }
        Ok(files.len())
    }
}

/// The first two octets as a number.
fn start(bytes: &[u8]) -> usize {
    bytes.first_chunk().map_or(0, |pair| usize::from(u16::from_be_bytes(*pair)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_there() {
        let texts = Texts::new(&["カリカネ".to_owned()]);
        let not_in = |bytes: &[u8]| texts.not_in(bytes, "x");
        assert!(not_in("xxカリカネxx".as_bytes()).is_err());
        assert!(not_in("カリカネ".as_bytes()).is_err());
        assert!(not_in(&SHIFT_JIS.encode("xカリカネ").0).is_err());
        assert!(not_in(hex::encode("カリカネ").as_bytes()).is_err());
        assert!(not_in("xxカリカxx".as_bytes()).is_ok());
    }
}
