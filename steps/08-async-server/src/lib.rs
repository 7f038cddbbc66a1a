//! Step 08: a conversation that reads like step 02's and runs like step 05's, and the runtime that
//! it takes, for one thread.

mod async_fd;
mod connection;
mod converse;
mod net;
mod run_queue;
mod runtime;
mod task;
mod time;

pub use connection::Connection;
pub use converse::converse;
pub use net::{TcpListener, TcpStream};
pub use runtime::Runtime;
pub use task::Task;
pub use time::{Elapsed, Sleep};
