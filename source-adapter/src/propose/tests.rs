//! Whatever the bytes are, nothing panics, and a draft is a mapping.

use proptest::prelude::*;

use super::propose;
use crate::Mapping;

/// A draft must be read without a mistake, unless it found no column at all.
fn is_sound(bytes: &[u8]) {
    let Ok(draft) = propose(bytes, "export\n.csv") else { return };
    match Mapping::read("draft.toml", draft.toml()) {
        Ok(_) => {}
        Err(errors) => {
            let nothing = draft.columns.iter().all(|column| column.items.is_empty());
            let only = errors.errors.iter().all(|error| error.key == "col");
            assert!(nothing && only, "{errors}\n{}", draft.toml());
        }
    }
}

const HEADERS: [&str; 24] = [
    "身長",
    "血圧",
    "視力",
    "聴力",
    "性別",
    "生年月日",
    "中性脂肪",
    "血糖",
    "食後区分",
    "服薬",
    "心電図",
    "心電図所見",
    "総合判定",
    "尿糖",
    "HGB(g/L)",
    "RBC",
    "保険者番号",
    "枝番",
    "Q01",
    "Q18",
    "氏名",
    "カナ",
    "請求区分",
    "\"a\"\"b\\\"",
];

const CELLS: [&str; 24] = [
    "",
    "170.5",
    "128/82",
    "0.3(1.2)/0.8",
    "0010",
    "○×○○",
    "男",
    "S55.04.12",
    "空腹",
    "食後",
    "なし",
    "血圧・脂質",
    "異常なし",
    "左室高電位／頻脈",
    "A",
    "C1",
    "(-)",
    "158",
    "5.1",
    "未実施",
    "*",
    "-",
    "５以下",
    "\"x\ny\"",
];

fn line(of: &'static [&'static str], width: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(of), width).prop_map(|cells| cells.join(","))
}

fn sheet() -> impl Strategy<Value = String> {
    (2..12_usize).prop_flat_map(|width| {
        (line(&HEADERS, width), prop::collection::vec(line(&CELLS, width), 0..8))
            .prop_map(|(header, rows)| format!("{header}\n{}", rows.join("\n")))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_sheet_gives_a_mapping(text in sheet()) {
        is_sound(text.as_bytes());
    }

    #[test]
    fn any_bytes_give_a_mapping_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        is_sound(&bytes);
    }

    #[test]
    fn any_text_gives_a_mapping_or_an_error(text in "[ -~\n,あ-ん心電図右左（）／％\"]{0,300}") {
        is_sound(text.as_bytes());
    }
}
