use crate::run_to_end::run_to_end;
use nix::unistd::geteuid;
use std::process::{Command, Output};

/// Makes this the only port that the kernel gives to clients, on a network of its own.
const ONE_PORT: &str =
    "ip link set lo up && echo \"$0 $0\" >/proc/sys/net/ipv4/ip_local_port_range && exec \"$@\"";

/// Runs a client on a network where it is alone, and where the kernel has one port for clients and
/// no other: whoever connects to that, connects to itself (`ip(7)`, `ip_local_port_range`).
///
/// The network is a namespace of the kernel's (`unshare(1)`); only Linux has those.
///
/// # Errors
///
/// Why that cannot be done here: for a test to be skipped, and to say so.
pub fn run_alone(port: u16, client: &str, arguments: &[&str]) -> Result<Output, String> {
    // A probe: what the client says is not to be taken for what unshare says.
    let possible = run(port, "true", &[])?;
    if !possible.status.success() {
        let reason = String::from_utf8_lossy(&possible.stderr);
        return Err(format!("no network of its own: {}", reason.trim()));
    }
    run(port, client, arguments)
}

fn run(port: u16, program: &str, arguments: &[&str]) -> Result<Output, String> {
    let mut command = Command::new("unshare");
    command.arg("--net");
    if !geteuid().is_root() {
        command.arg("--map-root-user");
    }
    command.args(["sh", "-c", ONE_PORT, &port.to_string(), program]);
    let output = run_to_end(command.args(arguments), b"Hello\n".to_vec());
    output.map_err(|error| format!("no network of its own: unshare: {error}"))
}
