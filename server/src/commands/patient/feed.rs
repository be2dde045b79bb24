//! `renkei patient feed`: sends what a file says of patients (ITI-8, ITI-64 as HL7 v2; ITI-44 as HL7 v3).

use crate::commands::runtime;
use crate::commands::target::{Client, Target, TargetArguments};
use crate::show;
use anyhow::{Context as _, bail, ensure};
use renkei_client::mllp::MllpClient;
use renkei_hl7v2::batch::messages;
use renkei_hl7v3::iti44::Feed;
use renkei_soap::xml::{Reader, XmlLimits};
use serde_json::{Value, json};
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

/// The longest file that is read, octets.
const LONGEST: u64 = 64 << 20;

/// Which file, and where to.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// HL7 v2 messages (ADT^A01, A04, A05, A08, A40, A43), each begun by MSH or framed as by MLLP, or one HL7 v3
    /// message (PRPA_IN201301UV02, 201302, 201304). HL7 v2(複数可)またはv3のファイル。
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    target: TargetArguments,
}

/// What became of a message.
struct Told {
    message: String,
    is_accepted: bool,
    text: String,
}

/// Status 0 when all were accepted, 3 when some were, 2 when none was.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let mut octets = Vec::new();
    let file = File::open(&arguments.file).with_context(|| arguments.file.display().to_string())?;
    file.take(LONGEST + 1).read_to_end(&mut octets)?;
    ensure!(octets.len() as u64 <= LONGEST, "64 MiB を超えています / longer than 64 MiB");
    let target = arguments.target.target()?;
    let told = runtime()?.block_on(async {
        let client = target.client()?;
        let is_v3 = octets.trim_ascii_start().starts_with(b"<")
            || octets.starts_with("\u{feff}<".as_bytes());
        let told = match is_v3 {
            true => v3(&client, &target, &octets).await.map(|told| vec![told]),
            false => v2(&client, &target, &octets).await,
        };
        client.finish().await?;
        told
    })?;
    let accepted = told.iter().filter(|one| one.is_accepted).count();
    if arguments.target.json {
        let one = |one: &Told| -> Value {
            json!({ "message": one.message, "accepted": one.is_accepted, "text": one.text })
        };
        let all: Vec<Value> = told.iter().map(one).collect();
        show::json_line(&json!({ "accepted": accepted, "messages": all }))?;
    } else {
        for one in &told {
            let word = if one.is_accepted { "受理 / accepted" } else { "拒否 / refused" };
            show::line(format!("{}  {word}  {}", one.message, one.text).trim_end())?;
        }
    }
    Ok(match accepted {
        all if all == told.len() => 0,
        0 => 2,
        _ => 3,
    })
}

/// One after the other, in their order; what was sent before a connection failed is told with the failure.
async fn v2(client: &Client, target: &Target, octets: &[u8]) -> anyhow::Result<Vec<Told>> {
    let all = messages(octets);
    ensure!(
        !all.is_empty(),
        "HL7 v2(MSH)でもv3(XML)でもありません / neither HL7 v2 (MSH) nor v3 (XML)"
    );
    let address = target.connection.patient_feed.as_deref();
    let address = address.context("no patient feed: give --connect or --patient-feed")?;
    let local = client.local.clone();
    let mllp = MllpClient::new(&target.identity, address, Arc::clone(&client.sink), local)?;
    let mut told = Vec::new();
    for message in all {
        let answer = match mllp.forward(&message).await {
            Ok(answer) => answer,
            // What was sent before is told as well, and nothing is sent behind it.
            Err(error) => {
                let number = told.len() + 1;
                told.push(Told {
                    message: String::new(),
                    is_accepted: false,
                    text: format!(
                        "{number}件目を送信できず、以降は送信していません / message {number} was not sent, nor any behind it: {error}"
                    ),
                });
                break;
            }
        };
        told.push(Told {
            message: answer.control_id.clone(),
            is_accepted: answer.is_accepted(),
            text: if answer.is_accepted() { String::new() } else { answer.text() },
        });
    }
    Ok(told)
}

async fn v3(client: &Client, target: &Target, octets: &[u8]) -> anyhow::Result<Told> {
    let url = target.connection.patient_feed_v3.as_ref();
    let url = url.context("no patient_feed_v3: give a newer connect.json")?;
    let text = std::str::from_utf8(octets).context("UTF-8 ではありません / not UTF-8")?;
    let mut reader = Reader::new(text.trim_start_matches('\u{feff}'), XmlLimits::default());
    let root = reader.root().map_err(|fault| anyhow::anyhow!("{fault}"))?;
    let feed = match Feed::read(&mut reader, &root) {
        Ok(read) => read.message,
        Err(refusal) => bail!("{}", refusal.into_fault()),
    };
    // A second message would be left unsent without a word.
    reader.finish().map_err(|fault| anyhow::anyhow!("{fault}"))?;
    let answer = client.soap.feed_patient(url, &feed).await?;
    let words = answer.details.iter().filter_map(|detail| detail.text.clone());
    Ok(Told {
        message: feed.transmission.id.root().to_owned(),
        is_accepted: answer.code.is_accepting(),
        text: words.collect::<Vec<_>>().join("; "),
    })
}
