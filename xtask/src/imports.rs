//! What a layer must not write: the promises of ARCHITECTURE.md that manifests cannot show.

/// Where, what may not stand there outside tests, and why.
struct Ban {
    /// Beginnings of paths.
    within: &'static [&'static str],
    /// Parts of paths that are let off.
    but: &'static [&'static str],
    words: &'static [&'static str],
    why: &'static str,
}

const BANS: &[Ban] = &[
    Ban {
        within: &[""],
        but: &["database/", "/store", "audit/src/", "bench/"],
        words: &["diesel::"],
        why: "only store modules know diesel",
    },
    Ban {
        within: &[""],
        but: &["context/src/", "server/src/pki/", "server/src/commands/pki/"],
        words: &["caller.grants", "origin.grants", "roles.has("],
        why: "what somebody may do is decided by may()",
    },
    Ban {
        within: &["profiles/"],
        but: &[],
        words: &[
            "std::fs",
            "std::process",
            "std::env::",
            "TcpStream",
            "TcpListener",
            "UdpSocket",
            "tokio::",
        ],
        why: "a profile does no input and output",
    },
    Ban {
        within: &["server/src/", "client/src/", "source-adapter/src/", "consumer-portal/src/"],
        but: &[],
        words: &["SELECT ", "INSERT INTO ", "DELETE FROM ", "sql_query"],
        why: "a handler holds no SQL",
    },
    Ban {
        within: &["registry/src/", "repository/src/"],
        but: &[],
        words: &[
            "renkei_soap::envelope",
            "renkei_soap::fault",
            "renkei_soap::message",
            "actix_web::",
            "reqwest::",
        ],
        why: "an actor knows no envelope and no HTTP",
    },
];

/// Whether a file holds nothing but tests.
pub(crate) fn is_test(name: &str) -> bool {
    name.contains("/tests") || name.starts_with("tests/") || name.ends_with("/testing.rs")
}

/// Complaints about one source file.
pub(crate) fn check(name: &str, text: &str) -> Vec<String> {
    if is_test(name) {
        return Vec::new();
    }
    let tests = concat!("#[cfg(", "test)]\nmod ");
    let program = text.split(tests).next().unwrap_or(text);
    let mut complaints = Vec::new();
    for (n, line) in program.lines().enumerate() {
        if line.trim_start().starts_with("//") {
            continue;
        }
        for ban in BANS.iter().filter(|b| b.covers(name)) {
            if ban.words.iter().any(|w| line.contains(w)) {
                complaints.push(format!("{name}:{}: {}", n + 1, ban.why));
            }
        }
    }
    complaints
}

impl Ban {
    fn covers(&self, name: &str) -> bool {
        // This file says the words that it forbids.
        !name.starts_with("xtask/")
            && self.within.iter().any(|w| name.starts_with(w))
            && !self.but.iter().any(|b| name.contains(b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_layer_must_not_write_is_found() {
        for (name, text, why) in [
            ("registry/src/query.rs", "use diesel::prelude::*;", "only store modules know diesel"),
            (
                "registry/src/query.rs",
                "let scope = ctx.origin.grants.sees.clone();",
                "what somebody may do is decided by may()",
            ),
            ("profiles/xds/src/xop.rs", "\nuse std::fs;", "a profile does no input and output"),
            ("server/src/pipeline/iti_18.rs", "let q = \"SELECT 1\";", "a handler holds no SQL"),
            (
                "repository/src/submit.rs",
                "use renkei_soap::envelope::Envelope;",
                "an actor knows no envelope and no HTTP",
            ),
        ] {
            let found = check(name, text);
            assert!(found.len() == 1 && found[0].ends_with(why), "{found:?}");
        }
    }

    #[test]
    fn stores_and_tests_are_let_off() {
        let diesel = "use diesel::prelude::*;";
        let in_tests = "fn a() {}\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}";
        for (name, text) in [
            ("registry/src/store/search.rs", diesel),
            ("registry/src/tests/world.rs", diesel),
            ("profiles/xds/src/xop.rs", in_tests),
            ("profiles/xds/src/xop.rs", "// std::fs"),
        ] {
            assert_eq!(check(name, text), Vec::<String>::new());
        }
    }
}
