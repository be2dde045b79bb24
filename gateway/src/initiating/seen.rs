//! What entries said of their documents when they passed by: what comes later under their ids has to be
//! that. A bounded memory; what is forgotten is not compared.

use super::object::Content;
use crate::incoming::Expected;
use renkei_xds::iti43::DocumentRequest;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Entries that are remembered; some hundred octets each.
const MOST: usize = 20_000;

/// Community, repository and document.
type Key = (String, String, String);

/// The memory.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    known: HashMap<Key, Expected>,
    order: VecDeque<Key>,
}

impl Seen {
    /// Remembers what an entry of `home` says. An entry of Delayed Document Assembly (size 0, ITI TF-2:
    /// 3.38.4.1.3) says nothing yet.
    pub(super) fn note(&self, home: &str, content: &Content) {
        let Content { repository, unique_id, size, hash } = content;
        if unique_id.is_empty() || *size == Some(0) || (size.is_none() && hash.is_none()) {
            return;
        }
        let key = (home.to_owned(), repository.clone(), unique_id.clone());
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let expected = Expected { size: *size, hash: hash.clone() };
        if memory.known.insert(key.clone(), expected).is_none() {
            memory.order.push_back(key);
        }
        while memory.order.len() > MOST {
            if let Some(oldest) = memory.order.pop_front() {
                memory.known.remove(&oldest);
            }
        }
    }

    /// What is known of a document of `home`.
    pub(super) fn of(&self, home: &str, request: &DocumentRequest) -> Expected {
        let repository = request.repository.as_str().to_owned();
        let key = (home.to_owned(), repository, request.unique_id.as_str().to_owned());
        let memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        memory.known.get(&key).cloned().unwrap_or_default()
    }
}
