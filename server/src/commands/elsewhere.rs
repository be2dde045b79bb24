//! `--reply-to`: a request whose answer goes to `renkei listen`, or to any other listener.

use super::awaited::{Asked, Awaited};
use crate::show;
use anyhow::Context as _;
use chrono::Utc;
use renkei_client::{ClientError, Elsewhere};
use serde_json::json;
use std::future::Future;
use std::path::Path;
use url::Url;

/// Where the answer goes.
#[derive(Debug, clap::Args)]
pub(crate) struct ElsewhereArguments {
    /// Have the answer sent to this URL, where `renkei listen` with the same --state-dir takes it.
    /// 応答の送信先。
    #[arg(long, value_name = "URL")]
    reply_to: Option<Url>,
    /// Have faults sent to this URL. フォルトの送信先。
    #[arg(long, value_name = "URL", requires = "reply_to")]
    fault_to: Option<Url>,
}

impl ElsewhereArguments {
    /// The addresses of a new request, if its answer is to go elsewhere.
    pub(super) fn addresses(&self) -> Option<Elsewhere> {
        let reply_to = self.reply_to.clone()?;
        Some(Elsewhere::new(reply_to, self.fault_to.clone()))
    }
}

/// Sends a request with `send`, and remembers that its answer is awaited: before it goes out, since the
/// answer may be quicker than the acknowledgement.
pub(super) async fn sent(
    state_dir: &Path,
    transaction: &str,
    url: &Url,
    to: &Elsewhere,
    send: impl Future<Output = Result<(), ClientError>>,
) -> anyhow::Result<()> {
    let awaited = Awaited::open(state_dir).with_context(|| state_dir.display().to_string())?;
    let asked = Asked {
        message_id: to.message_id.clone(),
        transaction: transaction.to_owned(),
        to: url.to_string(),
        at: Utc::now(),
    };
    awaited.remember(&asked)?;
    let sent = send.await;
    if let Err(error) = &sent
        && was_refused(error)
    {
        awaited.forget(&asked);
    }
    Ok(sent?)
}

/// Whether no answer can come any more.
const fn was_refused(error: &ClientError) -> bool {
    match error {
        ClientError::Fault(_) | ClientError::Http(_) | ClientError::Tls(_) => true,
        ClientError::Connect(_)
        | ClientError::Broken(_)
        | ClientError::Timeout
        | ClientError::Malformed(_)
        | ClientError::TooLarge(_)
        | ClientError::Audit(_)
        | ClientError::Local(_) => false,
    }
}

/// Tells that the request was taken. Status 0: what becomes of it is told by the reply.
pub(super) fn told(to: &Elsewhere, json: bool) -> anyhow::Result<u8> {
    if json {
        show::json_line(&json!({
            "status": "accepted",
            "errors": [],
            "messageId": to.message_id,
            "replyTo": to.reply_to.as_str(),
        }))?;
    } else {
        show::line(&format!(
            "{}  受け付けられました。応答は {} に届きます / accepted; the reply goes there",
            to.message_id, to.reply_to
        ))?;
    }
    Ok(0)
}
