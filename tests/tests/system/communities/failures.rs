//! Everything that another community can do wrong, all of it at once: whoever asks has what the others have, and
//! is told of each what is missing and what that means.

mod answers;
mod houses;
mod records;
mod retrievals;

use super::meeting::{answer_with, entry};
use super::{house, join};
use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use renkei_metadata::ids::{PatientId, UniqueId};
use renkei_tests::community::{enter, noticed};
use renkei_tests::elsewhere::{Asked, Elsewhere, Look, Stream};
use renkei_tests::forge::Forged;
use renkei_tests::row::Row;
use renkei_tests::{Form, World, sample};
use renkei_xds::response::RegistryError;
use std::io::Write;

/// The certificate that a stranger shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Good,
    /// One that expired a minute ago.
    Expired,
    /// One of a CA that nobody entered.
    OfNobody,
    /// One of the CA of another community that is entered.
    OfAnother,
    /// One of the CA of the house that asks.
    OfTheHouse,
}

/// What a stranger answers with.
type Answers = fn(&Stranger, &Asked, &mut Stream) -> Result<()>;

/// What a stranger does, and the row that tells it.
#[derive(Clone, Copy)]
struct Kind {
    name: &'static str,
    /// None where nothing is missing.
    row: Option<&'static str>,
    /// How the record of what was asked of it ends: EventOutcomeIndicator and its description.
    recorded: (u8, &'static str),
    shown: Shown,
    answers: Answers,
}

impl Kind {
    /// It answers nothing that can be used.
    const fn failing(name: &'static str, row: &'static str, answers: Answers) -> Self {
        let recorded = (12, "malformed");
        Self { name, row: Some(row), recorded, shown: Shown::Good, answers }
    }

    /// It answers; what is left out of that is told.
    const fn odd(name: &'static str, row: &'static str, answers: Answers) -> Self {
        Self { recorded: (0, ""), ..Self::failing(name, row, answers) }
    }

    /// Nothing is told of it.
    const fn fine(name: &'static str, answers: Answers) -> Self {
        Self { name, row: None, recorded: (0, ""), shown: Shown::Good, answers }
    }

    /// It shows a certificate that does not hold.
    const fn showing(self, shown: Shown) -> Self {
        Self { shown, recorded: (12, "tls"), ..self }
    }

    const fn recorded(self, outcome: u8, why: &'static str) -> Self {
        Self { recorded: (outcome, why), ..self }
    }
}

/// A community that nobody runs well.
#[derive(Clone)]
struct Stranger {
    kind: Kind,
    home: String,
    patient: PatientId,
    /// Its one document.
    unique_id: UniqueId,
}

impl Stranger {
    /// An answer as it should be.
    fn whole(&self, asked: &Asked) -> Result<Vec<u8>> {
        let mut entry = entry(&self.patient, b"true", Some(&self.home))?;
        entry.unique_id = self.unique_id.clone();
        Ok(answer_with(asked, &[entry]))
    }

    /// The errors about it.
    fn told<'e>(&self, errors: &'e [RegistryError]) -> Vec<&'e RegistryError> {
        errors.iter().filter(|e| e.context.contains(&self.home)).collect()
    }

    /// Fails unless these errors are the one of its row, by its name.
    fn is_told(&self, errors: &[RegistryError]) -> Result<()> {
        let Kind { name, row, .. } = self.kind;
        let told = self.told(errors);
        let Some(row) = row else {
            ensure!(told.is_empty(), "{name}: {told:?}");
            return Ok(());
        };
        let [told] = told[..] else { anyhow::bail!("{name}: {told:#?}") };
        ensure!(Row::of(row)?.is(told), "{name}: {told:?}");
        ensure!(told.context.contains(name), "{name}: {told:?}");
        crate::expect::plain(&told.context)
    }
}

fn good(stranger: &Stranger, asked: &Asked, stream: &mut Stream) -> Result<()> {
    Ok(stream.write_all(&stranger.whole(asked)?)?)
}

/// Two PHR operators and a regional network, each a house with a database and a CA of its own, and strangers.
struct Scene {
    north: World,
    south: World,
    east: World,
    patient: PatientId,
    strangers: Vec<Stranger>,
    gateways: Vec<Elsewhere>,
}

impl Scene {
    /// North asks all the others, each of which has a document of the same patient.
    fn set(form: Form) -> Result<Self> {
        let (north, south, east) = (house(form)?, house(form)?, house(form)?);
        join(&north, &south, "南のPHR")?;
        join(&north, &east, "東の地域連携")?;
        let patient = north.patient();
        for (world, content) in [(&north, b"north"), (&south, b"south"), (&east, b"easty")] {
            world.submitted(&sample::one(&patient, content), &[content])?;
        }
        Ok(Self { north, south, east, patient, strangers: Vec::new(), gateways: Vec::new() })
    }

    /// Has north ask a stranger, too, once it has settled.
    fn meet(&mut self, kind: Kind, off: TimeDelta) -> Result<&Stranger> {
        let number = self.strangers.len() + 1;
        let stranger = Stranger {
            kind,
            home: format!("urn:oid:1.2.392.200119.9.{number}.0"),
            patient: self.patient.clone(),
            unique_id: sample::new_unique_id(),
        };
        let ca = Forged::authority("stranger-ca")?;
        let place = self.north.renkei.place();
        let peers = Forged::authority_of(&place.data_dir())?;
        let own = match kind.shown {
            Shown::Good => ca.server("localhost")?,
            Shown::Expired => ca.server_until("localhost", -60)?,
            Shown::OfNobody => Forged::authority("nobody-ca")?.server("localhost")?,
            Shown::OfAnother => {
                Forged::authority_of(&self.south.renkei.place().data_dir())?.server("localhost")?
            }
            Shown::OfTheHouse => peers.server("localhost")?,
        };
        let path = place.client_dir().join(format!("stranger-{number}.pem"));
        std::fs::write(&path, ca.certificate.to_pem()?)?;
        let answering = stranger.clone();
        let look = Look { off: Some(off), ..Look::default() };
        let gateway = Elsewhere::serve_looked(&own, &peers, look, move |asked, stream| {
            (answering.kind.answers)(&answering, asked, stream)
        })?;
        let path = path.display().to_string();
        let more = ["--name", kind.name, "--ca", &path];
        enter(&self.north.renkei, &stranger.home, &gateway.url(), &more)?;
        self.gateways.push(gateway);
        self.strangers.push(stranger);
        self.strangers.last().context("no stranger")
    }

    fn meet_all(&mut self, kinds: &[Kind]) -> Result<()> {
        for kind in kinds {
            self.meet(*kind, TimeDelta::zero())?;
        }
        noticed(&self.north.renkei)
    }
}
