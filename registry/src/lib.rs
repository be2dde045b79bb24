//! XDS.b Document Registry: where things are.
