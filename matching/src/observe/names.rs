//! Two people's names over all writings.

use crate::form::Form;
use crate::form::names::{Alike, Likeness};
use crate::level::Level;
use crate::weight::Weight;
use renkei_person::Sex;

/// The levels of family and given name, with how rare what is shared is.
pub(super) fn levels(a: &Form, b: &Form) -> [Option<(Level, Weight)>; 2] {
    let writings = a.names.alike(&b.names);
    let of = |part: fn(&Alike) -> Option<(Likeness, Weight)>| {
        together(writings.map(|alike| alike.as_ref().and_then(part)))
    };
    let women = a.sex == Some(Sex::Female) && b.sex == Some(Sex::Female);
    let family =
        of(|alike| alike.family).map(|(likeness, rarity)| (family(likeness, women), rarity));
    let given = of(|alike| alike.given).map(|(likeness, rarity)| (given(likeness), rarity));
    [family, given]
}

/// What several writings say together.
#[derive(Clone, Copy)]
enum Together {
    All(Likeness),
    /// Kanji agree and kana do not: a reading that was guessed or mistyped.
    Kanji,
    /// One agrees and another does not.
    Mixed,
}

/// `writings` are kana, kanji and Latin letters.
fn together(writings: [Option<(Likeness, Weight)>; 3]) -> Option<(Together, Weight)> {
    let [kana, kanji, _] = writings.map(|writing| writing.map(|(likeness, _)| likeness));
    let by_kanji = kana == Some(Likeness::Other) && kanji >= Some(Likeness::Variant);
    let mut best: Option<Likeness> = None;
    let mut rarity: Option<Weight> = None;
    let mut differs = false;
    for (likeness, weight) in writings.into_iter().flatten() {
        best = best.max(Some(likeness));
        differs |= likeness == Likeness::Other;
        if likeness >= Likeness::Swapped {
            rarity = rarity.max(Some(weight));
        }
    }
    let together = match (best?, differs) {
        (Likeness::Other | Likeness::Close, true) => Together::All(Likeness::Other),
        (_, true) if by_kanji => Together::Kanji,
        (_, true) => Together::Mixed,
        (best, false) => Together::All(best),
    };
    Some((together, rarity.unwrap_or_default()))
}

const fn family(together: Together, women: bool) -> Level {
    match together {
        Together::Kanji => Level::FamilyKanji,
        Together::Mixed => Level::FamilyMixed,
        Together::All(Likeness::Same) => Level::FamilySame,
        Together::All(Likeness::Variant) => Level::FamilyVariant,
        Together::All(Likeness::Swapped) => Level::FamilySwapped,
        Together::All(Likeness::Close) => Level::FamilyClose,
        Together::All(Likeness::Other) if women => Level::FamilyChanged,
        Together::All(Likeness::Other) => Level::FamilyOther,
    }
}

const fn given(together: Together) -> Level {
    match together {
        Together::Kanji => Level::GivenKanji,
        Together::Mixed => Level::GivenMixed,
        Together::All(Likeness::Same) => Level::GivenSame,
        Together::All(Likeness::Variant) => Level::GivenVariant,
        Together::All(Likeness::Swapped) => Level::GivenSwapped,
        Together::All(Likeness::Close) => Level::GivenClose,
        Together::All(Likeness::Other) => Level::GivenOther,
    }
}
