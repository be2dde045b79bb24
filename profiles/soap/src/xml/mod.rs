//! XML as the house reads and writes it: namespaces always, DTD never, every limit named.

mod character;
mod element;
mod error;
mod name;
pub mod ns;
mod reader;
mod writer;

pub use element::{Attribute, Element, Node};
pub use error::{Malformation, Position, XmlError, XmlErrorKind};
pub use reader::{Reader, XmlLimits};
pub use writer::{Writer, escape_attribute};
