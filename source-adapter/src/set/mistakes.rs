//! What can be wrong with a document set, or with changes to what is registered, beyond its form as TOML
//! and what the rules of the metadata say.

renkei_metadata::words_table! { pub(crate) rows:
    VALUE = "set-value" {
        en: "the value does not fit", "expected {expected}";
        ja: "値が正しくありません", "{expected_ja}が必要です"
    }
    NAME_RESERVED = "set-name-reserved" {
        en: "this cannot be a name", "choose one that is neither empty nor a URN nor \"submission_set\"";
        ja: "この名前は使えません", "空、URN、\"submission_set\" 以外の名前にしてください"
    }
    NAME_TWICE = "set-name-twice" {
        en: "this name stands twice", "choose another";
        ja: "この名前は2回使われています", "別の名前にしてください"
    }
    FILE_UNREADABLE = "set-file-unreadable" {
        en: "{path} cannot be read", "check that it is a file and may be read";
        ja: "{path} を読めません", "ファイルがあり、読み取れることを確認してください"
    }
    ASSOCIATION_TYPE = "set-association-type" {
        en: "{value} is no type of association", "expected one of {names}";
        ja: "{value} は関連の種別ではありません", "次のいずれかが必要です: {names}"
    }
    MEMBER_ALREADY = "set-member-already" {
        en: "this is of this file, and a member of its submission without being named", "leave this association out";
        ja: "このファイルのものは自動的にメンバーになります", "この関連は削除してください"
    }
    END_UNKNOWN = "set-end-unknown" {
        en: "{value} is not known", "expected a name of this file, \"submission_set\", or the entryUUID of a registered object; names are: {names}";
        ja: "{value} は見つかりません", "このファイルの名前、\"submission_set\"、または登録済みオブジェクトの entryUUID が必要です。名前: {names}"
    }
    CODE_WITHOUT_LIST = "set-code-without-list" {
        en: "a code alone needs the code list of the domain (--codes)", "give the list, or write {whole}";
        ja: "コードだけの指定にはコード表(--codes)が必要です", "コード表を指定するか、{whole} と書いてください"
    }
    CODE_UNLISTED = "set-code-unlisted" {
        en: "{value} is not in the code list of the domain", "it has {listed}";
        ja: "{value} はコード表にありません", "登録されているコード: {listed}"
    }
    CODE_ATTRIBUTE_UNLISTED = "set-code-attribute-unlisted" {
        en: "the code list of the domain has nothing for this attribute", "write {whole}";
        ja: "この属性のコードはコード表にありません", "{whole} と書いてください"
    }
    CODE_AMBIGUOUS = "set-code-ambiguous" {
        en: "{value} is of several schemes", "write one of {schemes}";
        ja: "{value} は複数の体系にあります", "次のいずれかを書いてください: {schemes}"
    }
    CHANGE_UNKNOWN = "change-unknown" {
        en: "{name} is no attribute that can be changed", "known are {known}";
        ja: "{name} は変更できる属性ではありません", "使える名前: {known}"
    }
    CHANGE_OF_AUTHOR = "change-of-author" {
        en: "an author has several parts", "write it into a file (--changes)";
        ja: "作成者は複数の項目からなります", "ファイルに書いてください(--changes)"
    }
}
