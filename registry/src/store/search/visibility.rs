//! What the caller may know of, as SQL.
//!
//! Entries and SubmissionSets carry their labels in columns. A Folder is known to whoever may know of
//! one of its documents, by a membership that is current; an Association to whoever may know of both its
//! ends.

use super::super::columns::table;
use super::super::kind_number;
use super::super::statement::{Bind, Sql};
use super::conditions::{digit, holds_one};
use super::ways::End;
use renkei_context::{Labels, Scope};
use renkei_database::Dialect;
use renkei_metadata::model::ObjectKind;

/// Adds ` AND ...`: the caller may know of the object `alias`.
pub(super) fn restrict(
    sql: &mut Sql,
    scope: &Scope,
    kind: ObjectKind,
    alias: &'static str,
    dialect: Dialect,
) {
    match scope {
        Scope::Everything => {}
        Scope::Nothing => _ = sql.push(" AND 1 = 0"),
        Scope::Labelled(openings) => Visibility { openings, dialect }.object(sql, kind, alias),
    }
}

/// Adds ` AND ...`: no entry of the same document in the same repository as the entry `alias` is hidden from the caller.
pub(super) fn alone(sql: &mut Sql, scope: &Scope, alias: &'static str, dialect: Dialect) {
    if *scope == Scope::Everything {
        return;
    }
    sql.push(" AND NOT EXISTS (SELECT 1 FROM document_entry c WHERE c.unique_id = ").push(alias);
    sql.push(".unique_id AND c.repository = ").push(alias).push(".repository AND (1 = 1");
    restrict(sql, scope, ObjectKind::DocumentEntry, "c", dialect);
    // what has no label is opened by none
    sql.push(") IS NOT TRUE)");
}

/// Adds ` AND ...`: the caller may know of the object at one end of the association `alias`.
pub(super) fn restrict_end(
    sql: &mut Sql,
    scope: &Scope,
    alias: &'static str,
    end: End,
    dialect: Dialect,
) {
    match scope {
        Scope::Everything => {}
        Scope::Nothing => _ = sql.push(" AND 1 = 0"),
        Scope::Labelled(openings) => Visibility { openings, dialect }.end(sql, alias, end),
    }
}

struct Visibility<'a> {
    openings: &'a [Labels],
    dialect: Dialect,
}

impl Visibility<'_> {
    fn object(&self, sql: &mut Sql, kind: ObjectKind, alias: &'static str) {
        match kind {
            ObjectKind::DocumentEntry | ObjectKind::SubmissionSet => {
                self.labelled(sql, kind, alias);
            }
            ObjectKind::Folder => {
                sql.push(" AND EXISTS (SELECT 1 FROM association fm JOIN document_entry fe");
                sql.push(" ON fe.patient_key = fm.target_patient AND fe.key = fm.target_key");
                sql.push(" WHERE fm.source_key = ").push(alias).push(".key");
                sql.push(" AND fm.association_type = 0 AND fm.status = 0");
                self.labelled(sql, ObjectKind::DocumentEntry, "fe");
                sql.push(")");
            }
            ObjectKind::Association => {
                self.end(sql, alias, End::Source);
                self.end(sql, alias, End::Target);
            }
        }
    }

    /// One opening is met in every kind that it names.
    fn labelled(&self, sql: &mut Sql, kind: ObjectKind, alias: &'static str) {
        let mut before = " AND (";
        // A repository keeps documents, and no other object has a column for it.
        let may_open = |opening: &&Labels| {
            !opening.is_empty()
                && (opening.repositories.is_empty() || kind == ObjectKind::DocumentEntry)
        };
        for opening in self.openings.iter().filter(may_open) {
            sql.push(before);
            self.opened(sql, alias, opening);
            before = " OR ";
        }
        match before {
            " AND (" => sql.push(" AND 1 = 0"),
            _ => sql.push(")"),
        };
    }

    fn opened(&self, sql: &mut Sql, alias: &'static str, opening: &Labels) {
        let mut before = "(";
        let [recipients, institutions, audiences, submitters, repositories] = opening.kinds();
        let framed = [
            ("recipient", recipients),
            ("author_institution", institutions),
            ("audience", audiences),
        ];
        for (column, values) in framed.into_iter().filter(|(_, values)| !values.is_empty()) {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            sql.push(before).push("(");
            holds_one(sql, alias, column, &values, self.dialect);
            sql.push(")");
            before = " AND ";
        }
        let plain = [("submitter", submitters), ("repository", repositories)];
        for (column, values) in plain.into_iter().filter(|(_, values)| !values.is_empty()) {
            let values = values.iter().map(|value| Bind::Text(value.clone())).collect();
            sql.push(before).push(alias).push(".").push(column).equals_one(values);
            before = " AND ";
        }
        sql.push(")");
    }

    fn end(&self, sql: &mut Sql, alias: &'static str, end: End) {
        let mut before = " AND (";
        for kind in [ObjectKind::DocumentEntry, ObjectKind::SubmissionSet, ObjectKind::Folder] {
            sql.push(before);
            self.end_of_kind(sql, alias, end, kind, "x");
            before = " OR ";
        }
        if end == End::Target {
            // A SubmissionSet may have the membership of a document in a Folder as its member (ITI
            // TF-3: 4.2.2): that has a Folder and a document as its ends.
            sql.push(" OR (").push(alias).push(".target_kind = 3 AND EXISTS (SELECT 1");
            sql.push(" FROM association m WHERE m.key = ").push(alias).push(".target_key AND ");
            self.end_of_kind(sql, "m", End::Source, ObjectKind::Folder, "x");
            sql.push(" AND ");
            self.end_of_kind(sql, "m", End::Target, ObjectKind::DocumentEntry, "x");
            sql.push("))");
        }
        sql.push(")");
    }

    /// `(the end is of this kind AND the caller may know of it)`
    fn end_of_kind(
        &self,
        sql: &mut Sql,
        link: &'static str,
        end: End,
        kind: ObjectKind,
        alias: &'static str,
    ) {
        sql.push("(").push(link).push(end.kind()).push(" = ").push(digit(kind_number(kind)));
        sql.push(" AND EXISTS (SELECT 1 FROM ").push(table(kind)).push(" ").push(alias);
        sql.push(" WHERE ").push(alias).push(".patient_key = ").push(link).push(end.patient());
        sql.push(" AND ").push(alias).push(".key = ").push(link).push(end.key());
        self.object(sql, kind, alias);
        sql.push("))");
    }
}
