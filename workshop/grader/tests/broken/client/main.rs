//! `broken-client [--bug SLUG] [ADDR]`: a client with one bug, for the judge to find. Without a
//! bug it is a correct one.

mod bug;
mod command_line;
mod talk;

fn main() -> std::process::ExitCode {
    let (bug, address) = command_line::read();
    match talk::talk(&address, bug) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("broken-client: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
