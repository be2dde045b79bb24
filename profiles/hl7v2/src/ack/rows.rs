//! The table of what can be wrong with a message of the feed: a code of HL7 table 0357, both languages, and
//! what to do.

use super::{ErrorCode, Location, Problem};
use renkei_soap::words::{fill, fits};

/// A row; its sentences may have holes.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// A stable name such as `feed-field-missing`.
    pub id: &'static str,
    /// Of which kind it is.
    pub code: ErrorCode,
    /// What is wrong, English.
    pub en: &'static str,
    /// What to do, English.
    pub fix_en: &'static str,
    /// What is wrong, Japanese.
    pub ja: &'static str,
    /// What to do, Japanese.
    pub fix_ja: &'static str,
    /// Section of the standard.
    pub section: &'static str,
}

impl Row {
    fn english(&self) -> String {
        format!("{}; {}", self.en, self.fix_en)
    }

    fn japanese(&self) -> String {
        format!("{}。{}", self.ja, self.fix_ja)
    }

    /// Whether a problem is of this row.
    pub fn is(&self, problem: &Problem) -> bool {
        self.code == problem.code
            && fits(&self.english(), &problem.en)
            && fits(&self.japanese(), &problem.ja)
    }
}

impl Problem {
    /// The problem of a row at a place; `values` fill its holes.
    pub fn of(row: &'static Row, location: Location, values: &[(&str, &str)]) -> Self {
        let (en, ja) = (fill(&row.english(), values), fill(&row.japanese(), values));
        Self { location, code: row.code, en, ja }
    }
}

macro_rules! feed_table {
    ($($name:ident = $id:literal, $code:ident, $section:literal {
        en: $en:literal, $fix_en:literal; ja: $ja:literal, $fix_ja:literal
    })*) => {
        $(
            #[doc = concat!("`", $id, "`: ", $en, ".")]
            pub static $name: Row = Row {
                id: $id,
                code: ErrorCode::$code,
                en: $en,
                fix_en: $fix_en,
                ja: $ja,
                fix_ja: $fix_ja,
                section: $section,
            };
        )*

        /// Every row.
        pub fn all() -> &'static [&'static Row] {
            static ALL: &[&Row] = &[$(&$name),*];
            ALL
        }
    };
}

feed_table! {
    NOT_A_MESSAGE = "feed-not-a-message", SegmentSequence, "HL7 V2.5: 2.5" {
        en: "this is no message", "begin it with {delimiters}";
        ja: "メッセージではありません", "{delimiters} で始めてください"
    }
    NOT_A_SEGMENT = "feed-not-a-segment", SegmentSequence, "HL7 V2.5: 2.5" {
        en: "line {line} is no segment", "begin it with three letters and a bar";
        ja: "{line}行目がセグメントではありません", "3文字の名前と縦棒で始めてください"
    }
    BLOCK_UNFINISHED = "feed-block-unfinished", SegmentSequence, "HL7 V2.5: Appendix C (MLLP)" {
        en: "a message begins inside a block that was not ended, and none of the block was taken", "end each message with 1C 0D and send the messages again";
        ja: "終わっていないブロックの途中で次のメッセージが始まったため、ブロック全体を受け付けませんでした", "各メッセージを1C 0Dで終えて、すべて送り直してください"
    }
    BLOCK_OF_MESSAGES = "feed-block-of-messages", SegmentSequence, "HL7 V2.5: Appendix C (MLLP)" {
        en: "the block holds {count} messages", "send each in a block of its own";
        ja: "1ブロックに{count}件のメッセージがあります", "1件ずつ別のブロックで送ってください"
    }
    SEGMENT_REPEATED = "feed-segment-repeated", SegmentSequence, "ITI TF-2: 3.8.4.1.2" {
        en: "the message has {count} {segment} segments", "send a message for each person";
        ja: "{segment}セグメントが{count}個あります", "1人ごとに別のメッセージで送ってください"
    }
    SEGMENT_MISSING = "feed-segment-missing", SegmentSequence, "ITI TF-2: 3.8.4.1.2" {
        en: "the segment {segment} is required", "add it";
        ja: "{segment}セグメントは必須です", "追加してください"
    }
    FIELD_MISSING = "feed-field-missing", RequiredField, "ITI TF-2: 3.8.4.1.2" {
        en: "{segment}-{field} is required", "fill it in";
        ja: "{segment}-{field}は必須です", "値を入れてください"
    }
    MESSAGE_TYPE = "feed-message-type", MessageType, "ITI TF-2: 3.8.4.1" {
        en: "this message type is not accepted here", "send ADT messages alone";
        ja: "このメッセージ型はここでは受け付けません", "ADTメッセージだけを送ってください"
    }
    EVENT = "feed-event", EventCode, "ITI TF-2: 3.8.4.1" {
        en: "this event is not accepted here", "send one of the events A01, A04, A05, A08, A40, A43";
        ja: "このイベントはここでは受け付けません", "A01、A04、A05、A08、A40、A43のいずれかにしてください"
    }
    VERSION = "feed-version", VersionId, "ITI TF-2: C.2.1" {
        en: "this version is not accepted here", "send 2.3.1 or 2.5";
        ja: "このバージョンはここでは受け付けません", "2.3.1または2.5にしてください"
    }
    PROCESSING_ID = "feed-processing-id", ProcessingId, "HL7 V2.5: 2.15.9.11" {
        en: "this processing id is not known", "send P, T or D";
        ja: "この処理IDはありません", "P、T、Dのいずれかにしてください"
    }
    UNDECODABLE = "feed-undecodable", DataType, "HL7 V2.5: 2.15.9.18" {
        en: "the message holds bytes that are not {set} as MSH-18 declares it", "send what MSH-18 declares";
        ja: "{set}として読めないバイトがあります", "MSH-18で宣言した文字集合で送ってください"
    }
    SETS_NOT_NAMED = "feed-sets-not-named", TableValue, "HL7 V2.5: 2.15.9.18" {
        en: "the message switches character sets and MSH-18 does not name them", "name them, such as ~ISO IR87";
        ja: "文字集合の切り替えがありますが、MSH-18に宣言がありません", "~ISO IR87 のように宣言してください"
    }
    SET_UNKNOWN = "feed-set-unknown", TableValue, "HL7 V2.5: 2.15.9.18" {
        en: "this character set is not supported", "use UNICODE UTF-8 or ~ISO IR87";
        ja: "この文字集合には対応していません", "UNICODE UTF-8 または ~ISO IR87 を使ってください"
    }
    TOO_LONG = "feed-too-long", Internal, "HL7 V2.5: Appendix C (MLLP)" {
        en: "the message has more than {max} bytes (limits.mllp_frame_bytes)", "send a shorter one";
        ja: "メッセージが{max}バイトを超えています(limits.mllp_frame_bytes)", "短くして送ってください"
    }
    TOO_MANY_PARTS = "feed-too-many-parts", Internal, "HL7 V2.5: 2.5" {
        en: "the message has more than {max} parts, a fixed bound", "send what the feed uses alone";
        ja: "メッセージの要素が{max}個を超えています(固定の上限)", "フィードに必要な項目だけを送ってください"
    }
    INTERNAL = "feed-internal", Internal, "ITI TF-2: C.2.3" {
        en: "the message could not be processed", "send it again later";
        ja: "メッセージを処理できませんでした", "しばらくしてから再送してください"
    }
    ID_MISSING = "feed-id-missing", UnknownKey, "ITI TF-2: 3.8.4.1.3" {
        en: "{segment}-{field} has no identifier of the assigning authority {authority}", "send one";
        ja: "{segment}-{field}に割当機関 {authority} のIDがありません", "含めてください"
    }
    AUTHORITY_UNKNOWN = "feed-authority-unknown", UnknownKey, "ITI TF-2: 3.8.4.1.3" {
        en: "{segment}-{field} has no identifier of the assigning authority {authority}, but one of an unknown name", "send the OID, or list the name in ids.namespaces";
        ja: "{segment}-{field}に割当機関 {authority} のIDがなく、未知の割当機関名があります", "OIDを送るか、名前を ids.namespaces に登録してください"
    }
    AUTHORITY_CONTRADICTED = "feed-authority-contradicted", UnknownKey, "HL7 V2.5: 2.A.33" {
        en: "the name of the authority is known here for another OID than the one beside it", "send one of them";
        ja: "割当機関の名前とOIDが一致しません", "どちらか一方を送ってください"
    }
    ID_MALFORMED = "feed-id-malformed", DataType, "ITI TF-3: Table 4.2.3.1.7-2" {
        en: "the identifier is malformed", "send {expected}";
        ja: "IDの形式が不正です", "期待する値: {expected_ja}"
    }
    ID_TWICE = "feed-id-twice", DuplicateKey, "ITI TF-2: 3.8.4.2.2" {
        en: "more than one identifier of the affinity domain", "send a message for each pair";
        ja: "アフィニティドメインのIDが複数あります", "1組ごとに別のメッセージで送ってください"
    }
    MERGED_INTO_ITSELF = "feed-merged-into-itself", DuplicateKey, "ITI TF-2: 3.8.4.2.2" {
        en: "the identifier cannot be merged into itself", "send the other one in PID-3";
        ja: "同じID同士は統合できません", "PID-3に統合先のIDを入れてください"
    }
    LOCAL_ID = "feed-local-id", RequiredField, "ITI TF-2: 3.64.4.1.2" {
        en: "{segment}-{field} does not name one local identifier beside that of the affinity domain", "send one";
        ja: "{segment}-{field}に、アフィニティドメインのIDのほかの施設のIDが1つだけ入っていません", "1つ入れてください"
    }
    PATIENT_UNKNOWN = "feed-patient-unknown", UnknownKey, "ITI TF-2: 3.8.4.2.3" {
        en: "the identifier is not known to this registry", "announce it first";
        ja: "このIDはレジストリに登録されていません", "先に通知してください"
    }
    PATIENT_SUBSUMED = "feed-patient-subsumed", UnknownKey, "ITI TF-2: 3.8.4.2.3" {
        en: "the identifier was merged into another one and is no longer active", "use the surviving one";
        ja: "このIDは別のIDに統合され、有効ではありません", "統合後のIDを使ってください"
    }
    MERGED_ALREADY = "feed-merged-already", DuplicateKey, "ITI TF-2: 3.8.4.2.3" {
        en: "the identifier was merged into this very one before", "nothing is left to do";
        ja: "このIDは既に同じIDへ統合済みです", "対応は不要です"
    }
    MERGED_BEFORE = "feed-merged-before", DuplicateKey, "ITI TF-2: 3.8.4.2.3" {
        en: "the identifier was merged before", "name the one that survived in MRG-1";
        ja: "このIDは既に統合済みです", "MRG-1には統合後のIDを入れてください"
    }
    NOT_MOVED = "feed-not-moved", Locked, "ITI TF-2: 3.64.4.1.3" {
        en: "the documents stay where they are: {finding}", "then send this again";
        ja: "文書を移せません: {finding_ja}", "その後で再送してください"
    }
    NOT_A_SOURCE = "feed-not-a-source", TableValue, "ITI TF-2: 3.8.4.1.3" {
        en: "the system that called is not a patient identity source here", "ask for a certificate with the role feed";
        ja: "呼び出し元のシステムは患者情報の送信元として登録されていません", "ロールfeedの証明書を申請してください"
    }
}
