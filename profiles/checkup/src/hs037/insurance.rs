//! Insurance and consultation ticket (受診券).

use uuid::Uuid;

use super::out::Json;
use super::{Writer, coding, systems};
use crate::tables::tables;
use crate::width::full_width;

/// What the document says of the insurance: ticket and insurance, neither without an insurer to pay,
/// who is named by one of them.
pub(super) struct Coverages {
    pub(super) ticket: Option<Uuid>,
    pub(super) insurance: Option<Uuid>,
}

impl Coverages {
    pub(super) fn of(writer: &Writer<'_>) -> Self {
        let mut found = Self { ticket: None, insurance: None };
        if writer.insurance("insurer_no").is_empty() {
            return found;
        }
        if !writer.insurance("ticket_no").is_empty() {
            found.ticket = Some(writer.resources.uuid("coverage-service"));
        }
        let card = ["card_symbol", "card_number", "card_branch", "insured_kind"];
        if found.ticket.is_none() || card.iter().any(|id| !writer.insurance(id).is_empty()) {
            found.insurance = Some(writer.resources.uuid("coverage-insurance"));
        }
        found
    }

    /// The Coverages that there are.
    pub(super) fn all(&self) -> impl Iterator<Item = Uuid> {
        self.ticket.into_iter().chain(self.insurance)
    }

    /// Writes them and the insurer as entries.
    pub(super) fn entries(&self, writer: &Writer<'_>, json: &mut Json<'_>) {
        let payer = writer.resources.uuid("insurer");
        if let Some(uuid) = self.ticket {
            writer.entry(uuid, json, |json| ticket(writer, payer, json));
        }
        if let Some(uuid) = self.insurance {
            writer.entry(uuid, json, |json| insurance(writer, payer, json));
        }
        if self.all().next().is_some() {
            writer.entry(payer, json, |json| insurer(writer, json));
        }
    }
}

fn ticket(writer: &Writer<'_>, payer: Uuid, json: &mut Json<'_>) {
    writer.begin("Coverage", systems::TICKET_PROFILE, json);
    json.key("status").word("active");
    json.key("type").object(|json| coding(json, systems::TICKET, "1", None));
    json.key("subscriberId").text(writer.insurance("ticket_no"));
    json.key("beneficiary");
    writer.reference(writer.patient, json);
    let until = writer.insurance("ticket_until");
    if !until.is_empty() {
        json.key("period").object(|json| json.key("end").text(until));
    }
    json.key("payor").array(|json| writer.reference(payer, json));
}

fn insurance(writer: &Writer<'_>, payer: Uuid, json: &mut Json<'_>) {
    let [symbol, number, branch] =
        ["card_symbol", "card_number", "card_branch"].map(|id| full_width(writer.insurance(id)));
    writer.begin("Coverage", systems::INSURANCE_PROFILE, json);
    let parts = [
        (systems::INSURED_SYMBOL, &symbol),
        (systems::INSURED_NUMBER, &number),
        (systems::INSURED_SUB_NUMBER, &branch),
    ];
    if parts.iter().any(|(_, value)| !value.is_empty()) {
        json.key("extension").array(|json| {
            for (url, value) in parts.into_iter().filter(|(_, value)| !value.is_empty()) {
                json.object(|json| {
                    json.key("url").word(url);
                    json.key("valueString").text(value);
                });
            }
        });
    }
    let subscriber = format!("\"{symbol}\",\"{number}\"");
    if !number.is_empty() {
        let identifier = match branch.as_str() {
            "" => subscriber.clone(),
            branch => format!("{subscriber},\"{branch}\""),
        };
        json.key("identifier")
            .array(|json| json.object(|json| json.key("value").text(&identifier)));
    }
    json.key("status").word("active");
    let category = insurance_category(&writer.insurer_number());
    json.key("type").object(|json| coding(json, systems::INSURANCE_CATEGORY, category, None));
    if !number.is_empty() {
        json.key("subscriberId").text(&subscriber);
    }
    json.key("beneficiary");
    writer.reference(writer.patient, json);
    if !branch.is_empty() {
        json.key("dependent").text(&branch);
    }
    if let Some(kind) = tables().term("kcsv:insured", writer.insurance("insured_kind")) {
        json.key("relationship").object(|json| {
            coding(json, systems::INSURED_CATEGORY, &kind.code, Some(&kind.term));
        });
    }
    json.key("payor").array(|json| writer.reference(payer, json));
}

/// 保険者番号 with eight digits: the six of 国保 with two zeros before them.
pub(super) fn insurer_number(number: &str) -> String {
    if number.is_empty() { String::new() } else { format!("{number:0>8}") }
}

/// 国保 has no 法別番号 (67 for retired people), 39 is 後期高齢者, all others are 医保.
fn insurance_category(insurer: &str) -> &'static str {
    match insurer.get(..2) {
        Some("00" | "67") => "2",
        Some("39") => "7",
        _ => "1",
    }
}

/// The insurer.
fn insurer(writer: &Writer<'_>, json: &mut Json<'_>) {
    writer.begin("Organization", systems::INSURER_PROFILE, json);
    json.key("identifier").array(|json| {
        json.object(|json| {
            json.key("system").word(systems::INSURER);
            json.key("value").text(&writer.insurer_number());
        });
    });
    json.key("type").array(|json| {
        json.object(|json| coding(json, systems::ORGANIZATION_TYPE, "ins", None));
    });
    let name = writer.insurance("insurer_name");
    if !name.is_empty() {
        json.key("name").text(name);
    }
}
