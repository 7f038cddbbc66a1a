//! The glossary: one word for one thing, in both languages, and a way to it from every chapter.
//!
//! `terms.toml` names the forms of each term that count in running text; a page in each language
//! explains it. Three things follow by themselves: a form to avoid is a fault, a term that only one
//! language of a chapter uses is a fault, and the first use in each chapter becomes a link.

mod check;
mod link;
mod matcher;
mod terms;

pub use terms::Glossary;
