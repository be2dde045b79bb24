//! The one client: SOAP over mutual TLS, MLLP over TLS, identities.
