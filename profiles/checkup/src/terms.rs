//! Words of the standard record that are not in a value set.

/// The examination was not performed.
pub const NOT_PERFORMED: &str = "未実施";
/// The examination was performed, but gave no value.
pub const NOT_MEASURABLE: &str = "測定不能";
/// The examination was performed, and nothing was found.
pub const NO_FINDING: &str = "所見なし";
/// Joins several values of one item (U+3001).
pub const JOIN: char = '、';
/// Sex as written in the standard record.
pub const MALE: &str = "男";
/// Sex as written in the standard record.
pub const FEMALE: &str = "女";
/// 健診プログラムサービスコード of the specific health checkup (特定健診).
pub const PROGRAMME_SPECIFIC: &str = "010";
/// 健診プログラムサービスコード of the checkup by the employer (事業者健診).
pub const PROGRAMME_EMPLOYER: &str = "030";
/// The blood was drawn at least ten hours after a meal.
pub const FASTING: &str = "食後10時間以上";
