//! `[[col]]`: what is done with one column of the export.

mod from;
mod marks;

use std::collections::HashSet;

use regex::Regex;
use renkei_checkup::Kind;
use renkei_checkup::dates::EraDigits;
use renkei_checkup::decimal::Decimal;

use super::nulls::{self, Absence, Nulls};
use super::source::titles;
use super::table::{Located, Table};
use super::title::{From, Title};
use super::vocabularies::Vocabularies;
use super::{Item, SharedVocabulary, values};
use crate::cells::{content, item_of_word};

/// One use of one column, or of several that make one cell.
#[derive(Debug)]
pub(crate) struct ColumnRule {
    pub(crate) from: From,
    pub(crate) form: Form,
    /// The words for no value in this column.
    pub(crate) nulls: Nulls,
    /// Where its `[[col]]` stands.
    pub(crate) line: usize,
}

impl ColumnRule {
    /// Whether a cell of a list holds more than blanks or a word for them.
    pub(crate) fn is_filled(&self, cell: &str) -> bool {
        let text = content(cell);
        let is_blank = || self.nulls.meaning(text) == Some(Absence::Blank);
        !text.is_empty() && (self.form.takes_as_value(text) || !is_blank())
    }
}

/// Splits a cell into several values.
#[derive(Debug)]
pub(crate) struct Splitter {
    pub(crate) split: Vec<char>,
    /// Words that say that nothing was found.
    pub(crate) none: Vec<String>,
    /// Words that are findings whatever other lists say.
    pub(crate) as_value: Vec<String>,
}

impl Splitter {
    /// Whether a word is a finding, whatever other lists say.
    pub(crate) fn takes_as_value(&self, word: &str) -> bool {
        self.as_value.iter().any(|known| known == word)
    }
}

/// What becomes of a cell; one variant per word of `as`.
#[derive(Debug)]
pub(crate) enum Form {
    Text(Item),
    Number {
        item: Item,
        factor: Option<Decimal>,
        strip: Vec<String>,
    },
    Int(Item),
    Digits {
        item: Item,
        pad: usize,
    },
    Postal(Item),
    Date {
        item: Item,
        digits: EraDigits,
    },
    Kana(Item),
    Name(Item),
    Term {
        item: Item,
        vocabulary: SharedVocabulary,
        strict: bool,
    },
    Multi {
        item: Item,
        splitter: Splitter,
    },
    Finding {
        flag: Item,
        text: Item,
        splitter: Splitter,
        yes: String,
        no: String,
    },
    /// A finding of the institution's own: one item says both.
    OwnFinding {
        item: Item,
        splitter: Splitter,
    },
    Flags {
        words: Vec<(String, Item)>,
        splitter: Splitter,
        yes: String,
        no: String,
    },
    Pattern {
        regex: Regex,
        groups: Vec<Item>,
        vocabulary: Option<SharedVocabulary>,
    },
    Route {
        by: Title,
        table: Vec<(String, Item)>,
        strip: Vec<String>,
    },
}

impl Form {
    /// The items the column can fill, each once.
    pub(crate) fn items(&self) -> Vec<Item> {
        let mut items = self.named();
        let mut seen = HashSet::new();
        items.retain(|item| seen.insert(item.position));
        items
    }

    /// Whether a cell is a finding as a whole, whatever other lists say.
    pub(crate) fn takes_as_value(&self, cell: &str) -> bool {
        match self {
            Self::Multi { splitter, .. }
            | Self::Finding { splitter, .. }
            | Self::OwnFinding { splitter, .. } => splitter.takes_as_value(cell),
            _ => false,
        }
    }

    fn named(&self) -> Vec<Item> {
        match self {
            Self::Text(item)
            | Self::Number { item, .. }
            | Self::Int(item)
            | Self::Digits { item, .. }
            | Self::Postal(item)
            | Self::Date { item, .. }
            | Self::OwnFinding { item, .. }
            | Self::Kana(item)
            | Self::Name(item)
            | Self::Term { item, .. }
            | Self::Multi { item, .. } => vec![item],
            Self::Finding { flag, text, .. } => vec![flag, text],
            Self::Pattern { groups, .. } => groups.clone(),
            Self::Flags { words: table, .. } | Self::Route { table, .. } => {
                table.iter().map(|(_, item)| *item).collect()
            }
        }
    }
}

const FORMS: &str =
    "text, num, int, digits, postal, date, kana, name, term, multi, finding, flags, regex, route";

/// Reads one `[[col]]`; unknown keys are told unless `as` itself is not known.
pub(super) fn read(
    table: &Table<'_>,
    vocabularies: &mut Vocabularies<'_>,
    file_nulls: &Nulls,
) -> Option<ColumnRule> {
    let from = from::from(table);
    let nulls =
        table.table("null").map_or_else(|| file_nulls.clone(), |own| nulls::read(&own, file_nulls));
    let known = format!("right is one of {FORMS}");
    let form = table.required("as", &known, &format!("正: {FORMS}"))?;
    let form = match form.value {
        "text" => simple(table, &form).map(Form::Text),
        "int" => simple(table, &form).map(Form::Int),
        "postal" => simple(table, &form).map(Form::Postal),
        "date" => date(table, &form),
        "kana" => simple(table, &form).map(Form::Kana),
        "name" => simple(table, &form).map(Form::Name),
        "num" => number(table, &form),
        "digits" => digits(table, &form),
        "term" => term(table, &form, vocabularies, &nulls),
        "multi" => {
            let splitter = splitter(table);
            simple(table, &form).map(|item| Form::Multi { item, splitter })
        }
        "finding" => finding(table, &form),
        "flags" => flags(table, &form),
        "regex" => pattern(table, vocabularies, &nulls),
        "route" => route(table, &form),
        other => {
            let en = format!("{other:?} is not known; {known}");
            table.problems.add(form.line, &table.key("as"), en, format!("正: {FORMS}"));
            // the other keys cannot be judged
            return None;
        }
    };
    table.finish();
    let form = form?;
    reachable(table, &form, &nulls);
    Some(ColumnRule { from: from?, form, nulls, line: table.line })
}

/// A word of `flags` that `[null]` takes away before the form is asked.
fn reachable(table: &Table<'_>, form: &Form, nulls: &Nulls) {
    let Form::Flags { words, .. } = form else { return };
    for (list, null) in nulls.words() {
        if item_of_word(words, &null.text).is_some() {
            let word = &null.text;
            let en = format!(
                "{word:?} stands in [null] {list}, too; a word has one meaning in a column"
            );
            let ja = format!(
                "{word:?} は [null] の {list} にもあります。1つの列で語の意味は1つだけです"
            );
            table.problems.add(table.line, &table.key("flags"), en, ja);
        }
    }
}

/// The items `to` names.
fn targets(table: &Table<'_>) -> Vec<Located<Item>> {
    let key = table.key("to");
    table
        .texts("to")
        .into_iter()
        .filter_map(|id| {
            let item = values::item(table.problems, id.line, &key, id.value)?;
            Some(Located { value: item, line: id.line })
        })
        .collect()
}

/// The one item of `to`, which must suit the form.
fn simple(table: &Table<'_>, form: &Located<&str>) -> Option<Item> {
    if !table.has("to") {
        table.missing("to", "the id of the item to fill", "項目idが必要です");
        return None;
    }
    let named = table.texts("to").len();
    if named != 1 {
        let en = format!("names {named} items; {:?} fills one", form.value);
        table.problems.add(form.line, &table.key("to"), en, "項目は1つだけ指定してください");
        return None;
    }
    let target = targets(table).pop()?;
    suits(table, form.value, &target).then_some(target.value)
}

/// Whether a form gives values of the item's kind.
fn suits(table: &Table<'_>, form: &str, target: &Located<Item>) -> bool {
    let kind = target.value.kind;
    let textual =
        matches!(kind, Kind::Id | Kind::Code | Kind::Text | Kind::Multi | Kind::Kana | Kind::Name);
    let right = match form {
        // what is no text must then be in its standard form already, which the conversion checks
        "text" => true,
        "num" | "int" | "route" => matches!(kind, Kind::Num | Kind::Int),
        "digits" => textual || kind == Kind::Int,
        "date" => textual || kind == Kind::Date,
        "term" => textual || target.value.is_term(),
        "flags" => target.value.is_term(),
        _ => textual,
    };
    if !right {
        let id = &target.value.id;
        let better = match kind {
            Kind::Num => "num",
            Kind::Int => "int",
            Kind::Date => "date",
            Kind::Term | Kind::Judge => "term",
            _ => "text",
        };
        let en = format!("{form:?} cannot fill {id}; right would be as = {better:?}");
        let ja = format!("{form:?} では {id} を設定できません。正: as = {better:?}");
        table.problems.add(target.line, &table.key("to"), en, ja);
    }
    right
}

/// How a date is read: `era = "digit"` where a digit stands for the era.
fn date(table: &Table<'_>, form: &Located<&str>) -> Option<Form> {
    let digits = match table.text("era") {
        None => EraDigits::None,
        Some(word) if word.value == "digit" => EraDigits::First,
        Some(word) => {
            let en = format!("{:?} is not known; right is \"digit\"", word.value);
            table.problems.add(word.line, &table.key("era"), en, "正: \"digit\"");
            EraDigits::None
        }
    };
    simple(table, form).map(|item| Form::Date { item, digits })
}

fn number(table: &Table<'_>, form: &Located<&str>) -> Option<Form> {
    let strip = marks::marks(table);
    let factor = table.number("factor");
    if let Some(factor) = factor.as_ref().filter(|factor| factor.value == Decimal::ZERO) {
        let en = "0 makes every value 0; leave the key out to take values as they are";
        let ja = "0を掛けると全て0になります。不要ならこのキーを削除してください";
        table.problems.add(factor.line, &table.key("factor"), en, ja);
    }
    let factor = factor.map(|factor| factor.value);
    simple(table, form).map(|item| Form::Number { item, factor, strip })
}

fn digits(table: &Table<'_>, form: &Located<&str>) -> Option<Form> {
    let pad = table.whole("pad");
    let item = simple(table, form)?;
    let width = pad.as_ref().map_or(0, |pad| usize::try_from(pad.value).unwrap_or(usize::MAX));
    if width > item.max_bytes {
        let line = pad.map_or(table.line, |pad| pad.line);
        let (id, limit) = (&item.id, item.max_bytes);
        let en = format!("{id} holds at most {limit} digits");
        table.problems.add(line, &table.key("pad"), en, format!("{id} は最大{limit}桁です"));
        return None;
    }
    Some(Form::Digits { item, pad: width })
}

fn term(
    table: &Table<'_>,
    form: &Located<&str>,
    vocabularies: &mut Vocabularies<'_>,
    nulls: &Nulls,
) -> Option<Form> {
    let strict = table.flag("strict", true);
    if !table.has("vocab") {
        let en = "name the [vocab.NAME] with the terms of this column";
        table.missing("vocab", en, "用語表 [vocab.名前] を指定してください");
    }
    let item = simple(table, form)?;
    let vocabulary = vocabularies.get(table, &[item], nulls)?;
    Some(Form::Term { item, vocabulary, strict })
}

fn splitter(table: &Table<'_>) -> Splitter {
    let split = table.text("split").map_or(String::new(), |split| split.value.to_owned());
    let (none, as_value) = (table.strings("none"), table.texts("as_value"));
    for word in as_value.iter().filter(|word| none.iter().any(|none| none == word.value)) {
        let en = format!("{:?} stands in `none`, too; a word has one meaning", word.value);
        let ja = format!("{:?} は none にもあります。意味は1つだけです", word.value);
        table.problems.add(word.line, &table.key("as_value"), en, ja);
    }
    let as_value = as_value.iter().map(|word| word.value.to_owned()).collect();
    Splitter { split: split.chars().collect(), none, as_value }
}

fn finding(table: &Table<'_>, form: &Located<&str>) -> Option<Form> {
    let splitter = splitter(table);
    let words = table.texts("flag");
    let named = table.texts("to").len();
    let targets = targets(table);
    if let [own] = targets.as_slice()
        && own.value.own
        && own.value.kind == Kind::Multi
    {
        if let Some(word) = words.first() {
            let en = "is not known for an own item: its value is the finding, or 所見なし";
            table.problems.add(word.line, &table.key("flag"), en, "独自項目では使えません");
        }
        return Some(Form::OwnFinding { item: own.value, splitter });
    }
    let [flag, text] = targets.as_slice() else {
        if named != 2 {
            let en = "names the flag item and the text item: to = [\"ecg\", \"ecg_txt\"]";
            let ja = "所見の有無と所見の2項目を指定します。例: to = [\"ecg\", \"ecg_txt\"]";
            table.problems.add(form.line, &table.key("to"), en, ja);
        }
        return None;
    };
    let both = [needs_term(table, flag), needs_text(table, text)];
    let (yes, no) = match words.as_slice() {
        [] => ("所見あり".to_owned(), "所見なし".to_owned()),
        [yes, no] => (yes.value.to_owned(), no.value.to_owned()),
        _ => {
            let en = "takes two terms: [yes, no]";
            table.problems.add(
                words.first().map_or(table.line, |word| word.line),
                &table.key("flag"),
                en,
                "[あり, なし] の2語を指定します",
            );
            return None;
        }
    };
    if both == [true, true] {
        let line = words.first().map_or(table.line, |word| word.line);
        for word in [&yes, &no] {
            check_term(table, line, "flag", flag.value, word);
        }
    }
    (both == [true, true]).then_some(Form::Finding {
        flag: flag.value,
        text: text.value,
        splitter,
        yes,
        no,
    })
}

/// The first item of a finding says whether there is one.
fn needs_term(table: &Table<'_>, target: &Located<Item>) -> bool {
    let id = &target.value.id;
    if !target.value.is_term() {
        let en = format!(
            "{id} is not a coded item; the item that says whether there is a finding comes first"
        );
        let ja = format!("{id} はコード項目ではありません。所見の有無の項目を先に指定します");
        table.problems.add(target.line, &table.key("to"), en, ja);
    }
    target.value.is_term()
}

/// The second item of a finding holds its text.
fn needs_text(table: &Table<'_>, target: &Located<Item>) -> bool {
    let id = &target.value.id;
    let right = matches!(target.value.kind, Kind::Text | Kind::Multi);
    if !right {
        let en = format!("{id} is not a text; the item with the text of the finding comes second");
        let ja = format!("{id} は文章の項目ではありません。所見の項目を後に指定します");
        table.problems.add(target.line, &table.key("to"), en, ja);
    }
    right
}

/// A term a form writes must be one of the item's.
fn check_term(table: &Table<'_>, line: usize, key: &str, item: Item, word: &str) {
    if let Some((en, ja)) = values::mistake_in_term(item, word) {
        table.problems.add(line, &table.key(key), en, ja);
    }
}

/// A table of words and items, such as `flags` and `table`.
fn words(table: &Table<'_>, key: &'static str, form: &str) -> Option<Vec<(String, Item)>> {
    let pairs = table.pairs(key);
    if pairs.is_empty() {
        let en = "give the words and their items: { \"word\" = \"item\" }";
        table.missing(key, en, "{ \"語\" = \"項目id\" } の形で指定してください");
        return None;
    }
    let mut found = Vec::new();
    for Located { value: (word, id), line } in &pairs {
        let path = table.key(key);
        let Some(item) = values::item(table.problems, *line, &path, id) else { continue };
        if suits(table, form, &Located { value: item, line: *line }) {
            found.push(((*word).to_owned(), item));
        }
    }
    (found.len() == pairs.len()).then_some(found)
}

fn flags(table: &Table<'_>, form: &Located<&str>) -> Option<Form> {
    if table.has("as_value") {
        let en = "is not known here; name the word in `flags`";
        table.problems.add(
            table.line,
            &table.key("as_value"),
            en,
            "は使えません。語は flags に書きます",
        );
    }
    let splitter = splitter(table);
    let word =
        |key, default| table.text(key).unwrap_or(Located { value: default, line: table.line });
    let (yes, no) = (word("yes", "はい"), word("no", "いいえ"));
    let words = words(table, "flags", form.value);
    check_named(table, words.as_deref());
    let words = words?;
    for (_, item) in &words {
        check_term(table, yes.line, "yes", item, yes.value);
        check_term(table, no.line, "no", item, no.value);
    }
    let (yes, no) = (yes.value.to_owned(), no.value.to_owned());
    Some(Form::Flags { words, splitter, yes, no })
}

fn route(table: &Table<'_>, form: &Located<&str>) -> Option<Form> {
    let by = table.required(
        "by",
        "the header whose value chooses the item",
        "項目を選ぶ列の見出しが必要です",
    );
    let strip = marks::marks(table);
    let words = words(table, "table", form.value);
    check_named(table, words.as_deref());
    Some(Form::Route { by: Title::new(by?.value), table: words?, strip })
}

/// `to` may repeat the items that the form's own keys give, and no others.
fn check_named(table: &Table<'_>, given: Option<&[(String, Item)]>) {
    let Some(given) = given else { return };
    for target in targets(table) {
        if !given.iter().any(|(_, item)| item.position == target.value.position) {
            let id = &target.value.id;
            let en = format!("{id} is named here, but nothing in this table fills it");
            table.problems.add(target.line, &table.key("to"), en, format!("{id} は設定されません"));
        }
    }
}

/// A pattern that matches whole cells only.
fn whole_cell(pattern: &str) -> Result<Regex, regex::Error> {
    // one that is none by itself could close the group around it
    Regex::new(pattern)?;
    // the line end closes a comment at the end of a pattern with (?x)
    Regex::new(&format!("^(?:{pattern})$"))
        .or_else(|error| Regex::new(&format!("^(?:{pattern}\n)$")).map_err(|_| error))
}

fn pattern(table: &Table<'_>, vocabularies: &mut Vocabularies<'_>, nulls: &Nulls) -> Option<Form> {
    // asked for at once, so that a mistake in the pattern is not followed by "unknown key"
    let (_, has_vocabulary) = (table.has("to"), table.has("vocab"));
    let en = "a regular expression whose named groups are item ids";
    let text =
        table.required("pattern", en, "項目idを名前とするグループを持つ正規表現が必要です")?;
    let key = table.key("pattern");
    let regex = match whole_cell(text.value) {
        Ok(regex) => regex,
        Err(error) => {
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default();
            let en = format!("is not a regular expression: {reason}");
            table.problems.add(text.line, &key, en, format!("正規表現の誤り: {reason}"));
            return None;
        }
    };
    let names: Vec<&str> = regex.capture_names().flatten().collect();
    let groups: Vec<Item> = names
        .iter()
        .filter_map(|name| values::item(table.problems, text.line, &key, name))
        .collect();
    if names.is_empty() {
        table.problems.add(
            text.line,
            &key,
            "has no named group; (?P<sbp1>…)",
            "名前付きグループがありません",
        );
    }
    if groups.len() != names.len() || groups.is_empty() {
        return None;
    }
    let named: Vec<(String, Item)> = groups.iter().map(|item| (item.id.clone(), *item)).collect();
    check_named(table, Some(&named));
    let coded: Vec<Item> = groups.iter().copied().filter(|item| item.is_term()).collect();
    if !coded.is_empty() && !has_vocabulary {
        let en = "name the [vocab.NAME] with the terms of the coded items";
        table.missing("vocab", en, "コード項目の用語表 [vocab.名前] を指定してください");
        return None;
    }
    let vocabulary = vocabularies.get(table, &coded, nulls);
    Some(Form::Pattern { regex, groups, vocabulary })
}
