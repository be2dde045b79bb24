//! Which column is which item. A column is decided only when its title is a name of one item and of
//! no other, its cells suit it, and no other column claims the item; everything else is asked.

use std::collections::HashMap;

use renkei_checkup::dates;
use renkei_checkup::number::Measured;
use renkei_checkup::tables::drafting::Never;
use renkei_checkup::{tables, terms};

use super::nulls;
use super::own_items;
use super::score::{self, Level, Shape, Target};
use super::shapes::{self, Factor};
use super::titles::Reading;
use super::vocabulary;
use super::{Column, Reason};
use crate::mapping::Item;

/// An item, or several, that a column may be.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) target: &'static Target,
    pub(super) level: Level,
    /// How well the title names it, from 0 to 1.
    pub(super) likeness: f64,
    /// The name it was taken for.
    pub(super) name: String,
    /// How well the cells suit it, from -1 to 1.
    pub(super) cells: f64,
    /// Which reading of the titles names it.
    pub(super) reading: usize,
    /// The item code that the title says.
    pub(super) code: Option<String>,
    /// Whether the column beside it speaks for it.
    pub(super) beside: bool,
}

/// What is to become of a column.
#[derive(Clone, Debug)]
pub(super) enum Verdict {
    /// It is this.
    Decided(Choice),
    /// A person has to say which.
    Asked {
        /// The candidates, the likeliest first.
        choices: Vec<Choice>,
        /// Why nothing was decided.
        why: Reason,
    },
    /// No item is known.
    Unknown(Reason),
    /// It holds no result: billing and the like.
    Ignored(Reason),
}

/// What was found for all columns.
pub(super) struct Verdicts {
    pub(super) of: Vec<Verdict>,
    /// The column that says whether the person was fasting.
    pub(super) flag: Option<usize>,
}

impl Verdicts {
    /// The columns that are decided.
    pub(super) fn decided(&self) -> impl Iterator<Item = (usize, &Choice)> {
        self.of.iter().enumerate().filter_map(|(index, verdict)| match verdict {
            Verdict::Decided(choice) => Some((index, choice)),
            _ => None,
        })
    }

    /// The column that is decided to be this item alone.
    pub(super) fn column_of(&self, id: &str) -> Option<usize> {
        self.decided().find(|(_, choice)| choice.target.ids() == [id]).map(|(index, _)| index)
    }
}

/// Decides for every column.
pub(super) fn decide(columns: &[Column]) -> Verdicts {
    let flag = fasting_column(columns);
    let all: Vec<Vec<Choice>> =
        columns.iter().map(|column| choices(column, flag.is_some())).collect();
    let mut verdicts = Verdicts {
        of: columns.iter().zip(&all).map(|(column, all)| first(column, all, columns)).collect(),
        flag,
    };
    leave_texts_to_their_columns(&mut verdicts, &all);
    ask_about_rivals(columns, &mut verdicts);
    ask_about_other_questionnaires(columns, &mut verdicts);
    settle_neighbours(&mut verdicts);
    settle_first_readings(&mut verdicts);
    settle_ages(columns, &mut verdicts);
    drop_taken(&mut verdicts);
    verdicts
}

/// What a column alone would be.
pub(super) fn alone(column: &Column) -> Verdict {
    first(column, &choices(column, false), std::slice::from_ref(column))
}

fn choices(column: &Column, has_flag: bool) -> Vec<Choice> {
    let mut found: Vec<Choice> = Vec::new();
    for target in score::targets() {
        let mut best: Option<Choice> = None;
        for (index, reading) in column.readings.iter().enumerate() {
            let Some(named) = score::named(reading, target) else { continue };
            let is_better = best.as_ref().is_none_or(|best| {
                named.level < best.level
                    || (named.level == best.level && named.likeness > best.likeness)
            });
            if is_better {
                let feature = &reading.feature;
                best = Some(Choice {
                    target,
                    level: named.level,
                    likeness: named.likeness,
                    name: named.name,
                    cells: score::cells(feature, &column.profile, target, has_flag),
                    reading: index,
                    code: named.code,
                    beside: false,
                });
            }
        }
        found.extend(best);
    }
    // the whole title says more than its last part
    if found.iter().any(|choice| choice.level == Level::Certain && choice.reading == 0) {
        found.retain(|choice| choice.level != Level::Certain || choice.reading == 0);
    }
    found.sort_by(|one, other| {
        one.level.cmp(&other.level).then(total(other).total_cmp(&total(one)))
    });
    found
}

fn total(choice: &Choice) -> f64 {
    choice.likeness + choice.cells
}

/// What the column alone says.
fn first(column: &Column, all: &[Choice], columns: &[Column]) -> Verdict {
    if column.per_test {
        return Verdict::Unknown(Reason::new("検査ごとの列", "a column of each test"));
    }
    let certain: Vec<&Choice> =
        all.iter().filter(|choice| choice.level == Level::Certain).collect();
    let is_named_whole = certain.iter().any(|choice| choice.likeness >= 1.0 && choice.reading == 0);
    if let Some((never, word)) = column.never
        && !(is_named_whole && never != Never::OtherMethod)
    {
        return Verdict::Unknown(never_reason(never, word));
    }
    if let Some(choice) = certain.iter().find(|choice| choice.target.shape == Shape::Ignored) {
        if looks_like_results(column) {
            return Verdict::Unknown(Reason::new(
                format!("「{}」は事務の列の名前だが、値は結果らしい", choice.name),
                format!(
                    "{:?} is a name of columns without results, the cells look like some",
                    choice.name
                ),
            ));
        }
        return Verdict::Ignored(Reason::new(
            format!("「{}」は結果ではない列の名前", choice.name),
            format!("{:?} is a name of columns that hold no result", choice.name),
        ));
    }
    let suiting: Vec<&&Choice> = certain.iter().filter(|choice| choice.cells >= 0.0).collect();
    if let Some(best) = suiting.first() {
        let best = only_the_text(column, best, &certain);
        if let Some(both) = both_of_unclear_words(column, best, all) {
            return both;
        }
        return with_doubts(column, best, &suiting);
    }
    let is_single = |choice: &&Choice| choice.target.shape == Shape::One;
    asked(column, all, certain.into_iter().any(|choice| is_single(&choice)), columns)
}

/// Numbers with a decimal point, words of findings, or reactions.
fn looks_like_results(column: &Column) -> bool {
    let is_decimal = |word: &str| word.contains('.') && Measured::read(word).is_some();
    let is_word =
        |word: &str| tables().finding_word(word).is_some() || own_items::is_reaction(word);
    column.profile.part(|word| is_decimal(word) || is_word(word)) > 0.0
        || (column.profile.words.len() > 1 && vocabulary::are_judgement_terms(&column.profile))
}

/// A title of a text names only the text, unless the column has words for "nothing", too.
fn only_the_text<'c>(column: &Column, best: &'c Choice, certain: &[&'c Choice]) -> &'c Choice {
    let text = certain.iter().find(|choice| {
        choice.target.shape == Shape::One
            && choice.cells >= 0.0
            && choice.target.ids().iter().all(|id| id.ends_with("_txt"))
    });
    let says_nothing = column.profile.part(nulls::is_no_finding) > 0.0;
    match text {
        Some(text) if best.target.shape == Shape::Finding && !says_nothing => text,
        _ => best,
    }
}

/// A column that holds nothing but a dash or the like says neither what it means nor whether a finding
/// would stand there.
fn both_of_unclear_words(column: &Column, best: &Choice, all: &[Choice]) -> Option<Verdict> {
    let is_unclear = |word: &str| nulls::is_no_finding(word) && !nulls::is_nothing(word);
    let flag = best.target.items.first().filter(|item| item.is_term())?;
    let pair = all.iter().find(|choice| {
        choice.level == Level::Certain
            && choice.target.shape == Shape::Finding
            && choice.target.items.first().is_some_and(|item| item.position == flag.position)
    })?;
    let is_all = column.profile.filled > 0 && column.profile.part(is_unclear) > 0.999;
    is_all.then(|| Verdict::Asked {
        choices: vec![pair.clone(), best.clone()],
        why: Reason::new(
            "意味の決まらない語しかない",
            "nothing but words of which the meaning is open",
        ),
    })
}

/// A choice whose title is certain, unless something else is not.
fn with_doubts(column: &Column, best: &Choice, suiting: &[&&Choice]) -> Verdict {
    let ask = |choices: Vec<Choice>, ja: &str, en: &str| Verdict::Asked {
        choices,
        why: Reason::new(ja, en),
    };
    let rival = suiting.get(1).filter(|rival| {
        total(rival) > total(best) - 0.05
            && rival.target.ids() != best.target.ids()
            && rival.target.shape == best.target.shape
    });
    if let Some(rival) = rival {
        let choices = vec![best.clone(), (**rival).clone()];
        return ask(choices, "2つの項目の名前に当たる", "names of two items");
    }
    if best.target.shape == Shape::One
        && let Some(item) = best.target.items.first()
        && let Some(reading) = column.readings.get(best.reading)
        && item.kind == renkei_checkup::Kind::Num
    {
        let typical = best.target.typical;
        match shapes::factor(&reading.feature, &column.profile, item, typical) {
            Factor::Guessed(_) => {
                let (ja, en) = ("値から見て単位が違うらしい", "the numbers look like another unit");
                return ask(vec![best.clone()], ja, en);
            }
            Factor::OtherUnit => {
                let (ja, en) = ("換算のわからない単位", "a unit without a known factor");
                return ask(vec![best.clone()], ja, en);
            }
            Factor::Plain | Factor::Stated(_) => {}
        }
    }
    Verdict::Decided(best.clone())
}

fn asked(column: &Column, all: &[Choice], was_certain: bool, columns: &[Column]) -> Verdict {
    const MOST: usize = 4;
    const LEAST_PART: f64 = 0.62;
    // numbers in another unit or without their point suit nothing, and are what the title says
    let may_be = |choice: &Choice| {
        choice.cells > -0.6 || (choice.level != Level::Part && choice.cells > -0.9)
    };
    let is_open = |choice: &&Choice| choice.target.shape != Shape::Ignored && may_be(choice);
    let exact: Vec<Choice> = all
        .iter()
        .filter(is_open)
        .filter(|choice| choice.level != Level::Part)
        .take(MOST)
        .cloned()
        .collect();
    if !exact.is_empty() {
        let why = if was_certain {
            Reason::new("値に合わないものがある", "some cells do not suit it")
        } else {
            Reason::new("名前だけでは決められない", "the title leaves it open")
        };
        return Verdict::Asked { choices: exact, why };
    }
    let parts: Vec<Choice> = all
        .iter()
        .filter(is_open)
        .filter(|choice| choice.likeness > LEAST_PART && choice.cells >= 0.0)
        .take(MOST - 1)
        .cloned()
        .collect();
    if column.profile.filled == 0 || parts.is_empty() || columns.is_empty() {
        let (ja, en) = if was_certain {
            ("名前は合うが値が合わない", "the title suits, the cells do not")
        } else {
            ("この名前の項目がない", "no item has this name")
        };
        return Verdict::Unknown(Reason::new(ja, en));
    }
    let why = Reason::new("名前の一部だけが合う", "only a part of the title suits");
    Verdict::Asked { choices: parts, why }
}

fn never_reason(never: Never, word: &str) -> Reason {
    let (ja, en) = match never {
        Never::Earlier => ("前の健診の値", "a result of an earlier checkup"),
        Never::Reference => ("基準や限界の値", "a limit, no result"),
        Never::Target => ("目標や予測の値", "a target or prediction"),
        Never::OtherMethod => ("項目のない検査方法の値", "a method that no item has"),
        Never::OtherTime => ("受診日の値でない", "not of the day of the examination"),
    };
    Reason::new(format!("「{word}」とあり、{ja}"), format!("{word:?}: {en}"))
}

/// A column says only whether there is a finding when another column is decided to be its text, and
/// only the text when another says whether there is one.
fn leave_texts_to_their_columns(verdicts: &mut Verdicts, all: &[Vec<Choice>]) {
    let texts: Vec<(usize, usize)> = all
        .iter()
        .enumerate()
        .filter_map(|(index, all)| {
            let text = all.iter().find(|choice| {
                choice.level == Level::Certain
                    && choice.target.shape == Shape::One
                    && choice.target.ids().iter().all(|id| id.ends_with("_txt"))
            })?;
            Some((index, text.target.items.first()?.position))
        })
        .collect();
    for (index, verdict) in verdicts.of.iter_mut().enumerate() {
        let Verdict::Decided(choice) = verdict else { continue };
        if choice.target.shape != Shape::Finding {
            continue;
        }
        let [flag, text] = choice.target.items.as_slice() else { continue };
        let is_named = |choice: &&Choice, item: &Item| {
            choice.level == Level::Certain
                && choice.target.shape == Shape::One
                && choice.target.items.iter().all(|other| other.position == item.position)
        };
        let own = |item: &Item| {
            all.get(index).and_then(|all| all.iter().find(|choice| is_named(choice, item)))
        };
        let others = |item: &Item| {
            all.iter().enumerate().any(|(other, all)| {
                other != index && all.iter().any(|choice| is_named(&choice, item))
            })
        };
        let has_text = texts.iter().any(|(other, item)| *other != index && *item == text.position);
        let better = if has_text && own(flag).is_some() {
            own(flag)
        } else if others(flag) && own(flag).is_none() {
            own(text)
        } else {
            continue;
        };
        *verdict = match better {
            Some(better) if better.cells >= 0.0 => Verdict::Decided(better.clone()),
            _ => Verdict::Asked {
                choices: better.into_iter().chain([&*choice]).cloned().collect(),
                why: Reason::new("所見の列が別にある", "the findings have a column of their own"),
            },
        };
    }
}

/// Two columns for one item: the one with values, or neither.
fn ask_about_rivals(columns: &[Column], verdicts: &mut Verdicts) {
    let mut claims: HashMap<usize, Vec<usize>> = HashMap::new();
    for (index, choice) in verdicts.decided() {
        for item in &choice.target.items {
            claims.entry(item.position).or_default().push(index);
        }
    }
    let is_filled =
        |index: &usize| columns.get(*index).is_some_and(|column| column.profile.filled > 0);
    for rivals in claims.values().filter(|rivals| rivals.len() > 1) {
        let filled = rivals.iter().filter(|index| is_filled(index)).count();
        for index in rivals {
            let Some(verdict) = verdicts.of.get_mut(*index) else { continue };
            let Verdict::Decided(choice) = verdict else { continue };
            if filled == 1 && is_filled(index) {
                continue;
            }
            let (ja, en) = if filled == 1 {
                ("同じ項目の列が別にあり、この列には値がない", "another column has the values")
            } else {
                ("同じ項目の列が他にもある", "another column is named as the same item")
            };
            let choices = vec![choice.clone()];
            *verdict = Verdict::Asked { choices, why: Reason::new(ja, en) };
        }
    }
}

/// The number of a question means an item only in 標準的な質問票, which has 22 of them.
fn ask_about_other_questionnaires(columns: &[Column], verdicts: &mut Verdicts) {
    const QUESTIONS: usize = 22;
    let number = |column: &Column| -> Option<usize> {
        let reading = column.readings.iter().find(|reading| reading.feature.is_question)?;
        reading.feature.full.strip_prefix('q')?.parse().ok()
    };
    let mut numbers: Vec<usize> = columns.iter().filter_map(number).collect();
    numbers.sort_unstable();
    if numbers.into_iter().eq(1..=QUESTIONS) {
        return;
    }
    for (column, verdict) in columns.iter().zip(&mut verdicts.of) {
        let Verdict::Decided(choice) = verdict else { continue };
        let by_number =
            column.readings.get(choice.reading).is_some_and(|reading| reading.feature.is_question);
        if by_number {
            let why = Reason::new(
                "標準的な質問票（22問）の番号かわからない",
                "not all 22 questions of the standard questionnaire are there",
            );
            *verdict = Verdict::Asked { choices: vec![choice.clone()], why };
        }
    }
}

/// A title that means an item only beside its neighbour in the column table.
fn settle_neighbours(verdicts: &mut Verdicts) {
    let placed: Vec<(usize, Vec<Item>)> =
        verdicts.decided().map(|(index, choice)| (index, choice.target.items.clone())).collect();
    let mut claimed: Vec<usize> =
        placed.iter().flat_map(|(_, items)| items.iter().map(|item| item.position)).collect();
    for (index, verdict) in verdicts.of.iter_mut().enumerate() {
        let Verdict::Asked { choices, .. } = verdict else { continue };
        let beside = choices.iter().find(|choice| {
            choice.level == Level::Beside
                && choice.cells >= 0.0
                && choice.target.items.iter().all(|item| {
                    !claimed.contains(&item.position)
                        && placed.iter().any(|(other, items)| {
                            (1..=2).contains(&other.abs_diff(index))
                                && items.iter().any(|other| {
                                    (1..=2).contains(&other.position.abs_diff(item.position))
                                })
                        })
                })
        });
        if let Some(choice) = beside {
            claimed.extend(choice.target.items.iter().map(|item| item.position));
            *verdict = Verdict::Decided(Choice { beside: true, ..choice.clone() });
        }
    }
}

/// A pressure without a number is the first reading where a column for the second is decided.
fn settle_first_readings(verdicts: &mut Verdicts) {
    const READINGS: [(&str, &str); 2] = [("sbp1", "sbp2"), ("dbp1", "dbp2")];
    let decided: Vec<String> =
        verdicts.decided().flat_map(|(_, choice)| choice.target.ids()).map(str::to_owned).collect();
    let has = |id: &str| decided.iter().any(|other| other == id);
    for verdict in &mut verdicts.of {
        let Verdict::Asked { choices, .. } = verdict else { continue };
        let is_first = |choice: &&Choice| {
            choice.cells >= 0.0
                && choice.target.ids().iter().all(|id| {
                    READINGS.iter().any(|(one, other)| id == one && has(other) && !has(one))
                })
        };
        if let Some(choice) = choices.iter().find(is_first) {
            *verdict = Verdict::Decided(Choice { beside: true, ..choice.clone() });
        }
    }
}

/// 年齢 may be that of the day or that of the end of the fiscal year: the days of birth tell.
fn settle_ages(columns: &[Column], verdicts: &mut Verdicts) {
    let days = |id: &str| {
        let column = columns.get(verdicts.column_of(id)?)?;
        Some(column.rows.iter().map(|cell| dates::read(cell)).collect::<Vec<_>>())
    };
    let (Some(births), Some(exams)) = (days("birth_date"), days("exam_date")) else { return };
    let is_taken =
        verdicts.column_of("exam_age").is_some() || verdicts.column_of("fy_age").is_some();
    if is_taken {
        return;
    }
    for (index, verdict) in verdicts.of.iter_mut().enumerate() {
        let Verdict::Asked { choices, .. } = verdict else { continue };
        let Some(column) = columns.get(index) else { continue };
        let fits = |at_year_end: bool| {
            let mut seen = 0;
            let all = column.rows.iter().zip(births.iter().zip(&exams)).all(|(cell, days)| {
                let (Some(birth), Some(exam)) = days else { return true };
                let on = if at_year_end { dates::fiscal_year_end(*exam) } else { Some(*exam) };
                let Some(on) = on.filter(|_| !cell.is_empty()) else { return true };
                seen += 1;
                cell.parse() == Ok(dates::completed_years(*birth, on))
            });
            all && seen > 2
        };
        let id = match (fits(false), fits(true)) {
            (true, false) => "exam_age",
            (false, true) => "fy_age",
            _ => continue,
        };
        if let Some(choice) = choices.iter().find(|choice| choice.target.ids() == [id]) {
            *verdict = Verdict::Decided(Choice { beside: true, ..choice.clone() });
        }
    }
}

/// What a decided column fills is no candidate for another.
fn drop_taken(verdicts: &mut Verdicts) {
    let taken: Vec<(usize, usize)> = verdicts
        .decided()
        .flat_map(|(index, choice)| choice.target.items.iter().map(move |i| (index, i.position)))
        .collect();
    for (index, verdict) in verdicts.of.iter_mut().enumerate() {
        let Verdict::Asked { choices, why } = verdict else { continue };
        choices.retain(|choice| {
            choice.target.items.iter().all(|item| {
                !taken.iter().any(|(other, position)| *other != index && *position == item.position)
            })
        });
        if choices.is_empty() {
            let mut reason = why.clone();
            reason.ja.push_str("（合う項目には別の列がある）");
            reason.en.push_str(" (its items have other columns)");
            *verdict = Verdict::Unknown(reason);
        }
    }
}

/// The column whose words tell fasting persons from others, each word surely.
fn fasting_column(columns: &[Column]) -> Option<usize> {
    let item = tables().column("blood_time")?;
    let target = score::targets().iter().find(|target| target.ids() == [item.id.as_str()])?;
    columns.iter().position(|column| {
        let is_named = |reading: &Reading| {
            score::named(reading, target).is_some_and(|named| named.level == Level::Certain)
        };
        let Some(reading) = column.readings.iter().find(|reading| is_named(reading)) else {
            return false;
        };
        column.never.is_none()
            && !column.profile.words.is_empty()
            && column.profile.words.len() <= vocabulary::MOST_TERMS
            && routes(item, reading, column).is_some()
    })
}

/// The words of the fasting column, and whether each says that the person was fasting.
pub(super) fn routes(
    item: Item,
    reading: &Reading,
    column: &Column,
) -> Option<Vec<(String, bool)>> {
    let found = vocabulary::find(item, &reading.feature, &column.profile);
    let mut routes: Vec<(String, bool)> =
        found.words.iter().map(|(word, term)| (word.clone(), term == terms::FASTING)).collect();
    for asked in &found.asked {
        let fasting = asked.terms.iter().filter(|term| *term == terms::FASTING).count();
        if asked.terms.is_empty() || (fasting > 0 && fasting < asked.terms.len()) {
            return None;
        }
        routes.push((asked.word.clone(), fasting > 0));
    }
    routes
        .iter()
        .any(|(word, fasting)| *fasting && column.profile.words.contains_key(word))
        .then_some(routes)
}
