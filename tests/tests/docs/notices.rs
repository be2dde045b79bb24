//! What the house sends by itself (ITI-10, ITI-46): to consumers who want to know which identifiers are one person's, as
//! they get it, and what they answer.

use crate::house::House;
use crate::messages::seed;
use crate::pretty::pretty;
use crate::settle::Settler;
use anyhow::{Context, Result, bail};
use chrono::Utc;
use renkei_hl7v3::acknowledgement::{AcceptAcknowledgement, AckCode};
use renkei_hl7v3::iti44::Feed;
use renkei_hl7v3::{InstanceId, Time};
use renkei_soap::envelope;
use renkei_soap::tolerance::Tolerances;
use renkei_soap::xml::{Reader, XmlLimits};
use renkei_tests::consumer::Consumer;
use renkei_tests::elsewhere::{self, Asked, Elsewhere, Look};
use renkei_tests::forge::Forged;
use renkei_tests::schema;
use renkei_xds::transaction::ITI_46;
use std::io::Write;
use std::net::TcpListener;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

/// A notification in the examples.
pub(crate) struct Notice {
    /// Folder and name of its files.
    pub(crate) name: &'static str,
    /// The transaction.
    pub(crate) title: &'static str,
    /// What its files end with.
    pub(crate) kind: &'static str,
    /// The consumer as `identity.notify` has it.
    pub(crate) consumer: &'static str,
}

/// Both, of the same person.
pub(crate) const TOLD: [Notice; 2] = [
    Notice {
        name: "iti-10/identifiers",
        title: "ITI-10 PIX Update Notification",
        kind: "hl7",
        consumer: "mllps://localhost:2576/PORTAL/EXAMPLE#2.999.1.2+2.999.2.3",
    },
    Notice {
        name: "iti-46/identifiers",
        title: "ITI-46 PIXV3 Update Notification",
        kind: "xml",
        consumer: "https://localhost:8444/pix#2.999.77.2/2.999.1.2+2.999.2.3",
    },
];

/// The file of what the house sends, from the folder of the examples.
pub(crate) fn request_file(notice: &Notice) -> String {
    format!("{}.request.{}", notice.name, notice.kind)
}

/// The file of what the consumer answers.
pub(crate) fn response_file(notice: &Notice) -> String {
    format!("{}.response.{}", notice.name, notice.kind)
}

/// The example that has the house send them, and what they hold then.
pub(crate) const CAUSE: &str = "iti-44/added";
const HOLDS: &str = "K-0011";
/// Longer than a notification that is tried again.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where this house finds consumers that the examples have at ports of their own.
pub(crate) struct Ports([u16; 2]);

impl Ports {
    pub(crate) fn free() -> Result<Self> {
        let free = || anyhow::Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port());
        Ok(Self([free()?, free()?]))
    }

    /// The setting that names both.
    pub(crate) fn setting(&self) -> String {
        let consumers = [0, 1].map(|n| {
            let shown = TOLD[n].consumer;
            shown.replace(port_of(shown), &self.0[n].to_string())
        });
        format!("identity.notify={}", consumers.join(","))
    }
}

/// The port that the examples show.
fn port_of(consumer: &'static str) -> &'static str {
    let after = consumer.split(':').nth(2).unwrap_or_default();
    after.split('/').next().unwrap_or_default()
}

/// The consumers of a house.
pub(crate) struct Consumers {
    ports: Ports,
    by_v2: Consumer,
    by_v3: Receiver<[String; 2]>,
    _listening: Elsewhere,
}

impl Consumers {
    /// Listens; what proves who they are is issued by the house.
    pub(crate) fn listen(house: &House, ports: Ports) -> Result<Self> {
        let authority = Forged::authority_of(&house.renkei.place().data_dir())?;
        let [v2, v3] = ports.0;
        let by_v2 = Consumer::listen(v2, &authority, &authority, 0)?;
        let (sender, by_v3) = mpsc::channel();
        let answer = move |asked: &Asked, stream: &mut elsewhere::Stream| {
            let answer = accepting(asked)?;
            stream.write_all(&answer)?;
            let answer = String::from_utf8(answer)?;
            let (_, envelope) = answer.split_once("\r\n\r\n").context("no head")?;
            sender.send([asked.envelope.clone(), envelope.to_owned()])?;
            Ok(())
        };
        let own = authority.server("localhost")?;
        let listening = Elsewhere::serve_at(v3, &own, &authority, Look::default(), answer)?;
        Ok(Self { ports, by_v2, by_v3, _listening: listening })
    }

    /// What each was told, and answered, in the order of [`TOLD`] as its files hold them.
    pub(crate) fn told(&self) -> Result<[[String; 2]; 2]> {
        let [message, answer] = self.by_hl7_v2()?.map(|text| text.replace('\r', "\n"));
        let mut settler = Settler::default();
        let by_v2 = [settler.settled(&message), settler.settled(&answer)];
        let [message, answer] = self.by_hl7_v3()?;
        let port = format!("localhost:{}", self.ports.0[1]);
        let shown = format!("localhost:{}", port_of(TOLD[1].consumer));
        let mut settler = Settler::default();
        let by_v3 = [message.replace(&port, &shown), answer];
        Ok([by_v2, by_v3.map(|envelope| settler.settled(&pretty(&envelope)))])
    }

    /// Of the person in question: others may have been told of before.
    fn by_hl7_v2(&self) -> Result<[String; 2]> {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            let told = self.by_v2.next(PATIENCE)?;
            if told.text.contains(HOLDS) {
                // its control id would look like that of the message
                let (own, shown) = (&told.control_id, "ANSWER-1");
                return Ok([told.text, told.answer.replace(own, shown)]);
            }
        }
        bail!("nothing was told")
    }

    fn by_hl7_v3(&self) -> Result<[String; 2]> {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            let told = self.by_v3.recv_timeout(PATIENCE)?;
            if told[0].contains(HOLDS) {
                return Ok(told);
            }
        }
        bail!("nothing was told")
    }
}

/// The answer to a notification over HL7 v3; both are valid by the published schemas.
fn accepting(asked: &Asked) -> Result<Vec<u8>> {
    let mut reader = Reader::new(&asked.envelope, XmlLimits::default());
    let opened = envelope::open(&mut reader, &mut Tolerances::default())?;
    let read = Feed::read(&mut reader, &opened.body);
    let read = read.map_err(|refusal| anyhow::anyhow!("{:?}", refusal.into_fault()))?;
    let (id, created) = (InstanceId::new(seed("iti-46/answer")), Time::at(Utc::now().into()));
    let (told, code) = (&read.message.transmission, AckCode::CommitAccept);
    let ack = AcceptAcknowledgement::of(told, code, Vec::new(), id, created);
    let answer = elsewhere::simple(asked, &ITI_46, |w| ack.write(w));
    let text = String::from_utf8(answer.clone())?;
    schema::check_hl7v3("PRPA_IN201302UV02", element(&asked.envelope, "PRPA_IN201302UV02")?)?;
    schema::check_hl7v3("MCCI_IN000002UV01", element(&text, "MCCI_IN000002UV01")?)?;
    Ok(answer)
}

/// An element of a message, with its tags.
fn element<'a>(message: &'a str, name: &str) -> Result<&'a str> {
    let end = format!("</{name}>");
    let from = message.find(&format!("<{name}")).context("no message")?;
    let to = message.find(&end).context("no end")? + end.len();
    message.get(from..to).context("no message")
}
