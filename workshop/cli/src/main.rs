//! The workshop tool: it runs the steps, shows them, measures them and grades them.

#[cfg(unix)]
mod command_line;
#[cfg(unix)]
mod commands;
#[cfg(unix)]
mod measure;
#[cfg(unix)]
mod picture;
#[cfg(unix)]
mod site;

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    command_line::main()
}

#[cfg(not(unix))]
fn main() {
    eprintln!("workshop: the steps need a Unix system; on Windows, use WSL");
    std::process::exit(1);
}
