//! The checkup record: standard CSV, HS037 FHIR Bundle, tables of items and codes.
