//! What the kernel says about a process and its descendants. Linux only: it is read from /proc
//! (`proc(5)`); elsewhere each question is answered by [`crate::NotSeen`].

mod busy;
mod calls;
#[cfg(target_os = "linux")]
mod children;
#[cfg(target_os = "linux")]
mod diag;
mod listeners;
mod locks;
mod network;
mod sleeping;
mod sockets;
mod stillness;
mod table;
mod waiters;

pub use busy::{Busy, Processor};
pub use calls::{Call, TimeOut};
#[cfg(target_os = "linux")]
pub(crate) use children::{for_each_child, for_each_entry, lists_children, read_beginning};
pub use listeners::{Listener, Owner, listeners, longest_backlog, owner, who_listens};
pub use locks::{Holder, holder_of_lock};
pub use sleeping::{Awake, Thread, awake, sleeping, system_call};
pub use stillness::{Connection, Stillness};
pub use table::{
    Process, Waits, children, cpu, descriptor_limit, descriptors, ignores, living_children, memory,
    threads, tree,
};
pub(crate) use table::{
    all, descending_among, descending_from, descriptor_limits, has_ended, open_descriptors,
    tasks_of, waited,
};
pub use waiters::{Waiter, queued, waiters};
