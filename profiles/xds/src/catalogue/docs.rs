//! The catalogue as a page of documentation.

use super::{Need, ParamDef, QUERIES};

/// Every query with its parameters as Markdown tables.
pub fn markdown() -> String {
    let mut page = String::new();
    for query in QUERIES {
        let transaction = query.transaction;
        page.push_str(&format!(
            "## {}\n\n`{}` by {} {} ({})\n\n",
            query.name, query.id, transaction.id, transaction.name, query.section
        ));
        page.push_str("| Parameter | Attribute | Needed | Values | 値 |\n|---|---|---|---|---|\n");
        for param in query.params {
            page.push_str(&row(param));
        }
        page.push('\n');
    }
    page
}

fn row(param: &ParamDef) -> String {
    let need = match param.need {
        Need::Required => "yes",
        Need::Optional => "no",
        Need::Choice => "exactly one of these",
        Need::AnyOf => "at least one of these",
    };
    let expected = param.expected();
    let (not_en, not_ja) = match param.opposite() {
        Some(other) => (
            format!("; none of them, not together with `{other}`"),
            format!("。いずれにも当てはまらないもの。`{other}`とは併用不可"),
        ),
        None => (String::new(), String::new()),
    };
    let (many_en, many_ja) = match (param.multiple, param.and_or) {
        (false, _) => ("", ""),
        (true, false) => ("; list (OR)", "。リスト(OR)"),
        (true, true) => ("; list (OR), slot repeatable (AND)", "。リスト(OR)、Slotの繰り返し(AND)"),
    };
    format!(
        "| `{}` | {} | {need} | {}{many_en}{not_en} | {}{many_ja}{not_ja} |\n",
        param.name,
        param.kind.attribute().name(),
        expected.expected,
        expected.expected_ja,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_of_every_query_is_described() {
        let page = markdown();
        for query in QUERIES {
            let mut sections = page.split("## ");
            let section = sections.find(|s| s.lines().next() == Some(query.name)).unwrap();
            assert!(section.contains(query.id));
            for param in query.params {
                let start = format!("| `{}` |", param.name);
                let line = section.lines().find(|l| l.starts_with(&start)).expect(param.name);
                let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
                assert_eq!(cells.len(), 5, "{line}");
                assert!(cells.iter().all(|c| !c.is_empty()), "{line}");
                assert!(cells[3].is_ascii() && !cells[4].is_ascii(), "{line}");
            }
            let rows = section.lines().filter(|l| l.starts_with("| `")).count();
            assert_eq!(rows, query.params.len());
        }
    }
}
