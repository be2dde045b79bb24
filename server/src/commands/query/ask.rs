//! The query as the options say it.

use super::since::Since;
use super::{Arguments, Return};
use anyhow::{anyhow, bail, ensure};
use renkei_client::{ClientError, SoapClient};
use renkei_metadata::ids::PatientId;
use renkei_metadata::model::{AssociationType, AvailabilityStatus, Code, EntryType};
use renkei_xds::catalogue::{self, Need, ParamKind, QueryDef, TextAttribute};
use renkei_xds::iti18::{AdhocQuery, QueryBuilder, QueryResponse, ReturnType};
use url::Url;

/// What is asked.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) query: AdhocQuery,
    /// Of documents, which no parameter tells by their submission: what has to be asked first.
    pub(super) since: Option<Since>,
}

impl Question {
    /// Asks a registry.
    pub(super) async fn put(
        &self,
        client: &SoapClient,
        registry: &Url,
    ) -> Result<QueryResponse, ClientError> {
        match &self.since {
            Some(since) => since.ask(client, registry, &self.query).await,
            None => client.query(registry, &self.query).await,
        }
    }
}

/// Finds documents of all patients; a node sees those in its scope.
const OF_EVERYBODY: &str = "FindDocumentsForMultiplePatients";
/// One of the codes by which it finds them has to be given (ITI TF-2: 3.51.4.1.2.1.1).
const CLASS: &str = "$XDSDocumentEntryClassCode";
/// When it was registered, of whomever the document is.
const REGISTERED: &str = "$RenkeiRegisteredFrom";

/// The query that is named.
pub(super) fn definition(arguments: &Arguments) -> anyhow::Result<&'static QueryDef> {
    let name = if arguments.mine { OF_EVERYBODY } else { arguments.query.as_str() };
    if let Some(definition) = catalogue::by_name(name) {
        return Ok(definition);
    }
    let names: Vec<_> = catalogue::QUERIES.iter().map(|q| q.name).collect();
    bail!(
        "{:?} は検索の名前ではありません。次のいずれかを指定してください / is not a query; use one of: {}",
        arguments.query,
        names.join(", ")
    );
}

/// The query that the options describe, about `found`, too; `classes` are the classCodes of the domain. Nothing that was given is without effect: what the query does
/// not know is refused by its name.
pub(super) fn question(
    arguments: &Arguments,
    found: Option<&PatientId>,
    classes: &[Code],
) -> anyhow::Result<Question> {
    let definition = definition(arguments)?;
    let patients = arguments.patients.iter().map(|text| patient(text));
    let mut patients: Vec<PatientId> = patients.collect::<anyhow::Result<_>>()?;
    patients.extend(found.cloned());
    let returns = match arguments.returns {
        Return::Leaf => ReturnType::LeafClass,
        Return::Ref => ReturnType::ObjectRef,
    };
    let builder = QueryBuilder::new(definition.id).returning(returns);
    let builder = typed(builder, definition, arguments, &patients)?;
    let builder = written(builder, definition, arguments)?;
    let builder = defaults(builder, definition);
    let builder = match arguments.mine && !builder.has(CLASS) {
        true => builder.codes(CLASS, classes),
        false => builder,
    };
    let (builder, since) = match &arguments.since {
        Some(moment) if arguments.mine => {
            ensure!(
                !builder.has(REGISTERED),
                "{REGISTERED} が二重に指定されています / was given twice, and by --since"
            );
            (builder.time(REGISTERED, moment), None)
        }
        Some(moment) => Since::of(definition, builder, moment, &patients)?,
        None => (builder, None),
    };
    let builder = match &arguments.home {
        Some(home) => builder.home(home),
        None => builder,
    };
    Ok(Question { query: builder.build(), since })
}

fn patient(text: &str) -> anyhow::Result<PatientId> {
    PatientId::parse(text).map_err(|e| {
        anyhow!("--patient: {}を指定してください / expected {}", e.expected_ja, e.expected)
    })
}

/// Adds the typed options.
fn typed(
    mut builder: QueryBuilder,
    definition: &QueryDef,
    arguments: &Arguments,
    patients: &[PatientId],
) -> anyhow::Result<QueryBuilder> {
    let known = |option: &str, given: bool, meant: &dyn Fn(ParamKind) -> bool| {
        let known = definition.params.iter().any(|p| meant(p.kind));
        ensure!(
            !given || known,
            "{} に --{option} はありません / {} has no --{option}; {}",
            definition.name,
            definition.name,
            parameters(definition)
        );
        anyhow::Ok(given)
    };
    let is = |kind: ParamKind| move |k: ParamKind| k == kind;
    if known("patient", !patients.is_empty(), &is(ParamKind::PatientId))? {
        builder = builder.patients(patients);
    }
    if known("id", !arguments.ids.is_empty(), &is(ParamKind::EntryUuid))? {
        builder = builder.uuids(&arguments.ids);
    }
    if known("unique-id", !arguments.unique_ids.is_empty(), &is(ParamKind::UniqueId))? {
        builder = builder.unique_ids(&arguments.unique_ids);
    }
    if known("logical-id", !arguments.logical_ids.is_empty(), &is(ParamKind::LogicalId))? {
        builder = builder.logical_ids(&arguments.logical_ids);
    }
    let required =
        definition.params.iter().any(|p| p.need == Need::Required && p.kind == ParamKind::Status);
    if known("status", !arguments.statuses.is_empty(), &|k| required && k == ParamKind::Status)? {
        let statuses: Vec<AvailabilityStatus> =
            arguments.statuses.iter().map(|s| (*s).into()).collect();
        builder = builder.statuses(&statuses);
    }
    if known("type", !arguments.types.is_empty(), &is(ParamKind::EntryType))? {
        let types: Vec<EntryType> = arguments.types.iter().map(|t| (*t).into()).collect();
        builder = builder.entry_types(&types);
    }
    let given = !arguments.associations.is_empty();
    if known("association", given, &is(ParamKind::AssociationType))? {
        builder = builder.association_types(&arguments.associations);
    }
    let references = ParamKind::Text(TextAttribute::ReferenceId);
    if known("reference-id", !arguments.reference_ids.is_empty(), &is(references))? {
        builder = builder.set("$XDSDocumentEntryReferenceIdList", &arguments.reference_ids);
    }
    if arguments.everything {
        builder = builder.everything();
    }
    Ok(builder)
}

/// Adds the parameters that were written with their names: the values of one are alternatives, and
/// each of `--and` is a Slot of its own.
fn written(
    mut builder: QueryBuilder,
    definition: &QueryDef,
    arguments: &Arguments,
) -> anyhow::Result<QueryBuilder> {
    let mut alternatives: Vec<(&str, Vec<&str>)> = Vec::new();
    for (name, value) in arguments.params.iter().chain(&arguments.ands) {
        let Some(param) = definition.param(name) else {
            bail!(
                "{name} は {} のパラメータではありません / is no parameter of {}; {}",
                definition.name,
                definition.name,
                parameters(definition)
            );
        };
        ensure!(
            !builder.has(name),
            "{name} が二重に指定されています / {name} was given twice: by an option and by its name"
        );
        // A status may be written without its URN.
        let status = AvailabilityStatus::ALL.into_iter().find(|s| format!("{s:?}") == *value);
        let value = match status {
            Some(status) if param.kind == ParamKind::Status => status.urn(),
            _ => value.as_str(),
        };
        if let Some((_, values)) = alternatives.iter_mut().find(|(n, _)| n == name) {
            values.push(value);
        } else {
            alternatives.push((name, vec![value]));
        }
    }
    // The values of `--and` came last.
    for (name, mut values) in alternatives {
        let ands = arguments.ands.iter().filter(|(n, _)| n == name).count();
        let further = values.split_off(values.len().saturating_sub(ands));
        builder = builder.set(name, values);
        for value in further {
            builder = builder.set(name, [value]);
        }
    }
    Ok(builder)
}

/// What a query wants and nobody gave: Approved, and every relation.
fn defaults(mut builder: QueryBuilder, definition: &QueryDef) -> QueryBuilder {
    for param in definition.params.iter().filter(|p| p.need == Need::Required) {
        if builder.has(param.name) {
            continue;
        }
        builder = match param.kind {
            ParamKind::Status => builder.set(param.name, [AvailabilityStatus::Approved.urn()]),
            ParamKind::AssociationType => {
                let stored = |t: &AssociationType| {
                    !matches!(
                        t,
                        AssociationType::HasMember
                            | AssociationType::UpdateAvailabilityStatus
                            | AssociationType::SubmitAssociation
                    )
                };
                let types = AssociationType::ALL.into_iter().filter(stored);
                builder.set(param.name, types.map(|t| t.urn()))
            }
            _ => builder,
        };
    }
    builder
}

/// The names of all parameters, for whoever used another one.
fn parameters(definition: &QueryDef) -> String {
    let names: Vec<&str> = definition.params.iter().map(|p| p.name).collect();
    format!("パラメータ / its parameters: {}", names.join(", "))
}
