//! What was done, in words that the person understands.

use renkei_atna::record::AuditRecord;

/// What was done, in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Deed {
    pub(super) ja: &'static str,
    pub(super) en: &'static str,
}

const fn deed(ja: &'static str, en: &'static str) -> Deed {
    Deed { ja, en }
}

/// What a record is of: by its transaction, else by what it says of itself (DICOM PS3.16: CID 400).
pub(super) fn of(record: &AuditRecord) -> Deed {
    let transaction = record.event_type.as_ref().and_then(|kind| by_transaction(&kind.code));
    transaction.unwrap_or_else(|| by_event(&record.event.code))
}

fn by_transaction(code: &str) -> Option<Deed> {
    Some(match code {
        "ITI-8" | "ITI-44" | "ITI-64" => {
            deed("患者情報を通知・変更", "announced or changed who the person is")
        }
        "ITI-9" | "ITI-45" => deed("識別子を照会", "asked for identifiers"),
        "ITI-10" | "ITI-46" => deed("識別子の変更を通知", "told of changed identifiers"),
        "ITI-21" | "ITI-47" | "ITI-55" => deed("人を検索", "searched for the person"),
        "ITI-56" => deed("記録のある場所を照会", "asked where there are records"),
        "ITI-18" | "ITI-38" | "ITI-51" => deed("文書を検索", "searched for documents"),
        "ITI-39" | "ITI-43" => deed("文書を取得", "retrieved documents"),
        "ITI-41" => deed("文書を送信", "submitted documents"),
        "ITI-42" | "ITI-61" => deed("文書を登録", "registered documents"),
        "ITI-57" | "ITI-92" => deed("文書の情報を更新", "updated what is said of documents"),
        "ITI-62" => deed("文書の情報を削除", "removed what is said of documents"),
        "ITI-86" => deed("文書を削除", "removed documents"),
        _ => return None,
    })
}

fn by_event(code: &str) -> Deed {
    match code {
        "110101" => deed("アクセス記録を閲覧", "looked at the records of access"),
        "110110" => {
            deed("人の記録を照合・統合", "compared, linked or merged records of the person")
        }
        "110106" => deed("文書を送り出し", "sent documents out"),
        "110107" => deed("文書を受け入れ", "took documents in"),
        "110112" => deed("照会", "asked"),
        _ => deed("操作", "worked on it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use renkei_xds::transaction::{ALL, ITI_44_ADDED, ITI_45, ITI_46, ITI_47, ITI_55, ITI_56};

    #[test]
    fn every_transaction_has_its_words() {
        let of_persons = [&ITI_44_ADDED, &ITI_45, &ITI_46, &ITI_47, &ITI_55, &ITI_56];
        let ids = ALL.iter().map(|t| t.id).chain(of_persons.map(|t| t.id));
        for id in ids.chain(["ITI-8", "ITI-9", "ITI-10", "ITI-21", "ITI-64"]) {
            let words = by_transaction(id).unwrap_or_else(|| panic!("{id} has no words"));
            assert!(!words.ja.is_ascii() && words.en.is_ascii(), "{id}");
        }
    }
}
