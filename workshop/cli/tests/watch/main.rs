//! `watch`, played in a terminal: from the starter to full points in both languages, and whatever comes
//! between.
#![cfg(target_os = "linux")]

#[path = "../checkout/mod.rs"]
mod checkout;
mod measure;
mod player;
mod sessions;
mod terminal_care;
