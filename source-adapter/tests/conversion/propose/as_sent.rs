//! Exports as institutions really send them: what a draft says about each, and what it never says.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use renkei_source_adapter::propose::{ProposeError, Quotes, State};
use renkei_source_adapter::{Draft, Mapping, ProposeOptions, propose, propose_with};
use toml::{Table, Value};

use super::answers::{self, Finished, columns, titles};

fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/checkup/broken");
    if !folder.is_dir() {
        eprintln!("skipped: {} is not there", folder.display());
        return None;
    }
    Some(folder)
}

struct Case {
    draft: Draft,
    map: Table,
    export: Vec<u8>,
}

impl Case {
    fn read(folder: &Path, name: &str) -> Self {
        let export = fs::read(folder.join(name)).unwrap();
        let draft = propose(&*export, name).unwrap_or_else(|error| panic!("{name}: {error}"));
        Mapping::read("draft.toml", draft.toml())
            .unwrap_or_else(|errors| panic!("{name}: {errors}\n{}", draft.toml()));
        let map = toml::from_str(draft.toml()).unwrap();
        Self { draft, map, export }
    }

    fn column(&self, title: &str) -> Option<Table> {
        columns(&self.map).into_iter().find(|column| titles(column) == [title])
    }

    fn state(&self, title: &str) -> State {
        self.draft.columns.iter().find(|column| column.header == title).unwrap().state
    }

    fn list(&self, section: &str, key: &str) -> Vec<String> {
        let value = self.map.get(section).and_then(|table| table.get(key));
        match value {
            Some(Value::Array(list)) => {
                list.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
            }
            Some(Value::String(text)) => vec![text.clone()],
            _ => Vec::new(),
        }
    }

    fn words(&self, title: &str, key: &str) -> Vec<String> {
        let column = self.column(title).unwrap_or_else(|| panic!("{title} is not decided"));
        let list = column.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        list.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    }

    /// A value of the record that the draft, with the constants of a map, makes of a row.
    fn converted(&self, folder: &Path, map: &str) -> answers::Converted {
        let truth = fs::read_to_string(folder.join(map)).unwrap();
        let finished = Finished::new(self.draft.toml(), &toml::from_str(&truth).unwrap());
        finished.convert(&self.export)
    }
}

/// A line that asks something about a word.
fn asks(draft: &Draft, word: &str) -> bool {
    draft.toml().lines().any(|line| line.contains("要記入") && line.contains(word))
}

#[test]
fn titles_with_line_ends_and_thousands_are_read() {
    let Some(folder) = folder() else { return };
    let case = Case::read(&folder, "02-excel-bom.csv");
    assert!(case.draft.layout.bom);
    for (title, id) in [("身長\r\n(cm)", "height"), ("白血球数\r\n(/μL)", "wbc")] {
        let title =
            if case.column(title).is_some() { title.to_owned() } else { title.replace('\r', "") };
        let column = case.column(&title).unwrap_or_else(|| panic!("{title:?}"));
        assert_eq!(column["to"].as_str(), Some(id));
    }
    assert!(case.words("既往歴", "none").contains(&"なし".to_owned()));
}

#[test]
fn dates_get_the_form_that_reads_them_or_a_question() {
    let Some(folder) = folder() else { return };
    let case = Case::read(&folder, "03-wareki.csv");
    for title in ["生年月日", "受診日"] {
        let column = case.column(title).unwrap();
        assert_eq!(column["as"].as_str(), Some("date"));
        assert!(!column.contains_key("era"), "an era digit is never decided");
        assert_eq!(case.state(title), State::WordsAsked);
    }
    assert!(case.draft.toml().contains("# era = \"digit\""));
    assert!(!case.draft.toml().contains("3630401"), "no birth date in a map");
}

#[test]
fn two_rows_of_titles_are_found() {
    let Some(folder) = folder() else { return };
    let case = Case::read(&folder, "04-two-header-rows.csv");
    assert_eq!((case.draft.layout.skip_rows, case.draft.layout.header_rows), (0, 2));
    for (title, id) in
        [("身体計測/判定", "j_body"), ("総合/判定", "j_total"), ("身体計測/身長", "height")]
    {
        assert_eq!(case.column(title).unwrap()["to"].as_str(), Some(id), "{title}");
    }
    for title in ["腹部超音波/所見", "腹部超音波/判定"] {
        assert!(case.column(title).is_none());
        assert!(case.list("source", "unknown").contains(&title.to_owned()));
    }
    let truth = fs::read_to_string(folder.join("04-two-header-rows-map.toml")).unwrap();
    let finished = Finished::new(case.draft.toml(), &toml::from_str(&truth).unwrap());
    let values = finished.compare(&case.export, &truth);
    assert_eq!((values.records, values.wrong), (2, Vec::new()));
    // with the group titles taken for a line above the table
    let options = ProposeOptions { skip_rows: Some(1), header_rows: Some(1) };
    let draft = propose_with(&*case.export, "04", options).unwrap();
    assert!(draft.columns.iter().any(|column| column.header == "判定#6"));
    assert!(draft.columns.iter().filter(|c| c.header.contains('#')).all(|c| c.items.is_empty()));
}

#[test]
fn one_row_for_each_test_becomes_a_long_map() {
    let Some(folder) = folder() else { return };
    let case = Case::read(&folder, "05-long.csv");
    let long = case.map["long"].as_table().unwrap();
    assert_eq!(case.list("long", "key"), ["受診者ID", "受診日"]);
    assert_eq!(long["item"].as_str(), Some("項目名"));
    assert_eq!((long["value"].as_str(), long["unit"].as_str()), (Some("結果値"), Some("単位")));
    assert_eq!(case.column("AST(U/L)").unwrap()["to"].as_str(), Some("ast"));
    let truth = fs::read_to_string(folder.join("05-long-map.toml")).unwrap();
    let finished = Finished::new(case.draft.toml(), &toml::from_str(&truth).unwrap());
    let values = finished.compare(&case.export, &truth);
    assert_eq!((values.records, values.wrong), (2, Vec::new()));
}

#[test]
fn words_that_are_no_findings_never_become_one() {
    let Some(folder) = folder() else { return };
    for (name, map) in [
        ("06-words.tsv", "06-words-map.toml"),
        ("12-nothing-found.csv", "12-nothing-found-decided-map.toml"),
        ("18-absent-words.tsv", "18-absent-words-decided-map.toml"),
    ] {
        let case = Case::read(&folder, name);
        // the draft with the constants only: words that are asked refuse their rows
        let truth: Table = toml::from_str(&fs::read_to_string(folder.join(map)).unwrap()).unwrap();
        let constants: Table = truth.into_iter().filter(|(key, _)| key == "const").collect();
        let converted = Finished::new(case.draft.toml(), &constants).convert(&case.export);
        for (number, record) in &converted.records {
            for id in ["ecg", "cxr"] {
                let text = record.get(&format!("{id}_txt"));
                let is_finding = record.get(id) == "所見あり";
                assert_eq!(is_finding, matches!(text, "左室肥大"), "{name} {number}: {text:?}");
            }
        }
        let decided: BTreeSet<String> = ["none", "split"]
            .iter()
            .flat_map(|key| case.words("心電図", key))
            .chain(case.list("null", "not_performed"))
            .chain(case.list("null", "not_measurable"))
            .chain(case.list("null", "blank"))
            .collect();
        for word in ["ｎ．ｐ．", "np", "洞調律", "検査不可", "ー"] {
            assert!(!decided.contains(word), "{name}: {word} is guessed");
        }
    }
}

#[test]
fn words_of_one_meaning_are_written_and_the_others_asked() {
    let Some(folder) = folder() else { return };
    let case = Case::read(&folder, "12-nothing-found.csv");
    let none = case.words("心電図", "none");
    for word in ["異常なし", "異常なし。", "WNL", "著変なし", "特記事項なし"] {
        assert!(none.contains(&word.to_owned()), "{word}");
    }
    assert!(asks(&case.draft, "ｎ．ｐ．") && asks(&case.draft, "洞調律"));
    let case = Case::read(&folder, "18-absent-words.tsv");
    assert_eq!(case.list("null", "not_performed"), ["拒否", "未施行"]);
    assert_eq!(case.list("null", "not_measurable"), ["判定不能"]);
    for word in ["np", "ー", "検査不可"] {
        assert!(asks(&case.draft, &format!("\"{word}\"")), "{word}");
    }
    let case = Case::read(&folder, "06-words.tsv");
    assert_eq!(case.words("AST", "strip"), ["H"]);
    assert_eq!(case.state("HbA1c"), State::Asked, "NGSP or JDS");
    assert!(case.draft.toml().contains("(再)"), "a mark that says more is asked");
}

#[test]
fn quotes_that_are_none_are_said_to_be_data() {
    let Some(folder) = folder() else { return };
    for (name, map, records) in [
        ("10-never-quoted.tsv", "10-never-quoted-as-data-map.toml", 6),
        ("24-open-quote.csv", "24-open-quote-as-data-map.toml", 4),
    ] {
        let case = Case::read(&folder, name);
        assert_eq!(case.draft.layout.quotes, Quotes::Data, "{name}");
        assert_eq!(case.map["source"]["quote"].as_bool(), Some(false));
        assert_eq!(case.converted(&folder, map).records.len(), records);
    }
}

#[test]
fn a_word_of_a_vocabulary_is_a_null_word_of_one_column_only() {
    let Some(folder) = folder() else { return };
    let case = Case::read(&folder, "11-minus.csv");
    assert_eq!(case.list("null", "blank"), [""]);
    let glucose = case.column("随時血糖").unwrap();
    let blank = glucose["null"]["blank"].as_array().unwrap();
    assert!(blank.iter().any(|word| word.as_str() == Some("-")));
    let converted = case.converted(&folder, "11-minus-column-map.toml");
    assert_eq!(converted.records["1"].get("cpg"), "");
    assert_eq!(converted.records["1"].get("u_sugar"), "－");
}

#[test]
fn values_of_other_checkups_and_limits_are_never_proposed() {
    let Some(folder) = folder() else { return };
    let case = Case::read(&folder, "15-last-year.csv");
    let unknown = case.list("source", "unknown");
    for column in &case.draft.columns {
        let title = &column.header;
        if ["前回", "前々回", "基準", "上限", "JDS"].iter().any(|word| title.contains(word))
        {
            assert_eq!(column.state, State::Unknown, "{title}");
            assert!(column.candidates.is_empty() && unknown.contains(title), "{title}");
        }
    }
    assert_eq!(case.map["jlac10"]["alp"].as_str(), Some("3B070000002327101"), "JSCC");
    for title in ["中性脂肪", "判定"] {
        assert_eq!(case.state(title), State::Asked, "{title}");
    }
    let candidates =
        &case.draft.columns.iter().find(|c| c.header == "中性脂肪").unwrap().candidates;
    assert_eq!(candidates.concat(), ["tg_fast", "tg_casual"]);
    assert_eq!(case.column("空腹時血糖").unwrap()["to"].as_str(), Some("fpg"));
}

#[test]
fn judgement_digits_are_asked_with_all_lists_beside_them() {
    let Some(folder) = folder() else { return };
    let case = Case::read(&folder, "16-judgement-digits.csv");
    assert_eq!(case.state("総合判定"), State::WordsAsked);
    let words = case.map["vocab"]["judge"].as_table().unwrap();
    for word in ["1", "2", "3", "4", "5"] {
        assert!(!words.contains_key(word), "{word} is guessed");
    }
    for list in ["協会けんぽ", "type A", "type B", "type C", "type D", "type E"] {
        assert!(case.draft.toml().contains(list), "{list}");
    }
    let converted = case.converted(&folder, "14-delivery-map.toml");
    assert!(converted.records.is_empty(), "without an answer nothing is delivered");
}

#[test]
fn findings_come_out_whole() {
    let Some(folder) = folder() else { return };
    let case = Case::read(&folder, "21-separators.csv");
    let converted = case.converted(&folder, "14-delivery-map.toml");
    let get = |number: &str, id: &str| converted.records[number].get(id).to_owned();
    assert_eq!(get("1", "obj_txt"), "収縮期雑音 Levine II/VI");
    assert_eq!(get("1", "ecg_txt"), "ST-T変化(II,III,aVF)");
    assert_eq!(get("2", "past_hist_txt"), "胃切除(2019/4/1)");
    assert_eq!(get("3", "obj_txt"), "肝1/2横指触知");
    assert_eq!(get("3", "ecg_txt"), "1/2 伝導ブロック");
    assert_eq!(get("3", "past_hist_txt"), "高血圧、糖尿病");
}

#[test]
fn a_line_that_could_be_a_person_is_no_trailer() {
    let Some(folder) = folder() else { return };
    let case = Case::read(&folder, "22-last-row-broken.csv");
    assert!(case.draft.layout.trailer_prefix.is_empty());
    assert!(asks(&case.draft, "trailer_prefix"));
}

/// Every cell of the columns that say who a person is, and every free text.
fn personal(export: &[u8]) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(export);
    let delimiter = if text.contains('\t') { '\t' } else { ',' };
    let mut found = BTreeSet::new();
    for line in text.lines().skip(1) {
        for cell in line.split(delimiter).take(6) {
            let cell = cell.trim().trim_matches('"').trim_start_matches('\u{FEFF}');
            let is_long = cell.chars().count() > 2;
            let is_title = ["番号", "氏名", "カナ", "性別", "生年月日", "受診日"].contains(&cell);
            if is_long && !is_title && !cell.ends_with(')') {
                found.insert(cell.to_owned());
            }
        }
    }
    found
}

#[test]
fn nothing_of_a_person_is_written_into_a_map() {
    let Some(folder) = folder() else { return };
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let is_export = path.extension().is_some_and(|end| end == "csv" || end == "tsv");
        if !is_export {
            continue;
        }
        let export = fs::read(&path).unwrap();
        let Ok(draft) = propose(&*export, "x") else { continue };
        let is_title = |word: &str| draft.columns.iter().any(|c| c.header.contains(word));
        for word in personal(&export).into_iter().filter(|word| !is_title(word)) {
            assert!(!draft.toml().contains(&word), "{}: {word}", path.display());
        }
    }
}

#[test]
fn an_open_quote_above_the_titles_swallows_nothing() {
    let rows = "ID,カナ,氏名,生年月日,身長\n1,ミホン ハナコ,見本 花子,1980/1/1,160.0\n2,カリナ タロウ,仮名 太郎,1970/1/1,170.0\n";
    for above in ["\"健診結果\n", "施設,\"架空センター\n", "\"a\nb\n", "出力者:\"見本 花子\",x\n"]
    {
        let export = format!("{above}{rows}");
        let draft = propose(export.as_bytes(), "x").unwrap();
        assert_eq!(draft.layout.skip_rows as usize, above.lines().count(), "{above:?}");
        assert!(draft.columns.iter().any(|column| column.items == ["height"]));
        assert!(!draft.toml().contains("花子"), "{above:?}\n{}", draft.toml());
    }
}

#[test]
fn without_titles_a_person_is_asked() {
    let rows =
        "1,ミホン ハナコ,見本 花子,1980/1/1,160.0\n2,カリナ タロウ,仮名 太郎,1970/1/1,170.0\n";
    let error = propose(rows.as_bytes(), "x").unwrap_err();
    assert!(matches!(error, ProposeError::NoTitles));
    let told = error.to_string();
    assert!(told.contains("--skip-rows") && told.contains("--header-rows"), "{told}");
    assert!(!told.contains("花子"));
}
