//! Messages that are refused, each with the row that says why.

use super::rows::{self, all};
use super::{Location, Nak, Problem};
use crate::adt;
use crate::authorities::Authorities;
use crate::msh::Msh;
use crate::query::{self, Query};
use renkei_metadata::ids::Oid;

const A04: &str = "MSH|^~\\&|A|B|C|D|20250601||ADT^A04|1|P|2.5||||||UNICODE UTF-8\rEVN||20250601\r\
                   PID|||7^^^&2.999.1&ISO||a^b\r";
const A40: &str = "MSH|^~\\&|A|B|C|D|20250601||ADT^A40^ADT_A39|1|P|2.5\rEVN||20250601\r\
                   PID|||7^^^&2.999.1&ISO||a^b\rMRG|8^^^&2.999.1&ISO\r";
const A43: &str = "MSH|^~\\&|A|B|C|D|20250601||ADT^A43^ADT_A43|1|P|2.5\rEVN||20250601\r\
                   PID|||7^^^&2.999.1&ISO~L^^^&2.999.9&ISO||a^b\rMRG|8^^^&2.999.1&ISO\r";

/// The refusal of a message by a registry of the authority 2.999.1, which knows the name of another.
fn refusal(frame: &[u8]) -> Option<Nak> {
    let authorities = Authorities::new(Oid::parse("2.999.1").unwrap());
    let authorities = authorities.named(["OTHER=2.999.5".parse().unwrap()]);
    adt::read(frame).and_then(|feed| feed.notice(&authorities)).err()
}

/// The one row of a problem.
fn row(problem: &Problem) -> &'static str {
    let rows: Vec<&str> = all().iter().filter(|row| row.is(problem)).map(|row| row.id).collect();
    let [row] = rows.as_slice() else { panic!("{problem:?} is of the rows {rows:?}") };
    row
}

#[test]
fn a_message_that_is_refused_names_its_row() {
    for good in [A04, A40, A43] {
        assert_eq!(refusal(good.as_bytes()), None, "{good}");
    }
    let samples = [
        ("feed-not-a-message", "hello".to_owned()),
        ("feed-not-a-segment", format!("{A04}x")),
        ("feed-block-unfinished", format!("{A04}\u{b}{A04}")),
        ("feed-block-of-messages", format!("{A04}MSH|^~\\&|A\r")),
        ("feed-segment-repeated", format!("{A04}PID|2\r")),
        ("feed-segment-missing", A40.replace("MRG", "ZZZ")),
        ("feed-field-missing", A04.replace("|A|B", "||B")),
        ("feed-message-type", A04.replace("ADT^A04", "ORU^R01")),
        ("feed-event", A04.replace("A04", "A13")),
        ("feed-version", A04.replace("|2.5|", "|2.4|")),
        ("feed-processing-id", A04.replace("|P|", "|X|")),
        ("feed-sets-not-named", A04.replace("a^b", "\u{1b}$B;3\u{1b}(B")),
        ("feed-set-unknown", A04.replace("UNICODE UTF-8", "8859/1")),
        ("feed-too-many-parts", A04.replace("a^b", &"~".repeat(200_000))),
        ("feed-id-missing", A04.replace("2.999.1", "2.999.3")),
        ("feed-authority-unknown", A04.replace("&2.999.1&ISO", "WHO")),
        ("feed-authority-contradicted", A04.replace("&2.999.1&", "OTHER&2.999.1&")),
        ("feed-id-malformed", A04.replace("|7^", "|7&8^")),
        ("feed-id-twice", A40.replace("|7^", "|9^^^&2.999.1&ISO~7^")),
        ("feed-merged-into-itself", A40.replace("|8^", "|7^")),
        ("feed-local-id", A43.replace("~L^^^&2.999.9&ISO", "")),
    ];
    for (id, sample) in samples {
        let nak = refusal(sample.as_bytes()).expect(id);
        let rows: Vec<&str> = nak.problems.iter().map(row).collect();
        assert_eq!(rows, [id], "{nak}");
    }
    let undecodable = [A04.as_bytes(), b"NTE|\xff\r"].concat();
    let nak = refusal(&undecodable).unwrap();
    assert_eq!(nak.problems.iter().map(row).collect::<Vec<_>>(), ["feed-undecodable"]);
    for (id, nak) in
        [("feed-too-long", Nak::too_long(1)), ("feed-internal", Nak::internal(&Msh::default()))]
    {
        assert_eq!(nak.problems.iter().map(row).collect::<Vec<_>>(), [id]);
    }
}

const Q23: &str = "MSH|^~\\&|A|B|C|D|20250601||QBP^Q23^QBP_Q21|1|P|2.5\r\
                   QPD|IHE PIX Query|T|7^^^&2.999.1&ISO|^^^&2.999.5&ISO\rRCP|I\r";
const Q22: &str = "MSH|^~\\&|A|B|C|D|20250601||QBP^Q22^QBP_Q21|1|P|2.5\r\
                   QPD|IHE PDQ Query|T|@PID.3.1^7~@PID.8^F|||||^^^OTHER\rRCP|I\r";

/// The refusal of a query by a manager of these authorities.
fn query_refusal(frame: &str) -> Option<Nak> {
    let authorities = Authorities::new(Oid::parse("2.999.1").unwrap());
    let authorities = authorities.named(["OTHER=2.999.5".parse().unwrap()]);
    let refused = match query::read(frame.as_bytes()) {
        Ok(Query::CrossReference(query)) => query.resolve(&authorities).err(),
        Ok(Query::Demographics(query)) => query.wanted(&authorities).err(),
        Ok(Query::Cancel(_)) => None,
        Err(refusal) => Some(refusal),
    };
    refused.map(|refusal| refusal.nak)
}

#[test]
fn a_query_that_is_refused_names_its_row() {
    for good in [Q23, Q22] {
        assert_eq!(query_refusal(good), None, "{good}");
    }
    let samples = [
        ("feed-message-type", Q23.replace("QBP^Q23", "QRY^A19")),
        ("feed-event", Q23.replace("Q23", "ZV1")),
        ("feed-version", Q23.replace("|2.5", "|2.3.1")),
        ("feed-segment-missing", Q23.replace("QPD", "ZPD")),
        ("feed-field-missing", Q23.replace("|T|", "||")),
        ("feed-segment-repeated", Q23.replace("RCP|I", "QPD|2")),
        ("feed-authority-contradicted", Q23.replace("&2.999.5&", "OTHER&2.999.6&")),
        ("feed-id-malformed", Q23.replace("|7^", "|7&8^")),
        ("pixpdq-domain-unknown", Q23.replace("&2.999.5&ISO", "WHO")),
        ("pixpdq-domain-unknown", Q22.replace("^^^OTHER", "^^^WHO")),
        ("pixpdq-id-twice", Q23.replace("|7^", "|8^^^OTHER~7^")),
        ("pixpdq-too-many", Q23.replace("|^^^", &format!("|{}^^^", "~".repeat(64)))),
        ("pixpdq-too-long", Q23.replace("|7^", &format!("|{}^", "7".repeat(33_000)))),
        ("pixpdq-parameter-unknown", Q22.replace("PID.8", "PID.30")),
        ("pixpdq-parameter-malformed", Q22.replace("8^F", "8^Q")),
        ("pixpdq-parameter-twice", Q22.replace("8^F", "8^F~@PID.8^M")),
        ("pixpdq-priority", Q23.replace("RCP|I", "RCP|D")),
        ("pixpdq-quantity", Q22.replace("RCP|I", "RCP|I|5^CH")),
    ];
    for (id, sample) in samples {
        let nak = query_refusal(&sample).expect(id);
        let rows: Vec<&str> = nak.problems.iter().map(row).collect();
        assert_eq!(rows, [id], "{nak}");
    }
}

#[test]
fn no_problem_can_be_taken_for_another() {
    for one in all() {
        let names =
            ["segment", "field", "count", "max", "line", "set", "authority", "finding", "known"];
        let values = names.map(|name| (name, "x"));
        assert_eq!(row(&Problem::of(one, Location::none(), &values)), one.id);
        for text in [one.en, one.fix_en] {
            assert!(text.is_ascii() && !text.ends_with('.'), "{}: {text}", one.id);
        }
        for text in [one.ja, one.fix_ja] {
            assert!(!text.ends_with('。') && !text.is_ascii(), "{}: {text}", one.id);
        }
    }
    let named = |row: &&rows::Row| row.id.starts_with("feed-") || row.id.starts_with("pixpdq-");
    assert!(rows::all().iter().all(named));
}
