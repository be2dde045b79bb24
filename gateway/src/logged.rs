//! How a call that failed is told in the log.

use renkei_client::ClientError;

/// What went wrong, without words of the other side or about what it sent: they may quote a person.
pub(crate) fn logged(error: &ClientError) -> String {
    match error {
        ClientError::Fault(fault) => match &fault.subcode {
            Some(subcode) => format!("fault {} {subcode:?}", fault.code.local()),
            None => format!("fault {}", fault.code.local()),
        },
        ClientError::Malformed(_) => error.code().to_owned(),
        ours => ours.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use renkei_soap::fault::Fault;

    #[test]
    fn the_log_has_no_words_of_the_other_side() {
        let fault = Fault::sender("健診 花子 is unknown", "健診 花子は不明です");
        assert_eq!(logged(&ClientError::Fault(fault)), "fault Sender");
        let refused = ClientError::Fault(Fault::endpoint_unavailable());
        assert_eq!(logged(&refused), "fault Receiver EndpointUnavailable");
        assert_eq!(logged(&ClientError::Malformed("健診 花子".to_owned())), "malformed");
        assert!(logged(&ClientError::Connect("refused".to_owned())).contains("refused"));
    }
}
