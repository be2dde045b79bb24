//! Attributes as TOML: a text or a list of texts; a text for people in one language or several; a code
//! alone, with its scheme, or with its display name; an author as a table of its own.

use super::mistakes;
use crate::mapping::{Located, MappingErrors, Problems, Table};
use renkei_metadata::codes::CodeList;
use renkei_metadata::ebrim::own_slot_name;
use renkei_metadata::ids::{Invalid, LanguageCode};
use renkei_metadata::model::{Author, Code, ExtraSlot, LocalizedString, LocalizedText};
use renkei_metadata::named::{Attribute, AttributeValue, Draft, Named, Takes};
use renkei_metadata::words::Words;
use std::fmt;
use toml::Spanned;
use toml::de::DeValue;

/// The list that completes codes, where there is one.
#[derive(Clone, Copy)]
pub(super) struct Codes<'l>(pub(super) Option<&'l CodeList>);

/// One attribute that a file gives.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its name.
    pub name: &'static str,
    /// Its values; none takes it away.
    pub values: Vec<AttributeValue>,
    pub(super) line: usize,
    pub(super) key: String,
}

/// What is wrong with a value: a row, and what fills its holes.
pub(super) struct Wrong {
    row: &'static Words,
    values: Vec<(&'static str, String)>,
}

impl Wrong {
    fn of(row: &'static Words, values: Vec<(&'static str, String)>) -> Self {
        Self { row, values }
    }

    fn values(&self) -> Vec<(&str, &str)> {
        self.values.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }

    pub(super) fn tell(&self, problems: &Problems, line: usize, key: &str) {
        problems.tell(line, key, self.row, &self.values());
    }
}

/// Both languages, for a command line.
impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = self.values();
        write!(f, "{} / {}", self.row.japanese(&values), self.row.english(&values))
    }
}

pub(super) fn expected(invalid: &Invalid) -> Wrong {
    wrong(invalid.expected.to_string(), invalid.expected_ja.to_string())
}

fn wrong(expected: impl Into<String>, expected_ja: impl Into<String>) -> Wrong {
    let values = vec![("expected", expected.into()), ("expected_ja", expected_ja.into())];
    Wrong::of(&mistakes::VALUE, values)
}

/// Reads a file that holds nothing but attributes of a `T` and slots of the sender's own: what is to become
/// of a registered object. An empty list takes an attribute away.
///
/// # Errors
/// All mistakes of the file.
pub fn changes<T: Draft>(
    file: &str,
    text: &str,
    codes: Option<&CodeList>,
) -> Result<(Vec<Change>, Vec<ExtraSlot>), MappingErrors> {
    let problems = Problems::new(text);
    let read = super::parsed(&problems, text, |root| {
        let changes = read::<T>(&root, Codes(codes));
        let slots = slots(&root);
        root.finish();
        Some((changes, slots))
    });
    match read {
        Some(read) if problems.is_empty() => Ok(read),
        _ => Err(problems.into_errors(file)),
    }
}

impl Change {
    /// A change as an option of the command line says it: `values` are texts, and none takes the attribute
    /// away.
    ///
    /// # Errors
    /// What is wrong with the name or a value.
    pub fn written<T: Named>(
        name: &str,
        values: &[&str],
        codes: Option<&CodeList>,
    ) -> Result<Self, String> {
        let attributes = own::<T>();
        let Some(attribute) = attributes.iter().find(|a| a.name == name) else {
            let known: Vec<&str> = attributes.iter().map(|a| a.name).collect();
            let known = known.join(", ");
            let values = vec![("name", name.to_owned()), ("known", known)];
            return Err(Wrong::of(&mistakes::CHANGE_UNKNOWN, values).to_string());
        };
        let one = |text: &&str| match attribute.takes {
            Takes::Value => Ok(AttributeValue::Value((*text).to_owned())),
            Takes::Words => Ok(AttributeValue::Words(LocalizedText::ja(*text))),
            Takes::Code => Codes(codes).code(attribute.name, text).map(AttributeValue::Code),
            Takes::Author => Err(Wrong::of(&mistakes::CHANGE_OF_AUTHOR, Vec::new())),
        };
        let values: Result<Vec<_>, Wrong> = values.iter().map(one).collect();
        let values = values.map_err(|wrong| format!("{name}: {wrong}"))?;
        Ok(Self { name: attribute.name, values, line: 0, key: name.to_owned() })
    }

    /// Puts it into an object.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn put_into<T: Named>(&self, object: &mut T) -> Result<(), Invalid> {
        object.put(self.name, self.values.clone())
    }
}

/// The attributes that a person may write: those that a registry sets itself are not among them.
fn own<T: Named>() -> Vec<Attribute> {
    T::attributes().into_iter().filter(|a| !a.set_by_registry).collect()
}

/// The attributes of a table. Whoever reads the rest of it finishes it.
pub(super) fn read<T: Named>(table: &Table<'_>, codes: Codes<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for attribute in own::<T>() {
        let Some(value) = table.get(attribute.name) else { continue };
        let line = table.problems.line(&value.span());
        let values = match value.get_ref() {
            DeValue::Array(list) => list.iter().map(|v| one(table, &attribute, v, codes)).collect(),
            _ => one(table, &attribute, value, codes).map(|given| vec![given]),
        };
        if let Some(values) = values {
            let key = table.key(attribute.name);
            changes.push(Change { name: attribute.name, values, line, key });
        }
    }
    changes
}

/// Puts attributes into an object and tells what does not fit.
pub(super) fn put<T: Named>(problems: &Problems, object: &mut T, changes: &[Change]) {
    for change in changes {
        if let Err(invalid) = change.put_into(object) {
            expected(&invalid).tell(problems, change.line, &change.key);
        }
    }
}

/// The slots that are not of the standard: a table of names with their values.
pub(super) fn slots(table: &Table<'_>) -> Vec<ExtraSlot> {
    let Some(slots) = table.table("slots") else { return Vec::new() };
    let slot = |(name, values): (String, Vec<String>)| {
        if let Err(invalid) = own_slot_name(&name) {
            expected(&invalid).tell(table.problems, slots.line, &slots.key(&name));
        }
        ExtraSlot { name, values }
    };
    slots.all_texts().into_iter().map(slot).collect()
}

/// The code under a key that is no attribute of an object.
pub(super) fn code_at(table: &Table<'_>, key: &'static str, codes: Codes<'_>) -> Option<Code> {
    let value = table.get(key)?;
    let (takes, many, needed, set_by_registry) = (Takes::Code, false, false, false);
    let attribute = Attribute { name: key, takes, many, needed, set_by_registry };
    match one(table, &attribute, value, codes) {
        Some(AttributeValue::Code(code)) => Some(code),
        Some(AttributeValue::Value(_) | AttributeValue::Words(_) | AttributeValue::Author(_))
        | None => None,
    }
}

/// One value of an attribute.
fn one(
    table: &Table<'_>,
    attribute: &Attribute,
    value: &Spanned<DeValue<'_>>,
    codes: Codes<'_>,
) -> Option<AttributeValue> {
    let line = table.problems.line(&value.span());
    let key = table.key(attribute.name);
    let read = match (attribute.takes, value.get_ref()) {
        (Takes::Value, DeValue::String(text)) => Ok(AttributeValue::Value(text.to_string())),
        (Takes::Value, DeValue::Integer(number)) => {
            Ok(AttributeValue::Value(number.as_str().to_owned()))
        }
        (Takes::Words, DeValue::String(text)) => {
            Ok(AttributeValue::Words(LocalizedText::ja(text.as_ref())))
        }
        (Takes::Words, DeValue::Table(map)) => {
            words(&Table::new(table.problems, map, key.clone(), line)).map(AttributeValue::Words)
        }
        (Takes::Code, DeValue::String(text)) => {
            codes.code(attribute.name, text).map(AttributeValue::Code)
        }
        (Takes::Code, DeValue::Table(map)) => {
            return code(&Table::new(table.problems, map, key, line)).map(AttributeValue::Code);
        }
        (Takes::Author, DeValue::Table(map)) => {
            return Some(AttributeValue::Author(author(
                &Table::new(table.problems, map, key, line),
                codes,
            )));
        }
        (Takes::Value, _) => Err(wrong("a text", "文字列")),
        (Takes::Words, _) => Err(wrong(
            "a text, or a table of languages such as { ja-JP = \"…\", en = \"…\" }",
            "文字列、または { ja-JP = \"…\", en = \"…\" } のような言語の表",
        )),
        (Takes::Code, _) => Err(wrong(
            "a code, \"code^^scheme\", or { code = \"…\", scheme = \"…\", display = \"…\" }",
            "コード、\"code^^scheme\"、または { code = \"…\", scheme = \"…\", display = \"…\" }",
        )),
        (Takes::Author, _) => Err(wrong(
            "a table such as { authorInstitution = \"…\" }",
            "{ authorInstitution = \"…\" } のような表",
        )),
    };
    read.map_err(|wrong| wrong.tell(table.problems, line, &key)).ok()
}

/// A text in several languages.
fn words(table: &Table<'_>) -> Result<LocalizedText, Wrong> {
    let mut strings = Vec::new();
    for Located { value: (language, text), .. } in table.all_pairs() {
        LanguageCode::parse(language).map_err(|invalid| expected(&invalid))?;
        strings.push(LocalizedString::new(text, language));
    }
    LocalizedText::of(strings).ok_or_else(|| wrong("a text in one language", "1つ以上の文字列"))
}

/// A code with all that belongs to it.
fn code(table: &Table<'_>) -> Option<Code> {
    let part = |key, en, ja| table.required(key, en, ja).map(|found| found.value);
    let code = part("code", "the code", "コードが必要です");
    let scheme = part("scheme", "the codingScheme", "コード体系(codingScheme)が必要です");
    let display = part("display", "the display name", "表示名が必要です");
    table.finish();
    Some(Code {
        code: code?.to_owned(),
        scheme: scheme?.to_owned(),
        display: LocalizedText::ja(display?),
    })
}

fn author(table: &Table<'_>, codes: Codes<'_>) -> Author {
    let mut author = Author::default();
    put(table.problems, &mut author, &read::<Author>(table, codes));
    table.finish();
    author
}

impl Codes<'_> {
    /// The code of an attribute that a text names: its value, behind `^^` its scheme.
    pub(super) fn code(self, attribute: &str, text: &str) -> Result<Code, Wrong> {
        let (code, scheme) = match text.rsplit_once("^^") {
            Some((code, scheme)) => (code.trim(), Some(scheme.trim())),
            None => (text.trim(), None),
        };
        const WHOLE: &str = "{ code = \"…\", scheme = \"…\", display = \"…\" }";
        let write_whole = |row| Err(Wrong::of(row, vec![("whole", WHOLE.to_owned())]));
        let Some(list) = self.0 else { return write_whole(&mistakes::CODE_WITHOUT_LIST) };
        let fits = |listed: &&Code| scheme.is_none_or(|scheme| listed.scheme == scheme);
        let found: Vec<&Code> = list.codes(attribute, code).filter(fits).collect();
        match found.as_slice() {
            [one] => Ok((*one).clone()),
            [] if list.lists(attribute) => {
                const SHOWN: usize = 20;
                let listed: Vec<&str> =
                    list.listed(attribute).iter().take(SHOWN).map(|c| c.code.as_str()).collect();
                let values = vec![("value", format!("{text:?}")), ("listed", listed.join(", "))];
                Err(Wrong::of(&mistakes::CODE_UNLISTED, values))
            }
            [] => write_whole(&mistakes::CODE_ATTRIBUTE_UNLISTED),
            several => {
                let schemes: Vec<String> = several.iter().map(|c| c.key()).collect();
                let values = vec![("value", format!("{code:?}")), ("schemes", schemes.join(", "))];
                Err(Wrong::of(&mistakes::CODE_AMBIGUOUS, values))
            }
        }
    }
}
