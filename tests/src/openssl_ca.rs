//! A CA of somebody else, kept by the `openssl` command as such a one keeps it: an index of what it issued, and lists of
//! what it revoked.

use anyhow::{Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What `openssl ca` wants to know.
const SETTINGS: &str = "
[ca]
default_ca = own
[own]
dir = .
database = index.txt
serial = serial
crlnumber = crlnumber
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
default_days = 9
default_crl_days = 9
unique_subject = no
policy = policy
[policy]
organizationName = optional
commonName = supplied
[req]
distinguished_name = name
x509_extensions = authority
[name]
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[client]
basicConstraints = CA:FALSE
extendedKeyUsage = clientAuth
authorityKeyIdentifier = keyid
";

/// A CA in a directory of its own.
pub struct OpensslCa {
    dir: PathBuf,
}

impl OpensslCa {
    /// A new one, under `place`.
    pub fn new(place: &Path, name: &str) -> Result<Self> {
        let dir = place.join(name);
        std::fs::create_dir_all(&dir)?;
        std::fs::write(dir.join("ca.cnf"), SETTINGS)?;
        std::fs::write(dir.join("index.txt"), "")?;
        for numbers in ["serial", "crlnumber"] {
            std::fs::write(dir.join(numbers), "1000\n")?;
        }
        let ca = Self { dir };
        let subject = format!("/O=Partner/CN={name}");
        ca.openssl(&words(&format!(
            "req -x509 -config ca.cnf -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
             -subj {subject} -keyout ca.key -out ca.pem"
        )))?;
        Ok(ca)
    }

    /// Its certificate.
    pub fn certificate(&self) -> PathBuf {
        self.dir.join("ca.pem")
    }

    /// Issues a certificate of this common name, O=Partner, into a directory as identities have it.
    pub fn issue(&self, common_name: &str, directory: &str) -> Result<PathBuf> {
        std::fs::create_dir_all(self.dir.join(directory))?;
        self.openssl(&words(&format!(
            "req -config ca.cnf -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
             -subj /O=Partner/CN={common_name} -keyout {directory}/key.pem -out {directory}/csr.pem"
        )))?;
        self.openssl(&words(&format!(
            "ca -batch -notext -config ca.cnf -extensions client -in {directory}/csr.pem \
             -out {directory}/cert.pem"
        )))?;
        Ok(self.dir.join(directory))
    }

    /// Revokes what was issued into a directory.
    pub fn revoke(&self, directory: &str) -> Result<()> {
        self.openssl(&words(&format!("ca -config ca.cnf -revoke {directory}/cert.pem")))
    }

    /// A list of what it revoked, PEM, whose next one comes after so many seconds.
    pub fn crl(&self, seconds: u32) -> Result<PathBuf> {
        let written = "new-crl.pem";
        self.openssl(&words(&format!(
            "ca -config ca.cnf -gencrl -crlsec {seconds} -out {written}"
        )))?;
        Ok(self.dir.join(written))
    }

    fn openssl(&self, words: &[&str]) -> Result<()> {
        let made = Command::new("openssl").args(words).current_dir(&self.dir).output()?;
        ensure!(made.status.success(), "{words:?}: {}", String::from_utf8_lossy(&made.stderr));
        Ok(())
    }
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}
