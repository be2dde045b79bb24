//! Exports of three fictitious institutions, for the demonstration and the tests.
//!
//! All people, numbers and addresses are invented; institution and insurer numbers lie in ranges
//! chosen to look unassigned. Some rows are broken on purpose. One person was examined at all three.

/// A file inside the program.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Folder: the institution.
    pub institution: &'static str,
    /// File name.
    pub name: &'static str,
    /// Its content.
    pub bytes: &'static [u8],
}

macro_rules! sample {
    ($institution:literal, $name:literal) => {
        Sample {
            institution: $institution,
            name: $name,
            bytes: include_bytes!(concat!("../samples/", $institution, "/", $name)),
        }
    };
}

/// All sample files; `map.toml` maps the exports beside it, one for each fiscal year.
pub fn samples() -> &'static [Sample] {
    const {
        &[
            // A checkup centre: CP932, Japanese headers, 事業者健診.
            sample!("minato", "map.toml"),
            sample!("minato", "2023.csv"),
            sample!("minato", "2024.csv"),
            sample!("minato", "2025.csv"),
            // A mobile provider: UTF-8, English headers, lines around the table, 事業者健診.
            sample!("hamakaze", "map.toml"),
            sample!("hamakaze", "2024.csv"),
            // A clinic: UTF-8 with BOM, codes and detailed examinations, 特定健診.
            sample!("hibari", "map.toml"),
            sample!("hibari", "2025.csv"),
        ]
    }
}

impl Sample {
    /// The sample of this name.
    pub fn find(institution: &str, name: &str) -> Option<Self> {
        samples()
            .iter()
            .copied()
            .find(|sample| sample.institution == institution && sample.name == name)
    }
}
