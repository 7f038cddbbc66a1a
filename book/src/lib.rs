//! Builds the book: an English edition, a Chinese one, and one with both side by side.
//!
//! The chapters stand in `en/` and `zh-CN/`, block for block in the same order. mdBook renders
//! them; this crate adds what mdBook leaves silent or cannot do:
//!
//! * [`directives`]: code and drawings are included from their one source, and a file, an anchor
//!   or a region that is not there stops the build;
//! * [`agreement`]: the two languages must have the same shape, so that neither falls behind;
//! * [`side_by_side`]: joins the two into the third edition;
//! * [`pages`]: reads the finished pages as a reader's browser would, looking for dead ends;
//! * [`serve`]: shows the book while it is being written.
//!
//! Every check returns [`fault::Fault`]s and stops at none of them: an author wants the whole list.
//! A further check is one more function that does the same, called from [`site`].

pub mod agreement;
mod blocks;
pub mod directives;
pub mod edition;
pub mod fault;
mod figure;
mod html;
mod include;
mod listing;
pub mod pages;
pub mod serve;
pub mod side_by_side;
pub mod site;
mod warnings;
mod watch;
