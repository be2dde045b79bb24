//! The program is killed at any moment, over and over, while four clients submit.

use super::*;

#[test]
fn any_moment_sqlite() {
    at_any_moment(Form { postgres: false, wired: false }, Duration::from_secs(10)).unwrap();
}

#[test]
fn any_moment_sqlite_wired() {
    at_any_moment(Form { postgres: false, wired: true }, Duration::from_secs(5)).unwrap();
}

#[test]
fn any_moment_postgres() {
    let form = Form { postgres: true, wired: false };
    if Form::all().contains(&form) {
        at_any_moment(form, Duration::from_secs(5)).unwrap();
    }
}

/// Fewer acknowledged submissions prove nothing.
const ENOUGH: usize = 20;

/// Four clients submit without a pause while the program is killed over and over.
fn at_any_moment(form: Form, most: Duration) -> Result<()> {
    let until = Instant::now() + most;
    // A slow machine gets more time for the same proof.
    let at_last = until + 3 * most;
    let mut renkei = start(form).go()?;
    let identity = identity(&renkei)?;
    let mut acknowledged = Vec::new();
    let mut interrupted = Vec::new();
    let mut round = 0u64;
    while Instant::now() < until || (acknowledged.len() <= ENOUGH && Instant::now() < at_last) {
        let place = thread::scope(|scope| {
            let clients: Vec<_> =
                (0..4).map(|_| scope.spawn(|| submit_until_dead(&renkei, &identity))).collect();
            // Neither regular nor different from one run to the next.
            round += 1;
            thread::sleep(Duration::from_millis(150 + round * 7_919 % 700));
            renkei.signal("KILL")?;
            for client in clients {
                let (done, open) = client.join().map_err(|_| anyhow::anyhow!("a client"))??;
                acknowledged.extend(done);
                interrupted.extend(open);
            }
            Ok::<_, anyhow::Error>(())
        });
        place?;
        renkei.wait(Duration::from_secs(10))?;
        renkei = start(form).go_in(renkei.into_place())?;
    }
    ensure!(acknowledged.len() > ENOUGH, "only {} acknowledged", acknowledged.len());
    let mut peer = Peer::new(&renkei, &identity)?;
    for given in &acknowledged {
        whole(&mut peer, given).context("acknowledged")?;
    }
    // Looking through a house of thousands of documents takes seconds: once before, once after.
    at_rest(&renkei)?;
    for given in &interrupted {
        all_or_nothing(&mut peer, given)?;
        again(&mut peer, given)?;
    }
    at_rest(&renkei)?;
    audited(&renkei, &acknowledged)
}

/// What was acknowledged, and what was under way when the program died.
fn submit_until_dead(
    renkei: &Renkei,
    identity: &Path,
) -> Result<(Vec<DocumentSet>, Option<DocumentSet>)> {
    let mut done = Vec::new();
    let mut peer = Peer::new(renkei, identity)?;
    for sizes in [[20_000, 300], [400_000, 20_000]].iter().cycle() {
        let given = DocumentSet::new(&renkei.ready.assigning_authority, sizes);
        match peer.submit(&given) {
            Ok(answer) => {
                ensure!(answer.status == Status::Success, "{answer:?}");
                done.push(given);
            }
            Err(_) => return Ok((done, Some(given))),
        }
    }
    Ok((done, None))
}
