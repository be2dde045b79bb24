//! Texts for people, in as many languages as the sender gave (ebRIM 3.0: InternationalString).

/// One text in one language (rim:LocalizedString).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LocalizedString {
    /// The text.
    pub value: String,
    /// `xml:lang`; `None` when the sender gave none.
    pub lang: Option<String>,
    /// `charset`; `None` when the sender gave none. It changes nothing, and is given back.
    pub charset: Option<String>,
}

impl LocalizedString {
    /// A text with its language, as this program sends it.
    pub fn new(value: impl Into<String>, lang: &str) -> Self {
        let (lang, charset) = (Some(lang.to_owned()), Some("UTF-8".to_owned()));
        Self { value: value.into(), lang, charset }
    }

    /// The language that counts: the schema's default where none is given.
    pub fn language(&self) -> &str {
        self.lang.as_deref().unwrap_or("en-US")
    }

    /// Whether it is in `primary` or a regional variety of it (RFC 4647: 3.3.1, basic filtering).
    fn is_in(&self, primary: &str) -> bool {
        let first = self.language().split('-').next().unwrap_or_default();
        first.eq_ignore_ascii_case(primary)
    }
}

/// A text in one or more languages, in the sender's order (rim:Name, rim:Description). None of them
/// is empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LocalizedText(Vec<LocalizedString>);

impl LocalizedText {
    /// A Japanese text.
    pub fn ja(value: impl Into<String>) -> Self {
        Self::from(LocalizedString::new(value, "ja-JP"))
    }

    /// The texts that say something; `None` when none does.
    pub fn of(strings: impl IntoIterator<Item = LocalizedString>) -> Option<Self> {
        let text = strings.into_iter().fold(Self::unknown(), Self::and);
        (!text.0.is_empty()).then_some(text)
    }

    /// The same with one more text.
    pub fn and(mut self, string: LocalizedString) -> Self {
        if !string.value.is_empty() {
            self.0.push(string);
        }
        self
    }

    /// Every text.
    pub fn strings(&self) -> &[LocalizedString] {
        &self.0
    }

    /// The text to show: Japanese, else English, else the first.
    pub fn text(&self) -> &str {
        let in_language = |primary: &str| self.0.iter().find(|s| s.is_in(primary));
        let shown = in_language("ja").or_else(|| in_language("en")).or_else(|| self.0.first());
        shown.map_or("", |s| s.value.as_str())
    }

    /// What stands in for a display name that nobody gave: a message with it is refused.
    pub const fn unknown() -> Self {
        Self(Vec::new())
    }
}

impl From<LocalizedString> for LocalizedText {
    fn from(string: LocalizedString) -> Self {
        Self::unknown().and(string)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without_language(value: &str) -> LocalizedString {
        LocalizedString { value: value.to_owned(), lang: None, charset: None }
    }

    #[test]
    fn japanese_is_shown_before_english_and_english_before_others() {
        let de = LocalizedText::from(LocalizedString::new("Befund", "de"));
        assert_eq!(de.text(), "Befund");
        // Without a language it is English (rim.xsd: xml:lang).
        let en = de.and(without_language("Report"));
        assert_eq!(en.text(), "Report");
        assert_eq!(en.and(LocalizedString::new("報告書", "JA")).text(), "報告書");
        // `jam` is Jamaican Creole.
        let jam = LocalizedText::from(LocalizedString::new("x", "jam"));
        assert_eq!(jam.and(LocalizedString::new("y", "en-GB")).text(), "y");
    }

    #[test]
    fn what_says_nothing_is_no_text() {
        assert_eq!(LocalizedText::of([without_language("")]), None);
        let one = LocalizedText::of([without_language(""), without_language("a")]);
        assert_eq!(one.unwrap().strings(), [without_language("a")]);
    }
}
