//! Builds the book: an English edition, a Chinese one, and one with both side by side.
//!
//! The chapters stand in `en/` and `zh-CN/`, block for block in the same order. mdBook renders
//! them; this crate adds what mdBook leaves silent or cannot do:
//!
//! * [`directives`]: code and drawings are included from their one source, and a file, an anchor
//!   or a region that is not there stops the build;
//! * [`agreement`]: the two languages must have the same shape, so that neither falls behind;
//! * [`ledger`]: what one language changed and the other did not is named, until both are read;
//! * [`coverage`]: every line of a step stands in its chapter;
//! * [`lint`]: the rules of the page, from emphasis that closes to the space between two scripts;
//! * [`tics`]: turns that are good once, counted chapter by chapter;
//! * [`figures_in_prose`]: a number that was measured is told where it comes from;
//! * [`glossary`]: one word for one thing, and a link to it from its first use in each chapter;
//! * [`side_by_side`]: joins the two into the third edition;
//! * [`stage`]: what a reader plays with, a story for each;
//! * [`draw`]: draws the figures whose numbers were measured;
//! * [`pages`]: reads the finished pages as a reader's browser would, looking for dead ends;
//! * [`serve`]: shows the book while it is being written.
//!
//! Every check returns [`fault::Fault`]s and stops at none of them: an author wants the whole list.
//! A further check is one more function that does the same, called from [`site`].

pub mod agreement;
mod blocks;
mod code;
pub mod coverage;
pub mod directives;
pub mod draw;
pub mod edition;
pub mod fault;
mod fence;
mod figure;
pub mod figures_in_prose;
pub mod glossary;
mod html;
mod include;
pub mod ledger;
pub mod lint;
mod list;
mod listing;
mod origin;
pub mod pages;
mod prose;
pub mod serve;
pub mod session;
pub mod side_by_side;
pub mod site;
mod sources;
pub mod stage;
pub mod surroundings;
pub mod tics;
mod warnings;
