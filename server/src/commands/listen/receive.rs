//! One reply: checked against what is awaited, kept in files, recorded, told.

use crate::commands::awaited::{Asked, Awaited, Wanted, stem};
use crate::commands::received::{Files, Kept};
use crate::commands::target::Target;
use crate::listen::Sender;
use crate::{files, show};
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};
use anyhow::Context as _;
use futures_util::StreamExt as _;
use renkei_client::{Answered, ClientError, Reply, SoapClient, read_reply};
use renkei_soap::envelope::AnswerHeaders;
use renkei_soap::fault::{Fault, rows};
use renkei_soap::limits::MessageLimits;
use renkei_soap::multipart::simple_content_type;
use renkei_xds::response::RegistryError;
use renkei_xds::transaction::{ITI_18, ITI_41, ITI_43, ITI_51, Transaction};
use serde_json::{Map, Value, json};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::mpsc;
use url::Url;

/// The transactions that can be answered elsewhere.
static KNOWN: [&Transaction; 4] = [&ITI_18, &ITI_41, &ITI_43, &ITI_51];

/// What there is to tell of a reply.
pub(super) struct Told {
    pub(super) report: Value,
    pub(super) lines: Vec<String>,
    pub(super) exit: u8,
}

/// Where replies are taken in.
pub(super) struct Desk {
    awaited: Awaited,
    client: Arc<SoapClient>,
    out: PathBuf,
    tell: mpsc::Sender<Told>,
}

impl Desk {
    pub(super) fn new(
        target: &Target,
        client: Arc<SoapClient>,
        out: PathBuf,
        tell: mpsc::Sender<Told>,
    ) -> io::Result<Self> {
        Ok(Self { awaited: Awaited::open(&target.state_dir)?, client, out, tell })
    }
}

/// Takes a reply in. It has arrived when it is on disk and on record: until then the other side sends it
/// again.
pub(super) async fn handle(
    request: HttpRequest,
    body: web::Payload,
    desk: web::Data<Desk>,
) -> HttpResponse {
    match taken(&request, body, &desk).await {
        Ok(()) => HttpResponse::Accepted().finish(),
        Err(error) => {
            // Whoever looks at the listener learns why; that standard error is closed stops nobody.
            drop(show::error_text(&format!(
                "応答を受け取れません / a reply was not taken: {error:#}"
            )));
            let fault = match error.downcast_ref() {
                Some(ClientError::Malformed(why)) => {
                    Fault::of(&rows::REPLY_NOT_READ, &[("why", why.trim_end_matches('.'))])
                }
                _ => Fault::endpoint_unavailable(),
            };
            let status = actix_web::http::StatusCode::from_u16(fault.http_status());
            HttpResponse::build(status.unwrap_or_default())
                .insert_header((CONTENT_TYPE, simple_content_type(None)))
                .body(fault.write(AnswerHeaders::default()))
        }
    }
}

async fn taken(request: &HttpRequest, body: web::Payload, desk: &Desk) -> anyhow::Result<()> {
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let content_type = content_type.unwrap_or_default().to_owned();
    let body = body.map(|piece| piece.map_err(io::Error::other)).boxed_local();
    let mut documents = Files::new(&desk.out);
    let limits = MessageLimits::default();
    let awaits = |id: &str| desk.awaited.wanted(id) != Wanted::No;
    let reply = read_reply(&content_type, body, &limits, &mut documents, awaits).await?;
    match desk.awaited.wanted(&reply.relates_to) {
        Wanted::Yes(asked) => keep(request, desk, &asked, &reply, documents).await,
        // The acknowledgement of the first one was lost.
        Wanted::Again => Ok(()),
        Wanted::No => Err(anyhow::anyhow!("{} is not awaited", reply.relates_to)),
    }
}

async fn keep(
    request: &HttpRequest,
    desk: &Desk,
    asked: &Asked,
    reply: &Reply,
    documents: Files,
) -> anyhow::Result<()> {
    let stem = stem(&asked.message_id).context("wsa:MessageID")?;
    let (mut kept, mut brought) = (Vec::new(), Vec::new());
    if let Answered::Retrieved(retrieved) = &reply.answer {
        kept = documents.keep(&retrieved.documents).await?;
        brought = retrieved.documents.iter().map(|d| d.request.clone()).collect();
    }
    let file = desk.out.join(format!("{stem}.xml"));
    files::write_private(&file, reply.envelope.as_bytes())?;
    let transaction = KNOWN.iter().find(|t| t.id == asked.transaction).copied();
    let transaction = transaction.context("the transaction of an awaited reply")?;
    let asked_at = Url::parse(&asked.to).context("where the request went")?;
    desk.client.replied(transaction, &asked_at, &reply.answer, &brought).await?;

    let (word, exit, errors) = outcome(&reply.answer);
    let mut report = Map::new();
    let mut put = |name: &str, value: Value| drop(report.insert(name.to_owned(), value));
    put("status", json!(word));
    put("errors", errors);
    put("relatesTo", json!(reply.relates_to));
    put("messageId", json!(reply.message_id));
    put("transaction", json!(asked.transaction));
    put("from", json!(request.conn_data::<Sender>().map(|sender| sender.0.to_string())));
    put("file", json!(file.display().to_string()));
    let mut lines =
        vec![format!("{}  {}  {word}  {}", reply.relates_to, asked.transaction, file.display())];
    match &reply.answer {
        Answered::Query(answer) => {
            let objects: Vec<Value> = answer.objects.iter().map(show::object).collect();
            put("objects", json!(objects));
            lines.extend(answer.objects.iter().map(show::summary));
        }
        Answered::Retrieved(_) => {
            lines.extend(kept.iter().map(Kept::line));
            put("documents", serde_json::to_value(&kept)?);
        }
        Answered::Registry(_) | Answered::Fault(_) => {}
    }
    let report = Value::Object(report);
    files::write_private(&desk.out.join(format!("{stem}.json")), report.to_string().as_bytes())?;
    desk.awaited.settle(asked)?;
    // Whoever waited may have gone; the files are there.
    drop(desk.tell.send(Told { report, lines, exit }).await);
    Ok(())
}

/// How the request ended: its word, the exit status that goes with it, its errors.
fn outcome(answer: &Answered) -> (&'static str, u8, Value) {
    let said = |status, errors: &[RegistryError]| {
        (show::word(status), show::exit(status), show::errors(errors))
    };
    match answer {
        Answered::Registry(r) => said(r.status, &r.errors),
        Answered::Query(q) => said(q.status, &q.errors),
        Answered::Retrieved(r) => said(r.response.status, &r.response.errors),
        Answered::Fault(fault) => {
            let error = json!({
                "code": "fault",
                "severity": "error",
                "context": format!("SOAP fault {}: {} / {}", fault.code.local(), fault.ja, fault.en),
                "location": "",
            });
            ("failure", 2, json!([error]))
        }
    }
}
