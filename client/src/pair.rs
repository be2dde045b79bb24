//! A certificate and the key that is presented with it: whether they belong together, and whether the certificate is good now.

use crate::certificate;
use chrono::{DateTime, SecondsFormat, TimeZone, Utc};
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::pkey::{PKey, Private};
use openssl::x509::{X509, X509Ref};
use std::path::{Path, PathBuf};

/// A file of a pair that cannot be presented, and why.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {reason}", path = path.display())]
pub struct PairError {
    /// Which.
    pub path: PathBuf,
    /// What is wrong, in both languages, and what to do.
    pub reason: String,
}

/// A certificate with its chain, and its key.
pub type Pair = (Vec<X509>, PKey<Private>);

/// Reads a pair that belongs together; `certificate` and `key` are where the texts stand.
///
/// # Errors
/// What is not PEM, and a key of another certificate.
pub fn fitting(
    (certificate, chain_pem): (&Path, &[u8]),
    (key, key_pem): (&Path, &[u8]),
) -> Result<Pair, PairError> {
    let wrong = |path: &Path, reason: String| PairError { path: path.to_owned(), reason };
    let chain = certificate::authorities(chain_pem).map_err(|e| wrong(certificate, e))?;
    let private = PKey::private_key_from_pem(key_pem).map_err(|_| {
        let reason = "PEM形式の秘密鍵(パスワードなし)ではありません / holds no private key in PEM without password";
        wrong(key, reason.to_owned())
    })?;
    let own = chain.first().and_then(|leaf| leaf.public_key().ok());
    if !own.is_some_and(|own| own.public_eq(&private)) {
        let beside = certificate.display();
        return Err(wrong(
            key,
            format!(
                "{beside} の秘密鍵ではありません。その証明書の鍵を置くか、証明書を発行し直してください / is not the key of {beside}; put its own key there, or have the certificate issued anew"
            ),
        ));
    }
    Ok((chain, private))
}

/// Whether a certificate is good at this moment.
///
/// # Errors
/// One that has ended or is not good yet, with its dates.
pub fn good(path: &Path, certificate: &X509Ref, now: DateTime<Utc>) -> Result<(), PairError> {
    let (from, until) = (time(certificate.not_before()), time(certificate.not_after()));
    let (ja, en) = match () {
        () if now > until => ("は期限切れです", "has ended"),
        () if now < from => ("はまだ有効ではありません", "is not good yet"),
        () => return Ok(()),
    };
    let subject = certificate::subject(certificate);
    let day = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let (from, until) = (day(from), day(until));
    let reason = format!(
        "証明書 {subject} {ja}(有効期間 {from} ～ {until})。有効な証明書を置き、時計を確認してください / certificate {subject} {en} (good from {from} to {until}); put one there that is good, and look at the clock"
    );
    Err(PairError { path: path.to_owned(), reason })
}

/// A time of a certificate.
pub fn time(at: &Asn1TimeRef) -> DateTime<Utc> {
    let left = Asn1Time::from_unix(0).and_then(|epoch| epoch.diff(at));
    let seconds = left.map_or(0, |left| i64::from(left.days) * 86_400 + i64::from(left.secs));
    Utc.timestamp_opt(seconds, 0).single().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Identity;
    use crate::testing::Authority;
    use chrono::TimeDelta;

    #[test]
    fn a_pair_that_does_not_fit_is_told_by_its_files() {
        let (ours, theirs) = (Authority::new().files(), Authority::new().files());
        Identity::load(ours.path()).unwrap();
        std::fs::copy(theirs.path().join("key.pem"), ours.path().join("key.pem")).unwrap();
        let told = Identity::load(ours.path()).unwrap_err().to_string();
        for part in ["key.pem: ", "cert.pem の秘密鍵ではありません", "is not the key of "]
        {
            assert!(told.contains(part), "{told}");
        }
        std::fs::write(ours.path().join("key.pem"), "-----BEGIN ENCRYPTED").unwrap();
        let told = Identity::load(ours.path()).unwrap_err().to_string();
        assert!(told.contains("no private key in PEM without password"), "{told}");
    }

    #[test]
    fn a_certificate_is_good_between_its_dates() {
        let files = Authority::new().files();
        let path = files.path().join("cert.pem");
        let leaf = X509::from_pem(&std::fs::read(&path).unwrap()).unwrap();
        let (from, until) = (time(leaf.not_before()), time(leaf.not_after()));
        let second = TimeDelta::seconds(1);
        for at in [from, until] {
            good(&path, &leaf, at).unwrap();
        }
        let late = good(&path, &leaf, until + second).unwrap_err().to_string();
        assert!(late.contains("cert.pem: 証明書 CN=client は期限切れです"), "{late}");
        assert!(late.contains(&until.format("%Y-%m-%dT%H:%M:%SZ").to_string()), "{late}");
        let early = good(&path, &leaf, from - second).unwrap_err().to_string();
        assert!(early.contains("is not good yet"), "{early}");
    }
}
