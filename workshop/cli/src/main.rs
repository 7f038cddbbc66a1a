//! The workshop tool: it runs the steps, shows them, measures them and grades them.
//!
//! * `commands`: `tour`, `run`, `grade`, `doctor` and others, each from its options to its exit status.
//! * `kept`: what a learner has done, from one start of the tool to the next.
//! * `address`: how an address is written that somebody types.
//! * `measure`: what a server costs, briefly, for the tour; `picture`: what the tour printed, drawn.
//! * `site`: something to get for a client of HTTP, where there is no network.
//!
//! It knows the steps by their `step.toml` and their programs by what cargo says that it has built:
//! it links none of them. It judges nothing by itself and knows no case: what is right
//! is the judge's to say. How programs start and end is [`subject`]'s, how anything is printed
//! [`terminal`]'s, and how servers are put under load [`load`]'s.

mod address;
mod command_line;
mod commands;
mod kept;
mod measure;
mod picture;
mod site;

fn main() -> std::process::ExitCode {
    command_line::main()
}
