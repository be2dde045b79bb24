//! One checkup, and who may know of it: the clinic that delivers it, the insurer and the occupational doctors of two
//! employers who read it, an outsider who does not, a certificate that is stolen and revoked, and the person, who is told
//! who saw what. By the commands that each of them has.

use crate::forms::by_form;
use crate::handshake::soon_known;
use crate::whose::Desk;
use anyhow::{Context, Result, ensure};
use renkei_tests::wire::Wire;
use renkei_tests::world::{Caller, REGISTRY};
use renkei_tests::{Form, Start, World, message, program};
use renkei_xds::iti18::QueryBuilder;
use serde_json::Value;
use std::time::{Duration, Instant};

on_every_database! { by by_form:
    a_checkup_is_read_by_whom_it_is_for_and_by_nobody_else
}

const CLINIC: &str = "2399900576";
const NUMBERS: &str = "1.2.392.100495.20.3.51.12399900576";
const INSURER: &str = "06139463";
const CARD: [&str; 8] =
    ["--insurer", INSURER, "--symbol", "札01", "--number", "81153", "--branch", "00"];

/// What the clinic exports: one person who works for the first of two employers.
const EXPORT: &str = "ID,保険者番号,記号,番号,枝番,カナ,氏名,性別,生年月日,受診日,事業所コード,身長,体重\r\n\
A-1,06139463,札01,81153,00,ヤハギ ハナコ,矢作 花子,女,1975-04-12,2025-05-10,KK-1,158.2,52.4\r\n";

struct Story<'w> {
    w: &'w World,
    clinic: Desk<'w>,
    insurer: Desk<'w>,
    /// The doctors of the two employers.
    doctors: [Desk<'w>; 2],
    outsider: Desk<'w>,
}

fn a_checkup_is_read_by_whom_it_is_for_and_by_nobody_else(form: Form) -> Result<()> {
    let start = Start::new(form).set("patient.policy=known-only");
    let w = World::start(start.set(&format!("identity.source_domains=clinic={NUMBERS}")))?;
    let place = tempfile::tempdir()?;
    let desk = |name: &'static str, roles: &[&str], words: &[&str]| -> Result<Desk<'_>> {
        let identity = w.renkei.identities().entitled(name, roles, words)?;
        soon_known(&Caller::new(&w.renkei, name, identity.clone())?)?;
        Ok(Desk::with(&w, place.path(), name, identity))
    };
    let scope = format!("insurer={INSURER}");
    let story = Story {
        w: &w,
        clinic: desk("clinic", &["source", "feed", "consumer"], &[])?,
        insurer: desk("insurer", &["consumer"], &["--scope", &scope])?,
        doctors: [
            desk("doctor", &["consumer", "source"], &["--scope", "employer=KK-1"])?,
            desk("other-doctor", &["consumer", "source"], &["--scope", "employer=KK-2"])?,
        ],
        outsider: desk("outsider", &["consumer", "source", "feed"], &[])?,
    };
    let patient = story.delivered()?;
    story.read(&patient)?;
    story.refused(&patient)?;
    story.stolen(&patient)?;
    story.told(&patient)
}

impl Story<'_> {
    /// The clinic delivers, sees what it delivered, and gives the person's id.
    fn delivered(&self) -> Result<String> {
        let (patient, _) = crate::whose::submitted(&self.clinic, CLINIC, "2025-05-10", EXPORT)?;
        let told = self.clinic.done(&[&["query"], &CARD[..]].concat())?;
        ensure!(documents(&told)? == 5, "{told}");
        Ok(patient)
    }

    fn read(&self, patient: &str) -> Result<()> {
        let since = ["query", "--mine", "--since", "2020-01-01"];
        let [doctor, other] = &self.doctors;
        for (desk, count) in
            [(&self.insurer, 5), (doctor, 1), (other, 0), (&self.outsider, 0), (&self.clinic, 5)]
        {
            let told = desk.done(&since)?;
            ensure!(documents(&told)? == count, "{}: {told}", desk.name);
            let told = desk.done(&["query", "--patient", patient])?;
            ensure!(documents(&told)? == count, "{}: {told}", desk.name);
            // Whose documents one does not see, one does not find, by whatever one knows of them.
            let finds: [&[&str]; 3] = [
                &CARD,
                &["--kana", "ヤハギ ハナコ", "--birth-date", "1975-04-12"],
                &["--known-as", patient],
            ];
            for words in finds {
                let (status, told, _) = desk.run(&[&["patient", "find"], words].concat())?;
                let found = u64::from(count > 0);
                ensure!(
                    told["total"] == found && (status == 0) == (count > 0),
                    "{}: {told}",
                    desk.name
                );
            }
        }
        let told = self.insurer.done(&[&["results", "--audience", "full"], &CARD[..]].concat())?;
        ensure!(told["table"]["dates"] == serde_json::json!(["2025-05-10"]), "{told}");
        let told = doctor.done(&["results", "--patient", patient])?;
        ensure!(told["table"]["dates"] == serde_json::json!(["2025-05-10"]), "{told}");
        Ok(())
    }

    /// What one knows the id of, one does not get; nor does anybody put anything in its place.
    fn refused(&self, patient: &str) -> Result<()> {
        let told = self.insurer.done(&["query", "--patient", patient])?;
        let all = told["objects"].as_array().context("no objects")?;
        let ids: Vec<&str> = all.iter().filter_map(|object| object["uniqueId"].as_str()).collect();
        for (desk, may) in [(&self.doctors[0], 1), (&self.doctors[1], 0), (&self.outsider, 0)] {
            let got = ids.iter().filter(|id| self.got(desk, id).is_ok_and(|got| got));
            ensure!(got.count() == may, "{}", desk.name);
        }
        // Nobody else announces a person by the clinic's number, and so files nothing as the clinic.
        let as_clinic = crate::whose::submitted(&self.outsider, CLINIC, "2025-05-10", EXPORT);
        let error = as_clinic.err().context("was filed")?.to_string();
        ensure!(error.contains("identity.source_domains") && error.contains("outsider"), "{error}");
        Ok(())
    }

    /// Whether a document is given to somebody who asks for it by its id.
    fn got(&self, desk: &Desk<'_>, id: &str) -> Result<bool> {
        let out = tempfile::tempdir()?;
        let to = out.path().join("out").display().to_string();
        let (_, told, _) = desk.run(&["retrieve", id, "--out", &to])?;
        Ok(told["documents"].as_array().is_some_and(|all| !all.is_empty()))
    }

    /// The doctor's certificate is copied; the copy reads until it is revoked, and never again.
    fn stolen(&self, patient: &str) -> Result<()> {
        let [doctor, _] = &self.doctors;
        let thief = Caller::new(&self.w.renkei, doctor.name, doctor.identity().to_owned())?;
        let id = renkei_metadata::ids::PatientId::parse(patient)?;
        let query =
            QueryBuilder::find_documents(&id, &renkei_metadata::model::AvailabilityStatus::ALL);
        let query = message::query(&query.build());
        let ask = |wire: &mut Wire| wire.post(REGISTRY, &query.content_type, &query.body);
        let mut open = thief.connect()?;
        ensure!(ask(&mut open)?.status == 200, "a copy is as good as the certificate");
        let data = self.w.renkei.place().data_dir().display().to_string();
        let output = program::run(&["pki", "revoke", doctor.name, "--data-dir", &data])?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        ensure!(open.ends_within(Duration::from_secs(1))?, "what was open goes on");
        ensure!(ask(&mut thief.connect()?)?.status == 403);
        // Another certificate for the doctor, and none for the copy.
        let scope = ["--scope", "employer=KK-1"];
        let old = thief.connector().clone();
        let renewed = self.w.entitled(doctor.name, &["consumer", "source"], &scope)?;
        soon_known(&renewed)?;
        let mut again = renewed.connect()?;
        let told = ask(&mut again)?;
        ensure!(told.status == 200 && told.text().contains("ExtrinsicObject"), "{}", told.text());
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(1) {
            ensure!(ask(&mut Wire::connect(&old, self.w.renkei.port())?)?.status == 403);
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    /// The person is told who saw what, in words.
    fn told(&self, patient: &str) -> Result<()> {
        let data = self.w.renkei.place().data_dir().display().to_string();
        let settings = self.w.renkei.settings();
        let set: Vec<&str> = settings.iter().flat_map(|s| ["--set", s.as_str()]).collect();
        let words = ["audit", "about", "--data-dir", &data, "--patient", patient, "--json"];
        let output = program::run(&[&words[..], &set].concat())?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let told: Vec<Value> = String::from_utf8(output.stdout)?
            .lines()
            .map(|line| Ok(serde_json::from_str(line)?))
            .collect::<Result<_>>()?;
        let did = |who: &str, what: &str| {
            let of =
                |t: &&Value| t["who"] == who && t["did"]["en"] == what && t["succeeded"] == true;
            told.iter().filter(of).count()
        };
        ensure!(did("clinic", "submitted documents") > 0, "{told:?}");
        for who in ["insurer", "doctor"] {
            ensure!(did(who, "retrieved documents") > 0, "{who}: {told:?}");
        }
        for who in ["other-doctor", "outsider"] {
            ensure!(did(who, "retrieved documents") == 0, "{who}: {told:?}");
        }
        Ok(())
    }
}

/// How many documents an answer has.
fn documents(told: &Value) -> Result<usize> {
    let all = told["objects"].as_array().context("no objects")?;
    Ok(all.iter().filter(|object| object["object"] == "DocumentEntry").count())
}
