//! How a person sends an example, and how the test does: by the same command, where its program is
//! installed.

use crate::house::House;
use crate::messages::{Example, Sent, Soap};
use crate::tools::Tool;
use anyhow::{Context, Result, ensure};
use renkei_tests::reply::Reply;
use renkei_tests::wire::Answer;
use std::io::{BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};

/// Where the examples say that the house is.
pub(crate) const SYSTEMS: &str = "localhost:8443";
/// Where they say that its feed is.
pub(crate) const FEED: &str = "localhost:2575";

/// The file of a request, from the folder of the examples.
pub(crate) fn request_file(example: &Example) -> String {
    format!("{}.request.{}", example.name, example.file().0)
}

/// The file of its answer.
pub(crate) fn response_file(example: &Example) -> String {
    format!("{}.response.{}", example.name, example.file().0)
}

/// The command that sends an example.
pub(crate) fn command(example: &Example) -> String {
    let file = request_file(example);
    match &example.sent {
        Sent::Soap(soap) => curl(soap, &file),
        Sent::Feed(_) => format!("{} | tr '\\r' '\\n'", framed(&file, "sleep 2")),
    }
}

fn curl(soap: &Soap, file: &str) -> String {
    let (kind, path) = (&soap.message.content_type, soap.path);
    format!(
        "curl --tlsv1.3 --cert me/cert.pem --key me/key.pem --cacert me/ca.pem \\\n  \
         -H 'Content-Type: {kind}' \\\n  --data-binary @{file} https://{SYSTEMS}{path}"
    )
}

/// The message of a file in its MLLP frame, over TLS; `wait` lets the answer come.
fn framed(file: &str, wait: &str) -> String {
    format!(
        "(printf '\\013'; tr '\\n' '\\r' <{file}; printf '\\034\\r'; {wait}) |\n  \
         openssl s_client -quiet -no_ign_eof -verify_return_error -tls1_3 -connect {FEED} \\\n  \
         -cert me/cert.pem -key me/key.pem -CAfile me/ca.pem"
    )
}

/// Sends a SOAP example from `folder`, and answers what curl got and how that reads.
pub(crate) fn post(
    house: &House,
    soap: &Soap,
    file: &str,
    folder: &Path,
) -> Result<(String, Reply)> {
    let answer = if Tool::Curl.is_here()? {
        posted_by_curl(house, soap, file, folder)?
    } else {
        let Soap { path, message, .. } = soap;
        house.me.connect()?.post(path, &message.content_type, &message.body)?
    };
    let text = answer.text();
    let kind = answer.header("content-type").context("no Content-Type")?;
    let whole = match kind.starts_with("multipart/") {
        true => format!("Content-Type: {kind}\r\n\r\n{text}"),
        false => text,
    };
    Ok((whole, Reply::of(answer)?))
}

fn posted_by_curl(house: &House, soap: &Soap, file: &str, folder: &Path) -> Result<Answer> {
    let there = format!("localhost:{}", house.renkei.port());
    let command = curl(soap, file).replace(SYSTEMS, &there);
    let quiet = "--silent --show-error --dump-header head --output body";
    let run = shell(&format!("{command} {quiet}"), folder).output()?;
    ensure!(run.status.success(), "{command}\n{}", String::from_utf8_lossy(&run.stderr));
    let heads = std::fs::read_to_string(folder.join("head"))?;
    let head = heads.trim_end().rsplit("\r\n\r\n").next().unwrap_or_default().to_owned();
    let status = head.split(' ').nth(1).context("no status")?.parse()?;
    Ok(Answer { status, head, body: std::fs::read(folder.join("body"))? })
}

/// Sends an HL7 v2 example from `folder`, and answers the acknowledgement.
pub(crate) fn announce(house: &House, message: &[u8], file: &str, folder: &Path) -> Result<String> {
    if !Tool::OpenSsl.is_here()? {
        return house.feed()?.send(message);
    }
    // the connection stays open until the answer is there, where people wait two seconds
    let answered = folder.join("answered");
    let wait = "until test -e answered; do sleep 0.1; done";
    let there = format!("localhost:{}", house.feed_port()?);
    let command = framed(file, wait).replace(FEED, &there);
    let mut child = shell(&command, folder).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let output = child.stdout.take().context("no standard output")?;
    let mut answer = Vec::new();
    for octet in BufReader::new(output).bytes() {
        match octet? {
            0x1c => break,
            0x0b => {}
            octet => answer.push(octet),
        }
    }
    std::fs::write(&answered, "")?;
    child.wait()?;
    std::fs::remove_file(&answered)?;
    ensure!(!answer.is_empty(), "no acknowledgement: {command}");
    Ok(String::from_utf8(answer)?)
}

/// A command as a shell runs it in a folder.
pub(crate) fn shell(command: &str, folder: &Path) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(folder);
    shell
}
