//! What whoever submits has to look at, although nothing was refused.

use crate::withdraw::Withdrawal;
use serde::Serialize;

/// Days between two checkups of one programme that may be one, entered under two days.
pub const CLOSE_DAYS: i64 = 60;

/// A checkup of the same programme that the registry has of the same person, not far from this one.
/// It is another checkup, and was left as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CloseCheckup {
    /// The record's number in the export.
    pub record_no: String,
    /// The person's number at the institution.
    pub patient_id: String,
    /// The patient id of the affinity domain.
    pub patient: String,
    /// The programme of both.
    pub program_code: String,
    /// The day of this one.
    pub day: String,
    /// The day of the other one.
    pub other_day: String,
    /// Which institution registered the other one: its name and number as the registry has them.
    pub other_institution: String,
    /// What was found and what to do.
    pub ja: String,
    /// The same in English.
    pub en: String,
}

impl CloseCheckup {
    /// Says what was found and what to do.
    pub(super) fn told(self) -> Self {
        let Self { record_no, patient_id, program_code, day, other_day, other_institution, .. } =
            &self;
        let ja = format!(
            "レコード {record_no}（受診番号 {patient_id}）: 同じ健診（プログラム {program_code}）が {day} のほかに {other_day}（{other_institution}）にも登録されています。受診日の誤りなら、誤った方の登録は残ったままです。別の健診なら、そのままで構いません"
        );
        let en = format!(
            "record {record_no} (person {patient_id}): besides {day}, a checkup of the same programme ({program_code}) is registered on {other_day} ({other_institution}); if one of the days is wrong, the documents under it still stand; if they are two checkups, all is well"
        );
        Self { ja, en, ..self }
    }

    /// As it stands in records.csv.
    pub(super) fn short(&self) -> String {
        format!("{} {}", self.other_day, self.other_institution).trim_end().to_owned()
    }
}

/// By which of the institution's numbers a record was known again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KnownBy {
    /// That of the person.
    PatientId,
    /// That of the checkup.
    ReportNo,
}

/// A number of the institution that went under another patient id before: birth date, sex, kana or card
/// are other ones. The documents under the other id still stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChangedIdentity {
    /// The record's number in the export.
    pub record_no: String,
    /// The person's number at the institution.
    pub patient_id: String,
    /// What was the same.
    pub known_by: KnownBy,
    /// The patient id of this record.
    pub patient: String,
    /// The other one.
    pub other_patient: String,
    /// Documents that stand under the other one; none when the registry did not answer.
    pub documents: Option<u64>,
    /// The days of their checkups.
    pub days: Vec<String>,
    /// What was found and what to do.
    pub ja: String,
    /// The same in English.
    pub en: String,
}

impl ChangedIdentity {
    /// Says what was found and what to do.
    pub(super) fn told(self) -> Self {
        let Self { record_no, patient_id, patient, other_patient, days, .. } = &self;
        let (number_ja, number_en) = match self.known_by {
            KnownBy::PatientId => ("受診番号", "person's number"),
            KnownBy::ReportNo => ("健診の番号", "number of the checkup"),
        };
        let (documents_ja, documents_en) = match self.documents {
            Some(n) => (format!("文書 {n}件"), format!("{n} documents")),
            None => ("文書".to_owned(), "documents".to_owned()),
        };
        let days = if days.is_empty() { String::new() } else { format!(" ({})", days.join(", ")) };
        let ja = format!(
            "レコード {record_no}（受診番号 {patient_id}）: 同じ{number_ja}の記録が、別の患者ID {other_patient} でも登録されています（今回は {patient}）。生年月日・性別・カナ氏名・保険証のどれかが変わりました。前のIDの{documents_ja}{days}は残ったままです。誤りの訂正なら、前のIDの文書の取り下げ（renkei withdraw）をアフィニティドメインの管理者に依頼してください。保険証が新しくなっただけなら、そのことを伝えてください"
        );
        let en = format!(
            "record {record_no} (person {patient_id}): the same {number_en} went under another patient id, {other_patient} (now {patient}); birth date, sex, kana or card is another one; {documents_en}{days} under the other id still stand; if this corrects a mistake, ask whoever runs the affinity domain to withdraw them (renkei withdraw); if only the card is new, tell them so"
        );
        Self { ja, en, ..self }
    }
}

/// What was noticed of one record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notices {
    /// Checkups near this one.
    pub close: Vec<CloseCheckup>,
    /// Other patient ids of the same numbers.
    pub changed: Vec<ChangedIdentity>,
    /// What was withdrawn of the same checkup under another patient id, and what was not.
    pub withdrawn: Vec<Withdrawal>,
}
