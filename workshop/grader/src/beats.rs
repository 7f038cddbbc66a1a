//! What the judge does to a server, piece by piece, told to whoever looks on.

use crate::evidence::End;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// One piece of it: what is about to be done, unless it says that it has been.
#[derive(Clone, Copy, Debug)]
pub enum Beat<'a> {
    /// A server has been started, and nothing has been said to it.
    Started {
        /// The number of its process.
        pid: u32,
        /// Where it listens.
        address: SocketAddr,
    },
    /// Connect.
    Connect,
    /// Say these bytes.
    Say(&'a [u8]),
    /// Half-close.
    HalfClose,
    /// Wait until this has come, which is owed.
    Wait {
        /// What is owed and has not come yet.
        owed: &'a [u8],
        /// The server is to close after it.
        end: bool,
    },
    /// Wait so long whether anything comes, which must not.
    WaitForNothing(Duration),
    /// This has come, now.
    Came {
        /// The bytes.
        bytes: &'a [u8],
        /// How the connection stands.
        end: End,
        /// All that is owed has come, and nothing else.
        is_right: bool,
    },
    /// Do something with the connection of which no more is told.
    Beyond,
    /// Reset the connection.
    Reset,
    /// Close it.
    Close,
}

type Onlooker = Box<dyn Fn(usize, &Beat) + Send>;

static ONLOOKER: Mutex<Option<Onlooker>> = Mutex::new(None);
static IS_THERE: AtomicBool = AtomicBool::new(false);
static CLIENTS: AtomicUsize = AtomicUsize::new(0);

/// From now on `told` hears of each, and by which client (from 1; 0 is none): the judge goes on when it
/// returns.
pub fn look_on(told: impl Fn(usize, &Beat) + Send + 'static) {
    let mut onlooker = ONLOOKER.lock().unwrap_or_else(PoisonError::into_inner);
    *onlooker = Some(Box::new(told));
    IS_THERE.store(true, Ordering::Relaxed);
}

/// The next client's number.
pub(crate) fn next_client() -> usize {
    CLIENTS.fetch_add(1, Ordering::Relaxed) + 1
}

/// Tells of one.
pub(crate) fn beat(client: usize, beat: &Beat) {
    if !IS_THERE.load(Ordering::Relaxed) {
        return;
    }
    let onlooker = ONLOOKER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(told) = onlooker.as_ref() {
        told(client, beat);
    }
}
