//! What an endpoint offers, for whoever asks it with `?wsdl` (WSDL 1.1).

use super::Route;
use crate::house::SharedHouse;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use renkei_xds::transaction::Transaction;
use renkei_xds::wsdl::{self, Service};

/// Answers a GET: the WSDL to one that asks for it, else that messages are posted.
pub(super) fn answer(
    service: Service,
    routes: &'static [Route],
    request: &HttpRequest,
    house: &SharedHouse,
) -> HttpResponse {
    if !asks_for_wsdl(request.query_string()) {
        let mut response = HttpResponse::MethodNotAllowed().finish();
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    let transactions: Vec<&Transaction> = routes.iter().map(|r| r.transaction).collect();
    let location = format!("{}{}", house.base_url, request.path());
    HttpResponse::Ok().content_type("text/xml; charset=UTF-8").body(wsdl::write(
        service,
        &transactions,
        &location,
    ))
}

/// Toolkits write it in either case, some with a value.
fn asks_for_wsdl(query: &str) -> bool {
    query.split('&').filter_map(|p| p.split('=').next()).any(|p| p.eq_ignore_ascii_case("wsdl"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_asked_for_in_any_case() {
        for query in ["wsdl", "WSDL", "wsdl=1", "a=b&singleWsdl&wsdl"] {
            assert!(asks_for_wsdl(query), "{query}");
        }
        for query in ["", "a=wsdl", "wsdl2"] {
            assert!(!asks_for_wsdl(query), "{query}");
        }
    }
}
