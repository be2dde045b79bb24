//! Units in headers, and the factors that lead to the units of the standard record.

use renkei_checkup::decimal::Decimal;

use crate::mapping::Item;

/// Factors from a unit of a header to the unit (UCUM) of an item.
const FACTORS: [(&str, &str, &str); 19] = [
    ("g/l", "g/dL", "0.1"),
    ("10^6/ul", "10*4/mm3", "100"),
    ("10^12/l", "10*4/mm3", "100"),
    ("10^3/ul", "10*4/mm3", "0.1"),
    ("10^9/l", "10*4/mm3", "0.1"),
    ("/ul", "10*4/mm3", "0.0001"),
    ("10^3/ul", "1/mm3", "1000"),
    ("10^9/l", "1/mm3", "1000"),
    ("10^2/ul", "1/mm3", "100"),
    ("10^4/ul", "1/mm3", "10000"),
    ("m", "cm", "100"),
    ("mm", "cm", "0.1"),
    ("g", "kg", "0.001"),
    ("l/l", "%", "100"),
    ("mg/l", "mg/dL", "0.1"),
    ("g/l", "mg/dL", "100"),
    ("g/dl", "mg/dL", "1000"),
    ("cmhg", "mm[Hg]", "10"),
    ("kpa", "mm[Hg]", "7.5006"),
];

/// Factors that depend on the substance.
const MOLAR: [(&str, &str, &str); 11] = [
    ("mmol/l", "tc", "38.67"),
    ("mmol/l", "hdl", "38.67"),
    ("mmol/l", "ldl", "38.67"),
    ("mmol/l", "ldl_calc", "38.67"),
    ("mmol/l", "nonhdl", "38.67"),
    ("mmol/l", "tg_fast", "88.57"),
    ("mmol/l", "tg_casual", "88.57"),
    ("mmol/l", "fpg", "18.02"),
    ("mmol/l", "cpg", "18.02"),
    ("umol/l", "ua", "0.01681"),
    ("umol/l", "cre", "0.01131"),
];

/// Units without a factor.
const PLAIN: [&str; 34] = [
    "cm",
    "kg",
    "%",
    "mmhg",
    "mg/dl",
    "g/dl",
    "u/l",
    "iu/l",
    "kg/m2",
    "kg/m^2",
    "cm2",
    "cm^2",
    "10^4/ul",
    "/ul",
    "fl",
    "pg",
    "歳",
    "才",
    "hz",
    "bpm",
    "/分",
    "回/分",
    "拍/分",
    "ml/min",
    "ml/min/1.73m2",
    "ml/min/1.73m^2",
    "ml/分/1.73m2",
    "ml/分/1.73m^2",
    "mgdl",
    "gdl",
    "kgm2",
    "iul",
    "pct",
    "ngsp%",
];

/// Units that stand as the last words of a header in Latin letters.
const ENDINGS: [&str; 12] = [
    "mm_hg", "mmhg", "mg_dl", "mgdl", "g_dl", "gdl", "u_l", "iu_l", "kg_m2", "cm", "kg", "percent",
];

/// One spelling for each unit.
fn normal(text: &str) -> String {
    let mut unit: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    for (from, to) in [
        ("μ", "u"),
        ("µ", "u"),
        ("mm3", "ul"),
        ("mm^3", "ul"),
        ("**", "^"),
        ("10*", "10^"),
        ("×", ""),
        ("x10", "10"),
        ("*10", "10"),
        ("百万/", "10^6/"),
        ("万/", "10^4/"),
        ("千/", "10^3/"),
        ("e4/", "10^4/"),
        ("・", "/"),
    ] {
        unit = unit.replace(from, to);
    }
    for power in ["2", "3", "4", "6", "9", "12"] {
        unit = unit.replace(&format!("10{power}/"), &format!("10^{power}/"));
    }
    unit
}

fn is_unit(unit: &str) -> bool {
    PLAIN.contains(&unit)
        || FACTORS.iter().any(|(known, ..)| *known == unit)
        || MOLAR.iter().any(|(known, ..)| *known == unit)
}

/// A folded header without its unit, and the unit.
pub(super) fn split(header: &str) -> (String, Option<String>) {
    const OPEN: [char; 5] = ['(', '[', '{', '【', '〔'];
    const CLOSE: [char; 5] = [')', ']', '}', '】', '〕'];
    let mut rest = header;
    let mut before = 0;
    while let Some((head, tail)) = rest.split_once(OPEN) {
        let (inside, after) = tail.split_once(CLOSE).unwrap_or((tail, ""));
        let unit = normal(inside);
        let start = before + head.len();
        if is_unit(&unit) {
            let name = header.get(..start).unwrap_or_default();
            return (format!("{name} {after}"), Some(unit));
        }
        before = header.len() - tail.len();
        rest = tail;
    }
    let parted = header.replace([' ', '-'], "_");
    for ending in ENDINGS {
        if let Some(name) = parted.strip_suffix(ending)
            && !name.is_empty()
            && !name.ends_with(|letter: char| letter.is_ascii_alphanumeric())
        {
            let unit = ending.replace("mm_hg", "mmhg").replace("percent", "%").replace('_', "/");
            let name = header.get(..name.len()).unwrap_or_default();
            return (name.to_owned(), Some(unit));
        }
    }
    (header.to_owned(), None)
}

/// What a number in this unit is multiplied by; none when by nothing.
pub(super) fn factor(unit: &str, item: Item) -> Option<&'static str> {
    let molar = MOLAR.iter().find(|(known, id, _)| *known == unit && *id == item.id);
    let other = FACTORS.iter().find(|(known, ucum, _)| *known == unit && *ucum == item.unit_ucum);
    molar.or(other).map(|(.., factor)| *factor)
}

/// The factors by which exports differ from the unit of an item.
pub(super) fn factors(item: Item) -> impl Iterator<Item = (&'static str, &'static str)> {
    FACTORS
        .iter()
        .filter(|(_, ucum, _)| *ucum == item.unit_ucum)
        .map(|(unit, _, factor)| (*unit, *factor))
}

pub(super) fn decimal(factor: &str) -> Option<Decimal> {
    Decimal::parse(factor)
}
