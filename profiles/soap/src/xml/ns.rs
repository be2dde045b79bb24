//! The namespaces of the Document Sharing transactions (ITI TF-2: Appendix V, Table V.2.4-1).

/// SOAP 1.2 envelope.
pub const SOAP12: &str = "http://www.w3.org/2003/05/soap-envelope";
/// SOAP 1.1 envelope; recognised only to be refused by name.
pub const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// WS-Addressing 1.0.
pub const WSA: &str = "http://www.w3.org/2005/08/addressing";
/// XOP include.
pub const XOP: &str = "http://www.w3.org/2004/08/xop/include";
/// ebRS life cycle manager.
pub const LCM: &str = "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0";
/// ebRIM.
pub const RIM: &str = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0";
/// ebRS registry responses.
pub const RS: &str = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0";
/// ebRS queries.
pub const QUERY: &str = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0";
/// IHE XDS.b.
pub const XDSB: &str = "urn:ihe:iti:xds-b:2007";
/// IHE RMD.
pub const RMD: &str = "urn:ihe:iti:rmd:2017";
/// WS-Security header.
pub const WSSE: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
/// The namespace bound to the prefix `xml`.
pub const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Every namespace above; the reader hands these out without a copy.
pub(crate) const KNOWN: [&str; 12] =
    [RIM, QUERY, RS, LCM, XDSB, RMD, SOAP12, WSA, XOP, WSSE, XML, SOAP11];
