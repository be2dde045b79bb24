//! Identities issued by the program's own command line.

use anyhow::{Result, bail};
use std::path::{Path, PathBuf};

/// What most tests are not about: a node that may see and use everything.
const WIDE: [&str; 6] = ["--scope", "domain", "--source-id", "any", "--repository-id", "any"];

/// Issues identities for one data directory.
pub struct Identities {
    data_dir: PathBuf,
    out: PathBuf,
    /// The repositoryUniqueId of the house.
    repository: Option<String>,
}

impl Identities {
    /// Identities are written below `out`.
    pub fn new(data_dir: &Path, out: &Path) -> Self {
        Self { data_dir: data_dir.to_path_buf(), out: out.to_path_buf(), repository: None }
    }

    /// The same for a house whose repository has this id: what is issued may register for it, too.
    #[must_use]
    pub fn of(self, repository: &str) -> Self {
        Self { repository: Some(repository.to_owned()), ..self }
    }

    /// A new identity with `roles`, entitled to everything; answers its directory (`cert.pem`, `key.pem`,
    /// `ca.pem`).
    pub fn issue(&self, name: &str, roles: &[&str]) -> Result<PathBuf> {
        self.issue_with(name, roles, &[])
    }

    /// The same with further options, such as `--days`.
    pub fn issue_with(&self, name: &str, roles: &[&str], more: &[&str]) -> Result<PathBuf> {
        let own = self.repository.as_deref();
        let own: Vec<&str> = own.into_iter().flat_map(|id| ["--repository-id", id]).collect();
        self.entitled(name, roles, &[&WIDE, &own[..], more].concat())
    }

    /// A new identity with `roles`, entitled to what `words` say and to nothing else.
    pub fn entitled(&self, name: &str, roles: &[&str], words: &[&str]) -> Result<PathBuf> {
        let out = self.out.join(name);
        let (data, to) = (self.data_dir.display().to_string(), out.display().to_string());
        let mut args = vec!["pki", "issue", "--data-dir", &data, "--name", name, "--out", &to];
        for role in roles {
            args.extend(["--role", role]);
        }
        args.extend(words);
        let output = crate::program::run(&args)?;
        if !output.status.success() {
            bail!("pki issue: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(out)
    }
}
