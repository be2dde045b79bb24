//! `renkei patient link`, `unlink` and `undo`: what somebody decides of two records. It is remembered, holds against
//! the rules, and can be taken back.

use super::PairArguments;
use super::desk::Desk;
use crate::commands::house::HouseArguments;
use crate::show;
use chrono::Utc;
use renkei_atna::record::Action;
use renkei_identity::Decision;
use serde_json::json;

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

/// What is wished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Link,
    Unlink,
    Undo,
}

impl Wish {
    /// As an auditor reads it.
    const fn deed(self) -> &'static str {
        match self {
            Self::Link => "同一人物とした / decided to be one person",
            Self::Unlink => "別人とした / decided to be two persons",
            Self::Undo => "判断を取り消した / decision taken back",
        }
    }

    const fn told(self) -> &'static str {
        match self {
            Self::Link => "同一人物として記録しました / one person from now on",
            Self::Unlink => "別人として記録しました / two persons from now on",
            Self::Undo => {
                "判断を取り消しました。以後は規則によります / the decision was taken back; the rules decide"
            }
        }
    }
}

/// Status 0.
pub(super) fn run(wish: Wish, arguments: &Arguments) -> anyhow::Result<u8> {
    let desk = Desk::open(&arguments.house)?;
    let PairArguments { a, b } = &arguments.pair;
    let by = Desk::operator();
    crate::commands::runtime()?.block_on(async {
        let (identity, now) = (desk.identity.clone(), Utc::now());
        let work = async {
            match wish {
                Wish::Link => identity.decide([a, b], Decision::Same, &by, now).await,
                Wish::Unlink => identity.decide([a, b], Decision::NotTheSame, &by, now).await,
                Wish::Undo => identity.undo([a, b], &by, now).await,
            }
        };
        let deed = (Action::Update, wish.deed());
        let done = desk.on_record(deed, &arguments.pair.names(), work).await;
        desk.close().await;
        done
    })?;
    match arguments.json {
        true => {
            let word = match wish {
                Wish::Link => "link",
                Wish::Unlink => "unlink",
                Wish::Undo => "undo",
            };
            show::json_line(&json!({ "did": word, "pair": arguments.pair.names(), "by": by }))?;
        }
        false => show::line(&format!("{a}  {b}  {}", wish.told()))?,
    }
    Ok(0)
}
