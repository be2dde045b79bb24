//! What is said beside the code of an answer to a PIXV3 Query or a Patient Demographics Query that finds nobody or
//! cannot be answered (ITI TF-2: 3.45.4.2.3, 3.47.4.2.3).

use crate::Rule;
use crate::acknowledgement::{Detail, Gravity};

const PIX: &str = "ITI TF-2: 3.45.4.2.3";
const PDQ: &str = "ITI TF-2: 3.47.4.2.3";

/// Case 4 of a PIX query: nobody announced the identifier.
pub static PATIENT_UNKNOWN: Rule = Rule {
    id: "pix-patient-unknown",
    code: "204",
    en: "nobody is known here by this identifier",
    fix_en: "check it with the domain that gave it, or have it announced by the patient feed",
    ja: "このIDの方は登録されていません",
    fix_ja: "発行元のIDを確認するか、患者情報フィードで通知してください",
    section: PIX,
};

/// Case 5 of a PIX query, case 3 of a demographics query: a domain of which nothing is known.
pub static DOMAIN_UNKNOWN: Rule = Rule {
    id: "pix-domain-unknown",
    code: "204",
    en: "no domain of identifiers is known here by this OID",
    fix_en: "correct the OID, or leave the domain out",
    ja: "このOIDの割当機関は登録されていません",
    fix_ja: "OIDを直すか、指定を取り除いてください",
    section: PIX,
};

/// A source asks for more than its own.
pub static NOT_OWN_DOMAIN: Rule = Rule {
    id: "pix-not-own-domain",
    code: "204",
    en: "a source asks by identifiers of its own domain, and of other domains needs the role consumer",
    fix_en: "ask by your own identifier, or for a certificate with the role consumer",
    ja: "ロールsourceの照会は自機関の患者IDに限られます",
    fix_ja: "自機関の患者IDで照会するか、ロールconsumerの証明書を申請してください",
    section: PIX,
};

/// It could not be told.
pub static FAILED: Rule = Rule {
    id: "pix-failed",
    code: "207",
    en: "whether the person is known here could not be told",
    fix_en: "try again later",
    ja: "該当者の有無を確認できませんでした",
    fix_ja: "しばらくしてから再度照会してください",
    section: "ITI TF-2: O.1.2",
};

/// More of a query that is not continued: it was never asked, is done, was given up, or is too long ago.
pub static NOT_CONTINUED: Rule = Rule {
    id: "pdq-not-continued",
    code: "204",
    en: "no query of yours by this queryId waits to be continued behind that answer and from there; one waits for ten minutes",
    fix_en: "ask the query again",
    ja: "このqueryId、応答、開始位置で続けられる照会はありません(保持は10分間です)",
    fix_ja: "照会をやり直してください",
    section: PDQ,
};

/// More fit than are told at once, and the query is too long to be kept for the rest.
pub static TOO_LONG: Rule = Rule {
    id: "pdq-too-long",
    code: "207",
    en: "more persons fit than are told at once, and so long a query is not kept to be continued",
    fix_en: "ask for less, or for more persons at once",
    ja: "照会が長いため、続きの取得には対応できません",
    fix_ja: "条件を減らすか、1回の取得件数を増やしてください",
    section: PDQ,
};

/// Nothing that was asked leads to persons.
pub static TOO_LITTLE: Rule = Rule {
    id: "pdq-too-little",
    code: "101",
    en: "what is asked leads to nobody in particular: an identifier, a birth time or a family name is needed",
    fix_en: "add one of them",
    ja: "検索条件が足りません。ID、生年月日、姓のいずれかが必要です",
    fix_ja: "いずれかを追加してください",
    section: PDQ,
};

/// More fit than are looked at.
pub static TOO_MANY: Rule = Rule {
    id: "pdq-too-many",
    code: "207",
    en: "more persons fit than are looked at",
    fix_en: "ask for less, such as with a birth time or a given name",
    ja: "該当者が多すぎます",
    fix_ja: "生年月日や名などの条件を加えてください",
    section: PDQ,
};

/// A birth time that is no date.
pub static BIRTH_INTERVAL: Rule = Rule {
    id: "pdq-birth-interval",
    code: "102",
    en: "an interval of birth times is looked for only where it is a day, a month or a year",
    fix_en: "send a date, a month or a year",
    ja: "生年月日の範囲指定は、1日、1か月、1年のいずれかに限ります",
    fix_ja: "年月日、年月、年のいずれかで送ってください",
    section: PDQ,
};

/// Every row.
pub static ALL: &[&Rule] = &[
    &PATIENT_UNKNOWN,
    &DOMAIN_UNKNOWN,
    &NOT_OWN_DOMAIN,
    &FAILED,
    &NOT_CONTINUED,
    &TOO_LONG,
    &TOO_LITTLE,
    &TOO_MANY,
    &BIRTH_INTERVAL,
];

/// The row as an acknowledgement tells it; `value` is what was sent, `location` the XPath of where.
pub fn detail(row: &'static Rule, value: &str, location: Option<String>) -> Detail {
    let Rule { en, fix_en, ja, fix_ja, .. } = row;
    let value = if value.is_empty() { String::new() } else { format!(" ({value})") };
    Detail {
        gravity: Gravity::Error,
        code: Some(row.code.to_owned()),
        text: Some(format!("{en}{value}: {fix_en} / {ja}{value}。{fix_ja}")),
        locations: location.into_iter().collect(),
    }
}
