//! A draft and the written answers of a person, joined mechanically.

pub(crate) mod outcome;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use renkei_source_adapter::{ProposeOptions, propose_with};
use toml::{Table, Value};

use super::{from, titles};

/// `answers.toml`: what a person adds to a draft. Nothing that the draft decided is replaced.
///
/// - `[options]`: what is given to `mapping propose`
/// - `[source]`, `[const]`, `[jlac10]`, `[long]`, `[null]`: keys that are set; lists are joined
/// - `[[item]]`: items of the institution's own
/// - `[[col]]`: whole for a title that the draft left open; without `as`, keys for the draft's own
/// - `[words."TITLE"]`: words for the vocabulary of that column
/// - `[vocab.NAME]`: vocabularies of the answered columns
pub(crate) struct Answers(Table);

impl Answers {
    /// Reads the answers of an export.
    pub(crate) fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_default();
        Self(toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
    }

    /// What is given to `mapping propose`.
    fn options(&self) -> ProposeOptions {
        let options = self.table("options");
        let number = |key| options.get(key).and_then(Value::as_integer);
        let number = |key| number(key).and_then(|number| u64::try_from(number).ok());
        ProposeOptions { skip_rows: number("skip_rows"), header_rows: number("header_rows") }
    }

    fn table(&self, key: &str) -> Table {
        self.0.get(key).and_then(Value::as_table).cloned().unwrap_or_default()
    }

    fn tables(&self, key: &str) -> Vec<Table> {
        let list = self.0.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        list.into_iter().filter_map(|value| value.as_table().cloned()).collect()
    }
}

/// A draft with the answers in it.
pub(crate) struct Finished {
    /// As it was proposed.
    pub(crate) draft: String,
    /// As it converts.
    pub(crate) map: String,
    /// Answers that were needed.
    pub(crate) answers: usize,
}

impl Finished {
    /// Drafts a map for an export and finishes it.
    pub(crate) fn draft(file: &Path, answers: &Answers) -> Result<Self, String> {
        let bytes = fs::read(file).unwrap();
        let name = file.file_name().unwrap().to_str().unwrap();
        let draft =
            propose_with(&*bytes, name, answers.options()).map_err(|error| error.to_string())?;
        let draft = draft.toml().to_owned();
        let map = toml::from_str(&draft).map_err(|error| format!("{error}"))?;
        let mut joining = Joining { map, answers: 0 };
        joining.join(answers);
        let map = toml::to_string(&joining.map).unwrap();
        Ok(Self { draft, map, answers: joining.answers })
    }

    /// Writes draft and map into the folder of `FINISHED`, to be looked at.
    pub(crate) fn keep(&self, name: &str) {
        let Ok(place) = std::env::var("FINISHED") else { return };
        let place = Path::new(&place);
        fs::write(place.join(format!("{name}.draft.toml")), &self.draft).unwrap();
        fs::write(place.join(format!("{name}.map.toml")), &self.map).unwrap();
    }
}

struct Joining {
    map: Table,
    answers: usize,
}

impl Joining {
    fn join(&mut self, answers: &Answers) {
        self.answers += answers.table("options").len();
        for section in ["source", "const", "jlac10", "null", "long"] {
            for (key, value) in answers.table(section) {
                let section = section_of(&mut self.map, section);
                self.answers += set(section, &key, value);
            }
        }
        for item in answers.tables("item") {
            // counted with the column that fills it
            list_of(&mut self.map, "item").push(Value::Table(item));
        }
        let mut used = BTreeSet::new();
        for column in answers.tables("col") {
            if self.column(&column) {
                used.extend(column.get("vocab").and_then(Value::as_str).map(str::to_owned));
            }
        }
        for (name, words) in answers.table("vocab") {
            if used.contains(&name) {
                self.answers += 1;
                section_of(&mut self.map, "vocab").insert(name, words);
            }
        }
        for (title, words) in answers.table("words") {
            self.words(&title, words.as_table().unwrap());
        }
    }

    /// Whether the answer was needed.
    fn column(&mut self, answer: &Table) -> bool {
        let titles = from(answer);
        let columns = list_of(&mut self.map, "col");
        let mut decided =
            columns.iter_mut().filter_map(Value::as_table_mut).filter(|col| from(col) == titles);
        if !answer.contains_key("as") {
            let column = decided.next();
            let Some(column) = column else { return false };
            for (key, value) in answer.iter().filter(|(key, _)| *key != "from") {
                self.answers += set(column, key, value.clone());
            }
            return true;
        }
        if decided.next().is_some() {
            return false;
        }
        columns.push(Value::Table(answer.clone()));
        let source = section_of(&mut self.map, "source");
        for key in ["unknown", "ignore"] {
            if let Some(Value::Array(open)) = source.get_mut(key) {
                open.retain(|open| !titles.iter().any(|title| open.as_str() == Some(title)));
            }
        }
        self.answers += 1;
        true
    }

    fn words(&mut self, title: &str, words: &Table) {
        let columns = list_of(&mut self.map, "col");
        let column = columns
            .iter()
            .filter_map(Value::as_table)
            .find(|column| from(column).iter().any(|from| from == title));
        let name = column.and_then(|column| column.get("vocab")).and_then(Value::as_str);
        let Some(name) = name.map(str::to_owned) else { return };
        let vocabulary = section_of(section_of(&mut self.map, "vocab"), &name);
        let mut needed = false;
        for (word, term) in words {
            if !vocabulary.contains_key(word) {
                vocabulary.insert(word.clone(), term.clone());
                needed = true;
            }
        }
        self.answers += usize::from(needed);
    }
}

/// Sets a key that the draft left open, or adds to a list; says whether anything changed.
fn set(table: &mut Table, key: &str, value: Value) -> usize {
    match (table.get_mut(key), value) {
        (Some(Value::Array(known)), Value::Array(more)) => {
            let new: Vec<Value> = more.into_iter().filter(|word| !known.contains(word)).collect();
            let count = usize::from(!new.is_empty());
            known.extend(new);
            count
        }
        (Some(known), value) if *known == value => 0,
        (Some(known), value) if known.as_str() != Some("") => {
            panic!("{key}: the answer {value} replaces {known}, which the draft decided")
        }
        (_, value) => {
            table.insert(key.to_owned(), value);
            1
        }
    }
}

fn section_of<'a>(table: &'a mut Table, key: &str) -> &'a mut Table {
    let section = table.entry(key.to_owned()).or_insert_with(|| Value::Table(Table::new()));
    section.as_table_mut().unwrap()
}

fn list_of<'a>(table: &'a mut Table, key: &str) -> &'a mut Vec<Value> {
    let list = table.entry(key.to_owned()).or_insert_with(|| Value::Array(Vec::new()));
    list.as_array_mut().unwrap()
}

/// How many columns a draft had right.
pub(crate) struct Columns {
    /// That carry an item.
    pub(crate) all: usize,
    /// Decided by the draft as by the map written by hand.
    pub(crate) right: usize,
    /// Left to the person.
    pub(crate) asked: usize,
    /// Of which neither reads anything.
    pub(crate) left_out: usize,
    /// Decided otherwise.
    pub(crate) wrong: Vec<String>,
}

impl Columns {
    /// Compares the draft with the map written by hand.
    pub(crate) fn of(finished: &Finished, map: &str) -> Self {
        let draft: Table = toml::from_str(&finished.draft).unwrap();
        let map: Table = toml::from_str(map).unwrap();
        let (drafted, truth) = (titles(&draft), titles(&map));
        let mut columns = Self { all: 0, right: 0, asked: 0, left_out: 0, wrong: Vec::new() };
        for (title, items) in &truth {
            columns.all += title.len();
            match drafted.get(title) {
                Some(found) if found == items => columns.right += title.len(),
                Some(found) => columns.wrong.push(format!("{title:?}: {found:?}, not {items:?}")),
                None => columns.asked += title.len(),
            }
        }
        for (title, items) in drafted.iter().filter(|(title, _)| !truth.contains_key(*title)) {
            columns.wrong.push(format!("{title:?}: {items:?}, not left out"));
        }
        let listed = |key| draft.get("source").and_then(|source| source.get(key));
        for title in ["ignore", "unknown"].into_iter().filter_map(listed).flat_map(super::texts) {
            columns.left_out += usize::from(!truth.keys().flatten().any(|known| *known == title));
        }
        columns
    }
}
