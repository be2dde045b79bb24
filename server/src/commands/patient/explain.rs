//! `renkei patient explain`: why two records are, or are not, one person.

use super::PairArguments;
use super::desk::Desk;
use super::shown;
use crate::commands::house::HouseArguments;
use crate::show;
use renkei_atna::record::Action;
use renkei_identity::{Decision, Explanation};
use serde_json::{Value, json};

/// Of whom.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    house: HouseArguments,
    #[command(flatten)]
    pair: PairArguments,
    /// Report as JSON on standard output. JSONで出力する。
    #[arg(long)]
    json: bool,
}

/// Status 0.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let desk = Desk::open(&arguments.house)?;
    let PairArguments { a, b } = &arguments.pair;
    let explanation = crate::commands::runtime()?.block_on(async {
        let deed = (Action::Read, "名寄せの理由を表示 / matching explained");
        let work = desk.identity.explain(a, b);
        let explained = desk.on_record(deed, &arguments.pair.names(), work).await;
        desk.close().await;
        explained
    })?;
    match arguments.json {
        true => show::json_line(&as_json(&explanation))?,
        false => tell(&explanation)?,
    }
    Ok(0)
}

fn decided(decision: Decision) -> &'static str {
    match decision {
        Decision::Same => "same",
        Decision::NotTheSame => "not-the-same",
    }
}

fn as_json(known: &Explanation) -> Value {
    json!({
        "people": known.people.iter().map(shown::person).collect::<Vec<_>>(),
        "isOne": known.is_one,
        "told": known.told,
        "verdict": shown::verdict_json(&known.verdict),
        "kept": known.kept.as_ref().map(|(verdict, at)| {
            json!({ "verdict": shown::verdict_json(verdict), "at": at })
        }),
        "decided": known.decided.map(decided),
        "history": known.history,
        "proposal": known.proposal.as_ref().map(shown::proposal_json),
    })
}

fn tell(known: &Explanation) -> anyhow::Result<()> {
    show::line(shown::side_by_side(&known.people).trim_end())?;
    show::line(match known.is_one {
        true => "\n同一人物として結ばれています / linked as one person",
        false => "\n結ばれていません / not linked",
    })?;
    if let Some(at) = known.told {
        let at = at.format("%Y-%m-%dT%H:%M:%SZ");
        show::line(&format!("患者フィードの通知による({at}) / told by the patient feed at {at}"))?;
    }
    match known.decided {
        Some(Decision::Same) => show::line("人の判断: 同一人物 / decided: one person")?,
        Some(Decision::NotTheSame) => show::line("人の判断: 別人 / decided: two persons")?,
        None => {}
    }
    if let Some(proposal) = &known.proposal {
        show::line(shown::proposal(proposal).trim_end())?;
    }
    if !known.history.is_empty() {
        show::line(shown::history(&known.history).trim_end())?;
    }
    if let Some((_, at)) = &known.kept {
        let at = at.format("%Y-%m-%dT%H:%M:%SZ");
        show::line(&format!("規則による判定の記録 {at} / judged by rules at {at}"))?;
    }
    show::line(&format!("\n{}", shown::verdict(&known.verdict).trim_end()))?;
    Ok(())
}
