//! `[[col]]`: what is done with one column of the export.

use std::collections::HashSet;

use regex::Regex;
use renkei_checkup::Kind;
use renkei_checkup::decimal::Decimal;

use super::table::{Located, Table};
use super::vocabularies::Vocabularies;
use super::{Item, SharedVocabulary, values};

/// One use of one column.
#[derive(Debug)]
pub(crate) struct ColumnRule {
    pub(crate) header: String,
    pub(crate) form: Form,
    /// Where its `[[col]]` stands.
    pub(crate) line: usize,
}

/// Splits a cell into several values.
#[derive(Debug)]
pub(crate) struct Splitter {
    pub(crate) split: Vec<char>,
    /// Words that stand for no value.
    pub(crate) none: Vec<String>,
}

/// What becomes of a cell; one variant per word of `as`.
#[derive(Debug)]
pub(crate) enum Form {
    Text(Item),
    Number { item: Item, factor: Option<Decimal> },
    Int(Item),
    Digits { item: Item, pad: usize },
    Postal(Item),
    Date(Item),
    Kana(Item),
    Name(Item),
    Term { item: Item, vocabulary: SharedVocabulary, strict: bool },
    Multi { item: Item, splitter: Splitter },
    Finding { flag: Item, text: Item, splitter: Splitter, yes: String, no: String },
    Flags { words: Vec<(String, Item)>, splitter: Splitter, yes: String, no: String },
    Pattern { regex: Regex, groups: Vec<Item>, vocabulary: Option<SharedVocabulary> },
    Route { by: String, table: Vec<(String, Item)> },
}

impl Form {
    /// The items the column can fill, each once.
    pub(crate) fn items(&self) -> Vec<Item> {
        let mut items = self.named();
        let mut seen = HashSet::new();
        items.retain(|item| seen.insert(item.position));
        items
    }

    fn named(&self) -> Vec<Item> {
        match self {
            Self::Text(item)
            | Self::Number { item, .. }
            | Self::Int(item)
            | Self::Digits { item, .. }
            | Self::Postal(item)
            | Self::Date(item)
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
pub(super) fn read(table: &Table<'_>, vocabularies: &mut Vocabularies<'_>) -> Option<ColumnRule> {
    let from =
        table.required("from", "the header of the source column", "元の列の見出しが必要です");
    if let Some(from) = from.as_ref().filter(|from| from.value.is_empty()) {
        let en = "is empty; name the header as it stands in the export";
        table.problems.add(from.line, &table.key("from"), en, "空です。元の列の見出しが必要です");
    }
    let known = format!("right is one of {FORMS}");
    let form = table.required("as", &known, &format!("正: {FORMS}"))?;
    let form = match form.value {
        "text" => simple(table, &form).map(Form::Text),
        "int" => simple(table, &form).map(Form::Int),
        "postal" => simple(table, &form).map(Form::Postal),
        "date" => simple(table, &form).map(Form::Date),
        "kana" => simple(table, &form).map(Form::Kana),
        "name" => simple(table, &form).map(Form::Name),
        "num" => number(table, &form),
        "digits" => digits(table, &form),
        "term" => term(table, &form, vocabularies),
        "multi" => {
            let splitter = splitter(table);
            simple(table, &form).map(|item| Form::Multi { item, splitter })
        }
        "finding" => finding(table, &form),
        "flags" => flags(table, &form),
        "regex" => pattern(table, vocabularies),
        "route" => route(table, &form),
        other => {
            let en = format!("{other:?} is not known; {known}");
            table.problems.add(form.line, &table.key("as"), en, format!("正: {FORMS}"));
            // the other keys cannot be judged
            return None;
        }
    };
    table.finish();
    Some(ColumnRule { header: from?.value.to_owned(), form: form?, line: table.line })
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

fn number(table: &Table<'_>, form: &Located<&str>) -> Option<Form> {
    let factor = table.number("factor");
    if let Some(factor) = factor.as_ref().filter(|factor| factor.value == Decimal::ZERO) {
        let en = "0 makes every value 0; leave the key out to take values as they are";
        let ja = "0を掛けると全て0になります。不要ならこのキーを削除してください";
        table.problems.add(factor.line, &table.key("factor"), en, ja);
    }
    let factor = factor.map(|factor| factor.value);
    simple(table, form).map(|item| Form::Number { item, factor })
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
) -> Option<Form> {
    let strict = table.flag("strict", true);
    if !table.has("vocab") {
        let en = "name the [vocab.NAME] with the terms of this column";
        table.missing("vocab", en, "用語表 [vocab.名前] を指定してください");
    }
    let item = simple(table, form)?;
    let vocabulary = vocabularies.get(table, &[item])?;
    Some(Form::Term { item, vocabulary, strict })
}

fn splitter(table: &Table<'_>) -> Splitter {
    let split = table.text("split").map_or(String::new(), |split| split.value.to_owned());
    Splitter { split: split.chars().collect(), none: table.strings("none") }
}

fn finding(table: &Table<'_>, form: &Located<&str>) -> Option<Form> {
    let splitter = splitter(table);
    let words = table.texts("flag");
    let named = table.texts("to").len();
    let targets = targets(table);
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
    let words = words(table, "table", form.value);
    check_named(table, words.as_deref());
    Some(Form::Route { by: by?.value.to_owned(), table: words? })
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
    // the line end closes a comment at the end of a pattern with (?x)
    Regex::new(&format!("^(?:{pattern})$")).or_else(|error| {
        Regex::new(&format!("^(?:{pattern}\n)$"))
            .ok()
            .filter(|_| Regex::new(pattern).is_ok())
            .ok_or(error)
    })
}

fn pattern(table: &Table<'_>, vocabularies: &mut Vocabularies<'_>) -> Option<Form> {
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
    let vocabulary = vocabularies.get(table, &coded);
    Some(Form::Pattern { regex, groups, vocabulary })
}
