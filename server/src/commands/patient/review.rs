//! `renkei patient review`: the pairs that wait for somebody, the oldest first, side by side with the reason.

use super::desk::Desk;
use super::shown;
use crate::commands::house::HouseArguments;
use crate::show;
use renkei_atna::record::Action;
use renkei_identity::{Place, Question, Waiting};
use serde_json::{Value, json};

/// The most pairs that one look shows.
const MOST: u16 = 100;

/// How many.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    house: HouseArguments,
    /// How many pairs to show, 1 to 100. 表示する組の数。
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=i64::from(MOST)))]
    limit: u16,
    /// Go on behind this pair, as the last look said. 続きから表示する。
    #[arg(long, value_name = "PLACE", value_parser = place)]
    after: Option<Place>,
    /// Report as JSON on standard output. JSONで出力する。
    #[arg(long)]
    json: bool,
}

fn place(text: &str) -> Result<Place, String> {
    let parts: Option<Vec<i64>> = text.split('-').map(|part| part.parse().ok()).collect();
    match parts.as_deref() {
        Some([since, low, high]) => Ok(Place(*since, *low, *high)),
        _ => Err("expected a place as review tells it / review が示した位置を指定してください"
            .to_owned()),
    }
}

fn written(Place(since, low, high): Place) -> String {
    format!("{since}-{low}-{high}")
}

/// Status 0, whether somebody waits or not. Whose records were looked at goes on record before they are shown.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let desk = Desk::open(&arguments.house)?;
    let (waiting, count, left_out) = crate::commands::runtime()?.block_on(async {
        let found = async {
            let after = arguments.after.unwrap_or_default();
            let waiting = desk.identity.review(after, arguments.limit).await?;
            let (count, left_out) = desk.identity.backlog().await?;
            let both = waiting.iter().flat_map(|one| &one.people);
            let names: Vec<String> = both.map(|found| found.id.to_string()).collect();
            if !names.is_empty() {
                let deed = (Action::Read, "確認待ちの組を表示 / work list shown");
                desk.on_record(deed, &names, async { anyhow::Ok(()) }).await?;
            }
            anyhow::Ok((waiting, count, left_out))
        };
        let found = found.await;
        desk.close().await;
        found
    })?;
    match arguments.json {
        true => show::json_line(&json!({
            "waiting": count,
            "leftOut": left_out,
            "pairs": waiting.iter().map(as_json).collect::<Vec<_>>(),
        }))?,
        false => tell(&waiting, count, left_out)?,
    }
    Ok(0)
}

const fn words(question: Question) -> &'static str {
    match question {
        Question::Same => "同一人物ですか / one person?",
        Question::Contradiction => {
            "同一人物とする情報と、それに反する判断があります / something says that they are one, and something forbids it"
        }
        Question::Merge => {
            "同一人物とみられる人に患者IDが2つあります。統合しますか / two patient ids, as it seems of one person; merge them?"
        }
    }
}

fn as_json(waiting: &Waiting) -> Value {
    let question = match waiting.question {
        Question::Same => "same",
        Question::Contradiction => "contradiction",
        Question::Merge => "merge",
    };
    json!({
        "question": question,
        "people": waiting.people.iter().map(shown::person).collect::<Vec<_>>(),
        "verdict": waiting.verdict.as_ref().map(shown::verdict_json),
        "since": waiting.since,
        "proposal": waiting.proposal.as_ref().map(shown::proposal_json),
        "after": written(waiting.next),
    })
}

fn tell(waiting: &[Waiting], count: i64, left_out: i64) -> anyhow::Result<()> {
    for (number, one) in (1..).zip(waiting) {
        let since = one.since.format("%Y-%m-%d");
        show::line(&format!("── {number}  {since}  {}", words(one.question)))?;
        show::line(shown::side_by_side(&one.people).trim_end())?;
        if let Some(verdict) = &one.verdict {
            show::line(&format!("\n{}", shown::verdict(verdict).trim_end()))?;
        }
        if let Some(proposal) = &one.proposal {
            show::line(shown::proposal(proposal).trim_end())?;
        }
        let [a, b] = &one.people;
        show::line(&match one.question {
            Question::Same | Question::Contradiction => format!(
                "→ renkei patient link '{}' '{}' | renkei patient unlink '{}' '{}'\n",
                a.id, b.id, a.id, b.id
            ),
            Question::Merge => format!(
                "→ renkei patient merge '{}' '{}' | renkei patient unlink '{}' '{}'\n",
                b.id, a.id, a.id, b.id
            ),
        })?;
    }
    show::line(&format!("確認待ち {count}組 / {count} pairs wait"))?;
    if left_out > 0 {
        show::line(&format!(
            "多すぎるため比べていない鍵 {left_out} / {left_out} keys that too many records have are not compared"
        ))?;
    }
    if let Some(last) = waiting.last() {
        show::line(&format!("続き / more: --after {}", written(last.next)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_told() {
        let told = Place(1_700_000_000_000_000, 3, 12);
        assert_eq!(place(&written(told)), Ok(told));
        for wrong in ["", "1-2", "1-2-3-4", "a-b-c"] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }
}
