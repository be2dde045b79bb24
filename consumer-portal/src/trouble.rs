//! Why a document cannot be shown.

use crate::document::Unreadable;
use crate::verify::Mismatch;
use renkei_client::{ClientError, UnknownRepository};
use renkei_xds::response::RegistryError;

/// Why a document cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Its entry does not say which repository holds it.
    NoRepository,
    /// Nobody says where that repository is.
    UnknownRepository(UnknownRepository),
    /// The repository cannot be asked, or its answer cannot be read.
    Call {
        code: &'static str,
        ja: String,
        en: String,
        /// Another document will fare the same.
        is_lasting: bool,
    },
    /// The repository answered with errors.
    Refused(Vec<RegistryError>),
    /// The repository answered without the document.
    NotGiven,
    /// It has more octets than are read.
    TooLarge(usize),
    /// It is not what was registered.
    Altered(Mismatch),
    /// It cannot be read.
    Unreadable(Unreadable),
    /// The checkup has documents in no form that is shown.
    Format,
}

impl Trouble {
    /// A call that failed. The texts of the client are Japanese first, then English.
    pub(crate) fn of_call(error: &ClientError, most: usize) -> Self {
        if matches!(error, ClientError::TooLarge("limits.document_bytes")) {
            return Self::TooLarge(most);
        }
        let text = error.to_string();
        let (ja, en) = text.split_once(" / ").unwrap_or((&text, &text));
        let is_lasting =
            matches!(error, ClientError::Connect(_) | ClientError::Tls(_) | ClientError::Timeout);
        Self::Call { code: error.code(), ja: ja.into(), en: en.into(), is_lasting }
    }

    /// Whether other documents of the repository will fare the same, so that nobody has to wait for
    /// each of them.
    pub(crate) const fn is_lasting(&self) -> bool {
        matches!(self, Self::Call { is_lasting: true, .. })
    }

    /// Whether another document of the same checkup must not be shown either.
    pub(crate) const fn is_withdrawal(&self) -> bool {
        matches!(self, Self::Unreadable(unreadable) if unreadable.is_withdrawn())
    }

    /// Short name for machines.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::NoRepository => "no-repository",
            Self::UnknownRepository(_) => "unknown-repository",
            Self::Call { code, .. } => code,
            Self::Refused(_) => "refused",
            Self::NotGiven => "not-given",
            Self::TooLarge(_) => "too-large",
            Self::Altered(_) => "altered",
            Self::Unreadable(unreadable) => unreadable.code(),
            Self::Format => "format",
        }
    }

    /// What is wrong and what to do, in Japanese.
    pub(crate) fn ja(&self) -> String {
        match self {
            Self::NoRepository => {
                "登録情報に保管先リポジトリがありません。送付元に再登録を依頼してください".into()
            }
            Self::UnknownRepository(unknown) => unknown.ja(),
            Self::Call { ja, .. } => ja.clone(),
            Self::Refused(errors) => format!(
                "リポジトリが文書を返しませんでした（{}）。リポジトリの管理者に連絡してください",
                codes(errors)
            ),
            Self::NotGiven => {
                "リポジトリの応答に文書がありません。リポジトリの管理者に連絡してください".into()
            }
            Self::TooLarge(most) => format!(
                "文書が大きすぎます（上限 {most} バイト）。renkei retrieve で取り出してください"
            ),
            Self::Altered(mismatch) => format!(
                "登録された文書と内容が一致しません（{mismatch}）。改ざんまたは破損のおそれがあります。\
                 リポジトリの管理者に連絡してください"
            ),
            Self::Unreadable(unreadable) => unreadable.ja(),
            Self::Format => {
                "この健診の文書は表示できない形式だけです。renkei retrieve で取り出して\
                             ください"
                    .into()
            }
        }
    }

    /// What is wrong and what to do, in English.
    pub(crate) fn en(&self) -> String {
        match self {
            Self::NoRepository => {
                "the entry names no repository; have it registered again by its source".into()
            }
            Self::UnknownRepository(unknown) => unknown.en(),
            Self::Call { en, .. } => en.clone(),
            Self::Refused(errors) => format!(
                "the repository did not give it ({}); tell the operator of the repository",
                codes(errors)
            ),
            Self::NotGiven => {
                "the answer of the repository does not hold it; tell its operator".into()
            }
            Self::TooLarge(most) => {
                format!("it is too large (more than {most} octets); fetch it with renkei retrieve")
            }
            Self::Altered(mismatch) => format!(
                "it is not what was registered ({mismatch}), so altered or damaged; tell the operator \
                 of the repository"
            ),
            Self::Unreadable(unreadable) => unreadable.en(),
            Self::Format => {
                "this checkup has documents in other formats only; fetch them with renkei \
                             retrieve"
                    .into()
            }
        }
    }
}

fn codes(errors: &[RegistryError]) -> String {
    let codes: Vec<&str> = errors.iter().map(|error| error.code.as_str()).collect();
    if codes.is_empty() { "-".to_owned() } else { codes.join(" ") }
}
