//! What differs from run to run in an answer, made the same: ids and times that the house has made.

use std::collections::BTreeMap;
use uuid::Uuid;

/// Where the house made a time.
const TIME: &str = "20260401090000";

/// Knows what was sent: everything in it comes back as it is.
#[derive(Debug, Default)]
pub(crate) struct Settler {
    sent: String,
    made: BTreeMap<Uuid, Uuid>,
}

impl Settler {
    /// Takes note of a message that is sent.
    pub(crate) fn sends(&mut self, message: &[u8]) {
        self.sent.push_str(&String::from_utf8_lossy(message));
    }

    /// An answer in which each id and time of the house is the same in every run.
    pub(crate) fn settled(&mut self, answer: &str) -> String {
        let (mut out, mut run) = (String::new(), String::new());
        for c in answer.chars() {
            if c.is_ascii_hexdigit() || c == '-' {
                run.push(c);
                continue;
            }
            self.run(&mut out, &run);
            run.clear();
            out.push(c);
        }
        self.run(&mut out, &run);
        out
    }

    /// A run of hexadecimal digits and dashes, behind what is there already.
    fn run(&mut self, out: &mut String, run: &str) {
        let core = run.trim_matches('-');
        let Some((before, after)) = run.split_once(core).filter(|_| !core.is_empty()) else {
            return out.push_str(run);
        };
        out.push_str(before);
        let behind_at = out.ends_with('@');
        if self.sent.contains(core) {
            out.push_str(core);
        } else if core.len() == TIME.len() && core.bytes().all(|b| b.is_ascii_digit()) {
            out.push_str(TIME);
        } else if core.len() == CONTROL_ID.len() && is_upper_hex(core) {
            out.push_str(CONTROL_ID);
        } else {
            match Uuid::try_parse(core) {
                // the boundary of a message and the ids of its parts
                Ok(_) if core.len() == 32 => out.push_str(&Uuid::nil().simple().to_string()),
                Ok(_) if behind_at => out.push_str(&Uuid::nil().to_string()),
                Ok(id) => out.push_str(&self.number(id).to_string()),
                Err(_) => out.push_str(core),
            }
        }
        out.push_str(after);
    }

    /// The id that stands for one of the house, in the order in which they appear.
    fn number(&mut self, id: Uuid) -> Uuid {
        let next = 0xc000_0000_0000_4000_8000_0000_0000_0001 + self.made.len() as u128;
        *self.made.entry(id).or_insert_with(|| Uuid::from_u128(next))
    }
}

/// Where the house made the control id of an acknowledgement.
const CONTROL_ID: &str = "C0000000000000000000";

fn is_upper_hex(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F'))
}

#[test]
fn what_was_sent_stays_and_what_the_house_made_is_numbered() {
    let mut settler = Settler::default();
    let sent = "urn:uuid:a0000000-0000-4000-8000-000000000001 20250520011530";
    settler.sends(sent.as_bytes());
    let [one, two] = [Uuid::new_v4(), Uuid::new_v4()];
    let answer = format!(
        "{sent} urn:uuid:{one} urn:uuid:{two} urn:uuid:{one} 20301231235959 --MIME_{}-- a@{two}",
        one.simple()
    );
    let expected = format!(
        "{sent} urn:uuid:c0000000-0000-4000-8000-000000000001 \
         urn:uuid:c0000000-0000-4000-8000-000000000002 \
         urn:uuid:c0000000-0000-4000-8000-000000000001 20260401090000 \
         --MIME_00000000000000000000000000000000-- a@00000000-0000-0000-0000-000000000000"
    );
    assert_eq!(settler.settled(&answer), expected);
}
