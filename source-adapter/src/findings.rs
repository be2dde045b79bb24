//! What the checks of an export can find, with texts for the people who correct it.

use std::fmt;

use renkei_checkup::{Column, tables};
use serde::{Serialize, Serializer};

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The row is refused.
    Error,
    /// The row is kept.
    Warning,
}

impl Severity {
    /// `E` or `W`.
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Error => "E",
            Self::Warning => "W",
        }
    }
}

/// The kinds of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// Bytes that cannot be decoded.
    E001,
    /// A mapped header is missing.
    E002,
    /// The number of fields differs from that of the header.
    E003,
    /// Quotes that are none of RFC 4180.
    E004,
    /// Not one table with one row a checkup.
    E005,
    /// A required item is empty.
    E010,
    /// Not a date.
    E011,
    /// Not a number.
    E012,
    /// Implausible.
    E013,
    /// Term not in the vocabulary.
    E014,
    /// Too long.
    E015,
    /// Check digit.
    E016,
    /// Duplicate.
    E017,
    /// Order of dates.
    E018,
    /// Pattern does not match.
    E019,
    /// One number, two people.
    E020,
    /// A word that is no finding where one is expected.
    E021,
    /// No result.
    E022,
    /// Not kana.
    E023,
    /// Term not in a vocabulary that is not strict.
    W101,
    /// Systolic not above diastolic pressure.
    W102,
    /// Fasting item without fasting.
    W103,
    /// BMI does not fit height and weight.
    W104,
    /// Age does not fit the dates.
    W105,
    /// Older than 110 years.
    W106,
    /// Header neither mapped nor ignored.
    W108,
}

/// The texts of a code.
pub struct Texts {
    /// The code as written.
    pub name: &'static str,
    /// What is wrong, English.
    pub en: &'static str,
    /// The same in Japanese.
    pub ja: &'static str,
    /// What to do, English.
    pub fix_en: &'static str,
    /// What to do, Japanese.
    pub fix_ja: &'static str,
}

impl Code {
    /// Every code, in their order.
    pub const ALL: [Self; 26] = [
        Self::E001,
        Self::E002,
        Self::E003,
        Self::E004,
        Self::E005,
        Self::E010,
        Self::E011,
        Self::E012,
        Self::E013,
        Self::E014,
        Self::E015,
        Self::E016,
        Self::E017,
        Self::E018,
        Self::E019,
        Self::E020,
        Self::E021,
        Self::E022,
        Self::E023,
        Self::W101,
        Self::W102,
        Self::W103,
        Self::W104,
        Self::W105,
        Self::W106,
        Self::W108,
    ];

    /// The code as written in findings.csv.
    pub fn name(self) -> &'static str {
        self.texts().name
    }

    /// Whether it refuses the row.
    pub fn severity(self) -> Severity {
        if self.name().starts_with('E') { Severity::Error } else { Severity::Warning }
    }

    /// What is wrong, and what to do.
    pub const fn texts(self) -> Texts {
        match self {
            Self::E001 => Texts {
                name: "E001",
                en: "the file has bytes that the declared encoding does not allow",
                ja: "宣言された文字コードにないバイトが含まれています",
                fix_en: "export the file again, or correct `encoding` in [source] of the mapping",
                fix_ja: "ファイルを出力し直すか、対応表の [source] の encoding を訂正してください",
            },
            Self::E002 => Texts {
                name: "E002",
                en: "the file has no such header, or not as the mapping says",
                ja: "この見出しがファイルにないか、対応表のとおりに見つかりません",
                fix_en: "export the file with this column, or correct the mapping",
                fix_ja: "この列を含めて出力し直すか、マッピングを訂正してください",
            },
            Self::E003 => Texts {
                name: "E003",
                en: "the number of fields differs from that of the header row",
                ja: "項目数が見出し行と一致しません",
                fix_en: "look for a missing field, or a delimiter in a cell without quotes",
                fix_ja: "欠けた項目、または引用符のない区切り文字がないか確認してください",
            },
            Self::E004 => Texts {
                name: "E004",
                en: "the quotes are broken, so that it is not known where the cell ends",
                ja: "引用符（\"）の使い方が正しくないため、どこまでが1つの値か分かりません",
                fix_en: "export with quotes doubled inside quoted cells; where the program never quotes, write quote = false in [source]",
                fix_ja: "引用符で囲んだ値の中の引用符は2つ重ねて出力してください。引用符で囲まないシステムの出力なら、対応表の [source] に quote = false と書いてください",
            },
            Self::E005 => Texts {
                name: "E005",
                en: "the file is not one table with one row a checkup",
                ja: "1行が1件の健診である、1つの表のファイルではありません",
                fix_en: "export it as said",
                fix_ja: "示したとおりに出力し直してください",
            },
            Self::E010 => Texts {
                name: "E010",
                en: "a required item is empty",
                ja: "必須項目が空です",
                fix_en: "fill in the item",
                fix_ja: "値を入力してください",
            },
            Self::E011 => Texts {
                name: "E011",
                en: "is not a date, or lies outside its era",
                ja: "日付として読めないか、元号の期間外です",
                fix_en: "correct the date",
                fix_ja: "日付を訂正してください",
            },
            Self::E012 => Texts {
                name: "E012",
                en: "is not a number",
                ja: "数値として読めません",
                fix_en: "correct the value",
                fix_ja: "値を訂正してください",
            },
            Self::E013 => Texts {
                name: "E013",
                en: "is implausible",
                ja: "ありえない値です",
                fix_en: "check the decimal point and the unit",
                fix_ja: "小数点と単位を確認してください",
            },
            Self::E014 => Texts {
                name: "E014",
                en: "is not a term of the mapping's vocabulary",
                ja: "マッピングの用語表にない値です",
                fix_en: "correct the value, or add the term to the mapping",
                fix_ja: "値を訂正するか、マッピングに用語を追加してください",
            },
            Self::E015 => Texts {
                name: "E015",
                en: "the standard value is too long (bytes of UTF-8)",
                ja: "標準値が長すぎます（UTF-8のバイト数）",
                fix_en: "shorten the text",
                fix_ja: "文章を短くしてください",
            },
            Self::E016 => Texts {
                name: "E016",
                en: "the check digit is wrong",
                ja: "検証番号が正しくありません",
                fix_en: "compare the number with the card or the notice",
                fix_ja: "番号を証または通知書と照合してください",
            },
            Self::E017 => Texts {
                name: "E017",
                en: "the same checkup of the same person stands in several rows",
                ja: "同じ人の同じ健診が複数の行にあります",
                fix_en: "keep the row that is right",
                fix_ja: "正しい行だけを残してください",
            },
            Self::E018 => Texts {
                name: "E018",
                en: "the dates are in the wrong order",
                ja: "日付の前後関係が正しくありません",
                fix_en: "correct the date of birth or the date of the checkup",
                fix_ja: "生年月日または受診日を訂正してください",
            },
            Self::E019 => Texts {
                name: "E019",
                en: "does not have the form the mapping expects",
                ja: "マッピングが定める形式ではありません",
                fix_en: "correct the value",
                fix_ja: "値を訂正してください",
            },
            Self::E020 => Texts {
                name: "E020",
                en: "rows with this number of a person have different birth dates, sexes or names",
                ja: "同じ受診者番号の行で、生年月日・性別・カナ氏名が異なります",
                fix_en: "find out whose results they are, and give each person one number",
                fix_ja: "どなたの結果か確認し、1人に1つの番号を付けてください",
            },
            Self::E021 => Texts {
                name: "E021",
                en: "a word that seems to say nothing, not done or not measurable stands where a finding is expected",
                ja: "所見の列に、所見ではない（所見なし・未実施・判定不能など）と思われる語があります",
                fix_en: "decide in the mapping what it means",
                fix_ja: "この語の意味を対応表で決めてください",
            },
            Self::E022 => Texts {
                name: "E022",
                en: "the row holds no result at all",
                ja: "検査結果が1つもない行です",
                fix_en: "fill in the results, or leave the row out",
                fix_ja: "結果を入力するか、この行を除いてください",
            },
            Self::E023 => Texts {
                name: "E023",
                en: "is no name in kana",
                ja: "カナ氏名ではありません",
                fix_en: "write the name in kana",
                fix_ja: "カナで入力してください",
            },
            Self::W101 => Texts {
                name: "W101",
                en: "is not a term of the mapping's vocabulary; the standard value stays empty",
                ja: "マッピングの用語表にない値のため、標準値は空になります",
                fix_en: "add the term to the mapping if it is in use",
                fix_ja: "使用している用語であればマッピングに追加してください",
            },
            Self::W102 => Texts {
                name: "W102",
                en: "the systolic pressure is not above the diastolic one",
                ja: "収縮期血圧が拡張期血圧以下です",
                fix_en: "check whether the two were exchanged",
                fix_ja: "入れ違いがないか確認してください",
            },
            Self::W103 => Texts {
                name: "W103",
                en: "a fasting result although the blood was not drawn fasting",
                ja: "空腹時採血ではないのに空腹時の検査値があります",
                fix_en: "check the time since the last meal",
                fix_ja: "採血時間（食後）を確認してください",
            },
            Self::W104 => Texts {
                name: "W104",
                en: "does not fit height and weight",
                ja: "身長と体重から計算した値と一致しません",
                fix_en: "check height, weight and BMI",
                fix_ja: "身長、体重、BMIを確認してください",
            },
            Self::W105 => Texts {
                name: "W105",
                en: "does not fit the date of birth and the date of the checkup",
                ja: "生年月日と受診日から計算した年齢と一致しません",
                fix_en: "check the dates",
                fix_ja: "日付を確認してください",
            },
            Self::W106 => Texts {
                name: "W106",
                en: "makes the person older than 110 years",
                ja: "110歳を超えます",
                fix_en: "check the date of birth",
                fix_ja: "生年月日を確認してください",
            },
            Self::W108 => Texts {
                name: "W108",
                en: "the header is neither mapped nor ignored",
                ja: "見出しがマッピングにも ignore にもありません",
                fix_en: "map the column, or name it in `ignore`",
                fix_ja: "列を対応付けるか、ignore に加えてください",
            },
        }
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// 1-based data row; 0 for the file or its header.
    pub row: u64,
    /// The row of a spreadsheet that shows the file, from 1; 0 where it is not known.
    pub sheet_row: u64,
    /// The person's id in the export, where it is known.
    pub person: String,
    /// The source header for a cell, the item id for a record, empty for the file.
    pub column: String,
    /// What is wrong.
    pub code: Code,
    /// The cell as decoded, or what the code says instead.
    pub value: String,
    expected_en: String,
    expected_ja: String,
}

impl Finding {
    /// A finding without an expectation.
    pub fn new(row: u64, column: &str, code: Code, value: &str) -> Self {
        Self {
            row,
            sheet_row: 0,
            person: String::new(),
            column: column.to_owned(),
            code,
            value: value.to_owned(),
            expected_en: String::new(),
            expected_ja: String::new(),
        }
    }

    /// Adds what would be right.
    #[must_use]
    pub fn expected(mut self, en: impl Into<String>, ja: impl Into<String>) -> Self {
        self.expected_en = en.into();
        self.expected_ja = ja.into();
        self
    }

    /// What would be right, in Japanese; empty where the code says it all.
    pub fn expected_ja(&self) -> &str {
        &self.expected_ja
    }

    /// What would be right, in English; empty where the code says it all.
    pub fn expected_en(&self) -> &str {
        &self.expected_en
    }

    /// Whether it refuses its row.
    pub fn is_error(&self) -> bool {
        self.code.severity() == Severity::Error
    }

    /// The order of findings.csv.
    pub fn order(&self) -> (u64, Code, &str) {
        (self.row, self.code, &self.column)
    }

    /// The Japanese sentences: place, value, what is wrong, what was expected, what to do.
    pub fn ja(&self) -> String {
        let texts = self.code.texts();
        let place = self.place_ja();
        let column = match (self.column.as_str(), self.item()) {
            ("", _) => String::new(),
            (id, Some(item)) => format!("「{}」（{id}）", item.name_ja),
            (header, None) => format!("「{header}」"),
        };
        let value = self.quoted().map_or(String::new(), |value| format!("（値「{value}」）"));
        let expected = match self.expected_ja.as_str() {
            "" => String::new(),
            expected => format!("期待する値: {expected}。"),
        };
        format!("{place}{column}{value}: {}。{expected}{}。", texts.ja, texts.fix_ja)
    }

    /// The English sentences.
    pub fn en(&self) -> String {
        let texts = self.code.texts();
        let place = self.place_en();
        let column = match (self.column.as_str(), self.item()) {
            ("", _) => String::new(),
            (id, Some(item)) => format!(", {} ({id})", item.name_en),
            (header, None) => format!(", {header}"),
        };
        let value = self.quoted().map_or(String::new(), |value| format!(" (value \"{value}\")"));
        let expected = match self.expected_en.as_str() {
            "" => String::new(),
            expected => format!("; expected {expected}"),
        };
        format!("{place}{column}{value}: {}{expected}; {}", texts.en, texts.fix_en)
    }

    /// The row, where a spreadsheet shows it, and the person's number.
    fn place_ja(&self) -> String {
        let mut place =
            if self.row == 0 { "ファイル".to_owned() } else { format!("{}行目", self.row) };
        if self.sheet_row > 0 {
            place.push_str(&format!("（Excelの{}行目）", self.sheet_row));
        }
        if !self.person.is_empty() {
            place.push_str(&format!("、受診者番号 {} ", self.person));
        }
        place
    }

    fn place_en(&self) -> String {
        let mut place = if self.row == 0 { "file".to_owned() } else { format!("row {}", self.row) };
        if self.sheet_row > 0 {
            place.push_str(&format!(" (row {} in Excel)", self.sheet_row));
        }
        if !self.person.is_empty() {
            place.push_str(&format!(", person {}", self.person));
        }
        place
    }

    /// The item of a finding on the record; none for a cell.
    fn item(&self) -> Option<&'static Column> {
        let of_record = !matches!(self.code, Code::E002 | Code::E004 | Code::W108);
        tables().column(&self.column).filter(|_| of_record)
    }

    /// The value at a readable length.
    fn quoted(&self) -> Option<String> {
        const SHOWN: usize = 80;
        if self.value.is_empty() { None } else { Some(on_one_line(&self.shown(SHOWN))) }
    }

    /// At most so many characters of the value.
    fn shown(&self, most: usize) -> String {
        let mut shown: String = self.value.chars().take(most).collect();
        if shown.len() < self.value.len() {
            shown.push('…');
        }
        shown
    }
}

/// On one line: a line break would tear a sentence apart.
fn on_one_line(text: &str) -> String {
    let visible = |letter: char| match letter {
        '\n' => Some('⏎'),
        letter if letter.is_control() => None,
        letter => Some(letter),
    };
    text.chars().filter_map(visible).collect()
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en())
    }
}

/// A finding as it is told to the institution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusedRow {
    /// 1-based data row; 0 for the file.
    pub row: u64,
    /// The row of a spreadsheet that shows the file; 0 where it is not known.
    pub sheet_row: u64,
    /// The person's number in the export; empty where it is not known.
    pub patient_id: String,
    /// Source header or item id.
    pub column: String,
    /// The code.
    pub code: Code,
    /// The offending value, at most a thousand characters of it; findings.csv has the rest.
    pub value: String,
    /// Japanese: value, expectation, what to do.
    pub ja: String,
    /// English: value, expectation, what to do.
    pub en: String,
}

impl From<&Finding> for RefusedRow {
    fn from(finding: &Finding) -> Self {
        Self {
            row: finding.row,
            sheet_row: finding.sheet_row,
            patient_id: finding.person.clone(),
            column: finding.column.clone(),
            code: finding.code,
            value: finding.shown(1000),
            ja: finding.ja(),
            en: finding.en(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Code, Finding, Severity};

    #[test]
    fn sentences_name_place_value_expectation_and_remedy() {
        let finding =
            Finding::new(9, "身長", Code::E013, "1725").expected("100 to 230 cm", "100〜230 cm");
        assert_eq!(
            finding.en(),
            "row 9, 身長 (value \"1725\"): is implausible; expected 100 to 230 cm; \
             check the decimal point and the unit"
        );
        assert_eq!(
            finding.ja(),
            "9行目「身長」（値「1725」）: ありえない値です。期待する値: 100〜230 cm。\
             小数点と単位を確認してください。"
        );
    }

    #[test]
    fn a_finding_on_the_record_names_its_item() {
        let finding = Finding::new(3, "insurer_no", Code::E016, "06139995");
        assert!(finding.ja().starts_with("3行目「保険者番号」（insurer_no）（値「06139995」）: "));
        assert!(
            finding.en().starts_with("row 3, Insurer number (8 digits) (insurer_no) (value"),
            "{}",
            finding.en()
        );
    }

    #[test]
    fn the_letter_decides() {
        assert_eq!(Code::E019.severity(), Severity::Error);
        assert_eq!(Code::W108.severity(), Severity::Warning);
        assert!(Code::E003 < Code::E010 && Code::E019 < Code::W101, "codes sort as written");
    }
}
