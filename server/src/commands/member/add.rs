//! `renkei member add`: somebody applied to be a member.

use super::desk::Desk;
use super::{id, said, shown};
use crate::commands::house::HouseArguments;
use crate::members::{About, Deed, Kind, Member, MemberId, NotAKind};
use crate::show;

/// Who.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The id that it gets, for good. 会員id(以後変わらない)。
    #[arg(value_name = "ID", value_parser = id)]
    id: MemberId,
    /// institution, clinic, pharmacy, insurer, agency, employer or phr-operator. 種別。
    #[arg(long, value_name = "K", value_parser = |s: &str| s.parse::<Kind>().map_err(|e: NotAKind| e))]
    kind: Kind,
    /// Its name, as it writes it. 名称。
    #[arg(long, value_name = "NAME", value_parser = said)]
    name: String,
    /// Its number: 10 digits of an institution, a clinic or a pharmacy, 8 of an insurer or an agency, the code of an
    /// employer. 機関番号、保険者番号、事業所コードなど。
    #[arg(long, value_name = "NO")]
    number: Option<String>,
    /// The member to which it belongs. 親機関の会員id。
    #[arg(long, value_name = "ID", value_parser = id)]
    parent: Option<MemberId>,
    /// Who answers for it, and how they are reached. 責任者と連絡先。
    #[arg(long, value_name = "TEXT", value_parser = said)]
    contact: String,
    /// What else is to be remembered of the application. 備考。
    #[arg(long, value_name = "TEXT", value_parser = said)]
    note: Option<String>,
    /// Who enters it; without it, the account of the system. 登録者。
    #[arg(long, value_name = "NAME", value_parser = said)]
    by: Option<String>,
    #[command(flatten)]
    house: HouseArguments,
    /// Tell it as JSON. JSONで出力する。
    #[arg(long)]
    json: bool,
}

/// Status 0.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let desk = Desk::open(&arguments.house, arguments.by.as_deref())?;
    let about = About {
        kind: arguments.kind,
        name: arguments.name.clone(),
        number: arguments.number.clone(),
        parent: arguments.parent.as_ref().map(ToString::to_string),
        contact: arguments.contact.clone(),
        history: vec![desk.event(Deed::Add, None, arguments.note.as_deref())],
    };
    let member = Member { id: arguments.id.clone(), about };
    desk.held.permits(&member)?;
    desk.carry_out(&member, &[], || Ok(()))?;
    match arguments.json {
        true => show::json_line(&shown::as_json(&member, &shown::Nodes::at(&desk, &member)?))?,
        false => show::line(&format!(
            "{}  {} 登録しました。準備が整ったら `renkei member prepare {0}`、証明書は `renkei pki issue --member {0}` です / entered; go on with `renkei member prepare {0}`, and `renkei pki issue --member {0}`",
            member.id, member.about.name
        ))?,
    }
    Ok(0)
}
