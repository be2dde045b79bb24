use super::*;
use crate::transaction;
use renkei_soap::xml::{Reader, XmlLimits};
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

#[test]
fn every_transaction_has_its_names() {
    for transaction in transaction::ALL {
        let named = OPERATIONS.iter().filter(|o| o.id == transaction.id).count();
        assert_eq!(named, 1, "{}", transaction.id);
    }
}

#[test]
fn an_endpoint_tells_what_it_serves_and_nothing_else() {
    let xml = write(Service::Registry, &[&transaction::ITI_18], "https://h:1/x?a&b");
    for part in [
        "name=\"DocumentRegistry\"",
        "<wsdl:operation name=\"DocumentRegistry_RegistryStoredQuery\">",
        "<wsdl:part name=\"body\" element=\"query:AdhocQueryRequest\"/>",
        "wsam:Action=\"urn:ihe:iti:2007:RegistryStoredQueryResponse\"",
        "soapActionRequired=\"false\"",
        "location=\"https://h:1/x?a&amp;b\"",
    ] {
        assert!(xml.contains(part), "{part}: {xml}");
    }
    assert!(!xml.contains("RegisterDocumentSet-b"));
    let mut r = Reader::new(&xml, XmlLimits::default());
    assert!(r.root().unwrap().is("http://schemas.xmlsoap.org/wsdl/", "definitions"));
    while r.depth() > 0 {
        r.next_node().unwrap();
    }
    r.finish().unwrap();
}

/// The schemas in files of their own, as xmllint wants them.
fn files(folder: &Path) -> HashMap<String, std::path::PathBuf> {
    let schemas: Vec<&str> = TYPES.split_inclusive("</xs:schema>").map(str::trim).collect();
    let namespace = |s: &str| {
        let (_, rest) = s.split_once("targetNamespace=\"")?;
        Some(rest.split('"').next()?.to_owned())
    };
    let file = |namespace: &str| format!("{}.xsd", namespace.replace([':', '/', '.'], "-"));
    let mut found = HashMap::new();
    for schema in schemas.into_iter().filter(|s| !s.is_empty()) {
        let target = namespace(schema).unwrap();
        let located: Vec<String> = schema
            .split("<xs:import namespace=\"")
            .enumerate()
            .map(|(n, piece)| match piece.split_once("\"/>") {
                Some((imported, rest)) if n > 0 => format!(
                    "<xs:import namespace=\"{imported}\" schemaLocation=\"{}\"/>{rest}",
                    file(imported)
                ),
                _ => piece.to_owned(),
            })
            .collect();
        let path = folder.join(file(&target));
        std::fs::write(&path, located.concat()).unwrap();
        found.insert(target, path);
    }
    found
}

/// Whoever checks our messages by the WSDL finds nothing. Every message that the tests of the messages
/// check by the published schemas comes here, too.
pub(crate) fn valid(xml: &str) {
    let folder = tempfile::tempdir().unwrap();
    let schemas = files(folder.path());
    let root = Reader::new(xml, XmlLimits::default()).root().unwrap();
    let message = folder.path().join("message.xml");
    std::fs::write(&message, xml).unwrap();
    let run = Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema"])
        .args([&schemas[root.namespace.as_ref()], &message])
        .output()
        .unwrap();
    assert!(run.status.success(), "{}\n{xml}", String::from_utf8_lossy(&run.stderr));
}

#[test]
fn a_request_to_remove_documents_is_one_to_retrieve_them_by_another_name() {
    if Command::new("xmllint").arg("--version").output().is_ok() {
        valid(
            "<r:RemoveDocumentsRequest xmlns:r='urn:ihe:iti:rmd:2017' xmlns='urn:ihe:iti:xds-b:2007'>\
             <DocumentRequest><RepositoryUniqueId>1.2</RepositoryUniqueId>\
             <DocumentUniqueId>1.2.3</DocumentUniqueId></DocumentRequest></r:RemoveDocumentsRequest>",
        );
    }
}
