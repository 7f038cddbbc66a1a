//! What the workshop's programs say, and how: all of them alike.
//!
//! * [`Language`], [`Text`]: words for people, in both languages; [`Encoding`]: what a terminal can show.
//! * [`parse`], [`parse_in`], [`speaking`], [`print()`], [`replace_file`], [`conclude`]: from the command line to the exit status.
//!   Whatever is lost of the results on their way out is told, and is no success.
//! * [`Told`], [`Explain`], [`explained`]: what went wrong, from what was attempted to the last reason.
//! * [`Terminal`]: results on standard output, progress and complaints on standard error.
//! * [`Keys`]: keys one by one, from a terminal that is given back as it was.
//! * [`harmless`]: what another program has said, before it reaches a terminal.
//! * [`Table`], [`grouped`], [`pad`], [`size`]: what stands in columns.
//! * [`workspace`], [`Executables`]: the checkout that one stands in, and its programs, which cargo
//!   builds for speed, and shows how far it is.
//!
//! It knows of no protocol, no steps, no cases and no verdicts: what is said here, those who use it
//! say.
#![cfg(unix)]

mod columns;
mod executables;
mod foreign;
mod keys;
mod lost;
mod not_built;
mod printing;
mod speaking;
mod system;
mod table;
mod terminal;
mod text;
mod told;
mod workspace;

pub use indicatif::ProgressBar;

pub use columns::{grouped, pad, size};
pub use executables::{Executables, target_folder};
pub use foreign::harmless;
pub use keys::{Keys, Pressed, give_terminal_back};
pub use lost::Lost;
pub use not_built::NotBuilt;
pub use printing::{can_be_written, conclude, parse, parse_in, print, refuse, replace_file};
pub use speaking::{in_language, speaking};
pub use table::{Align, Table, UNKNOWN};
pub use terminal::Terminal;
pub use text::{Encoding, Language, LanguageOption, Text, text};
pub use told::{
    Explain, Told, cannot_read, cannot_understand, cannot_write, chinese, ensure, explained,
};
pub use workspace::workspace;
