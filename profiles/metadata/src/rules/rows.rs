//! The rows: what can be wrong with metadata, in both languages.

use crate::finding::{IheCode, Rule, Severity};

macro_rules! rows {
    ($($name:ident = $code:ident $id:literal in $section:literal
        en $en:literal do $fix_en:literal
        ja $ja:literal do $fix_ja:literal;)*) => {
        $(
            #[doc = concat!("An object or attribute ", $en, ".")]
            pub static $name: Rule = Rule {
                id: $id,
                code: IheCode::$code,
                severity: Severity::Error,
                en: $en,
                ja: $ja,
                fix_en: $fix_en,
                fix_ja: $fix_ja,
                section: $section,
            };
        )*
        pub(super) static ALL: &[&Rule] = &[$(&$name),*];
    };
}

rows! {
    ATTRIBUTE_MISSING = MetadataError "attribute-missing" in "ITI TF-3: Table 4.3.1-3"
        en "is missing" do "send this attribute"
        ja "がありません" do "この属性を送ってください";
    ATTRIBUTE_PROHIBITED = MetadataError "attribute-prohibited" in "ITI TF-3: Table 4.3.1-3"
        en "may not be sent here" do "leave this attribute out"
        ja "はここでは送れません" do "この属性を取り除いてください";
    VALUE_MALFORMED = MetadataError "value-malformed" in "ITI TF-3: Table 4.2.3.1.7-2"
        en "has a value of the wrong form" do "correct the value"
        ja "の値の形式が正しくありません" do "値を修正してください";
    VALUE_TOO_LONG = MetadataError "value-too-long" in "ITI TF-3: 4.2.3.1.7"
        en "has a value that is too long" do "shorten the value"
        ja "の値が長すぎます" do "値を短くしてください";
    VALUE_REPEATED = MetadataError "value-repeated" in "ITI TF-3: 4.2.3"
        en "has more than one value" do "send one value"
        ja "に複数の値があります" do "値を1つだけ送ってください";
    SLOT_REPEATED = MetadataError "slot-repeated" in "ITI TF-3: 4.2.3.1.3"
        en "is a slot that occurs more than once in this object" do "merge the values into one slot"
        ja "のスロットがこのオブジェクトに複数あります" do "値を1つのスロットにまとめてください";
    SLOT_NAME_MALFORMED = MetadataError "slot-name-malformed" in "ITI TF-3: 4.2.3.1.6"
        en "is a slot whose name is neither of the standard nor a URN" do "name extra metadata with a URN of your own"
        ja "というスロット名は標準の名前でもURNでもありません" do "追加メタデータには独自のURNを名前として付けてください";
    SLOT_NAME_RESERVED = MetadataError "slot-name-reserved" in "ITI TF-3: 4.2.3.1.6"
        en "is a slot whose name is reserved for IHE and not known" do "name extra metadata with a URN that does not begin with urn:ihe:"
        ja "というスロット名はIHEに予約されており、未知の名前です" do "追加メタデータには urn:ihe: で始まらないURNを付けてください";
    CODE_INCOMPLETE = MetadataError "code-incomplete" in "ITI TF-3: 4.2.3.1.2"
        en "is a coded attribute without all its parts" do "send nodeRepresentation, one codingScheme value and a Name"
        ja "はコードの要素が揃っていません" do "nodeRepresentation、codingScheme(1値)、Name を送ってください";
    AUTHOR_EMPTY = MetadataError "author-empty" in "ITI TF-3: 4.2.3.1.4"
        en "names nobody" do "send authorPerson, authorInstitution or authorTelecommunication"
        ja "が誰も示していません" do "authorPerson、authorInstitution、authorTelecommunication のいずれかを送ってください";
    PACKAGE_UNLABELLED = MetadataError "package-unlabelled" in "ITI TF-3: 4.2.1.2"
        en "is a RegistryPackage that is not exactly one of SubmissionSet and Folder" do "label it with one Classification whose classificationNode says which"
        ja "は SubmissionSet と Folder のどちらか一方に特定できない RegistryPackage です" do "classificationNode を持つ Classification を1つ付けてください";
    LIMITED_METADATA = MetadataError "limited-metadata" in "ITI TF-3: Table 4.3.1-3"
        en "is marked as limited metadata, which XDS does not allow" do "send complete metadata without the marker"
        ja "はXDSで禁止されている limitedMetadata の印を持っています" do "完全なメタデータを印なしで送ってください";
    SUBMISSION_SET_COUNT = MetadataError "submission-set-count" in "ITI TF-3: 4.1.4"
        en "must hold exactly one SubmissionSet" do "send one RegistryPackage labelled as SubmissionSet"
        ja "には SubmissionSet がちょうど1つ必要です" do "SubmissionSet の印を持つ RegistryPackage を1つ送ってください";
    SUBMISSION_EMPTY = MetadataError "submission-empty" in "ITI TF-3: 4.1.4"
        en "registers nothing" do "send at least one DocumentEntry or membership"
        ja "に登録する内容がありません" do "DocumentEntry またはメンバー関係を1つ以上送ってください";
    ID_REPEATED = MetadataError "id-repeated" in "ITI TF-3: 4.2.3.1.5"
        en "has an id that another object of this message has" do "give each object an id of its own"
        ja "のidがこのメッセージの別のオブジェクトと重複しています" do "オブジェクトごとに異なるidを付けてください";
    UNIQUE_ID_REPEATED = DuplicateUniqueIdInMessage "unique-id-repeated" in "ITI TF-3: Table 4.2.4.1-2"
        en "occurs more than once in this message" do "give each object a uniqueId of its own"
        ja "がこのメッセージ内で重複しています" do "オブジェクトごとに異なる uniqueId を付けてください";
    PATIENT_DIFFERS = PatientIdDoesNotMatch "patient-differs" in "ITI TF-2: 3.42.4.1.3.3.2"
        en "differs from the patientId of the submission" do "send one submission for each patient"
        ja "が送信全体の patientId と一致しません" do "患者ごとに別の送信にしてください";
    STABLE_ONLY = MetadataError "stable-only" in "ITI TF-2: 3.42.4.1.2"
        en "is not that of a Stable DocumentEntry" do "register On-Demand entries with [ITI-61]"
        ja "が Stable DocumentEntry のものではありません" do "On-Demand エントリは [ITI-61] で登録してください";
    TIMES_REVERSED = MetadataError "times-reversed" in "ITI TF-2: 3.42.4.1.3.3.6"
        en "is later than serviceStopTime" do "correct the two times"
        ja "が serviceStopTime より後です" do "2つの日時を修正してください";
    CODE_UNKNOWN = MetadataError "code-unknown" in "ITI TF-2: 3.42.4.1.3.3.3"
        en "holds a code that this affinity domain does not use" do "choose code and scheme from the code list of the affinity domain"
        ja "がこのアフィニティドメインで使われないコードです" do "アフィニティドメインのコード表からコードと体系を選んでください";
    MIME_TYPE_UNKNOWN = MetadataError "mime-type-unknown" in "ITI TF-2: 3.42.4.1.3.3.4"
        en "is a media type that this affinity domain does not accept" do "send the document in an accepted format"
        ja "がこのアフィニティドメインで受け付けないメディアタイプです" do "受け付ける形式の文書を送ってください";
    METADATA_UPDATE = MetadataError "metadata-update" in "ITI TF-2: 3.42.4.1.2"
        en "belongs to a metadata update, which this transaction does not carry" do "leave it out, or send the update in its own transaction"
        ja "はメタデータ更新のもので、このトランザクションでは送れません" do "取り除くか、更新専用のトランザクションで送ってください";
    FOLDER_NOT_OFFERED = MetadataError "folder-not-offered" in "ITI TF-3: 4.1.4"
        en "is a folder, and folders are not yet offered here" do "send the documents without a folder"
        ja "はフォルダーですが、フォルダーはまだ提供していません" do "フォルダーなしで文書を送ってください";
    ASSOCIATION_NOT_OFFERED = MetadataError "association-not-offered" in "ITI TF-3: 4.2.2"
        en "is of a type that is not yet offered here" do "send HasMember from SubmissionSet to DocumentEntry, RPLC or XFRM"
        ja "はまだ提供していない関連タイプです" do "SubmissionSet から DocumentEntry への HasMember、RPLC または XFRM を送ってください";
    ASSOCIATION_ENDS = MetadataError "association-ends" in "ITI TF-3: 4.2.2"
        en "joins objects that its type cannot join" do "correct sourceObject and targetObject"
        ja "はこの関連タイプで結べないオブジェクトを結んでいます" do "sourceObject と targetObject を修正してください";
    REFERENCE_UNRESOLVED = UnresolvedReference "reference-unresolved" in "ITI TF-3: 4.2.3.1.5"
        en "refers to an object that is not in this message" do "refer to an object of the message by its id, or to a registered one by its entryUUID"
        ja "の参照先がこのメッセージにありません" do "メッセージ内のidか、登録済みオブジェクトの entryUUID を指定してください";
    SOURCE_NOT_HERE = UnresolvedReference "source-not-here" in "ITI TF-2: 3.42.4.1.3.5"
        en "must be a DocumentEntry of this message" do "relate the new document to the registered one"
        ja "はこのメッセージの DocumentEntry でなければなりません" do "新しい文書から登録済みの文書へ関連付けてください";
    TARGET_NOT_REGISTERED = UnresolvedReference "target-not-registered" in "ITI TF-2: 3.42.4.1.3.5"
        en "must be a DocumentEntry that is registered already" do "name the entryUUID of the registered document"
        ja "は登録済みの DocumentEntry でなければなりません" do "登録済み文書の entryUUID を指定してください";
    ORIGINAL_NOT_HERE = MetadataError "original-not-here" in "ITI TF-3: 4.2.2.1.1"
        en "is Original, but the document is not in this message" do "send Reference for a document registered earlier"
        ja "が Original ですが、文書がこのメッセージにありません" do "登録済みの文書には Reference を送ってください";
    REFERENCE_HERE = MetadataError "reference-here" in "ITI TF-3: 4.2.2.1.1"
        en "is Reference, but the document is in this message" do "send Original for a document of this message"
        ja "が Reference ですが、文書はこのメッセージにあります" do "このメッセージの文書には Original を送ってください";
    MEMBERSHIP_MISSING = MetadataError "membership-missing" in "ITI TF-3: 4.1.4"
        en "is not a member of the SubmissionSet" do "send one HasMember from the SubmissionSet to this object"
        ja "が SubmissionSet のメンバーになっていません" do "SubmissionSet からこのオブジェクトへの HasMember を1つ送ってください";
    MEMBERSHIP_REPEATED = MetadataError "membership-repeated" in "ITI TF-3: 4.1.4"
        en "is a member of the SubmissionSet more than once" do "send one HasMember for each object"
        ja "が SubmissionSet のメンバーとして重複しています" do "HasMember はオブジェクトごとに1つにしてください";
    DOCUMENTATION_ON_MEMBERSHIP = MetadataError "documentation-on-membership" in "ITI TF-3: 4.2.2.2"
        en "may not stand on HasMember" do "leave the Classification out"
        ja "は HasMember に付けられません" do "この Classification を取り除いてください";
}
