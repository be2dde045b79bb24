//! Every item is filled from one place only.

use std::collections::HashMap;

use super::Item;
use super::problems::Problems;

/// Which place fills an item.
#[derive(Default)]
pub(super) struct Claims {
    lines: HashMap<usize, usize>,
}

/// Items that the conversion fills by itself. Ages, which exports often have, may be mapped.
const DERIVED: [&str; 2] = ["profile_ver", "record_no"];

impl Claims {
    /// Claims an item; a second claim, or one on a derived item, is a mistake.
    pub(super) fn claim(&mut self, problems: &Problems, item: Item, line: usize, key: &str) {
        let id = &item.id;
        if DERIVED.contains(&id.as_str()) {
            let en = format!("{id} is set by the conversion and cannot be mapped");
            problems.add(line, key, en, format!("{id} は変換時に設定されるため指定できません"));
            return;
        }
        if let Some(first) = self.lines.insert(item.position, line) {
            let en = format!(
                "{id} is already filled on line {first}; an item has one source; several columns for one item are a list: from = [...]"
            );
            let ja = format!(
                "{id} は{first}行目で既に指定されています。項目の元は1つだけです。複数の列を1つの項目にするには from = [...] と書きます"
            );
            problems.add(line, key, en, ja);
        }
    }
}
