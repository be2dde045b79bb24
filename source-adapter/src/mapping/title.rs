//! Which column of the export a name means: by its title, or by its title and place.

use std::fmt;

/// A column as a mapping names it: `所見`, the second of several such columns `所見#2`, or the third
/// column without a title `#3`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Title(String);

impl Title {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// As it stands in the mapping.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Title and 1-based place, where the name has that form.
    pub(crate) fn place(&self) -> Option<(&str, usize)> {
        let (title, place) = self.0.rsplit_once('#')?;
        let is_number = !place.is_empty() && place.bytes().all(|byte| byte.is_ascii_digit());
        let place: usize = place.parse().ok().filter(|place| is_number && *place > 0)?;
        Some((title, place))
    }
}

impl fmt::Display for Title {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The source of a rule: one column, or several that make one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum From {
    One(Title),
    /// The filled ones, with this between them.
    Join(Vec<Title>, String),
    /// The first filled one.
    First(Vec<Title>),
}

impl From {
    /// The columns that are read.
    pub(crate) fn titles(&self) -> &[Title] {
        match self {
            Self::One(title) => std::slice::from_ref(title),
            Self::Join(titles, _) | Self::First(titles) => titles,
        }
    }

    /// The title of the first one, at which a finding stands.
    pub(crate) fn first(&self) -> &str {
        self.titles().first().map_or("", Title::as_str)
    }

    /// How a person would name it.
    pub(crate) fn name(&self) -> String {
        let titles: Vec<&str> = self.titles().iter().map(Title::as_str).collect();
        titles.join("、")
    }
}

#[cfg(test)]
mod tests {
    use super::Title;

    #[test]
    fn a_place_is_a_number_behind_the_last_sharp() {
        let place =
            |text: &str| Title::new(text).place().map(|(title, place)| (title.to_owned(), place));
        assert_eq!(place("所見#2"), Some(("所見".into(), 2)));
        assert_eq!(place("#3"), Some((String::new(), 3)));
        assert_eq!(place("A#1#2"), Some(("A#1".into(), 2)));
        for text in ["所見", "所見#", "所見#0", "所見#+1", "所見#2a", "所見# 2"] {
            assert_eq!(place(text), None, "{text}");
        }
    }
}
