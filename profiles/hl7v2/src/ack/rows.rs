//! The table of what can be wrong with a message of HL7 v2, of the feed or a query: a code of HL7 table 0357,
//! both languages, and what to do.

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
        en: "the message has {count} {segment} segments", "send a message for each person or question";
        ja: "{segment}セグメントが{count}個あります", "1人または1件の照会ごとに別のメッセージで送ってください"
    }
    SEGMENT_MISSING = "feed-segment-missing", SegmentSequence, "ITI TF-2: 3.8.4.1.2, 3.9.4.1.2, 3.21.4.1.2" {
        en: "the segment {segment} is required", "add it";
        ja: "{segment}セグメントは必須です", "追加してください"
    }
    FIELD_MISSING = "feed-field-missing", RequiredField, "ITI TF-2: 3.8.4.1.2, 3.9.4.1.2, 3.21.4.1.2" {
        en: "{segment}-{field} is required", "fill it in";
        ja: "{segment}-{field}は必須です", "値を入れてください"
    }
    MESSAGE_TYPE = "feed-message-type", MessageType, "ITI TF-2: 3.8.4.1" {
        en: "this message type is not accepted here", "send ADT, or QBP and QCN where queries for persons are served (pixpdq_v2)";
        ja: "このメッセージ型はここでは受け付けません", "ADTを送ってください。QBPとQCNは患者の照会を提供する相手(pixpdq_v2)に送ってください"
    }
    EVENT = "feed-event", EventCode, "ITI TF-2: 3.8.4.1" {
        en: "this event is not accepted here", "send one of the events {events}";
        ja: "このイベントはここでは受け付けません", "{events} のいずれかにしてください"
    }
    VERSION = "feed-version", VersionId, "ITI TF-2: C.2.1" {
        en: "this version is not accepted here", "send {versions}";
        ja: "このバージョンはここでは受け付けません", "{versions} にしてください"
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
    NOT_ITS_AUTHORITY = "feed-not-its-authority", TableValue, "ITI TF-2: 3.8.4.1.3, 3.44.4.1.3, 3.64.4.1.3" {
        en: "the node {node} does not feed identifiers of the assigning authority {authority}", "send what it is named for in identity.source_domains, or have whoever runs this house name it there ({node}={authority})";
        ja: "ノード {node} は割当機関 {authority} のIDを通知・統合できません", "identity.source_domains でこのノードに登録された割当機関のIDを送るか、拠点の管理者に登録({node}={authority})を依頼してください"
    }
    QUERY_ID_UNKNOWN = "pixpdq-id-unknown", UnknownKey, "ITI TF-2: 3.9.4.2.2.6" {
        en: "the authority {authority} is known here, but not this identifier of it in QPD-3", "correct the identifier, or announce the person (ITI-8, ITI-44)";
        ja: "割当機関 {authority} は登録されていますが、QPD-3のIDは登録されていません", "IDを訂正するか、患者を通知してください(ITI-8、ITI-44)"
    }
    QUERY_DOMAIN_UNKNOWN = "pixpdq-domain-unknown", UnknownKey, "ITI TF-2: 3.9.4.2.2.6, 3.21.4.2.2.8" {
        en: "the assigning authority {authority} in QPD-{field} is not known here", "send the OID of one that is, or list its name in ids.namespaces";
        ja: "QPD-{field}の割当機関 {authority} は登録されていません", "登録済みの割当機関のOIDを送るか、名前を ids.namespaces に登録してください"
    }
    QUERY_ID_TWICE = "pixpdq-id-twice", DataType, "ITI TF-2: 3.9.4.1.2.2" {
        en: "QPD-3 has {count} identifiers", "ask for each of them in a query of its own";
        ja: "QPD-3にIDが{count}個あります", "1つずつ照会してください"
    }
    QUERY_TOO_MANY = "pixpdq-too-many", Internal, "ITI TF-2: 3.9.4.1.2.2, 3.21.4.1.2.2" {
        en: "QPD-{field} has {count} repetitions, more than {max}, a fixed bound", "ask for less at once";
        ja: "QPD-{field}の繰り返しが{count}個あり、固定の上限{max}個を超えています", "分けて照会してください"
    }
    QUERY_TOO_LONG = "pixpdq-too-long", Internal, "ITI TF-2: 3.9.4.1.2.2, 3.21.4.1.2.2" {
        en: "{segment} has more than {max} bytes, a fixed bound", "send a shorter query";
        ja: "{segment}が固定の上限{max}バイトを超えています", "短くして照会してください"
    }
    PARAMETER_UNKNOWN = "pixpdq-parameter-unknown", TableValue, "ITI TF-2: 3.21.4.1.2.2" {
        en: "nobody is looked for here by the parameter {parameter}", "leave it out; known are {known}";
        ja: "パラメーター {parameter} での検索には対応していません", "指定できるのは {known} です"
    }
    PARAMETER_MALFORMED = "pixpdq-parameter-malformed", DataType, "ITI TF-2: 3.21.4.1.2.2" {
        en: "the value of {parameter} cannot be read", "send {expected}";
        ja: "{parameter} の値を読めません", "期待する値: {expected_ja}"
    }
    PARAMETER_TWICE = "pixpdq-parameter-twice", DuplicateKey, "ITI TF-2: 3.21.4.1.2.2" {
        en: "the parameter {parameter} is given twice, and all have to hold", "give it once";
        ja: "パラメーター {parameter} が重複しています(すべてを満たす患者を探します)", "1回だけ指定してください"
    }
    PARAMETERS_TOO_FEW = "pixpdq-parameters-too-few", RequiredField, "ITI TF-2: 3.21.4.1.2.2" {
        en: "these parameters lead to nobody", "give an identifier, the date of birth or a family name";
        ja: "これらのパラメーターだけでは検索できません", "ID、生年月日、姓のいずれかを指定してください"
    }
    PARAMETERS_TOO_WIDE = "pixpdq-parameters-too-wide", RequiredField, "ITI TF-2: 3.21.4.1.2.2" {
        en: "more persons may be meant than are looked through", "say more of the person, such as the date of birth with the family name, or an identifier";
        ja: "該当しうる患者が多すぎるため検索できません", "姓と生年月日、IDなど、条件を追加してください"
    }
    PRIORITY = "pixpdq-priority", TableValue, "ITI TF-2: 3.9.4.1.2.3, 3.21.4.1.2.3" {
        en: "queries are answered at once alone", "send I in RCP-1";
        ja: "照会には即時にのみ応答します", "RCP-1をIにしてください"
    }
    QUANTITY = "pixpdq-quantity", DataType, "ITI TF-2: 3.21.4.1.2.3" {
        en: "RCP-2 is no number of records", "send a number from 1 with the unit RD, such as 50^RD";
        ja: "RCP-2が件数ではありません", "50^RD のように、1以上の数と単位RDで指定してください"
    }
    POINTER_UNKNOWN = "pixpdq-pointer-unknown", UnknownKey, "HL7 V2.5: 2.15.4, ITI TF-2: 3.21.4.1.2.4" {
        en: "nothing is left to tell under this pointer: it is of another query or system, its time is over, or it was cancelled", "send the query again without DSC";
        ja: "この継続ポインターでは続きを返せません(別の照会やシステムのもの、期限切れ、または取り消し済み)", "DSCなしで照会し直してください"
    }
    NOT_A_CONSUMER = "pixpdq-not-a-consumer", TableValue, "ITI TF-2: 3.9.4.1.3, 3.21.4.1.3" {
        en: "the system that called may not look for persons here", "ask for a certificate with the role consumer or source";
        ja: "呼び出し元のシステムには患者の照会が許可されていません", "ロールconsumerまたはsourceの証明書を申請してください"
    }
    NOT_ITS_DOMAIN = "pixpdq-not-its-domain", TableValue, "ITI TF-2: 3.9.4.1.3, 3.21.4.1.3" {
        en: "the system that called may look for persons by its own identifiers alone", "ask by an identifier of an authority that is listed for it in identity.source_domains, or ask for a certificate with the role consumer";
        ja: "呼び出し元のシステムは自施設のIDでのみ照会できます", "identity.source_domains に登録された割当機関のIDで照会するか、ロールconsumerの証明書を申請してください"
    }
}
