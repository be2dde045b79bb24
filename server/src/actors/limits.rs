//! What messages and databases may cost, as the settings have it.

use crate::settings::Settings;
use renkei_database::Options;
use renkei_soap::limits::MessageLimits;
use renkei_soap::xml::XmlLimits;

/// Limits of messages.
pub(crate) fn message_limits(settings: &Settings) -> MessageLimits {
    let l = &settings.limits;
    MessageLimits {
        root_bytes: l.root_bytes,
        parts: l.parts,
        part_header_bytes: l.part_header_bytes,
        message_bytes: l.message_bytes,
        inline_document_bytes: l.inline_document_bytes,
        removals: l.removals,
        xml: XmlLimits {
            depth: l.xml_depth,
            attributes: l.xml_attributes,
            name_bytes: l.xml_name_bytes,
        },
    }
}

/// Pools and queues of the actors' databases.
pub(super) fn database_options(settings: &Settings) -> Options {
    Options { write_queue: settings.limits.write_queue, ..Options::default() }
}
