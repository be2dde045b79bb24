//! Programs of others that the examples are written for, where they are installed.
//!
//! `RENKEI_TEST_TOOLS=curl,openssl,python3,requests,zeep,node` demands those that it names.

use anyhow::{Result, bail};
use renkei_tests::python;
use std::path::PathBuf;
use std::process::Command;

/// A program, or a library of Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    Curl,
    OpenSsl,
    Python,
    Requests,
    Zeep,
    Node,
}

impl Tool {
    /// Every tool by the name that documents and the environment have for it.
    const NAMES: [(&'static str, Self); 6] = [
        ("curl", Self::Curl),
        ("openssl", Self::OpenSsl),
        ("python3", Self::Python),
        ("requests", Self::Requests),
        ("zeep", Self::Zeep),
        ("node", Self::Node),
    ];

    /// The tool of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(n, _)| *n == name).map(|(_, tool)| tool)
    }

    fn name(self) -> &'static str {
        Self::NAMES.into_iter().find(|(_, tool)| *tool == self).map_or("", |(name, _)| name)
    }

    /// Whether it is here; says so if not, and fails if it has to be.
    pub(crate) fn is_here(self) -> Result<bool> {
        let found = match self {
            Self::Curl => runs("curl", &["--version"]),
            Self::OpenSsl => runs("openssl", &["version"]),
            Self::Node => runs("node", &["--version"]),
            Self::Python | Self::Requests | Self::Zeep => self.interpreter().is_some(),
        };
        let demanded = std::env::var("RENKEI_TEST_TOOLS").unwrap_or_default();
        if !found && demanded.split(',').any(|name| name.trim() == self.name()) {
            bail!("{} is not here, and RENKEI_TEST_TOOLS demands it", self.name());
        }
        if !found {
            eprintln!("note: no {} here, its examples are left out", self.name());
        }
        Ok(found)
    }

    /// The interpreter that has it, if it is one of Python's.
    pub(crate) fn interpreter(self) -> Option<PathBuf> {
        match self {
            Self::Python => python::with("sys"),
            Self::Requests => python::with("requests"),
            Self::Zeep => python::with("zeep"),
            Self::Curl | Self::OpenSsl | Self::Node => None,
        }
    }
}

fn runs(program: &str, args: &[&str]) -> bool {
    Command::new(program).args(args).output().is_ok_and(|o| o.status.success())
}
