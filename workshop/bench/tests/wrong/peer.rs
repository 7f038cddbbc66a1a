//! `wrong-peer MISTAKE OFFSET --listen ADDR`: a server that makes one mistake on each connection,
//! at an offset of what it sends; or takes no more than so many clients. The tests prove by it that
//! the load notices.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (mut mistake, mut offset, mut listen) = (String::new(), usize::MAX, String::new());
    while let Some(argument) = arguments.next() {
        let value = arguments.next().unwrap_or_default();
        match argument.as_str() {
            "--listen" => listen = value,
            _ => {
                mistake = argument;
                offset = value.parse().expect("an offset");
            }
        }
    }
    if mistake == "exit" {
        eprintln!("the moon is in the wrong house");
        std::process::exit(7);
    }
    let listener = TcpListener::bind(&listen)?;
    println!("listening on {}", listener.local_addr()?);
    io::stdout().flush()?;
    for (number, stream) in listener.incoming().enumerate() {
        let (stream, mistake) = (stream?, mistake.clone());
        if mistake == "refuse" && number >= offset {
            continue;
        }
        thread::spawn(move || serve(stream, &mistake, offset));
    }
    Ok(())
}

fn serve(mut stream: TcpStream, mistake: &str, offset: usize) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut buffer, mut sent) = ([0; 4096], 0);
    loop {
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        let mut answer = buffer[..length].to_vec();
        conversation::rot13(&mut answer);
        if (sent..sent + length).contains(&offset) {
            let at = offset - sent;
            match mistake {
                "wrong" => answer[at] ^= 0x80,
                "lose" => drop(answer.remove(at)),
                "add" => answer.insert(at + 1, 0x80),
                "close" => {
                    stream.write_all(&answer[..at])?;
                    return Ok(());
                }
                "refuse" => {}
                "stall" => {
                    stream.write_all(&answer[..at])?;
                    // Whatever comes is read, and nothing is said any more.
                    io::copy(&mut stream, &mut io::sink())?;
                    return Ok(());
                }
                _ => panic!("no such mistake: {mistake}"),
            }
        }
        sent += length;
        stream.write_all(&answer)?;
    }
}
