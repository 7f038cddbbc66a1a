//! `bench`: what a line costs a server of the ROT13 line protocol.

fn main() -> std::process::ExitCode {
    bench::main()
}
