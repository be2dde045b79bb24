//! Whose node is let in: a member's, if it is one's.

use super::super::house::HouseArguments;
use super::super::member::desk::Desk;
use crate::members::{Deed, Member, MemberId, Members, Refused};
use crate::pki::{Entitlement, NodeName};
use renkei_context::{Role, Roles};

/// The member whose node it is to be, as it is with this certificate, held until that is issued; `None` for a node of
/// nobody. A house without members does not notice.
pub(super) fn bound(
    house: &HouseArguments,
    (member, by): (Option<&MemberId>, Option<&str>),
    node: &NodeName,
    (roles, entitlement): (&Roles, &Entitlement),
) -> anyhow::Result<Option<(Desk, Member)>> {
    if member.is_none() && Members::of(&house.data_dir).is_empty()? {
        return Ok(None);
    }
    let desk = Desk::open(house, by)?;
    let (node, members) = (node.as_str(), desk.held.members());
    let member = match (member, members.owner(node)?) {
        (None, None) => return Ok(None),
        (Some(id), Some(owner)) if owner.id != *id => {
            return Err(Refused::OfAnother { node: node.to_owned(), other: owner.id }.into());
        }
        (_, Some(owner)) => owner,
        (Some(id), None) => members.get(id)?,
    };
    member.permits(entitlement)?;
    let roles: Vec<&str> = roles.iter().map(Role::name).collect();
    let note = format!("{}; {entitlement}", roles.join(", "));
    let member = member.after(desk.event(Deed::Issue, Some(node), Some(&note)))?;
    Ok(Some((desk, member)))
}
