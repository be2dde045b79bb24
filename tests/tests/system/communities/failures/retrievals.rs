//! Documents.

use super::super::meeting::{answer_with, entry, part, success};
use super::super::{QUERY_SECONDS, entries, find, request, retrieve};
use super::records::{End, Outcome, Retrieval};
use super::{Kind, Scene, Stranger, good, records};
use crate::forms::by_form;
use anyhow::{Context, Result, ensure};
use renkei_metadata::finding::Severity;
use renkei_metadata::ids::{HomeCommunityId, RepositoryUniqueId, UniqueId};
use renkei_metadata::model::DocumentEntry;
use renkei_tests::community::noticed;
use renkei_tests::elsewhere::{Asked, Stream, multipart};
use renkei_tests::row::named;
use renkei_tests::{Form, World, sample};
use renkei_xds::iti43::{self, DocumentPart, DocumentRequest};
use renkei_xds::response::{RegistryError, RegistryResponse, Status};
use renkei_xds::transaction::ITI_39;
use std::io::Write;
use std::time::{Duration, Instant};

on_every_database! { by by_form:
    documents_that_go_wrong_cost_the_others_nothing
}

/// Answers a query well, and a retrieval by `retrieved`.
fn asked_for(
    stranger: &Stranger,
    asked: &Asked,
    stream: &mut Stream,
    retrieved: impl FnOnce(&mut Stream) -> Result<()>,
) -> Result<()> {
    match asked.envelope.contains("CrossGatewayQuery") {
        true => good(stranger, asked, stream),
        false => retrieved(stream),
    }
}

fn listed(stranger: &Stranger, unique_id: &UniqueId, content_id: &str) -> Result<DocumentPart> {
    let request = DocumentRequest {
        home: Some(HomeCommunityId::parse(&stranger.home)?),
        repository: RepositoryUniqueId::parse("1.2.392.200119.9.1.1")?,
        unique_id: unique_id.clone(),
    };
    Ok(part(request, content_id))
}

fn delivery(stranger: &Stranger, asked: &Asked, content: &[u8]) -> Result<Vec<u8>> {
    let listed = [listed(stranger, &stranger.unique_id, "d@stranger")?];
    Ok(multipart(asked, &ITI_39, &[("d@stranger", content)], |w| {
        iti43::write_response(w, &success(), &listed);
    }))
}

fn send(stranger: &Stranger, asked: &Asked, stream: &mut Stream, content: &[u8]) -> Result<()> {
    asked_for(stranger, asked, stream, |stream| {
        Ok(stream.write_all(&delivery(stranger, asked, content)?)?)
    })
}

/// Up to the middle of the document.
fn half(stranger: &Stranger, asked: &Asked, stream: &mut Stream) -> Result<()> {
    asked_for(stranger, asked, stream, |stream| {
        let whole = delivery(stranger, asked, b"true")?;
        let at = whole.windows(4).rposition(|w| w == b"true").context("no document")?;
        Ok(stream.write_all(&whole[..at + 2])?)
    })
}

fn slowly(stranger: &Stranger, asked: &Asked, stream: &mut Stream) -> Result<()> {
    asked_for(stranger, asked, stream, |stream| {
        let whole = delivery(stranger, asked, b"true")?;
        let at = whole.windows(4).rposition(|w| w == b"true").context("no document")?;
        let (before, after) = whole.split_at(at);
        stream.write_all(before)?;
        for octet in after {
            std::thread::sleep(Duration::from_secs(1));
            stream.write_all(&[*octet])?;
        }
        Ok(())
    })
}

fn nothing_sent(stranger: &Stranger, asked: &Asked, stream: &mut Stream) -> Result<()> {
    asked_for(stranger, asked, stream, |stream| {
        Ok(stream.write_all(&multipart(asked, &ITI_39, &[], |w| {
            iti43::write_response(w, &success(), &[]);
        }))?)
    })
}

fn one_too_many(stranger: &Stranger, asked: &Asked, stream: &mut Stream) -> Result<()> {
    asked_for(stranger, asked, stream, |stream| {
        let parts: [(&str, &[u8]); 2] = [("a@stranger", b"another"), ("d@stranger", b"true")];
        let both = [
            listed(stranger, &sample::new_unique_id(), "a@stranger")?,
            listed(stranger, &stranger.unique_id, "d@stranger")?,
        ];
        Ok(stream.write_all(&multipart(asked, &ITI_39, &parts, |w| {
            iti43::write_response(w, &success(), &both);
        }))?)
    })
}

fn refuses(stranger: &Stranger, asked: &Asked, stream: &mut Stream) -> Result<()> {
    asked_for(stranger, asked, stream, |stream| {
        let head = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        Ok(stream.write_all(head.as_bytes())?)
    })
}

fn mute(stranger: &Stranger, asked: &Asked, stream: &mut Stream) -> Result<()> {
    asked_for(stranger, asked, stream, |_| {
        std::thread::sleep(Duration::from_secs(10));
        Ok(())
    })
}

/// Octets of a document too large to be held.
const LARGE: usize = 3 << 20;

fn large() -> Vec<u8> {
    (0..LARGE).map(|n| (n % 251) as u8).collect()
}

/// Answers a query with the entry of a large document, and a retrieval by so many of its octets; what follows them.
fn send_large(
    stranger: &Stranger,
    asked: &Asked,
    stream: &mut Stream,
    change: impl FnOnce(&mut Vec<u8>) -> usize,
    then: impl FnOnce(&mut Stream) -> Result<()>,
) -> Result<()> {
    let mut content = large();
    if asked.envelope.contains("CrossGatewayQuery") {
        let mut entry = entry(&stranger.patient, &content, Some(&stranger.home))?;
        entry.unique_id = stranger.unique_id.clone();
        return Ok(stream.write_all(&answer_with(asked, &[entry]))?);
    }
    let octets = change(&mut content);
    let whole = delivery(stranger, asked, &content)?;
    let missing = LARGE.saturating_sub(octets);
    let sent = if missing == 0 { whole.len() } else { whole.len() - missing - 256 };
    stream.write_all(whole.get(..sent).context("shorter")?)?;
    then(stream)
}

fn whole_large(stranger: &Stranger, asked: &Asked, stream: &mut Stream) -> Result<()> {
    send_large(stranger, asked, stream, |_| LARGE, |_| Ok(()))
}

fn half_of_large(stranger: &Stranger, asked: &Asked, stream: &mut Stream) -> Result<()> {
    send_large(stranger, asked, stream, |_| 2 << 20, |_| Ok(()))
}

/// Another octet at the end, so that only the hash tells.
fn another_large(stranger: &Stranger, asked: &Asked, stream: &mut Stream) -> Result<()> {
    let change = |content: &mut Vec<u8>| {
        if let Some(last) = content.last_mut() {
            *last ^= 1;
        }
        LARGE
    };
    send_large(stranger, asked, stream, change, |_| Ok(()))
}

/// Slowly, but so that it will all be there one day.
fn steady_large(stranger: &Stranger, asked: &Asked, stream: &mut Stream) -> Result<()> {
    static PIECE: [u8; 64 << 10] = [b'x'; 64 << 10];
    send_large(
        stranger,
        asked,
        stream,
        |_| 1 << 20,
        |stream| {
            for _ in 0..60 {
                std::thread::sleep(Duration::from_millis(500));
                stream.write_all(&PIECE)?;
            }
            Ok(())
        },
    )
}

/// Most of it at once, and then a byte a second.
fn crawling_large(stranger: &Stranger, asked: &Asked, stream: &mut Stream) -> Result<()> {
    send_large(
        stranger,
        asked,
        stream,
        |_| 2 << 20,
        |stream| {
            for _ in 0..60 {
                std::thread::sleep(Duration::from_secs(1));
                stream.write_all(b"x")?;
            }
            Ok(())
        },
    )
}

fn documents_that_go_wrong_cost_the_others_nothing(form: Form) -> Result<()> {
    const KINDS: &[Kind] = &[
        Kind::fine("普通の町", |s, a, w| send(s, a, w, b"true")),
        Kind::odd("別の文書の町", "community-document-differs", |s, a, w| {
            send(s, a, w, b"lies")
        }),
        Kind::odd("短い文書の町", "community-document-differs", |s, a, w| {
            send(s, a, w, b"tru")
        }),
        Kind::odd("長い文書の町", "community-document-differs", |s, a, w| {
            send(s, a, w, b"true!")
        }),
        Kind::odd("途切れる町", "community-document-broken", half).recorded(12, "malformed"),
        Kind::odd("送らない町", "community-document-unanswered", nothing_sent)
            .recorded(8, "unanswered"),
        Kind::odd("余計な町", "community-document-unasked", one_too_many),
        Kind::failing("断る町", "community-refused", refuses).recorded(12, "http"),
        Kind::failing("黙る町", "community-silent", mute).recorded(12, "given-up"),
        Kind::odd("遅い町", "community-silent", slowly).recorded(12, "given-up"),
        Kind::fine("大きな町", whole_large),
        Kind::odd("大きな途切れる町", "community-document-broken", half_of_large)
            .recorded(12, "malformed"),
        Kind::odd("大きな別の文書の町", "community-document-differs", another_large),
        Kind::odd("大きな遅い町", "community-silent", crawling_large).recorded(12, "given-up"),
        Kind::odd("大きな回線の細い町", "community-document-large", steady_large)
            .recorded(12, "given-up"),
    ];
    let mut scene = Scene::set(form)?;
    scene.meet_all(KINDS)?;
    let own_error = scene.meet(
        Kind::failing("故障した町", "", |stranger, asked, stream| {
            asked_for(stranger, asked, stream, |stream| {
                let error = RegistryError {
                    code: "XDSRepositoryError".to_owned(),
                    context: "a disk failed".to_owned(),
                    severity: Severity::Error,
                    location: String::new(),
                };
                let failed = RegistryResponse { status: Status::Failure, errors: vec![error] };
                Ok(stream.write_all(&multipart(asked, &ITI_39, &[], |w| {
                    iti43::write_response(w, &failed, &[]);
                }))?)
            })
        })
        .recorded(8, "XDSRepositoryError"),
        chrono::TimeDelta::zero(),
    )?;
    let failed = own_error.home.clone();
    noticed(&scene.north.renkei)?;
    let found = find(&scene.north, &scene.patient)?;
    let all = entries(&found);
    ensure!(found.status == Status::Success && all.len() == 3 + KINDS.len() + 1, "{found:?}");
    let requests = all.iter().map(|entry| request(entry)).collect::<Result<Vec<_>>>()?;
    let Scene { north, south, east, strangers, gateways, .. } = scene;
    let url = |world: &World| world.renkei.ready.endpoints.responding_gateway.clone();
    let south_url = url(&south).context("no gateway")?;
    let east_url = url(&east).context("no gateway")?;
    let dead = east.renkei.ready.home_community_id.clone();
    drop(east.renkei.kill()?);
    let started = Instant::now();
    let got = retrieve(&north, &requests)?;
    let most = Duration::from_secs(QUERY_SECONDS + 8);
    ensure!(started.elapsed() < most, "took {:?}", started.elapsed());
    ensure!(got.response.status == Status::PartialSuccess, "{:?}", got.response);
    let mut came: Vec<(Option<&str>, &[u8])> =
        got.documents.iter().map(|d| (d.home.as_deref(), &d.content[..])).collect();
    let (own, other) = (north.home()?, south.home()?);
    let extra = strangers.iter().find(|s| s.kind.row == Some("community-document-unasked"));
    let is_large = |s: &&Stranger| s.kind.name == "大きな町";
    let (large, whole) = (strangers.iter().find(is_large).context("none")?, large());
    let mut there: Vec<(Option<&str>, &[u8])> = vec![
        (Some(&large.home), &whole),
        (Some(own.as_str()), b"north"),
        (Some(other.as_str()), b"south"),
        (Some(&strangers[0].home), b"true"),
        (Some(&extra.context("none")?.home), b"true"),
    ];
    came.sort_unstable();
    there.sort_unstable();
    let lengths = |all: &[(Option<&str>, &[u8])]| -> Vec<(Option<String>, usize)> {
        all.iter().map(|(home, octets)| (home.map(str::to_owned), octets.len())).collect()
    };
    assert_eq!(lengths(&came), lengths(&there), "all that is what its entry says");
    ensure!(came == there, "other octets");
    let spool = north.renkei.place().data_dir().join("spool");
    assert_eq!(std::fs::read_dir(spool)?.count(), 0, "something is left on disk");
    let errors = &got.response.errors;
    let told = |s: &&Stranger| s.home != failed;
    strangers.iter().filter(told).try_for_each(|stranger| stranger.is_told(errors))?;
    ensure!(named(errors, "community-unreachable")?.len() == 1, "{errors:#?}");
    let passed = errors.iter().find(|e| e.context == "a disk failed").context("not passed on")?;
    assert_eq!((passed.code.as_str(), &passed.location), ("XDSRepositoryError", &failed));
    let [beside] = named(errors, "community-document-own-errors")?[..] else {
        anyhow::bail!("{errors:#?}")
    };
    ensure!(beside.context.contains("故障した町") && beside.severity == Severity::Warning);
    let wrong = KINDS.iter().filter(|kind| kind.row.is_some()).count();
    // Ours, those of a dead house, and of one whose own error names no document.
    assert_eq!(errors.len(), wrong + 4, "one row each: {errors:#?}");

    // On record, on every side.
    let north_home = own.to_string();
    let id = |home: &str| -> Result<String> {
        let is_its = |e: &&&DocumentEntry| e.home.as_ref().is_some_and(|h| h.as_str() == home);
        Ok(all.iter().find(is_its).context("no entry")?.unique_id.to_string())
    };
    let mut asked = Vec::new();
    let real = [(&other.to_string(), &south_url, (0, "")), (&dead, &east_url, (12, "connect"))];
    for (home, url, recorded) in real {
        let end = End::new("CN=a-gateway,O=Renkei", url.clone(), recorded);
        asked.push(Retrieval { home: home.clone(), end, documents: vec![id(home)?] });
    }
    for (stranger, gateway) in strangers.iter().zip(&gateways) {
        let Stranger { kind, home, unique_id, .. } = stranger;
        let end = End::new("CN=own.gateway,O=Renkei", gateway.url(), kind.recorded);
        asked.push(Retrieval { home: home.clone(), end, documents: vec![unique_id.to_string()] });
    }
    let ids: Vec<(String, String)> = asked
        .iter()
        .flat_map(|r| r.documents.iter().map(|id| (r.home.clone(), id.clone())))
        .chain([(north_home.clone(), id(&north_home)?)])
        .collect();
    let came = |home: &str| there.iter().any(|(h, _)| *h == Some(home));
    let (given, missing) =
        ids.iter().map(|(home, id)| (home.as_str(), id.as_str())).partition(|(home, _)| came(home));
    let why =
        "XDSDocumentUniqueIdError XDSNonIdenticalHash XDSRepositoryError XDSUnavailableCommunity";
    records::of_the_one_who_retrieves(north, &asked, &Outcome { given, missing, why })?;
    let given = id(other.as_str())?;
    records::of_one_that_gives(south, &given, &south_url)
}
