//! What holds between the operations of an update.

use super::operation::{NewAssociation, Propagation};
use super::read::Reading;
use super::{Form, Update, rows};
use crate::finding::Finding;
use crate::ids::ObjectId;
use std::collections::{HashMap, HashSet};

impl Reading {
    /// What holds between the operations.
    pub(super) fn whole(&mut self, update: &Update) {
        let told = self.findings.any_error();
        if update.is_empty() && !told {
            let rule = match self.form {
                Form::Full => &rows::UPDATE_EMPTY,
                Form::Restricted => &rows::RESTRICTED_EMPTY,
            };
            self.about(&update.submission_set, rule, |f| f);
        }
        self.ends(update);
        self.targets(update);
        if self.form == Form::Restricted {
            self.restricted(update);
        }
    }

    /// A symbol names an object of this update; and an end that takes over its associations takes no
    /// other one (ITI TF-2: 3.57.4.1.3.3.6).
    fn ends(&mut self, update: &Update) {
        let of_entries = update.entries.iter().map(|v| (&v.object.id, v.propagation));
        let of_folders = update.folders.iter().map(|v| (&v.object.id, v.propagation));
        let here: HashMap<&ObjectId, Propagation> = of_entries.chain(of_folders).collect();
        for NewAssociation { association: a, .. } in &update.associations {
            for (attribute, id) in [("sourceObject", &a.source), ("targetObject", &a.target)] {
                match here.get(id) {
                    Some(Propagation::Yes) => {
                        let detail = |f: Finding| f.attribute(attribute).value(id.to_string());
                        self.about(a, &rows::UPDATE_PROPAGATED, detail);
                    }
                    Some(Propagation::No) => {}
                    None if id.uuid().is_none() && *id != update.submission_set.id => {
                        self.unresolved(a, attribute, id);
                    }
                    None => {}
                }
            }
        }
    }

    fn targets(&mut self, update: &Update) {
        let of_entries = update.entries.iter().map(|v| &v.object.id);
        let of_folders = update.folders.iter().map(|v| &v.object.id);
        let new = update.associations.iter().map(|a| &a.association.id);
        let set = std::iter::once(&update.submission_set.id);
        let here: HashSet<&ObjectId> = of_entries.chain(of_folders).chain(new).chain(set).collect();
        let mut changed = HashSet::new();
        for status in &update.statuses {
            let (a, target) = (&status.operation, status.target());
            if !changed.insert(target) {
                self.about(a, &rows::UPDATE_REPEATED, |f| {
                    f.attribute("targetObject").value(target.to_string())
                });
            } else if target.uuid().is_none() && !here.contains(target) {
                self.unresolved(a, "targetObject", target);
            }
        }
    }

    /// ITI TF-2: 3.92.4.1.2: new versions of DocumentEntries, each with the community it is of.
    fn restricted(&mut self, update: &Update) {
        let rule = &rows::RESTRICTED_CONTENT;
        update.folders.iter().for_each(|v| self.about(&v.object, rule, |f| f));
        update.associations.iter().for_each(|a| self.about(&a.association, rule, |f| f));
        update.statuses.iter().for_each(|s| self.about(&s.operation, rule, |f| f));
        for entry in &update.entries {
            if entry.object.home.is_none() {
                let detail = |f: Finding| f.attribute("homeCommunityId");
                self.about(&entry.object, &rows::RESTRICTED_COMMUNITY_MISSING, detail);
            }
        }
    }
}
