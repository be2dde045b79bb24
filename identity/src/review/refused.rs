//! Why a clerk's wish makes no sense.

use renkei_metadata::ids::PatientId;

/// Why nothing was done, in both languages.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nobody announced this identifier.
    #[error(
        "{0}: この識別子の患者は登録されていません。renkei patient find で確認してください / nobody announced this identifier; look with renkei patient find"
    )]
    Unknown(PatientId),
    /// Both identifiers are of one record.
    #[error(
        "{0}, {1}: 統合済みの同じ記録です。別々の記録を指定してください / these were merged and are one record; name two records"
    )]
    OneRecord(PatientId, PatientId),
    /// They are not one person.
    #[error(
        "{0}, {1}: 同一人物として結ばれていません。renkei patient explain で確認してください / these are not linked; see renkei patient explain"
    )]
    NotLinked(PatientId, PatientId),
    /// Nothing to take back.
    #[error(
        "{0}, {1}: 取り消せる判断がありません。renkei patient explain で確認してください / nothing was decided that could be undone; see renkei patient explain"
    )]
    NothingDecided(PatientId, PatientId),
    /// Only identifiers of the affinity domain are merged at its registry.
    #[error(
        "{0}: このドメインの患者IDではないため統合できません。renkei patient link で結んでください / is no patient id of this affinity domain and cannot be merged; use renkei patient link"
    )]
    NotOfTheDomain(PatientId),
    /// It is proposed already.
    #[error(
        "この統合は {0} が提案済みです。別の人が確認してください / {0} has proposed it already; somebody else has to confirm it"
    )]
    Proposed(String),
    /// It was not proposed, or the other way round.
    #[error(
        "{0} → {1}: この向きの統合は提案されていません。先に提案してください / this merge was not proposed in this direction; propose it first"
    )]
    NotProposed(PatientId, PatientId),
    /// Who proposed it may not confirm it.
    #[error(
        "{0}: 提案した本人は確認できません。別の人が確認してください / who proposed it cannot confirm it; somebody else has to"
    )]
    SecondPerson(String),
}
