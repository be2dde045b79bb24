//! Which items of a programme a mapping can fill.

use renkei_checkup::{Requirement, tables};
use serde::Serialize;

use super::{Item, Mapping};

/// The laws whose requirements the column table states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Law {
    /// 労働安全衛生法 定期健康診断
    Industrial,
    /// 特定健康診査
    Specific,
}

impl Law {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Industrial => "安衛法 定期健診 / industrial",
            Self::Specific => "特定健診 / specific",
        }
    }

    fn requirement(self, item: Item) -> Requirement {
        match self {
            Self::Industrial => item.industrial,
            Self::Specific => item.specific,
        }
    }
}

/// What is covered under one law.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// The law.
    pub law: Law,
    /// Whether the programme of the mapping follows it.
    pub applies: bool,
    /// Items that must be filled.
    pub required: Part,
    /// Basic items.
    pub basic: Part,
    /// Conditional and detailed items.
    pub conditional: Part,
}

/// Items of one requirement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Part {
    /// How many there are.
    pub items: usize,
    /// Those nothing fills; of items that stand for each other all ids, joined with `|`.
    pub missing: Vec<String>,
}

/// Items of which one is enough.
const ONE_OF: [&[&str]; 9] = [
    &["waist", "waist_self", "waist_decl", "vfa"],
    &["sbp1", "sbp", "sbp2"],
    &["dbp1", "dbp", "dbp2"],
    &["tg_fast", "tg_casual"],
    &["ldl", "ldl_calc", "nonhdl"],
    &["hba1c", "fpg", "cpg"],
    &["va_r", "va_rc"],
    &["va_l", "va_lc"],
    &["fundus_kw", "fundus_sh", "fundus_ss", "fundus_scott", "fundus_wm", "fundus_davis"],
];

/// Items the conversion fills by itself.
const DERIVED: [&str; 4] = ["profile_ver", "record_no", "exam_age", "fy_age"];

/// What a mapping covers under each law; `applies` says which of them its programme follows.
pub(super) fn of(mapping: &Mapping, applies: &[Law]) -> Vec<Coverage> {
    let mut filled = vec![false; tables().columns().len()];
    let constants = mapping.constants.iter().filter(|(_, value)| !value.is_empty());
    let items = mapping.columns.iter().flat_map(|rule| rule.form.items());
    for item in constants.map(|(item, _)| *item).chain(items) {
        if let Some(place) = filled.get_mut(item.position) {
            *place = true;
        }
    }
    let is_filled = |id: &str| {
        DERIVED.contains(&id)
            || tables().column(id).is_some_and(|c| filled.get(c.position) == Some(&true))
    };
    [Law::Industrial, Law::Specific]
        .into_iter()
        .map(|law| {
            let part = |of: &[Requirement]| part(law, of, &is_filled);
            Coverage {
                law,
                applies: applies.contains(&law),
                required: part(&[Requirement::Required]),
                basic: part(&[Requirement::Basic]),
                conditional: part(&[Requirement::Conditional, Requirement::Detailed]),
            }
        })
        .collect()
}

fn part(law: Law, of: &[Requirement], is_filled: &dyn Fn(&str) -> bool) -> Part {
    let mut part = Part::default();
    let mut told: Vec<&[&str]> = Vec::new();
    for item in tables().columns().iter().filter(|item| of.contains(&law.requirement(item))) {
        let id = item.id.as_str();
        let Some(group) = ONE_OF.iter().find(|group| group.contains(&id)).copied() else {
            part.items += 1;
            if !is_filled(id) {
                part.missing.push(id.to_owned());
            }
            continue;
        };
        if told.contains(&group) {
            continue;
        }
        told.push(group);
        part.items += 1;
        if !group.iter().any(|id| is_filled(id)) {
            part.missing.push(group.join("|"));
        }
    }
    part
}
