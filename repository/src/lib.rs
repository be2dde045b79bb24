//! XDS.b Document Repository: the content, sealed.
