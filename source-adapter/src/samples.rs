//! The export of a fictitious institution, for the demonstration and the tests.
//!
//! All people, numbers and addresses are invented; institution and insurer numbers lie in ranges
//! chosen to look unassigned. Four rows are broken on purpose.

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

/// All sample files; `map.toml` maps the exports beside it, one for each fiscal year.
pub fn samples() -> &'static [Sample] {
    &[
        Sample {
            institution: "minato",
            name: "map.toml",
            bytes: include_bytes!("../samples/minato/map.toml"),
        },
        Sample {
            institution: "minato",
            name: "2023.csv",
            bytes: include_bytes!("../samples/minato/2023.csv"),
        },
        Sample {
            institution: "minato",
            name: "2024.csv",
            bytes: include_bytes!("../samples/minato/2024.csv"),
        },
        Sample {
            institution: "minato",
            name: "2025.csv",
            bytes: include_bytes!("../samples/minato/2025.csv"),
        },
    ]
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
