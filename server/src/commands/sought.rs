//! Somebody by what is known of them: the options by which `query`, `results`, `retrieve` and `patient find` find
//! a person (ITI-47).

mod told;
mod whom;

pub(crate) use told::{all_json, line};
pub(crate) use whom::{Whom, found, not_found, patient, tell};

use anyhow::Context as _;
use clap::ValueEnum;
use renkei_client::Connection;
use renkei_hl7v3::InstanceId;
use renkei_hl7v3::query::{BirthTime, Query};
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::{Birth, Insured, Name, Sex, Writing};
use uuid::Uuid;

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
