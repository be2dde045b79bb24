//! `[source]` and `[long]`: how the file is laid out, before any cell is looked at.

use encoding_rs::{EUC_JP, Encoding, SHIFT_JIS, UTF_8, UTF_16LE};

use super::table::{Located, Table};
use super::title::Title;

/// The character encodings that exports come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charset {
    /// Windows-31J: `shift_jis` of the Encoding Standard.
    Cp932,
    Utf8,
    /// The byte order mark says which of the two orders; without one, least significant byte first.
    Utf16,
    EucJp,
}

const CHARSETS: [(&str, Charset); 4] = [
    ("cp932", Charset::Cp932),
    ("utf-8", Charset::Utf8),
    ("utf-16", Charset::Utf16),
    ("euc-jp", Charset::EucJp),
];

impl Charset {
    /// The encoding of the Encoding Standard; of UTF-16 the order that goes without a mark.
    pub(crate) fn encoding(self) -> &'static Encoding {
        match self {
            Self::Cp932 => SHIFT_JIS,
            Self::Utf8 => UTF_8,
            Self::Utf16 => UTF_16LE,
            Self::EucJp => EUC_JP,
        }
    }

    /// As a mapping names it.
    pub(crate) fn name(self) -> &'static str {
        CHARSETS.iter().find(|(_, charset)| *charset == self).map_or("", |(name, _)| name)
    }
}

/// What becomes of a row that ends early.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ShortRows {
    /// E003.
    #[default]
    Refuse,
    /// The cells that are missing are blank: spreadsheets leave them off.
    Blank,
}

/// What `[source]` says.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) charset: Charset,
    pub(crate) byte_order_mark: bool,
    pub(crate) delimiter: u8,
    /// Whether quotes quote; else they are data.
    pub(crate) quote: bool,
    pub(crate) skip_lines: u64,
    pub(crate) header_rows: usize,
    pub(crate) trailers: Vec<String>,
    pub(crate) short_rows: ShortRows,
    pub(crate) ignore: Vec<Title>,
    pub(crate) unknown: Vec<Title>,
    /// The titles in their order, where the map insists on them.
    pub(crate) layout: Vec<String>,
    pub(crate) report_no: Option<Title>,
}

/// `[long]`: one row per test.
#[derive(Debug)]
pub(crate) struct Long {
    pub(crate) key: Vec<Title>,
    pub(crate) item: Title,
    pub(crate) value: Title,
    pub(crate) unit: Option<Title>,
}

pub(super) fn source(root: &Table<'_>) -> Option<Source> {
    let Some(table) = root.table("source") else {
        if !root.has("source") {
            root.missing(
                "source",
                "say at least `encoding`",
                "少なくとも encoding を指定してください",
            );
        }
        return None;
    };
    let found = Source {
        charset: charset(&table).unwrap_or(Charset::Utf8),
        byte_order_mark: table.flag("bom", false),
        delimiter: delimiter(&table),
        quote: table.flag("quote", true),
        skip_lines: table.whole("skip_rows").map_or(0, |rows| u64::from(rows.value)),
        header_rows: header_rows(&table),
        trailers: trailers(&table),
        short_rows: short_rows(&table),
        ignore: titles(&table, "ignore"),
        unknown: titles(&table, "unknown"),
        layout: table.strings("layout"),
        report_no: table.text("report_no").and_then(|title| named(&table, "report_no", &title)),
    };
    if let Some(newline) = table.text("newline")
        && !matches!(newline.value, "crlf" | "lf")
    {
        let key = table.key("newline");
        let en = format!("{:?} is not known; right is \"crlf\" or \"lf\"", newline.value);
        table.problems.add(newline.line, &key, en, "正: \"crlf\" または \"lf\"");
    }
    decided_once(&table, &found);
    table.finish();
    Some(found)
}

pub(super) fn long(root: &Table<'_>) -> Option<Long> {
    let table = root.table("long")?;
    let column = |key, en: &str, ja: &str| {
        let title = table.required(key, en, ja)?;
        named(&table, key, &title)
    };
    let key = titles(&table, "key");
    if key.is_empty() {
        table.missing(
            "key",
            "the columns whose cells tell one checkup from another",
            "1件の健診を見分ける列（受診者番号と受診日など）を指定してください",
        );
    }
    let item = column("item", "the column with the names of the tests", "検査名の列が必要です");
    let value = column("value", "the column with the results", "結果の列が必要です");
    let unit = table.text("unit").and_then(|title| named(&table, "unit", &title));
    table.finish();
    Some(Long { key, item: item?, value: value?, unit })
}

/// A column named by one text, which is not empty.
fn named(table: &Table<'_>, key: &str, title: &Located<&str>) -> Option<Title> {
    if title.value.is_empty() {
        let en = "is empty; name the title as it stands in the export";
        table.problems.add(title.line, &table.key(key), en, "空です。列の見出しが必要です");
        return None;
    }
    Some(Title::new(title.value))
}

pub(super) fn titles(table: &Table<'_>, key: &'static str) -> Vec<Title> {
    table.texts(key).into_iter().map(|title| Title::new(title.value)).collect()
}

/// A column that nobody has decided on is not one that is dropped on purpose.
fn decided_once(table: &Table<'_>, source: &Source) {
    for title in table.texts("unknown") {
        if source.ignore.iter().any(|other| other.as_str() == title.value) {
            let en = format!("{:?} stands in `ignore`, too; keep one", title.value);
            let ja = format!("{:?} は ignore にもあります。どちらかにしてください", title.value);
            table.problems.add(title.line, &table.key("unknown"), en, ja);
        }
    }
}

fn charset(table: &Table<'_>) -> Option<Charset> {
    let en = "right is \"cp932\", \"utf-8\", \"utf-16\" or \"euc-jp\"";
    let ja = "正: \"cp932\"、\"utf-8\"、\"utf-16\"、\"euc-jp\"";
    let name = table.required("encoding", en, ja)?;
    let found = CHARSETS.iter().find(|(known, _)| *known == name.value);
    if found.is_none() {
        let text = format!("{:?} is not known; {en}", name.value);
        table.problems.add(name.line, &table.key("encoding"), text, ja);
    }
    found.map(|(_, charset)| *charset)
}

fn delimiter(table: &Table<'_>) -> u8 {
    let Some(text) = table.text("delimiter") else { return b',' };
    match text.value.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n') => *byte,
        _ => {
            let en = "must be one ASCII character, such as \",\" or \"\\t\"";
            let ja = "ASCII 1文字（例 \",\" や \"\\t\"）が必要です";
            table.problems.add(text.line, &table.key("delimiter"), en, ja);
            b','
        }
    }
}

fn header_rows(table: &Table<'_>) -> usize {
    let Some(rows) = table.whole("header_rows") else { return 1 };
    match usize::try_from(rows.value) {
        Ok(rows @ 1..=3) => rows,
        _ => {
            let en = "must be 1, 2 or 3; lines before the header row belong into `skip_rows`";
            let ja = "1〜3のみ。見出し行より前の行は skip_rows で指定します";
            table.problems.add(rows.line, &table.key("header_rows"), en, ja);
            1
        }
    }
}

/// How the lines behind the table begin. An empty text would be the beginning of every row.
fn trailers(table: &Table<'_>) -> Vec<String> {
    let prefixes = table.strings("trailer_prefix");
    prefixes.into_iter().filter(|prefix| !prefix.is_empty()).collect()
}

fn short_rows(table: &Table<'_>) -> ShortRows {
    let Some(word) = table.text("short_rows") else { return ShortRows::Refuse };
    match word.value {
        "refuse" => ShortRows::Refuse,
        "blank" => ShortRows::Blank,
        other => {
            let en = format!("{other:?} is not known; right is \"refuse\" or \"blank\"");
            let ja = "正: \"refuse\" または \"blank\"";
            table.problems.add(word.line, &table.key("short_rows"), en, ja);
            ShortRows::Refuse
        }
    }
}
