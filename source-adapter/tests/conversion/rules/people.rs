//! Who a row is about, what its record must hold, and what several rows say of one person or checkup
//! (E010, E017, E018, E020, E022, E023, W102-W106).

use crate::rules::{
    HEADER, Kept, MAP, PERSON, column, export, item, more, ok, person, refused, source, text, with,
};

/// Plain rows that differ in the cells named: number, kana, sex, birth date, day, pulse.
fn row(cells: [&str; 6]) -> String {
    let [number, kana, sex, birth, day, pulse] = cells;
    format!("{number},{kana},山,{sex},{birth},{day},{pulse}")
}

const ONE: [&str; 6] = ["P1", "ﾔﾏ", "2", "S55.4.1", "2025-05-12", "72"];

fn with_cell(place: usize, cell: &'static str) -> String {
    let mut cells = ONE;
    cells[place] = cell;
    row(cells)
}

fn rows(rows: &[String]) -> Kept {
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    export(MAP, &rows).1
}

/// All orders of up to five rows.
fn orders(rows: &[String]) -> Vec<Vec<String>> {
    if rows.len() < 2 {
        return vec![rows.to_vec()];
    }
    let mut all = Vec::new();
    for first in 0..rows.len() {
        let mut rest = rows.to_vec();
        let begin = rest.remove(first);
        for mut order in orders(&rest) {
            order.insert(0, begin.clone());
            all.push(order);
        }
    }
    all
}

/// The verdict on each row, in the order of `rows`, however the file is ordered.
fn verdicts(map: &str, all: &[String]) -> Vec<Vec<&'static str>> {
    let mut found: Option<Vec<Vec<&'static str>>> = None;
    for order in orders(all) {
        let lines: Vec<&str> = order.iter().map(String::as_str).collect();
        let (_, kept) = export(map, &lines);
        let of = |text: &String| -> Vec<&'static str> {
            let number = order.iter().position(|line| line == text).unwrap() as u64 + 1;
            kept.findings
                .iter()
                .filter(|finding| finding.0 == number)
                .map(|finding| finding.2)
                .collect()
        };
        let these: Vec<_> = all.iter().map(of).collect();
        let before = found.get_or_insert_with(|| these.clone());
        assert_eq!(*before, these, "{order:?}");
    }
    found.unwrap()
}

#[test]
fn rows_that_say_the_same_leave_the_first() {
    let kept = rows(&[row(ONE), row(ONE), row(ONE)]);
    assert_eq!(kept.findings, [2, 3].map(|row| (row, String::new(), "E017", "P1".to_owned())));
    assert_eq!(kept.numbers(), [1]);
    assert!(kept.says(&["1行目と同じ"]));
    // the same in other words
    let kept = rows(&[row(ONE), row(["P1", "ヤマ", "２", "19800401", "令和7年5月12日", " 72 "])]);
    assert_eq!((kept.numbers(), kept.told()), (vec![1], vec![(2, "", "E017")]));
}

#[test]
fn rows_that_differ_leave_none() {
    let all = [row(ONE), with_cell(5, "73"), with_cell(5, "74")];
    assert_eq!(verdicts(MAP, &all), [["E017"]; 3]);
    let kept = rows(&all);
    assert!(kept.numbers().is_empty() && kept.says(&["1、2、3行目"]));
    // two that agree do not outvote one
    let kept = rows(&[row(ONE), row(ONE), with_cell(5, "73")]);
    assert_eq!(kept.told(), [1, 2, 3].map(|row| (row, "", "E017")));
    // a row without a result tells nothing of the checkup; an empty value beside others does
    assert_eq!(verdicts(MAP, &[row(ONE), with_cell(5, "")]), [vec![], vec!["E022"]]);
    let remarks = more(MAP, &column("X", "\"remarks\"", "text"));
    let (_, kept) = text(&remarks, &format!("{HEADER},X\r\n{PERSON},a\r\n{PERSON},\r\n"));
    assert_eq!(kept.told(), [(1, "", "E017"), (2, "", "E017")]);
}

#[test]
fn another_key_is_another_checkup() {
    for (place, cell) in [(0, "P2"), (4, "2025-05-13")] {
        assert_eq!(verdicts(MAP, &[row(ONE), with_cell(place, cell)]), [vec![""; 0], vec![]]);
    }
    // the card goes before the number; in the form in which numbers are compared
    let card = column("S", "\"card_symbol\"", "text") + &column("N", "\"card_number\"", "text");
    let map = more(MAP, &card);
    let told = |cells: [&str; 2]| {
        let second = PERSON.replace("P1", "P2");
        let (_, kept) = text(
            &map,
            &format!("{HEADER},S,N\r\n{PERSON},{}\r\n{second},{}\r\n", cells[0], cells[1]),
        );
        kept.findings.into_iter().map(|finding| finding.0).collect::<Vec<_>>()
    };
    assert_eq!(told(["ア,12-3", "ｱ,１２ ３"]), [1, 2], "P1 and P2 differ, so neither is right");
    assert_eq!(told(["ア,123", "ア,0123"]), [0_u64; 0], "zeros count");
    assert_eq!(told([",123", "ア,123"]), [0_u64; 0]);
    assert_eq!(told([",", ","]), [0_u64; 0], "without a card the person's number stands for it");
    assert_eq!(told([",P1", ","]), [0_u64; 0], "it is no card of that number");
}

#[test]
fn rows_with_an_error_are_no_duplicates() {
    let all = [row(ONE), with_cell(5, "x"), with_cell(2, "9")];
    assert_eq!(verdicts(MAP, &all), [vec![""; 0], vec!["E012"], vec!["E014"]]);
    let all = [row(ONE), with_cell(5, "x"), with_cell(5, "73")];
    assert_eq!(verdicts(MAP, &all), [vec!["E017"], vec!["E012"], vec!["E017"]]);
}

#[test]
fn one_number_is_one_person() {
    for (place, cell) in [(1, "ｻﾄｳ"), (2, "1"), (3, "S55.4.2")] {
        let all = [row(ONE), with_cell(place, cell)];
        assert_eq!(verdicts(MAP, &all), [["E020"]; 2]);
        let kept = rows(&all);
        let found = [1, 2].map(|row| (row, "patient_id".to_owned(), "E020", "P1".to_owned()));
        assert_eq!(kept.findings, found);
    }
    // every row of the number, also those that fit each other, and those with other findings
    let mut other = ONE;
    other[4] = "2025-06-12";
    let all = [
        row(ONE),
        row(other),
        with_cell(1, "ｻﾄｳ"),
        with_cell(5, "x"),
        row(["P2", "ｲﾄｳ", "1", "S40.1.1", "2025-05-12", "70"]),
    ];
    assert_eq!(
        verdicts(MAP, &all),
        [vec!["E020"], vec!["E020"], vec!["E020"], vec!["E012", "E020"], vec![]]
    );
    // the row that tells of another person may have other errors
    let mut wrong = ONE;
    (wrong[3], wrong[5]) = ("S55.4.2", "x");
    assert_eq!(verdicts(MAP, &[row(ONE), row(wrong)]), [vec!["E020"], vec!["E012", "E020"]]);
    // nobody knows of a day that is none, nor of an empty one
    let mut day = ONE;
    (day[3], day[4]) = ("S55.13.2", "2025-06-12");
    assert_eq!(verdicts(MAP, &[row(ONE), row(day)]), [vec![], vec!["E011"]]);
    let mut empty = ONE;
    (empty[2], empty[4]) = ("", "2025-06-12");
    assert_eq!(verdicts(MAP, &[row(ONE), row(empty)]), [vec![], vec!["E010"]]);
    // blanks aside
    let mut spaced = ONE;
    (spaced[1], spaced[4]) = ("ﾔ　ﾏ", "2025-06-12");
    assert_eq!(verdicts(MAP, &[row(ONE), row(spaced)]), [vec![""; 0], vec![]]);
    // another institution numbers other people
    let map =
        more(MAP, &column("I", "\"inst_no\"", "text")).replace("inst_no = \"1419900129\"\n", "");
    let (_, kept) = text(
        &map,
        &format!("{HEADER},I\r\n{PERSON},1419900129\r\n{},2399900576\r\n", person("P1", "ｻﾄｳ")),
    );
    assert_eq!(kept.told(), []);
}

#[test]
fn what_is_missing_here_is_compared_with_what_is_missing_there() {
    // birth date of one, kana of the other: only the third shows that there are two people
    let all = [
        row(["P1", "", "2", "S55.4.1", "2025-05-12", "72"]),
        row(["P1", "ﾔﾏ", "2", "", "2025-05-13", "72"]),
        row(["P1", "ﾔﾏ", "2", "S55.4.2", "2025-05-14", "72"]),
    ];
    assert_eq!(verdicts(MAP, &all), [vec!["E010", "E020"], vec!["E010", "E020"], vec!["E020"]]);
}

#[test]
fn a_row_of_two_people_is_no_duplicate() {
    // rows 1 and 2 would be a pair, were they not of a number with two people
    let all = [row(ONE), with_cell(5, "73"), with_cell(1, "ｻﾄｳ")];
    assert_eq!(verdicts(MAP, &all), [["E020"]; 3]);
}

#[test]
fn numbers_of_checkups_are_unique() {
    let map = more(&source("report_no = \"NO\""), "");
    let told = |cells: &[(&str, &str)]| {
        let lines: String =
            cells.iter().map(|(row, number)| format!("{row},{number}\r\n")).collect();
        let (_, kept) = text(&map, &format!("{HEADER},NO\r\n{lines}"));
        kept.findings
    };
    let second = person("P2", "ｻﾄｳ");
    assert_eq!(told(&[(PERSON, "A1"), (&second, "A2")]), [], "the column is read, no W108");
    let shared = |row, number: &str| (row, "NO".to_owned(), "E017", number.to_owned());
    assert_eq!(told(&[(PERSON, "A1"), (&second, " A1 ")]), [shared(1, "A1"), shared(2, "A1")]);
    let third = person("P3", "ｲﾄｳ");
    let found = told(&[(PERSON, "A1"), (&second, "A2"), (&third, "A1")]);
    assert_eq!(found, [shared(1, "A1"), shared(3, "A1")]);
    assert_eq!(told(&[(PERSON, ""), (&second, ""), (&third, "-")]), [], "no number is none");
    assert_eq!(told(&[(PERSON, "-"), (&second, "-")]), [], "a word of [null] is none");
    // a row that is refused anyway shares nothing
    let wrong = second.replace(",72", ",x");
    assert_eq!(told(&[(PERSON, "A1"), (&wrong, "A1")]), [(2, "HR".into(), "E012", "x".into())]);
    // a repeated row is only that
    assert_eq!(told(&[(PERSON, "A1"), (PERSON, "A1")]), [(2, String::new(), "E017", "P1".into())]);
    // a spreadsheet has shortened it: it names several checkups
    assert_eq!(told(&[(PERSON, "2.02506E+11")]), [(1, "NO".into(), "E012", "2.02506E+11".into())]);
    let (outcome, kept) = export(&source("report_no = \"NO\""), &[PERSON]);
    assert!(outcome.rejected && kept.told() == [(0, "NO", "E002")]);
}

#[test]
fn required_items() {
    let told = |place: usize| {
        let (_, kept) = export(MAP, &[&with_cell(place, "")]);
        kept.findings
    };
    let empty = |id: &str| [(1, id.to_owned(), "E010", String::new())];
    assert_eq!(told(0), empty("patient_id"));
    assert_eq!(told(1), empty("name_kana"));
    assert_eq!(told(2), empty("sex"));
    assert_eq!(told(3), empty("birth_date"));
    assert_eq!(told(4), empty("exam_date"));
    // suppressed where the cell has a finding already
    for (place, cell, title, code) in
        [(1, "山", "KANA", "E023"), (2, "x", "SEX", "E014"), (3, "x", "DOB", "E011")]
    {
        assert_eq!(rows(&[with_cell(place, cell)]).told(), [(1, title, code)]);
    }
    // 特定健診 needs more
    let specific = MAP.replace("\"030\"", "\"010\"");
    let (_, kept) = export(&specific, &[PERSON]);
    let ids = ["address", "card_number", "insurer_no", "postal"];
    assert_eq!(kept.told(), ids.map(|id| (1, id, "E010")));
}

#[test]
fn a_record_without_a_result_is_none() {
    let found = |columns: &str, header: &str, cells: &str| {
        let map = more(MAP, columns);
        let (_, kept) =
            text(&map, &format!("{HEADER},{header}\r\n{},{cells}\r\n", with_cell(5, "")));
        kept.findings
    };
    let none = [(1, String::new(), "E022", String::new())];
    let one =
        |id: &str, form: &str, cell: &str| found(&column("X", &format!("{id:?}"), form), "X", cell);
    for (id, form, cell) in [
        ("remarks", "text", "a"),
        ("past_hist_txt", "text", "喘息"),
        ("q01", "text", "はい"),
        ("med1", "text", "薬"),
        ("cxr_date", "date", "2025-05-12"),
        ("cxr_film", "text", "1234"),
        ("ecg_reason", "text", "不整脈"),
        ("blood_time", "text", "食後10時間以上"),
        ("dr_name", "text", "山田"),
        ("employer_name", "text", "会社"),
    ] {
        assert_eq!(one(id, form, cell), none, "{id} is no result");
    }
    for (id, form, cell) in [
        ("hb", "num", "14.2"),
        ("hb", "num", "未実施"),
        ("hb", "num", "*"),
        ("ecg", "text", "所見なし"),
        ("ecg_txt", "text", "左室肥大"),
        ("j_total", "text", "異常なし"),
        ("dr_judge", "text", "異常なし"),
        ("mets", "text", "非該当"),
        ("guidance", "text", "判定不能"),
        ("u_prot", "text", "－"),
    ] {
        assert_eq!(one(id, form, cell), [], "{id} is a result");
    }
    assert_eq!(one("hb", "num", ""), none);
    assert_eq!(
        one("hb", "num", "x"),
        [(1, "X".into(), "E012", "x".into())],
        "not beside another E"
    );
    // what the map fills by itself says nothing of a person
    let constant = MAP.replace("[null]", "hb = \"14.0\"\nj_total = \"異常なし\"\n[null]");
    let (_, kept) = export(&constant, &[&with_cell(5, "")]);
    assert_eq!(kept.told(), [(1, "", "E022")]);
    assert!(kept.records.is_empty());
}

#[test]
fn names_in_kana() {
    let told = |kana: &str| {
        let (_, kept) = export(MAP, &[&PERSON.replace("ﾔﾏ ﾊﾅ", kana)]);
        match kept.records.first() {
            Some(record) => Ok(record.get("name_kana").to_owned()),
            None => Err(kept.findings[0].clone()),
        }
    };
    for (kana, folded) in [
        ("ヤマダ　 ハナコ", "ヤマダ ハナコ"),
        ("やまだ はなこ", "ヤマダ ハナコ"),
        ("ﾔﾏﾀﾞ･ﾊﾅｺ", "ヤマダ・ハナコ"),
        ("ヴァンサン・オー", "ヴァンサン・オー"),
        ("ﾊﾟｰｸ ｼﾞﾐﾝ", "パーク ジミン"),
        ("ヤマダ ハナコ(キュウセイ)", "ヤマダ ハナコ(キュウセイ)"),
        ("ヤマダ2", "ヤマダ2"),
        ("ヰゑヶヽ", "ヰヱヶヽ"),
    ] {
        assert_eq!(told(kana).as_deref(), Ok(folded), "{kana}");
    }
    for kana in
        ["山田 花子", "ヤマダ 花子", "YAMADA HANAKO", "ヤマダ H", "・", "ー", "123", "(　)", "ﾔﾏﾀﾞЖ"]
    {
        assert_eq!(told(kana), Err((1, "KANA".into(), "E023", kana.into())), "{kana}");
    }
    let text_item = column("X", "\"remarks\"", "text");
    assert_eq!(
        item(&text_item, "ｱｲｳ", "remarks"),
        ok("ｱｲｳ", "ｱｲｳ"),
        "texts are copied as received"
    );
}

#[test]
fn ages() {
    let told = |birth: &str, exam: &str, columns: &str, cells: &str| {
        let map = more(MAP, columns);
        let line = row(["P1", "ﾔﾏ", "2", birth, exam, "72"]);
        let (_, kept) = text(&map, &format!("{HEADER},A,F\r\n{line},{cells}\r\n"));
        let found: Vec<_> = kept
            .findings
            .iter()
            .filter(|f| f.2 != "W108")
            .map(|f| (f.1.clone(), f.2, f.3.clone()))
            .collect();
        (
            found,
            kept.records
                .first()
                .map(|record| [record.get("exam_age"), record.get("fy_age")].map(str::to_owned)),
        )
    };
    let columns = column("A", "\"exam_age\"", "int") + &column("F", "\"fy_age\"", "int");
    let given = |cells: &str| told("1980-04-01", "2025-03-31", &columns, cells);
    let ages = |exam: &str, fiscal: &str| Some([exam.to_owned(), fiscal.to_owned()]);
    assert_eq!(given(","), (vec![], ages("44", "44")), "derived");
    assert_eq!(given("44,44"), (vec![], ages("44", "44")));
    let exam = ("exam_age".to_owned(), "W105", "45".to_owned());
    let fiscal = ("fy_age".to_owned(), "W105", "45".to_owned());
    assert_eq!(given("45,44"), (vec![exam.clone()], ages("45", "44")), "the given value is kept");
    assert_eq!(given("45,45"), (vec![exam, fiscal], ages("45", "45")));
    // 110 is an age, 111 is told
    assert_eq!(told("1915-05-12", "2025-05-12", "", ","), (vec![], ages("110", "110")));
    assert_eq!(told("1914-05-13", "2025-05-12", "", ",").0, []);
    let old = ("birth_date".to_owned(), "W106", "111".to_owned());
    assert_eq!(told("1914-05-12", "2025-05-12", "", ",").0, [old]);
    // born after the checkup, checkup after today
    let wrong = |birth, exam| told(birth, exam, "", ",").0;
    assert_eq!(
        wrong("2025-05-13", "2025-05-12"),
        [("birth_date".into(), "E018", "2025-05-13".into())]
    );
    assert_eq!(wrong("2025-05-12", "2025-05-12"), []);
    assert_eq!(
        wrong("1980-04-01", "2026-01-01"),
        [("exam_date".into(), "E018", "2026-01-01".into())]
    );
    assert_eq!(wrong("1980-04-01", "2025-12-31"), []);
}

#[test]
fn both_readings_of_the_pressure() {
    for (high, low) in [("sbp1", "dbp1"), ("sbp2", "dbp2")] {
        let columns =
            column("S", &format!("{high:?}"), "num") + &column("D", &format!("{low:?}"), "num");
        let told = |cells: &str| with(&columns, "S,D", cells).findings;
        assert_eq!(told("120,119"), []);
        assert_eq!(told("120,120"), [(1, high.to_owned(), "W102", "120/120".to_owned())]);
        assert_eq!(told("80,120"), [(1, high.to_owned(), "W102", "80/120".to_owned())]);
        assert_eq!(told("<80,120"), [], "only plain numbers");
        assert_eq!(told("80,"), []);
    }
}

#[test]
fn check_digits() {
    let insurer = format!("{}pad = 8", column("X", "\"insurer_no\"", "digits"));
    assert_eq!(item(&insurer, "33120015", "insurer_no"), ok("33120015", ""));
    assert_eq!(item(&insurer, "33120016", "insurer_no"), refused("E016", "33120016"));
    assert_eq!(item(&insurer, "3312001", "insurer_no"), refused("E016", "03312001"));
    let institution = MAP.replace("inst_no = \"1419900129\"\n", "");
    let map = more(&institution, &column("I", "\"inst_no\"", "digits"));
    let told =
        |number: &str| text(&map, &format!("{HEADER},I\r\n{PERSON},{number}\r\n")).1.findings;
    assert_eq!(told("0110113719"), []);
    assert_eq!(told("0110113718"), [(1, "inst_no".into(), "E016", "0110113718".into())]);
    assert_eq!(told("011011371"), [(1, "inst_no".into(), "E016", "011011371".into())]);
}

#[test]
fn lengths_are_told_in_letters() {
    // 60 octets: 20 letters of full width
    let symbol = column("X", "\"card_symbol\"", "text");
    let fits = "健".repeat(20);
    assert_eq!(item(&symbol, &fits, "card_symbol"), ok(&fits, ""));
    let kept = with(&symbol, "X", &"健".repeat(21));
    assert_eq!(kept.findings, [(1, "card_symbol".into(), "E015", "63".into())]);
    assert!(kept.says(&["60バイト", "20文字", "21文字", "「X」", "健健"]), "{:?}", kept.said);
}
