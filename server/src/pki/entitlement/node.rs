//! Nodes on whose behalf another one asks, in the words of `--speaks-for`.

use super::super::NodeName;
use renkei_context::GrantedIds;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// The word for whichever.
const ANY: &str = "any";

/// A node, or any: the word of `--speaks-for`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) enum Node {
    /// Any but those of the house itself.
    Any,
    /// This one.
    Named(NodeName),
}

/// A word that names no node.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} は代わりに要求できるノードの名前ではありません。renkei pki list にあるほかのノードの名前か any を指定してください / is no node to speak for; use the name of another node as renkei pki list has it, or any"
)]
pub(crate) struct NotANode(String);

impl FromStr for Node {
    type Err = NotANode;

    fn from_str(text: &str) -> Result<Self, NotANode> {
        let wrong = || NotANode(text.to_owned());
        match text.parse::<NodeName>() {
            _ if text == ANY => Ok(Self::Any),
            Ok(name) if !name.is_own() => Ok(Self::Named(name)),
            Ok(_) | Err(_) => Err(wrong()),
        }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str(ANY),
            Self::Named(name) => write!(f, "{name}"),
        }
    }
}

as_text!(Node, NotANode);

/// What they come to.
pub(super) fn ids(nodes: &BTreeSet<Node>) -> GrantedIds {
    match nodes.contains(&Node::Any) {
        true => GrantedIds::any(),
        false => GrantedIds::Listed(nodes.iter().map(Node::to_string).collect()),
    }
}
