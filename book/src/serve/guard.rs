//! Answers this machine's reader and nobody else.
//!
//! A page on the Internet can have its own name point to 127.0.0.1 (DNS rebinding) and so make the
//! reader's browser ask us; the name still stands in `Host`. Or it opens a WebSocket to us, which no
//! browser forbids; then its name stands in `Origin`.

use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// The names of this machine that a reader may have typed.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

const HTTP: u16 = 80;

/// Lets a request through that names us; any other is told 403 and the names to use.
pub(super) async fn only_from_here(port: u16, request: Request, next: Next) -> Response {
    let named = request.uri().authority();
    let named = named.is_none_or(|authority| is_ours(authority.as_str(), port));
    if named && names_us(request.headers(), port) {
        next.run(request).await
    } else {
        let way_out = format!("this server is for its own machine: http://127.0.0.1:{port}/\n");
        (StatusCode::FORBIDDEN, way_out).into_response()
    }
}

fn names_us(headers: &HeaderMap, port: u16) -> bool {
    // HTTP/1.1 demands one `Host`; with two, somebody on the way may have read the other one.
    let host = matches!(values(headers, HOST)[..], [host] if is_ours(host, port));
    let from_here = |origin: &&str| {
        let authority = origin.strip_prefix("http://");
        authority.is_some_and(|authority| is_ours(authority, port))
    };
    host && values(headers, ORIGIN).iter().all(from_here)
}

/// A value that is no text is as foreign as an empty one.
fn values(headers: &HeaderMap, name: HeaderName) -> Vec<&str> {
    let values = headers.get_all(name).into_iter();
    values.map(|value| value.to_str().unwrap_or("")).collect()
}

fn is_ours(authority: &str, port: u16) -> bool {
    let Ok(authority) = authority.parse::<Authority>() else {
        return false;
    };
    let host = authority.host();
    NAMES.iter().any(|name| host.eq_ignore_ascii_case(name))
        && authority.port_u16().unwrap_or(HTTP) == port
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_three_names_and_one_port() {
        for ours in [
            "localhost:3000",
            "LocalHost:3000",
            "127.0.0.1:3000",
            "[::1]:3000",
        ] {
            assert!(is_ours(ours, 3000), "{ours}");
        }
        for foreign in [
            "",
            "localhost",
            "localhost:3001",
            "localhost.evil.example:3000",
            "evil.example:3000",
            "localhost:3000@evil.example:3000",
            "127.0.0.1.evil.example:3000",
            "::1:3000",
        ] {
            assert!(!is_ours(foreign, 3000), "{foreign}");
        }
    }

    #[test]
    fn the_port_may_be_left_out_where_browsers_do() {
        assert!(is_ours("localhost", 80));
    }
}
