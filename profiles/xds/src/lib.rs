//! XDS.b transactions: ITI-18, 41, 42, 43 as values; the stored query catalogue.
