//! `?wsdl`: what an endpoint offers, for the tools that make clients of it.

use anyhow::{Context, Result, ensure};
use renkei_tests::world::{INITIATING_GATEWAY, REGISTRY, REPOSITORY, RESPONDING_GATEWAY};
use renkei_tests::{Form, World, python};
use renkei_xds::transaction::{ITI_18, ITI_38, ITI_39, ITI_41, ITI_42, ITI_43};
use std::process::Command;

/// The shared program; these tests are not about databases.
fn world() -> Result<&'static World> {
    World::shared(Form::PLAIN)?.context("no program")
}

fn wsdl(w: &World, path: &str) -> Result<String> {
    let answer = w.consumer.connect()?.get(&format!("{path}?wsdl"))?;
    ensure!(answer.status == 200, "{}", answer.head);
    ensure!(answer.header("content-type") == Some("text/xml; charset=UTF-8"), "{}", answer.head);
    Ok(answer.text())
}

#[test]
fn each_endpoint_tells_what_it_serves() -> Result<()> {
    let w = world()?;
    let (registry, repository) = (wsdl(w, REGISTRY)?, wsdl(w, REPOSITORY)?);
    let gateway = wsdl(w, RESPONDING_GATEWAY)?;
    let initiating = wsdl(w, INITIATING_GATEWAY)?;
    for (told, other, transaction) in [
        (&registry, &repository, &ITI_18),
        (&registry, &repository, &ITI_42),
        (&repository, &registry, &ITI_41),
        (&repository, &registry, &ITI_43),
        (&gateway, &registry, &ITI_38),
        (&gateway, &repository, &ITI_39),
        (&initiating, &repository, &ITI_18),
        (&initiating, &registry, &ITI_43),
        (&gateway, &initiating, &ITI_38),
    ] {
        let action = format!("wsam:Action=\"{}\"", transaction.request_action);
        ensure!(told.contains(&action) && !other.contains(&action), "{}", transaction.id);
    }
    let url = w.renkei.ready.endpoints.registry.as_ref().context("no registry")?;
    ensure!(registry.contains(&format!("location=\"{url}\"")), "{registry}");
    // Who wants something else is told how messages are sent.
    let answer = w.consumer.connect()?.get(REGISTRY)?;
    ensure!(answer.status == 405 && answer.header("allow") == Some("POST"), "{}", answer.head);
    Ok(())
}

/// The client of a stranger, where it is installed, makes the queries from it.
#[test]
fn zeep_reads_it() -> Result<()> {
    let w = world()?;
    let Some(python) = python::with("zeep") else {
        eprintln!("note: no zeep here, left out");
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    for (path, operation, element) in [
        (REGISTRY, "DocumentRegistry_RegistryStoredQuery", "AdhocQueryResponse"),
        (REPOSITORY, "DocumentRepository_RetrieveDocumentSet", "RetrieveDocumentSetResponse"),
        (RESPONDING_GATEWAY, "RespondingGateway_CrossGatewayQuery", "AdhocQueryResponse"),
        (INITIATING_GATEWAY, "DocumentRegistry_RegistryStoredQuery", "AdhocQueryResponse"),
        (
            INITIATING_GATEWAY,
            "DocumentRepository_RetrieveDocumentSet",
            "RetrieveDocumentSetResponse",
        ),
    ] {
        let file = folder.path().join("endpoint.wsdl");
        std::fs::write(&file, wsdl(w, path)?)?;
        let script = "import sys, zeep\n\
            client = zeep.Client(sys.argv[1])\n\
            client.wsdl.dump()\n\
            print(client.service[sys.argv[2]])\n";
        let run = Command::new(&python).args(["-c", script]).arg(&file).arg(operation).output()?;
        let told = String::from_utf8_lossy(&run.stdout);
        ensure!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        ensure!(told.contains(operation) && told.contains(element), "{told}");
    }
    Ok(())
}
