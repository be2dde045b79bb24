//! The rows: what can be wrong with metadata, in both languages.

crate::finding::error_table! { pub rows:
    ATTRIBUTE_MISSING = "attribute-missing", MetadataError, "ITI TF-3: Table 4.3.1-3" {
        en: "is missing", "send this attribute";
        ja: "がありません", "この属性を送ってください"
    }
    ATTRIBUTE_PROHIBITED = "attribute-prohibited", MetadataError, "ITI TF-3: Table 4.3.1-3" {
        en: "may not be sent here", "leave this attribute out";
        ja: "はここでは送れません", "この属性を取り除いてください"
    }
    VALUE_MALFORMED = "value-malformed", MetadataError, "ITI TF-3: Table 4.2.3.1.7-2" {
        en: "has a value of the wrong form", "correct the value";
        ja: "の値の形式が正しくありません", "値を修正してください"
    }
    VALUE_TOO_LONG = "value-too-long", MetadataError, "ITI TF-3: 4.2.3.1.7" {
        en: "has a value that is too long", "shorten the value";
        ja: "の値が長すぎます", "値を短くしてください"
    }
    LANGUAGE_REPEATED = "language-repeated", MetadataError, "ebRIM 3.0: 2.2" {
        en: "has two texts in one language", "send one text for each language";
        ja: "に同じ言語のテキストが複数あります", "言語ごとにテキストを1つだけ送ってください"
    }
    LANGUAGE_MALFORMED = "language-malformed", MetadataError, "ebRIM 3.0: 2.2" {
        en: "has a text whose xml:lang is not a language tag", "correct the xml:lang";
        ja: "に xml:lang が言語タグでないテキストがあります", "xml:lang を修正してください"
    }
    VALUE_REPEATED = "value-repeated", MetadataError, "ITI TF-3: 4.2.3" {
        en: "has more than one value", "send one value";
        ja: "に複数の値があります", "値を1つだけ送ってください"
    }
    SLOT_REPEATED = "slot-repeated", MetadataError, "ITI TF-3: 4.2.3.1.3" {
        en: "is a slot that occurs more than once in this object", "merge the values into one slot";
        ja: "のスロットがこのオブジェクトに複数あります", "値を1つのスロットにまとめてください"
    }
    SLOT_NAME_MALFORMED = "slot-name-malformed", MetadataError, "ITI TF-3: 4.2.3.1.6" {
        en: "is a slot whose name is neither of the standard nor a URN", "name extra metadata with a URN of your own";
        ja: "というスロット名は標準の名前でもURNでもありません", "追加メタデータには独自のURNを名前として付けてください"
    }
    SLOT_NAME_RESERVED = "slot-name-reserved", MetadataError, "ITI TF-3: 4.2.3.1.6" {
        en: "is a slot whose name is reserved for IHE and not known", "name extra metadata with a URN that does not begin with urn:ihe:";
        ja: "というスロット名はIHEに予約されており、未知の名前です", "追加メタデータには urn:ihe: で始まらないURNを付けてください"
    }
    /// A Classification, identifier or slot inside a Classification that no attribute is made of.
    EXTRA_NOT_SAVED = "extra-not-saved", ExtraMetadataNotSaved Warning, "ITI TF-2: 3.42.4.1.3.2" {
        en: "is not metadata of the standard and is not saved", "send extra metadata as a slot of the object, named by a URN of your own";
        ja: "は標準のメタデータではないため保存されません", "追加メタデータは独自のURNを名前とするスロットとしてオブジェクトに付けてください"
    }
    CODE_INCOMPLETE = "code-incomplete", MetadataError, "ITI TF-3: 4.2.3.1.2" {
        en: "is a coded attribute without all its parts", "send nodeRepresentation, one codingScheme value and a Name";
        ja: "はコードの要素が揃っていません", "nodeRepresentation、codingScheme(1値)、Name を送ってください"
    }
    AUTHOR_EMPTY = "author-empty", MetadataError, "ITI TF-3: 4.2.3.1.4" {
        en: "names nobody", "send authorPerson, authorInstitution or authorTelecommunication";
        ja: "が誰も示していません", "authorPerson、authorInstitution、authorTelecommunication のいずれかを送ってください"
    }
    PACKAGE_UNLABELLED = "package-unlabelled", MetadataError, "ITI TF-3: 4.2.1.2" {
        en: "is a RegistryPackage that is not exactly one of SubmissionSet and Folder", "label it with one Classification whose classificationNode says which";
        ja: "は SubmissionSet と Folder のどちらか一方に特定できない RegistryPackage です", "classificationNode を持つ Classification を1つ付けてください"
    }
    LIMITED_METADATA = "limited-metadata", MetadataError, "ITI TF-3: Table 4.3.1-3" {
        en: "is marked as limited metadata, which XDS does not allow", "send complete metadata without the marker";
        ja: "はXDSで禁止されている limitedMetadata の印を持っています", "完全なメタデータを印なしで送ってください"
    }
    SUBMISSION_SET_COUNT = "submission-set-count", MetadataError, "ITI TF-3: 4.1.4" {
        en: "must hold exactly one SubmissionSet", "send one RegistryPackage labelled as SubmissionSet";
        ja: "には SubmissionSet がちょうど1つ必要です", "SubmissionSet の印を持つ RegistryPackage を1つ送ってください"
    }
    SUBMISSION_EMPTY = "submission-empty", MetadataError, "ITI TF-3: 4.1.4" {
        en: "registers nothing", "send at least one DocumentEntry, Folder or membership";
        ja: "に登録する内容がありません", "DocumentEntry、Folder またはメンバー関係を1つ以上送ってください"
    }
    ID_REPEATED = "id-repeated", MetadataError, "ITI TF-3: 4.2.3.1.5" {
        en: "has an id that another object of this message has", "give each object an id of its own";
        ja: "のidがこのメッセージの別のオブジェクトと重複しています", "オブジェクトごとに異なるidを付けてください"
    }
    UNIQUE_ID_REPEATED = "unique-id-repeated", DuplicateUniqueIdInMessage, "ITI TF-3: Table 4.2.4.1-2" {
        en: "occurs more than once in this message", "give each object a uniqueId of its own";
        ja: "がこのメッセージ内で重複しています", "オブジェクトごとに異なる uniqueId を付けてください"
    }
    PATIENT_DIFFERS = "patient-differs", PatientIdDoesNotMatch, "ITI TF-2: 3.42.4.1.3.3.2" {
        en: "differs from the patientId of the submission", "send one submission for each patient";
        ja: "が送信全体の patientId と一致しません", "患者ごとに別の送信にしてください"
    }
    STABLE_ONLY = "stable-only", MetadataError, "ITI TF-2: 3.42.4.1.2" {
        en: "is not that of a Stable DocumentEntry", "register On-Demand entries with [ITI-61]";
        ja: "が Stable DocumentEntry のものではありません", "On-Demand エントリは [ITI-61] で登録してください"
    }
    ON_DEMAND_ONLY = "on-demand-only", MetadataError, "ITI TF-2: 3.61.4.1.2" {
        en: "is not that of an On-Demand DocumentEntry", "register stable documents with [ITI-41] or [ITI-42]";
        ja: "が On-Demand DocumentEntry のものではありません", "通常の文書は [ITI-41] または [ITI-42] で登録してください"
    }
    TIMES_REVERSED = "times-reversed", MetadataError, "ITI TF-2: 3.42.4.1.3.3.6" {
        en: "is later than serviceStopTime", "correct the two times";
        ja: "が serviceStopTime より後です", "2つの日時を修正してください"
    }
    CODE_UNKNOWN = "code-unknown", MetadataError, "ITI TF-2: 3.42.4.1.3.3.3" {
        en: "holds a code that this affinity domain does not use", "choose code and scheme from the code list of the affinity domain";
        ja: "がこのアフィニティドメインで使われないコードです", "アフィニティドメインのコード表からコードと体系を選んでください"
    }
    MIME_TYPE_UNKNOWN = "mime-type-unknown", MetadataError, "ITI TF-2: 3.42.4.1.3.3.4" {
        en: "is a media type that this affinity domain does not accept", "send the document in an accepted format";
        ja: "がこのアフィニティドメインで受け付けないメディアタイプです", "受け付ける形式の文書を送ってください"
    }
    METADATA_UPDATE = "metadata-update", MetadataError, "ITI TF-2: 3.42.4.1.2" {
        en: "belongs to a metadata update, which this transaction does not carry", "leave it out, or send the update in its own transaction";
        ja: "はメタデータ更新のもので、このトランザクションでは送れません", "取り除くか、更新専用のトランザクションで送ってください"
    }
    ASSOCIATION_TO_ITSELF = "association-to-itself", MetadataError, "ITI TF-3: 4.2.2" {
        en: "joins an object to itself", "name two different objects";
        ja: "が同じオブジェクト同士を結んでいます", "異なる2つのオブジェクトを指定してください"
    }
    ASSOCIATION_RING = "association-ring", MetadataError, "ITI TF-3: 4.2.2.2" {
        en: "closes a ring of relationships between documents of this message", "relate each document to one that was there before it";
        ja: "により文書同士の関係がこのメッセージ内で循環します", "先にある文書に向けて関連付けてください"
    }
    APPENDED_TO_TRANSFORMATION = "appended-to-transformation", MetadataError, "ITI TF-3: 4.2.2.2" {
        en: "is a transformation, to which nothing is appended", "append to the document that was transformed";
        ja: "は変換された文書で、追記の対象にできません", "変換元の文書に追記してください"
    }
    ASSOCIATION_ENDS = "association-ends", MetadataError, "ITI TF-3: 4.2.2" {
        en: "joins objects that its type cannot join", "correct sourceObject and targetObject";
        ja: "はこの関連タイプで結べないオブジェクトを結んでいます", "sourceObject と targetObject を修正してください"
    }
    REFERENCE_UNRESOLVED = "reference-unresolved", UnresolvedReference, "ITI TF-3: 4.2.3.1.5" {
        en: "refers to an object that is not in this message", "refer to an object of the message by its id, or to a registered one by its entryUUID";
        ja: "の参照先がこのメッセージにありません", "メッセージ内のidか、登録済みオブジェクトの entryUUID を指定してください"
    }
    SOURCE_NOT_HERE = "source-not-here", UnresolvedReference, "ITI TF-2: 3.42.4.1.3.5" {
        en: "must be a DocumentEntry of this message", "relate the new document to the registered one";
        ja: "はこのメッセージの DocumentEntry でなければなりません", "新しい文書から登録済みの文書へ関連付けてください"
    }
    TARGET_NOT_REGISTERED = "target-not-registered", UnresolvedReference, "ITI TF-2: 3.42.4.1.3.5" {
        en: "must be a DocumentEntry that is registered already", "name the entryUUID of the registered document";
        ja: "は登録済みの DocumentEntry でなければなりません", "登録済み文書の entryUUID を指定してください"
    }
    ORIGINAL_NOT_HERE = "original-not-here", MetadataError, "ITI TF-3: 4.2.2.1.1" {
        en: "is Original, but the document is not in this message", "send Reference for a document registered earlier";
        ja: "が Original ですが、文書がこのメッセージにありません", "登録済みの文書には Reference を送ってください"
    }
    REFERENCE_HERE = "reference-here", MetadataError, "ITI TF-3: 4.2.2.1.1" {
        en: "is Reference, but the document is in this message", "send Original for a document of this message";
        ja: "が Reference ですが、文書はこのメッセージにあります", "このメッセージの文書には Original を送ってください"
    }
    MEMBERSHIP_MISSING = "membership-missing", MetadataError, "ITI TF-3: 4.1.4" {
        en: "is not a member of the SubmissionSet", "send one HasMember from the SubmissionSet to this object";
        ja: "が SubmissionSet のメンバーになっていません", "SubmissionSet からこのオブジェクトへの HasMember を1つ送ってください"
    }
    MEMBERSHIP_REPEATED = "membership-repeated", MetadataError, "ITI TF-3: 4.1.4" {
        en: "is a member of the SubmissionSet more than once", "send one HasMember for each object";
        ja: "が SubmissionSet のメンバーとして重複しています", "HasMember はオブジェクトごとに1つにしてください"
    }
    DOCUMENTATION_ON_MEMBERSHIP = "documentation-on-membership", MetadataError, "ITI TF-3: 4.2.2.2" {
        en: "may not stand on HasMember", "leave the Classification out";
        ja: "は HasMember に付けられません", "この Classification を取り除いてください"
    }
}
