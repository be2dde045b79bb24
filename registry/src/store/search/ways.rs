//! What leads from the named objects to those of the answer: one select a way.

use super::super::columns::{EncryptedColumn, table};
use super::super::kind_number;
use super::super::statement::Sql;
use super::super::vault::Vault;
use super::Search;
use super::conditions::{NotSearchable, digit};
use super::subject::Source;
use super::visibility::restrict_end;
use renkei_context::Scope;
use renkei_database::Dialect;
use renkei_metadata::model::ObjectKind;
use renkei_xds::catalogue::{Link, Part, StoredQuery, Subject, Way};

/// Of selects that may find an object twice.
const DISTINCT: &str = "DISTINCT ";

/// Values of conditions in a statement that is kept prepared. Few values mean few shapes.
const KEPT_VALUES: usize = 8;

/// Makes the selects of one query.
pub(super) struct Planner<'a> {
    pub(super) query: &'a StoredQuery,
    pub(super) scope: &'a Scope,
    /// Whether of a document of which an entry is not in the scope no entry is.
    pub(super) is_alone: bool,
    pub(super) vault: &'a Vault,
    pub(super) dialect: Dialect,
}

/// One end of an association.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Source,
    Target,
}

impl End {
    const fn other(self) -> Self {
        match self {
            Self::Source => Self::Target,
            Self::Target => Self::Source,
        }
    }

    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Source => ".source_key",
            Self::Target => ".target_key",
        }
    }

    pub(super) const fn patient(self) -> &'static str {
        match self {
            Self::Source => ".source_patient",
            Self::Target => ".target_patient",
        }
    }

    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::Source => ".source_kind",
            Self::Target => ".target_kind",
        }
    }
}

/// The containers: what has members.
const HOLDERS: [ObjectKind; 2] = [ObjectKind::SubmissionSet, ObjectKind::Folder];

impl Planner<'_> {
    pub(super) fn search(&self) -> Result<Search, NotSearchable> {
        let mut search = Search {
            selects: Vec::new(),
            overlapping: false,
            checks: Vec::new(),
            order: Vec::new(),
            keep: true,
        };
        if *self.scope == Scope::Nothing {
            return Ok(search);
        }
        for part in self.query.parts() {
            search.order.push(part.kind());
            let before = search.selects.len();
            match part {
                Part::Objects(kind, ways) => {
                    for way in *ways {
                        self.objects(*kind, *way, &mut search)?;
                    }
                }
                Part::Links(links) => {
                    for link in *links {
                        self.links(*link, &mut search)?;
                    }
                }
            }
            search.overlapping |= search.selects.len() > before.saturating_add(1);
        }
        let values: usize = search.selects.iter().map(Sql::binds).sum();
        search.keep = values <= KEPT_VALUES;
        Ok(search)
    }

    fn objects(
        &self,
        kind: ObjectKind,
        way: Way,
        search: &mut Search,
    ) -> Result<(), NotSearchable> {
        match way {
            Way::Named => {
                let source = self.named(kind, "o")?;
                let owner = match &self.query.subject {
                    Subject::Patients(_) => Owner::Named,
                    Subject::EntryUuids { .. }
                    | Subject::UniqueIds { .. }
                    | Subject::LogicalIds { .. }
                    | Subject::Anyone => Owner::of(kind),
                };
                let distinct = if source.repeats { DISTINCT } else { "" };
                select(distinct, kind, owner, source, search);
            }
            Way::Members => {
                for holder in self.named_holders() {
                    let mut source = self.across(holder, End::Source, "a", kind, "o")?;
                    source.wheres.push(" AND a.association_type = 0");
                    self.filter(&mut source, ObjectKind::Association, "a")?;
                    select(DISTINCT, kind, Owner::of(kind), source, search);
                }
            }
            Way::Holders => {
                for member in self.named_kinds() {
                    let mut source = self.across(member, End::Target, "a", kind, "o")?;
                    source.wheres.push(" AND a.association_type = 0");
                    self.filter(&mut source, ObjectKind::Association, "a")?;
                    select(DISTINCT, kind, Owner::of(kind), source, search);
                }
            }
            Way::Related => {
                // The document at the other end, and the named one for having another.
                for (named, other) in [("n", "o"), ("o", "e")] {
                    for end in [End::Source, End::Target] {
                        let mut source = self.across_named(kind, named, end, "a", kind, other)?;
                        self.of_relations(&mut source, "a");
                        self.filter(&mut source, ObjectKind::Association, "a")?;
                        select(DISTINCT, kind, Owner::of(kind), source, search);
                    }
                }
            }
        }
        Ok(())
    }

    fn links(&self, link: Link, search: &mut Search) -> Result<(), NotSearchable> {
        let of = ObjectKind::Association;
        match link {
            Link::Touching => {
                for kind in self.named_kinds() {
                    for end in [End::Source, End::Target] {
                        let mut source = self.named(kind, "n")?;
                        source.join_association("o", end, "n");
                        self.filter(&mut source, of, "o")?;
                        let other = end.other();
                        restrict_end(&mut source.wheres, self.scope, "o", other, self.dialect);
                        select(DISTINCT, of, Owner::of(of), source, search);
                    }
                }
            }
            Link::ToMembers(ObjectKind::Association) => {
                let mut source = self.members_of_folders("e")?;
                source.tables.push(" JOIN association o ON o.key = m.key");
                self.filter(&mut source, of, "o")?;
                select(DISTINCT, of, Owner::of(of), source, search);
            }
            Link::MembersOfFolders => {
                let source = self.members_of_folders("o")?;
                select(DISTINCT, of, Owner::of(of), source, search);
            }
            Link::ToMembers(kind) => {
                for holder in self.named_holders() {
                    self.membership(holder, End::Source, kind, search)?;
                }
            }
            Link::FromHolders(kind) => {
                for member in self.named_kinds() {
                    self.membership(member, End::Target, kind, search)?;
                }
            }
            Link::Relations => {
                let entry = ObjectKind::DocumentEntry;
                for end in [End::Source, End::Target] {
                    let mut source = self.across(entry, end, "o", entry, "e")?;
                    self.of_relations(&mut source, "o");
                    self.filter(&mut source, of, "o")?;
                    select(DISTINCT, of, Owner::of(of), source, search);
                }
            }
        }
        Ok(())
    }

    /// HasMember whose `end` is a named object, and whose other end is an object of `kind`.
    fn membership(
        &self,
        named: ObjectKind,
        end: End,
        kind: ObjectKind,
        search: &mut Search,
    ) -> Result<(), NotSearchable> {
        let mut source = self.across(named, end, "o", kind, "e")?;
        source.wheres.push(" AND o.association_type = 0");
        self.filter(&mut source, ObjectKind::Association, "o")?;
        select(
            DISTINCT,
            ObjectKind::Association,
            Owner::of(ObjectKind::Association),
            source,
            search,
        );
        Ok(())
    }

    fn named_holders(&self) -> impl Iterator<Item = ObjectKind> {
        let named = self.named_kinds();
        HOLDERS.into_iter().filter(move |kind| named.contains(kind))
    }

    /// From named objects over associations called `link`, whose `end` they are, to the objects of
    /// `kind` at the other end, called `alias`.
    fn across(
        &self,
        named: ObjectKind,
        end: End,
        link: &'static str,
        kind: ObjectKind,
        alias: &'static str,
    ) -> Result<Source, NotSearchable> {
        self.across_named(named, "n", end, link, kind, alias)
    }

    fn across_named(
        &self,
        named: ObjectKind,
        named_alias: &'static str,
        end: End,
        link: &'static str,
        kind: ObjectKind,
        alias: &'static str,
    ) -> Result<Source, NotSearchable> {
        let mut source = self.named(named, named_alias)?;
        source.join_association(link, end, named_alias);
        source.join_end(kind, alias, link, end.other());
        self.restrict(&mut source, kind, alias)?;
        Ok(source)
    }

    /// Memberships of documents in folders, called `link`, that a named SubmissionSet has as members
    /// (by an association called `m`) together with the folder and the document (ITI TF-2:
    /// 3.18.4.1.2.3.7.10).
    fn members_of_folders(&self, link: &'static str) -> Result<Source, NotSearchable> {
        let mut source = self.named(ObjectKind::SubmissionSet, "n")?;
        source.join_association("m", End::Source, "n");
        source.tables.push(" JOIN association ").push(link);
        source.tables.push(" ON ").push(link).push(".key = m.target_key");
        source.join_end(ObjectKind::Folder, "fd", link, End::Source);
        source.join_end(ObjectKind::DocumentEntry, "de", link, End::Target);
        source.wheres.push(" AND m.association_type = 0 AND m.target_kind = 3");
        self.filter(&mut source, ObjectKind::Association, "m")?;
        for (member, key) in [("mf", "fd.key"), ("md", "de.key")] {
            source.tables.push(" JOIN association ").push(member).push(" ON ").push(member);
            source.tables.push(".source_key = n.key AND ").push(member).push(".target_key = ");
            source.tables.push(key).push(" AND ").push(member).push(".association_type = 0");
            self.filter(&mut source, ObjectKind::Association, member)?;
        }
        self.restrict(&mut source, ObjectKind::Folder, "fd")?;
        self.restrict(&mut source, ObjectKind::DocumentEntry, "de")?;
        self.filter(&mut source, ObjectKind::Association, link)?;
        Ok(source)
    }

    /// Adds that `link` is a relation of documents; HasMember is none.
    fn of_relations(&self, source: &mut Source, link: &'static str) {
        source.wheres.push(" AND ").push(link).push(".association_type <> 0");
    }
}

/// The surviving patient of an object.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// The one that the query names.
    Named,
    /// The one that is joined to its row.
    Joined,
    /// An association shows no patient.
    NotShown,
}

impl Owner {
    const fn of(kind: ObjectKind) -> Self {
        match kind {
            ObjectKind::DocumentEntry | ObjectKind::SubmissionSet | ObjectKind::Folder => {
                Self::Joined
            }
            ObjectKind::Association => Self::NotShown,
        }
    }

    const fn columns(self) -> &'static str {
        match self {
            Self::Named => "nroot.key AS root, nroot.cx_hash, nroot.cx",
            Self::Joined => "root.key AS root, root.cx_hash, root.cx",
            Self::NotShown => {
                "CAST(NULL AS BIGINT) AS root, CAST(NULL AS BYTEA) AS cx_hash, \
                 CAST(NULL AS BYTEA) AS cx"
            }
        }
    }
}

/// Adds the select of one source: its rows called `o`.
fn select(
    distinct: &'static str,
    kind: ObjectKind,
    owner: Owner,
    source: Source,
    search: &mut Search,
) {
    let mut sql = Sql::new("SELECT ");
    sql.push(distinct).append(columns(kind, owner, &source));
    sql.push(" FROM ").append(source.tables);
    if owner == Owner::Joined {
        sql.push(" JOIN patient p ON p.key = o.patient_key");
        sql.push(" JOIN patient root ON root.key = p.survivor");
    }
    sql.push(" WHERE ").append(source.wheres);
    search.selects.push(sql);
    search.checks.extend(source.checks);
}

impl Source {
    /// Joins associations called `link`, one end of which is the object `alias`.
    fn join_association(&mut self, link: &'static str, end: End, alias: &'static str) {
        self.tables.push(" JOIN association ").push(link).push(" ON ").push(link);
        self.tables.push(end.key()).push(" = ").push(alias).push(".key");
    }

    /// Joins the object of `kind`, called `alias`, at one end of the association `link`.
    fn join_end(&mut self, kind: ObjectKind, alias: &'static str, link: &'static str, end: End) {
        self.tables.push(" JOIN ").push(table(kind)).push(" ").push(alias).push(" ON ");
        self.tables.push(alias).push(".key = ").push(link).push(end.key());
        if kind != ObjectKind::Association {
            self.tables.push(" AND ").push(alias).push(".patient_key = ").push(link);
            self.tables.push(end.patient());
        }
        self.wheres.push(" AND ").push(link).push(end.kind()).push(" = ");
        self.wheres.push(digit(kind_number(kind)));
    }
}

/// The columns of a candidate.
fn columns(kind: ObjectKind, owner: Owner, source: &Source) -> Sql {
    let mut sql = Sql::new("CAST(");
    sql.push(digit(kind_number(kind))).push(" AS SMALLINT) AS kind, o.key, o.id, o.status, ");
    sql.push(match kind {
        ObjectKind::DocumentEntry => {
            "o.availability, o.version, o.lid, CAST(NULL AS TEXT) AS last_update, "
        }
        ObjectKind::Folder => {
            "CAST(0 AS SMALLINT) AS availability, o.version, o.lid, \
             o.last_update_time AS last_update, "
        }
        // An object that has no versions is its own logical id (ebRIM 3.0: 2.5).
        ObjectKind::SubmissionSet | ObjectKind::Association => {
            "CAST(0 AS SMALLINT) AS availability, CAST(1 AS INTEGER) AS version, o.id AS lid, \
             CAST(NULL AS TEXT) AS last_update, "
        }
    });
    sql.push("o.home, ").push(owner.columns());
    for column in [EncryptedColumn::AuthorPersons, EncryptedColumn::ReferenceIds] {
        let checked = source.checks.iter().any(|c| c.kind == kind && c.column == column);
        sql.push(if checked { ", o." } else { ", CAST(NULL AS BYTEA) AS " }).push(column.name());
    }
    sql
}
