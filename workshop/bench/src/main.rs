//! `bench`: what a line costs a server of the ROT13 line protocol.

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    bench::main()
}

#[cfg(not(unix))]
fn main() {
    eprintln!("bench: the servers need a Unix system; on Windows, use WSL");
    std::process::exit(1);
}
