//! Somebody by what is known of them: the options by which `query`, `results`, `retrieve` and `patient find` find
//! a person (ITI-47), and what is said of whoever was found.

use super::target::Target;
use crate::show;
use anyhow::{Context as _, bail};
use clap::ValueEnum;
use renkei_client::{Connection, FoundPerson, FoundPersons, LookupError, Persons, SoapClient};
use renkei_hl7v3::InstanceId;
use renkei_hl7v3::query::{BirthTime, Query};
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::{Birth, Insured, Name, Person, Sex, Writing};
use serde_json::{Value, json};
use uuid::Uuid;

/// The most persons that are told where one was meant.
const TOLD: usize = 10;

/// What is known of a person. All of it has to fit.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct SoughtArguments {
    /// 保険者番号, with --number: the insurance card. 保険者番号。
    #[arg(long, value_name = "N", requires = "number", help_heading = "Whom / 対象者")]
    insurer: Option<String>,
    /// 記号 of the card, if it has one. 被保険者証等の記号。
    #[arg(long, value_name = "S", requires = "number", help_heading = "Whom / 対象者")]
    symbol: Option<String>,
    /// 番号 of the card. 被保険者証等の番号。
    #[arg(long, value_name = "N", requires = "insurer", help_heading = "Whom / 対象者")]
    number: Option<String>,
    /// 枝番; without it, everybody whom the card insures. 枝番。
    #[arg(long, value_name = "N", requires = "number", help_heading = "Whom / 対象者")]
    branch: Option<String>,
    /// Family and given name in kana; with * at the end, its beginning. 氏名カナ(末尾の * は前方一致)。
    #[arg(long, value_name = "NAME", help_heading = "Whom / 対象者")]
    kana: Option<String>,
    /// Family and given name in kanji or Latin letters; * as for --kana. 氏名。
    #[arg(long, value_name = "NAME", conflicts_with = "kana", help_heading = "Whom / 対象者")]
    name: Option<String>,
    /// Day of birth (1975-04-12); its month or year will do. 生年月日。
    #[arg(long, value_name = "DATE", value_parser = birth, help_heading = "Whom / 対象者")]
    birth_date: Option<Birth>,
    /// 性別。
    #[arg(long, value_enum, help_heading = "Whom / 対象者")]
    sex: Option<SexWord>,
    /// An identifier of any domain, as ID^^^&OID&ISO: an institution's number, another community's.
    /// 健診機関の患者番号など、任意の発行者のID(CX)。
    #[arg(long, value_name = "ID", value_parser = cx, help_heading = "Whom / 対象者")]
    known_as: Option<PatientId>,
}

/// How the sex is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SexWord {
    #[value(alias = "F", alias = "女")]
    Female,
    #[value(alias = "M", alias = "男")]
    Male,
}

fn birth(text: &str) -> Result<Birth, String> {
    let is_so = |digits: &str, form: &str| {
        digits.len() == form.len()
            && digits.bytes().zip(form.bytes()).all(|(d, f)| (f == b'-') == (d == b'-'))
    };
    let forms = ["0000-00-00", "0000-00", "0000"];
    let known = forms.iter().any(|form| is_so(text, form)).then(|| text.replace('-', ""));
    let birth = known.and_then(|digits| Birth::parse(&digits));
    birth.ok_or_else(|| "expected a date such as 1975-04-12 / 1975-04-12 の形".to_owned())
}

fn cx(text: &str) -> Result<PatientId, String> {
    PatientId::parse(text).map_err(|e| format!("expected {} / {}", e.expected, e.expected_ja))
}

impl SoughtArguments {
    /// Whether anything was said.
    pub(crate) fn is_given(&self) -> bool {
        let Self { insurer, kana, name, birth_date, sex, known_as, .. } = self;
        insurer.is_some()
            || kana.is_some()
            || name.is_some()
            || birth_date.is_some()
            || sex.is_some()
            || known_as.is_some()
    }

    /// Whether it says who is meant, and not only of whom to look for: a card without 枝番 is a family's, and a
    /// beginning of a name anybody's.
    fn means_one(&self) -> bool {
        let is_beginning = |name: &Option<String>| name.as_ref().is_some_and(|n| n.ends_with('*'));
        let of_family = self.number.is_some() && self.branch.is_none();
        let says_more = self.birth_date.is_some() || self.kana.is_some() || self.name.is_some();
        !(is_beginning(&self.kana) || is_beginning(&self.name) || of_family && !says_more)
    }

    /// The query that says so.
    pub(crate) fn query(&self, connection: &Connection) -> anyhow::Result<Query> {
        let mut query = Query::new(InstanceId::new(Uuid::new_v4()));
        let (name, writing) = match (&self.kana, &self.name) {
            (Some(kana), _) => (Some(kana), Some(Writing::Syllabic)),
            (None, name) => (name.as_ref(), None),
        };
        if let Some(name) = name {
            let beginning = name.strip_suffix('*');
            query.is_pattern = beginning.is_some();
            let name = Name::of(beginning.unwrap_or(name), writing);
            query.names.push(name.context("氏名が空です / the name is empty")?);
        }
        query.birth = self.birth_date.map(BirthTime::At);
        query.sex = self.sex.map(|sex| match sex {
            SexWord::Female => Sex::Female,
            SexWord::Male => Sex::Male,
        });
        query.identifiers.extend(self.known_as.clone().map(Into::into));
        if let (Some(insurer), Some(number)) = (&self.insurer, &self.number) {
            let card = Insured {
                insurer: insurer.clone(),
                symbol: self.symbol.clone(),
                number: number.clone(),
                branch: self.branch.clone(),
            };
            let authority = connection.insured_authority.as_deref().map(Oid::parse).transpose();
            let authority = authority.context("insured_authority")?.context(
                "保険者番号で探すには、新しい connect.json(insured_authority)が必要です / \
                 --insurer needs a newer connect.json, with insured_authority",
            )?;
            let card = card.identifier(authority);
            query.identifiers.push(card.map_err(|wrong| {
                anyhow::anyhow!("--insurer: {} / {}", wrong.expected_ja, wrong.expected)
            })?);
        }
        Ok(query)
    }
}

/// Whoever was meant.
pub(crate) struct Whom {
    /// The id of the affinity domain.
    pub(crate) id: PatientId,
    /// Who it is.
    found: FoundPerson,
}

impl Whom {
    /// For machines.
    pub(crate) fn json(&self) -> Value {
        let mut told = json(&self.found);
        if let Some(told) = told.as_object_mut() {
            told.insert("id".to_owned(), json!(self.id.to_string()));
        }
        told
    }
}

/// The patient that is named, or the one whom the search options mean.
///
/// # Errors
/// When both or neither was given, or as [`found`].
pub(crate) fn patient(
    target: &Target,
    named: Option<&PatientId>,
    sought: &SoughtArguments,
    is_json: bool,
) -> anyhow::Result<(PatientId, Option<Whom>)> {
    match (named, sought.is_given()) {
        (Some(named), false) => Ok((named.clone(), None)),
        (None, true) => found(target, sought, is_json).map(|whom| (whom.id.clone(), Some(whom))),
        (Some(_), true) => bail!(
            "--patient と検索条件(--insurer など)は同時に使えません / give --patient or say whom, not both"
        ),
        (None, false) => bail!(
            "--patient、または検索条件(--insurer、--kana など)を指定してください / give --patient, or say whom (--insurer, --kana, ...)"
        ),
    }
}

/// Finds the one person who is meant; a call of its own, which is on record.
///
/// # Errors
/// When nobody fits, or several do, or the house cannot be asked.
pub(crate) fn found(
    target: &Target,
    sought: &SoughtArguments,
    is_json: bool,
) -> anyhow::Result<Whom> {
    super::runtime()?.block_on(async {
        let client = target.client()?;
        let whom = one(&client.soap, target, sought, is_json).await;
        client.finish().await?;
        whom
    })
}

/// Adds `patient`, whom the search options meant, to what is told to machines.
pub(crate) fn tell(told: &mut Value, whom: Option<&Whom>) {
    if let (Some(told), Some(whom)) = (told.as_object_mut(), whom) {
        told.insert("patient".to_owned(), whom.json());
    }
}

/// Why there is no one person of whom to ask: nobody is guessed.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
struct NotOne {
    code: &'static str,
    text: String,
    /// Who might be meant.
    candidates: Vec<FoundPerson>,
}

impl NotOne {
    fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, text: text.into(), candidates: Vec::new() }
    }
}

/// Tells that nobody was found, that several were, or that the house refused the question: status 2. Any other error
/// stays one.
pub(crate) fn not_found(error: anyhow::Error, json: bool) -> anyhow::Result<u8> {
    let (errors, candidates) = match error.downcast::<NotOne>() {
        Ok(one) => {
            if !json {
                show::error_text(&one.text)?;
            }
            let candidates = one.candidates.iter().map(self::json).collect();
            let error = json!({ "code": one.code, "severity": "error", "context": one.text, "location": null });
            (json!([error]), Some(Value::Array(candidates)))
        }
        Err(error) => {
            let error = error.downcast::<LookupError>()?;
            if !json {
                show::error_text(&error.to_string())?;
            }
            (refused(error)?, None)
        }
    };
    if json {
        let told = json!({ "status": "failure", "errors": errors, "candidates": candidates });
        show::json_line(&told)?;
    }
    Ok(2)
}

/// Finds the one person who is meant, and says whom before anything is asked about them: for people on standard
/// error, so that standard output holds what was asked for; machines read it there.
async fn one(
    client: &SoapClient,
    target: &Target,
    sought: &SoughtArguments,
    is_json: bool,
) -> anyhow::Result<Whom> {
    if !sought.means_one() {
        let text = "対象者を一人に決められません。枝番または生年月日・氏名を加え、* は使わないでください(renkei patient find では使えます) / this does not say who is meant: add 枝番 (--branch), or the date of birth or the name, without * (renkei patient find takes it)";
        return Err(NotOne::new("person-not-said", text).into());
    }
    let connection = &target.connection;
    let query = sought.query(connection)?;
    let found = Persons::of(client, connection).find(query, TOLD).await?;
    let one = match <[FoundPerson; 1]>::try_from(found.persons) {
        Ok([one]) if found.total == 1 => one,
        Ok([one]) => return Err(several(vec![one], found.total).into()),
        Err(none) if none.is_empty() => {
            let text = "該当する方は登録されていません。番号・氏名・生年月日を確認してください / nobody is registered like this; check numbers, name and date of birth";
            return Err(NotOne::new("person-not-found", text).into());
        }
        Err(all) => return Err(several(all, found.total).into()),
    };
    if !is_json {
        show::error_text(&format!("対象者 / found: {}", line(&one)))?;
    }
    let own = connection.assigning_authority.as_deref().map(Oid::parse).transpose();
    let own =
        own.context("assigning_authority")?.context("no assigning_authority: give --connect")?;
    let ids: Vec<PatientId> =
        one.identifiers.iter().filter(|id| id.authority == own).cloned().collect();
    match <[PatientId; 1]>::try_from(ids) {
        Ok([id]) => Ok(Whom { id, found: one }),
        Err(none) if none.is_empty() => {
            let text = format!(
                "この方には、この地域の患者ID({own})がまだありません / this person has no patient id of this domain yet ({own})"
            );
            Err(NotOne { candidates: vec![one], ..NotOne::new("person-without-id", text) }.into())
        }
        Err(ids) => {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            let ids = ids.join(", ");
            let text = format!(
                "この方には患者IDが複数あります。--patient で指定してください / this person has several patient ids; choose one with --patient: {ids}"
            );
            Err(NotOne { candidates: vec![one], ..NotOne::new("person-with-several-ids", text) }
                .into())
        }
    }
}

fn several(all: Vec<FoundPerson>, total: usize) -> NotOne {
    let lines: Vec<String> = all.iter().map(|one| format!("  {}", line(one))).collect();
    let text = format!(
        "該当する方が{total}人います。条件を加えるか、--patient で指定してください / {total} persons fit; say more, or choose one with --patient:\n{}",
        lines.join("\n")
    );
    NotOne { candidates: all, ..NotOne::new("person-ambiguous", text) }
}

/// A person in a line.
pub(crate) fn line(found: &FoundPerson) -> String {
    let Person { names, birth, sex, .. } = &found.person;
    let name = |name: &Name| format!("{} {}", name.family, name.given.join(" ")).trim().to_owned();
    let mut parts: Vec<String> = names.iter().map(name).collect();
    parts.extend(birth.and_then(|b| b.day()).map(|day| day.to_string()));
    parts.extend(sex.map(|sex| word(sex).0.to_owned()));
    parts.extend(found.identifiers.iter().map(ToString::to_string));
    parts.join("  ")
}

const fn word(sex: Sex) -> (&'static str, &'static str) {
    match sex {
        Sex::Female => ("女", "female"),
        Sex::Male => ("男", "male"),
        Sex::Other => ("その他", "other"),
        Sex::Unknown => ("不明", "unknown"),
    }
}

/// A person for machines: `identifiers` (CX), `names` (`family`, `given`, `writing`), `birthDate`, `sex`.
pub(crate) fn json(found: &FoundPerson) -> Value {
    let name = |name: &Name| {
        json!({
            "family": name.family,
            "given": name.given.join(" "),
            "writing": name.writing.map(|writing| match writing {
                Writing::Ideographic => "kanji",
                Writing::Syllabic => "kana",
                Writing::Alphabetic => "latin",
            }),
        })
    };
    json!({
        "identifiers": found.identifiers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "names": found.person.names.iter().map(name).collect::<Vec<_>>(),
        "birthDate": found.person.birth.map(|birth| birth.to_string()),
        "sex": found.person.sex.map(|sex| word(sex).1),
    })
}

/// Those who were found, for machines.
pub(crate) fn all_json(found: &FoundPersons) -> Value {
    json!({
        "total": found.total,
        "persons": found.persons.iter().map(json).collect::<Vec<_>>(),
    })
}

/// A refusal of a house as the JSON output has it; what is none is an error of the command.
fn refused(error: LookupError) -> anyhow::Result<Value> {
    match error {
        LookupError::Refused(details) => Ok(details
            .iter()
            .map(|detail| {
                json!({
                    "code": detail.code,
                    "severity": "error",
                    "context": detail.text,
                    "location": detail.locations.first(),
                })
            })
            .collect()),
        other => Err(other.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        sought: SoughtArguments,
    }

    fn query(options: &[&str]) -> anyhow::Result<Query> {
        let line = Line::try_parse_from([&["x"], options].concat())?;
        let connection =
            Connection { insured_authority: Some("2.999.3".to_owned()), ..Connection::default() };
        line.sought.query(&connection)
    }

    #[test]
    fn a_card_is_one_identifier_of_the_insured() {
        let card = ["--insurer", "06139463", "--symbol", "札01", "--number", "81153"];
        let ids = |options: &[&str]| query(options).unwrap().identifiers;
        let told = |options: &[&str]| ids(options).first().map(|of| of.id.to_string());
        let whole = [&card[..], &["--branch", "00"]].concat();
        assert_eq!(told(&whole).unwrap(), "06139463:札01:81153:00^^^&2.999.3&ISO");
        assert_eq!(told(&card).unwrap(), "06139463:札01:81153:^^^&2.999.3&ISO");
        assert!(query(&["--insurer", "06139463"]).is_err());
        assert!(query(&["--number", "81153"]).is_err());
        let line = Line::try_parse_from([&["x"], &card[..]].concat()).unwrap();
        let error = line.sought.query(&Connection::default()).unwrap_err().to_string();
        assert!(error.contains("insured_authority"), "{error}");
    }

    #[test]
    fn names_and_dates_are_asked_as_they_are_known() {
        let asked = query(&["--kana", "ケンシン ハナ*", "--birth-date", "1975-04", "--sex", "女"]);
        let asked = asked.unwrap();
        assert!(asked.is_pattern && asked.sex == Some(Sex::Female));
        assert_eq!(asked.names, [Name::new(Writing::Syllabic, "ケンシン", "ハナ")]);
        assert_eq!(asked.birth, Birth::parse("197504").map(BirthTime::At));
        let by_name = query(&["--name", "健診 花子"]).unwrap();
        assert_eq!(by_name.names, [Name::of("健診 花子", None).unwrap()]);
        assert!(!by_name.is_pattern);
        for wrong in [
            ["--birth-date", "12.4.1975"],
            ["--birth-date", "75-04-12"],
            ["--birth-date", "1975-0412"],
            ["--kana", "*"],
            ["--sex", "3"],
        ] {
            assert!(query(&wrong).is_err(), "{wrong:?}");
        }
        let sought =
            |words: &[&str]| Line::try_parse_from([&["x"], words].concat()).unwrap().sought;
        assert!(!sought(&[]).is_given());
        let card = ["--insurer", "06139463", "--number", "81153"];
        assert!(!sought(&card).means_one() && !sought(&["--kana", "ケ*"]).means_one());
        for more in
            [["--branch", "00"], ["--birth-date", "1975-04-12"], ["--kana", "ケンシン ハナコ"]]
        {
            assert!(sought(&[&card[..], &more].concat()).means_one(), "{more:?}");
        }
    }
}
