//! docs/CODES.md: the code list of a new house.

use renkei_metadata::codes::{CodeList, default_xml};
use std::fmt::Write;

/// The coded attributes, and where they stand.
pub(super) const ATTRIBUTES: [(&str, &str); 10] = [
    ("classCode", "DocumentEntry"),
    ("typeCode", "DocumentEntry"),
    ("formatCode", "DocumentEntry"),
    ("contentTypeCode", "SubmissionSet"),
    ("confidentialityCode", "DocumentEntry"),
    ("eventCodeList", "DocumentEntry"),
    ("healthcareFacilityTypeCode", "DocumentEntry"),
    ("practiceSettingCode", "DocumentEntry"),
    ("codeList", "Folder"),
    ("documentation", "Association"),
];

/// The list.
pub(super) fn list() -> CodeList {
    CodeList::read(default_xml()).unwrap()
}

/// The page.
pub(super) fn page() -> String {
    let mut out = String::from(
        "# コード表 / Codes\n\nWritten from the default code list (`profiles/metadata/codes/codes.xml`); do not edit. 新しい拠点のコード表です。\
         拠点ごとの表は設定 `codes.file` で指定し、`renkei pki issue` が証明書と一緒に渡します。表にないコードは `code-unknown` で断られます。 / \
         The list of a new house. A house names its own by the setting `codes.file`, and `renkei pki issue` hands it over with each \
         certificate. A code that is not in it is refused as `code-unknown` ([ERRORS.md](ERRORS.md)). What the schemes are: \
         [OIDS.md](OIDS.md).\n",
    );
    let list = list();
    for (attribute, object) in ATTRIBUTES {
        writeln!(
            out,
            "\n## {object}.{attribute}\n\n| code | codingScheme | 名称 |\n| --- | --- | --- |"
        )
        .unwrap();
        for code in list.listed(attribute) {
            let display = code.display.text();
            writeln!(out, "| `{}` | `{}` | {display} |", code.code, code.scheme).unwrap();
        }
    }
    out.push_str("\n## DocumentEntry.mimeType\n\n");
    for mime_type in list.mime_types() {
        writeln!(out, "- `{mime_type}`").unwrap();
    }
    out
}

#[test]
fn every_code_type_of_the_list_is_shown() {
    let types = default_xml().matches("<CodeType ").count();
    assert_eq!(types, ATTRIBUTES.len() + 1, "mimeType is the last");
    let list = list();
    for (attribute, _) in ATTRIBUTES {
        assert!(!list.listed(attribute).is_empty(), "{attribute}");
    }
}
