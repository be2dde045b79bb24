//! How many strokes of a key two texts are apart.

/// Whether one insertion, deletion, replacement or exchange of neighbours makes one text the other; equal texts
/// are.
pub(crate) fn within_one(a: &str, b: &str) -> bool {
    let (mut a, mut b) = (a.chars(), b.chars());
    while let (Some(x), Some(y)) = (a.clone().next(), b.clone().next())
        && x == y
    {
        a.next();
        b.next();
    }
    while let (Some(x), Some(y)) = (a.clone().next_back(), b.clone().next_back())
        && x == y
    {
        a.next_back();
        b.next_back();
    }
    // What is left between what both begin and end with.
    match ((a.next(), a.next(), a.next()), (b.next(), b.next(), b.next())) {
        ((_, None, _), (_, None, _)) => true,
        ((Some(x), Some(y), None), (Some(v), Some(w), None)) => (x, y) == (w, v),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_stroke_is_one_wherever_it_stands() {
        for (a, b) in [
            ("", ""),
            ("", "ア"),
            ("アイウ", "アウ"),
            ("アイウ", "イアウ"),
            ("アイウ", "アイエ"),
            ("アアア", "アア"),
        ] {
            assert!(within_one(a, b) && within_one(b, a), "{a} {b}");
        }
        for (a, b) in [
            ("", "アイ"),
            ("アイウ", "ウイア"),
            ("アイウエ", "イアエウ"),
            ("アイウ", "エイオ"),
            ("アイ", "ウエ"),
        ] {
            assert!(!within_one(a, b) && !within_one(b, a), "{a} {b}");
        }
    }
}
