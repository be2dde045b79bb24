//! What can be wrong with any file that people write, whatever it is for.

use super::MappingError;
use renkei_metadata::words::Words;

renkei_metadata::words_table! { pub(crate) rows:
    TABLE_TWICE = "toml-table-twice" {
        en: "a second table of this name", "write [[col]], [[item]] and [[range]]";
        ja: "同じ名前の表が2つあります", "[[col]]、[[item]]、[[range]] と書いてください"
    }
    KEY_TWICE = "toml-key-twice" {
        en: "this key stands here a second time", "keep one";
        ja: "同じキーが2回あります", "1つだけ残してください"
    }
    UNQUOTED = "toml-unquoted" {
        en: "the value is none of TOML", "a text needs quotes, as in as = \"num\"";
        ja: "値がTOMLの書式ではありません", "文字列は引用符で囲んでください。例 as = \"num\""
    }
    SYNTAX = "toml-syntax" {
        en: "this is no TOML", "see the TOML format";
        ja: "TOMLの構文誤りです", "TOMLの書式を確認してください"
    }
    WRONG_TYPE = "toml-wrong-type" {
        en: "{found} is of the wrong kind", "expected {expected}";
        ja: "{found} は種類が違います", "{expected_ja}が必要です"
    }
    MISSING = "toml-missing" {
        en: "is missing", "{expected}";
        ja: "がありません", "{expected_ja}"
    }
    UNKNOWN_KEY = "toml-unknown-key" {
        en: "is not known here", "known are {known}";
        ja: "は使えません", "使えるキー: {known}"
    }
}

/// The row of a mistake, if it has one.
pub fn of(error: &MappingError) -> Option<&'static Words> {
    all().find(|row| row.fit(&error.en, &error.ja))
}

/// Every row of a mistake in a document set, in changes, or in any file that people write.
pub fn all() -> impl Iterator<Item = &'static Words> {
    ROWS.iter().chain(crate::set::mistakes::ROWS).copied()
}
