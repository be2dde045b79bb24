//! What is agreed upon in a handshake: versions, suites, groups and signatures.

use crate::settings::{TlsProfile, TlsSettings, TlsVersion};
use openssl::error::ErrorStack;
use openssl::ssl::{SslAcceptor, SslAcceptorBuilder, SslMethod, SslOptions, SslVersion};

/// TLS 1.3, in the order of the Japanese guideline's 高セキュリティ型.
const OF_1_3: &str = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256";

/// TLS 1.2 of the same type: forward secrecy by elliptic curves and authenticated encryption alone
/// (0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xC02B, 0xC02F).
const HIGH_SECURITY: &str = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:\
    ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:\
    ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256";

/// TLS 1.2 by BCP 195: the four suites that RFC 9325, 4.2 recommends, and then the two of ITI TF-2: 3.19.6.2.3 with
/// finite-field groups, which RFC 9325 advises against and the option "TLS 1.2 Floor using BCP195" demands.
const BCP_195: &str = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:\
    ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:\
    DHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256";

/// The groups of both types.
const GROUPS: &str = "X25519:P-256:P-384";

/// No SHA-1, in certificates neither.
const SIGNATURES: &str = "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:\
    RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512";

/// What OpenSSL calls 112 bits: RSA of 2048 bits or more, no SHA-1, for the certificates of peers, too.
const SECURITY_LEVEL: u32 = 2;

/// What a server agrees upon.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Suites {
    /// The lowest version.
    pub(crate) lowest: TlsVersion,
    /// Those of TLS 1.2.
    pub(crate) profile: TlsProfile,
}

impl Suites {
    /// TLS 1.3 alone.
    pub(crate) const SAFEST: Self =
        Self { lowest: TlsVersion::V1_3, profile: TlsProfile::HighSecurity };
}

impl From<&TlsSettings> for Suites {
    fn from(settings: &TlsSettings) -> Self {
        Self { lowest: settings.min_version, profile: settings.profile }
    }
}

/// A server that agrees upon these and nothing else.
pub(super) fn acceptor(suites: Suites) -> Result<SslAcceptorBuilder, ErrorStack> {
    // Mozilla's profile brings the group for DHE and the modes of a server; everything that is agreed upon is set below.
    let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
    builder.set_security_level(SECURITY_LEVEL);
    builder.set_min_proto_version(Some(match suites.lowest {
        TlsVersion::V1_2 => SslVersion::TLS1_2,
        TlsVersion::V1_3 => SslVersion::TLS1_3,
    }))?;
    builder.set_ciphersuites(OF_1_3)?;
    builder.set_cipher_list(match suites.profile {
        TlsProfile::HighSecurity => HIGH_SECURITY,
        TlsProfile::Bcp195 => BCP_195,
    })?;
    builder.set_groups_list(GROUPS)?;
    builder.set_sigalgs_list(SIGNATURES)?;
    builder.set_options(
        SslOptions::CIPHER_SERVER_PREFERENCE
            | SslOptions::NO_COMPRESSION
            | SslOptions::NO_RENEGOTIATION,
    );
    Ok(builder)
}

/// Says at the start that more than the safest is taken.
pub(crate) fn tell(suites: Suites) {
    let told = match (suites.lowest, suites.profile) {
        (TlsVersion::V1_3, _) => return,
        (TlsVersion::V1_2, TlsProfile::HighSecurity) => "high-security",
        (TlsVersion::V1_2, TlsProfile::Bcp195) => "bcp195",
    };
    tracing::warn!(
        profile = told,
        "tls.min_version = 1.2: TLS 1.2 も受け入れます。相手が1.3に対応したら1.3に戻してください / TLS 1.2 is taken, too; set it back to 1.3 once the peers can"
    );
}
