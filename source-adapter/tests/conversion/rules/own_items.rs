//! `[[item]]`: an institution's own items travel behind the 316 columns and in HS037.

use crate::rules::{HEADER, Kept, MAP, PERSON, column, item, mistakes, more, refused, text};
use chrono::DateTime;
use renkei_checkup::hs037::{self, Options, View};
use renkei_checkup::kcsv;
use renkei_source_adapter::Mapping;

const ITEMS: &str = "[[item]]\nid = \"crp\"\nname_ja = \"CRP\"\nname_en = \"C-reactive protein\"\nunit = \"mg/dL\"\nkind = \"number\"\ndecimals = 2\nlow = 0\nhigh = 50\n\
[[item]]\nid = \"us\"\nname_ja = \"腹部超音波\"\nkind = \"finding\"\n\
[[item]]\nid = \"memo\"\nname_ja = \"メモ\"\nkind = \"text\"\n";

fn columns() -> String {
    let finding = column("US", "\"x_us\"", "finding");
    [
        ITEMS.to_owned(),
        column("CRP", "\"x_crp\"", "num"),
        format!("{finding}split = \"／\"\nnone = [\"異常なし\"]\n"),
        column("MEMO", "\"x_memo\"", "text"),
    ]
    .concat()
}

fn converted(person: &str, cells: &str) -> Kept {
    text(&more(MAP, &columns()), &format!("{HEADER},CRP,US,MEMO\r\n{person},{cells}\r\n")).1
}

#[test]
fn they_stand_behind_the_columns_of_the_profile() {
    let kept = converted(PERSON, " 0.314H,脂肪肝／胆石,a");
    assert_eq!(kept.told(), [(1, "CRP", "E012")], "as any number");
    let kept = converted(PERSON, " 0.314,脂肪肝／ 胆石,a");
    assert_eq!(kept.told(), []);
    let (plain, own) = kept.lines[0].split_at(kept.lines[0].find(",0.31,").unwrap());
    assert_eq!(own, ",0.31, 0.314,脂肪肝、胆石,脂肪肝／ 胆石,a,a");
    let (_, without) = text(MAP, &format!("{HEADER}\r\n{PERSON}\r\n"));
    assert_eq!(plain, without.lines[0], "whoever reads the 316 columns finds them unchanged");
    let mapping = Mapping::read("map.toml", &more(MAP, &columns())).unwrap();
    let ids: Vec<&str> = mapping.own_items().iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids, ["x_crp", "x_us", "x_memo"]);
    let header = kcsv::header_of(ids.iter().copied());
    assert_eq!(header.split(',').count(), 316 + 6);
    assert!(header.ends_with(",x_crp,x_crp__orig,x_us,x_us__orig,x_memo,x_memo__orig"));
}

#[test]
fn the_rules_of_values_hold_for_them() {
    let own = |cells: &str| {
        let kept = converted(PERSON, cells);
        let all = ["x_crp", "x_us", "x_memo"]
            .map(|id| kept.all(id).first().map(|value| (*value).to_owned()));
        (
            all.map(Option::unwrap_or_default),
            kept.findings.into_iter().map(|f| (f.1, f.2)).collect::<Vec<_>>(),
        )
    };
    let values = |crp: &str, us: &str, memo: &str| ([crp, us, memo].map(str::to_owned), vec![]);
    assert_eq!(own("<0.1,異常なし,"), values("<0.10", "所見なし", ""));
    assert_eq!(own("未実施,未実施,未実施"), values("未実施", "未実施", "未実施"));
    assert_eq!(own("*,*,-"), values("測定不能", "測定不能", ""));
    assert_eq!(own(",,"), values("", "", ""));
    assert_eq!(own("50,脂肪肝,x"), values("50.00", "脂肪肝", "x"));
    let refused = |title: &str, code| (values("", "", "").0, vec![(title.to_owned(), code)]);
    assert_eq!(own("50.01,,"), refused("CRP", "E013"));
    assert_eq!(own(",異常無し,"), refused("US", "E021"));
    assert_eq!(own(&format!(",,{}", "a".repeat(513))), refused("x_memo", "E015"));
}

#[test]
fn a_record_with_nothing_else_has_a_result() {
    let nobody = PERSON.replace(",72", ",");
    assert_eq!(converted(&nobody, "0.1,,").told(), []);
    assert_eq!(converted(&nobody, ",,").told(), [(1, "", "E022")]);
    // what the map fills by itself says nothing of a person
    let constant = more(&MAP.replace("[null]", "x_memo = \"a\"\n[null]"), ITEMS);
    let (_, kept) = text(&constant, &format!("{HEADER}\r\n{nobody}\r\n"));
    assert_eq!(kept.told(), [(1, "", "E022")]);
}

#[test]
fn numbers_without_decimals_keep_those_of_the_cell() {
    let free = columns().replace("decimals = 2\n", "");
    let (_, kept) =
        text(&more(MAP, &free), &format!("{HEADER},CRP,US,MEMO\r\n{PERSON},0.314,,\r\n"));
    assert_eq!(kept.all("x_crp"), ["0.314"]);
}

#[test]
fn rows_that_differ_in_them_differ() {
    let (_, kept) = text(
        &more(MAP, &columns()),
        &format!("{HEADER},CRP,US,MEMO\r\n{PERSON},0.1,,\r\n{PERSON},0.2,,\r\n"),
    );
    assert_eq!(kept.told(), [(1, "", "E017"), (2, "", "E017")]);
}

#[test]
fn declarations_are_checked() {
    let wrong = |from: &str, to: &str| mistakes(&more(MAP, &columns().replace(from, to)));
    for (from, to, word) in [
        ("id = \"crp\"", "id = \"CRP\"", "CRP"),
        ("id = \"us\"", "id = \"crp\"", "crp"),
        ("name_ja = \"メモ\"\n", "", "name_ja"),
        ("kind = \"text\"", "kind = \"date\"", "number"),
        ("decimals = 2", "decimals = 9", "6"),
        ("unit = \"mg/dL\"", "units = \"mg/dL\"", "units"),
        ("\"x_memo\"", "\"x_memos\"", "memos"),
        ("\"x_memo\"", "\"x_crp\"", "x_crp"),
    ] {
        assert!(wrong(from, to).contains(word), "{to}: {}", wrong(from, to));
    }
    let unknown = column("X", "\"x_nothing\"", "text");
    assert!(mistakes(&more(MAP, &unknown)).contains("[[item]]"));
    let plain = format!("{}{}", ITEMS, column("X", "\"x_crp\"", "text"));
    assert_eq!(item(&plain, "abc", "hb"), refused("E012", "abc"));
}

#[test]
fn hs037_has_an_observation_of_each() {
    let kept = converted(PERSON, "0.314,異常なし,memo");
    let mapping = Mapping::read("map.toml", &more(MAP, &columns())).unwrap();
    let created_at = DateTime::UNIX_EPOCH.fixed_offset();
    let options =
        Options { view: View::Full, created_at, practice: mapping.practice(), report_no: None };
    let document = hs037::document(&kept.records[0], &options);
    let document: serde_json::Value = serde_json::from_slice(&document).unwrap();
    let entries = document["entry"].as_array().unwrap();
    let composition = entries[0]["resource"]["section"].to_string();
    for (id, name, value) in
        [("crp", "CRP", "0.31"), ("us", "腹部超音波", "所見なし"), ("memo", "メモ", "memo")]
    {
        let is_it = |entry: &&serde_json::Value| {
            let codings =
                entry["resource"]["code"]["coding"].as_array().cloned().unwrap_or_default();
            codings.iter().any(|coding| {
                coding["code"] == id
                    && coding["system"].as_str().is_some_and(|s| s.ends_with("1419900129"))
            })
        };
        let entry = entries.iter().find(is_it).unwrap_or_else(|| panic!("{id}"));
        let resource = &entry["resource"];
        assert_eq!(resource["resourceType"], "Observation");
        assert!(resource["code"].to_string().contains(name));
        let quantity = resource["valueQuantity"]["value"].to_string();
        assert!(quantity == value || resource["valueString"] == value, "{resource}");
        assert!(composition.contains(entry["fullUrl"].as_str().unwrap()), "in a section");
    }
}
