//! The house and the nodes that ask.

use super::{How, Met};
use crate::handshake::soon_known;
use crate::pixpdq::number;
use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::{ObjectId, Oid, PatientId};
use renkei_metadata::model::{DocumentEntry, Submission};
use renkei_tests::mllp::Feed;
use renkei_tests::reply::Reply;
use renkei_tests::wire::{Wire, connector};
use renkei_tests::world::Caller;
use renkei_tests::{Form, Start, World, program, sample};
use renkei_xds::response::{RegistryResponse, Status};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The institution whose documents are asked for, and whose persons.
pub(super) const INSTITUTION: &str = "0119900033";
pub(super) const NUMBERS: &str = "2.999.71.1";
/// Another.
const OTHER_INSTITUTION: &str = "0119900041";
const OTHER_NUMBERS: &str = "2.999.71.2";

const ROLES: [&str; 6] = ["source", "repository", "consumer", "administrator", "gateway", "feed"];
/// Where the deferred answers would go, which nobody takes.
pub(super) const LATER: &str = "https://localhost:9/later";

pub(super) struct Scene {
    pub(super) w: World,
    /// With every role and ids of its own; without a scope, with that of another institution, with the right one.
    pub(super) without: Caller,
    pub(super) foreign: Caller,
    pub(super) right: Caller,
    revoked: Caller,
    /// A sourceId and a repositoryUniqueId of each node, by its name.
    ids: BTreeMap<String, [Oid; 2]>,
    /// Nodes with everything but a role that may call, by the roles they have.
    others: RefCell<BTreeMap<String, Caller>>,
}

impl Scene {
    pub(super) fn new(form: Form) -> Result<Self> {
        let domains = format!(
            "identity.source_domains=right={NUMBERS},test-feed={NUMBERS},foreign={OTHER_NUMBERS}"
        );
        let later = ["without", "foreign", "right"].map(|node| format!("{node}={LATER}")).join(",");
        let start = Start::new(form)
            .set(&domains)
            .set("patient.policy=known-only")
            .set("gateway.tells_locations=true")
            .set(&format!("async.allowed_reply_to={later}"));
        let w = World::start(start)?;
        let mut ids = BTreeMap::new();
        let mut node = |name: &str, scope: &[&str]| -> Result<Caller> {
            let own = [sample::new_oid(), sample::new_oid()];
            let words = ["--source-id", own[0].as_str(), "--repository-id", own[1].as_str()];
            let caller = w.entitled(name, &ROLES, &[&words[..], scope].concat())?;
            ids.insert(name.to_owned(), own.clone());
            soon_known(&caller)?;
            Ok(caller)
        };
        let of = |number: &str| format!("institution={number}");
        let without = node("without", &[])?;
        let foreign = node("foreign", &["--scope", &of(OTHER_INSTITUTION)])?;
        let right = node("right", &["--scope", &of(INSTITUTION)])?;
        let revoked = w.caller("revoked", &ROLES)?;
        soon_known(&revoked)?;
        let data = w.renkei.place().data_dir().display().to_string();
        let output = program::run(&["pki", "revoke", "revoked", "--data-dir", &data])?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let began = std::time::Instant::now();
        // A connection that is open at that moment ends.
        let is_gone = || -> Result<bool> { Ok(revoked.connect()?.get("/")?.status == 403) };
        while !is_gone().unwrap_or(false) {
            ensure!(began.elapsed().as_secs() < 2, "not gone after two seconds");
        }
        let others = RefCell::default();
        Ok(Self { w, without, foreign, right, revoked, ids, others })
    }

    /// A new patient, announced.
    pub(super) fn patient(&self) -> Result<PatientId> {
        let patient = self.w.patient();
        let a04 = sample::a04(&patient, "許可", "キョカ");
        let answer = self.w.feed_as(&self.w.feed)?.send(&a04)?;
        ensure!(answer.contains("MSA|AA|"), "{answer}");
        Ok(patient)
    }

    /// The sourceId of a node.
    pub(super) fn source_id(&self, node: &Caller) -> Oid {
        self.ids.get(&node.name).map_or_else(sample::new_oid, |[source, _]| source.clone())
    }

    /// The repositoryUniqueId of a node.
    pub(super) fn repository_id(&self, node: &Caller) -> Oid {
        self.ids.get(&node.name).map_or_else(sample::new_oid, |[_, repository]| repository.clone())
    }

    /// A new document of the institution, for whomever.
    pub(super) fn set_of(&self, patient: &PatientId) -> Submission {
        let mut s = sample::one(patient, b"x");
        s.submission_set.source_id = sample::new_oid();
        let xon = format!("架空健診所^^^^^&1.2.392.200119.6.102&ISO^^^^{INSTITUTION}");
        s.entries[0].authors[0].institutions = vec![xon.clone()];
        for author in &mut s.submission_set.authors {
            author.institutions = vec![xon.clone()];
        }
        s
    }

    /// The same, registered: whose it is, and its entry.
    pub(super) fn document(&self) -> Result<(PatientId, DocumentEntry)> {
        let patient = self.patient()?;
        self.w.submitted(&self.set_of(&patient), &[b"x"])?;
        let entry = self.w.document_of(&patient)?;
        Ok((patient, entry))
    }

    /// A number of the institution.
    pub(super) fn number(&self) -> Result<PatientId> {
        number(NUMBERS)
    }

    /// Nobody shakes hands without a certificate.
    pub(super) fn lets_nobody_in(&self, is_mllp: bool) -> Result<()> {
        let connector = connector(&self.w.renkei.ready.ca, None)?;
        let is_let_in = if is_mllp {
            let a04 = sample::a04(&self.w.patient(), "門前", "モンゼン");
            Feed::connect(&connector, self.w.feed_port()?).and_then(|mut f| f.send(&a04)).is_ok()
        } else {
            Wire::connect(&connector, self.w.renkei.port()).and_then(|mut w| w.get("/")).is_ok()
        };
        ensure!(!is_let_in, "let in without a certificate");
        Ok(())
    }

    /// Nor is anything told to whose certificate was revoked.
    pub(super) fn lets_no_revoked_node_in(
        &self,
        is_mllp: bool,
        ask: impl Fn(&Caller) -> Result<Met>,
    ) -> Result<()> {
        if !is_mllp {
            let status = self.revoked.connect()?.get("/")?.status;
            ensure!(status == 403, "HTTP {status} after the revocation");
        }
        let met = ask(&self.revoked);
        ensure!(met.is_err(), "answered after the revocation: {met:?}");
        Ok(())
    }

    /// A node entitled to everything that has every role but these.
    pub(super) fn with_other_roles(&self, may: &[String]) -> Result<Caller> {
        let mut roles: Vec<&str> =
            ROLES.into_iter().filter(|role| may.iter().all(|may| may != role)).collect();
        roles.push("auditor");
        let name = format!("not-{}", may.join("-"));
        let mut others = self.others.borrow_mut();
        if !others.contains_key(&name) {
            let caller = self.w.caller(&name, &roles)?;
            soon_known(&caller)?;
            others.insert(name.clone(), caller);
        }
        let known = others.get(&name).context("no node")?;
        Caller::new(&self.w.renkei, &name, known.directory.clone())
    }
}

/// How a fault is met, that of the role among them; `None` where there is none.
pub(super) fn refused(reply: &Reply) -> Option<Met> {
    let fault = reply.fault().ok()?;
    let is_role = crate::expect::row(&fault).is_ok_and(|row| row == "fault-not-authorized");
    let how = if is_role { How::NotItsRole } else { How::Refused };
    Some(Met { how, text: format!("{} {}", fault.ja, fault.en) })
}

/// What a response says, without these ids.
pub(super) fn response(response: &RegistryResponse, ids: &[String]) -> Met {
    let how = if response.status == Status::Success { How::Done } else { How::Refused };
    Met { how, text: without(format!("{response:?}"), ids) }
}

/// A text with each of these ids put out of it.
pub(super) fn without(text: String, ids: &[String]) -> String {
    ids.iter().filter(|id| !id.is_empty()).fold(text, |text, id| text.replace(id.as_str(), "ID"))
}

/// Ids of an entry as they stand in texts.
pub(super) fn ids_of(entry: &DocumentEntry) -> Vec<String> {
    let id = |id: &ObjectId| id.to_string();
    let lid = entry.lid.map(|lid| lid.to_string()).unwrap_or_default();
    let bare = |text: &String| text.trim_start_matches("urn:uuid:").to_owned();
    let all = vec![id(&entry.id), lid, entry.unique_id.to_string()];
    let more: Vec<String> = all.iter().map(bare).collect();
    all.into_iter().chain(more).collect()
}
