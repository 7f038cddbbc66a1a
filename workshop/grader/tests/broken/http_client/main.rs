//! `broken-http-client [--bug SLUG] [--timeout SECONDS] HOST[:PORT] [PATH]`: a client with one bug,
//! for the judge to find. Without a bug it is a correct one.

mod answer;
mod bug;
mod command_line;
mod request;

fn main() -> std::process::ExitCode {
    let (bug, line) = command_line::read();
    let got = request::connect(&line, bug).and_then(|(mut server, address)| {
        request::send(&mut server, address, &line, bug)?;
        answer::receive(server, address, bug)
    });
    match got {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("broken-http-client: {message}");
            std::process::ExitCode::FAILURE
        }
    }
}
