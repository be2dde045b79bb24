//! What of a record its document shows as results, where, and in which order.

use std::sync::LazyLock;

use uuid::Uuid;

use super::{View, Writer};
use crate::tables::{Column, GroupRole, Section, tables};

/// One Observation of the document.
pub(super) struct Planned {
    pub(super) uuid: Uuid,
    /// The section that lists it; a member of a group is listed by its group.
    pub(super) listed: Option<Section>,
    pub(super) what: What,
}

/// What an Observation tells of.
pub(super) enum What {
    Item(&'static Column),
    /// A 一連検査グループ; its members stand before it.
    Group {
        code: &'static str,
        members: std::ops::Range<usize>,
    },
}

/// All observations in the order of the column table; a group follows its members.
pub(super) fn of(writer: &Writer<'_>) -> Vec<Planned> {
    let mut sent: Vec<&'static Column> = Vec::with_capacity(tables().columns().len());
    let shown = writer.record.iter().map(|(column, _)| column);
    sent.extend(shown.filter(|column| is_sent(writer, column) && !is_component(writer, column)));
    let mut plan = Vec::with_capacity(sent.len() + 8);
    let same_group = |one: &&'static Column, next: &&'static Column| {
        one.group_role.is_some() && one.group_code == next.group_code
    };
    for run in sent.chunk_by_mut(same_group) {
        match run {
            [single] if single.group_role.is_none() => {
                let listed = place(writer, single);
                plan.push(item(writer, single, listed));
            }
            members => group(writer, members, &mut plan),
        }
    }
    plan
}

/// The items whose text travels inside the observation of an item.
pub(super) fn components<'a>(
    writer: &'a Writer<'_>,
    column: &Column,
) -> impl Iterator<Item = &'static Column> + use<'a> {
    let related = Related::of(column);
    let components = related.map_or(&[][..], |related| related.components.as_slice());
    components.iter().copied().filter(|other| is_sent(writer, other))
}

fn item(writer: &Writer<'_>, column: &'static Column, listed: Option<Section>) -> Planned {
    let uuid = writer.resources.uuid(&["obs-", &column.id].concat());
    Planned { uuid, listed, what: What::Item(column) }
}

/// The members of a 一連検査グループ and the group: values first, then 対象者, the reason last.
fn group(writer: &Writer<'_>, members: &mut [&'static Column], plan: &mut Vec<Planned>) {
    members.sort_by_key(|column| match column.group_role {
        Some(GroupRole::Rson) => 2,
        _ => i32::from(column.id.ends_with("_subject")),
    });
    let Some(first) = members.first().copied() else { return };
    let begin = plan.len();
    plan.extend(members.iter().map(|column| item(writer, column, None)));
    let (code, members) = (first.group_code.as_str(), begin..plan.len());
    let uuid = writer.resources.uuid(&["grp-", code].concat());
    let what = What::Group { code, members };
    plan.push(Planned { uuid, listed: place(writer, first), what });
}

fn place(writer: &Writer<'_>, column: &Column) -> Option<Section> {
    column.fhir_section.map(|section| writer.programme.fhir_place(section))
}

fn is_sent(writer: &Writer<'_>, column: &Column) -> bool {
    let shown = match writer.view {
        View::Full => true,
        View::Statutory => column.statutory,
    };
    shown && column.fhir_section.is_some() && !writer.record.value(column).is_empty()
}

/// An explanation travels inside the observation it explains, when there is one.
fn is_component(writer: &Writer<'_>, column: &Column) -> bool {
    let parent = Related::of(column).and_then(|related| related.parent);
    parent.is_some_and(|parent| is_sent(writer, parent))
}

/// The items an item of the table is tied to.
#[derive(Default)]
struct Related {
    /// Whose observation carries this one.
    parent: Option<&'static Column>,
    /// Which ones its own observation carries.
    components: Vec<&'static Column>,
}

impl Related {
    /// An institution's own item has none.
    fn of(column: &Column) -> Option<&'static Self> {
        static ALL: LazyLock<Vec<Related>> = LazyLock::new(|| {
            let all = tables().columns().iter();
            all.map(|column| {
                let components = tables().columns().iter();
                let components = components.filter(|other| other.component_of == column.id);
                let parent = tables().column(&column.component_of);
                Related { parent, components: components.collect() }
            })
            .collect()
        });
        ALL.get(column.position)
    }
}
