//! From source cells to items: one function per form of the mapping.

use renkei_checkup::decimal::Decimal;
use renkei_checkup::fold::nfkc;
use renkei_checkup::number::Measured;
use renkei_checkup::{Kind, Record, dates, tables, terms};

use crate::findings::{Code, Finding};
use crate::mapping::{Form, Item, Mapping, Splitter, Vocabulary, mistake_in_standard_value};

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
    /// The chosen word of a routed column, as decoded.
    pub(crate) by: &'c str,
}

impl Cell<'_> {
    fn trimmed(&self) -> &str {
        trim(self.raw)
    }
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

/// 記号 and 番号 as they are compared: NFKC, without hyphens and spaces.
pub(crate) fn comparison_key(text: &str) -> String {
    nfkc(text).chars().filter(|letter| !is_hyphen(*letter) && !letter.is_whitespace()).collect()
}

fn is_hyphen(letter: char) -> bool {
    matches!(letter, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
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

/// Looked up as it is, then after NFKC.
pub(crate) fn look_up<'v>(vocabulary: &'v Vocabulary, cell: &str) -> Option<&'v str> {
    vocabulary.get(cell).or_else(|| vocabulary.get(nfkc(cell).as_ref())).map(String::as_str)
}

/// The item of a word of `flags` or `table`, looked up as vocabularies are: the column that routes a
/// number often has a vocabulary of its own, too, and both should understand the same cells.
pub(crate) fn item_of_word(words: &[(String, Item)], word: &str) -> Option<Item> {
    let find = |word: &str| words.iter().find(|(known, _)| known == word).map(|(_, item)| *item);
    find(word).or_else(|| find(&nfkc(word)))
}

/// The values of a cell that holds several.
pub(crate) fn parts<'c>(cell: &'c str, splitter: &'c Splitter) -> impl Iterator<Item = &'c str> {
    cell.split(|letter| splitter.split.contains(&letter))
        .map(trim)
        .filter(|part| !part.is_empty() && !splitter.none.iter().any(|none| none == part))
}

fn join<'c>(parts: impl Iterator<Item = &'c str>) -> String {
    let mut joined = String::new();
    for part in parts {
        if !joined.is_empty() {
            joined.push(terms::JOIN);
        }
        joined.push_str(part);
    }
    joined
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

    /// Fills `items`, those of the form, from one cell.
    pub(crate) fn apply(&mut self, form: &Form, items: &[Item], cell: Cell<'_>) {
        if let Form::Route { table, .. } = form {
            self.route(table, cell);
            return;
        }
        for item in items {
            self.record.set_original(item, cell.raw);
        }
        if !self.absent(items, cell) {
            self.convert(form, cell);
        }
    }

    /// Handles the words for "nothing", "not performed" and "not measurable".
    fn absent(&mut self, items: &[Item], cell: Cell<'_>) -> bool {
        let word = cell.trimmed();
        let nulls = &self.mapping.nulls;
        let is_one_of = |words: &[String]| words.iter().any(|known| known == word);
        if word.is_empty() || is_one_of(&nulls.blank) {
            return true;
        }
        let term = if is_one_of(&nulls.not_performed) {
            terms::NOT_PERFORMED
        } else if is_one_of(&nulls.not_measurable) {
            terms::NOT_MEASURABLE
        } else {
            return false;
        };
        for item in items.iter().filter(|item| item.pair && !item.is_explanation()) {
            self.record.set(item, term);
        }
        true
    }

    fn convert(&mut self, form: &Form, cell: Cell<'_>) {
        let text = cell.trimmed();
        match form {
            Form::Text(item) => self.text(item, text, cell),
            Form::Number { item, factor } => self.number(item, *factor, text, cell),
            Form::Int(item) => self.whole(item, text, cell),
            Form::Digits { item, pad } => self.digits(item, *pad, text, cell),
            Form::Postal(item) => self.postal(item, text, cell),
            Form::Date(item) => self.date(item, text, cell),
            Form::Kana(item) => self.record.set(item, &single_spaces(&nfkc(text))),
            Form::Name(item) => self.record.set(item, &single_spaces(text)),
            Form::Term { item, vocabulary, strict } => {
                self.term(item, vocabulary, *strict, text, cell);
            }
            Form::Multi { item, splitter } => self.record.set(item, &join(parts(text, splitter))),
            Form::Finding { flag, text: explanation, splitter, yes, no } => {
                let found = join(parts(text, splitter));
                self.record.set(flag, if found.is_empty() { no } else { yes });
                self.record.set(explanation, &found);
            }
            Form::Flags { words, splitter, yes, no } => {
                self.flags(words, splitter, [yes, no], cell)
            }
            Form::Pattern { regex, groups, vocabulary } => {
                self.pattern(regex, groups, vocabulary.as_deref(), cell);
            }
            // its items depend on a second cell
            Form::Route { table, .. } => self.route(table, cell),
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
            Kind::Id | Kind::Code | Kind::Text | Kind::Multi | Kind::Kana | Kind::Name => {
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
        let value = scaled.round(item.decimals.unwrap_or(0));
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
        let value = Decimal::parse_long(&folded).filter(|_| is_digits(&folded));
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
        let digits = comparison_key(text);
        if is_digits(&digits) {
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

    fn date(&mut self, item: Item, text: &str, cell: Cell<'_>) {
        match dates::read(text) {
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
        match look_up(vocabulary, text) {
            Some(term) => self.record.set(item, term),
            None => {
                let code = if strict { Code::E014 } else { Code::W101 };
                self.refuse_word(code, vocabulary.keys(), cell);
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
        splitter: &Splitter,
        [yes, no]: [&str; 2],
        cell: Cell<'_>,
    ) {
        let mut named: Vec<Item> = Vec::new();
        for part in parts(cell.trimmed(), splitter) {
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
        let Some(captures) = regex.captures(cell.trimmed()) else {
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
                Kind::Date => self.date(item, text, cell),
                Kind::Term | Kind::Judge => {
                    if let Some(vocabulary) = vocabulary {
                        self.term(item, vocabulary, true, text, cell);
                    }
                }
                Kind::Kana => self.record.set(item, &single_spaces(&nfkc(text))),
                Kind::Name => self.record.set(item, &single_spaces(text)),
                Kind::Id | Kind::Code | Kind::Text | Kind::Multi => self.record.set(item, text),
            }
        }
    }

    /// A number goes to the item that the word of a second column chooses.
    fn route(&mut self, table: &[(String, Item)], cell: Cell<'_>) {
        let chosen = item_of_word(table, trim(cell.by));
        let items: Vec<Item> =
            chosen.map_or_else(|| table.iter().map(|(_, item)| *item).collect(), |item| vec![item]);
        if self.absent(&items, cell) {
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
                self.number(item, None, cell.trimmed(), cell);
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

/// Whether a number is written as the standard has it, but for its decimals: most are.
fn is_plain(number: &str) -> bool {
    matches!(number.as_bytes(), [b'1'..=b'9', rest @ ..] if rest.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.')))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
