//! `[[item]]`: items that the institution has and the profile has not.

use renkei_checkup::own::{self, Declaration, Kind};

use super::Item;
use super::table::{Located, Table};

const KINDS: [(&str, Kind); 3] =
    [("number", Kind::Number), ("text", Kind::Text), ("finding", Kind::Finding)];

/// Declares the items of the file; columns name them `x_<id>`.
pub(super) fn read(root: &Table<'_>) -> Vec<Item> {
    let tables = root.tables("item");
    let mut declared: Vec<Declaration> = Vec::new();
    for table in &tables {
        let declaration = declaration(table);
        table.finish();
        let Some(declaration) = declaration else { continue };
        declared.push(declaration);
        if let Err(error) = own::check(&declared) {
            let (ja, en) = error.texts();
            table.problems.add(table.line, &table.key("id"), en, ja);
            declared.pop();
        }
    }
    match own::intern(&declared) {
        Ok(items) => {
            let mut known = root.problems.own.borrow_mut();
            known.extend(items.iter().map(|item| (item.id.clone(), *item)));
            items
        }
        Err(error) => {
            let line = tables.first().map_or(1, |table| table.line);
            let (ja, en) = error.texts();
            root.problems.add(line, "item", en, ja);
            Vec::new()
        }
    }
}

fn declaration(table: &Table<'_>) -> Option<Declaration> {
    let id = table.required(
        "id",
        "a short name of small letters, digits and _, such as \"crp\"",
        "英小文字・数字・_ の短い名前（例 \"crp\"）が必要です",
    );
    let name_ja = table.required("name_ja", "the name in Japanese", "日本語の名前が必要です");
    let (name_en, unit, code) = (table.text("name_en"), table.text("unit"), table.text("jlac10"));
    let decimals = table.whole("decimals").map(|decimals| decimals.value);
    let (low, high) = (table.number("low"), table.number("high"));
    let kind = kind(table);
    let (id, name_ja) = (id?, name_ja?);
    let text =
        |found: Option<Located<&str>>| found.map_or(String::new(), |found| found.value.to_owned());
    Some(Declaration {
        id: id.value.to_owned(),
        name_ja: name_ja.value.to_owned(),
        name_en: text(name_en),
        unit: text(unit),
        kind: kind?,
        decimals,
        min_plausible: low.map(|low| low.value),
        max_plausible: high.map(|high| high.value),
        jlac10: text(code),
    })
}

fn kind(table: &Table<'_>) -> Option<Kind> {
    let en = "right is \"number\", \"text\" or \"finding\"";
    let ja = "正: \"number\"、\"text\"、\"finding\"";
    let word = table.required("kind", en, ja)?;
    let found = KINDS.iter().find(|(known, _)| *known == word.value);
    if found.is_none() {
        let en = format!("{:?} is not known; {en}", word.value);
        table.problems.add(word.line, &table.key("kind"), en, ja);
    }
    found.map(|(_, kind)| *kind)
}
