//! Answers this machine's reader and nobody else.
//!
//! A page on the Internet can have its own name point to 127.0.0.1 (DNS rebinding) and so make the
//! reader's browser ask us; the name still stands in `Host`. Or it opens a WebSocket to us, which no
//! browser forbids; then its name stands in `Origin`.
//!
//! A reader who comes through a tunnel or a forwarded port comes by another name, or at another port.
//! Only they can know that it is theirs: they allow it.

use std::collections::BTreeSet;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::surroundings::complain;

/// The names of this machine that a reader may have typed.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

const HTTP: u16 = 80;

/// How many names are told of on the terminal: a page could think of ever new ones.
const TOLD: usize = 8;

/// A name that the server answers to as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    host: String,
    /// `None`: whatever port the browser names.
    port: Option<u16>,
}

impl FromStr for Allowed {
    type Err = String;

    /// Of `HOST` or `HOST:PORT`, as a browser sends it.
    fn from_str(text: &str) -> Result<Allowed, String> {
        let what = || {
            format!(
                "write HOST or HOST:PORT, as in {}, not {text:?}",
                "book.example or localhost:8080"
            )
        };
        let authority: Authority = text.parse().map_err(|_| what())?;
        let host = authority.host();
        let port = match text.strip_prefix(host).ok_or_else(what)? {
            "" => None,
            port => {
                let port = port.strip_prefix(':').ok_or_else(what)?;
                Some(port.parse().map_err(|_| what())?)
            }
        };
        match host.is_empty() {
            true => Err(what()),
            false => Ok(Allowed {
                host: host.to_owned(),
                port,
            }),
        }
    }
}

/// Who may ask.
#[derive(Debug)]
pub(super) struct Guard {
    port: u16,
    allowed: Vec<Allowed>,
    /// Names that were refused, and told.
    refused: Mutex<BTreeSet<String>>,
}

/// Lets a request through that names us; any other is told 403 and the way out.
pub(super) async fn only_from_here(guard: Arc<Guard>, request: Request, next: Next) -> Response {
    match guard.stranger(&request) {
        None => next.run(request).await,
        Some(stranger) => {
            let told = guard.way_out(stranger);
            guard.tell_once(stranger);
            (StatusCode::FORBIDDEN, told).into_response()
        }
    }
}

impl Guard {
    pub(super) fn new(port: u16, allowed: Vec<Allowed>) -> Guard {
        Guard {
            port,
            allowed,
            refused: Mutex::default(),
        }
    }

    /// The name in a request that is none of ours, if there is one; empty where a name is missing.
    fn stranger<'a>(&self, request: &'a Request) -> Option<&'a str> {
        let uri = request.uri().authority().map(Authority::as_str);
        let headers = request.headers();
        // HTTP/1.1 demands one `Host`; with two, somebody on the way may have read the other one.
        let host = match values(headers, HOST)[..] {
            [host] => host,
            _ => return Some(""),
        };
        let mut names = uri.into_iter().chain([host]);
        names.find(|name| !self.knows(name)).or_else(|| {
            let origins = values(headers, ORIGIN).into_iter();
            origins
                .filter(|origin| !self.comes_from_us(origin))
                .map(named)
                .next()
        })
    }

    /// Is it the origin of a page of ours? A tunnel may add TLS.
    fn comes_from_us(&self, origin: &str) -> bool {
        if let Some(authority) = origin.strip_prefix("http://") {
            return self.knows(authority);
        }
        let authority = origin.strip_prefix("https://");
        authority.is_some_and(|authority| self.allows(authority))
    }

    fn knows(&self, authority: &str) -> bool {
        is_ours(authority, self.port) || self.allows(authority)
    }

    fn allows(&self, authority: &str) -> bool {
        let Ok(authority) = authority.parse::<Authority>() else {
            return false;
        };
        let is_it = |it: &Allowed| {
            authority.host().eq_ignore_ascii_case(&it.host)
                && it
                    .port
                    .is_none_or(|port| authority.port_u16() == Some(port))
        };
        self.allowed.iter().any(is_it)
    }

    fn way_out(&self, stranger: &str) -> String {
        let port = self.port;
        let named = match is_plain(stranger) {
            true => stranger,
            false => "HOST",
        };
        format!(
            "this server is for its own machine: http://127.0.0.1:{port}/\n\
             \n\
             If you come here by another name on purpose, through a tunnel or a forwarded port, allow \
             that name when you start it:\n\
             \n    cargo run -p book -- serve --allow-host {named}\n"
        )
    }

    /// A WebSocket's refusal is on no page that a reader could read.
    fn tell_once(&self, stranger: &str) {
        if !is_plain(stranger) {
            return;
        }
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.len() < TOLD && refused.insert(stranger.to_owned()) {
            complain(&format!(
                "refused somebody who came by the name {stranger}; if that was you: \
                 --allow-host {stranger}"
            ));
        }
    }
}

/// The name in an origin.
fn named(origin: &str) -> &str {
    origin.split_once("://").map_or("", |(_, name)| name)
}

/// Can it be shown as it is, and typed into a shell without doing anything there?
fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    !name.is_empty() && name.parse::<Allowed>().is_ok() && name.chars().all(plain)
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

    #[test]
    fn what_is_no_host_is_told_with_the_way_to_write_one() {
        for text in ["", ":80", "a b", "a:b", "a:99999", "u@a:1", "http://a"] {
            let told = text.parse::<Allowed>().expect_err(text);
            assert!(told.contains("HOST:PORT"), "{told}");
        }
        let allowed = |text: &str| text.parse::<Allowed>().expect(text);
        assert_eq!(allowed("localhost:8080").port, Some(8080));
        assert_eq!(allowed("[::1]:8080").host, "[::1]");
        assert_eq!(allowed("book.example").port, None);
    }

    #[test]
    fn only_what_does_nothing_in_a_shell_is_repeated() {
        let guard = Guard::new(3000, Vec::new());
        assert!(
            guard
                .way_out("a.example:80")
                .contains("--allow-host a.example:80\n")
        );
        for name in ["", "$(reboot)", "a;b", "a'b", "a b", "null/", "x@y"] {
            assert!(
                guard.way_out(name).contains("--allow-host HOST\n"),
                "{name}"
            );
        }
    }
}
