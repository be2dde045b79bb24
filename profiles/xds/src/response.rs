//! rs:RegistryResponse and its errors (ITI TF-3: 4.2.4).

use crate::iti43::DocumentRequest;
use crate::refusal::{expect_response, unreadable};
use crate::rules;
use renkei_metadata::finding::{Finding, Reporter, Severity};
use renkei_soap::fault::{Fault, rows};
use renkei_soap::xml::{Element, Reader, Writer, ns};

/// How a request ended (ITI TF-3: Tables 4.2.4.2-1 to 4.2.4.2-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Everything was done; there may be warnings.
    Success,
    /// Part of an answer could be given. Only queries and retrievals end so.
    PartialSuccess,
    /// Nothing was done.
    Failure,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Success, Self::PartialSuccess, Self::Failure];

    /// The value of `@status`.
    pub const fn urn(self) -> &'static str {
        match self {
            Self::Success => "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success",
            Self::PartialSuccess => "urn:ihe:iti:2007:ResponseStatusType:PartialSuccess",
            Self::Failure => "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure",
        }
    }

    /// Reads `@status` of an answer; any other value is a fault.
    pub fn read(answer: &Element) -> Result<Self, Fault> {
        // Some write PartialSuccess, which is IHE's, with the prefix of the others (ITI TF-3: 4.2.4.2), or the other way
        // round: what is behind the prefix tells.
        let word = |urn: &str| {
            let (before, word) = urn.trim().rsplit_once(':')?;
            before.ends_with(":ResponseStatusType").then(|| word.to_owned())
        };
        let found = word(answer.attr("status").unwrap_or_default());
        Self::ALL
            .into_iter()
            .find(|s| found.is_some() && word(s.urn()) == found)
            .ok_or_else(|| Fault::of(&rows::ANSWER_STATUS, &[]))
    }
}

/// rs:RegistryError.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryError {
    /// errorCode.
    pub code: String,
    /// codeContext.
    pub context: String,
    /// severity.
    pub severity: Severity,
    /// location; empty for none.
    pub location: String,
}

/// rs:RegistryResponse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryResponse {
    /// How the request ended.
    pub status: Status,
    /// Errors and warnings.
    pub errors: Vec<RegistryError>,
}

impl RegistryResponse {
    /// The answer to a request that was carried out. Should there be an error among the findings,
    /// the answer is that of a failure.
    pub fn success(warnings: &[Finding], reporter: Reporter) -> Self {
        Self::answer(warnings, false, reporter)
    }

    /// The answer to a request that was refused. It always says why: without an error among the
    /// findings, that the reason was lost.
    pub fn failure(findings: &[Finding], reporter: Reporter) -> Self {
        let mut errors = errors_of(findings, reporter);
        if !findings.iter().any(Finding::is_error) {
            let lost = Finding::new(&rules::REASON_LOST, "Request");
            errors.extend(errors_of(&[lost], reporter));
        }
        Self { status: Status::Failure, errors }
    }

    /// The answer that its findings call for: success without errors; with errors partial success
    /// if there are results all the same, else failure (ITI TF-3: Tables 4.2.4.2-3 and -4).
    pub fn answer(findings: &[Finding], results: bool, reporter: Reporter) -> Self {
        let failed = findings.iter().any(Finding::is_error);
        let status = match (failed, results) {
            (false, _) => Status::Success,
            (true, true) => Status::PartialSuccess,
            (true, false) => Status::Failure,
        };
        Self { status, errors: errors_of(findings, reporter) }
    }

    /// Reads a response; the reader is inside `body`.
    pub fn read(r: &mut Reader<'_>, body: &Element) -> Result<Self, Fault> {
        expect_response(body, ns::RS, "RegistryResponse")?;
        let status = Status::read(body)?;
        let mut errors = Vec::new();
        while let Some(child) = r.next_child().map_err(unreadable)? {
            if child.is(ns::RS, "RegistryErrorList") {
                read_errors(r, &mut errors)?;
            } else {
                r.skip().map_err(unreadable)?;
            }
        }
        Ok(Self { status, errors })
    }

    /// Writes the element with its namespace.
    pub fn write(&self, w: &mut Writer) {
        w.start("rs:RegistryResponse").attr("xmlns:rs", ns::RS).attr("status", self.status.urn());
        write_errors(w, &self.errors);
        w.end();
    }
}

/// The findings as they go on the wire.
pub fn errors_of(findings: &[Finding], reporter: Reporter) -> Vec<RegistryError> {
    let error = |f: &Finding| RegistryError {
        code: f.rule.code.name(reporter).to_owned(),
        context: f.context(),
        severity: f.rule.severity,
        location: f.location.clone(),
    };
    findings.iter().map(error).collect()
}

/// Reads the rs:RegistryErrorList that the reader is in.
/// Whether an error among these says of the document asked for why it does not come: a request without a document has
/// an error of its own (ITI TF-2: 3.43.4.2.3, 3.39.4.1.3), which names it.
pub fn is_told(errors: &[RegistryError], request: &DocumentRequest) -> bool {
    let id = request.unique_id.as_str();
    let names = |e: &RegistryError| {
        e.severity == Severity::Error && (e.context.contains(id) || e.location.contains(id))
    };
    errors.iter().any(names)
}

/// The codes of the errors among these, in order, for a record of an exchange: a bounded number, each once. What
/// others wrote in the place of a code, and is none, is `other`: no text of theirs gets into a record.
pub fn codes_of(errors: &[RegistryError]) -> Vec<&str> {
    const MOST: usize = 20;
    const LONGEST: usize = 100;
    let is_code = |code: &str| {
        let is_letter = |b: u8| b.is_ascii_alphanumeric() || b"_-.:".contains(&b);
        (1..=LONGEST).contains(&code.len()) && code.bytes().all(is_letter)
    };
    let errors = errors.iter().filter(|e| e.severity == Severity::Error);
    let mut codes: Vec<&str> =
        errors.map(|e| if is_code(&e.code) { &*e.code } else { "other" }).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.truncate(MOST);
    codes
}

pub(crate) fn read_errors(
    r: &mut Reader<'_>,
    errors: &mut Vec<RegistryError>,
) -> Result<(), Fault> {
    while let Some(child) = r.next_child().map_err(unreadable)? {
        if child.is(ns::RS, "RegistryError") {
            let attr = |name| child.attr(name).unwrap_or_default().to_owned();
            // The schema's default, and the cautious reading of anything unknown, is Error.
            let warning = child.attr("severity") == Some(Severity::Warning.urn());
            errors.push(RegistryError {
                code: attr("errorCode"),
                context: attr("codeContext"),
                severity: if warning { Severity::Warning } else { Severity::Error },
                location: attr("location"),
            });
        }
        r.skip().map_err(unreadable)?;
    }
    Ok(())
}

/// Writes rs:RegistryErrorList, unless there is nothing to list; the caller has declared `rs`.
pub(crate) fn write_errors(w: &mut Writer, errors: &[RegistryError]) {
    let Some(highest) = errors.iter().map(|e| e.severity).max() else {
        return;
    };
    w.start("rs:RegistryErrorList").attr("highestSeverity", highest.urn());
    for error in errors {
        w.start("rs:RegistryError")
            .attr("errorCode", &error.code)
            .attr("codeContext", &error.context)
            .attr_opt("location", Some(error.location.as_str()).filter(|l| !l.is_empty()))
            .attr("severity", error.severity.urn())
            .end();
    }
    w.end();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{read, row_of, written};
    use proptest::prelude::*;
    use renkei_metadata::finding::{IheCode, Rule};

    static WARNING: Rule = Rule {
        id: "extra",
        code: IheCode::ExtraMetadataNotSaved,
        severity: Severity::Warning,
        en: "was not saved",
        ja: "は保存されませんでした",
        fix_en: "nothing to do",
        fix_ja: "対応は不要です",
        section: "ITI TF-2: 3.42.4.1.3.2",
    };

    fn error() -> Finding {
        Finding::new(&rules::QUERY_VALUE, "FindDocuments").attribute("$X").value("a&\"b")
    }

    #[test]
    fn a_failure_without_reason_says_so() {
        for findings in [vec![], vec![Finding::new(&WARNING, "Document01")]] {
            let answer = RegistryResponse::failure(&findings, Reporter::Repository);
            assert_eq!(answer.status, Status::Failure);
            assert_eq!(answer.errors.len(), findings.len() + 1);
            let last = answer.errors.last().unwrap();
            assert_eq!(last.code, "XDSRepositoryError");
            assert_eq!(last.severity, Severity::Error);
            let row = rules::all().iter().find(|rule| rule.is_told_in(&last.context));
            assert_eq!(row.map(|rule| rule.id), Some("reason-lost"));
        }
        let told = RegistryResponse::failure(&[error()], Reporter::Registry);
        assert_eq!(told.errors.len(), 1);
    }

    #[test]
    fn the_status_follows_from_errors_and_results() {
        let status = |f: &[Finding], results| {
            RegistryResponse::answer(f, results, Reporter::Registry).status
        };
        let warning = Finding::new(&WARNING, "Document01");
        assert_eq!(status(&[], false), Status::Success);
        assert_eq!(status(std::slice::from_ref(&warning), true), Status::Success);
        assert_eq!(status(&[warning, error()], true), Status::PartialSuccess);
        assert_eq!(status(&[error()], false), Status::Failure);
        let wrong = RegistryResponse::success(&[error()], Reporter::Registry);
        assert_eq!(wrong.status, Status::Failure, "an error is never a success");
    }

    #[test]
    fn is_written_as_in_the_standard() {
        let bare = RegistryResponse::success(&[], Reporter::Registry);
        assert_eq!(
            written(|w| bare.write(w)),
            "<rs:RegistryResponse xmlns:rs=\"urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0\" \
             status=\"urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success\"/>"
        );
        let findings =
            [Finding::new(&WARNING, "Document01").location("Document01"), error().location("Slot")];
        let answer = RegistryResponse::failure(&findings, Reporter::Registry);
        let xml = written(|w| answer.write(w));
        assert!(xml.contains("<rs:RegistryErrorList highestSeverity=\"urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error\"><rs:RegistryError errorCode=\"XDSExtraMetadataNotSaved\" codeContext=\"Document01 は保存されませんでした。対応は不要です / Document01 was not saved; nothing to do [ITI TF-2: 3.42.4.1.3.2]\" location=\"Document01\" severity=\"urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Warning\"/>"), "{xml}");
        crate::testing::valid("ebRS30/rs.xsd", &xml);
        assert_eq!(read(&xml, RegistryResponse::read), Ok(answer));
    }

    #[test]
    fn reads_defaults_and_refuses_unknown_statuses() {
        let open = "<r:RegistryResponse xmlns:r='urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0'";
        let xml = format!(
            "{open} status='{}'><r:ResponseSlotList/><r:RegistryErrorList>\n<r:RegistryError errorCode='A' codeContext='b'>text</r:RegistryError><r:RegistryError errorCode='C' codeContext='d' severity='urn:other'/></r:RegistryErrorList></r:RegistryResponse>",
            Status::PartialSuccess.urn()
        );
        let answer = read(&xml, RegistryResponse::read).unwrap();
        assert_eq!(answer.status, Status::PartialSuccess);
        assert!(answer.errors.iter().all(|e| e.severity == Severity::Error));
        assert_eq!(answer.errors.len(), 2);
        assert!(read(&format!("{open}/>"), RegistryResponse::read).is_err());
        let other = read(&format!("{open} status='Success'/>"), RegistryResponse::read);
        assert_eq!(row_of(&other.unwrap_err()), "fault-answer-status");
        assert!(read("<other/>", RegistryResponse::read).is_err());
    }

    fn errors() -> impl Strategy<Value = RegistryError> {
        let text = "[\\t\\n\\r\u{20}-\u{d7ff}]{0,20}";
        (text, text, any::<bool>(), text).prop_map(|(code, context, warning, location)| {
            let severity = if warning { Severity::Warning } else { Severity::Error };
            RegistryError { code, context, severity, location }
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            errors in prop::collection::vec(errors(), 0..5),
            status in prop::sample::select(&Status::ALL[..]),
        ) {
            let answer = RegistryResponse { status, errors };
            prop_assert_eq!(read(&written(|w| answer.write(w)), RegistryResponse::read), Ok(answer));
        }
    }
}
