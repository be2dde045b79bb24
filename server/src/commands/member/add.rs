//! `renkei member add`: somebody applied to be a member.

use super::desk::DeskArguments;
use super::{id, said};
use crate::members::{About, Deed, Kind, Member, MemberId, NotAKind};

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
    #[command(flatten)]
    desk: DeskArguments,
}

/// Status 0.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let desk = arguments.desk.open()?;
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
    let told = format!(
        "{}  {} 登録しました。準備が整ったら `renkei member prepare {0}`、証明書は `renkei pki issue --member {0}` です / entered; go on with `renkei member prepare {0}`, and `renkei pki issue --member {0}`",
        member.id, member.about.name
    );
    arguments.desk.tell(&desk, &member, &told)
}
