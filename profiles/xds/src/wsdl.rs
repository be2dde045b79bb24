//! What an endpoint offers, as WSDL 1.1 (ITI TF-2: V.3): written from the declarations of the
//! transactions that it serves, with the messages' schemas inside, so that it needs nothing around it.
//!
//! The names are those of the WSDL files of the Technical Framework; none of them is on the wire. The
//! schemas (`wsdl/types.xml`) hold what these messages are made of, in the published namespaces: a list
//! of objects is written as a choice, which the tools that read WSDL take more readily than a
//! substitution group, and `xml:lang` as any attribute of its namespace, for whose schema some tools
//! would go to the W3C.

use crate::transaction::Transaction;
use renkei_soap::xml::Writer;

/// The schemas of the messages.
const TYPES: &str = include_str!("../wsdl/types.xml");

/// The namespace of what is defined here.
const TARGET: &str = "urn:ihe:iti:xds-b:2007";

/// Where requests go, over SOAP 1.2.
const TRANSPORT: &str = "http://schemas.xmlsoap.org/soap/http";

/// The prefixes of the elements that messages hold.
const PREFIXES: [(&str, &str); 5] = [
    ("xmlns:xds", TARGET),
    ("xmlns:rs", "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"),
    ("xmlns:lcm", "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"),
    ("xmlns:query", "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"),
    ("xmlns:rmd", "urn:ihe:iti:rmd:2017"),
];

/// What WSDL calls a transaction.
struct Operation {
    id: &'static str,
    /// Before the name of the operation.
    interface: &'static str,
    name: &'static str,
    request: &'static str,
    response: &'static str,
}

const fn operation(
    id: &'static str,
    interface: &'static str,
    name: &'static str,
    request: &'static str,
    response: &'static str,
) -> Operation {
    Operation { id, interface, name, request, response }
}

const REGISTRY: &str = "DocumentRegistry";
const REPOSITORY: &str = "DocumentRepository";
const GATEWAY: &str = "RespondingGateway";
const SUBMIT: &str = "lcm:SubmitObjectsRequest";
const RESPONSE: &str = "rs:RegistryResponse";

#[rustfmt::skip]
static OPERATIONS: [Operation; 12] = [
    operation("ITI-18", REGISTRY, "RegistryStoredQuery", "query:AdhocQueryRequest", "query:AdhocQueryResponse"),
    operation("ITI-38", GATEWAY, "CrossGatewayQuery", "query:AdhocQueryRequest", "query:AdhocQueryResponse"),
    operation("ITI-39", GATEWAY, "CrossGatewayRetrieve", "xds:RetrieveDocumentSetRequest", "xds:RetrieveDocumentSetResponse"),
    operation("ITI-41", REPOSITORY, "ProvideAndRegisterDocumentSet-b", "xds:ProvideAndRegisterDocumentSetRequest", RESPONSE),
    operation("ITI-42", REGISTRY, "RegisterDocumentSet-b", SUBMIT, RESPONSE),
    operation("ITI-43", REPOSITORY, "RetrieveDocumentSet", "xds:RetrieveDocumentSetRequest", "xds:RetrieveDocumentSetResponse"),
    operation("ITI-51", REGISTRY, "MultiPatientStoredQuery", "query:AdhocQueryRequest", "query:AdhocQueryResponse"),
    operation("ITI-57", REGISTRY, "UpdateDocumentSet", SUBMIT, RESPONSE),
    operation("ITI-61", REGISTRY, "RegisterOnDemandDocumentEntry", SUBMIT, RESPONSE),
    operation("ITI-62", REGISTRY, "DeleteDocumentSet", "lcm:RemoveObjectsRequest", RESPONSE),
    operation("ITI-86", REPOSITORY, "RemoveDocuments", "rmd:RemoveDocumentsRequest", RESPONSE),
    operation("ITI-92", "UpdateResponder", "RestrictedUpdateDocumentSet", SUBMIT, RESPONSE),
];

/// What an endpoint is called: `definitions/@name` and what the other names begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Document Registry.
    Registry,
    /// Document Repository.
    Repository,
    /// Responding Gateway.
    RespondingGateway,
    /// Initiating Gateway.
    InitiatingGateway,
}

impl Service {
    const fn name(self) -> &'static str {
        match self {
            Self::Registry => REGISTRY,
            Self::Repository => REPOSITORY,
            Self::RespondingGateway => GATEWAY,
            Self::InitiatingGateway => "InitiatingGateway",
        }
    }
}

/// The WSDL of an endpoint at `location` that serves these transactions.
pub fn write(service: Service, transactions: &[&Transaction], location: &str) -> String {
    let offered: Vec<_> = transactions
        .iter()
        .filter_map(|t| OPERATIONS.iter().find(|o| o.id == t.id).map(|o| (*t, o)))
        .collect();
    let name = service.name();
    let mut w = Writer::new();
    w.start("wsdl:definitions").attr("xmlns:wsdl", "http://schemas.xmlsoap.org/wsdl/");
    w.attr("xmlns:wsoap12", "http://schemas.xmlsoap.org/wsdl/soap12/");
    w.attr("xmlns:wsaw", "http://www.w3.org/2006/05/addressing/wsdl");
    w.attr("xmlns:wsam", "http://www.w3.org/2007/05/addressing/metadata");
    for (prefix, namespace) in PREFIXES {
        w.attr(prefix, namespace);
    }
    w.attr("targetNamespace", TARGET).attr("name", name);
    w.start("wsdl:types").raw(TYPES).end();
    for (_, operation) in &offered {
        message(&mut w, &format!("{}_Message", operation.name), operation.request);
        message(&mut w, &format!("{}Response_Message", operation.name), operation.response);
    }
    w.start("wsdl:portType").attr("name", &format!("{name}_PortType"));
    for (transaction, operation) in &offered {
        port_type(&mut w, transaction, operation);
    }
    w.end();
    w.start("wsdl:binding").attr("name", &format!("{name}_Binding_Soap12"));
    w.attr("type", &format!("xds:{name}_PortType"));
    w.start("wsoap12:binding").attr("style", "document").attr("transport", TRANSPORT).end();
    w.start("wsaw:UsingAddressing").attr("wsdl:required", "true").end();
    for (transaction, operation) in &offered {
        binding(&mut w, transaction, operation);
    }
    w.end();
    w.start("wsdl:service").attr("name", &format!("{name}_Service"));
    w.start("wsdl:port").attr("name", &format!("{name}_Port_Soap12"));
    w.attr("binding", &format!("xds:{name}_Binding_Soap12"));
    w.start("wsoap12:address").attr("location", location);
    w.finish()
}

fn message(w: &mut Writer, name: &str, element: &str) {
    w.start("wsdl:message").attr("name", name);
    w.start("wsdl:part").attr("name", "body").attr("element", element).end().end();
}

fn operation_name(operation: &Operation) -> String {
    format!("{}_{}", operation.interface, operation.name)
}

fn port_type(w: &mut Writer, transaction: &Transaction, operation: &Operation) {
    w.start("wsdl:operation").attr("name", &operation_name(operation));
    w.leaf("wsdl:documentation", &format!("[{}] {}", transaction.id, transaction.name));
    let mut end = |element: &'static str, message: &str, action: &str| {
        w.start(element).attr("message", message);
        // Tools know one or the other.
        w.attr("wsam:Action", action).attr("wsaw:Action", action).end();
    };
    let name = operation.name;
    end("wsdl:input", &format!("xds:{name}_Message"), transaction.request_action);
    end("wsdl:output", &format!("xds:{name}Response_Message"), transaction.response_action);
    w.end();
}

fn binding(w: &mut Writer, transaction: &Transaction, operation: &Operation) {
    w.start("wsdl:operation").attr("name", &operation_name(operation));
    w.start("wsoap12:operation").attr("soapAction", transaction.request_action);
    w.attr("soapActionRequired", "false").end();
    for element in ["wsdl:input", "wsdl:output"] {
        w.start(element).start("wsoap12:body").attr("use", "literal").end().end();
    }
    w.end();
}

#[cfg(test)]
pub(crate) mod tests;
