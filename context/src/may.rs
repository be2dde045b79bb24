//! The one decision: may somebody do something to something.
//!
//! Every part of the house asks here, and nothing else looks at what a node is entitled to. What a statement of SQL has
//! to decide row by row is given to it as a [`Scope`], which is the same decision before the object is known. Who
//! stands behind a node, and what a person consents to, enter here as rules of their own.

use crate::{Ctx, Labels, Role, Scope, Sources};

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Have a transaction carried out.
    Call,
    /// Know of an object.
    See,
    /// Replace, add to, file into, update or remove an object.
    Change,
    /// Submit documents (ITI-41).
    Submit,
    /// Register entries (ITI-42, ITI-61).
    Register,
    /// Name an identifier of a person beside others (ITI-8, ITI-44).
    Name,
    /// Announce somebody by an identifier, end it or move it (ITI-8, ITI-44, ITI-64).
    Feed,
    /// Ask on behalf of a node, whose grants then decide.
    SpeakFor,
}

impl Action {
    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::See => "see",
            Self::Change => "change",
            Self::Submit => "submit",
            Self::Register => "register",
            Self::Name => "name",
            Self::Feed => "feed",
            Self::SpeakFor => "speak-for",
        }
    }
}

/// To what.
#[derive(Clone, Copy, Debug)]
pub enum Object<'a> {
    /// A transaction, in one of the roles that may call it.
    As(Role),
    /// An object of the registry, by its labels.
    Labelled(&'a Labels),
    /// Under a SubmissionSet.sourceId.
    Source(&'a str),
    /// A document whose authors are of this institution (`id^^OID`).
    Institution(&'a str),
    /// For a repositoryUniqueId; `None` for an entry without one, or a submission without entries.
    Repository(Option<&'a str>),
    /// A homeCommunityId that an object states, and that of the house, if it has one.
    Community(&'a str, Option<&'a str>),
    /// The authority of an identifier of a person, an OID.
    Authority(&'a str),
    /// A node, by its name.
    Node(&'a str),
}

/// Why not. What a peer is told of it is the matter of whoever asks: often nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum No {
    /// No certificate was issued to it for this role.
    NotInThisRole,
    /// Nothing that it is entitled to opens this object.
    OutOfScope,
    /// The sourceId is another's.
    AnotherSource,
    /// The institution is another's.
    AnotherInstitution,
    /// The repository is another's, or it registers for none at all.
    AnotherRepository,
    /// The object is said to be of another community.
    AnotherCommunity,
    /// The authority is another's.
    AnotherAuthority,
    /// It does not speak for that node.
    AnotherNode,
    /// No rule speaks of it.
    NoRule,
}

impl No {
    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotInThisRole => "not-in-this-role",
            Self::OutOfScope => "out-of-scope",
            Self::AnotherSource => "another-source",
            Self::AnotherInstitution => "another-institution",
            Self::AnotherRepository => "another-repository",
            Self::AnotherCommunity => "another-community",
            Self::AnotherAuthority => "another-authority",
            Self::AnotherNode => "another-node",
            Self::NoRule => "no-rule",
        }
    }
}

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Of which action.
    pub action: Action,
    /// What it is asked of, in Japanese and English.
    pub object: [&'static str; 2],
    /// When the answer is yes, in Japanese and English.
    pub when: [&'static str; 2],
    /// The answer otherwise.
    pub otherwise: No,
    /// `None` of what the rule does not speak of.
    is_met: fn(&Ctx, Object<'_>) -> Option<bool>,
}

/// Decides.
///
/// # Errors
/// Why not.
pub fn may(ctx: &Ctx, action: Action, object: Object<'_>) -> Result<(), No> {
    let of_action = RULES.iter().filter(|rule| rule.action == action);
    let decided = of_action.filter_map(|rule| Some((rule, (rule.is_met)(ctx, object)?)));
    match decided.into_iter().next() {
        Some((_, true)) => Ok(()),
        Some((rule, false)) => Err(rule.otherwise),
        None => Err(No::NoRule),
    }
}

/// The objects of which the answer is yes: for [`Action::See`] and [`Action::Change`], what a search has to leave. All
/// other actions are of no object of the registry.
pub fn within(ctx: &Ctx, action: Action) -> Scope {
    match action {
        Action::See if may_query(ctx) => ctx.origin.grants.sees.clone(),
        Action::Change => ctx.origin.grants.changes.clone(),
        Action::See
        | Action::Call
        | Action::Submit
        | Action::Register
        | Action::Name
        | Action::Feed
        | Action::SpeakFor => Scope::Nothing,
    }
}

/// Whether it may query at all in the role in which it acts, or in one of its roles where none is decided.
fn may_query(ctx: &Ctx) -> bool {
    let may_query = |role| match role {
        Role::Source | Role::Repository | Role::Consumer | Role::Administrator | Role::Gateway => {
            true
        }
        Role::Feed | Role::Auditor => false,
    };
    match ctx.role {
        Some(role) => may_query(role),
        None => ctx.caller.roles.iter().any(may_query),
    }
}

/// The sourceId that becomes the caller's own by a submission under it that is permitted, where none was issued.
pub fn binds_source(ctx: &Ctx) -> bool {
    matches!(ctx.origin.grants.sources, Sources::First { .. })
}

/// The rules, one for each action and kind of object.
pub static RULES: &[Rule] = &[
    Rule {
        action: Action::Call,
        object: ["トランザクション", "a transaction"],
        when: [
            "証明書に、呼べる役割がある",
            "its certificate was issued for a role that may call it",
        ],
        otherwise: No::NotInThisRole,
        is_met: |ctx, object| match object {
            Object::As(role) => Some(ctx.caller.roles.has(role)),
            _ => None,
        },
    },
    Rule {
        action: Action::See,
        object: ["レジストリのもの", "an object of the registry"],
        when: [
            "最初に求めたノードの `--scope` に当たる",
            "the `--scope` of the node that asked first opens it",
        ],
        otherwise: No::OutOfScope,
        is_met: |ctx, object| in_scope(ctx, Action::See, object),
    },
    Rule {
        action: Action::Change,
        object: ["レジストリのもの", "an object of the registry"],
        when: [
            "最初に求めたノードが登録したもの、その機関(`--scope institution=`)のもの、または `domain`",
            "the node that asked first submitted it, it is of its institution (`--scope institution=`), or it has `domain`",
        ],
        otherwise: No::OutOfScope,
        is_met: |ctx, object| in_scope(ctx, Action::Change, object),
    },
    Rule {
        action: Action::Submit,
        object: ["sourceId", "a sourceId"],
        when: [
            "`--source-id` のもの。なければ、最初の登録のもので、ほかのノードのものではない",
            "it is of its `--source-id`; without the word that of its first submission, and nobody else's",
        ],
        otherwise: No::AnotherSource,
        is_met: of_source,
    },
    Rule {
        action: Action::Submit,
        object: ["著者の機関", "the institution of an author"],
        when: INSTITUTION,
        otherwise: No::AnotherInstitution,
        is_met: of_institution,
    },
    Rule {
        action: Action::Register,
        object: ["repositoryUniqueId", "a repositoryUniqueId"],
        when: [
            "直接求めたノードの `--repository-id` のもの",
            "it is of the `--repository-id` of the node that asks itself",
        ],
        otherwise: No::AnotherRepository,
        is_met: |ctx, object| match object {
            Object::Repository(Some(id)) => Some(ctx.caller.grants.repositories.permit(id)),
            Object::Repository(None) => Some(!ctx.caller.grants.repositories.is_none()),
            _ => None,
        },
    },
    Rule {
        action: Action::Register,
        object: ["sourceId", "a sourceId"],
        when: [
            "`--source-id` のもの。なければ、ほかのノードに発行されたものではない。拠点自身の登録では問わない",
            "it is of its `--source-id`; without the word none that another node was issued for; nothing is asked of the house itself",
        ],
        otherwise: No::AnotherSource,
        is_met: |ctx, object| Some(of_source(ctx, object)? || ctx.origin.is_house()),
    },
    Rule {
        action: Action::Register,
        object: ["著者の機関", "the institution of an author"],
        when: INSTITUTION,
        otherwise: No::AnotherInstitution,
        is_met: of_institution,
    },
    Rule {
        action: Action::Register,
        object: ["homeCommunityId", "a homeCommunityId"],
        when: COMMUNITY,
        otherwise: No::AnotherCommunity,
        is_met: of_community,
    },
    Rule {
        action: Action::Name,
        object: ["患者IDの発行者", "the authority of a patient id"],
        when: [
            "`identity.source_domains` でこのノードのもの、またはどのノードのものでもない",
            "`identity.source_domains` names it for the node, or for nobody",
        ],
        otherwise: No::AnotherAuthority,
        is_met: |ctx, object| match object {
            Object::Authority(oid) => Some(ctx.caller.grants.authorities.may_be_named(oid)),
            _ => None,
        },
    },
    Rule {
        action: Action::Feed,
        object: ["患者IDの発行者", "the authority of a patient id"],
        when: [
            "`identity.source_domains` でこのノードのもの。どの発行者も指定されていないノードでは、どのノードのものでもない",
            "`identity.source_domains` names it for the node; for nobody, where the node is named for none",
        ],
        otherwise: No::AnotherAuthority,
        is_met: |ctx, object| match object {
            Object::Authority(oid) => Some(ctx.caller.grants.authorities.may_be_fed(oid)),
            _ => None,
        },
    },
    Rule {
        action: Action::SpeakFor,
        object: ["最初に求めたノード", "the node that asked first"],
        when: [
            "直接求めたノードがリポジトリで、`--speaks-for` にその名前か `any` がある",
            "the node that asks itself is a repository, and its `--speaks-for` names it, or `any`",
        ],
        otherwise: No::AnotherNode,
        is_met: |ctx, object| match object {
            Object::Node(name) => {
                let caller = &ctx.caller;
                Some(caller.roles.has(Role::Repository) && caller.grants.speaks_for.permit(name))
            }
            _ => None,
        },
    },
];

/// ITI TF-3: 4.2.3.3.9. Which one a first submission binds is the matter of whoever keeps those.
fn of_source(ctx: &Ctx, object: Object<'_>) -> Option<bool> {
    match object {
        Object::Source(id) => Some(match &ctx.origin.grants.sources {
            Sources::Of(ids) => ids.permit(id),
            Sources::First { taken } => !taken.contains(id),
        }),
        _ => None,
    }
}

/// ITI TF-3: 4.2.3.1.4.2.
const INSTITUTION: [&str; 2] = [
    "`--scope institution=` の機関か、会員(`--member`)の機関。どちらもないノードと、機関番号でないものは問わない",
    "it is of its `--scope institution=`, or its member (`--member`) is it; nothing is asked of a node of no institution, nor of what is no number of one",
];

fn of_institution(ctx: &Ctx, object: Object<'_>) -> Option<bool> {
    match object {
        Object::Institution(id) => Some(ctx.origin.grants.institutions.permit(id)),
        _ => None,
    }
}

/// ITI TF-3: 4.2.3.2.12. What the house sends itself is not looked at.
const COMMUNITY: [&str; 2] = [
    "この拠点のもの。拠点自身の登録では問わない",
    "it is the house's; nothing is asked of the house itself",
];

fn of_community(ctx: &Ctx, object: Object<'_>) -> Option<bool> {
    match object {
        Object::Community(named, own) => Some(own == Some(named) || ctx.origin.is_house()),
        _ => None,
    }
}

fn in_scope(ctx: &Ctx, action: Action, object: Object<'_>) -> Option<bool> {
    match object {
        Object::Labelled(labels) => Some(within(ctx, action).permits(labels)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
