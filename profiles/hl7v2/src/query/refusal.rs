//! Queries that are refused: the answer is one of the query as far as that could be read, else a plain
//! acknowledgement (ITI TF-2: 3.9.4.2.2.6, 3.21.4.2.2.8, C.2.3).

use super::Asked;
use super::answer::write_refused;
use crate::ack::{AckCode, Nak, Problem};
use crate::msh::{Msh, Stamp};
use std::fmt;

/// A refusal, ready to be sent; it always says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub nak: Nak,
    /// The query, where it is known which it is.
    pub asked: Option<Box<Asked>>,
}

impl Refusal {
    /// The query is wrong.
    pub fn error(asked: &Asked, problems: Vec<Problem>) -> Self {
        Self::of(AckCode::Error, asked, problems)
    }

    /// The query is not answered to this sender, or not here.
    pub fn reject(asked: &Asked, problems: Vec<Problem>) -> Self {
        Self::of(AckCode::Reject, asked, problems)
    }

    /// The query is right, but cannot be answered now.
    pub fn internal(asked: &Asked) -> Self {
        Self { nak: Nak::internal(&asked.msh), asked: Some(Box::new(asked.clone())) }
    }

    fn of(code: AckCode, asked: &Asked, problems: Vec<Problem>) -> Self {
        let nak = Nak::new(code, Some(&asked.msh), problems);
        Self { nak, asked: Some(Box::new(asked.clone())) }
    }

    /// The header of the message, if it could be read.
    pub fn header(&self) -> Option<&Msh> {
        self.asked.as_deref().map(|asked| &asked.msh).or(self.nak.to.as_deref())
    }

    /// The answer to send, without frame.
    pub fn write(&self, stamp: &Stamp) -> Vec<u8> {
        match &self.asked {
            Some(asked) => write_refused(asked, &self.nak, stamp),
            None => self.nak.write(stamp),
        }
    }
}

impl From<Nak> for Refusal {
    fn from(nak: Nak) -> Self {
        Self { nak, asked: None }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.nak.fmt(f)
    }
}

impl std::error::Error for Refusal {}
