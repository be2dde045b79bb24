//! Mandates as they are shown: states, counts and errors, never data.

use crate::mandates::{Event, Life, Mandate};
use crate::show;
use chrono::{DateTime, SecondsFormat, Utc};
use renkei_context::in_japan;
use serde_json::{Value, json};

/// A mandate without its history.
pub(super) fn as_json(mandate: &Mandate, now: DateTime<Utc>) -> Value {
    let (about, life) = (&mandate.about, mandate.life(now));
    let granted = life.grants.iter().map(|(by, hours)| json!({ "by": by, "hours": hours }));
    json!({
        "id": mandate.id,
        "member": about.member,
        "state": life.state,
        "state_ja": life.state.words().ja,
        "until": time(life.until),
        "reason": about.reason,
        "sha256": about.sha256,
        "size": about.size,
        "rows": about.rows,
        "accepted": about.accepted,
        "errors": about.errors,
        "asked_by": life.asked_by,
        "granted": granted.collect::<Vec<_>>(),
        "opened": life.opened,
        "erased": life.erased,
    })
}

pub(super) fn event_json(event: &Event) -> Value {
    json!({
        "at": time(event.at),
        "what": event.what,
        "by": event.by,
        "account": event.account,
        "hours": event.hours,
        "note": event.note,
    })
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A time in Japan, for people.
pub(super) fn moment(at: DateTime<Utc>) -> String {
    in_japan(at).format("%Y-%m-%d %H:%M").to_string()
}

/// What became of the sealed copy, for people.
pub(super) const fn copy(life: &Life) -> &'static str {
    match (life.erased, life.is_over()) {
        (true, _) => "消去済 / erased",
        (false, true) => "消去待ち / to be erased",
        (false, false) => "封印中 / sealed",
    }
}

/// Mandates in rows, under titles in both languages.
pub(super) fn table(mandates: &[Mandate], now: DateTime<Utc>) -> String {
    let head = ["委任", "状態", "期限", "会員", "取り出し", "写し", "エラー"];
    let english = ["mandate", "state", "until", "member", "opened", "copy", "errors"];
    let mut rows = vec![head.map(str::to_owned), english.map(str::to_owned)];
    rows.extend(mandates.iter().map(|mandate| {
        let life = mandate.life(now);
        let state = life.state.words();
        [
            mandate.id.to_string(),
            format!("{} / {}", state.ja, state.en),
            moment(life.until),
            mandate.about.member.clone(),
            life.opened.to_string(),
            copy(&life).to_owned(),
            mandate.errors(),
        ]
    }));
    show::aligned(&rows)
}
