//! Where a database is.

use crate::db::Dialect;
use std::fmt;
use std::path::{Path, PathBuf};

/// A parsed database URL.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite:` and the path of the file.
    Sqlite(PathBuf),
    /// `postgres://...`, as libpq understands it.
    Postgres(String),
}

/// A text that is no database URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a database is given as sqlite:<file> or postgres://<user>@<host>/<database>")]
pub struct UrlError;

impl DatabaseUrl {
    /// Parses `sqlite:<file>`, relative to `base_dir`, or `postgres://...`.
    ///
    /// # Errors
    /// On anything else: SQLite would take any text for a file name.
    pub fn parse(text: &str, base_dir: &Path) -> Result<Self, UrlError> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.contains(['?', '\0']) || path.starts_with(':') {
                return Err(UrlError);
            }
            return Ok(Self::Sqlite(base_dir.join(path)));
        }
        let parsed = ::url::Url::parse(text).map_err(|_| UrlError)?;
        match parsed.scheme() {
            "postgres" | "postgresql" if !text.contains('\0') => {
                Ok(Self::Postgres(text.to_owned()))
            }
            _ => Err(UrlError),
        }
    }

    /// Which database it names.
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }
}

/// Prints the URL without password and parameters.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(text) => match ::url::Url::parse(text) {
                Ok(url) => {
                    write!(f, "postgres://{}{}", url.host_str().unwrap_or_default(), url.path())
                }
                Err(_) => f.write_str("postgres:"),
            },
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
