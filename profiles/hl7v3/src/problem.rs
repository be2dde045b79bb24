//! What is wrong with a message: problems, each a row of a table with its circumstances.

use crate::acknowledgement::{Detail, Gravity};
use crate::query::{Query, QueryCopy};
use crate::transmission::Transmission;
use crate::tree::{Node, Unreadable, limits};
use renkei_soap::fault::Fault;
use renkei_soap::xml::{Position, Reader};
use std::fmt::{self, Display};

/// One row: what can be wrong, and what the sender has to do.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// A stable name such as `hl7v3-missing`.
    pub id: &'static str,
    /// The code of the acknowledgement's detail.
    pub code: &'static str,
    /// What is wrong, English, without the circumstances: `is missing`.
    pub en: &'static str,
    /// The same in Japanese.
    pub ja: &'static str,
    /// What to do, English.
    pub fix_en: &'static str,
    /// What to do, Japanese.
    pub fix_ja: &'static str,
    /// Section of the standard.
    pub section: &'static str,
}

/// What deployed responders say of a message that breaks the rules of its profile.
const BROKEN: &str = "SYN113";

macro_rules! rules {
    ($($name:ident = $id:literal, $section:literal { en: $en:literal, $fix_en:literal; ja: $ja:literal, $fix_ja:literal })*) => {
        /// Every row.
        pub mod rules {
            use super::{BROKEN, Rule};
            $(
                #[doc = concat!("`", $id, "`: what is named ", $en, ".")]
                pub static $name: Rule = Rule {
                    id: $id, code: BROKEN, en: $en, ja: $ja, fix_en: $fix_en, fix_ja: $fix_ja, section: $section,
                };
            )*
            /// All of them, for the documentation of errors.
            pub static ALL: &[&Rule] = &[$(&$name),*];
        }
    };
}

rules! {
    MESSAGE = "hl7v3-message", "ITI TF-2: O.1" {
        en: "is not the message that was expected here", "send the message that belongs to the action";
        ja: "はここで期待されるメッセージではありません", "アクションに対応するメッセージを送ってください"
    }
    MISSING = "hl7v3-missing", "ITI TF-2: O.1" {
        en: "is missing or says nothing", "add the element with its value";
        ja: "がないか、値がありません", "要素と値を追加してください"
    }
    SEVERAL = "hl7v3-several", "ITI TF-2: O.1" {
        en: "is there more than once", "send it once";
        ja: "が複数あります", "一つだけ送ってください"
    }
    VALUE = "hl7v3-value", "HL7 V3 NE2008: Data Types" {
        en: "has a value that cannot be read", "correct the value";
        ja: "の値を解釈できません", "値を直してください"
    }
    TOO_MANY = "hl7v3-too-many", "ITI TF-2: 3.55.4" {
        en: "is there more often than is accepted", "send fewer";
        ja: "の数が上限を超えています", "数を減らしてください"
    }
    NOT_ALLOWED = "hl7v3-not-allowed", "ITI TF-2: 3.44.4, 3.47.4.1.2, 3.55.4.1.2" {
        en: "is not allowed in this transaction", "leave it out";
        ja: "はこのトランザクションでは使えません", "取り除いてください"
    }
    DEMOGRAPHICS = "hl7v3-demographics", "ITI TF-2: 3.55.4.1.2" {
        en: "names nobody: an identifier, or a name and a birth time, is needed", "add livingSubjectId, or livingSubjectName and livingSubjectBirthTime";
        ja: "では誰も特定できません。IDか、氏名と生年月日の両方が必要です", "livingSubjectId、またはlivingSubjectNameとlivingSubjectBirthTimeを追加してください"
    }
    CONTRADICTION = "hl7v3-contradiction", "ITI TF-2: 3.45.4.2.3, 3.55.4.2.2" {
        en: "contradicts another part of the answer", "send one of the cases of the transaction";
        ja: "が応答の他の部分と矛盾しています", "トランザクションの定めるいずれか一つの場合として送ってください"
    }
    NOTHING_ASKED = "hl7v3-nothing-asked", "ITI TF-2: 3.47.4.1.2" {
        en: "names nothing that a person is found by", "add a name, a birth time, an identifier, an address or a telephone number";
        ja: "に検索条件がありません", "氏名、生年月日、ID、住所、電話番号のいずれかを追加してください"
    }
    STATUS = "hl7v3-status", "ITI TF-2: 3.44.4.1.2, 3.44.4.2.2" {
        en: "is no status of this message", "send active for the registration, obsolete for the one that it replaces";
        ja: "はこのメッセージの状態ではありません", "登録にはactive、置き換えられる登録にはobsoleteを送ってください"
    }
}

/// One thing that is wrong at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The row.
    pub rule: &'static Rule,
    /// Which element or attribute, as a path from one that there is once: `patient/id/@root`.
    pub element: String,
    /// What it held, or the limit; never a name, address or number of a person.
    pub value: Option<String>,
    /// Where it is in the text.
    pub position: Option<Position>,
    offset: usize,
}

/// The longest value that is quoted, in letters.
const QUOTED: usize = 60;

impl Problem {
    pub(crate) fn new(rule: &'static Rule, element: impl Into<String>, offset: usize) -> Self {
        Self { rule, element: element.into(), value: None, position: None, offset }
    }

    pub(crate) fn value(mut self, value: impl Display) -> Self {
        self.value = Some(value.to_string().chars().take(QUOTED).collect());
        self
    }

    fn circumstances(&self) -> (String, String) {
        let value = self.value.as_ref().map(|v| format!(" ({v})")).unwrap_or_default();
        let (en, ja) = match self.position {
            Some(Position { line, column }) => {
                (format!(", line {line}, column {column}"), format!("({line} 行 {column} 列)"))
            }
            None => (String::new(), String::new()),
        };
        (format!("{value}{en}"), format!("{value}{ja}"))
    }

    /// The whole sentence in English.
    pub fn english(&self) -> String {
        let Rule { en, fix_en, section, .. } = self.rule;
        format!("{} {en}{}: {fix_en} ({section})", self.element, self.circumstances().0)
    }

    /// The whole sentence in Japanese.
    pub fn japanese(&self) -> String {
        let Rule { ja, fix_ja, section, .. } = self.rule;
        format!("{}{ja}{}。{fix_ja}({section})", self.element, self.circumstances().1)
    }

    /// The problem as an acknowledgement tells it.
    pub fn detail(&self) -> Detail {
        Detail {
            gravity: Gravity::Error,
            code: Some(self.rule.code.to_owned()),
            text: Some(format!("{} / {}", self.english(), self.japanese())),
            locations: vec![self.element.clone()],
        }
    }
}

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.english())
    }
}

/// A message that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read<T> {
    /// What it says.
    pub message: T,
    /// How many elements it held that nobody here understands, each with all that was in it.
    pub passed_over: u32,
}

/// A message that was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is not XML that we read, or has no wrapper that could be answered.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// Its wrapper can be answered.
    #[error("{}", .0.problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Answerable(Box<Answerable>),
}

/// What is needed to tell the sender in an answer of the transaction what was wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answerable {
    /// Everything that is wrong; never empty.
    pub problems: Vec<Problem>,
    /// The wrapper.
    pub transmission: Transmission,
    /// The query with its copy for the answer, where that could be read and the rest was wrong.
    pub query: Option<(Query, QueryCopy)>,
}

impl Refusal {
    /// The refusal as a fault, where no answer of the transaction is wanted.
    pub fn into_fault(self) -> Fault {
        match self {
            Self::Fault(fault) => fault,
            Self::Answerable(answerable) => fault(&answerable.problems),
        }
    }
}

fn fault(problems: &[Problem]) -> Fault {
    let sentences = |of: fn(&Problem) -> String| problems.iter().map(of).collect::<Vec<_>>();
    Fault::sender(
        format!("The message cannot be read: {}.", sentences(Problem::english).join("; ")),
        format!("メッセージを読めません: {}。", sentences(Problem::japanese).join("、")),
    )
}

/// The most problems that are told; the first ones say enough.
const TOLD: usize = 20;

/// What readers note while they take a tree apart.
pub(crate) struct Notes {
    problems: Vec<Problem>,
    passed_over: u32,
}

impl Notes {
    /// Of a message in which so many elements were passed over already.
    pub(crate) fn after(passed_over: u32) -> Self {
        Self { problems: Vec::new(), passed_over }
    }

    /// Notes a problem.
    pub(crate) fn wrong(&mut self, problem: Problem) {
        if self.problems.len() < TOLD {
            self.problems.push(problem);
        }
    }

    /// Notes that `child` of `node` is missing.
    pub(crate) fn missing(&mut self, node: &Node, child: &str) {
        let element = format!("{}/{child}", node.local);
        self.wrong(Problem::new(&rules::MISSING, element, node.offset));
    }

    /// Notes that a value cannot be read. Values of people are not quoted.
    pub(crate) fn unreadable(&mut self, outer: &str, node: &Node) {
        let element = format!("{outer}/{}", node.local);
        self.wrong(Problem::new(&rules::VALUE, element, node.offset));
    }

    /// A node is done with: what nobody took is counted.
    pub(crate) fn done(&mut self, node: &Node) {
        self.passed_over = self.passed_over.saturating_add(node.left());
    }

    /// Passes a node over whole.
    pub(crate) fn pass_over(&mut self, _: Node) {
        self.passed_over = self.passed_over.saturating_add(1);
    }

    /// The one child of that name. A problem when there is none or a second.
    pub(crate) fn one(&mut self, node: &mut Node, child: &str) -> Option<Node> {
        let found = self.at_most_one(node, child);
        if found.is_none() {
            self.missing(node, child);
        }
        found
    }

    /// The child of that name, if there is one that says something. A problem when there is a second.
    pub(crate) fn at_most_one(&mut self, node: &mut Node, child: &str) -> Option<Node> {
        let mut found = node.take_all(child).into_iter().filter(|n| !n.is_null());
        let first = found.next();
        if let Some(second) = found.next() {
            let element = format!("{}/{child}", node.local);
            self.wrong(Problem::new(&rules::SEVERAL, element, second.offset));
        }
        first
    }

    /// The children of that name that say something. A problem when there are more than `most`.
    pub(crate) fn some(&mut self, node: &mut Node, child: &str, most: usize) -> Vec<Node> {
        let mut found = node.take_all(child);
        found.retain(|n| !n.is_null());
        self.at_most(&found, most, &format!("{}/{child}", node.local), node.offset);
        found.truncate(most);
        found
    }

    /// Notes a list that is too long.
    pub(crate) fn at_most<T>(&mut self, list: &[T], most: usize, element: &str, offset: usize) {
        if list.len() > most {
            self.wrong(Problem::new(&rules::TOO_MANY, element, offset).value(most));
        }
    }

    /// A text that is no longer than a text may be.
    pub(crate) fn text(&mut self, outer: &str, node: &Node) -> Option<String> {
        let text = node.text();
        if text.chars().nth(limits::LETTERS).is_some() {
            self.unreadable(outer, node);
            return None;
        }
        (!text.is_empty()).then_some(text)
    }

    /// The value, or why there is none; problems get their places in the text.
    pub(crate) fn close<T>(
        self,
        r: &Reader<'_>,
        value: Option<T>,
    ) -> Result<Read<T>, Vec<Problem>> {
        match value {
            Some(message) if self.problems.is_empty() => {
                Ok(Read { message, passed_over: self.passed_over })
            }
            // Whoever has no value has noted why; a refusal without a reason must not go out all the same.
            None if self.problems.is_empty() => {
                Err(placed(vec![Problem::new(&rules::MESSAGE, "*", 0)], r))
            }
            Some(_) | None => Err(placed(self.problems, r)),
        }
    }
}

/// A fault of whatever kept a message from being read.
pub(crate) fn unreadable(r: &Reader<'_>, why: Unreadable) -> Fault {
    match why {
        Unreadable::Xml(error) => Fault::xml(&error),
        Unreadable::Problem(problem) => fault(&placed(vec![problem], r)),
    }
}

/// A fault of problems that leave nothing to be answered to.
pub(crate) fn faulty(problems: &[Problem]) -> Fault {
    fault(problems)
}

fn placed(problems: Vec<Problem>, r: &Reader<'_>) -> Vec<Problem> {
    let place = |mut problem: Problem| {
        problem.position = Some(r.position_at(problem.offset));
        problem
    };
    problems.into_iter().map(place).collect()
}
