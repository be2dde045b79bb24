//! Whose node is let in: a member's, if it is one's.

use super::super::house::HouseArguments;
use super::super::member::{self, desk::Desk};
use crate::members::{Deed, Member, MemberId, Members, NotAMemberId, Refused};
use crate::pki::{Entitlement, NodeName};
use renkei_context::{Role, Roles};
use std::collections::HashMap;

/// Whose, and who says so.
#[derive(Debug, clap::Args)]
pub(super) struct MemberArguments {
    /// The member whose node it is: its scope is of the member's own number, or everything, which a second administrator
    /// approves. A node that was issued for a member stays its node. 会員id。
    #[arg(long, value_name = "ID", value_parser = |s: &str| s.parse::<MemberId>().map_err(|e: NotAMemberId| e))]
    member: Option<MemberId>,
    /// Who issues it, as the member's history tells; without it, the account of the system. 発行を依頼した人。
    #[arg(long, value_name = "NAME", requires = "member", value_parser = member::said)]
    by: Option<String>,
}

/// The members while nodes are let in, and whose each node is.
pub(super) struct Owners {
    desk: Desk,
    asked: Option<MemberId>,
    of: HashMap<String, MemberId>,
}

impl MemberArguments {
    /// Keeps others from changing members meanwhile; `None` in a house without any.
    pub(super) fn hold(&self, house: &HouseArguments) -> anyhow::Result<Option<Owners>> {
        if self.member.is_none() && Members::of(&house.data_dir).is_empty()? {
            return Ok(None);
        }
        let desk = Desk::open(house, self.by.as_deref())?;
        let of = desk.held.members().owners()?;
        Ok(Some(Owners { desk, asked: self.member.clone(), of }))
    }
}

impl Owners {
    /// What a node is entitled to as its member's: bound to the institution that the member is. Whatever its scope, it
    /// brings documents of no author of another.
    pub(super) fn entitle(
        &self,
        node: &NodeName,
        entitlement: Entitlement,
    ) -> anyhow::Result<Entitlement> {
        let Some(id) = self.asked.as_ref().or_else(|| self.of.get(node.as_str())) else {
            return Ok(entitlement);
        };
        let member = self.desk.held.members().get(id)?;
        Ok(entitlement.of_member(member.institution()?))
    }

    /// The member whose node it is to be, as it is with this certificate; `None` for a node of nobody.
    pub(super) fn member(
        &self,
        node: &NodeName,
        roles: &Roles,
        entitlement: &Entitlement,
    ) -> anyhow::Result<Option<Member>> {
        let node = node.as_str();
        let id = match (&self.asked, self.of.get(node)) {
            (None, None) => return Ok(None),
            (Some(asked), Some(owner)) if owner != asked => {
                return Err(
                    Refused::OfAnother { node: node.to_owned(), other: owner.clone() }.into()
                );
            }
            (_, Some(id)) | (Some(id), None) => id,
        };
        let member = self.desk.held.members().get(id)?;
        member.permits(entitlement)?;
        let roles: Vec<&str> = roles.iter().map(Role::name).collect();
        let note = format!("{}; {entitlement}", roles.join(", "));
        Ok(Some(member.after(self.desk.event(Deed::Issue, Some(node), Some(&note)))?))
    }

    /// Lets a node of a member in by `work`, on record and in the member's history.
    pub(super) fn let_in<T>(
        &self,
        member: &Member,
        node: &NodeName,
        work: impl FnOnce() -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        self.desk.carry_out(member, &[node.to_string()], work)
    }
}
