//! Why something is not withdrawn, or not for good, with texts for whoever wanted it.

use renkei_client::{ClientError, UnknownRepository};
use renkei_metadata::finding::Severity;
use renkei_xds::response::RegistryError;

/// Errors of a peer that are repeated.
const TOLD: usize = 3;

/// The kinds of reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The checkup stands under several other patient ids.
    SeveralPatients,
    /// The number of the person is the same, name and birth date are not.
    OtherPerson,
    /// A document of somebody else belongs to one of these.
    Related,
    /// Another source's submission holds one of these.
    HeldByOthers,
    /// The certificate is not one of an administrator.
    NotAdministrator,
    /// Where the repository is reached is not known.
    UnknownRepository,
    /// The registry or the repository refused.
    Refused,
    /// Nobody could be reached.
    NotReached,
}

/// The texts of a reason.
#[derive(Clone, Copy, Debug)]
pub struct Texts {
    /// Its name in reports.
    pub name: &'static str,
    /// What is in the way.
    pub ja: &'static str,
    /// What to do.
    pub fix_ja: &'static str,
    /// What is in the way.
    pub en: &'static str,
    /// What to do.
    pub fix_en: &'static str,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::SeveralPatients,
        Self::OtherPerson,
        Self::Related,
        Self::HeldByOthers,
        Self::NotAdministrator,
        Self::UnknownRepository,
        Self::Refused,
        Self::NotReached,
    ];

    /// What is in the way, and what to do.
    pub const fn texts(self) -> Texts {
        match self {
            Self::SeveralPatients => Texts {
                name: "several-patients",
                ja: "同じ健診が、ほかの複数の患者IDで登録されています。どれが誤りかを決められないため、何も取り下げていません",
                fix_ja: "誤っている患者IDを renkei withdraw の --patient で指定して取り下げてください",
                en: "the checkup stands under several other patient ids; which of them is wrong is not guessed, and nothing was withdrawn",
                fix_en: "withdraw the wrong ones by renkei withdraw with --patient",
            },
            Self::OtherPerson => Texts {
                name: "other-person",
                ja: "受診番号・受診日・プログラムは同じですが、氏名も生年月日も違います。別の人かもしれないため、何も取り下げていません",
                fix_ja: "同じ健診なら renkei withdraw の --patient でこの患者IDを指定して取り下げてください。別の人なら、受診番号が使い回されています",
                en: "the person's number, day and programme are the same, but neither name nor birth date is; this may be somebody else, and nothing was withdrawn",
                fix_en: "if it is the same checkup, withdraw it by renkei withdraw with --patient; if it is somebody else, the number was given twice",
            },
            Self::Related => Texts {
                name: "related",
                ja: "ほかの文書（追記・変換・署名・置き換え）がこの文書に関連付けられているため、完全には削除していません。文書は無効（Deprecated）です",
                fix_ja: "関連する文書の提出元に取り下げを依頼し、もう一度実行してください",
                en: "another document (addendum, transformation, signature or replacement) belongs to this one, which is therefore Deprecated and not removed for good",
                fix_en: "ask whoever submitted the other document to withdraw it, and run this again",
            },
            Self::HeldByOthers => Texts {
                name: "held-by-others",
                ja: "ほかの提出元の登録がこの文書を含むため、完全には削除していません。文書は無効（Deprecated）です",
                fix_ja: "アフィニティドメインの管理者に削除を依頼してください",
                en: "a submission of another source holds this document, which is therefore Deprecated and not removed for good",
                fix_en: "ask whoever runs the affinity domain to remove it",
            },
            Self::NotAdministrator => Texts {
                name: "not-administrator",
                ja: "この証明書には administrator の役割がないため、取り下げられません",
                fix_ja: "administrator の役割を持つ証明書の発行を拠点の管理者に依頼してください",
                en: "the certificate has not the role administrator, which withdrawing takes",
                fix_en: "ask the operator of the house for a certificate with the role administrator",
            },
            Self::UnknownRepository => Texts {
                name: "unknown-repository",
                ja: "文書のあるリポジトリの接続先が分からないため、完全には削除していません。文書は無効（Deprecated）です",
                fix_ja: "connect.json の repositories に加えるよう拠点の管理者に依頼し、もう一度実行してください",
                en: "where the repository of a document is reached is not known; the documents are Deprecated and not removed for good",
                fix_en: "ask the operator of the house to add it to repositories of connect.json, and run this again",
            },
            Self::Refused => Texts {
                name: "refused",
                ja: "レジストリまたはリポジトリが拒否しました",
                fix_ja: "理由を確かめ、もう一度実行してください",
                en: "the registry or the repository refused",
                fix_en: "look at the reason, and run this again",
            },
            Self::NotReached => Texts {
                name: "not-reached",
                ja: "接続できない、または応答がないため、終わっていません",
                fix_ja: "接続を確かめ、もう一度実行してください。続きから行います",
                en: "nobody could be reached, or no answer came; this is not finished",
                fix_en: "check the connection and run this again, which goes on from there",
            },
        }
    }

    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        self.texts().name
    }
}

/// A reason with its circumstances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stays {
    /// Why.
    pub reason: Reason,
    /// What the peer said; empty if it is not about that.
    pub detail: String,
}

impl From<Reason> for Stays {
    fn from(reason: Reason) -> Self {
        Self { reason, detail: String::new() }
    }
}

/// Why a step of a withdrawal did not work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("no address for {0}")]
    NoAddress(&'static str),
    #[error(transparent)]
    UnknownRepository(#[from] UnknownRepository),
    #[error("refused")]
    Refused(Vec<RegistryError>),
}

impl From<Trouble> for Stays {
    fn from(trouble: Trouble) -> Self {
        let with = |reason, detail| Self { reason, detail };
        match trouble {
            Trouble::Client(error) if error.is_not_authorized() => Reason::NotAdministrator.into(),
            Trouble::Client(error @ ClientError::Fault(_)) => {
                with(Reason::Refused, error.to_string())
            }
            Trouble::Client(_) | Trouble::NoAddress(_) => {
                with(Reason::NotReached, trouble.to_string())
            }
            Trouble::UnknownRepository(error) => {
                with(Reason::UnknownRepository, error.0.to_string())
            }
            Trouble::Refused(errors) => {
                let errors = errors.iter().filter(|e| e.severity == Severity::Error).take(TOLD);
                let told: Vec<String> =
                    errors.map(|e| format!("{}: {}", e.code, e.context)).collect();
                with(Reason::Refused, told.join("; "))
            }
        }
    }
}
