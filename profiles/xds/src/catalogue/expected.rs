//! How the values of a parameter are spelled, for whoever spelled them differently.

use super::{ParamDef, ParamKind};
use renkei_metadata::ids::Invalid;

impl ParamDef {
    /// The spelling that is right, in both languages.
    pub const fn expected(&self) -> Invalid {
        let (expected, expected_ja) = match self.kind {
            ParamKind::PatientId => (
                "a CX value in single quotes: 'ID^^^&OID&ISO'",
                "単一引用符で囲んだCX値: 'ID^^^&OID&ISO'",
            ),
            ParamKind::Status => (
                "a list of status URNs: ('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')",
                "ステータスURNのリスト: ('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')",
            ),
            ParamKind::Code(_) => (
                "a list of codes with their schemes: ('code^^scheme')",
                "コードとコード体系のリスト: ('code^^scheme')",
            ),
            ParamKind::Text(_) if !self.multiple => (
                "a pattern of 1 to 256 characters in single quotes: '%name%'",
                "単一引用符で囲んだ1〜256文字のパターン: '%name%'",
            ),
            ParamKind::Text(_) => (
                "a list of patterns of 1 to 256 characters: ('%name%')",
                "1〜256文字のパターンのリスト: ('%name%')",
            ),
            ParamKind::From(_) | ParamKind::To(_) => (
                "a UTC time without quotes: YYYY[MM[DD[hh[mm[ss]]]]]",
                "引用符なしのUTC日時: YYYY[MM[DD[hh[mm[ss]]]]]",
            ),
            ParamKind::EntryType => (
                "a list of objectTypes of DocumentEntries: ('urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1')",
                "DocumentEntryのobjectTypeのリスト: ('urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1')",
            ),
            ParamKind::SourceId => {
                ("OIDs in single quotes: ('1.2.3')", "単一引用符で囲んだOID: ('1.2.3')")
            }
            ParamKind::AssociationType => (
                "a list of association types: ('urn:ihe:iti:2007:AssociationType:RPLC')",
                "関連タイプのリスト: ('urn:ihe:iti:2007:AssociationType:RPLC')",
            ),
            ParamKind::EntryUuid => (
                "entryUUIDs in single quotes: 'urn:uuid:8-4-4-4-12 hexadecimal digits'",
                "単一引用符で囲んだentryUUID: 'urn:uuid:8-4-4-4-12桁の16進数'",
            ),
            ParamKind::LogicalId => (
                "logicalIDs in single quotes: 'urn:uuid:8-4-4-4-12 hexadecimal digits'",
                "単一引用符で囲んだlogicalID: 'urn:uuid:8-4-4-4-12桁の16進数'",
            ),
            ParamKind::MetadataLevel => (
                "1 (newest versions alone, nothing Offline, no Deprecated Folders and Associations) or 2 (everything); 1 if absent",
                "1(最新版のみ。OfflineおよびDeprecatedのFolder・Associationは除く)または2(すべて)。省略時は1",
            ),
            ParamKind::Availability => (
                "a list of availability URNs: ('urn:ihe:iti:2010:DocumentAvailability:Online')",
                "documentAvailabilityのURNのリスト: ('urn:ihe:iti:2010:DocumentAvailability:Online')",
            ),
            ParamKind::UniqueId => (
                "uniqueIds in single quotes, each 1 to 128 printable ASCII characters",
                "単一引用符で囲んだuniqueId(印字可能ASCII 1〜128文字)",
            ),
        };
        Invalid { expected, expected_ja }
    }
}
