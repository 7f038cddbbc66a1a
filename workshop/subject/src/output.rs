use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak, mpsc};
use std::thread;
use std::time::Duration;

/// How much of what a program prints is kept, in bytes: its beginning.
pub const KEPT: usize = 16 * 1024;

/// What a program prints. Its pipe is drained all the time: a program that prints much must not
/// block on a full pipe, which holds 64 KiB.
#[derive(Debug, Default)]
pub struct Output {
    kept: Arc<Mutex<Vec<u8>>>,
    length: Arc<AtomicU64>,
    first_line: Option<mpsc::Receiver<String>>,
    pipe: Option<OwnedFd>,
}

impl Output {
    /// Begins to read.
    ///
    /// # Errors
    ///
    /// When there is no thread to be had for it.
    pub fn drain(mut pipe: impl Read + AsFd + Send + 'static) -> io::Result<Output> {
        let looked_at = pipe.as_fd().try_clone_to_owned().ok();
        let kept = Arc::new(Mutex::new(Vec::new()));
        let length = Arc::new(AtomicU64::new(0));
        let (sender, first_line) = mpsc::channel();
        let (writer, mut sender) = (Arc::clone(&kept), Some(sender));
        let counter = Arc::clone(&length);
        thread::Builder::new().spawn(move || {
            let mut buffer = [0; 4096];
            loop {
                wait_for_more(pipe.as_fd());
                // Locked while it reads: what is no more in the pipe is among what is kept.
                let mut kept = lock(&writer);
                let length = match pipe.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(length) => length,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(_) => break,
                };
                counter.fetch_add(length as u64, Ordering::Relaxed);
                let room = KEPT - kept.len();
                kept.extend_from_slice(&buffer[..length.min(room)]);
                if let Some(newline) = kept.iter().position(|&byte| byte == b'\n')
                    && let Some(sender) = sender.take()
                {
                    let line = String::from_utf8_lossy(&kept[..newline]).into_owned();
                    let _ = sender.send(line);
                }
            }
        })?;
        Ok(Output {
            kept,
            length,
            first_line: Some(first_line),
            pipe: looked_at,
        })
    }

    /// The first line, if it is complete within this time.
    pub fn first_line(&self, limit: Duration) -> Option<String> {
        self.first_line.as_ref()?.recv_timeout(limit).ok()
    }

    /// Has all of it been read? No more can come: whoever had the pipe has ended.
    pub fn is_complete(&self) -> bool {
        // The thread that reads holds the other one.
        Arc::strong_count(&self.kept) == 1
    }

    /// Has all been read that has been printed so far? The thread that reads may have got no processor.
    pub fn is_read(&self) -> bool {
        let _kept = lock(&self.kept);
        let pipe = self.pipe.as_ref();
        pipe.is_none_or(|pipe| !has_more(pipe.as_fd()))
    }

    /// What has come so far, of which no more than [`KEPT`] bytes are kept.
    pub fn so_far(&self) -> String {
        String::from_utf8_lossy(&lock(&self.kept)).into_owned()
    }

    /// How many bytes have come so far, kept or not.
    pub fn length(&self) -> u64 {
        self.length.load(Ordering::Relaxed)
    }

    /// For whoever is to look at what comes, and does not wait for its end.
    pub fn glance(&self) -> Glance {
        Glance(Arc::downgrade(&self.kept))
    }
}

/// What a program prints, for whoever looks on.
#[derive(Clone, Debug, Default)]
pub struct Glance(Weak<Mutex<Vec<u8>>>);

impl Glance {
    /// What has come so far; nothing of an [`Output`] that has been dropped.
    pub fn so_far(&self) -> String {
        let kept = self.0.upgrade();
        kept.map_or_else(String::new, |kept| {
            String::from_utf8_lossy(&lock(&kept)).into_owned()
        })
    }
}

fn lock(kept: &Mutex<Vec<u8>>) -> MutexGuard<'_, Vec<u8>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until there is something to read, or the end.
pub(crate) fn wait_for_more(pipe: BorrowedFd) {
    let mut ready = [PollFd::new(pipe, PollFlags::POLLIN)];
    while poll(&mut ready, PollTimeout::NONE) == Err(nix::errno::Errno::EINTR) {}
}

/// Are there bytes to read?
pub(crate) fn has_more(pipe: BorrowedFd) -> bool {
    let mut ready = [PollFd::new(pipe, PollFlags::POLLIN)];
    let _ = poll(&mut ready, PollTimeout::ZERO);
    let seen = ready[0].revents().unwrap_or(PollFlags::empty());
    seen.contains(PollFlags::POLLIN)
}
