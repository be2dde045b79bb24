//! docs/LIMITS.md: every setting that is a number, with its unit and what is answered where it ends.

use super::rule;
use crate::settings::{Definition, definitions};
use renkei_metadata::finding::Reporter::{Registry, Repository};
use renkei_soap::fault::Fault;
use std::fmt::Write;

/// What a setting counts.
#[derive(Clone, Copy)]
enum Unit {
    Bytes,
    Pieces,
    Levels,
    Seconds,
    Days,
    Months,
    Milliseconds,
}

/// What happens where a limit is reached.
#[derive(Clone, Copy)]
enum Answer {
    /// A SOAP fault that names the setting.
    TooLarge,
    /// The same; where a message asks for too much, a row of the error tables.
    TooLargeOr(&'static str),
    /// The SOAP fault of a request that stops in its middle; without a request the connection is closed.
    Stalled,
    /// The SOAP fault of a reply that cannot be kept.
    ReplyRefused,
    /// The SOAP fault of a request that takes too long.
    Overdue,
    /// A row of the error tables, by its name.
    Row(&'static str),
    /// One row of the registry, one of the repository.
    Rows(&'static str, &'static str),
    /// An acknowledgement of HL7 v2.
    Rejected,
    /// No answer: this.
    Otherwise(&'static str, &'static str),
}

use Answer::{
    Otherwise, Overdue, Rejected, ReplyRefused, Row, Rows, Stalled, TooLarge, TooLargeOr,
};
use Unit::{Bytes, Days, Levels, Milliseconds, Months, Pieces, Seconds};

const CLOSED: Answer = Otherwise("接続を閉じる", "the connection is closed");
const UNAVAILABLE: Answer = Otherwise(
    "XDSUnavailableCommunity(他のコミュニティの結果は返る)",
    "XDSUnavailableCommunity; the results of others come",
);
const WAITS: Answer = Otherwise("空くまで待つ", "further ones wait");

#[rustfmt::skip]
static LIMITS: &[(&str, Unit, Answer)] = &[
    ("limits.root_bytes", Bytes, TooLarge),
    ("limits.parts", Pieces, TooLargeOr("retrieve-too-many")),
    ("limits.part_header_bytes", Bytes, TooLarge),
    ("limits.message_bytes", Bytes, TooLarge),
    ("limits.inline_document_bytes", Bytes, TooLarge),
    ("limits.xml_depth", Levels, TooLarge),
    ("limits.xml_attributes", Pieces, TooLarge),
    ("limits.xml_name_bytes", Bytes, TooLarge),
    ("limits.query_results", Pieces, Row("too-many-results")),
    ("limits.query_references", Pieces, Row("too-many-results")),
    ("limits.query_values", Pieces, Row("query-too-many-values")),
    ("limits.removals", Pieces, Rows("removal-too-many", "remove-too-many")),
    ("limits.mllp_frame_bytes", Bytes, Rejected),
    ("limits.write_queue", Pieces, Rows("registry-busy", "repository-busy")),
    ("limits.remembered_answers", Pieces, Otherwise("古いものから忘れる", "the oldest are forgotten")),
    ("limits.connections", Pieces, WAITS),
    ("limits.workers", Pieces, Otherwise("要求が分け合う", "requests share them")),
    ("limits.handshake_seconds", Seconds, CLOSED),
    ("limits.request_seconds", Seconds, Overdue),
    ("limits.idle_seconds", Seconds, Stalled),
    ("async.replies", Pieces, ReplyRefused),
    ("async.partner_replies", Pieces, ReplyRefused),
    ("async.reply_bytes", Bytes, ReplyRefused),
    ("ondemand.sources", Pieces, Row("on-demand-too-large")),
    ("ondemand.bytes", Bytes, Row("on-demand-too-large")),
    ("ondemand.at_once", Pieces, WAITS),
    ("gateway.query_seconds", Seconds, UNAVAILABLE),
    ("gateway.discovery_seconds", Seconds, UNAVAILABLE),
    ("gateway.correlation_days", Days, Otherwise("照会し直す", "the community is asked anew")),
    ("gateway.retrieve_seconds", Seconds, UNAVAILABLE),
    ("gateway.at_once", Pieces, WAITS),
    ("gateway.together_seconds", Seconds, UNAVAILABLE),
    ("gateway.spool_bytes", Bytes, UNAVAILABLE),
    ("repository.lease_seconds", Seconds, Otherwise("未完了のアップロードを削除", "unfinished uploads are removed")),
    ("repository.grace_seconds", Seconds, Otherwise("レジストリに照会", "the registry is asked")),
    ("repository.sweep_seconds", Seconds, Otherwise("未確定の登録を確認", "unsettled submissions are looked for")),
    ("tls.crl_seconds", Seconds, Otherwise("再び取得する", "it is fetched again")),
    ("tls.crl_bytes", Bytes, Otherwise("取得せず、直前の失効リストを使う", "it is not taken; the last one goes on")),
    ("time.poll_seconds", Seconds, Otherwise("再び問い合わせる", "the servers are asked again")),
    ("time.limit_ms", Milliseconds, Otherwise("警報。time.stop_submissions なら登録をSOAPフォールトで拒否", "an alarm; with time.stop_submissions a SOAP fault to whoever submits")),
    ("members.review_months", Months, Otherwise("期限超過として知らせる", "the review is told as overdue")),
    ("retention.audit_days", Days, Otherwise("監査記録を消去", "audit records are erased")),
];

/// The numbers among the settings.
fn numbers() -> Vec<Definition> {
    definitions()
        .into_iter()
        .filter(|d| d.default.parse::<u64>().is_ok() && d.key.contains('.'))
        .collect()
}

/// The page.
pub(super) fn page() -> String {
    let mut out = String::from(
        "# 上限 / Limits\n\nWritten from the settings and the error tables; do not edit. 設定は `renkei.toml` か `--set` で変えられます。\
         エラーの文は [ERRORS.md](ERRORS.md) に。 / Each is a setting (`renkei.toml`, `--set`); the texts of errors are in \
         [ERRORS.md](ERRORS.md).\n\n\
         | setting | 既定値 / default | 単位 / unit | 値 / values | 内容 | what it bounds | 達したとき | at the limit |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for number in numbers() {
        let limit = LIMITS.iter().find(|(key, ..)| *key == number.key).unwrap();
        let (ja, en) = answer(limit.2);
        let expected = number.expected.en.trim_start_matches("a whole number ");
        writeln!(
            out,
            "| `{}` | {} | {} | {expected} | {} | {} | {ja} | {en} |",
            number.key,
            grouped(number.default),
            unit(limit.1),
            number.ja,
            number.en,
        )
        .unwrap();
    }
    out
}

const fn unit(unit: Unit) -> &'static str {
    match unit {
        Bytes => "バイト / bytes",
        Pieces => "件 / count",
        Levels => "段 / levels",
        Seconds => "秒 / seconds",
        Days => "日 / days",
        Months => "か月 / months",
        Milliseconds => "ミリ秒 / milliseconds",
    }
}

/// Digits in threes.
fn grouped(digits: &str) -> String {
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn answer(answer: Answer) -> Texts {
    match answer {
        TooLarge => fault(&Fault::limit("", 0)),
        TooLargeOr(id) => both(fault(&Fault::limit("", 0)), "、", "; ", error(&[id])),
        Stalled => {
            let closed = (
                "要求がなければ接続を閉じる".into(),
                "without a request the connection is closed".into(),
            );
            both(fault(&Fault::stalled(0)), "、", "; ", closed)
        }
        ReplyRefused => fault(&Fault::reply_refused("")),
        Overdue => fault(&Fault::overdue(0)),
        Row(id) => error(&[id]),
        Rows(one, other) => error(&[one, other]),
        Rejected => (
            "HL7 v2: MSA-1 は AR、上限の名前つき".into(),
            "HL7 v2: AR in MSA-1, which names the limit".into(),
        ),
        Otherwise(ja, en) => (ja.into(), en.into()),
    }
}

type Texts = (String, String);

fn both(one: Texts, ja: &str, en: &str, other: Texts) -> Texts {
    (format!("{}{ja}{}", one.0, other.0), format!("{}{en}{}", one.1, other.1))
}

/// A fault names the setting and its value.
fn fault(fault: &Fault) -> Texts {
    let (code, status) = (format!("{:?}", fault.code), fault.http_status());
    (
        format!("SOAPフォールト {code}(HTTP {status})、上限の名前つき"),
        format!("SOAP fault {code} (HTTP {status}), which names the limit"),
    )
}

fn error(ids: &[&str]) -> Texts {
    let mut codes = Vec::new();
    for id in ids {
        let (rule, reporter) = [Registry, Repository]
            .into_iter()
            .find_map(|r| rule(r, id).map(|rule| (rule, r)))
            .unwrap();
        codes.push(rule.code.name(reporter));
    }
    codes.dedup();
    let codes = codes.join(", ");
    (codes.clone(), codes)
}

#[test]
fn every_number_says_what_is_answered() {
    let numbers = numbers();
    let keys: Vec<&str> = numbers.iter().map(|d| d.key).collect();
    for (key, ..) in LIMITS {
        assert!(keys.contains(key), "{key} is no number among the settings");
    }
    for key in keys {
        let is = |limit: &&(&str, Unit, Answer)| limit.0 == key;
        assert_eq!(LIMITS.iter().filter(is).count(), 1, "{key}");
    }
}
