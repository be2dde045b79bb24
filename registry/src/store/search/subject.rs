//! The objects that a query names: the first hop, over an index that leads there.

use super::super::columns::table;
use super::super::kind_number;
use super::super::statement::{Bind, Sql};
use super::conditions::{Conditions, NotSearchable, PatternCheck, digit};
use super::visibility;
use super::ways::Planner;
use renkei_metadata::model::ObjectKind;
use renkei_xds::catalogue::{Attribute, MetadataLevel, Part, Subject, Way};

/// `FROM tables WHERE wheres`, in the making.
#[derive(Clone, Debug, Default)]
pub(super) struct Source {
    pub(super) tables: Sql,
    pub(super) wheres: Sql,
    pub(super) checks: Vec<PatternCheck>,
    /// Whether it may lead to an object more than once.
    pub(super) repeats: bool,
}

impl Planner<'_> {
    /// The kinds of object that the query names.
    pub(super) fn named_kinds(&self) -> Vec<ObjectKind> {
        match &self.query.subject {
            Subject::Patients(_) | Subject::Anyone => {
                let named = |part: &Part| match part {
                    Part::Objects(kind, ways) if ways.contains(&Way::Named) => Some(*kind),
                    Part::Objects(..) | Part::Links(_) => None,
                };
                self.query.parts().iter().filter_map(named).collect()
            }
            Subject::EntryUuids { kinds, .. } => kinds.to_vec(),
            Subject::UniqueIds { kind, .. } | Subject::LogicalIds { kind, .. } => vec![*kind],
        }
    }

    /// The named objects of one kind that pass, as rows called `alias`; of those found by patient, the
    /// surviving one is the row `nroot`.
    pub(super) fn named(
        &self,
        kind: ObjectKind,
        alias: &'static str,
    ) -> Result<Source, NotSearchable> {
        let mut source = Source::default();
        match &self.query.subject {
            Subject::Patients(patients) => {
                if kind == ObjectKind::Association {
                    return Err(NotSearchable(Attribute::PatientId));
                }
                let hashes = patients.iter().map(|cx| Bind::Bytes(self.vault.hash(cx)));
                source
                    .tables
                    .push("patient nroot JOIN patient np ON np.survivor = nroot.key JOIN ");
                source.tables.push(table(kind)).push(" ").push(alias);
                source.tables.push(" ON ").push(alias).push(".patient_key = np.key");
                source.wheres.push("nroot.cx_hash").equals_one(hashes.collect());
                // A subsumed identifier finds nothing (ITI TF-2: 3.18.4.1.2.3.9).
                source.wheres.push(" AND nroot.survivor = nroot.key");
            }
            Subject::EntryUuids { ids, .. } => {
                let ids = ids.iter().map(|id| Bind::Bytes(id.0.as_bytes().to_vec()));
                source.hop("object h", "h.id", ids.collect(), kind, alias);
            }
            Subject::UniqueIds { ids, .. } => {
                let ids = ids.iter().map(|id| Bind::Text(id.as_str().to_owned())).collect();
                if kind == ObjectKind::DocumentEntry {
                    source.tables.push("document_entry ").push(alias);
                    source.wheres.push(alias).push(".unique_id").equals_one(ids);
                } else if kind == ObjectKind::Folder
                    && self.query.level == MetadataLevel::Everything
                {
                    // The uniqueId leads to the newest version, and that to all by their logicalID.
                    source.hop("unique_id h", "h.value", ids, kind, "hf");
                    source.tables.push(" JOIN folder ").push(alias);
                    source.tables.push(" ON ").push(alias).push(".lid = hf.lid");
                } else {
                    source.hop("unique_id h", "h.value", ids, kind, alias);
                }
            }
            Subject::LogicalIds { ids, .. } => {
                if !matches!(kind, ObjectKind::DocumentEntry | ObjectKind::Folder) {
                    return Err(NotSearchable(Attribute::LogicalId));
                }
                let ids = ids.iter().map(|id| Bind::Bytes(id.0.as_bytes().to_vec()));
                source.tables.push(table(kind)).push(" ").push(alias);
                source.wheres.push(alias).push(".lid").equals_one(ids.collect());
            }
            Subject::Anyone => self.anyone(&mut source, kind, alias)?,
        }
        self.restrict(&mut source, kind, alias)?;
        Ok(source)
    }

    /// Adds what has to hold for the object `alias`: the filters of its kind, and the scope.
    pub(super) fn restrict(
        &self,
        source: &mut Source,
        kind: ObjectKind,
        alias: &'static str,
    ) -> Result<(), NotSearchable> {
        self.filter(source, kind, alias)?;
        visibility::restrict(&mut source.wheres, self.scope, kind, alias, self.dialect);
        if self.is_alone && kind == ObjectKind::DocumentEntry {
            visibility::alone(&mut source.wheres, self.scope, alias, self.dialect);
        }
        Ok(())
    }

    /// Adds the filters alone: of an association whose ends are known to be visible.
    pub(super) fn filter(
        &self,
        source: &mut Source,
        kind: ObjectKind,
        alias: &'static str,
    ) -> Result<(), NotSearchable> {
        self.level(&mut source.wheres, kind, alias);
        for filter in self.query.filters_of(kind) {
            let mut conditions = Conditions {
                sql: &mut source.wheres,
                checks: &mut source.checks,
                kind,
                alias,
                vault: self.vault,
                dialect: self.dialect,
                negated: false,
            };
            conditions.add(filter)?;
        }
        Ok(())
    }

    /// Adds which versions and states are seen at all.
    fn level(&self, wheres: &mut Sql, kind: ObjectKind, alias: &'static str) {
        if self.query.level == MetadataLevel::Everything {
            return;
        }
        let columns: &[&'static str] = match kind {
            ObjectKind::DocumentEntry => &[".latest = 1", ".availability = 0"],
            ObjectKind::Folder => &[".latest = 1", ".status = 0"],
            ObjectKind::Association => &[".status = 0"],
            ObjectKind::SubmissionSet => &[],
        };
        for column in columns {
            wheres.push(" AND ").push(alias).push(column);
        }
    }
}

impl Source {
    /// From a row that leads to an object, to the object.
    fn hop(
        &mut self,
        first: &'static str,
        column: &'static str,
        values: Vec<Bind>,
        kind: ObjectKind,
        alias: &'static str,
    ) {
        self.tables.push(first).push(" JOIN ").push(table(kind)).push(" ").push(alias);
        self.tables.push(" ON ").push(alias).push(".key = h.key");
        if kind != ObjectKind::Association {
            self.tables.push(" AND ").push(alias).push(".patient_key = h.patient_key");
        }
        self.wheres.push(column).equals_one(values).push(" AND h.kind = ");
        self.wheres.push(digit(kind_number(kind)));
    }
}
