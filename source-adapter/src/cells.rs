//! From source cells to items: one function per form of the mapping.

use std::borrow::Cow;

use renkei_checkup::dates::{self, EraDigits};
use renkei_checkup::decimal::Decimal;
use renkei_checkup::fold::{has_odd_digits, nfkc};
use renkei_checkup::identity::{comparison_form, is_hyphen};
use renkei_checkup::number::Measured;
use renkei_checkup::{Kind, Record, tables, terms};

use crate::findings::{Code, Finding};
use crate::mapping::{Absence, Form, Item, Mapping, Nulls, Vocabulary, mistake_in_standard_value};
use crate::parts::{self, Parts};

/// One row being converted.
pub(crate) struct Row<'m> {
    pub(crate) mapping: &'m Mapping,
    pub(crate) number: u64,
    pub(crate) record: Record,
    pub(crate) findings: Vec<Finding>,
}

/// A cell on its way into the record.
#[derive(Clone, Copy)]
pub(crate) struct Cell<'c> {
    pub(crate) header: &'c str,
    /// As decoded.
    pub(crate) raw: &'c str,
    /// What it says ([`content`]).
    pub(crate) text: &'c str,
    /// The chosen word of a routed column, as decoded.
    pub(crate) by: &'c str,
}

/// The content of a cell: trimmed; of `="0123"`, as spreadsheets are told to keep zeros, `0123`.
pub(crate) fn content(raw: &str) -> &str {
    let text = trim(raw);
    let inner = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    inner.filter(|inner| !inner.contains('"')).map_or(text, trim)
}

/// What a spreadsheet made of a long number: `1.23E+05`.
pub(crate) fn is_scientific(text: &str) -> bool {
    let Some((number, power)) = text.split_once(['E', 'e']) else { return false };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let power = power.strip_prefix(['+', '-']).filter(|power| digits(power));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    power.is_some() && digits(whole) && digits(fraction)
}

/// Exactly these are blanks around a cell.
pub(crate) fn trim(cell: &str) -> &str {
    let bytes = cell.as_bytes();
    // most cells begin and end visibly
    if [bytes.first(), bytes.last()].iter().all(|edge| edge.is_some_and(u8::is_ascii_graphic)) {
        return cell;
    }
    cell.trim_matches(is_blank)
}

fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\u{3000}' | '\t')
}

/// Several blanks become one ASCII space.
fn single_spaces(text: &str) -> String {
    let mut words = text.split(is_blank).filter(|word| !word.is_empty());
    let mut joined = words.next().unwrap_or_default().to_owned();
    for word in words {
        joined.push(' ');
        joined.push_str(word);
    }
    joined
}

/// The item of a word of `flags` or `table`, looked up as vocabularies are: the column that routes a
/// number often has a vocabulary of its own, too, and both should understand the same cells.
pub(crate) fn item_of_word(words: &[(String, Item)], word: &str) -> Option<Item> {
    let find = |word: &str| words.iter().find(|(known, _)| known == word).map(|(_, item)| *item);
    find(word).or_else(|| find(&nfkc(word)))
}

impl Row<'_> {
    /// Starts the next row with the fixed values of the mapping.
    pub(crate) fn begin(&mut self, number: u64) {
        self.number = number;
        self.findings.clear();
        self.record.clear();
        for (item, value) in &self.mapping.constants {
            self.record.set(item, value);
        }
    }

    pub(crate) fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Fills `items`, those of the form, from one cell of a column with these words for no value.
    pub(crate) fn apply(&mut self, form: &Form, items: &[Item], nulls: &Nulls, cell: Cell<'_>) {
        if let Form::Route { table, strip, .. } = form {
            self.route(table, strip, nulls, cell);
            return;
        }
        for item in items {
            self.record.set_original(item, cell.raw);
        }
        if form.takes_as_value(cell.text) || !self.absent(items, nulls, cell) {
            self.convert(form, nulls, cell);
        }
    }

    /// Handles the words for "nothing", "not performed" and "not measurable".
    fn absent(&mut self, items: &[Item], nulls: &Nulls, cell: Cell<'_>) -> bool {
        let word = cell.text;
        let absence = if word.is_empty() { Some(Absence::Blank) } else { nulls.meaning(word) };
        if let Some(absence) = absence {
            self.set_absent(items, absence);
        }
        absence.is_some()
    }

    fn set_absent(&mut self, items: &[Item], absence: Absence) {
        let term = match absence {
            Absence::Blank => return,
            Absence::NotPerformed => terms::NOT_PERFORMED,
            Absence::NotMeasurable => terms::NOT_MEASURABLE,
        };
        for item in items.iter().filter(|item| item.pair && !item.is_explanation()) {
            self.record.set(item, term);
        }
    }

    fn convert(&mut self, form: &Form, nulls: &Nulls, cell: Cell<'_>) {
        let text = cell.text;
        match form {
            Form::Text(item) => self.text(item, text, cell),
            Form::Number { item, factor, strip } => {
                self.number(item, *factor, &without_marks(text, strip), cell);
            }
            Form::Int(item) => self.whole(item, text, cell),
            Form::Digits { item, pad } => self.digits(item, *pad, text, cell),
            Form::Postal(item) => self.postal(item, text, cell),
            Form::Date { item, digits } => self.date(item, *digits, text, cell),
            Form::Kana(item) => self.kana(item, text, cell),
            Form::Name(item) => self.record.set(item, &single_spaces(text)),
            Form::Term { item, vocabulary, strict } => {
                self.term(item, vocabulary, *strict, text, cell);
            }
            Form::Multi { item, splitter } => {
                self.found(&[*item], parts::read(text, splitter, nulls), cell, |record, found| {
                    record.set(item, found);
                });
            }
            Form::OwnFinding { item, splitter } => {
                self.found(&[*item], parts::read(text, splitter, nulls), cell, |record, found| {
                    record.set(item, if found.is_empty() { terms::NO_FINDING } else { found });
                });
            }
            Form::Finding { flag, text: explanation, splitter, yes, no } => {
                let items = [*flag, *explanation];
                self.found(&items, parts::read(text, splitter, nulls), cell, |record, found| {
                    record.set(flag, if found.is_empty() { no } else { yes });
                    record.set(explanation, found);
                });
            }
            Form::Flags { words, splitter, yes, no } => {
                self.flags(words, splitter, [yes, no], cell)
            }
            Form::Pattern { regex, groups, vocabulary } => {
                self.pattern(regex, groups, vocabulary.as_deref(), cell);
            }
            // its items depend on a second cell
            Form::Route { table, strip, .. } => self.route(table, strip, nulls, cell),
        }
    }

    /// Sets what was found in a cell of several parts, unless a part says that it is no finding.
    fn found(
        &mut self,
        items: &[Item],
        parts: Parts<'_>,
        cell: Cell<'_>,
        set: impl FnOnce(&mut Record, &str),
    ) {
        match parts {
            Parts::Found(found) => set(&mut self.record, &found),
            Parts::Absent(absence) => self.set_absent(items, absence),
            Parts::Undecided { part, word } => {
                let (en, ja) = parts::undecided(part, word);
                self.refuse(Code::E021, cell, en, ja);
            }
        }
    }

    /// A finding on this cell.
    fn refuse(&mut self, code: Code, cell: Cell<'_>, en: impl Into<String>, ja: impl Into<String>) {
        let finding = Finding::new(self.number, cell.header, code, cell.raw);
        self.add(finding.expected(en, ja));
    }

    /// Copies a cell; into an item that is no text only a value in its standard form.
    fn text(&mut self, item: Item, text: &str, cell: Cell<'_>) {
        let code = match item.kind {
            Kind::Num | Kind::Int => Code::E012,
            Kind::Date => Code::E011,
            Kind::Term | Kind::Judge => Code::E014,
            Kind::Id => {
                self.identifier(item, text, cell);
                return;
            }
            Kind::Code | Kind::Text | Kind::Multi | Kind::Kana | Kind::Name => {
                self.record.set(item, text);
                return;
            }
        };
        if let Some((en, ja)) = mistake_in_standard_value(item, text) {
            self.refuse(code, cell, en, ja);
            return;
        }
        let value = Measured::parse(text).filter(|_| code == Code::E012);
        if value.is_none_or(|measured| self.plausible(item, measured.value, cell)) {
            self.record.set(item, text);
        }
    }

    /// Copies an identifier, unless a spreadsheet has rounded it.
    fn identifier(&mut self, item: Item, text: &str, cell: Cell<'_>) {
        if is_scientific(text) {
            let en = "the whole number; a spreadsheet has shortened it (format the column as text)";
            let ja = "元の番号（Excelが数値として丸めています。列の書式を文字列にして出力し直してください）";
            self.refuse(Code::E012, cell, en, ja);
        } else {
            self.record.set(item, text);
        }
    }

    /// A name in kana; half width and hiragana are folded to katakana.
    fn kana(&mut self, item: Item, text: &str, cell: Cell<'_>) {
        // a sound mark that stands by itself belongs to the letter before it; a blank is a blank
        let joined = text.replace('゛', "\u{3099}").replace('゜', "\u{309A}");
        let as_blank = |letter: char| if letter.is_whitespace() { ' ' } else { letter };
        let folded: String = nfkc(&joined).chars().map(as_blank).map(katakana).collect();
        let is_kana = |letter: char| matches!(letter, 'ァ'..='ヺ' | 'ヽ'..='ヿ');
        let is_foreign = |letter: char| {
            !is_kana(letter) && !matches!(letter, 'ー' | '・' | ' ') && letter.is_alphabetic()
        };
        if folded.chars().any(is_foreign) || !folded.chars().any(is_kana) {
            let en = "a name in kana, such as ヤマダ ハナコ";
            self.refuse(Code::E023, cell, en, "ヤマダ ハナコ のようなカナ氏名");
        } else {
            self.record.set(item, &single_spaces(&folded));
        }
    }

    fn number(&mut self, item: Item, factor: Option<Decimal>, text: &str, cell: Cell<'_>) {
        let Some(read) = Measured::read(text) else {
            self.refuse(
                Code::E012,
                cell,
                "a number such as 5.6 or <=5",
                "5.6 や 5以下 のような数値",
            );
            return;
        };
        let scaled = factor.map_or(read.value, |factor| read.value.times(factor));
        let value = scaled.round(item.decimals.unwrap_or_else(|| own_decimals(item, scaled)));
        if !self.plausible(item, value, cell) {
            return;
        }
        if factor.is_none() && value.decimals() == read.value.decimals() && is_plain(text) {
            self.record.set(item, text);
        } else {
            self.record.write(item, Measured { comparator: read.comparator, value });
        }
    }

    fn plausible(&mut self, item: Item, value: Decimal, cell: Cell<'_>) -> bool {
        let low = item.min_plausible.is_some_and(|least| value < least);
        let high = item.max_plausible.is_some_and(|greatest| value > greatest);
        if low || high {
            let limit = |limit: Option<Decimal>| limit.map_or(String::new(), |l| l.to_string());
            let (least, greatest) = (limit(item.min_plausible), limit(item.max_plausible));
            let unit = &item.unit_display;
            let en = format!("{} from {least} to {greatest} {unit}", item.name_en);
            let ja = format!("{} {least}〜{greatest} {unit}", item.name_ja);
            self.refuse(Code::E013, cell, en.trim_end(), ja.trim_end());
        }
        !low && !high
    }

    fn whole(&mut self, item: Item, text: &str, cell: Cell<'_>) {
        let folded = nfkc(text);
        let value =
            Decimal::parse_long(&folded).filter(|_| is_digits(&folded) && !has_odd_digits(text));
        let Some(value) = value else {
            self.refuse(Code::E012, cell, "a whole number", "整数");
            return;
        };
        if self.plausible(item, value, cell) {
            // a measured item keeps its number of decimals
            self.record.write(item, value.round(item.decimals.unwrap_or(0)));
        }
    }

    fn digits(&mut self, item: Item, pad: usize, text: &str, cell: Cell<'_>) {
        let digits = comparison_form(text);
        if is_digits(&digits) && !has_odd_digits(text) {
            self.record.write(item, format_args!("{digits:0>pad$}"));
        } else {
            self.refuse(Code::E012, cell, "digits only", "数字のみ");
        }
    }

    fn postal(&mut self, item: Item, text: &str, cell: Cell<'_>) {
        let folded = nfkc(text);
        let digits: String = folded.chars().filter(|letter| !is_hyphen(*letter)).collect();
        match (digits.get(..3), digits.get(3..)) {
            (Some(area), Some(town)) if is_digits(&digits) && digits.len() == 7 => {
                self.record.write(item, format_args!("{area}-{town}"));
            }
            _ => self.refuse(Code::E012, cell, "seven digits", "7桁の数字"),
        }
    }

    fn date(&mut self, item: Item, digits: EraDigits, text: &str, cell: Cell<'_>) {
        match dates::read_with(text, digits) {
            Some(date) => self.record.write(item, date),
            None => self.refuse(
                Code::E011,
                cell,
                "a day such as 2025-05-12, 20250512, R07.05.12 or 令和7年5月12日",
                "2025-05-12、20250512、R07.05.12、令和7年5月12日 のような日付",
            ),
        }
    }

    fn term(
        &mut self,
        item: Item,
        vocabulary: &Vocabulary,
        strict: bool,
        text: &str,
        cell: Cell<'_>,
    ) {
        match vocabulary.look_up(text) {
            Some(term) => self.record.set(item, term),
            None => {
                let code = if strict { Code::E014 } else { Code::W101 };
                self.refuse_word(code, vocabulary.terms(), cell);
            }
        }
    }

    fn refuse_word<'w>(
        &mut self,
        code: Code,
        words: impl Iterator<Item = &'w String>,
        cell: Cell<'_>,
    ) {
        const SHOWN: usize = 12;
        let mut words: Vec<&str> = words.map(String::as_str).collect();
        words.sort_unstable();
        let mut known = words.iter().take(SHOWN).copied().collect::<Vec<_>>().join(" / ");
        if words.len() > SHOWN {
            known.push_str(" / …");
        }
        self.refuse(code, cell, format!("one of {known}"), format!("{known} のいずれか"));
    }

    fn flags(
        &mut self,
        words: &[(String, Item)],
        splitter: &crate::mapping::Splitter,
        [yes, no]: [&str; 2],
        cell: Cell<'_>,
    ) {
        let mut named: Vec<Item> = Vec::new();
        for part in parts::split(cell.text, splitter) {
            match item_of_word(words, part) {
                Some(item) => named.push(item),
                None => {
                    self.refuse_word(Code::E014, words.iter().map(|(word, _)| word), cell);
                    return;
                }
            }
        }
        for (_, item) in words {
            let is_named = named.iter().any(|other| other.position == item.position);
            self.record.set(item, if is_named { yes } else { no });
        }
    }

    fn pattern(
        &mut self,
        regex: &regex::Regex,
        groups: &[Item],
        vocabulary: Option<&Vocabulary>,
        cell: Cell<'_>,
    ) {
        let Some(captures) = regex.captures(cell.text) else {
            let ids: Vec<&str> = groups.iter().map(|item| item.id.as_str()).collect();
            let en = format!("the pattern of the mapping for {}", ids.join(", "));
            self.refuse(Code::E019, cell, en, format!("{} の形式", ids.join("、")));
            return;
        };
        for item in groups {
            let Some(part) = captures.name(&item.id) else { continue };
            let text = trim(part.as_str());
            if text.is_empty() {
                continue;
            }
            match item.kind {
                Kind::Num => self.number(item, None, text, cell),
                Kind::Int => self.whole(item, text, cell),
                Kind::Date => self.date(item, EraDigits::None, text, cell),
                Kind::Term | Kind::Judge => {
                    if let Some(vocabulary) = vocabulary {
                        self.term(item, vocabulary, true, text, cell);
                    }
                }
                Kind::Kana => self.kana(item, text, cell),
                Kind::Name => self.record.set(item, &single_spaces(text)),
                Kind::Id => self.identifier(item, text, cell),
                Kind::Code | Kind::Text | Kind::Multi => self.record.set(item, text),
            }
        }
    }

    /// A number goes to the item that the word of a second column chooses.
    fn route(&mut self, table: &[(String, Item)], strip: &[String], nulls: &Nulls, cell: Cell<'_>) {
        let chosen = item_of_word(table, content(cell.by));
        let items: Vec<Item> =
            chosen.map_or_else(|| table.iter().map(|(_, item)| *item).collect(), |item| vec![item]);
        if self.absent(&items, nulls, cell) {
            for item in items {
                if chosen.is_some() || !self.record.value(item).is_empty() {
                    self.record.set_original(item, cell.raw);
                }
            }
            return;
        }
        match chosen {
            Some(item) => {
                self.record.set_original(item, cell.raw);
                self.number(item, None, &without_marks(cell.text, strip), cell);
            }
            None => {
                let key = Cell { raw: cell.by, ..cell };
                self.refuse_word(Code::E014, table.iter().map(|(word, _)| word), key);
            }
        }
    }

    /// The value of an item as a plain number.
    pub(crate) fn plain(&self, id: &str) -> Option<Decimal> {
        Measured::parse(self.record.get(id)).and_then(Measured::plain)
    }

    /// Sets a derived item.
    pub(crate) fn set(&mut self, id: &str, value: &str) {
        if let Some(item) = tables().column(id) {
            self.record.set(item, value);
        }
    }
}

/// An item of the institution's own without a fixed number of decimals keeps those of the cell.
fn own_decimals(item: Item, value: Decimal) -> u32 {
    if item.own { value.decimals() } else { 0 }
}

/// The number without the marks that may stand on it, at both ends, several, blanks between.
fn without_marks<'t>(text: &'t str, marks: &[String]) -> Cow<'t, str> {
    if marks.is_empty() {
        return Cow::Borrowed(text);
    }
    let folded = nfkc(text);
    let mut rest = folded.trim();
    let mut found = true;
    while found {
        found = false;
        for mark in marks {
            let shorter =
                rest.strip_prefix(mark.as_str()).or_else(|| rest.strip_suffix(mark.as_str()));
            if let Some(shorter) = shorter {
                rest = shorter.trim();
                found = true;
            }
        }
    }
    if rest.len() == text.len() { Cow::Borrowed(text) } else { Cow::Owned(rest.to_owned()) }
}

/// The katakana of a hiragana letter; other letters stay.
fn katakana(letter: char) -> char {
    match letter {
        'ぁ'..='ゖ' | 'ゝ' | 'ゞ' => char::from_u32(u32::from(letter) + 0x60).unwrap_or(letter),
        _ => letter,
    }
}

/// Whether a number is written as the standard has it, but for its decimals: most are.
fn is_plain(number: &str) -> bool {
    matches!(number.as_bytes(), [b'1'..=b'9', rest @ ..] if rest.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.')))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
