//! Which document is asked for next, and what became of each: everything about reading a person's
//! checkups but the calls.

use crate::checkups::{Document, Form, checkups};
use crate::document::report;
use crate::told::{About, NotShown, Remark};
use crate::trouble::Trouble;
use crate::verify::verify;
use crate::years::Retrieved;
use renkei_checkup::hs037::Report;
use renkei_metadata::ids::RepositoryUniqueId;
use renkei_metadata::model::DocumentEntry;
use std::collections::{HashMap, VecDeque};

/// A checkup that is shown.
pub(crate) struct Shown {
    pub(crate) about: About,
    pub(crate) report: Report,
    pub(crate) document: Retrieved,
}

impl Shown {
    /// Day of the checkup, of the document, else of its entry.
    pub(crate) fn date(&self) -> String {
        let date = self.report.exam_date.map(|date| date.to_string());
        date.unwrap_or_else(|| self.about.date.clone())
    }
}

/// What was gathered.
#[derive(Default)]
pub(crate) struct Gathered {
    /// Entries that tell of checkups.
    pub(crate) found: usize,
    pub(crate) retrieved: usize,
    pub(crate) verified: usize,
    pub(crate) shown: Vec<Shown>,
    pub(crate) not_shown: Vec<NotShown>,
    pub(crate) remarks: Vec<Remark>,
}

/// The checkups of a person while they are read.
pub(crate) struct Gathering {
    open: VecDeque<VecDeque<Document>>,
    gathered: Gathered,
    /// Why the documents of the first open checkup that were tried are not shown.
    failed: Vec<NotShown>,
    /// Repositories that fare the same with every document.
    lasting: HashMap<Option<RepositoryUniqueId>, Trouble>,
}

impl Gathering {
    pub(crate) fn new(entries: Vec<DocumentEntry>) -> Self {
        let checkups = checkups(entries);
        let counts = |documents: &Vec<Document>| {
            let shown = documents.iter().filter(|(form, _)| form.is_some()).count();
            if shown == 0 { documents.len() } else { shown }
        };
        let found = checkups.iter().map(counts).sum();
        Self {
            open: checkups.into_iter().map(VecDeque::from).collect(),
            gathered: Gathered { found, ..Gathered::default() },
            failed: Vec::new(),
            lasting: HashMap::new(),
        }
    }

    /// The document to ask for; none when every checkup is shown or cannot be. It has to be answered
    /// by [`Gathering::give`].
    pub(crate) fn next(&mut self) -> Option<DocumentEntry> {
        loop {
            let checkup = self.open.front()?;
            let Some((Some(_), entry)) = checkup.front() else {
                if self.failed.is_empty() {
                    let formless = checkup.iter().map(|(_, entry)| entry);
                    self.failed.extend(formless.map(|entry| not_shown(entry, &Trouble::Format)));
                }
                self.close(None);
                continue;
            };
            let entry = entry.clone();
            match self.lasting.get(&entry.repository).cloned() {
                Some(trouble) => self.fail(&entry, &trouble),
                None => return Some(entry),
            }
        }
    }

    /// The content of the document that [`Gathering::next`] named, or why there is none.
    pub(crate) fn give(&mut self, content: Result<Vec<u8>, Trouble>) {
        let Some((Some(form), entry)) = self.open.front().and_then(VecDeque::front).cloned() else {
            return;
        };
        match content.and_then(|content| self.read(form, &entry, content)) {
            Ok(shown) => self.close(Some(shown)),
            Err(trouble) => {
                if trouble.is_lasting() {
                    self.lasting.insert(entry.repository.clone(), trouble.clone());
                }
                self.fail(&entry, &trouble);
            }
        }
    }

    fn read(
        &mut self,
        form: Form,
        entry: &DocumentEntry,
        content: Vec<u8>,
    ) -> Result<Shown, Trouble> {
        self.gathered.retrieved += 1;
        verify(entry, &content).map_err(Trouble::Altered)?;
        self.gathered.verified += 1;
        let report = report(form, &content).map_err(Trouble::Unreadable)?;
        let document = Retrieved { entry: entry.clone(), content };
        Ok(Shown { about: About::of(entry), report, document })
    }

    /// Goes on to the next document of the checkup, unless its author has withdrawn the results.
    fn fail(&mut self, entry: &DocumentEntry, trouble: &Trouble) {
        self.failed.push(not_shown(entry, trouble));
        if trouble.is_withdrawal() {
            self.close(None);
        } else if let Some(checkup) = self.open.front_mut() {
            checkup.pop_front();
        }
    }

    /// Ends with the first open checkup.
    fn close(&mut self, shown: Option<Shown>) {
        let rest = self.open.pop_front().unwrap_or_default();
        let instead = shown.as_ref().map(|shown| shown.about.document.clone());
        let failed = std::mem::take(&mut self.failed).into_iter();
        let failed = failed.map(|one| NotShown { shown_instead: instead.clone(), ..one });
        self.gathered.not_shown.extend(failed);
        if let Some(shown) = shown {
            self.gathered.remarks.extend(passed_over(&shown, &rest));
            self.gathered.shown.push(shown);
        }
    }

    pub(crate) fn finish(self) -> Gathered {
        self.gathered
    }
}

fn not_shown(entry: &DocumentEntry, trouble: &Trouble) -> NotShown {
    let (ja, en) = (trouble.ja(), trouble.en());
    NotShown { about: About::of(entry), code: trouble.code(), ja, en, shown_instead: None }
}

/// Other documents of the same form for one checkup, of which none replaces the others in the
/// registry: they may say something else.
fn passed_over<'a>(
    shown: &'a Shown,
    checkup: &'a VecDeque<Document>,
) -> impl Iterator<Item = Remark> + 'a {
    let form = checkup.front().and_then(|(form, _)| *form);
    let entry = &shown.document.entry;
    let differs = |other: &DocumentEntry| other.hash.is_none() || other.hash != entry.hash;
    let others = checkup.iter().skip(1).filter(move |(other, _)| *other == form);
    others.filter(move |(_, other)| differs(other)).map(|(_, other)| {
        Remark::new(
            &About::of(other),
            "passed-over",
            format!(
                "同じ健診の文書がほかにもあり、作成の新しい {} を表示しています。送付元に確認してください",
                shown.about.document
            ),
            format!(
                "there are several documents of this checkup; the latest, {}, is shown: ask the source",
                shown.about.document
            ),
        )
    })
}
