//! What is worth telling the sender: findings, each a row of an error table with its circumstances.
//!
//! A rejection is made of findings and nothing else, and a finding cannot be made without a row, so
//! no refusal leaves the house without its standard code, the object, the attribute, the value,
//! what was expected and what to do, in Japanese and English.

pub use crate::error_table;
pub use crate::ihe_code::{IheCode, Reporter};
use std::borrow::Cow;
use std::fmt;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The operation goes on.
    Warning,
    /// The operation is refused.
    Error,
}

impl Severity {
    /// The URN of `rs:RegistryError/@severity`.
    pub const fn urn(self) -> &'static str {
        match self {
            Self::Warning => "urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Warning",
            Self::Error => "urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error",
        }
    }
}

/// One row of an error table. Each crate keeps its rows in one `rules` module, written with
/// [`error_table`].
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// A stable name such as `de-hash-required`.
    pub id: &'static str,
    /// The code on the wire.
    pub code: IheCode,
    /// Whether it refuses.
    pub severity: Severity,
    /// What is wrong, English, without the circumstances: `is missing`.
    pub en: &'static str,
    /// The same in Japanese.
    pub ja: &'static str,
    /// What to do, English.
    pub fix_en: &'static str,
    /// What to do, Japanese.
    pub fix_ja: &'static str,
    /// Section of the standard.
    pub section: &'static str,
}

impl Rule {
    /// Whether an `rs:RegistryError/@codeContext` is of this row, as [`Finding::context`] writes it.
    pub fn is_told_in(&self, context: &str) -> bool {
        let end = format!("; {} [{}]", self.fix_en, self.section);
        context.ends_with(&end)
            && [self.en, self.ja, self.fix_ja].iter().all(|text| context.contains(text))
    }
}

/// The error table of a crate: a static [`Rule`] for each row, and `all()`, which lists them.
///
/// ```
/// renkei_metadata::finding::error_table! { pub(crate) rows:
///     BUSY = "busy", Busy, "ITI TF-3: 4.2.4.1" {
///         en: "is one more than can be handled now", "try again later";
///         ja: "は現在処理できる数を超えています", "しばらくしてから再送してください"
///     }
///     /// A row that refuses nothing is a `Warning`; a row may have a comment of its own.
///     TOLD = "told", ExtraMetadataNotSaved Warning, "ITI TF-2: 3.42.4.1.3.2" {
///         en: "is not kept", "nothing";
///         ja: "は保存されません", "対応は不要です"
///     }
/// }
/// assert_eq!(all().len(), 2);
/// ```
#[macro_export]
macro_rules! error_table {
    ($vis:vis rows: $($(#[$doc:meta])*
        $name:ident = $id:literal, $code:ident $($severity:ident)?, $section:literal {
            en: $en:literal, $fix_en:literal; ja: $ja:literal, $fix_ja:literal
        }
    )*) => {
        $(
            #[doc = concat!("`", $id, "`: what is named ", $en, ".")]
            $(#[$doc])*
            $vis static $name: $crate::finding::Rule = $crate::finding::Rule {
                id: $id,
                code: $crate::finding::IheCode::$code,
                severity: $crate::error_table!(@severity $($severity)?),
                en: $en,
                ja: $ja,
                fix_en: $fix_en,
                fix_ja: $fix_ja,
                section: $section,
            };
        )*

        /// Every row of this table, for the documentation of errors.
        pub fn all() -> &'static [&'static $crate::finding::Rule] {
            static ALL: &[&$crate::finding::Rule] = &[$(&$name),*];
            ALL
        }
    };
    (@severity) => { $crate::finding::Severity::Error };
    (@severity $severity:ident) => { $crate::finding::Severity::$severity };
}

/// One statement about one place of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The row.
    pub rule: &'static Rule,
    /// Which object: kind and id, such as `DocumentEntry Document01`; a uniqueId; a query.
    pub object: String,
    /// Which attribute, slot or parameter; empty when the object as a whole is meant.
    pub attribute: Cow<'static, str>,
    /// The offending value; empty when something is missing. Never a name, address or result.
    pub value: String,
    /// What was expected, English; may be empty when the rule's text says it.
    pub expected_en: Cow<'static, str>,
    /// What was expected, Japanese.
    pub expected_ja: Cow<'static, str>,
    /// `RegistryError/@location`: the object's id, the DocumentUniqueId in ITI-43, or a place in the XML.
    pub location: String,
}

/// The longest value quoted in a finding, in characters.
const QUOTED: usize = 200;

impl Finding {
    /// A finding on an object; circumstances are added by the methods below.
    pub fn new(rule: &'static Rule, object: impl Into<String>) -> Self {
        Self {
            rule,
            object: object.into(),
            attribute: Cow::Borrowed(""),
            value: String::new(),
            expected_en: Cow::Borrowed(""),
            expected_ja: Cow::Borrowed(""),
            location: String::new(),
        }
    }

    /// Names the attribute.
    pub fn attribute(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.attribute = name.into();
        self
    }

    /// Quotes the offending value, cut to a readable length.
    pub fn value(mut self, value: impl AsRef<str>) -> Self {
        let value = value.as_ref();
        self.value = match value.char_indices().nth(QUOTED) {
            Some((cut, _)) => format!("{}…", value.get(..cut).unwrap_or_default()),
            None => value.to_owned(),
        };
        self
    }

    /// Says what was expected in both languages.
    pub fn expected(
        mut self,
        en: impl Into<Cow<'static, str>>,
        ja: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.expected_en = en.into();
        self.expected_ja = ja.into();
        self
    }

    /// Sets the location.
    pub fn location(mut self, location: impl Into<String>) -> Self {
        self.location = location.into();
        self
    }

    /// Whether it refuses the operation.
    pub fn is_error(&self) -> bool {
        self.rule.severity == Severity::Error
    }

    /// The English sentence.
    pub fn english(&self) -> String {
        let mut s = self.subject();
        s.push(' ');
        s.push_str(self.rule.en);
        if !self.value.is_empty() {
            s.push_str(&format!(": \"{}\"", self.value));
        }
        if !self.expected_en.is_empty() {
            s.push_str(&format!("; expected {}", self.expected_en));
        }
        s.push_str(&format!("; {} [{}]", self.rule.fix_en, self.rule.section));
        s
    }

    /// The Japanese sentence.
    pub fn japanese(&self) -> String {
        let mut s = self.subject();
        s.push(' ');
        s.push_str(self.rule.ja);
        if !self.value.is_empty() {
            s.push_str(&format!("(値「{}」)", self.value));
        }
        if !self.expected_ja.is_empty() {
            s.push_str(&format!("。期待する値: {}", self.expected_ja));
        }
        s.push_str(&format!("。{}", self.rule.fix_ja));
        s
    }

    /// `RegistryError/@codeContext`: both languages, Japanese first.
    pub fn context(&self) -> String {
        format!("{} / {}", self.japanese(), self.english())
    }

    fn subject(&self) -> String {
        if self.attribute.is_empty() {
            self.object.clone()
        } else {
            format!("{}: {}", self.object, self.attribute)
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.english())
    }
}

/// A value if one could be built, and everything worth telling.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Checked<T> {
    /// The value; absent when an error stood in the way.
    pub value: Option<T>,
    /// Errors and warnings, in document order.
    pub findings: Vec<Finding>,
}

impl<T> Checked<T> {
    /// A value without findings.
    pub fn good(value: T) -> Self {
        Self { value: Some(value), findings: Vec::new() }
    }

    /// Findings without a value.
    pub fn bad(findings: Vec<Finding>) -> Self {
        Self { value: None, findings }
    }

    /// The value and its warnings, or all findings when one of them is an error.
    pub fn accept(self) -> Result<(T, Vec<Finding>), Vec<Finding>> {
        match self.value {
            Some(value) if !self.findings.iter().any(Finding::is_error) => {
                Ok((value, self.findings))
            }
            _ => Err(self.findings),
        }
    }
}

/// The most findings kept of one message: a bound on memory and on the length of the answer.
const KEPT: usize = 1000;

/// Findings as they are gathered. Past the bound nothing is kept, except one error when there is
/// none yet, so that a faulty message can never pass.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Finding>);

impl Findings {
    /// Adds one.
    pub(crate) fn push(&mut self, finding: Finding) {
        if !self.is_full() || (finding.is_error() && !self.any_error()) {
            self.0.push(finding);
        }
    }

    /// Adds all.
    pub(crate) fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        findings.into_iter().for_each(|f| self.push(f));
    }

    /// Whether more would be dropped.
    pub(crate) fn is_full(&self) -> bool {
        self.0.len() >= KEPT
    }

    /// Whether one of them refuses.
    pub(crate) fn any_error(&self) -> bool {
        self.0.iter().any(Finding::is_error)
    }

    /// What was gathered.
    pub(crate) fn into_vec(self) -> Vec<Finding> {
        self.0
    }
}
