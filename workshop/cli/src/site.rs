use anyhow::Result;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;
use terminal::{Explain, Language, text};

/// How long a visitor may keep the site waiting.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a request may be, in bytes.
const LONGEST_REQUEST: u64 = 64 << 10;

const PAGE: &str = "\
A name was resolved, a connection made, a request sent, an answer received:
four calls, and each of them could have slept until tomorrow.
";
const PAGE_ZH: &str = "\
解析了名字，建立了连接，发出了请求，收到了回答：
四个调用，哪一个都可能一觉睡到明天。
";

/// A web site of one page, on this machine only: something to get where there is no network.
pub(crate) struct Site {
    address: SocketAddr,
}

impl Site {
    /// Opens it, for as long as this process lives.
    ///
    /// # Errors
    ///
    /// When it cannot listen on the loopback address.
    pub(crate) fn open(language: Language) -> Result<Site> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).explain(|| {
            text(
                "cannot listen on 127.0.0.1 for a site to be visited",
                "无法在 127.0.0.1 上监听，供客户端访问",
            )
        })?;
        let address = listener.local_addr()?;
        thread::spawn(move || {
            for visitor in listener.incoming().flatten() {
                // Who has left before the answer is the only one to miss it.
                let _ = answer(&visitor, language);
            }
        });
        Ok(Site { address })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Whatever is asked for, the answer is the page.
fn answer(mut visitor: &TcpStream, language: Language) -> io::Result<()> {
    visitor.set_read_timeout(Some(PATIENCE))?;
    visitor.set_write_timeout(Some(PATIENCE))?;
    read_request(visitor)?;
    let page = match language {
        Language::English => PAGE,
        Language::Chinese => PAGE_ZH,
    };
    let length = page.len();
    let head = format!(
        "HTTP/1.0 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {length}\r\n\r\n"
    );
    visitor.write_all((head + page).as_bytes())?;
    visitor.shutdown(Shutdown::Write)
}

/// To its blank line: bytes that were left unread would reset the connection when it is closed.
fn read_request(visitor: &TcpStream) -> io::Result<()> {
    let mut end = Vec::new();
    for byte in io::BufReader::new(visitor).take(LONGEST_REQUEST).bytes() {
        end.push(byte?);
        if end.ends_with(b"\r\n\r\n") {
            break;
        }
    }
    Ok(())
}
