//! Where a person is to be found.

use serde::{Deserialize, Serialize};

/// What a place or a number is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Place {
    /// Home: `H`, `HP`.
    Home,
    /// Work: `B`, `WP`.
    Work,
    /// With the person, wherever they are: `MC`. Of telephones only.
    Mobile,
}

/// An address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Address {
    /// What is there; never [`Place::Mobile`].
    pub place: Option<Place>,
    /// Street, block, building; one text a line.
    pub lines: Vec<String>,
    /// City, ward, town.
    pub city: Option<String>,
    /// State, prefecture.
    pub state: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country.
    pub country: Option<String>,
}

impl Address {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        let parts = [&self.city, &self.state, &self.postal_code, &self.country];
        self.lines.is_empty() && parts.iter().all(|part| part.is_none())
    }
}

/// By what means somebody is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ContactSystem {
    /// A telephone number.
    Phone,
    /// A fax number.
    Fax,
    /// An address of electronic mail.
    Email,
    /// Anything else that has a URL; the value is the whole of it.
    Url,
}

/// A telephone number, or what else reaches a person.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Contact {
    /// By what means.
    pub system: ContactSystem,
    /// The number or address as people write it, without a scheme before it.
    pub value: String,
    /// Where it is.
    pub place: Option<Place>,
}
