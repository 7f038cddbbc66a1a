//! `broken-client [--bug SLUG] [ADDR]`: a client with one bug, for the judge to find. Without a
//! bug it is a correct one.

#[cfg(unix)]
mod bug;
#[cfg(unix)]
mod command_line;
#[cfg(unix)]
mod talk;

#[cfg(unix)]
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

#[cfg(not(unix))]
fn main() {
    println!("the judge needs Unix");
}
