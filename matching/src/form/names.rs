//! Names, in each writing as they are compared.

use super::{edits, kana, kanji, latin};
use crate::terms::{Part, Terms};
use crate::weight::Weight;
use renkei_person::{Name, Writing};

/// The longest name that is looked at, in characters of each part.
const LONGEST: usize = 60;

/// The most names that are looked at.
const MOST: usize = 16;

/// How alike two parts of a name are in one writing, from what says least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Likeness {
    /// Nothing of what follows.
    Other,
    /// One stroke of a key apart, or voiced otherwise.
    Close,
    /// The one where the other has the other part.
    Swapped,
    /// Two spellings of one.
    Variant,
    /// The same.
    Same,
}

/// One part of a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Text {
    /// As [`Name::compared`] gives it.
    pub(crate) plain: String,
    /// Without what spellings differ in.
    pub(crate) folded: String,
    /// How much rarer it is than names usually are.
    rarity: Weight,
}

/// A name in one writing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Written {
    /// Whether it was told, and not made of kana.
    is_told: bool,
    pub(crate) family: Text,
    pub(crate) given: Text,
    /// The first of several given names; empty when there is one.
    first_given: String,
}

/// All names of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) kana: Vec<Written>,
    pub(crate) kanji: Vec<Written>,
    pub(crate) latin: Vec<Written>,
}

/// How alike two people's family and given names are in one writing, and how rare what they share is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Alike {
    pub(crate) family: Option<(Likeness, Weight)>,
    pub(crate) given: Option<(Likeness, Weight)>,
}

impl Names {
    pub(crate) fn of(names: &[Name], terms: &Terms) -> Self {
        let mut all = Self::default();
        for name in names.iter().filter(|name| !name.is_empty()).take(10 * MOST) {
            let (family, given) = name.compared();
            let (family, given) = (cut(&family), cut(&given));
            let writing = name.writing.unwrap_or_else(|| guessed(&family, &given));
            let list = match writing {
                Writing::Syllabic => &mut all.kana,
                Writing::Ideographic => &mut all.kanji,
                Writing::Alphabetic => &mut all.latin,
            };
            let text = |plain: &str, part| Text::of(plain, writing, part, terms);
            list.push(Written {
                is_told: true,
                family: text(&family, Part::Family),
                given: text(&given, Part::Given),
                first_given: first(name),
            });
        }
        for list in [&mut all.kana, &mut all.kanji, &mut all.latin] {
            list.sort();
            list.dedup();
            list.truncate(MOST);
        }
        if all.latin.is_empty() {
            all.latin = all.kana.iter().map(Written::romanised).collect();
        }
        all
    }

    /// How alike two people's names are in each writing that both have.
    pub(crate) fn alike(&self, other: &Self) -> [Option<Alike>; 3] {
        let latin = |a: &Written, b: &Written| {
            // What was made of kana on both sides says what kana said.
            (a.is_told || b.is_told).then(|| alike(a, b, latin_parts))
        };
        [
            best(&self.kana, &other.kana, |a, b| Some(alike(a, b, kana_parts))),
            best(&self.kanji, &other.kanji, |a, b| Some(alike(a, b, kanji_parts))),
            best(&self.latin, &other.latin, latin),
        ]
    }
}

impl Written {
    fn romanised(&self) -> Self {
        let text = |text: &Text| {
            let folded = latin::of_kana(&text.plain);
            Text { plain: folded.clone(), folded, rarity: text.rarity }
        };
        let first_given = latin::of_kana(&self.first_given);
        Self { is_told: false, family: text(&self.family), given: text(&self.given), first_given }
    }

    /// Family and given name in one text, for registers that do not divide them.
    fn whole(&self) -> Text {
        let join = |part: fn(&Text) -> &str| [&self.family, &self.given].map(part).concat();
        Text {
            plain: join(|text| &text.plain),
            folded: join(|text| &text.folded),
            rarity: Weight::ZERO,
        }
    }
}

impl Text {
    fn of(plain: &str, writing: Writing, part: Part, terms: &Terms) -> Self {
        let folded = match writing {
            Writing::Syllabic => kana::fold(plain),
            Writing::Ideographic => kanji::fold(plain),
            Writing::Alphabetic => latin::fold(plain),
        };
        let rarity = terms.rarity(part, writing, &folded);
        Self { plain: plain.to_owned(), folded, rarity }
    }
}

/// The pair of names that is most alike.
fn best(
    ours: &[Written],
    theirs: &[Written],
    mut alike: impl FnMut(&Written, &Written) -> Option<Alike>,
) -> Option<Alike> {
    let pairs = ours.iter().flat_map(|a| theirs.iter().map(move |b| (a, b)));
    pairs.filter_map(|(a, b)| alike(a, b)).max_by_key(|alike| (alike.given, alike.family))
}

/// How alike two names are in one writing; `parts` compares one part.
fn alike(a: &Written, b: &Written, parts: fn(&Text, &Text) -> Likeness) -> Alike {
    if is_undivided(a) || is_undivided(b) {
        return undivided(a, b, parts);
    }
    let direct = compared(&a.family, &b.family, parts);
    let mut given = compared(&a.given, &b.given, parts);
    if given.is_none_or(|(likeness, _)| likeness < Likeness::Variant) && share_first(a, b) {
        given = Some((Likeness::Variant, a.given.rarity.min(b.given.rarity)));
    }
    let agrees = |part: Option<(Likeness, Weight)>| {
        part.filter(|(likeness, _)| *likeness >= Likeness::Variant)
    };
    if agrees(direct).is_none() && agrees(given).is_none() {
        let crossed = [compared(&a.family, &b.given, parts), compared(&a.given, &b.family, parts)];
        if let [Some((_, one)), Some((_, two))] = crossed.map(agrees) {
            // Which of the two is the family name cannot be told: what the more common one says counts for both.
            let swapped = Some((Likeness::Swapped, one.min(two)));
            return Alike { family: swapped, given: swapped };
        }
    }
    Alike { family: direct, given }
}

/// How alike two names are of which one at least has all of it in one part: as a whole, since nobody knows where the
/// family name ends.
fn undivided(a: &Written, b: &Written, parts: fn(&Text, &Text) -> Likeness) -> Alike {
    let [one, two] = [a.whole(), b.whole()];
    let likeness = match parts(&one, &two) {
        Likeness::Same => Likeness::Variant,
        other => other,
    };
    let whole = |a: &Text, b: &Text| Some((likeness, a.rarity.min(b.rarity)));
    Alike { family: whole(&a.family, &b.family), given: whole(&a.given, &b.given) }
}

fn compared(a: &Text, b: &Text, parts: fn(&Text, &Text) -> Likeness) -> Option<(Likeness, Weight)> {
    let told = !a.plain.is_empty() && !b.plain.is_empty();
    told.then(|| (parts(a, b), a.rarity.min(b.rarity)))
}

fn is_undivided(name: &Written) -> bool {
    name.family.plain.is_empty() || name.given.plain.is_empty()
}

/// Whether the one has several given names, and the other the first of them alone.
fn share_first(a: &Written, b: &Written) -> bool {
    let first = |a: &Written, b: &Written| {
        !a.first_given.is_empty() && b.first_given.is_empty() && a.first_given == b.given.plain
    };
    first(a, b) || first(b, a)
}

fn kana_parts(a: &Text, b: &Text) -> Likeness {
    spelled(a, b, |a, b| {
        kana::differ_in_voicing(&a.folded, &b.folded)
            || are_long(a, b, 3) && edits::within_one(&a.plain, &b.plain)
    })
}

fn kanji_parts(a: &Text, b: &Text) -> Likeness {
    spelled(a, b, |a, b| are_long(a, b, 3) && edits::within_one(&a.folded, &b.folded))
}

fn latin_parts(a: &Text, b: &Text) -> Likeness {
    spelled(a, b, |a, b| are_long(a, b, 5) && edits::within_one(&a.folded, &b.folded))
}

fn spelled(a: &Text, b: &Text, is_close: impl Fn(&Text, &Text) -> bool) -> Likeness {
    if a.plain == b.plain {
        Likeness::Same
    } else if a.folded == b.folded && !a.folded.is_empty() {
        Likeness::Variant
    } else if is_close(a, b) {
        Likeness::Close
    } else {
        Likeness::Other
    }
}

/// Whether both have so many letters: of two letters, one is half of the name.
fn are_long(a: &Text, b: &Text, least: usize) -> bool {
    [a, b].iter().all(|text| text.plain.chars().nth(least - 1).is_some())
}

/// The first of several given names, as it is compared; empty when there is one.
fn first(name: &Name) -> String {
    let given = match name.given.as_slice() {
        [one] => one.split_whitespace().map(str::to_owned).collect(),
        several => several.to_vec(),
    };
    match given.as_slice() {
        [first, _, ..] => {
            let alone = Name { given: vec![first.clone()], ..Name::default() };
            cut(&alone.compared().1)
        }
        _ => String::new(),
    }
}

/// The parts of a name in kana or kanji in the form whose share is counted.
pub(crate) fn counted(name: &Name) -> Vec<(Part, String)> {
    let names = Names::of(std::slice::from_ref(name), &Terms::default());
    let written = names.kana.into_iter().chain(names.kanji);
    let parts = written.flat_map(|n| [(Part::Family, n.family), (Part::Given, n.given)]);
    let parts = parts.map(|(part, text)| (part, text.folded));
    parts.filter(|(_, folded)| !folded.is_empty()).collect()
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// How a name is written that does not say so.
fn guessed(family: &str, given: &str) -> Writing {
    let all = |is: fn(char) -> bool| family.chars().chain(given.chars()).all(is);
    if all(|c| matches!(c, 'ァ'..='ヺ' | 'ー')) {
        Writing::Syllabic
    } else if all(|c| c.is_ascii()) {
        Writing::Alphabetic
    } else {
        Writing::Ideographic
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Likeness::{Close, Other, Same, Swapped, Variant};

    fn names(writing: Writing, family: &str, given: &str) -> Names {
        Names::of(&[Name::new(writing, family, given)], &Terms::default())
    }

    /// How alike two names in one writing are, family and given name.
    fn told(writing: Writing, a: (&str, &str), b: (&str, &str)) -> [Option<Likeness>; 2] {
        let [a, b] = [a, b].map(|(family, given)| names(writing, family, given));
        let all = a.alike(&b);
        assert_eq!(all, b.alike(&a), "either way");
        let alike = all.iter().flatten().next().unwrap();
        [alike.family, alike.given].map(|part| part.map(|(likeness, _)| likeness))
    }

    #[test]
    fn kana_are_compared_by_sound() {
        let kana = |a, b| told(Writing::Syllabic, a, b);
        assert_eq!(kana(("サトウ", "ユウコ"), ("サトウ", "ユーコ")), [Some(Same), Some(Variant)]);
        assert_eq!(kana(("ヤマザキ", "ケン"), ("ヤマサキ", "ゲン")), [Some(Close), Some(Close)]);
        assert_eq!(kana(("サトウ", "ハナコ"), ("サイトウ", "ハルコ")), [Some(Close), Some(Close)]);
        assert_eq!(kana(("サトウ", "ケンイチ"), ("スズキ", "ケンジ")), [Some(Other), Some(Other)]);
        assert_eq!(kana(("オノ", "ユミ"), ("オオノ", "ユキ")), [Some(Other), Some(Other)]);
    }

    #[test]
    fn parts_may_have_changed_places_or_be_undivided() {
        let kana = |a, b| told(Writing::Syllabic, a, b);
        assert_eq!(
            kana(("サトウ", "ユウコ"), ("ユーコ", "サトー")),
            [Some(Swapped), Some(Swapped)]
        );
        assert_eq!(
            kana(("サトウ", "ユウコ"), ("サトウユウコ", "")),
            [Some(Variant), Some(Variant)]
        );
        assert_eq!(
            kana(("サトウユウコ", ""), ("サトウユーコ", "")),
            [Some(Variant), Some(Variant)]
        );
        assert_eq!(kana(("サトウ", "ユウコ"), ("サトウユウカ", "")), [Some(Close), Some(Close)]);
        assert_eq!(kana(("サトウ", "ユウコ"), ("サトウケンジ", "")), [Some(Other), Some(Other)]);
        assert_eq!(kana(("サトウ", "ユウコ"), ("ユーコ", "スズキ")), [Some(Other), Some(Other)]);
    }

    #[test]
    fn kanji_are_compared_by_their_variants() {
        let kanji = |a, b| told(Writing::Ideographic, a, b);
        assert_eq!(kanji(("髙橋", "祐子"), ("高橋", "裕子")), [Some(Variant), Some(Other)]);
        assert_eq!(kanji(("佐々木", "健太郎"), ("佐々本", "健次郎")), [Some(Close), Some(Close)]);
    }

    #[test]
    fn a_middle_name_may_be_left_out() {
        let of = |given: &[&str]| {
            let given = given.iter().map(|g| (*g).to_owned()).collect();
            let name = Name { given, ..Name::new(Writing::Alphabetic, "Silva", "") };
            Names::of(&[name], &Terms::default())
        };
        let given = |a: &Names, b: &Names| a.alike(b)[2].unwrap().given.unwrap().0;
        assert_eq!(given(&of(&["Ana", "Maria"]), &of(&["Ana"])), Variant);
        assert_eq!(given(&of(&["Ana Maria"]), &of(&["ana"])), Variant);
        assert_eq!(given(&of(&["Ana", "Maria"]), &of(&["Ana", "Lucia"])), Other);
    }

    #[test]
    fn kana_are_compared_with_latin_letters() {
        let kana = names(Writing::Syllabic, "オオノ", "シンジ");
        let latin = names(Writing::Alphabetic, "OHNO", "Shinji");
        let [none, nor, alike] = kana.alike(&latin);
        assert_eq!((none, nor), (None, None));
        assert_eq!(alike.unwrap().given.unwrap().0, Variant);
        assert_eq!(kana.alike(&kana)[2], None, "kana said it already");
    }

    #[test]
    fn of_several_names_the_most_alike_count() {
        let mine = [("スズキ", "ハナコ"), ("サトウ", "ハナコ")]
            .map(|(family, given)| Name::new(Writing::Syllabic, family, given));
        let married = Names::of(&mine, &Terms::default());
        let alike = married.alike(&names(Writing::Syllabic, "サトウ", "ハナコ"))[0].unwrap();
        assert_eq!(alike.family.unwrap().0, Same);
    }

    #[test]
    fn a_name_that_does_not_say_how_it_is_written_is_looked_at() {
        let of = |family: &str, given: &str| {
            let name = Name { writing: None, ..Name::new(Writing::Syllabic, family, given) };
            Names::of(&[name], &Terms::default())
        };
        assert_eq!(of("さとう", "ゆうこ").kana.len(), 1);
        assert_eq!(of("佐藤", "ゆうこ").kanji.len(), 1);
        assert!(of("Sato", "Yuko").latin[0].is_told);
    }
}
