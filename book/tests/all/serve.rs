//! The server that shows the book while it is written, from outside: by raw bytes over TCP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use crate::serving::Serving;
use crate::tiny::Tiny;

const SECRET: &str = "nobody may read this over the network";

/// A whole book, served.
fn serving() -> (Tiny, Serving) {
    let book = Tiny::new();
    book.write("secret.txt", SECRET);
    let server = Serving::start(&book.path("book"), &book.path("book/pages"));
    let server = server.expect("a free port");
    let built = server.built().expect("a build");
    built.expect("the book is whole");
    (book, server)
}

/// All that the server answers to these bytes.
fn answer(server: SocketAddr, request: &str) -> String {
    let mut answer = String::new();
    let read = asked(server, request).read_to_string(&mut answer);
    read.expect("an answer");
    answer
}

/// The answer's head alone, for a connection that stays open.
fn head(server: SocketAddr, request: &str) -> String {
    let lines = BufReader::new(asked(server, request)).lines();
    let lines = lines.map(|line| line.expect("an answer"));
    let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    head.join("\n")
}

fn asked(server: SocketAddr, request: &str) -> TcpStream {
    let mut connection = TcpStream::connect(server).expect("a connection");
    connection
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a time-out");
    connection.write_all(request.as_bytes()).expect("a request");
    connection
}

fn get(server: SocketAddr, address: &str) -> String {
    let host = format!("Host: {server}\r\nConnection: close");
    answer(server, &format!("GET {address} HTTP/1.1\r\n{host}\r\n\r\n"))
}

#[track_caller]
fn says(answer: &str, status: &str) {
    let first = answer.lines().next().unwrap_or_default();
    assert_eq!(first, format!("HTTP/1.1 {status}"), "{answer}");
}

#[test]
fn pages_are_served() {
    let (_book, server) = serving();
    let page = get(server.address, "/en/one.html");
    says(&page, "200 OK");
    assert!(page.contains("The process sleeps"), "{page}");
    says(&get(server.address, "/"), "200 OK");
    says(&get(server.address, "/en/two.html"), "404 Not Found");
}

#[test]
fn nothing_outside_the_folder_is_served() {
    let (book, server) = serving();
    let secret = book.path("secret.txt").display().to_string();
    let absolute = secret.replace('/', "%2f");
    for address in [
        "/../book.toml",
        "/../../secret.txt",
        "/en/../../../secret.txt",
        "/%2e%2e/book.toml",
        "/%2e%2e/%2e%2e/secret.txt",
        "/..%2f..%2fsecret.txt",
        "/en/..%5c..%5c..%5csecret.txt",
        &format!("/{secret}"),
        &format!("/{absolute}"),
        &secret,
    ] {
        let answer = get(server.address, address);
        assert!(!answer.starts_with("HTTP/1.1 2"), "{address}: {answer}");
        assert!(!answer.contains(SECRET), "{address}");
        assert!(!answer.contains("title = \"Tiny\""), "{address}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_leads_nowhere() {
    use std::os::unix::fs::symlink;

    let (book, server) = serving();
    let pages = book.path("book/pages");
    symlink(book.path("secret.txt"), pages.join("file.txt")).expect("a link");
    symlink(book.path(""), pages.join("folder")).expect("a link");
    symlink("one.html", pages.join("en/same.html")).expect("a link");
    for address in ["/file.txt", "/folder/secret.txt", "/folder/"] {
        let answer = get(server.address, address);
        says(&answer, "404 Not Found");
        assert!(!answer.contains(SECRET), "{address}");
    }
    says(&get(server.address, "/en/same.html"), "200 OK");
}

#[test]
fn this_machine_alone_is_listened_to() {
    let (_book, server) = serving();
    assert_eq!(server.address.ip(), Ipv4Addr::LOCALHOST);
    // All of 127.0.0.0/8 is this machine: whoever listens on every address answers here.
    let elsewhere = SocketAddr::from((Ipv4Addr::new(127, 0, 0, 2), server.address.port()));
    let refused = TcpStream::connect_timeout(&elsewhere, Duration::from_secs(5));
    assert!(refused.is_err(), "{elsewhere} answers");
}

#[test]
fn a_foreign_host_is_refused() {
    let (_book, server) = serving();
    let port = server.address.port();
    for host in ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"] {
        let request = format!("GET / HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n");
        says(&answer(server.address, &request), "200 OK");
    }
    for host in [
        "Host: evil.example\r\n".to_owned(),
        format!("Host: evil.example:{port}\r\n"),
        format!("Host: 127.0.0.1.evil.example:{port}\r\n"),
        format!("Host: localhost:{}\r\n", port ^ 1),
        format!("Host: localhost:{port}\r\nHost: evil.example\r\n"),
        "Host: localhost\r\n".to_owned(),
        String::new(),
    ] {
        let request = format!("GET / HTTP/1.1\r\n{host}Connection: close\r\n\r\n");
        let refused = answer(server.address, &request);
        says(&refused, "403 Forbidden");
        assert!(
            refused.contains(&format!("http://127.0.0.1:{port}/")),
            "{refused}"
        );
    }
    let request = format!(
        "GET http://evil.example/ HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n"
    );
    says(&answer(server.address, &request), "403 Forbidden");
}

/// A tunnel, a forwarded port: the reader's browser knows us by another name, or at another port.
#[test]
fn a_name_that_is_allowed_is_answered_and_any_other_is_told_the_way_out() {
    let book = Tiny::new();
    let allowed = ["book.example", "localhost:8080"];
    let server = Serving::allowing(&allowed, &book.path("book"), &book.path("book/pages"));
    let server = server.expect("a free port");
    let built = server.built().expect("a build");
    built.expect("the book is whole");
    let from = |host: &str, origin: &str| {
        let request =
            format!("GET / HTTP/1.1\r\nHost: {host}\r\n{origin}Connection: close\r\n\r\n");
        answer(server.address, &request)
    };
    for host in [
        "book.example",
        "Book.Example:443",
        "book.example:9",
        "localhost:8080",
    ] {
        says(&from(host, ""), "200 OK");
    }
    says(
        &from("book.example", "Origin: https://book.example\r\n"),
        "200 OK",
    );
    for (host, origin, named) in [
        ("localhost:8081", "", "localhost:8081"),
        ("a.book.example", "", "a.book.example"),
        (
            "book.example",
            "Origin: https://evil.example\r\n",
            "evil.example",
        ),
        ("evil.example;reboot", "", "HOST"),
    ] {
        let refused = from(host, origin);
        says(&refused, "403 Forbidden");
        let way_out = format!("cargo run -p book -- serve --allow-host {named}\n");
        assert!(refused.ends_with(&way_out), "{refused}");
    }
}

#[test]
fn a_foreign_page_cannot_listen_for_changes() {
    let (_book, server) = serving();
    let port = server.address.port();
    let upgrade = |origin: &str| {
        let request = format!(
            "GET /__reload HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: {origin}\r\n\
             Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        );
        head(server.address, &request)
    };
    for ours in ["localhost", "127.0.0.1", "[::1]"] {
        let answer = upgrade(&format!("http://{ours}:{port}"));
        says(&answer, "101 Switching Protocols");
    }
    for foreign in [
        "http://evil.example".to_owned(),
        format!("http://evil.example:{port}"),
        format!("https://localhost:{port}"),
        format!("http://localhost:{}", port ^ 1),
        "null".to_owned(),
    ] {
        says(&upgrade(&foreign), "403 Forbidden");
    }
}

/// Ctrl-C, while the first build is under way.
#[cfg(unix)]
#[test]
fn an_interrupted_server_leaves_whole_pages() {
    use std::process::{Command, Stdio};
    use std::time::Instant;

    let scratch = tempfile::tempdir().expect("a temporary folder");
    let pages = scratch.path().join("pages");
    let mut server = Command::new(env!("CARGO_BIN_EXE_book"));
    server
        .args(["serve", "--port", "0", "--out"])
        .arg(&pages)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // A test that was started in the background has SIGINT ignored, and so would the server.
    subject::signals::start_clean(&mut server);
    let mut server = server.spawn().expect("the book's program");
    let deadline = Instant::now() + Duration::from_secs(60);
    let begun =
        || std::fs::read_dir(scratch.path()).is_ok_and(|mut entries| entries.next().is_some());
    while !begun() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(1));
    }
    let number = server.id().to_string();
    let interrupted = Command::new("kill").args(["-INT", &number]).status();
    assert!(interrupted.expect("kill").success());
    let status = server.wait().expect("its end");
    assert!(status.success(), "{status}");
    whole(&pages);
}

/// No traces of a build beside the pages, and every edition among them, or no pages at all.
fn whole(pages: &std::path::Path) {
    let parent = pages.parent().expect("a folder above");
    for entry in parent.read_dir().expect("the folder above") {
        let name = entry.expect("an entry").file_name();
        let name = name.to_string_lossy();
        assert!(!name.starts_with(".out-"), "{name} was left behind");
    }
    if pages.exists() {
        for edition in ["en", "zh-CN", "bi"] {
            assert!(pages.join(edition).join("print.html").exists(), "{edition}");
        }
    }
}
