//! Words that stand for the absence of a value.

use unicode_normalization::UnicodeNormalization;

/// Why there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Nothing was to be said.
    Blank,
    /// The examination was not performed.
    NotPerformed,
    /// It gave no value.
    NotMeasurable,
}

impl Kind {
    /// Whether the word means this in every column.
    pub(super) const fn is_certain(self) -> bool {
        matches!(self, Self::NotPerformed | Self::NotMeasurable)
    }
}

const BLANK: [&str; 8] = ["-", "--", "---", "ー", "―", ".", "n/a", "na"];
const NOT_PERFORMED: [&str; 14] = [
    "np",
    "n.p.",
    "nt",
    "n/t",
    "n.t.",
    "nd",
    "n/d",
    "n.d.",
    "未",
    "欠測",
    "not done",
    "notdone",
    "not tested",
    "skip",
];
const NOT_PERFORMED_INSIDE: [&str; 9] = [
    "未実施",
    "未検",
    "未測定",
    "未受診",
    "実施せず",
    "検査せず",
    "検査中止",
    "検査拒否",
    "測定せず",
];
const NOT_MEASURABLE: [&str; 19] = [
    "*",
    "**",
    "***",
    "****",
    "※",
    "測定不能",
    "測定不可",
    "検査不能",
    "計測不能",
    "検体不良",
    "量不足",
    "検体量不足",
    "溶血",
    "乳び",
    "hemo",
    "hemolysis",
    "qns",
    "err",
    "error",
];

/// What a word stands for; none when it is a value.
pub(super) fn kind(cell: &str) -> Option<Kind> {
    const LONGEST: usize = 30;
    if cell.chars().nth(LONGEST).is_some() {
        return None;
    }
    let word: String = cell.nfkc().collect::<String>().to_lowercase();
    let word = word.trim();
    if NOT_PERFORMED.contains(&word) || NOT_PERFORMED_INSIDE.iter().any(|part| word.contains(part))
    {
        Some(Kind::NotPerformed)
    } else if NOT_MEASURABLE.contains(&word) {
        Some(Kind::NotMeasurable)
    } else if BLANK.contains(&word) {
        Some(Kind::Blank)
    } else {
        None
    }
}

/// Words for "nothing" in cells that list findings.
const NOTHING: [&str; 18] = [
    "なし",
    "無し",
    "無",
    "特になし",
    "特記なし",
    "特記事項なし",
    "異常なし",
    "異常無し",
    "所見なし",
    "異常を認めず",
    "異常認めず",
    "正常",
    "正常範囲",
    "該当なし",
    "none",
    "normal",
    "nothing",
    "-",
];

/// Whether a word of a list of findings says that there is none.
pub(super) fn is_nothing(cell: &str) -> bool {
    let word: String = cell.nfkc().collect::<String>().to_lowercase();
    NOTHING.contains(&word.trim())
}
