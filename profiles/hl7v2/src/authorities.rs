//! Which authorities there are, by OID and by the names that senders have for them (ITI TF-2: E.1,
//! 3.8.4.1.4).

use crate::cx::CxField;
use renkei_metadata::ids::Oid;
use std::collections::BTreeMap;
use std::str::FromStr;

/// The configuration that completes identifiers: the affinity domain's authority, and the namespace
/// ids (CX.4.1) of it and of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorities {
    own: Oid,
    names: BTreeMap<String, Oid>,
}

impl Authorities {
    /// The affinity domain's authority, without a name.
    pub fn new(own: Oid) -> Self {
        Self { own, names: BTreeMap::new() }
    }

    /// The same with names.
    pub fn named(mut self, names: impl IntoIterator<Item = NamedAuthority>) -> Self {
        for NamedAuthority { name, authority } in names {
            let authority = authority.unwrap_or_else(|| self.own.clone());
            self.names.insert(name, authority);
        }
        self
    }

    /// The affinity domain's authority, the only one whose identifiers a Document Registry keeps.
    pub fn own(&self) -> &Oid {
        &self.own
    }

    /// The name by which this authority is told, for those who have to be told all of CX.4 (ITI TF-2: E.1.1):
    /// a configured one; of one that has none, the last arcs of its OID, as many as a name may be long.
    pub fn name_of(&self, authority: &Oid) -> String {
        // HL7 V2.5: 2.A.33, an IS of 20 characters.
        const LONGEST: usize = 20;
        let fits = |name: &&String| name.chars().count() <= LONGEST;
        let mut named =
            self.names.iter().filter(|(_, oid)| *oid == authority).map(|(name, _)| name);
        if let Some(name) = named.find(fits) {
            return name.clone();
        }
        let mut name = authority.as_str();
        while name.len() > LONGEST {
            // An arc has digits alone; of a single long one the end is taken.
            let cut = name.len() - LONGEST;
            name =
                name.split_once('.').map_or(name.get(cut..).unwrap_or_default(), |(_, rest)| rest);
        }
        name.to_owned()
    }

    /// Every authority that has a name here, and the affinity domain's.
    pub fn known(&self) -> impl Iterator<Item = &Oid> {
        std::iter::once(&self.own).chain(self.names.values())
    }

    /// Fills in what `cx` leaves out of its authority: all of it, or the OID of a name that is known
    /// (ITI TF-2: 3.8.4.1.4).
    ///
    /// # Errors
    /// When the name is known for another authority than the OID beside it.
    pub(crate) fn complete(&self, cx: &mut CxField) -> Result<(), Contradiction> {
        let named = cx.namespace.as_ref().and_then(|name| self.names.get(name));
        let oid = match (&cx.universal_id, &cx.namespace) {
            (Some(oid), _) if named.is_some_and(|known| known.as_str() != oid) => {
                return Err(Contradiction);
            }
            (None, None) => &self.own,
            (None, Some(_)) => match named {
                Some(known) => known,
                None => return Ok(()),
            },
            (Some(_), _) => {
                cx.universal_id_type.get_or_insert_with(|| "ISO".to_owned());
                return Ok(());
            }
        };
        cx.universal_id = Some(oid.as_str().to_owned());
        cx.universal_id_type = Some("ISO".to_owned());
        Ok(())
    }
}

/// CX.4.1 and CX.4.2 name two authorities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Contradiction;

/// One name of an authority: `NAME` for the affinity domain's own, `NAME=OID` for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedAuthority {
    /// CX.4.1.
    pub name: String,
    /// Its OID; `None` for the affinity domain's own.
    pub authority: Option<Oid>,
}

/// A text that is no [`NamedAuthority`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected NAME or NAME=OID")]
pub struct NotAName;

impl FromStr for NamedAuthority {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<Self, NotAName> {
        let (name, oid) = match text.split_once('=') {
            Some((name, oid)) => (name, Some(Oid::parse(oid.trim()).map_err(|_| NotAName)?)),
            None => (text, None),
        };
        let name = name.trim();
        let plain = |c: char| !c.is_control() && !matches!(c, '|' | '^' | '&' | '~' | '\\');
        if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
            return Err(NotAName);
        }
        Ok(Self { name: name.to_owned(), authority: oid })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authorities() -> Authorities {
        let names = ["HOUSE", "OTHER=2.999.9"].map(|text| text.parse().unwrap());
        Authorities::new(Oid::parse("2.999.1").unwrap()).named(names)
    }

    fn completed(
        namespace: Option<&str>,
        oid: Option<&str>,
    ) -> Result<Option<String>, Contradiction> {
        let mut cx = CxField {
            id: "1".to_owned(),
            namespace: namespace.map(str::to_owned),
            universal_id: oid.map(str::to_owned),
            ..CxField::default()
        };
        authorities().complete(&mut cx)?;
        assert_eq!(cx.universal_id_type.is_some(), cx.universal_id.is_some());
        Ok(cx.universal_id)
    }

    #[test]
    fn what_is_left_out_comes_from_the_configuration() {
        let oid = |text: &str| Ok(Some(text.to_owned()));
        assert_eq!(completed(None, None), oid("2.999.1"));
        assert_eq!(completed(Some("HOUSE"), None), oid("2.999.1"));
        assert_eq!(completed(Some("OTHER"), None), oid("2.999.9"));
        assert_eq!(completed(Some("OTHER"), Some("2.999.9")), oid("2.999.9"));
        assert_eq!(completed(Some("NEVER"), Some("2.999.1")), oid("2.999.1"));
        assert_eq!(completed(Some("house"), None), Ok(None), "a name has its case");
        assert_eq!(completed(Some("OTHER"), Some("2.999.1")), Err(Contradiction));
    }

    #[test]
    fn every_authority_is_told_with_a_name() {
        let named = |oid: &str| authorities().name_of(&Oid::parse(oid).unwrap());
        assert_eq!(named("2.999.1"), "HOUSE");
        assert_eq!(named("2.999.9"), "OTHER");
        assert_eq!(named("2.999.7"), "2.999.7");
        assert_eq!(named("1.2.392.200119.9.1.1234567"), "200119.9.1.1234567");
        assert_eq!(named("2.25.329800735698586629295641978511506172918").len(), 20);
        let long = "A".repeat(21).parse().unwrap();
        let own = Oid::parse("2.999.1").unwrap();
        assert_eq!(Authorities::new(own.clone()).named([long]).name_of(&own), "2.999.1");
    }

    #[test]
    fn a_name_is_plain_text() {
        for bad in ["", "=2.999", "A=x", "A^B", "A&B", "A\rB"] {
            assert_eq!(bad.parse::<NamedAuthority>(), Err(NotAName), "{bad}");
        }
        let named: NamedAuthority = " K-NET = 2.999.9 ".parse().unwrap();
        assert_eq!((named.name.as_str(), named.authority.unwrap().as_str()), ("K-NET", "2.999.9"));
    }
}
