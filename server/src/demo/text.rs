//! What the demonstration tells people.

use super::asked::{Asked, Stopped};
use super::report::{Delivered, Followed, Made, Report, View};
use crate::endpoints;
use crate::show;
use std::io;

/// Shows a report on standard output.
pub(super) fn show(report: &Report) -> io::Result<()> {
    line(
        "連携 Renkei  健診結果の変換・登録・照会 / checkup results: converted, submitted, read"
            .into(),
    )?;
    line("\n1  変換と登録: 3つの健診機関、3つの書き方 / converted and submitted".into())?;
    for institution in &report.institutions {
        delivered(institution)?;
    }
    line("\n2  登録しなかった行とその理由 / rows refused, and why".into())?;
    for institution in &report.institutions {
        refused(institution)?;
    }
    line("\n3  ほかのコミュニティ / other communities".into())?;
    report.communities.iter().try_for_each(neighbour)?;
    if let Some(person) = &report.followed {
        followed(person, &report.communities)?;
    }
    if let Some(stopped) = &report.stopped {
        missing(stopped)?;
    }
    line(format!(
        "8  監査記録 {}件、{:.1}秒 / audit records, seconds",
        report.audit_records, report.seconds
    ))?;
    places(report)
}

fn line(text: String) -> io::Result<()> {
    show::line(&text)
}

fn delivered(institution: &Delivered) -> io::Result<()> {
    let about = &institution.about;
    line(format!("\n   {}  {}", about.institution, about.name))?;
    line(format!("   {}", about.dialect()))?;
    line(format!("   健診 / programme {} {}", about.programme, about.programme_name))?;
    for e in &institution.exports {
        line(format!(
            "   {}  {}行 → 登録 {}  訂正 {}  登録済み {}  文書 {}  エラー行 {}  / rows, submitted, corrected, repeated, documents, refused",
            e.name,
            e.rows,
            e.submitted,
            e.corrected,
            e.repeated,
            e.documents,
            e.refused.len()
        ))?;
    }
    Ok(())
}

fn refused(institution: &Delivered) -> io::Result<()> {
    for e in &institution.exports {
        for r in &e.refused {
            line(format!(
                "   {}/{}  {}\n      {}",
                institution.about.institution, e.name, r.ja, r.en
            ))?;
        }
    }
    Ok(())
}

fn followed(person: &Followed, asked: &[Asked]) -> io::Result<()> {
    line(format!("\n   一人の受診者を追って / one person followed: {}", person.patient))?;
    line("\n4  産業医のシステムから、3つのコミュニティを一度に / from an occupational doctor's system, all three communities at once".into())?;
    line("   氏名・生年月日・性別で照会し、相手の患者IDで検索しました / each was asked as whom it knows the person".into())?;
    asked.iter().try_for_each(known_as)?;
    view(&person.statutory, "法定項目の文書 / documents with the statutory items")?;
    line(format!(
        "   ほかの文書 {}件は、この産業医には存在しないものと同じ応答 / other documents that are answered to this doctor as if they did not exist\n",
        person.hidden
    ))?;
    line("5  本人のシステムから / from the person's own system".into())?;
    view(&person.full, "全項目の文書 / documents with everything")?;
    years(&person.years)
}

fn neighbour(asked: &Asked) -> io::Result<()> {
    let Asked { name, export: Some(e), .. } = asked else { return Ok(()) };
    line(format!(
        "   {name}  {}行 → 登録 {}  登録済み {}  / rows, submitted, repeated",
        e.rows, e.submitted, e.repeated
    ))
}

/// As whom a community knows the person: our own id, or the one that it told.
fn known_as(asked: &Asked) -> io::Result<()> {
    let how = match asked.export {
        None => "このコミュニティの患者ID / our patient id",
        Some(_) => "患者照会で得た相手の患者ID / its patient id, found by ITI-55",
    };
    line(format!("   {}  {}  ({how})", asked.name, asked.patient))
}

/// What the doctor is told.
fn missing(stopped: &Stopped) -> io::Result<()> {
    line(format!("7  {}を止めると / when this community is stopped", stopped.name))?;
    for told in &stopped.told {
        line(format!("   {told}"))?;
    }
    line(format!("   取得できた文書 {}件 / documents retrieved", stopped.view.retrieved))?;
    for title in &stopped.view.titles {
        line(format!("   {title}"))?;
    }
    line(String::new())
}

fn years(made: &Made) -> io::Result<()> {
    line("6  一つの文書にまとめて / the same as one document, made when it is asked for".into())?;
    line(format!(
        "   オンデマンド文書 {}、{}件の健診、{}バイト / On-Demand document, checkups, bytes",
        made.document,
        made.checkups.len(),
        made.bytes
    ))?;
    for (what, source) in &made.checkups {
        line(format!("   {what}  ← {source}"))?;
    }
    line(String::new())
}

fn view(view: &View, what: &str) -> io::Result<()> {
    line(format!(
        "   {what}: {}件を照会、{}件を取得、大きさとハッシュを照合済み / found, retrieved, size and hash verified",
        view.found, view.retrieved
    ))?;
    for title in &view.titles {
        line(format!("   {title}"))?;
    }
    line(format!("\n{}", view.table))
}

fn places(report: &Report) -> io::Result<()> {
    line("\n9  どこで動いているか / where everything runs".into())?;
    let e = &report.endpoints;
    for (name, endpoint) in [
        ("レジストリ / registry", &endpoints::REGISTRY),
        ("リポジトリ / repository", &endpoints::REPOSITORY),
        ("患者フィード / patient feed", &endpoints::PATIENT_FEED),
        ("ゲートウェイ / gateway", &endpoints::INITIATING_GATEWAY),
        ("管理 / admin", &endpoints::ADMIN),
    ] {
        line(format!("   {name}  {}", e.get(endpoint).unwrap_or("-")))?;
    }
    line(format!("   データ / data  {}", report.data_dir.display()))
}
