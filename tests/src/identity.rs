//! Identities issued by the program's own command line.

use anyhow::{Result, bail};
use std::path::{Path, PathBuf};

/// Issues identities for one data directory.
pub struct Identities {
    data_dir: PathBuf,
    out: PathBuf,
}

impl Identities {
    /// Identities are written below `out`.
    pub fn new(data_dir: &Path, out: &Path) -> Self {
        Self { data_dir: data_dir.to_path_buf(), out: out.to_path_buf() }
    }

    /// A new identity with `roles`; answers its directory (`cert.pem`, `key.pem`, `ca.pem`).
    pub fn issue(&self, name: &str, roles: &[&str]) -> Result<PathBuf> {
        self.issue_with(name, roles, &[])
    }

    /// The same with further options, such as `--days`.
    pub fn issue_with(&self, name: &str, roles: &[&str], more: &[&str]) -> Result<PathBuf> {
        let out = self.out.join(name);
        let (data, to) = (self.data_dir.display().to_string(), out.display().to_string());
        let mut args = vec!["pki", "issue", "--data-dir", &data, "--name", name, "--out", &to];
        for role in roles {
            args.extend(["--role", role]);
        }
        args.extend(more);
        let output = crate::program::run(&args)?;
        if !output.status.success() {
            bail!("pki issue: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(out)
    }
}
