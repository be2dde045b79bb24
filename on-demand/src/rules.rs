//! The rows of the error table that only the On-Demand Document Source can find.

use renkei_metadata::finding::{Finding, Rule};
use renkei_metadata::ids::UniqueId;

renkei_metadata::finding::error_table! { pub(crate) rows:
    NOTHING = "on-demand-nothing", DocumentUniqueIdError, "ITI TF-2: 3.43.4.1.3" {
        en: "cannot be made, since no checkup of this person is approved for its readers",
        "retrieve it again when a checkup was registered";
        ja: "は、この閲覧範囲で承認済みの健診結果がないため作成できません",
        "健診結果が登録されてから再度取得してください"
    }
    REGISTRY_SILENT = "on-demand-registry", RegistryNotAvailable, "ITI TF-3: 4.2.4.1" {
        en: "cannot be made, since the registry gave no answer", "try again later";
        ja: "は、レジストリの応答がないため作成できません", "しばらくしてから再度取得してください"
    }
    SOURCE_BROKEN = "on-demand-source", GeneralError, "ITI TF-2: 3.43.4.1.3" {
        en: "cannot be made, since a document that belongs into it could not be read as it was registered",
        "report the uniqueId of that document to the operator";
        ja: "は、含めるべき文書を登録時の内容で読めないため作成できません",
        "その文書のuniqueIdを運用者に連絡してください"
    }
    TOO_LARGE = "on-demand-too-large", OutOfResources, "ITI TF-3: 4.2.4.1" {
        en: "is larger than what this house makes", "ask the operator to raise the limit that is named";
        ja: "は作成できる大きさを超えています", "示された上限を上げるよう運用者に依頼してください"
    }
    OVERDUE = "on-demand-overdue", Busy, "ITI TF-3: 4.2.4.1" {
        en: "could not be made in time", "try again later";
        ja: "は時間内に作成できませんでした", "しばらくしてから再度取得してください"
    }
    NOT_KEPT = "on-demand-not-kept", GeneralError, "ITI TF-2: 3.43.4.2.3" {
        en: "was made, but its snapshot could not be registered, so that it is not given out",
        "try again; if it stays, report the codes that are named to the operator";
        ja: "は作成しましたが、スナップショットを登録できないため返しません",
        "再度取得し、続く場合は示されたコードを運用者に連絡してください"
    }
}

/// A finding about a document that was asked for.
pub(crate) fn on(rule: &'static Rule, document: &UniqueId) -> Box<Finding> {
    let id = document.as_str();
    Box::new(Finding::new(rule, format!("Document {id}")).location(id))
}
