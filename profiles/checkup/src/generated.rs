//! Records as institutions might hold them, for property tests: every item, with bounds, 未実施,
//! 測定不能, terms, several texts and names beyond CP932.

use proptest::prelude::*;

use crate::decimal::Decimal;
use crate::tables::{Column, Kind, tables};
use crate::{Record, kcsv, terms};

/// Programmes with a row of their own, and one without.
const PROGRAMMES: [&str; 7] = ["010", "020", "030", "040", "070", "080", "990"];

/// Letters of a name or an address: kana, kanji in and beyond JIS X 0208, compatibility kanji that
/// Unicode normalisation would fold, a kanji outside the basic plane, and what JSON and CSV escape.
const LETTERS: &str =
    "[ァ-ヴ]|[亜-熙]|[髙﨑神祥福𠮷德纊①Ⅱ㎎～－ー々]|[0-9A-Za-z]|[,\"'&<>;\\\\/・（）]";

/// A record of a programme of [`PROGRAMMES`] in which about two thirds of the items are filled, the
/// header items that every export must hold always.
pub(crate) fn record() -> impl Strategy<Value = Record> {
    let columns = tables().columns();
    let fields: Vec<BoxedStrategy<(String, String)>> =
        columns.iter().map(|column| (value(column), original(column)).boxed()).collect();
    fields.prop_map(|fields| {
        let mut record = Record::new();
        for (column, (value, original)) in tables().columns().iter().zip(fields) {
            record.set(column, &value);
            record.set_original(column, &original);
        }
        record
    })
}

fn value(column: &'static Column) -> BoxedStrategy<String> {
    match column.id.as_str() {
        "profile_ver" => Just(kcsv::PROFILE.to_owned()).boxed(),
        "record_no" => (1..=999_999_u32).prop_map(|n| n.to_string()).boxed(),
        "report_category" => Just("40".to_owned()).boxed(),
        "program_code" => prop::sample::select(&PROGRAMMES[..]).prop_map(str::to_owned).boxed(),
        "inst_no" => "[0-4][0-9][1-3][0-9]{7}".boxed(),
        "patient_id" => "[A-Z0-9]{1,10}".boxed(),
        "sex" => {
            prop::sample::select(&[terms::MALE, terms::FEMALE][..]).prop_map(str::to_owned).boxed()
        }
        "birth_date" => "19[3-9][0-9]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])".boxed(),
        "exam_date" => "202[0-9]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])".boxed(),
        "name_kana" => "[ァ-ヴ]{1,6} [ァ-ヴー]{1,6}".boxed(),
        "name_kanji" => (letters("{1,4}"), letters("{1,4}"))
            .prop_map(|(family, given)| format!("{family} {given}"))
            .boxed(),
        "inst_name" => text(),
        _ => sometimes(column),
    }
}

/// `count` letters of [`LETTERS`].
fn letters(count: &str) -> BoxedStrategy<String> {
    prop::string::string_regex(&format!("({LETTERS}){count}")).unwrap().boxed()
}

fn sometimes(column: &'static Column) -> BoxedStrategy<String> {
    let nothing = Just(String::new());
    let not_done = prop::sample::select(&[terms::NOT_PERFORMED, terms::NOT_MEASURABLE][..]);
    let filled = filled(column);
    if column.pair && !column.is_explanation() {
        prop_oneof![2 => nothing, 1 => not_done.prop_map(str::to_owned), 5 => filled].boxed()
    } else {
        prop_oneof![1 => nothing, 2 => filled].boxed()
    }
}

/// A value of the kind of the item.
fn filled(column: &'static Column) -> BoxedStrategy<String> {
    match (column.id.as_str(), column.kind) {
        ("insurer_no", _) => "[0-9]{8}|[0-9]{6}".boxed(),
        ("card_symbol" | "card_number", _) => "[0-9札記Ａ-Ｚ・:^-]{1,6}( [0-9]{1,3})?".boxed(),
        ("card_branch", _) => "[0-9]{2}".boxed(),
        ("postal" | "inst_postal", _) => "[0-9]{3}-[0-9]{4}".boxed(),
        ("tel" | "inst_tel", _) => "0[0-9]{1,3}-000-[0-9]{4}".boxed(),
        (_, Kind::Num) => number(column),
        (_, Kind::Term | Kind::Judge) => {
            let terms: Vec<_> =
                tables().terms(&column.value_set).iter().map(|t| t.term.clone()).collect();
            prop::sample::select(terms).boxed()
        }
        (_, Kind::Date) => "20[0-2][0-9]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])".boxed(),
        (_, Kind::Int) => (0..=120_u8).prop_map(|n| n.to_string()).boxed(),
        (_, Kind::Id | Kind::Code) => "[0-9A-Z-]{1,11}".boxed(),
        (_, Kind::Multi) => prop::collection::vec(text(), 1..4)
            .prop_map(|texts| texts.join(&terms::JOIN.to_string()))
            .boxed(),
        (_, Kind::Text | Kind::Kana | Kind::Name) => text(),
    }
}

fn text() -> BoxedStrategy<String> {
    letters("{1,8}")
}

/// A number within the plausible limits, sometimes as a bound.
fn number(column: &'static Column) -> BoxedStrategy<String> {
    let decimals = column.decimals.unwrap_or_default();
    let limit = |limit: Option<Decimal>| limit.unwrap_or(Decimal::ZERO).to_f64();
    let (low, high) = (limit(column.min_plausible), limit(column.max_plausible));
    let sign = prop::sample::select(&["", "", "", "", "<", "<=", ">", ">="][..]);
    let places = usize::try_from(decimals).unwrap();
    (sign, low..=high)
        .prop_map(move |(sign, value)| {
            // as the standard record has it, which knows no -0
            let value = Decimal::parse(&format!("{value:.places$}")).unwrap();
            format!("{sign}{value}")
        })
        .boxed()
}

/// The source cell, untrimmed; only pair columns keep it.
fn original(column: &'static Column) -> BoxedStrategy<String> {
    if column.pair {
        "[ 　]?[０-９0-9.○×亜-腕,\"\r\n]{0,6}[ 　]?".boxed()
    } else {
        Just(String::new()).boxed()
    }
}
