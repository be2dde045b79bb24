//! The HL7 V2 data types as Document Sharing restricts them (ITI TF-3: Table 4.2.3.1.7-2).
//!
//! These values are kept as submitted; here is only said whether they are well formed.

use crate::ids::{Invalid, Oid, PatientId};

type Verdict = Result<(), Invalid>;

const fn no(expected: &'static str, expected_ja: &'static str) -> Verdict {
    Err(Invalid { expected, expected_ja })
}

/// The components; separators at the end say nothing (HL7 V2.5: 2.10).
fn components(s: &str) -> Vec<&str> {
    s.trim_end_matches('^').split('^').collect()
}

/// A component, counted from 1 as HL7 does; empty when it is not there.
fn component<'v>(components: &[&'v str], n: usize) -> &'v str {
    n.checked_sub(1).and_then(|n| components.get(n)).copied().unwrap_or_default()
}

/// `&OID&ISO`. A namespace ID before it is the sender's own name for the same authority: HL7 has it
/// there, and the types do not forbid it as they do for patient identifiers.
fn is_authority(s: &str) -> bool {
    let parts: Vec<&str> = s.trim_end_matches('&').split('&').collect();
    matches!(parts.as_slice(), [_, oid, "ISO"] if Oid::parse(oid).is_ok())
}

/// An identifier with its assigning authority.
pub(crate) fn cx(s: &str) -> Verdict {
    PatientId::parse(s).map(drop)
}

/// A CX with the kind of identifier (referenceIdList).
pub(crate) fn cxi(s: &str) -> Verdict {
    let c = components(s);
    let authority = component(&c, 4);
    let good = c.len() <= 6
        && !component(&c, 1).is_empty()
        && component(&c, 2).is_empty()
        && component(&c, 3).is_empty()
        && (authority.is_empty() || is_authority(authority))
        && !component(&c, 5).is_empty();
    if good {
        Ok(())
    } else {
        no("a CXi value of the form ID^^^&OID&ISO^type", "ID^^^&OID&ISO^種別 の形のCXi値")
    }
}

/// A person.
pub(crate) fn xcn(s: &str) -> Verdict {
    let c = components(s);
    let (id, family, authority) = (component(&c, 1), component(&c, 2), component(&c, 9));
    let named = !id.is_empty() || !family.is_empty();
    if named && (authority.is_empty() || (!id.is_empty() && is_authority(authority))) {
        Ok(())
    } else {
        no(
            "an XCN value with an id or a family name, and an authority &OID&ISO only with an id",
            "idまたは姓を持ち、&OID&ISO はidがあるときだけ持つXCN値",
        )
    }
}

/// An organisation.
pub(crate) fn xon(s: &str) -> Verdict {
    let c = components(s);
    let (authority, id) = (component(&c, 6), component(&c, 10));
    let rest_empty = [2, 3, 4, 5, 7, 8, 9].iter().all(|n| component(&c, *n).is_empty());
    let id_known = id.is_empty() || Oid::parse(id).is_ok() || !authority.is_empty();
    let good = c.len() <= 10
        && !component(&c, 1).is_empty()
        && rest_empty
        && id_known
        && (authority.is_empty() || is_authority(authority));
    if good {
        Ok(())
    } else {
        no(
            "an XON value of the form name^^^^^&OID&ISO^^^^id",
            "名称^^^^^&OID&ISO^^^^id の形のXON値",
        )
    }
}

/// A telephone number or an address for mail.
pub(crate) fn xtn(s: &str) -> Verdict {
    let c = components(s);
    let good = match component(&c, 3) {
        "" => false,
        "Internet" | "X.400" => !component(&c, 4).is_empty(),
        _ => !component(&c, 7).is_empty(),
    };
    if good {
        Ok(())
    } else {
        no(
            "an XTN value of the form ^use^type^^country^area^number or ^NET^Internet^address",
            "^用途^種別^^国^市外^番号 または ^NET^Internet^アドレス の形のXTN値",
        )
    }
}

/// Who a submission is meant for: organisation, person, telecommunication.
pub(crate) fn recipient(s: &str) -> Verdict {
    let parts: Vec<&str> = s.split('|').collect();
    let part = |n: usize, of: fn(&str) -> Verdict| match component(&parts, n) {
        "" => Ok(()),
        value => of(value),
    };
    if parts.len() > 3 || parts.iter().all(|p| p.is_empty()) {
        return no("XON|XCN|XTN with at least one part", "少なくとも1要素を持つ XON|XCN|XTN");
    }
    part(1, xon)?;
    part(2, xcn)?;
    part(3, xtn)
}

/// A field of the segment PID; its number on success (ITI TF-3: 4.2.3.2.23).
pub(crate) fn pid_field(s: &str) -> Result<u8, Invalid> {
    let number = s
        .strip_prefix("PID-")
        .and_then(|s| s.split_once('|'))
        .filter(|(n, _)| !n.starts_with(['0', '+']))
        .and_then(|(n, _)| n.parse::<u8>().ok());
    match number {
        Some(n) if (1..=39).contains(&n) && ![2, 4, 12, 19].contains(&n) => Ok(n),
        _ => Err(Invalid {
            expected: "PID-n|value with n from 1 to 39, but not 2, 4, 12 or 19",
            expected_ja: "PID-n|値 (nは2, 4, 12, 19を除く1〜39)",
        }),
    }
}

/// A URI, as far as a receiver has to know: no blanks, no control characters.
pub(crate) fn uri(s: &str) -> Verdict {
    if s.chars().any(|c| c.is_whitespace() || c.is_control()) {
        no("a URI without blanks", "空白を含まないURI")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(of: fn(&str) -> Verdict, good: &[&str], bad: &[&str]) {
        good.iter().for_each(|s| assert_eq!(of(s), Ok(()), "{s}"));
        bad.iter().for_each(|s| assert!(of(s).is_err(), "{s}"));
    }

    #[test]
    fn identifiers() {
        all(
            cx,
            &["a^^^&1.2&ISO", "a^^^&1.2&ISO&^^"],
            &["a", "a^^^1.2", "a^^^x&1.2&ISO", "a^^^&1.2&ISO^PI", "^^^&1.2&ISO"],
        );
        all(
            cxi,
            &[
                "a^^^&1.2&ISO^urn:x",
                "a^^^^urn:x",
                "a^^^&1.2&ISO^urn:x^urn:oid:1.2",
                "a^^^NAME&1.2&ISO^urn:x",
                "a^^^&1.2&ISO&^urn:x^^^^",
            ],
            &[
                "a^^^&1.2&ISO",
                "a^b^^&1.2&ISO^t",
                "^^^&1.2&ISO^t",
                "a^^^1.2^t",
                "a^^^NAME^t",
                "a^^^&1.2&DNS^t",
                "a^^^&1.2&ISO^t^h^x",
            ],
        );
    }

    #[test]
    fn people_and_organisations() {
        all(
            xcn,
            &[
                "^佐藤^花子",
                "D1^佐藤^花子^^^^^^&1.2&ISO",
                "D1",
                "^装置",
                "D1^佐藤^花子^^^^^^&1.2&ISO^^^^^^I",
                "D1^佐藤^花子^^^^^^KAIIN&1.2&ISO^^^^",
            ],
            &["", "^^花子", "^佐藤^花子^^^^^^&1.2&ISO", "D1^佐藤^花子^^^^^^1.2"],
        );
        all(
            xon,
            &[
                "病院",
                "病院^^^^^^^^^1.2.3",
                "病院^^^^^&1.2&ISO^^^^0119900025",
                "病院^^^^^NAME&1.2&ISO^^^^0119900025^^",
            ],
            &[
                "",
                "病院^^^^^^^^^0119900025",
                "病院^L",
                "^^^^^&1.2&ISO^^^^1",
                "病院^^^^^1.2^^^^1",
                "病院^^^^^^^^^1.2.3^x",
            ],
        );
        all(
            xtn,
            &[
                "^PRN^PH^^81^3^12345678",
                "^NET^Internet^a@example.jp",
                "^^Internet^a@example.jp",
                "^PRS^PH^^81^^(03) 5555 0101",
                "^PRS^PH^^^^+81 3 5555 0102",
                "^WPN^FX^^81^3^55550103^07",
            ],
            &["", "03-1234-5678", "^PRN^PH", "^NET^Internet", "^NET^^a@example.jp"],
        );
        all(
            recipient,
            &["病院", "|^佐藤^花子", "||^^Internet^a@example.jp", "病院|^佐藤|^^Internet^a"],
            &["", "|", "||", "病院|||", "|^^花子", "||03-1234"],
        );
    }

    #[test]
    fn fields() {
        for (field, n) in [("PID-3|a", 3), ("PID-39|", 39), ("PID-5|架空^花子~カクウ^ハナコ", 5)]
        {
            assert_eq!(pid_field(field), Ok(n));
        }
        for bad in [
            "PID-2|a", "PID-19|a", "PID-40|a", "PID-0|a", "PID-03|a", "PID-|a", "PID-5", "PV1-3|a",
            "PID-+5|a",
        ] {
            assert!(pid_field(bad).is_err(), "{bad}");
        }
        assert!(uri("a.xml").is_ok() && uri("a b").is_err());
    }
}
