use std::collections::HashMap;
use std::path::Path;

use super::{Files, TableError, Tables, tables};

#[test]
fn the_tables_are_in_order() {
    let read = Tables::read(&Files::of_this_build()).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(read.columns().len(), 175);
    let width: usize = read.columns().iter().map(|c| 1 + usize::from(c.pair)).sum();
    assert_eq!(width, 316);
    assert_eq!(read.columns().iter().filter(|c| c.statutory).count(), 57);
    assert_eq!(read.manifest().profile, crate::kcsv::PROFILE);
    assert_eq!(read.manifest().tables.len(), 17);
}

/// The rows of a CSV file, each by the names of its columns.
fn rows(text: &str) -> Vec<HashMap<String, String>> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect()
}

#[test]
fn the_items_are_those_of_the_normative_table() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/checkup");
    let Ok(theirs) = std::fs::read_to_string(folder.join("our-profile-columns.csv")) else {
        eprintln!("skipped: {} is not there", folder.display());
        return;
    };
    let files = Files::of_this_build();
    let (ours, theirs) = (rows(files.columns), rows(&theirs));
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(&theirs) {
        for (name, value) in theirs {
            // other methods of a chest X-ray have companions here
            let own = name == "alt_jlac10" && ours["id"].starts_with("cxr_");
            let same = match name.as_str() {
                "group" => ours.get("chapter"),
                "xml_type" => ours.get("value_type"),
                other => ours.get(other),
            };
            assert!(own || same.is_none_or(|same| same == value), "{}: {name}", ours["id"]);
        }
    }
    for (ours, file) in [(files.value_sets, "value-sets.csv"), (files.methods, "item-methods.csv")]
    {
        let theirs = std::fs::read_to_string(folder.join(file)).unwrap();
        assert_eq!(rows(ours), rows(&theirs), "{file}");
    }
}

#[test]
fn looks_up_by_id_code_and_term() {
    let hba1c = tables().column("hba1c").unwrap();
    assert_eq!(hba1c.decimals, Some(1));
    assert_eq!(tables().column_of_code("3D046000001927102").unwrap().id, "hba1c");
    assert_eq!(tables().term("1.2.392.200119.6.2102", "＋").unwrap().code, "3");
    assert_eq!(tables().method("3D046000001927102").unwrap().method_name, "酵素法");
    assert!(tables().column("no_such_item").is_none());
}

#[test]
fn judgement_lists_lead_to_standard_terms() {
    let list = |name: &str| {
        tables().judgement_lists().iter().find(|list| list.name.contains(name)).unwrap()
    };
    let standard = |name: &str, word: &str| list(name).find(word).unwrap().standard.clone();
    assert_eq!(standard("日本予防医学協会", "G2").as_deref(), Some("要精検"));
    assert_eq!(standard("協会けんぽ", "6").as_deref(), Some("治療中"));
    assert_eq!(standard("2008", "C1"), None, "a guidance level, no judgement");
    assert_eq!(standard("2012", "要治療").as_deref(), Some("要治療"));
}

/// A change of one table, and the place that must be told: file, line, column, value.
type Break = (&'static str, &'static str, &'static str, (u64, &'static str, &'static str));

/// Each way in which a table can be broken.
const BREAKS: [Break; 52] = [
    ("finding-words.csv", "異常なし,nothing,", ",nothing,", (2, "word", "")),
    ("finding-words.csv", "異常なし,nothing,", "異常なし,naught,", (2, "meaning", "naught")),
    ("finding-words.csv", "異常なし,nothing,", "異常なし,nothing,yes", (2, "alone", "yes")),
    (
        "columns.csv",
        "height,身長,Height,D1 身体,num",
        "height,身長,Height,D1 身体,number",
        (36, "kind", "number"),
    ),
    ("columns.csv", "\nweight,", "\nheight,", (37, "id", "height")),
    ("columns.csv", "\nweight,", "\nWeight,", (37, "id", "Weight")),
    ("columns.csv", "height,身長,Height", "height,,Height", (36, "name_ja", "")),
    ("columns.csv", "9N006000000000001", "9N001000000000001", (37, "jlac10", "9N001000000000001")),
    ("columns.csv", "9N006000000000001", "9N0060000000", (37, "jlac10", "9N0060000000")),
    (
        "columns.csv",
        "1.2.392.200119.6.1104",
        "1.2.392.200119.6.9999",
        (27, "value_set", "1.2.392.200119.6.9999"),
    ),
    ("columns.csv", ",past_hist,1", ",no_such,1", (46, "component_of", "no_such")),
    ("columns.csv", ",past_hist,1", ",past_hist_txt,1", (46, "component_of", "past_hist_txt")),
    ("columns.csv", "cm,cm,PQ,,1,100,230", "cm,cm,PQ,,,100,230", (36, "decimals", "")),
    ("columns.csv", "cm,cm,PQ,,1,100,230", "cm,cm,PQ,,1,230,100", (36, "min_plausible", "230")),
    ("columns.csv", "cm,cm,PQ,,1,100,230", "cm,cm,PQ,,1,low,230", (36, "min_plausible", "low")),
    ("columns.csv", "cm,cm,PQ,,1,100,230", "cm,,PQ,,1,100,230", (36, "unit_ucum", "")),
    ("columns.csv", "cm,cm,PQ,,1,100,230", "cm,cm,ST,,1,100,230", (36, "value_type", "Some(St)")),
    ("columns.csv", "cm,cm,PQ,,1,100,230", "cm,cm,XX,,1,100,230", (36, "value_type", "XX")),
    (
        "columns.csv",
        "cm,cm,PQ,,1,100,230,32",
        "cm,cm,PQ,,1,100,230,9999",
        (36, "max_bytes", "9999"),
    ),
    (
        "columns.csv",
        "cm,cm,PQ,,1,100,230,32,B",
        "cm,cm,PQ,,1,100,230,32,Z",
        (36, "req_industrial", "Z"),
    ),
    (
        "columns.csv",
        "height,身長,Height,D1 身体,num,1",
        "height,身長,Height,D1 身体,num,0",
        (36, "pair", "0"),
    ),
    (
        "columns.csv",
        "sex,性別,Sex,C,term,0,,,,,,1.2.392.200119.6.1104,,,",
        "sex,性別,Sex,C,term,0,,,,,,1.2.392.200119.6.1104,1,,",
        (27, "decimals", "1"),
    ),
    (
        "columns.csv",
        "sex,性別,Sex,C,term,0,,,,,,1.2.392.200119.6.1104,,,",
        "sex,性別,Sex,C,term,0,,,,,,1.2.392.200119.6.1104,,1,",
        (27, "min_plausible", "1"),
    ),
    (
        "columns.csv",
        "j_total,総合判定,Overall judgement,G 判定,judge,1,,,,,,kcsv:J1",
        "j_total,総合判定,Overall judgement,G 判定,judge,1,,,,,,kcsv:visit",
        (163, "value_set", "kcsv:visit"),
    ),
    ("columns.csv", "3C015,RSON", "3C015,", (76, "group_role", "None")),
    ("columns.csv", "\nheight,身長,", "\nheight,身長,身長,", (36, "", "26")),
    (
        "columns.csv",
        "3D046000001906202;",
        "3D046000001906299;",
        (81, "jlac10", "3D046000001906299"),
    ),
    ("value-sets.csv", "1.2.392.200119.6.1008,2,", "1.2.392.200119.6.1008,1,", (3, "code", "1")),
    ("value-sets.csv", ",予備群該当", ",基準該当", (3, "term", "基準該当")),
    ("value-sets.csv", ",予備群該当", ",", (3, "term", "")),
    (
        "item-methods.csv",
        "1A010000000191111,尿蛋白",
        "1A010000000190111,尿蛋白",
        (3, "jlac10", "1A010000000190111"),
    ),
    (
        "item-methods.csv",
        "1A010000000190111,尿蛋白",
        "XA010000000190111,尿蛋白",
        (2, "jlac10", "XA010000000190111"),
    ),
    ("item-methods.csv", ",1A01020000,", ",,", (2, "method_code", "")),
    ("judgements.csv", "D2,要精検,D2", "D2,要精検,Q", (6, "j1", "Q")),
    ("judgements.csv", "2012,D2,要精検,D2", "2012,D1,要精検,D2", (6, "code", "D1")),
    (
        "judgements.csv",
        "2012,D2,要精検,D2",
        "2013,D2,要精検,D2",
        (6, "name", "人間ドック学会 2013"),
    ),
    ("synonyms.csv", "\nheight,", "\nheigth,", (33, "items", "heigth")),
    ("synonyms.csv", "145-185", "145", (33, "typical", "145")),
    ("synonyms.csv", "sbp1+dbp1,pair", "sbp1+dbp1,", (55, "form", "sbp1+dbp1")),
    ("notations.csv", "letter,M,1", "letter,M,9", (2, "code", "1.2.392.200119.6.1104 9")),
    ("notations.csv", "letter,F,2", "letter,M,2", (3, "word", "M")),
    ("notations.csv", "letter,M,1,", "letter,M,1,no_mark", (2, "title", "no_mark")),
    (
        "header-words.csv",
        "mark,inside,右眼,right",
        "mark,inside,右眼,rihgt",
        (14, "value", "rihgt"),
    ),
    ("header-words.csv", "mark,inside,右眼,right", "mark,inside,左眼,right", (15, "word", "左眼")),
    (
        "header-words.csv",
        "mark,inside,右眼,right",
        "mark,within,右眼,right",
        (14, "place", "within"),
    ),
    ("header-words.csv", "never,inside,前回,earlier", "never,inside,前回,", (0, "value", "")),
    ("cell-words.csv", "null,whole,--,blank", "null,whole,--,blanc", (3, "value", "blanc")),
    ("cell-words.csv", "null,whole,--,blank", "null,whole,-,blank", (3, "word", "-")),
    ("cell-words.csv", ",血圧,q01", ",血圧,q99", (0, "value", "q99")),
    ("header-units.csv", "kg,kg,,1", "kg,kg,,one", (3, "factor", "one")),
    ("header-units.csv", "kg,kg,,1", "cm,cm,,1", (3, "unit", "cm")),
    ("draft-questions.csv", "\nldl,", "\nlld,", (3, "item", "lld")),
];

/// Reads the tables with one of them changed.
fn broken(file: &str, from: &str, to: &str) -> Vec<TableError> {
    let whole = Files::of_this_build();
    let change = |name: &str, text: &str| {
        if name == file {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        } else {
            text.to_owned()
        }
    };
    let texts = [
        change("manifest.toml", whole.manifest),
        change("columns.csv", whole.columns),
        change("value-sets.csv", whole.value_sets),
        change("item-methods.csv", whole.methods),
        change("judgements.csv", whole.judgements),
        change("synonyms.csv", whole.synonyms),
        change("notations.csv", whole.notations),
        change("finding-words.csv", whole.finding_words),
    ];
    let [manifest, columns, value_sets, methods, judgements, synonyms, notations, finding_words] =
        &texts;
    let others: Vec<(&str, String)> =
        whole.others.iter().map(|(name, text)| (*name, change(name, text))).collect();
    let files = Files {
        manifest,
        columns,
        value_sets,
        methods,
        judgements,
        synonyms,
        notations,
        finding_words,
        others: others.iter().map(|(name, text)| (*name, text.as_str())).collect(),
    };
    Tables::read(&files).err().map_or_else(Vec::new, |errors| errors.0)
}

#[test]
fn each_way_to_break_a_table_is_told_with_its_place() {
    for (file, from, to, (line, column, value)) in BREAKS {
        let errors = broken(file, from, to);
        let told = errors.iter().any(|error| {
            error.file == file
                && (line == 0 || error.line == line)
                && (column.is_empty() || error.column == column)
                && (value.is_empty() || error.value == value)
                && !error.en.is_empty()
                && !error.ja.is_empty()
        });
        assert!(told, "{file}: {from} -> {to}: {errors:?}");
    }
}

#[test]
fn the_manifest_names_the_profile_and_every_table() {
    for (from, to, line, column) in [
        ("kcsv/1.0.0", "kcsv/9.0.0", 3, "profile"),
        ("rows = 175", "rows = 174", 8, "rows"),
        ("version = \"1.0.1\"", "version = \"one\"", 7, "version"),
        ("file = \"columns.csv\"", "file = \"rows.csv\"", 6, "file"),
        ("file = \"columns.csv\"", "file = \"notations.csv\"", 1, "table"),
        ("profile = ", "profil = ", 3, ""),
    ] {
        let errors = broken("manifest.toml", from, to);
        let told = errors.iter().any(|error| {
            error.file == "manifest.toml" && error.line == line && error.column == column
        });
        assert!(told, "{from} -> {to}: {errors:?}");
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let errors = broken("columns.csv", "cm,cm,PQ,,1,100,230,32", "cm,,PQ,,,230,100,0");
    let columns: Vec<&str> = errors.iter().map(|error| error.column.as_str()).collect();
    assert_eq!(columns, ["max_bytes", "unit_ucum", "decimals", "min_plausible"]);
    assert!(errors[0].to_string().starts_with("columns.csv:36: max_bytes \"0\": 1 to 512"));
}

#[test]
fn every_data_file_has_a_row_in_the_manifest() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tables");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let named = tables().manifest().tables.iter().any(|table| table.file == name);
        assert!(named || name == "manifest.toml", "{name}");
    }
}
