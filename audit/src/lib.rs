//! Audit Record Repository, outboxes and spools.
