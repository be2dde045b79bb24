//! `renkei listen`: receives the replies to requests that were sent with `--reply-to` (ITI TF-2: V.5).

mod receive;

use super::target::{Target, TargetArguments};
use crate::listen::{bind, replies};
use crate::pki::ServerFiles;
use crate::show;
use crate::tls::{Acceptor, Suites};
use actix_web::web;
use anyhow::Context as _;
use receive::{Desk, Told};
use serde_json::json;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// Where to listen, as whom, and where replies go.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Port; 0 takes a free one. ポート。
    #[arg(long, value_name = "N", default_value_t = 8446)]
    port: u16,
    /// Address to listen at. 待ち受けるアドレス。
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,
    /// Directory for envelopes and documents; made if needed. 受信したものの保存先。
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// End after so many replies; run until Ctrl-C or SIGTERM if not given. この件数を受信したら終了する。
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    #[command(flatten)]
    target: TargetArguments,
}

/// Replies that may wait to be told.
const WAITING: usize = 16;

/// Listens until it is ended. Status 0; 2 when one of `--count` replies was a failure, 3 when one was
/// partial.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let target = arguments.target.target()?;
    let out = arguments.out.clone();
    std::fs::create_dir_all(&out).with_context(|| out.display().to_string())?;
    super::runtime()?.block_on(async {
        let client = target.client()?;
        let (tell, told) = mpsc::channel(WAITING);
        let desk = Desk::new(&target, std::sync::Arc::clone(&client.soap), out, tell)?;
        let listened = listen(arguments, &target, desk, told).await;
        client.finish().await?;
        listened
    })
}

async fn listen(
    arguments: &Arguments,
    target: &Target,
    desk: Desk,
    mut told: mpsc::Receiver<Told>,
) -> anyhow::Result<u8> {
    let address = SocketAddr::new(arguments.address, arguments.port);
    let bound = bind("--port", Some(address))?.context("--port")?;
    let at = bound.address;
    let desk = web::Data::new(desk);
    let server = replies(bound, acceptor(target)?, move |service| {
        service.app_data(desk.clone()).default_service(web::to(receive::handle));
    })?;
    let handle = server.handle();
    let serving = tokio::spawn(server);
    // Before anybody hears that it listens: whoever does may end it at once.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    if arguments.target.json {
        show::json_line(&json!({"ready": true, "address": at.to_string()}))?;
    } else {
        show::line(&format!("{at}  応答を待っています / waiting for replies"))?;
    }
    let mut worst = 0;
    let mut left = arguments.count;
    while left != Some(0) {
        let next = tokio::select! {
            next = told.recv() => next,
            _ = interrupt.recv() => None,
            _ = terminate.recv() => None,
        };
        let Some(reply) = next else { break };
        if arguments.target.json {
            show::json_line(&reply.report)?;
        } else {
            reply.lines.iter().try_for_each(|line| show::line(line))?;
        }
        worst = worse(worst, reply.exit);
        left = left.map(|left| left.saturating_sub(1));
    }
    // Nobody is told any more: whatever is still taken in has its files.
    drop(told);
    handle.stop(true).await;
    // It ended because it was told to.
    drop(serving.await);
    Ok(worst)
}

/// A failure is worse than a part of success, which is worse than none of them.
const fn worse(one: u8, other: u8) -> u8 {
    match (one, other) {
        (2, _) | (_, 2) => 2,
        (3, _) | (_, 3) => 3,
        (one, _) => one,
    }
}

/// TLS 1.3 with the certificate of the identity, for peers with one of its CA.
fn acceptor(target: &Target) -> anyhow::Result<Acceptor> {
    let file = |name: &str| target.identity_dir.join(name);
    let files = ServerFiles {
        certificate: file("cert.pem"),
        key: file("key.pem"),
        authority: file("ca.pem"),
    };
    Ok(Acceptor::new(&files, Suites::SAFEST, Duration::from_secs(10), None)?)
}
