//! How a submission ends: its documents are confirmed, or go with it.

use super::key::{ContentId, LeaseId, SubmissionId};
use super::lease::is_alive;
use super::removal::{self, remove};
use super::schema::{bare_set, content, entry, submission};
use super::{RETRIEVABLE, State, run};
use crate::failure::Failure;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl,
};
use renkei_audit::outbox;
use renkei_database::statement::{Bind, Sql};
use renkei_database::{Db, each, now_micros};
use std::collections::HashSet;

/// Locks a submission; `false` when it is settled already.
fn lock_submission(db: &mut Db, id: SubmissionId) -> Result<bool, Failure> {
    let query = submission::table.filter(submission::id.eq(id)).select(submission::id);
    let found = match db {
        Db::Pg(c) => query.for_update().first::<SubmissionId>(c),
        Db::Sqlite(c) => query.first::<SubmissionId>(c),
    };
    Ok(found.optional()?.is_some())
}

/// Locks a content and gives its state.
pub(super) fn lock_content(db: &mut Db, id: ContentId) -> Result<Option<i16>, Failure> {
    let query = content::table.filter(content::id.eq(id)).select(content::state);
    let found = match db {
        Db::Pg(c) => query.for_update().first::<i16>(c),
        Db::Sqlite(c) => query.first::<i16>(c),
    };
    Ok(found.optional()?)
}

/// The documents of the submission and the media types that its entries give, in an order in which
/// all may lock them.
fn held(db: &mut Db, id: SubmissionId) -> Result<Vec<(ContentId, String)>, Failure> {
    let held = entry::table
        .filter(entry::submission_id.eq(id))
        .order(entry::content_id)
        .select((entry::content_id, entry::mime_type));
    let held = each!(db, |c| held.load::<(ContentId, String)>(c))?;
    // Contents are locked before the entries change: of two submissions that let go of the same
    // content at once, the second sees that it is the last.
    for (content_id, _) in &held {
        lock_content(db, *content_id)?;
    }
    Ok(held)
}

/// Whether the submission is not settled, and the process's own: nobody has taken it for abandoned.
pub(crate) fn is_own(
    db: &mut Db,
    submission: SubmissionId,
    process: LeaseId,
) -> Result<bool, Failure> {
    let lease = submission::table.filter(submission::id.eq(submission)).select(submission::lease);
    let lease = each!(db, |c| lease.first::<Option<LeaseId>>(c)).optional()?;
    Ok(lease.flatten() == Some(process))
}

/// Whether all of these documents are here and registered, or were and an administrator removed them.
pub(crate) fn are_confirmed(db: &mut Db, unique_ids: &[String]) -> Result<bool, Failure> {
    for unique_id in unique_ids {
        let found = content::table
            .filter(content::unique_id.eq(unique_id))
            .filter(content::state.eq(State::Confirmed.number()))
            .select(content::id)
            .first::<ContentId>(db)
            .optional()?;
        if found.is_none() && !removal::is_removed(db, unique_id)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Takes a submission away from its process, if that is gone or is `own`, so that this process
/// finds out at the latest when it looks before its answer. `false` when it is alive, or the
/// submission is settled.
pub(crate) fn take_over(
    db: &mut Db,
    submission: SubmissionId,
    own: LeaseId,
) -> Result<bool, Failure> {
    if !lock_submission(db, submission)? {
        return Ok(false);
    }
    let row = submission::table.filter(submission::id.eq(submission));
    let process = row.select(submission::lease).first::<Option<LeaseId>>(db)?;
    let Some(process) = process else { return Ok(true) };
    if process != own && is_alive(db, process)? {
        return Ok(false);
    }
    diesel::update(row).set(submission::lease.eq(None::<LeaseId>)).execute(db)?;
    Ok(true)
}

/// What repair finds of a submission whose SubmissionSet the registry took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// It is registered, and its documents are confirmed.
    Confirmed,
    /// The registry has it by another submission that used the same uniqueId. It takes each
    /// SubmissionSet once (ITI TF-2: 3.42.4.1.3.3.7): this one was refused.
    OfAnother,
}

/// Confirms a submission that nobody works on, unless another one brought its SubmissionSet.
pub(crate) fn confirm_found(
    db: &mut Db,
    submission: SubmissionId,
    records: &[outbox::Row],
) -> Result<Found, Failure> {
    if lock_submission(db, submission)? {
        // Two that bring the same documents come one after the other: both lock them.
        let is_bare = held(db, submission)?.is_empty();
        if let Some(set_id) = set_of(db, submission)?
            && is_of_another(db, &set_id, is_bare)?
        {
            return Ok(Found::OfAnother);
        }
    }
    confirm(db, submission, records)?;
    Ok(Found::Confirmed)
}

/// The SubmissionSet.uniqueId of a submission.
fn set_of(db: &mut Db, submission: SubmissionId) -> Result<Option<String>, Failure> {
    let row = submission::table.filter(submission::id.eq(submission)).select(submission::set_id);
    Ok(each!(db, |c| row.first::<Option<String>>(c)).optional()?.flatten())
}

/// Puts a SubmissionSet without documents down as settled: no entry tells of it. `false` when it is put
/// down already; of two that do so at once, the second waits for the first.
fn put_down(db: &mut Db, set_id: &str) -> Result<bool, Failure> {
    let put_down = each!(db, |c| diesel::insert_into(bare_set::table)
        .values(bare_set::set_id.eq(set_id))
        .on_conflict(bare_set::set_id)
        .do_nothing()
        .execute(c))?;
    Ok(put_down == 1)
}

/// Whether a settled submission brought the same SubmissionSet. One without documents is put down.
fn is_of_another(db: &mut Db, set_id: &str, is_bare: bool) -> Result<bool, Failure> {
    let of_bare = if is_bare {
        !put_down(db, set_id)?
    } else {
        let row = bare_set::table.filter(bare_set::set_id.eq(set_id)).select(bare_set::set_id);
        each!(db, |c| row.first::<String>(c)).optional()?.is_some()
    };
    if of_bare {
        return Ok(true);
    }
    let settled = entry::table
        .filter(entry::set_id.eq(set_id))
        .filter(entry::submission_id.is_null())
        .select(entry::key);
    Ok(each!(db, |c| settled.first::<i64>(c)).optional()?.is_some())
}

/// Confirms a submission that nobody works on if nobody else can have brought a document of which the
/// registry has an entry, and nobody else brought its SubmissionSet: it was registered, whatever was removed
/// of it since. `false` when nothing says so, and nothing is done.
pub(crate) fn confirm_brought(
    db: &mut Db,
    submission: SubmissionId,
    entered: &HashSet<String>,
    records: &[outbox::Row],
) -> Result<bool, Failure> {
    if !lock_submission(db, submission)? {
        return Ok(true);
    }
    let held = held(db, submission)?;
    if let Some(set_id) = set_of(db, submission)?
        && is_of_another(db, &set_id, false)?
    {
        return Ok(false);
    }
    for (content_id, _) in held {
        if is_entered_by(db, submission, content_id, entered)? {
            return confirm(db, submission, records);
        }
    }
    Ok(false)
}

/// Whether the registry has an entry of a document that the submission alone brought. An entry whose
/// document an administrator removed was there before.
fn is_entered_by(
    db: &mut Db,
    submission: SubmissionId,
    content_id: ContentId,
    entered: &HashSet<String>,
) -> Result<bool, Failure> {
    if lock_content(db, content_id)? != Some(State::Stored.number())
        || is_held(db, content_id, submission)?
    {
        return Ok(false);
    }
    let row = content::table.filter(content::id.eq(content_id)).select(content::unique_id);
    let unique_id = row.first::<Option<String>>(db).optional()?.flatten();
    let Some(unique_id) = unique_id.filter(|id| entered.contains(id)) else { return Ok(false) };
    Ok(!removal::is_removed(db, &unique_id)?)
}

fn delete_submission(db: &mut Db, id: SubmissionId) -> Result<(), Failure> {
    let row = submission::table.filter(submission::id.eq(id));
    each!(db, |c| diesel::delete(row).execute(c))?;
    Ok(())
}

/// The submission is registered: confirms its documents and keeps its audit records. `false`, and
/// nothing is done, when it is settled already.
pub(crate) fn confirm(
    db: &mut Db,
    submission: SubmissionId,
    records: &[outbox::Row],
) -> Result<bool, Failure> {
    if !lock_submission(db, submission)? {
        return Ok(false);
    }
    let held = held(db, submission)?;
    if held.is_empty()
        && let Some(set_id) = set_of(db, submission)?
    {
        put_down(db, &set_id)?;
    }
    let mut sql = Sql::new("UPDATE entry SET submission_id = NULL WHERE submission_id = ");
    sql.bind(submission.into());
    run(db, sql)?;
    for (content_id, mime_type) in held {
        match lock_content(db, content_id)? {
            Some(state) if RETRIEVABLE.contains(&state) => {
                confirm_content(db, content_id, &mime_type)?;
                removal::forget(db, content_id)?;
            }
            _ => {}
        }
    }
    for record in records {
        outbox::insert_sealed(db, record)?;
    }
    delete_submission(db, submission)?;
    Ok(true)
}

/// The entry that was registered last says what a retrieval answers (ITI TF-2: 3.43.5).
fn confirm_content(db: &mut Db, content_id: ContentId, mime_type: &str) -> Result<(), Failure> {
    let confirmed = || Bind::Big(i64::from(State::Confirmed.number()));
    let mime_type = || Bind::Text(mime_type.to_owned());
    let mut sql = Sql::new("UPDATE content SET state = ");
    sql.bind(confirmed()).push(", mime_type = ").bind(mime_type());
    sql.push(" WHERE id = ").bind(content_id.into());
    sql.push(" AND (state <> ").bind(confirmed());
    sql.push(" OR mime_type <> ").bind(mime_type()).push(")");
    run(db, sql)
}

/// The submission is not registered: removes the documents that nobody else needs, but none of which
/// the registry has an entry (`entered`). `records` tell of it where nobody else did. Does nothing
/// when it is settled already.
pub(crate) fn release(
    db: &mut Db,
    submission: SubmissionId,
    entered: &HashSet<String>,
    records: &[outbox::Row],
) -> Result<(), Failure> {
    if !lock_submission(db, submission)? {
        return Ok(());
    }
    let held = held(db, submission)?;
    for (content_id, mime_type) in &held {
        if is_entered_by(db, submission, *content_id, entered)? {
            keep(db, submission, *content_id, mime_type)?;
        }
    }
    diesel::delete(entry::table.filter(entry::submission_id.eq(submission))).execute(db)?;
    for (content_id, _) in held {
        let state = lock_content(db, content_id)?;
        if state == Some(State::Stored.number()) && !is_held(db, content_id, submission)? {
            remove(db, content_id)?;
        }
    }
    for record in records {
        outbox::insert_sealed(db, record)?;
    }
    delete_submission(db, submission)
}

/// Keeps a document for an entry that came by a SubmissionSet which nobody here knows.
fn keep(
    db: &mut Db,
    submission: SubmissionId,
    content_id: ContentId,
    mime_type: &str,
) -> Result<(), Failure> {
    let mut sql = Sql::new("UPDATE entry SET submission_id = NULL, set_id = ''");
    sql.push(" WHERE submission_id = ").bind(submission.into());
    sql.push(" AND content_id = ").bind(content_id.into());
    run(db, sql)?;
    confirm_content(db, content_id, mime_type)
}

/// Nobody works on the submission any more, and how it ended is not known.
pub(crate) fn leave_open(db: &mut Db, submission: SubmissionId) -> Result<(), Failure> {
    let at = now_micros(db)?;
    let row = submission::table.filter(submission::id.eq(submission));
    diesel::update(row)
        .set((submission::lease.eq(None::<LeaseId>), submission::since.eq(at)))
        .execute(db)?;
    Ok(())
}

/// Whether somebody else than the submission holds the document.
fn is_held(db: &mut Db, content_id: ContentId, submission: SubmissionId) -> Result<bool, Failure> {
    let others = entry::submission_id.is_null().or(entry::submission_id.ne(submission));
    let first = entry::table
        .filter(entry::content_id.eq(content_id))
        .filter(others)
        .select(entry::key)
        .first::<i64>(db)
        .optional()?;
    Ok(first.is_some())
}
