//! XML as the house reads and writes it: namespaces always, DTD never, every limit named.

pub mod ns;
mod reader;
mod writer;

pub use reader::{Attribute, Element, Node, Position, Reader, XmlError, XmlErrorKind, XmlLimits};
pub use writer::{Writer, escape_attribute};
