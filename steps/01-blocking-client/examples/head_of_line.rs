//! Three connections, read one after another: who speaks first is not who is heard first.
//!
//! `cargo run -p blocking-client --example head_of_line`

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How far apart they speak: enough to be seen.
const APART: Duration = Duration::from_millis(200);

fn main() -> io::Result<()> {
    let start = Instant::now();
    // Each speaker waits for its word and then gives it to the one before it: the third begins.
    let (first, second, third) = (mpsc::channel(), mpsc::channel(), mpsc::channel());
    let (begin, nobody) = (third.0.clone(), mpsc::channel().0);
    let speakers = [
        speaker(first.1, nobody)?,
        speaker(second.1, first.0)?,
        speaker(third.1, second.0)?,
    ];
    let mut connections = Vec::new();
    for (address, _) in &speakers {
        connections.push(TcpStream::connect(address)?);
    }
    let _ = begin.send(());
    let noticed = read_in_turn(&mut connections)?;
    let mut came = Vec::new();
    for (_, speaker) in speakers {
        came.push(speaker.join().expect("no speaker panics")?);
    }
    print(start, &came, &noticed)
}

// ANCHOR: read_in_turn
/// Reads one byte from each connection. While it sleeps for the first, the others may say what
/// they like.
fn read_in_turn(connections: &mut [TcpStream]) -> io::Result<Vec<Instant>> {
    let mut noticed = Vec::new();
    for connection in connections {
        connection.read_exact(&mut [0])?;
        noticed.push(Instant::now());
    }
    Ok(noticed)
}
// ANCHOR_END: read_in_turn

type Speaker = (SocketAddr, JoinHandle<io::Result<Instant>>);

/// A server for one client, on a port of its own. Once it has the word, it lets some time pass,
/// says one byte, and passes the word on; it tells when it spoke.
fn speaker(word: Receiver<()>, next: Sender<()>) -> io::Result<Speaker> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let thread = thread::spawn(move || {
        let (mut client, _) = listener.accept()?;
        let _ = word.recv();
        thread::sleep(APART);
        let spoke = Instant::now();
        client.write_all(b"!")?;
        let _ = next.send(());
        Ok(spoke)
    });
    Ok((address, thread))
}

fn print(start: Instant, came: &[Instant], noticed: &[Instant]) -> io::Result<()> {
    let mut screen = io::stdout().lock();
    writeln!(
        screen,
        "connection   its byte came    the program noticed   it had lain there"
    )?;
    for (index, (&came, &noticed)) in came.iter().zip(noticed).enumerate() {
        let number = index + 1;
        let [came_ms, noticed_ms, lay_ms] =
            [came - start, noticed - start, noticed - came].map(|time| time.as_millis());
        writeln!(
            screen,
            "{number:>10}   {came_ms:>10} ms   {noticed_ms:>16} ms   {lay_ms:>14} ms"
        )?;
    }
    writeln!(screen)?;
    writeln!(screen, "they spoke in the order   {}", order(came))?;
    writeln!(screen, "they were heard in        {}", order(noticed))
}

/// The connections' numbers, the earliest first.
fn order(times: &[Instant]) -> String {
    let mut numbers: Vec<usize> = (1..=times.len()).collect();
    numbers.sort_by_key(|number| times[number - 1]);
    let numbers: Vec<String> = numbers.iter().map(usize::to_string).collect();
    numbers.join(", ")
}
