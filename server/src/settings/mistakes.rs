//! What can be wrong with the settings when the program starts.

renkei_soap::words_table! { pub(crate) rows:
    NOT_TOML = "settings-not-toml" {
        en: "{origin}, line {line}: not TOML ({message})", "correct the line";
        ja: "{origin} {line}行目: TOMLとして読めません({message})", "この行を訂正してください"
    }
    NOT_A_PAIR = "settings-not-a-pair" {
        en: "--set {word}: no setting", "write key=value";
        ja: "--set {word}: 設定の形ではありません", "key=value の形で指定してください"
    }
    FILE = "settings-file" {
        en: "{path}: cannot be read or written ({error})", "check the path and who may use it";
        ja: "{path}: 読み書きできません({error})", "パスと権限を確認してください"
    }
    UNKNOWN = "settings-unknown" {
        en: "unknown setting {key} ({origin})", "look for its name in renkei.toml";
        ja: "設定 {key} はありません({origin})", "renkei.toml で名前を確認してください"
    }
    VALUE = "settings-value" {
        en: "{key}{quoted} ({origin}): not a value", "expected {expected}";
        ja: "{key}{quoted}({origin}): 値が正しくありません", "{expected_ja} を指定してください"
    }
    SHARED = "settings-shared-database" {
        en: "{keys} name the same database", "give each actor a database of its own, or a schema of its own (?options=-csearch_path%3DSCHEMA behind a PostgreSQL URL)";
        ja: "{keys_ja} が同じデータベースを指しています", "アクターごとに別のデータベース、またはスキーマ(PostgreSQL の URL に ?options=-csearch_path%3Dスキーマ名 を付ける)を指定してください"
    }
}
