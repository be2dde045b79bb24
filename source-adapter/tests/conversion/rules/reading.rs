//! From bytes to rows: encodings, lines, quotes, and whether the file is one table (E001, E003-E005).

use crate::rules::{
    HEADER, Kept, MAP, PERSON, column, export, lines, more, person, run, source, text,
};
use renkei_source_adapter::{Mode, Outcome};

/// A map with a column of texts behind the plain ones.
fn with_remarks(map: &str) -> String {
    more(map, &column("NOTE", "\"remarks\"", "text"))
}

/// An export with a column of texts behind the plain ones.
fn remarks(map: &str, body: &str) -> (Outcome, Kept) {
    text(&with_remarks(map), &format!("{HEADER},NOTE\r\n{body}"))
}

/// The one finding that refuses a whole file: its row, column, code and value.
fn refusal((outcome, kept): (Outcome, Kept)) -> (u64, String, &'static str, String) {
    assert!(outcome.rejected && outcome.lines.is_none() && outcome.accepted == 0);
    assert!(kept.records.is_empty(), "nothing of it is delivered");
    let errors: Vec<_> = kept.findings.into_iter().filter(|f| f.2.starts_with('E')).collect();
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors.into_iter().next().unwrap()
}

fn utf16(text: &str, big: bool) -> Vec<u8> {
    let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
    units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

#[test]
fn every_encoding_is_read() {
    let body = format!("{HEADER}\r\n{PERSON}\r\n{}\r\n", person("P2", "ｻﾄｳ ｼﾞﾝ"));
    let in_encoding = |name: &str| MAP.replace("\"utf-8\"", &format!("{name:?}"));
    let read = |map: &str, bytes: &[u8]| {
        let (outcome, kept) = run(map, bytes, Mode::RejectFile);
        assert_eq!(lines(&outcome.unwrap()), [3, 0, 1, 2, 0, 0]);
        assert_eq!(kept.all("name_kana"), ["ヤマ ハナ", "サトウ ジン"]);
        kept.bytes.concat()
    };
    for big in [false, true] {
        let bytes = utf16(&body, big);
        let rows = read(&in_encoding("utf-16"), &bytes);
        assert!(bytes.ends_with(&rows), "the bytes of the rows are those of the file");
    }
    let unmarked = utf16(&body, false).split_off(2);
    read(&in_encoding("utf-16"), &unmarked);
    let (euc, _, _) = encoding_rs::EUC_JP.encode(&body);
    read(&in_encoding("euc-jp"), &euc);
    let (cp932, _, _) = encoding_rs::SHIFT_JIS.encode(&body);
    read(&in_encoding("cp932"), &cp932);
    let marked = format!("\u{FEFF}{body}");
    read(&source("bom = true"), marked.as_bytes());
    read(&source("bom = true"), body.as_bytes());
}

#[test]
fn the_wrong_encoding_is_told_with_the_right_one() {
    let body = format!("{HEADER}\r\n{PERSON}\r\n");
    let told = |map: &str, bytes: &[u8], found: &str| {
        let (outcome, kept) = run(map, bytes, Mode::RejectRow);
        assert!(kept.says(&[&format!("encoding = \"{found}\"")]), "{:?}", kept.said);
        let refused = refusal((outcome.unwrap(), kept));
        assert_eq!((refused.0, refused.2), (0, "E001"));
    };
    told(MAP, &utf16(&body, false), "utf-16");
    told(MAP, &utf16(&body, true), "utf-16");
    let (euc, _, _) = encoding_rs::EUC_JP.encode("ID,氏名\r\n1,山田\r\n");
    told(MAP, &euc, "euc-jp");
    let cp932 = MAP.replace("\"utf-8\"", "\"cp932\"");
    told(&cp932, &utf16(&body, false), "utf-16");
}

#[test]
fn lines_end_in_three_ways() {
    let second = person("P2", "ｻﾄｳ");
    for end in ["\r\n", "\n", "\r"] {
        let (outcome, kept) = text(MAP, &format!("{HEADER}{end}{PERSON}{end}{second}"));
        assert_eq!(lines(&outcome), [3, 0, 1, 2, 0, 0], "{end:?}");
        assert_eq!(kept.all("patient_id"), ["P1", "P2"]);
        let quoted = format!("{HEADER}{end}{}{end}", PERSON.replace("山　 花", "\"山\r\n花\""));
        let (outcome, kept) = text(MAP, &quoted);
        assert_eq!(lines(&outcome), [3, 0, 1, 2, 0, 0], "one row on two lines");
        assert_eq!(kept.all("name_kanji"), ["山\r\n花"], "as it stands in the cell");
    }
}

#[test]
fn blank_lines_and_rows_of_blanks_take_no_number() {
    let (outcome, kept) = text(
        MAP,
        &format!("\r\n,,\r\n{HEADER}\r\n\r\n{PERSON}\r\n ,　,\t,,,,\r\n\"\",\"\"\r\nP2,x\r\n\r\n"),
    );
    assert_eq!(lines(&outcome), [9, 0, 1, 2, 6, 0]);
    assert_eq!(kept.told(), [(2, "", "E003")]);
    assert_eq!(kept.sheet_rows, [8], "as a spreadsheet counts them");
    assert_eq!(kept.findings[0].3, "2", "the number of fields");
}

#[test]
fn lines_before_the_header_hold_whatever_they_will() {
    let map = source("skip_rows = 3");
    let (outcome, kept) = text(&map, &format!("\"出力日\r\n,,,\r\n\r\n{HEADER}\r\n{PERSON}\r\n"));
    assert_eq!(lines(&outcome), [5, 3, 1, 1, 0, 0], "quotes and blank lines, too");
    assert_eq!(kept.numbers(), [1]);
    let (outcome, _) = text(&map, "a\r\nb");
    assert!(outcome.rejected, "a file that ends before its header");
}

#[test]
fn a_row_of_another_width_is_refused_alone() {
    let (outcome, kept) = export(MAP, &["P0,x", PERSON, &format!("{PERSON},x"), "P3"]);
    assert_eq!(kept.told(), [(1, "", "E003"), (3, "", "E003"), (4, "", "E003")]);
    let values: Vec<&str> = kept.findings.iter().map(|finding| finding.3.as_str()).collect();
    assert_eq!((values, kept.numbers()), (vec!["2", "8", "1"], vec![2]));
    assert_eq!(lines(&outcome), [5, 0, 1, 4, 0, 0]);
}

#[test]
fn a_row_that_ends_early_may_be_filled() {
    let map = with_remarks(&source("short_rows = \"blank\""));
    let body = format!("{HEADER},NOTE\r\n{PERSON}\r\nP2,ｻﾄｳ\r\n{PERSON},x,y\r\n");
    let (_, kept) = text(&map, &body);
    assert_eq!(kept.numbers(), [1]);
    assert_eq!(kept.records[0].get("remarks"), "");
    let long = kept.findings.iter().find(|finding| finding.0 == 3).unwrap();
    assert_eq!((long.2, long.3.as_str()), ("E003", "9"), "a longer row is always wrong");
    assert!(kept.told().contains(&(2, "name_kanji", "E010")), "the rest of it is blank");
    let (_, kept) = text(&with_remarks(&source("short_rows = \"refuse\"")), &body);
    assert_eq!(kept.told(), [(1, "", "E003"), (2, "", "E003"), (3, "", "E003")]);
}

#[test]
fn text_behind_a_closing_quote_refuses_its_row() {
    let cell = format!("\"右\"乳腺{}", "あ".repeat(80));
    let body = format!("{PERSON},{cell}\r\n{},\r\n", person("P2", "ｻﾄｳ"));
    let (outcome, kept) = remarks(MAP, &body);
    assert_eq!(kept.numbers(), [2], "the next row stands by itself");
    let value: String = cell.chars().take(60).collect();
    assert_eq!(kept.findings, [(1, "NOTE".to_owned(), "E004", value)]);
    assert!(kept.says(&["quote = false"]) && !outcome.rejected);
    // the cell goes on to the next delimiter, and the row has no other finding
    let (_, kept) = remarks(MAP, "\"P\"1,\"x\" ,山,9,S55,2025-05-12,72,a,b,c\r\n");
    assert_eq!(kept.told(), [(1, "ID", "E004"), (1, "KANA", "E004")]);
    let (_, kept) = remarks(MAP, &format!("{PERSON},x,\"y\"z\r\n"));
    assert_eq!(kept.told(), [(1, "", "E004")], "a cell behind the last title");
}

#[test]
fn quotes_that_join_lines_refuse_the_file() {
    let second = person("P2", "ｻﾄｳ");
    let rows: [(&str, String); 3] = [
        ("text behind", format!("{PERSON},\"要精検\r\n{second},\"なし\"\r\n")),
        ("open", format!("{PERSON},\"要精検\r\n{second},\r\n")),
        ("swallows", format!("{PERSON},\"要精検\r\n{second},\"\r\n")),
    ];
    for (kind, body) in rows {
        for end in ["\r\n", "\n", "\r"] {
            let body = format!("{},x\r\n{body}", person("P0", "ｲﾄｳ")).replace("\r\n", end);
            let (row, column, code, value) = refusal(remarks(MAP, &body));
            assert_eq!((row, column.as_str(), code), (2, "NOTE", "E004"), "{kind} {end:?}");
            assert!(value.starts_with("\"要精検") && value.chars().count() <= 60);
        }
    }
    // tabs and semicolons are no different, nor is an encoding
    for delimiter in ["\t", ";"] {
        let map = with_remarks(&source(&format!("delimiter = {delimiter:?}")));
        let body = format!("{HEADER},NOTE\r\n{PERSON},\"要精検\r\n{second},\"\r\n");
        let refused = refusal(text(&map, &body.replace(',', delimiter)));
        assert_eq!((refused.0, refused.2), (1, "E004"));
    }
    let map = with_remarks(&MAP.replace("\"utf-8\"", "\"utf-16\""));
    let body = utf16(&format!("{HEADER},NOTE\r\n{PERSON},\"要精検\r\n{second},\"\r\n"), true);
    let (outcome, kept) = run(&map, &body, Mode::RejectRow);
    assert_eq!(refusal((outcome.unwrap(), kept)).2, "E004");
}

#[test]
fn a_cell_with_line_breaks_holds_less_than_a_row() {
    // 8 columns: 7 delimiters on a later line could be a person
    let note = |later: &str| remarks(MAP, &format!("{PERSON},\"a,b\r\n{later}\"\r\n"));
    assert_eq!(refusal(note("1,2,3,4,5,6,7,")).2, "E004");
    let (outcome, kept) = note("1,2,3,4,5,6,7");
    assert_eq!((outcome.accepted, lines(&outcome)), (1, [3, 0, 1, 2, 0, 0]));
    assert_eq!(kept.all("remarks"), ["a,b\r\n1,2,3,4,5,6,7"]);
    // the line is counted whole, what stands behind the cell included
    let first = |later: &str| {
        let person = PERSON.replace("P1", &format!("\"a,b\r\n{later}\""));
        remarks(MAP, &format!("{person},\r\n"))
    };
    assert_eq!(refusal(first("P2")).2, "E004");
    // without a delimiter in it the cell is one cell
    let without = PERSON.replace("ﾔﾏ ﾊﾅ", "\"ﾔﾏ\r\nﾊﾅ\"");
    assert_eq!(remarks(MAP, &format!("{without},\r\n")).0.accepted, 1);
}

#[test]
fn quotes_in_the_header_refuse_the_file() {
    let refused = |header: &str| refusal(text(MAP, &format!("{header}\r\n{PERSON}\r\n")));
    assert_eq!(
        refused("\"ID\" ,KANA,NAME,SEX,DOB,DATE,HR"),
        (0, "ID".into(), "E004", "\"ID\" ".into())
    );
    // an open quote in the header would make a title of the people below it
    let open = refused("ID,KANA,NAME,SEX,DOB,DATE,HR,\"NOTE");
    assert_eq!((open.0, open.1.as_str(), open.2), (0, "NOTE", "E004"));
    let swallowing =
        format!("{HEADER},\"NOTE\r\n{PERSON},\r\n{},\"\r\n{PERSON},x\r\n", person("P2", "ｻﾄｳ"));
    let refused = refusal(text(MAP, &swallowing));
    assert_eq!((refused.0, refused.1.as_str(), refused.2), (0, "NOTE", "E004"));
    // a title may have a line break
    let map = MAP.replace("from = \"HR\"", "from = \"HR\\r\\n(/min)\"");
    let header = HEADER.replace("HR", "\"HR\r\n(/min)\"");
    assert_eq!(text(&map, &format!("{header}\r\n{PERSON}\r\n")).0.accepted, 1);
}

#[test]
fn a_quote_inside_a_cell_is_data() {
    let body = format!("{PERSON},24\" モニター\r\n{}, \"x\r\n", person("P2", "ｻﾄｳ"));
    let (_, kept) = remarks(MAP, &body);
    assert_eq!(kept.all("remarks"), ["24\" モニター", "\"x"]);
    let (_, kept) = remarks(&source("quote = false"), &format!("{PERSON},\"要精検\r\n"));
    assert_eq!(kept.all("remarks"), ["\"要精検"], "where the program never quotes");
    let (_, kept) = remarks(MAP, &format!("{PERSON},\"say \"\"a, b\"\"\"\r\n"));
    assert_eq!(kept.all("remarks"), ["say \"a, b\""]);
}

#[test]
fn broken_quotes_of_earlier_rows_may_stand_beside_what_refuses_the_file() {
    let body = format!("{PERSON},\"右\"乳腺\r\n{},\"open\r\n", person("P2", "ｻﾄｳ"));
    let (outcome, kept) = remarks(MAP, &body);
    assert!(outcome.rejected && kept.told().contains(&(2, "NOTE", "E004")));
}

#[test]
fn trailers_stand_at_the_end_only() {
    let map = source("").replace("\"#END\"", "[\"合計\", \"#END\"]");
    let (second, third) = (person("合計1", "ｻﾄｳ"), person("P3", "ｲﾄｳ"));
    let (outcome, kept) = export(&map, &[PERSON, "合計,1", "", "#END", "#END,,", ""]);
    assert_eq!(lines(&outcome), [7, 0, 1, 1, 2, 3]);
    assert_eq!((kept.numbers(), kept.told()), (vec![1], vec![]));
    // before a row it is no end
    let (outcome, kept) = export(&map, &[PERSON, "合計,1", &third, "#END"]);
    assert_eq!(lines(&outcome), [5, 0, 1, 3, 0, 1]);
    assert_eq!((kept.numbers(), kept.told()), (vec![1, 3], vec![(2, "", "E003")]));
    // a whole row that begins so is a person
    let (outcome, kept) = export(&map, &[PERSON, &second]);
    assert_eq!((lines(&outcome), kept.numbers()), ([3, 0, 1, 2, 0, 0], vec![1, 2]));
}

#[test]
fn a_trailer_holds_less_than_half_of_a_row() {
    let map = MAP.replace("#END", "B");
    let last = |line: &str| {
        let (outcome, kept) = export(&map, &[PERSON, line]);
        let [.., rows, _, trailer] = lines(&outcome);
        assert_eq!(rows + trailer, 2);
        assert_eq!(trailer == 1, kept.told().is_empty(), "{line}: dropped or told");
        trailer == 1
    };
    assert!(last("B006"));
    assert!(last("B006,ｻﾄｳ,佐藤"), "3 of 7");
    assert!(!last("B006,ｻﾄｳ,佐藤,1"), "4 of 7");
    assert!(last("B006,ｻﾄｳ,,,,,"), "full width with two filled cells");
    assert!(!last("B006,ｻﾄｳ,佐藤,,,,"), "full width with three");
    assert!(!last("B006,ｻﾄｳ,佐藤,,,,,"), "wider with three");
    assert!(!last(" B006"), "begins with a blank");
    assert!(!last("b006"));
    // where short rows are filled up, a short one is of full width
    let filled = map.replace("[const]", "short_rows = \"blank\"\n[const]");
    let (outcome, kept) = export(&filled, &[PERSON, "B006,ｻﾄｳ,佐藤"]);
    assert_eq!(lines(&outcome), [3, 0, 1, 2, 0, 0]);
    assert!(kept.told().contains(&(2, "birth_date", "E010")));
    let (outcome, _) = export(&filled, &[PERSON, "B006,ｻﾄｳ"]);
    assert_eq!(lines(&outcome), [3, 0, 1, 1, 0, 1]);
}

#[test]
fn nobody_disappears_behind_the_quote_of_a_trailer() {
    let second = person("P2", "ｻﾄｳ");
    for trailer in ["#END,\"備考", "#END,\"備考\"x", "#END,\"a\r\nb\"x"] {
        let (outcome, kept) = export(MAP, &[PERSON, trailer, &second]);
        assert!(outcome.rejected || kept.numbers() == [1, 3], "{trailer}: {:?}", kept.told());
        assert!(kept.told().iter().any(|told| told.2 == "E004"));
    }
    let (outcome, kept) = export(MAP, &[PERSON, "#END,\"備考\r\n\",\"2\""]);
    assert_eq!((lines(&outcome), kept.told()), ([4, 0, 1, 1, 0, 2], vec![]));
}

#[test]
fn many_lines_that_begin_as_a_trailer() {
    let trailers = vec!["#END"; 100];
    let (outcome, _) = export(MAP, &[&[PERSON][..], &trailers].concat());
    assert_eq!(lines(&outcome), [102, 0, 1, 1, 0, 100]);
    let trailers = vec!["#END"; 150];
    let (outcome, kept) = export(MAP, &[&[PERSON][..], &trailers].concat());
    assert_eq!(lines(&outcome), [152, 0, 1, 51, 0, 100], "what is no end is told");
    assert_eq!(kept.told().len(), 50);
    let second = person("P2", "ｻﾄｳ");
    let between = [&[PERSON][..], &trailers, &[&second]].concat();
    let (outcome, kept) = export(MAP, &between);
    assert_eq!(lines(&outcome), [153, 0, 1, 152, 0, 0]);
    assert_eq!((kept.numbers(), kept.told().len()), (vec![1, 152], 150), "in their order");
}

/// What a file says that is not one table; in every case the file is refused as a whole.
fn not_one_table(map: &str, export: &str, words: &[&str]) {
    let (outcome, kept) = text(map, export);
    assert!(kept.says(words), "{:?}", kept.said);
    assert_eq!(refusal((outcome, kept)), (0, String::new(), "E005", String::new()));
}

#[test]
fn the_header_again_is_another_table() {
    let second = person("P2", "ｻﾄｳ");
    not_one_table(MAP, &format!("{HEADER}\r\n{PERSON}\r\n{HEADER}\r\n{second}\r\n"), &["3"]);
    not_one_table(MAP, &format!("{HEADER}\r\n\r\n{PERSON}\r\n\r\n{HEADER}\r\n"), &["5"]);
    // a row of titles that begins with the first one
    not_one_table(MAP, &format!("{HEADER}\r\n{PERSON}\r\nID,氏名,結果\r\nP2,山,a\r\n"), &["3"]);
    // also where the first column has no title, or a byte order mark
    let headless = |text: &str| text.replace("ID,", ",");
    let map = MAP.replace("\"ID\"", "\"#1\"");
    let export = format!("{HEADER}\r\n{PERSON}\r\n{HEADER}\r\n");
    not_one_table(&map, &headless(&export), &["3"]);
    let map = more(MAP, "").replace("\"ID\"", "\"HR2\"").replace("\"HR\"", "\"ID2\"");
    let header = "X,KANA,NAME,SEX,DOB,DATE,ID2,HR2";
    not_one_table(&map, &format!("\u{FEFF}{header}\r\n{header}\r\n"), &["2"]);
    // the same titles in another order would mix up the cells of the rows below
    let other = "KANA,ID,NAME,SEX,DOB,DATE,HR";
    not_one_table(MAP, &format!("{HEADER}\r\n{PERSON}\r\n{other}\r\n"), &["3"]);
    // with two header rows each of them
    let map = source("header_rows = 2");
    let export = format!(",,,,,,\r\n{HEADER}\r\n{HEADER}\r\n{PERSON}\r\n");
    let (outcome, _) = text(&map, &export);
    assert!(outcome.rejected);
    // a person whose number is the word of the title is a person
    let (_, kept) = export_of("ID,ｲﾃﾞ,井出,2,S55.4.1,2025-05-12,72");
    assert_eq!(kept.numbers(), [1]);
}

fn export_of(row: &str) -> (Outcome, Kept) {
    export(MAP, &[row])
}

#[test]
fn blocks_of_two_widths_are_two_tables() {
    let first = format!("{HEADER}\r\n{PERSON}\r\n");
    not_one_table(MAP, &format!("{first}番号,検査,値\r\nP1,AST,30\r\n"), &["3", "7"]);
    not_one_table(MAP, &format!("{first}\r\n番号,検査,値\r\n\r\nP1,AST,30\r\n"), &["4"]);
    not_one_table(MAP, &format!("{first}a,b,c,d,e,f,g,h\r\n1,2,3,4,5,6,7,8\r\n"), &["8"]);
    // rows of the wrong width one after the other are just that
    let rows = |rows: &str| {
        let (outcome, kept) = text(MAP, &format!("{first}{rows}"));
        assert!(!outcome.rejected, "{:?}", kept.said);
        kept.findings.into_iter().map(|found| found.2).collect::<Vec<_>>()
    };
    assert_eq!(rows("P2,ｻﾄｳ,佐藤,2,S55.4.1\r\nP3,ｻﾄｳ,佐藤,2,S55.4.2\r\n"), ["E003", "E003"]);
    assert_eq!(
        rows("備考\r\nP3,ｻﾄｳ,佐藤,2,S55.4.2\r\n"),
        ["E003", "E003"],
        "one cell is no title row"
    );
    assert_eq!(rows("番号,検査,値\r\nP3,AST\r\n"), ["E003", "E003"], "of another width again");
    assert_eq!(rows("番号,検査,値\r\n"), ["E003"], "with nothing below it");
    assert_eq!(rows("番号,検査,2025-05-12\r\nP3,AST,20\r\n"), ["E003", "E003"]);
}

#[test]
fn columns_of_fixed_width_are_no_csv() {
    for gap in ["  ", "　　", " 　", "　 "] {
        let header = HEADER.replace(',', gap);
        not_one_table(MAP, &format!("{header}\r\n{}\r\n", PERSON.replace(',', gap)), &["CSV"]);
    }
    let (_, kept) = text(MAP, "ID KANA NAME\r\n");
    assert!(kept.told().iter().all(|told| told.2 != "E005"), "one blank is part of a title");
}

#[test]
fn one_row_a_test_needs_long() {
    let header = "ID,KANA,NAME,SEX,DOB,DATE,TEST,HR";
    let row = |number: &str, test: &str, value: &str| {
        format!("{number},ﾔﾏ,山,2,S55.4.1,2025-05-12,{test},{value}\r\n")
    };
    let tests = |number: &str| {
        [row(number, "AST", "30"), row(number, "ALT", "31"), row(number, "脈拍", "72")].concat()
    };
    let body = format!("{header}\r\n{}{}", tests("P1"), tests("P2"));
    not_one_table(MAP, &body, &["[long]", "key", "item", "value"]);
    // the columns of the map may be missing then
    let wide = more(MAP, &column("AST", "\"ast\"", "num"));
    not_one_table(&wide, &body, &["[long]"]);
    // two rows a person are two checkups or one too many
    let two = [row("P1", "AST", "30"), row("P1", "ALT", "31")].concat();
    let (_, kept) = text(MAP, &format!("{header}\r\n{two}"));
    assert_eq!(kept.told()[1..], [(1, "", "E017"), (2, "", "E017")]);
    // the same word twice is no test of its own
    let same = [row("P1", "A", "1"), row("P1", "A", "2"), row("P1", "B", "3")].concat();
    let (outcome, _) = text(MAP, &format!("{header}\r\n{same}"));
    assert!(!outcome.rejected);
    // not most of the rows
    let others: String = (2..6).map(|n| row(&format!("P{n}"), "x", "70")).collect();
    let (outcome, _) = text(MAP, &format!("{header}\r\n{}{others}", tests("P1")));
    assert!(!outcome.rejected);
}

#[test]
fn rows_of_one_number_that_tell_of_several_people_are_no_tests() {
    let rows: Vec<String> = ["ｱﾍﾞ", "ｲﾄｳ", "ｳﾉ", "ｴﾄｳ"].map(|kana| person("K", kana)).into();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let (outcome, kept) = export(MAP, &rows);
    assert!(!outcome.rejected);
    assert_eq!(kept.told(), [1, 2, 3, 4].map(|row| (row, "patient_id", "E020")));
    // rows that name nobody are no rows of one person
    let nobody = ["ｱﾍﾞ", "ｲﾄｳ", "ｳﾉ"].map(|kana| person("", kana));
    let (_, kept) = export(MAP, &nobody.each_ref().map(String::as_str));
    assert_eq!(kept.told(), [1, 2, 3].map(|row| (row, "patient_id", "E010")));
}

#[test]
fn the_account_closes_whatever_stands_where() {
    let map = source("skip_rows = 1\nheader_rows = 2\nshort_rows = \"blank\"");
    let body = format!(
        "健診結果\r\n\r\n検査,,,,,,\r\n{}\r\n{}\r\n\r\n{}\r\n,\r\n#END\r\n",
        HEADER,
        PERSON.replace("山　 花", "\"山\r\n\r\n花\""),
        person("P2", "ｻﾄｳ")
    );
    let titles = ["ID", "KANA", "NAME", "SEX", "DOB", "DATE", "HR"];
    let map = titles.iter().fold(map, |map, title| {
        map.replace(&format!("from = \"{title}\""), &format!("from = \"検査/{title}\""))
    });
    let (outcome, kept) = text(&map, &body);
    assert_eq!((lines(&outcome), kept.told()), ([11, 1, 2, 4, 3, 1], vec![]));
}

#[test]
fn no_line_is_a_trailer_that_begins_as_people_do() {
    let map = MAP.replace("\"#END\"", "[\"P\", \"#END\"]");
    let (_, kept) = text(&map, &format!("{HEADER}\r\n{PERSON}\r\nP2,ｻﾄｳ\r\n"));
    assert_eq!((kept.records.len(), kept.findings[0].0, kept.findings[0].2), (1, 2, "E003"));
    let (outcome, kept) = text(&map, &format!("{HEADER}\r\n{PERSON}\r\n#END,1\r\n"));
    assert_eq!((kept.findings.len(), lines(&outcome)[5]), (0, 1));
}

#[test]
fn titles_among_the_rows_begin_another_table() {
    let other = "社員番号,フリガナ,名前,性,誕生日,検診日,脈";
    let second = person("P2", "ｻﾄｳ");
    let refused = refusal(text(MAP, &format!("{HEADER}\r\n{PERSON}\r\n{other}\r\n{second}\r\n")));
    assert_eq!((refused.0, refused.2), (0, "E005"));
    // rows that are broken one after the other are no table
    let (_, kept) = text(MAP, &format!("{HEADER}\r\n{PERSON}\r\nP2,ｻﾄｳ\r\nP3,ﾀﾅｶ\r\n"));
    assert_eq!(kept.records.len(), 1);
}
