//! Lines in are lines accounted for, and every cell that is delivered comes from its own row: on
//! exports of people whose every cell names them, in all dialects, whole and damaged.

use std::collections::BTreeSet;

use crate::rules::{HEADER, Kept, MAP, column, more, run};
use proptest::prelude::*;
use renkei_source_adapter::{Mode, Outcome};

const KANA: &str = "アイウエオカキクケコサシスセソタチツテトナニヌネノ";

/// How an export is written and read.
#[derive(Clone, Debug)]
struct Dialect {
    delimiter: char,
    end: &'static str,
    quote: bool,
    fills: bool,
    preamble: usize,
    titles: usize,
    trailers: usize,
    final_end: bool,
}

fn dialect() -> impl Strategy<Value = Dialect> {
    let signs = (
        prop_oneof![Just(','), Just('\t'), Just(';')],
        prop_oneof![Just("\r\n"), Just("\n"), Just("\r")],
    );
    (signs, any::<[bool; 3]>(), 0..3_usize, 1..3_usize, 0..3_usize).prop_map(
        |((delimiter, end), [quote, fills, final_end], preamble, titles, trailers)| Dialect {
            delimiter,
            end,
            quote,
            fills,
            preamble,
            titles,
            trailers,
            final_end,
        },
    )
}

const MORE: [&str; 9] = ["姓", "名", "HB", "ECG1", "ECG2", "備考", "再", "初", "未定"];

impl Dialect {
    fn map(&self) -> String {
        let group =
            |title: &str| if self.titles == 1 { title.to_owned() } else { format!("群/{title}") };
        let list = |titles: [&str; 2]| titles.map(|title| format!("{:?}", group(title))).join(", ");
        let columns = [
            format!(
                "[[col]]\nfrom = [{}]\njoin = \" \"\nto = \"employer_name\"\nas = \"name\"\n",
                list(["姓", "名"])
            ),
            format!("{}strip = [\"H\"]\n", column(&group("HB"), "\"hb\"", "num")),
            format!(
                "[[col]]\nfrom = [{}]\njoin = \"／\"\nto = [\"ecg\", \"ecg_txt\"]\nas = \"finding\"\nsplit = \"／\"\nnone = [\"異常なし\"]\n",
                list(["ECG1", "ECG2"])
            ),
            column(&group("備考"), "\"remarks\"", "text"),
            format!(
                "[[col]]\nfrom = [{}]\npick = \"first\"\nto = \"weight\"\nas = \"num\"\n",
                list(["再", "初"])
            ),
        ];
        let mut map = more(MAP, &columns.concat());
        for title in HEADER.split(',').filter(|_| self.titles > 1) {
            map = map.replace(&format!("from = \"{title}\""), &format!("from = \"群/{title}\""));
        }
        let (delimiter, quote, preamble, titles) =
            (self.delimiter.to_string(), self.quote, self.preamble, self.titles);
        let short = if self.fills { "blank" } else { "refuse" };
        map.replace("[const]", &format!(
            "delimiter = {delimiter:?}\nquote = {quote}\nskip_rows = {preamble}\nheader_rows = {titles}\nshort_rows = {short:?}\nunknown = [{:?}]\n[const]",
            group("未定")
        ))
    }

    fn write(&self, people: &[Person], blanks: &[usize]) -> String {
        let row = |cells: &[String]| cells.join(&self.delimiter.to_string());
        let mut lines: Vec<String> = vec!["健診\"結果".to_owned(); self.preamble];
        let titles: Vec<String> = HEADER.split(',').chain(MORE).map(str::to_owned).collect();
        if self.titles > 1 {
            let mut groups = vec![String::new(); titles.len()];
            groups[0] = "群".to_owned();
            lines.push(row(&groups));
        }
        lines.push(row(&titles));
        for (place, person) in people.iter().enumerate() {
            if blanks.contains(&place) {
                lines.push(self.delimiter.to_string().repeat(place));
            }
            lines.push(row(&person.cells(self)));
        }
        lines.extend(vec!["#END".to_owned(); self.trailers]);
        lines.join(self.end) + if self.final_end { self.end } else { "" }
    }
}

/// A person by their number; `shape` says which cells are filled and how they are written.
#[derive(Clone, Copy, Debug)]
struct Person {
    number: usize,
    shape: u32,
}

impl Person {
    fn kana(number: usize) -> String {
        KANA.chars().nth(number).unwrap().to_string()
    }

    fn cells(self, dialect: &Dialect) -> Vec<String> {
        let n = self.number;
        let some =
            |bit: u32, text: String| if self.shape >> bit & 1 == 1 { text } else { String::new() };
        let mut cells = vec![
            format!("P{n}"),
            Self::kana(n),
            format!("名{n}"),
            "2".to_owned(),
            format!("{}0401", 1950 + n),
            format!("202505{:02}", 1 + n),
            format!("{}", 50 + n),
            some(0, format!("姓{n}")),
            some(1, format!("名{n}")),
            some(2, format!("10.{n:02}H")),
            some(3, format!("所見{n}a")),
            some(4, format!("所見{n}b")),
            some(5, format!("備考{n}")),
            some(6, format!("{}", 40 + n)),
            some(7, format!("{}", 40 + n)),
            some(8, "x".to_owned()),
        ];
        if dialect.quote {
            if self.shape >> 9 & 1 == 1 {
                cells[12] = format!("\"備考{n}{}ほか\"\"a\"\"\"", dialect.end);
            }
            if self.shape >> 10 & 1 == 1 {
                cells[2] = format!("\"名{n}\"");
            }
        }
        cells
    }
}

/// The one person that all cells of a record name.
fn is_of_one_person(record: &renkei_checkup::Record) -> Result<(), TestCaseError> {
    let number: usize =
        record.get("patient_id").strip_prefix('P').and_then(|n| n.parse().ok()).unwrap();
    let is = |id: &str, value: String| {
        let found = record.get(id);
        prop_assert!(found.is_empty() || found == value, "{id} of P{number}: {found}");
        Ok(())
    };
    is("name_kana", Person::kana(number))?;
    is("name_kanji", format!("名{number}"))?;
    is("birth_date", format!("{}-04-01", 1950 + number))?;
    is("exam_date", format!("2025-05-{:02}", 1 + number))?;
    is("pulse", (50 + number).to_string())?;
    is("weight", format!("{}.0", 40 + number))?;
    let names_them = |id: &str, word: &str| {
        let found = record.get(id);
        let others = (0..25).filter(|other| *other != number).map(|other| format!("{word}{other}"));
        for other in others {
            let is_longer = |rest: &str| rest.starts_with(|letter: char| letter.is_ascii_digit());
            let named = found.split(other.as_str()).skip(1).any(|rest| !is_longer(rest));
            prop_assert!(!named, "{id} of P{number}: {found}");
        }
        Ok(())
    };
    names_them("employer_name", "姓")?;
    names_them("employer_name", "名")?;
    names_them("ecg_txt", "所見")?;
    names_them("remarks", "備考")
}

/// What must be true of every conversion of this text.
fn holds(text: &str, outcome: &Outcome, kept: &Kept) -> Result<(), TestCaseError> {
    let errors: BTreeSet<u64> =
        kept.findings.iter().filter(|f| f.2.starts_with('E')).map(|f| f.0).collect();
    if let Some(lines) = outcome.lines {
        prop_assert!(lines.add_up());
        // the lines, counted otherwise
        let unix = text.replace("\r\n", "\n").replace('\r', "\n");
        prop_assert_eq!(lines.total as usize, unix.lines().count());
        prop_assert_eq!(
            outcome.rows,
            outcome.accepted + errors.len() as u64,
            "delivered or refused by name"
        );
        let numbers: BTreeSet<u64> = kept.numbers().into_iter().collect();
        prop_assert!(numbers.is_disjoint(&errors));
        prop_assert_eq!(numbers.len() + errors.len(), outcome.rows as usize);
        // the lines of the rows are those of the account
        prop_assert!(lines.rows >= outcome.rows);
    } else {
        prop_assert!(outcome.rejected && kept.records.is_empty());
        prop_assert!(!errors.is_empty());
    }
    // each row is a piece of the file behind the one before
    let mut rest = text.as_bytes();
    for bytes in &kept.bytes {
        let at = rest.windows(bytes.len()).position(|window| window == bytes).unwrap();
        rest = &rest[at + bytes.len()..];
    }
    for (record, bytes) in kept.records.iter().zip(&kept.bytes) {
        is_of_one_person(record)?;
        let row = String::from_utf8_lossy(bytes).into_owned();
        let id = record.get("patient_id");
        prop_assert!(row.contains(id));
        for (column, field) in record
            .iter()
            .filter(|(column, _)| column.pair && !["ecg", "ecg_txt"].contains(&column.id.as_str()))
        {
            let cell = field.original.replace('"', "\"\"");
            prop_assert!(
                row.contains(&field.original) || row.contains(&cell),
                "{}: {row}",
                column.id
            );
        }
    }
    Ok(())
}

fn people(shapes: &[u32]) -> Vec<Person> {
    shapes.iter().enumerate().map(|(number, shape)| Person { number, shape: *shape }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whole_exports_are_delivered_whole(
        dialect in dialect(),
        shapes in proptest::collection::vec(0_u32..2048, 0..12),
        blanks in proptest::collection::vec(0_usize..12, 0..3),
    ) {
        let text = dialect.write(&people(&shapes), &blanks);
        let (outcome, kept) = run(&dialect.map(), text.as_bytes(), Mode::RejectRow);
        let outcome = outcome.unwrap();
        holds(&text, &outcome, &kept)?;
        prop_assert_eq!(outcome.accepted as usize, shapes.len(), "{:?}", kept.said);
        let trailers = outcome.lines.unwrap().trailer as usize;
        prop_assert_eq!(trailers, dialect.trailers);
    }

    #[test]
    fn of_damaged_exports_nobody_is_lost_or_mixed(
        dialect in dialect(),
        shapes in proptest::collection::vec(0_u32..2048, 1..8),
        damages in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..9), 1..4),
    ) {
        let mut letters: Vec<char> = dialect.write(&people(&shapes), &[]).chars().collect();
        for (place, damage) in damages {
            let at = place.index(letters.len());
            match damage {
                // what holds nothing is no export, and has a test of its own
                0 if letters.len() > 1 => { letters.remove(at); }
                1 => letters.insert(at, '"'),
                2 => letters.insert(at, dialect.delimiter),
                3 => letters.insert(at, '\n'),
                4 => letters.insert(at, '\r'),
                5 => letters.truncate(at.max(1)),
                6 => letters[at] = '"',
                7 => letters[at] = ' ',
                _ => letters.insert(at, '#'),
            }
        }
        let text: String = letters.into_iter().collect();
        let (outcome, kept) = run(&dialect.map(), text.as_bytes(), Mode::RejectRow);
        let outcome = outcome.unwrap();
        // a damaged title, number or day may be another one; but never a part of two people
        let numbers = kept.all("patient_id");
        let known = |id: &str| id.strip_prefix('P').and_then(|n| n.parse().ok()).is_some_and(|n: usize| n < shapes.len());
        if numbers.iter().all(|id| known(id)) {
            match holds(&text, &outcome, &kept) {
                Ok(()) => {}
                Err(error) if error.to_string().contains("of P") && is_damage_of_one_cell(&kept) => {}
                Err(error) => return Err(error),
            }
        }
    }

    #[test]
    fn verdicts_do_not_depend_on_the_order_of_rows(
        rows in proptest::collection::btree_map((0..3_usize, 0..3_usize, 0..2_usize, 0..3_usize, 0..2_usize, 0..4_usize), 0..3_usize, 1..9),
        seed in any::<u64>(),
    ) {
        let lines: Vec<String> = rows.iter().map(|((id, kana, sex, birth, day, pulse), report)| {
            format!(
                "{},{},山,{},{},{},{},{}",
                ["P1", "P2", ""][*id], ["ﾔﾏ", "ｻﾄｳ", "山"][*kana], ["1", "2"][*sex],
                ["S55.4.1", "S55.4.2", "x"][*birth], ["20250512", "20250513"][*day],
                ["72", "73", "x", ""][*pulse], ["A", "B", ""][*report],
            )
        }).collect();
        let map = MAP.replace("[const]", "report_no = \"NO\"\n[const]");
        let verdicts = |order: &[String]| {
            let export = format!("{HEADER},NO\n{}\n", order.join("\n"));
            let (outcome, kept) = run(&map, export.as_bytes(), Mode::RejectRow);
            assert!(!outcome.unwrap().rejected, "{:?}", kept.said);
            let mut found: Vec<(String, Vec<(String, &str)>)> = order.iter().enumerate().map(|(place, line)| {
                let row = place as u64 + 1;
                let told = kept.findings.iter().filter(|f| f.0 == row).map(|f| (f.1.clone(), f.2));
                (line.clone(), told.collect())
            }).collect();
            found.sort();
            found
        };
        let mut shuffled = lines.clone();
        let mut state = seed;
        for place in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            shuffled.swap(place, (state >> 33) as usize % (place + 1));
        }
        prop_assert_eq!(verdicts(&lines), verdicts(&shuffled));
    }
}

/// Whether each record still stands for the person of its row: a letter that was put into a cell
/// changes that cell, which no program can see.
fn is_damage_of_one_cell(kept: &Kept) -> bool {
    kept.records.iter().zip(&kept.bytes).all(|(record, bytes)| {
        let row = String::from_utf8_lossy(bytes);
        let numbers: Vec<&str> = row
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| {
                word.strip_prefix('P')
                    .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
            })
            .collect();
        numbers == [record.get("patient_id")]
    })
}

#[test]
fn two_conversions_of_one_file_are_the_same() {
    let dialect = Dialect {
        delimiter: ',',
        end: "\r\n",
        quote: true,
        fills: false,
        preamble: 1,
        titles: 2,
        trailers: 1,
        final_end: true,
    };
    let shapes: Vec<u32> = (0..20).map(|n| n * 101 % 2048).collect();
    let text =
        dialect.write(&people(&shapes), &[3]).replace("所見3a", "所見なし").replace("P5", "P6");
    let once = run(&dialect.map(), text.as_bytes(), Mode::RejectRow).1;
    let again = run(&dialect.map(), text.as_bytes(), Mode::RejectRow).1;
    assert_eq!((once.lines, once.said, once.bytes), (again.lines, again.said, again.bytes));
}
