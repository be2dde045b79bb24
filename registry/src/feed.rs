//! Patient identity: which patients there are (ITI-8, ITI TF-2: 3.8.4.1), which identifiers are one
//! patient (3.8.4.2), and whose
//! documents a patient's are (ITI-64, ITI TF-2: 3.64.4.1).

use crate::Registry;
use crate::audit::Announcement;
use crate::store::news::{self, NewsRow};
use crate::store::patients::{self, Standing};
use crate::store::vault::Vault;
use crate::store::write::WriteError;
use renkei_atna::record::{Action, Outcome};
use renkei_audit::outbox;
use renkei_context::{Ctx, reached};
use renkei_database::{DatabaseError, Db};
use renkei_hl7v2::ack::{AckCode, Location, Nak, Problem, rows};
use renkei_hl7v2::adt::{self, LinkChange, Merge, Notice, PatientFeed};
use renkei_metadata::finding::Finding;
use renkei_metadata::ids::{Oid, PatientId};

impl Registry {
    /// Does what a message of the patient feed asks, with its audit records in one transaction:
    /// remembers the identifiers that the affinity domain's authority issued (A01, A04, A05), merges
    /// two of them (A40), moves documents (A43). A08 changes nothing here. An announcement that comes
    /// again is accepted again, and so is a merge that stands.
    ///
    /// # Errors
    /// A refusal to be sent as it is: nothing was changed, or the database failed.
    pub async fn feed(&self, ctx: &Ctx, feed: &PatientFeed) -> Result<(), Nak> {
        self.fed(ctx, &Came { feed, wire: Wire::V2 }, None).await
    }

    /// The same, and what `message` says of persons is kept for who keeps them ([`Self::news`]). One that names
    /// nobody by the affinity domain ([`PatientFeed::elsewhere`]) is of no concern here, and kept for them as well.
    ///
    /// # Errors
    /// As [`Self::feed`].
    pub async fn feed_and_tell(
        &self,
        ctx: &Ctx,
        feed: &PatientFeed,
        message: &[u8],
    ) -> Result<(), Nak> {
        self.fed(ctx, &Came { feed, wire: Wire::V2 }, Some(&adt::of_persons(message))).await
    }

    /// The same for a message of ITI-44 (ITI TF-2: 3.44.4.1.3, 3.44.4.2.3), which asks the same of a registry in
    /// other words: `feed` is what it says, its MSH-10 the id of the message; `message` is kept as it is.
    ///
    /// # Errors
    /// As [`Self::feed`].
    pub async fn feed_v3(
        &self,
        ctx: &Ctx,
        feed: &PatientFeed,
        message: Option<&[u8]>,
    ) -> Result<(), Nak> {
        self.fed(ctx, &Came { feed, wire: Wire::V3 }, message).await
    }

    async fn fed(&self, ctx: &Ctx, came: &Came<'_>, message: Option<&[u8]>) -> Result<(), Nak> {
        let (feed, authorities) = (came.feed, &self.inner.patients.authorities);
        let elsewhere = message.and_then(|_| feed.elsewhere(authorities));
        let carried = match elsewhere {
            Some(notice) => Ok(Carried { notice, is_ours: false }),
            None => feed.notice(authorities).map(|notice| Carried { notice, is_ours: true }),
        };
        let carried = match carried {
            Ok(carried) => carried,
            Err(nak) => {
                #[cfg(test)]
                crate::tests::samples::seen_in(&nak);
                self.refused(ctx, came, &[], nak.kinds()).await;
                return Err(nak);
            }
        };
        let done = self.keep(ctx, came, &carried, message).await.map_err(|stop| stop.nak(feed));
        if let Err(nak) = &done {
            #[cfg(test)]
            crate::tests::samples::seen_in(nak);
            self.refused(ctx, came, &carried.notice.patients(), nak.kinds()).await;
        }
        done
    }

    async fn keep(
        &self,
        ctx: &Ctx,
        came: &Came<'_>,
        Carried { notice, is_ours }: &Carried,
        message: Option<&[u8]>,
    ) -> Result<(), Stop> {
        let news = message.map(|message| self.news_row(ctx, message)).transpose();
        let news = news.map_err(WriteError::from)?;
        if let Notice::Moved(link) = notice {
            return self.move_documents(ctx, came, link, news).await;
        }
        let mut records = Vec::new();
        for (action, patients) in told(notice) {
            let announcement = Announcement { came, action, patients: &patients };
            let record = self.feed_record(ctx, &announcement, Outcome::Success, None);
            records.push(outbox::seal(&self.inner.outbox, &record).map_err(WriteError::from)?);
        }
        let (vault, ours) = (self.inner.vault.clone(), is_ours.then(|| notice.clone()));
        let written = self.inner.database.write(move |db| {
            ours.iter().try_for_each(|notice| apply(db, &vault, notice))?;
            for record in &records {
                outbox::insert_sealed(db, record).map_err(WriteError::from)?;
            }
            if let Some(row) = &news {
                news::insert(db, row).map_err(WriteError::from)?;
            }
            reached("registry.feed.before_commit");
            Ok::<(), Stop>(())
        });
        written.await
    }

    /// Both patients have to be active; the documents follow by an update of their metadata.
    async fn move_documents(
        &self,
        ctx: &Ctx,
        came: &Came<'_>,
        link: &LinkChange,
        news: Option<NewsRow>,
    ) -> Result<(), Stop> {
        let patients = [&link.previous, &link.new];
        let (vault, ids) = (self.inner.vault.clone(), patients.map(Clone::clone));
        let read = move |db: &mut Db| {
            let [previous, new] = &ids;
            patients::standings(db, &vault, [previous, new])
        };
        let places = [Location::field("MRG", 1), Location::field("PID", 3)];
        for (standing, place) in self.inner.database.read(read).await?.into_iter().zip(places) {
            match standing {
                Standing::Active(_) => {}
                Standing::Subsumed(_) => return Err(Stop::Refused(inactive(place))),
                Standing::Unknown => return Err(Stop::Refused(unknown(place))),
            }
        }
        let announcement = Announcement { came, action: Action::Update, patients: &patients };
        let record = self.feed_record(ctx, &announcement, Outcome::Success, None);
        // MSH-3 is the OID of the manager (ITI TF-2: 3.64.4.1.2).
        let source = Oid::parse(&came.feed.msh.sending_application).ok();
        self.relink(ctx, link, source, &record, news).await.map_err(Stop::NotMoved)
    }

    /// Records that a message was refused before the registry was asked; `reason` is for auditors.
    pub async fn feed_refused(&self, ctx: &Ctx, feed: &PatientFeed, reason: String) {
        self.refused_before(ctx, &Came { feed, wire: Wire::V2 }, reason).await;
    }

    /// The same of a message that came over HL7 v3.
    pub async fn feed_v3_refused(&self, ctx: &Ctx, feed: &PatientFeed, reason: String) {
        self.refused_before(ctx, &Came { feed, wire: Wire::V3 }, reason).await;
    }

    async fn refused_before(&self, ctx: &Ctx, came: &Came<'_>, reason: String) {
        let (feed, authorities) = (came.feed, &self.inner.patients.authorities);
        let notice = feed.elsewhere(authorities).or_else(|| feed.notice(authorities).ok());
        let patients = notice.as_ref().map(Notice::patients).unwrap_or_default();
        self.refused(ctx, came, &patients, reason).await;
    }

    async fn refused(&self, ctx: &Ctx, came: &Came<'_>, named: &[&PatientId], why: String) {
        let action = if came.feed.event.announces() { Action::Create } else { Action::Update };
        let announcement = Announcement { came, action, patients: named };
        let outcome = Outcome::SeriousFailure;
        self.record(self.feed_record(ctx, &announcement, outcome, Some(why))).await;
    }
}

/// What is carried out of a message.
struct Carried {
    notice: Notice,
    /// Whether it is about patients of this registry, and not of others alone.
    is_ours: bool,
}

/// In which words a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    /// ITI-8, ITI-64.
    V2,
    /// ITI-44.
    V3,
}

/// A message of the feed, and how it came.
pub(crate) struct Came<'a> {
    pub(crate) feed: &'a PatientFeed,
    pub(crate) wire: Wire,
}

/// The records of a message: a merge ends one identifier and changes the other (ITI TF-2: 3.8.5.1).
fn told(notice: &Notice) -> Vec<(Action, Vec<&PatientId>)> {
    match notice {
        Notice::Announced(_) => vec![(Action::Create, notice.patients())],
        Notice::Changed(_) | Notice::Moved(_) => vec![(Action::Update, notice.patients())],
        Notice::Merged(Merge { subsumed, surviving }) => {
            vec![(Action::Delete, vec![subsumed]), (Action::Update, vec![surviving])]
        }
    }
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
enum Stop {
    #[error("refused")]
    Refused(Problem),
    #[error("not moved")]
    NotMoved(Vec<Finding>),
    #[error(transparent)]
    Failed(#[from] WriteError),
}

impl From<DatabaseError> for Stop {
    fn from(error: DatabaseError) -> Self {
        Self::Failed(error.into())
    }
}

impl Stop {
    fn nak(self, feed: &PatientFeed) -> Nak {
        match self {
            Self::Refused(problem) => Nak::new(AckCode::Error, Some(&feed.msh), vec![problem]),
            Self::NotMoved(findings) => {
                let problems = findings.iter().filter(|f| f.is_error()).map(not_moved);
                Nak::new(AckCode::Error, Some(&feed.msh), problems.collect())
            }
            Self::Failed(error) => {
                tracing::error!(%error, "a message of the patient feed was not carried out");
                Nak::internal(&feed.msh)
            }
        }
    }
}

fn apply(db: &mut Db, vault: &Vault, notice: &Notice) -> Result<(), Stop> {
    match notice {
        Notice::Announced(ids) => {
            for cx in ids {
                // Documents of one that was taken in would be refused; this is said at once.
                if let Standing::Subsumed(_) = patients::announce(db, vault, cx)? {
                    return Err(Stop::Refused(inactive(Location::field("PID", 3))));
                }
            }
            Ok(())
        }
        Notice::Changed(_) | Notice::Moved(_) => Ok(()),
        Notice::Merged(m) => merge(db, vault, m),
    }
}

/// Both identifiers stay locked, in one order, so that merges of the same patients follow each other
/// and find what the earlier ones did: no identifier can come to survive itself (ITI TF-2: 3.8.4.2.3).
fn merge(db: &mut Db, vault: &Vault, merge: &Merge) -> Result<(), Stop> {
    let (subsumed, surviving) = (&merge.subsumed, &merge.surviving);
    let [old, new] = patients::locked(db, vault, [subsumed, surviving])?;
    let old = match old {
        Standing::Active(key) => key,
        Standing::Subsumed(root) => {
            // What is so already is confirmed to whoever says it again, as an announcement is.
            return match new {
                Standing::Active(key) if key == root => Ok(()),
                _ => Err(Stop::Refused(merged_before())),
            };
        }
        Standing::Unknown => return Err(Stop::Refused(unknown(Location::field("MRG", 1)))),
    };
    let new = match new {
        Standing::Active(key) => key,
        Standing::Subsumed(_) => {
            return Err(Stop::Refused(inactive(Location::field("PID", 3))));
        }
        Standing::Unknown => match patients::announce(db, vault, surviving)? {
            Standing::Active(key) => key,
            Standing::Subsumed(_) | Standing::Unknown => {
                return Err(WriteError::Missing("the surviving patient").into());
            }
        },
    };
    patients::merge(db, old, new).map_err(WriteError::from)?;
    Ok(())
}

fn unknown(location: Location) -> Problem {
    Problem::of(&rows::PATIENT_UNKNOWN, location, &[])
}

fn inactive(location: Location) -> Problem {
    Problem::of(&rows::PATIENT_SUBSUMED, location, &[])
}

/// Why the documents stay where they are.
fn not_moved(finding: &Finding) -> Problem {
    let (en, ja) = (finding.english(), finding.japanese());
    let values = [("finding", en.as_str()), ("finding_ja", &ja)];
    Problem::of(&rows::NOT_MOVED, Location::field("PID", 3), &values)
}

fn merged_before() -> Problem {
    Problem::of(&rows::MERGED_BEFORE, Location::field("MRG", 1), &[])
}
