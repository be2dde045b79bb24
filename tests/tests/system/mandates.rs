//! Mandates: after a conversion error somebody looks at that file alone, granted by two, for a time, on record.

use crate::members::{add, done, refused, run};
use anyhow::{Context, Result, ensure};
use renkei_tests::leak::Texts;
use renkei_tests::{Form, Renkei, Start, audit, exports};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A house with a member, and a file of it that is not converted, named after somebody.
fn house() -> Result<(Renkei, PathBuf, tempfile::TempDir, String)> {
    let renkei = Start::new(Form::PLAIN).go()?;
    let data = renkei.place().data_dir();
    done(&data, &add("clinic", "clinic", "1419900731"))?;
    let place = tempfile::tempdir()?;
    let file = place.path().join("潮見航平.csv");
    std::fs::copy(exports::export(2025), &file)?;
    Ok((renkei, data, place, file.display().to_string()))
}

/// Asks for a file, as the person of the institution.
fn ask(data: &Path, file: &str) -> Result<Value> {
    let mapping = exports::mapping().display().to_string();
    done(data, &asking(file, &mapping))
}

fn asking<'a>(file: &'a str, mapping: &'a str) -> [&'a str; 13] {
    let head = ["mandate", "ask", file, "--mapping", mapping, "--as-of", "2026-04-01"];
    let [a, b, c, d, e, f, g] = head;
    let (reason, by) = ("E014の原因調査", "健診 花子");
    [a, b, c, d, e, f, g, "--member", "clinic", "--reason", reason, "--by", by]
}

fn grant(data: &Path, id: &str, by: &str) -> Result<Value> {
    done(data, &["mandate", "grant", id, "--by", by, "--hours", "2"])
}

/// What names those who are in the files, and the file.
fn people() -> Result<Texts> {
    let mut texts = exports::values(&["カナ氏名", "漢字氏名", "住所"])?;
    texts.push("潮見航平".to_owned());
    Ok(Texts::new(&texts))
}

/// The mandate as `mandate list --json` has it.
fn listed(data: &Path, id: &str) -> Result<Value> {
    let told = done(data, &["mandate", "list"])?;
    let all = told["mandates"].as_array().context("no mandates")?;
    all.iter().find(|mandate| mandate["id"] == id).cloned().with_context(|| told.to_string())
}

/// Waits until as many audit records of a mandate are there; each as its key and what became of the object.
fn records(renkei: &Renkei, id: &str, count: usize) -> Result<Vec<String>> {
    let resource = format!("mandates/{id}");
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        let all = audit::list(&renkei.place().data_dir(), &renkei.settings())?;
        let of_it = all.iter().filter(|record| record.objects_of(13).contains(&&*resource));
        let mut keys: Vec<String> = of_it
            .map(|record| {
                assert_eq!(record.objects_of(11), ["clinic"]);
                let life_cycle = record.objects[0].life_cycle.unwrap_or_default();
                format!("{} {life_cycle}", record.key())
            })
            .collect();
        keys.sort();
        if keys.len() >= count || Instant::now() > until {
            return Ok(keys);
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn after_an_error_two_administrators_open_that_file_alone() -> Result<()> {
    let (renkei, data, place, file) = house()?;
    let data = &*data;
    let mapping = exports::mapping().display().to_string();
    let good = exports::good_rows(2025, 2, place.path())?.display().to_string();
    refused(data, &asking(&good, &mapping), &["エラーはありません", "found no error"])?;
    let mut stranger = asking(&file, &mapping);
    stranger[8] = "nobody";
    refused(data, &stranger, &["nobody", "no such member"])?;
    ensure!(!data.join("mandates").exists(), "something is kept of what was refused");

    let asked = ask(data, &file)?;
    let id = asked["id"].as_str().context("no id")?;
    assert_eq!((&asked["state"], &asked["state_ja"]), (&"asked".into(), &"申請中".into()));
    let errors = asked["errors"].as_object().context("no errors")?;
    ensure!(!errors.is_empty() && errors.keys().all(|id| id.starts_with('E')), "{asked}");

    // Not before two have granted it, neither of whom asked.
    let out = place.path().join("out");
    let to = out.display().to_string();
    let open = ["mandate", "open", id, "--by", "田中", "--out", &to];
    refused(data, &open, &["申請中", "two administrators"])?;
    let granting = |by| ["mandate", "grant", id, "--by", by];
    refused(data, &granting("健診花子"), &["申請した本人", "asked for it"])?;
    assert_eq!(grant(data, id, "佐藤")?["state"], "granted-once");
    refused(data, &granting("佐藤"), &["承認済み", "granted it already"])?;
    refused(data, &open, &["承認1人", "one more administrator"])?;
    let long = [&granting("鈴木")[..], &["--hours", "73"]].concat();
    refused(data, &long, &["1〜72", "from 1 to 72"])?;
    let granted = grant(data, id, "鈴木")?;
    assert_eq!((&granted["state_ja"], &granted["opened"]), (&"閲覧可".into(), &0.into()));
    refused(data, &granting("高橋"), &["閲覧可", "mandate open"])?;
    ensure!(!out.exists());

    // What comes is the file, for nobody else to read, and nothing is overwritten.
    let opened = done(data, &open)?;
    let path = Path::new(opened["file"].as_str().context("no file")?);
    ensure!(std::fs::read(path)? == std::fs::read(&file)?, "another file");
    let mode = |path: &Path| anyhow::Ok(std::fs::metadata(path)?.permissions().mode() & 0o777);
    assert_eq!((mode(&out)?, mode(path)?), (0o700, 0o600));
    refused(data, &open, &["既にあります", "is there already"])?;
    let again = place.path().join("again").display().to_string();
    done(data, &["mandate", "open", id, "--by", "田中", "--out", &again])?;
    assert_eq!(listed(data, id)?["opened"], 2);

    // Operators see states, counts and errors, never data.
    let people = people()?;
    for args in [&["mandate", "list"][..], &["mandate", "show", id]] {
        let text = run(data, args)?.stdout;
        people.not_in(&text, "what is shown")?;
        let text = String::from_utf8(text)?;
        ensure!(text.contains("閲覧可 / open") && text.contains("E0"), "{text}");
    }
    people.not_below(data)?;

    let sealed = data.join("mandates").join(format!("{id}.sealed"));
    ensure!(sealed.exists());
    let close = ["mandate", "close", id, "--by", "佐藤", "--note", "対応表の誤り"];
    assert_eq!(done(data, &close)?["erased"], true);
    ensure!(!sealed.exists());
    refused(data, &open, &["終了", "closed"])?;
    let shown = done(data, &["mandate", "show", id])?;
    let deeds = shown["history"].as_array().context("no history")?.iter().map(|one| &one["what"]);
    let deeds: Vec<&str> = deeds.filter_map(Value::as_str).collect();
    assert_eq!(deeds, ["ask", "grant", "grant", "open", "open", "close", "erase"]);
    assert_eq!((&shown["state"], &shown["sha256"]), (&"closed".into(), &asked["sha256"]));

    // What was done, and what was refused.
    let expected = [
        &["110113 110132 E 0 0"; 2][..],
        &["110113 110132 E 4 0"; 3],
        &["110113 110135 E 0 0"; 4],
        &["110113 110135 E 0 15"],
        &["110113 110135 E 4 0"; 3],
    ];
    assert_eq!(records(&renkei, id, 13)?, expected.concat());
    people.not_in(renkei.place().read_log().as_bytes(), "the log")
}

/// As if everything that happened to a mandate had happened years ago.
fn age(data: &Path, id: &str) -> Result<()> {
    let record = data.join("mandates").join(format!("{id}.toml"));
    let text = std::fs::read_to_string(&record)?;
    let mut parts = text.split("\nat = \"");
    let mut old = parts.next().context("no text")?.to_owned();
    for part in parts {
        old.push_str("\nat = \"2020");
        old.push_str(part.get(4..).context("no time")?);
    }
    Ok(std::fs::write(&record, old)?)
}

#[test]
fn when_the_time_is_over_the_copy_is_erased_and_the_record_stays() -> Result<()> {
    let (renkei, data, place, file) = house()?;
    let asked = [ask(&data, &file)?, ask(&data, &file)?, ask(&data, &file)?];
    let [first, second, third] = [0, 1, 2].map(|n| asked[n]["id"].as_str().unwrap_or_default());
    let sealed = |id: &str| data.join("mandates").join(format!("{id}.sealed"));
    for id in [first, second] {
        grant(&data, id, "佐藤")?;
        grant(&data, id, "鈴木")?;
    }
    // By the next command, whatever it is.
    age(&data, first)?;
    let out = place.path().join("out");
    let to = out.display().to_string();
    let open = ["mandate", "open", first, "--by", "田中", "--out", &to];
    refused(&data, &open, &["期限切れ", "ended"])?;
    ensure!(!sealed(first).exists() && !out.exists());
    let told = listed(&data, first)?;
    assert_eq!((&told["state_ja"], &told["erased"]), (&"期限切れ".into(), &true.into()));
    let expected =
        [&["110113 110132 E 4 0"][..], &["110113 110135 E 0 0"; 3], &["110113 110135 E 0 15"]];
    assert_eq!(records(&renkei, first, 5)?, expected.concat());

    // By a running house.
    let (_, kept) = renkei.stop()?;
    age(&data, second)?;
    let renkei = Start::new(Form::PLAIN).go_in(kept)?;
    let until = Instant::now() + Duration::from_secs(5);
    while sealed(second).exists() {
        ensure!(Instant::now() < until, "still there");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(records(&renkei, second, 4)?[3], "110113 110135 E 0 15");
    let text = String::from_utf8(run(&data, &["mandate", "show", second])?.stdout)?;
    ensure!(text.contains("消去済 / erased") && text.contains("健診 花子"), "{text}");
    ensure!(sealed(third).exists(), "erased before its time");
    assert_eq!(listed(&data, third)?["state"], "asked");

    // A record that cannot be read is told.
    std::fs::write(data.join("mandates").join(format!("{third}.toml")), "x = 1")?;
    let output = run(&data, &["mandate", "list"])?;
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr)?;
    ensure!(told.contains(third) && told.contains("委任のファイル"), "{told}");
    Ok(())
}

#[test]
fn what_the_file_itself_ends_is_an_error_of_it_and_a_wrong_map_is_not() -> Result<()> {
    let (_renkei, data, place, file) = house()?;
    let mapping = exports::mapping().display().to_string();
    // A record that never ends is longer than any line may be.
    let endless = place.path().join("endless.csv").display().to_string();
    std::fs::write(&endless, [std::fs::read(&file)?, vec![b'1'; 20 << 20]].concat())?;
    let asked = ask(&data, &endless)?;
    ensure!(asked["errors"].as_object().is_some_and(|errors| !errors.is_empty()), "{asked}");
    let wrong = place.path().join("map.toml").display().to_string();
    std::fs::write(&wrong, "profile = 3\n")?;
    refused(&data, &asking(&file, &wrong), &["map.toml"])?;
    done(&data, &["member", "disable", "clinic", "--reason", "退会"])?;
    refused(&data, &asking(&file, &mapping), &["利用不可", "disabled"])?;
    assert_eq!(done(&data, &["mandate", "list"])?["mandates"].as_array().map(Vec::len), Some(1));
    Ok(())
}
