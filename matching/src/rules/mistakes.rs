//! What can be wrong with rules of matching.

renkei_metadata::words_table! { pub rows:
    NOT_TOML = "rules-not-toml" {
        en: "line {line}: not TOML, or not of the form of rules ({message})", "correct the line";
        ja: "{line}行目: TOML または規則の形として読めません({message})", "この行を訂正してください"
    }
    LEVEL_UNKNOWN = "rules-level-unknown" {
        en: "{key}: {value} is no level", "expected one of {known}";
        ja: "{key}: {value} という段階はありません", "次のいずれかを指定してください: {known}"
    }
    LEVEL_MISSING = "rules-level-missing" {
        en: "weights.{value} is missing", "every level needs m and u";
        ja: "weights.{value} がありません", "すべての段階に m と u が必要です"
    }
    ODDS = "rules-odds" {
        en: "{key}: {value} is no probability", "expected more than 0 and at most 1";
        ja: "{key}: {value} は確率ではありません", "0より大きく1以下の値が必要です"
    }
    ORDER = "rules-order" {
        en: "{key} weighs more than {above}, which says more", "expected the weights of a field to descend";
        ja: "{key} の重みが、より強い一致 {above} の重みを上回っています", "項目の中で重みが大きい順に並ぶ必要があります"
    }
    LINES = "rules-lines" {
        en: "{key} is {value}", "expected numbers of bits with lower below upper, and person_lower not above person";
        ja: "{key} が {value} です", "lower < upper、person_lower ≦ person となるビット数が必要です"
    }
    EMPTY = "rules-empty" {
        en: "{key} has no condition, and would hold of everybody", "name at least one level under all";
        ja: "{key} に条件がなく、すべての人に当てはまります", "all に段階を1つ以上指定してください"
    }
    CARD_ALONE = "rules-card-alone" {
        en: "{key} would link by a card alone, which a family shares", "add the date of birth or a name to all";
        ja: "{key} は家族が共有する保険証だけで名寄せします", "all に生年月日または氏名の条件を加えてください"
    }
    NAME_TWICE = "rules-name-twice" {
        en: "the rule {value} stands twice", "choose another id";
        ja: "規則 {value} が2回あります", "別の id にしてください"
    }
    VALUE = "rules-value" {
        en: "{key}: {value} does not fit", "expected {expected}";
        ja: "{key}: {value} は正しくありません", "{expected_ja} が必要です"
    }
}
