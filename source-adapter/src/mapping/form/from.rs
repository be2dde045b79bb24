//! `from`, `join` and `pick`: the column of a rule, or several that make one cell.

use super::{From, Table, titles};

/// The source: one title, or a list with `join` or `pick`.
pub(super) fn from(table: &Table<'_>) -> Option<From> {
    let key = table.key("from");
    if !table.has("from") {
        table.missing("from", "the header of the source column", "元の列の見出しが必要です");
    }
    let (join, pick) = (table.text("join"), table.text("pick"));
    let found = titles(table, "from");
    if let Some(empty) = table.texts("from").iter().find(|title| title.value.is_empty()) {
        let en = "is empty; name the header as it stands in the export";
        table.problems.add(empty.line, &key, en, "空です。元の列の見出しが必要です");
    }
    let problem = |line, key: &str, en: &str, ja: &str| {
        table.problems.add(line, &table.key(key), en, ja);
    };
    match (found.as_slice(), join, pick) {
        ([], ..) => None,
        ([title], None, None) => Some(From::One(title.clone())),
        ([_], Some(other), _) => {
            problem(
                other.line,
                "join",
                "joins several columns; `from` is one",
                "from が1列のため使えません",
            );
            None
        }
        ([_], None, Some(other)) => {
            problem(
                other.line,
                "pick",
                "picks of several columns; `from` is one",
                "from が1列のため使えません",
            );
            None
        }
        (_, None, Some(word)) if word.value == "first" => Some(From::First(found)),
        (_, _, Some(word)) => {
            problem(
                word.line,
                "pick",
                "right is pick = \"first\", and no `join` beside it",
                "正: pick = \"first\"（join と一緒には使えません）",
            );
            None
        }
        (_, Some(join), None) => Some(From::Join(found, join.value.to_owned())),
        (_, None, None) => {
            problem(
                table.line,
                "from",
                "names several columns; say `join` (what stands between them) or pick = \"first\"",
                "複数の列があります。join（間に入れる文字）または pick = \"first\" を指定してください",
            );
            None
        }
    }
}
