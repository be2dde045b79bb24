//! What a node is entitled to, as it is issued and as its file says it.

use renkei_context::{GrantedIds, Grants, Labels, Scope, Sources};
use renkei_metadata::codes::CodeList;
use renkei_metadata::ids::Oid;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// 健診・保健指導機関番号, and 保険医療機関番号: an institution is known by either.
const INSTITUTIONS: [&str; 2] = ["1.2.392.200119.6.102", "1.2.392.100495.20.3.21"];
/// 保険者番号, as CDA and as FHIR documents have it.
const INSURERS: [&str; 2] = ["1.2.392.200119.6.101", "1.2.392.100495.20.3.61"];
/// Audiences of the documents that an occupational doctor reads without consent, and those that an
/// insurer reads of its own members.
const OF_EMPLOYERS: [&str; 2] = ["STAT", "WORK"];
const OF_INSURERS: [&str; 2] = ["STAT", "FULL"];
/// The word for everything, of scopes and of identifiers.
const DOMAIN: &str = "domain";
const ANY: &str = "any";

/// Whose objects a node sees: the word of `--scope`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) enum Sight {
    /// Everybody's.
    Domain,
    /// What it submitted itself. Every node sees that.
    Own,
    /// What an institution wrote.
    Institution(Number),
    /// What was sent to an insurer, of its members.
    Insurer(Number),
    /// What was sent to an employer, and is meant for its occupational doctors.
    Employer(EmployerCode),
}

/// Ten digits of an institution, or eight of an insurer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Number(String);

/// The code of an employer or a site of one, as its institutions write it: 1 to 20 characters that may
/// stand in an XON.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EmployerCode(String);

/// What is said of each scope.
#[cfg(test)]
pub(crate) struct SightRow {
    pub(crate) word: &'static str,
    pub(crate) ja: &'static str,
    pub(crate) en: &'static str,
    /// Whether what is seen by it may be changed, too.
    pub(crate) changes: bool,
}

#[cfg(test)]
#[rustfmt::skip]
pub(crate) static SIGHTS: &[SightRow] = &[
    SightRow { word: "own", changes: true, ja: "自分が登録したもの。版が更新されても", en: "what it submitted itself, and every later version of it" },
    SightRow { word: "institution=NO", changes: true, ja: "著者の機関(authorInstitution)がその機関番号(10桁)のもの", en: "what has this number (10 digits) among the authorInstitutions" },
    SightRow { word: "insurer=NO", changes: false, ja: "その保険者番号(8桁)あて(intendedRecipient)で、対象区分が STAT か FULL のもの", en: "what was sent (intendedRecipient) to this number (8 digits) and is for the audience STAT or FULL" },
    SightRow { word: "employer=CODE", changes: false, ja: "その事業所コードあて(intendedRecipient)で、対象区分が STAT か WORK のもの", en: "what was sent (intendedRecipient) to this code and is for the audience STAT or WORK" },
    SightRow { word: "domain", changes: true, ja: "コミュニティのすべて。起動のたびに表示", en: "everything of the community; told at every start" },
];

/// A word that is no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotASight {
    #[error(
        "{0:?} は範囲ではありません。domain、own、institution=機関番号、insurer=保険者番号、employer=事業所コード のいずれかを指定してください / is not a scope; use domain, own, institution=NO, insurer=NO or employer=CODE"
    )]
    Word(String),
    #[error(
        "institution={0}: 健診機関番号は10桁の数字です / the number of an institution has 10 digits"
    )]
    Institution(String),
    #[error("insurer={0}: 保険者番号は8桁の数字です / the number of an insurer has 8 digits")]
    Insurer(String),
    #[error(
        "employer={0}: 事業所コードは1〜20文字で、空白と ^ & | ~ \\ は使えません / the code of an employer has 1 to 20 characters, none of them blank or one of ^ & | ~ \\"
    )]
    Employer(String),
}

impl FromStr for Sight {
    type Err = NotASight;

    fn from_str(text: &str) -> Result<Self, NotASight> {
        let (word, value) = text.split_once('=').unwrap_or((text, ""));
        match word {
            DOMAIN if text == DOMAIN => Ok(Self::Domain),
            "own" if text == "own" => Ok(Self::Own),
            "institution" => Number::of(value, 10)
                .map(Self::Institution)
                .ok_or_else(|| NotASight::Institution(value.to_owned())),
            "insurer" => Number::of(value, 8)
                .map(Self::Insurer)
                .ok_or_else(|| NotASight::Insurer(value.to_owned())),
            "employer" => EmployerCode::of(value)
                .map(Self::Employer)
                .ok_or_else(|| NotASight::Employer(value.to_owned())),
            _ => Err(NotASight::Word(text.to_owned())),
        }
    }
}

impl Number {
    fn of(text: &str, digits: usize) -> Option<Self> {
        let fits = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| Self(text.to_owned()))
    }
}

impl EmployerCode {
    fn of(text: &str) -> Option<Self> {
        let may_stand = |c: char| !c.is_whitespace() && !c.is_control() && !"^&|~\\".contains(c);
        let fits = (1..=20).contains(&text.chars().count()) && text.chars().all(may_stand);
        fits.then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for Sight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain => f.write_str(DOMAIN),
            Self::Own => f.write_str("own"),
            Self::Institution(Number(number)) => write!(f, "institution={number}"),
            Self::Insurer(Number(number)) => write!(f, "insurer={number}"),
            Self::Employer(EmployerCode(code)) => write!(f, "employer={code}"),
        }
    }
}

/// An identifier that a node may use, or any: the word of `--source-id`, `--repository-id` and
/// `--authority`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) enum Id {
    /// Any but the house's own. For test peers.
    Any,
    /// This one.
    Oid(OidText),
}

/// An OID that was parsed, in its canonical form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct OidText(String);

/// A word that is no identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} はOIDではありません。1.2.392.1 のようなOIDか any を指定してください / is not an OID; use one such as 1.2.392.1, or any"
)]
pub(crate) struct NotAnId(String);

impl FromStr for Id {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        match text {
            ANY => Ok(Self::Any),
            _ => Oid::parse(text)
                .map(|oid| Self::Oid(OidText(oid.as_str().to_owned())))
                .map_err(|_| NotAnId(text.to_owned())),
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str(ANY),
            Self::Oid(OidText(oid)) => f.write_str(oid),
        }
    }
}

/// Words stand in files as they are typed.
macro_rules! as_text {
    ($($of:ty, $error:ty;)*) => {$(
        impl TryFrom<String> for $of {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$of> for String {
            fn from(value: $of) -> Self {
                value.to_string()
            }
        }
    )*};
}

as_text! {
    Sight, NotASight;
    Id, NotAnId;
}

/// What a node is entitled to. What is empty is the least: what it submitted, under the sourceId of its
/// first submission, and no repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entitlement {
    /// `--scope`
    #[serde(default)]
    pub(crate) scope: BTreeSet<Sight>,
    /// `--source-id`
    #[serde(default)]
    pub(crate) source_id: BTreeSet<Id>,
    /// `--repository-id`
    #[serde(default)]
    pub(crate) repository_id: BTreeSet<Id>,
}

impl Entitlement {
    /// That of a part of the house, which connects to it as others do.
    pub(crate) fn of_house() -> Self {
        let any = || BTreeSet::from([Id::Any]);
        Self { scope: BTreeSet::from([Sight::Domain]), source_id: any(), repository_id: any() }
    }

    /// The words for everything among it, which are told at every start.
    pub(crate) fn wide(&self) -> Vec<&'static str> {
        let any = |ids: &BTreeSet<Id>| ids.contains(&Id::Any);
        let words = [
            (self.scope.contains(&Sight::Domain), "scope domain"),
            (any(&self.source_id), "source-id any"),
            (any(&self.repository_id), "repository-id any"),
        ];
        words.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect()
    }

    /// The OIDs of the sources that it is issued for.
    pub(super) fn sources(&self) -> impl Iterator<Item = &str> {
        oids(&self.source_id)
    }

    /// What it comes to in this house, for the node `name`; `taken` are the sourceIds of others.
    pub(super) fn grants(
        &self,
        name: &str,
        terms: &Terms,
        taken: &Arc<BTreeSet<String>>,
    ) -> Grants {
        let openings = |which: fn(&Sight) -> bool| {
            let own = Labels { submitters: set([name.to_owned()]), ..Labels::default() };
            let chosen = self.scope.iter().filter(|sight| which(sight));
            let openings = chosen.filter_map(|sight| terms.opening(sight));
            Scope::Labelled(std::iter::once(own).chain(openings).collect())
        };
        let (sees, changes) = match self.scope.contains(&Sight::Domain) {
            true => (Scope::Everything, Scope::Everything),
            false => (openings(|_| true), openings(|s| matches!(s, Sight::Institution(_)))),
        };
        let ids = |ids: &BTreeSet<Id>, own: &BTreeSet<String>| {
            let listed: BTreeSet<String> = oids(ids).map(str::to_owned).collect();
            match ids.contains(&Id::Any) {
                // One of the house's own has to be named: its repository may be on another machine.
                true => GrantedIds::AnyBut(Arc::new(own - &listed)),
                false => GrantedIds::Listed(listed),
            }
        };
        Grants {
            sees,
            changes,
            sources: match self.source_id.is_empty() {
                true => Sources::First { taken: Arc::clone(taken) },
                false => Sources::Of(ids(&self.source_id, &BTreeSet::new())),
            },
            repositories: ids(&self.repository_id, &terms.repositories),
            authorities: GrantedIds::any(),
        }
    }
}

impl fmt::Display for Entitlement {
    /// As it was typed; what is empty is said in words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn words<T: fmt::Display>(words: &BTreeSet<T>, without: &str) -> String {
            match words.is_empty() {
                true => without.to_owned(),
                false => words.iter().map(T::to_string).collect::<Vec<_>>().join(","),
            }
        }
        write!(
            f,
            "scope={} source-id={} repository-id={}",
            words(&self.scope, "own"),
            words(&self.source_id, "first"),
            words(&self.repository_id, "none"),
        )
    }
}

fn oids(ids: &BTreeSet<Id>) -> impl Iterator<Item = &str> {
    ids.iter().filter_map(|id| match id {
        Id::Any => None,
        Id::Oid(OidText(oid)) => Some(oid.as_str()),
    })
}

fn set<const N: usize>(texts: [String; N]) -> BTreeSet<String> {
    BTreeSet::from(texts)
}

/// What entitlements are measured by in this house: the codes of its domain, and its own identifiers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {
    /// Who issues the codes of employers.
    employers: Option<String>,
    of_employers: BTreeSet<String>,
    of_insurers: BTreeSet<String>,
    /// The repositoryUniqueIds of the house itself.
    repositories: Arc<BTreeSet<String>>,
    /// The sourceIds of the house itself.
    pub(super) sources: BTreeSet<String>,
}

impl Terms {
    /// Those of the affinity domain of `codes`, in the house with these identifiers.
    pub(crate) fn new(codes: &CodeList, repository: &str, source: &str) -> Self {
        let audiences = |words: [&str; 2]| {
            let listed =
                words.into_iter().flat_map(|word| codes.codes("confidentialityCode", word));
            listed.map(|code| code.key()).collect()
        };
        Self {
            employers: codes.oid_root().map(|root| format!("{root}.{EMPLOYERS}")),
            of_employers: audiences(OF_EMPLOYERS),
            of_insurers: audiences(OF_INSURERS),
            repositories: Arc::new(set([repository.to_owned()])),
            sources: set([source.to_owned()]),
        }
    }

    /// The same for a part of the house, which may use what is the house's.
    pub(super) fn of_house(&self) -> Self {
        Self { repositories: Arc::default(), ..self.clone() }
    }

    /// What opens objects to whoever sees so; what the domain has no codes for opens nothing.
    fn opening(&self, sight: &Sight) -> Option<Labels> {
        let by = |number: &str, issuers: [&str; 2]| {
            set(issuers.map(|issuer| format!("{number}^^{issuer}")))
        };
        let meant =
            |audiences: &BTreeSet<String>| (!audiences.is_empty()).then(|| audiences.clone());
        Some(match sight {
            // The one is no opening but the whole, the other is everybody's.
            Sight::Domain | Sight::Own => return None,
            Sight::Institution(Number(number)) => {
                Labels { institutions: by(number, INSTITUTIONS), ..Labels::default() }
            }
            Sight::Insurer(Number(number)) => Labels {
                recipients: by(number, INSURERS),
                audiences: meant(&self.of_insurers)?,
                ..Labels::default()
            },
            Sight::Employer(EmployerCode(code)) => Labels {
                recipients: set([format!("{code}^^{}", self.employers.as_ref()?)]),
                audiences: meant(&self.of_employers)?,
                ..Labels::default()
            },
        })
    }
}

/// The arc of employers' codes below that of the domain.
const EMPLOYERS: u8 = renkei_source_adapter::submit::EMPLOYERS;

#[cfg(test)]
mod tests {
    use super::*;
    use renkei_metadata::codes::default_xml;

    fn terms() -> Terms {
        Terms::new(&CodeList::read(default_xml()).unwrap(), "1.2.7", "1.2.8")
    }

    fn entitled(scope: &[&str], source: &[&str], repository: &[&str]) -> Entitlement {
        Entitlement {
            scope: scope.iter().map(|word| word.parse().unwrap()).collect(),
            source_id: source.iter().map(|word| word.parse().unwrap()).collect(),
            repository_id: repository.iter().map(|word| word.parse().unwrap()).collect(),
        }
    }

    fn grants(entitlement: &Entitlement) -> Grants {
        entitlement.grants("node", &terms(), &Arc::new(set(["1.2.8".to_owned()])))
    }

    /// A document sent to `recipient`, for `audience`.
    fn sent(recipient: &str, audience: &str) -> Labels {
        let root = "2.25.185732698166007113028036616671757965052";
        Labels {
            recipients: set([recipient.replace("R.", &format!("{root}."))]),
            audiences: set([format!("{audience}^^{root}.5")]),
            ..Labels::default()
        }
    }

    #[test]
    fn words_are_read_and_written_alike_and_others_are_told_in_both_languages() {
        for word in
            ["domain", "own", "institution=0119900025", "insurer=06139992", "employer=千葉-1"]
        {
            assert_eq!(word.parse::<Sight>().unwrap().to_string(), word);
        }
        for wrong in [
            "",
            "all",
            "domain=1",
            "own=x",
            "institution=1",
            "insurer=1234567a",
            "employer=",
            "employer=a^b",
            "employer=123456789012345678901",
        ] {
            let told = wrong.parse::<Sight>().unwrap_err().to_string();
            assert!(told.contains(" / ") && !told.is_ascii(), "{told}");
        }
        assert_eq!("any".parse::<Id>().unwrap(), Id::Any);
        assert_eq!("1.2.3".parse::<Id>().unwrap().to_string(), "1.2.3");
        for wrong in ["", "all", "1..2", "urn:oid:1.2.3"] {
            assert!(wrong.parse::<Id>().unwrap_err().to_string().contains(" / "), "{wrong}");
        }
    }

    #[test]
    fn what_the_page_says_of_each_scope_is_so() {
        for row in SIGHTS {
            let word = row.word.replace("institution=NO", "institution=0119900025");
            let word = word.replace("insurer=NO", "insurer=06139992").replace("CODE", "KK");
            let Grants { sees, changes, .. } = grants(&entitled(&[&word], &[], &[]));
            assert_eq!(sees == changes, row.changes, "{word}");
        }
    }

    #[test]
    fn without_a_word_there_is_the_least() {
        let Grants { sees, changes, sources, repositories, .. } = grants(&Entitlement::default());
        let own = Labels { submitters: set(["node".to_owned()]), ..Labels::default() };
        assert!(sees.permits(&own) && changes.permits(&own));
        assert!(!sees.permits(&sent("06139992^^1.2.392.200119.6.101", "FULL")));
        assert!(matches!(sources, Sources::First { taken } if taken.contains("1.2.8")));
        assert!(!repositories.permit("1.2.9"));
        assert!(Entitlement::default().wide().is_empty());
    }

    #[test]
    fn an_insurer_sees_what_was_sent_to_it_by_either_of_its_numbers_and_changes_none_of_it() {
        let Grants { sees, changes, .. } = grants(&entitled(&["insurer=06139992"], &[], &[]));
        for issuer in INSURERS {
            let number = format!("06139992^^{issuer}");
            assert!(sees.permits(&sent(&number, "FULL")) && sees.permits(&sent(&number, "STAT")));
            assert!(!sees.permits(&sent(&number, "CONS")) && !sees.permits(&sent(&number, "WORK")));
            assert!(!changes.permits(&sent(&number, "FULL")));
        }
        assert!(!sees.permits(&sent("06139993^^1.2.392.200119.6.101", "FULL")));
    }

    #[test]
    fn an_employers_doctor_sees_the_statutory_documents_of_that_employer() {
        let Grants { sees, changes, .. } = grants(&entitled(&["employer=KK"], &[], &[]));
        assert!(sees.permits(&sent("KK^^R.12", "STAT")) && sees.permits(&sent("KK^^R.12", "WORK")));
        for hidden in [sent("KK^^R.12", "FULL"), sent("KK2^^R.12", "STAT"), sent("KK", "STAT")] {
            assert!(!sees.permits(&hidden), "{hidden:?}");
        }
        assert!(!changes.permits(&sent("KK^^R.12", "STAT")));
    }

    #[test]
    fn an_institution_changes_what_it_wrote() {
        let grants = grants(&entitled(&["institution=0119900025"], &[], &[]));
        for issuer in INSTITUTIONS {
            let institutions = set([format!("0119900025^^{issuer}")]);
            let written = Labels { institutions, ..Labels::default() };
            assert!(grants.sees.permits(&written) && grants.changes.permits(&written));
        }
    }

    #[test]
    fn any_is_any_but_the_houses_repository_and_is_told() {
        let wide = entitled(&["domain"], &["any"], &["any"]);
        let Grants { sees, changes, repositories, .. } = grants(&wide);
        assert_eq!((sees, changes), (Scope::Everything, Scope::Everything));
        assert!(repositories.permit("1.2.9") && !repositories.permit("1.2.7"));
        assert_eq!(wide.wide(), ["scope domain", "source-id any", "repository-id any"]);
        assert!(entitled(&["own"], &["1.2.3"], &["1.2.4"]).wide().is_empty());
    }

    #[test]
    fn a_domain_without_codes_opens_nothing() {
        let terms = Terms::new(&CodeList::read("<Codes/>").unwrap(), "1.2.7", "1.2.8");
        let entitlement = entitled(&["insurer=06139992", "employer=KK"], &[], &[]);
        let Grants { sees, .. } = entitlement.grants("node", &terms, &Arc::default());
        assert!(!sees.permits(&sent("06139992^^1.2.392.200119.6.101", "FULL")));
        assert_eq!(sees, Entitlement::default().grants("node", &terms, &Arc::default()).sees);
    }
}
