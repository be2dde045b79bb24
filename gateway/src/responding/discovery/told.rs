//! What is said beside the code of an answer in which nobody is found, of one that nobody awaits, and of a query that
//! is not answered later.

use renkei_hl7v3::Rule;
use renkei_hl7v3::acknowledgement::{Detail, Gravity};

const CASES: &str = "ITI TF-2: 3.55.4.2.2";
const LOCATIONS: &str = "ITI TF-2: 3.56 (XCPD Health Data Locator)";

/// Case 4: nobody.
pub static NOBODY: Rule = Rule {
    id: "xcpd-nobody",
    code: "xcpd-nobody",
    en: "nobody here is known to be this person",
    fix_en: "send the identifier of the insured person, or the name in kana with the day of birth and the sex, and check them",
    ja: "該当する方を確認できません",
    fix_ja: "被保険者の記号・番号、またはカナ氏名・生年月日・性別を送り、値を確認してください",
    section: CASES,
};

/// Case 3: further attributes would tell.
pub static MORE: Rule = Rule {
    id: "xcpd-more",
    code: "xcpd-more",
    en: "the person cannot be told from others without the attributes that are requested",
    fix_en: "ask again with them",
    ja: "該当者を特定するには、要求された項目が必要です",
    fix_ja: "その項目を加えて再度問い合わせてください",
    section: CASES,
};

/// Case 5, AnswerNotAvailable: several, and nobody guesses.
pub static SEVERAL: Rule = Rule {
    id: "xcpd-several",
    code: "xcpd-several",
    en: "several persons here match, and nothing that can be asked for tells them apart",
    fix_en: "send the identifier of the insured person, or ask the community by other means",
    ja: "該当する方が複数いて特定できません",
    fix_ja: "被保険者の記号・番号を送るか、相手コミュニティに別の方法で確認してください",
    section: CASES,
};

/// Case 5, InternalError: it could not be told.
pub static FAILED: Rule = Rule {
    id: "xcpd-failed",
    code: "xcpd-failed",
    en: "whether the person is known here could not be told",
    fix_en: "try again later",
    ja: "該当者の有無を確認できませんでした",
    fix_ja: "しばらくしてから再度問い合わせてください",
    section: CASES,
};

/// Case 5, ResponderBusy: it cannot be told now.
pub static BUSY: Rule = Rule {
    id: "xcpd-busy",
    code: "xcpd-busy",
    en: "this community is too busy to tell whether it knows the person",
    fix_en: "ask again after a moment",
    ja: "混み合っているため、該当者の有無を現在確認できません",
    fix_ja: "しばらくしてから再度問い合わせてください",
    section: CASES,
};

/// The house does not serve the Health Data Locator option (`gateway.tells_locations`).
pub static NO_LOCATIONS: Rule = Rule {
    id: "xcpd-no-locations",
    code: "xcpd-no-locations",
    en: "this community does not tell where else a person is known (NotHealthDataLocator)",
    fix_en: "ask the other communities themselves by ITI-55",
    ja: "このコミュニティは患者の所在照会(ITI-56)に対応していません",
    fix_ja: "他のコミュニティにITI-55で直接問い合わせてください",
    section: LOCATIONS,
};

/// Nobody is called so here.
pub static NOT_LOCATED: Rule = Rule {
    id: "xcpd-not-located",
    code: "xcpd-not-located",
    en: "RequestedPatientId names nobody here",
    fix_en: "send the identifier by which this community answered ITI-55, or ask by ITI-55 anew",
    ja: "RequestedPatientIdに該当する方がいません",
    fix_ja: "このコミュニティがITI-55で応答した患者IDを送るか、ITI-55で再度問い合わせてください",
    section: LOCATIONS,
};

/// It could not be told.
pub static UNLOCATED: Rule = Rule {
    id: "xcpd-locations-failed",
    code: "xcpd-locations-failed",
    en: "where the person is known could not be told",
    fix_en: "try again later",
    ja: "患者の所在を確認できませんでした",
    fix_ja: "しばらくしてから再度問い合わせてください",
    section: LOCATIONS,
};

/// An answer that came later to a question that nobody asked, that was answered, or whose patient is described
/// otherwise by now.
pub static NOT_AWAITED: Rule = Rule {
    id: "xcpd-not-awaited",
    code: "xcpd-not-awaited",
    en: "no question that waits for an answer of yours is named by wsa:RelatesTo, the query and the message",
    fix_en: "do not send it again; what is to be known still will be asked for again",
    ja: "wsa:RelatesTo・queryId・targetMessageが示す、貴コミュニティの回答を待つ照会はありません",
    fix_ja: "再送しないでください。必要な場合はこちらから改めて照会します",
    section: "ITI TF-2: 3.55.6.2",
};

/// The house answers no query later (`async.allowed_reply_to` is empty).
pub static NOT_DEFERRED: Rule = Rule {
    id: "xcpd-not-deferred",
    code: "NS250",
    en: "Unsupported processing mode: no query is answered later here",
    fix_en: "ask with responsePriorityCode I, or have the address of respondTo entered here (async.allowed_reply_to)",
    ja: "この処理モードには対応していません。遅延応答は行いません",
    fix_ja: "responsePriorityCodeをIとして問い合わせるか、respondToの宛先の登録(async.allowed_reply_to)を依頼してください",
    section: "ITI TF-2: 3.55.4.1.3",
};

/// Every row.
pub static ALL: &[&Rule] = &[
    &NOBODY,
    &MORE,
    &SEVERAL,
    &FAILED,
    &BUSY,
    &NO_LOCATIONS,
    &NOT_LOCATED,
    &UNLOCATED,
    &NOT_AWAITED,
    &NOT_DEFERRED,
];

/// The row in words, English and Japanese.
pub fn words(row: &Rule) -> String {
    let Rule { en, fix_en, ja, fix_ja, .. } = row;
    format!("{en}: {fix_en} / {ja}。{fix_ja}")
}

/// The row as an acknowledgement tells it.
pub fn detail(row: &'static Rule, gravity: Gravity) -> Detail {
    Detail {
        gravity,
        code: Some(row.code.to_owned()),
        text: Some(words(row)),
        locations: Vec::new(),
    }
}
