use std::io::{self, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

/// How much of what a program prints is kept, in bytes.
const KEPT: usize = 16 * 1024;

/// What a program prints. Its pipe is drained all the time: a program that prints much must not
/// block on a full pipe, which holds 64 KiB.
#[derive(Debug, Default)]
pub struct Output {
    kept: Arc<Mutex<Vec<u8>>>,
    first_line: Option<mpsc::Receiver<String>>,
}

impl Output {
    /// Begins to read.
    pub fn drain(mut pipe: impl Read + Send + 'static) -> Output {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let (sender, first_line) = mpsc::channel();
        let (writer, mut sender) = (Arc::clone(&kept), Some(sender));
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            loop {
                let length = match pipe.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(length) => length,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(_) => break,
                };
                let mut kept = lock(&writer);
                let room = KEPT - kept.len();
                kept.extend_from_slice(&buffer[..length.min(room)]);
                if let Some(newline) = kept.iter().position(|&byte| byte == b'\n')
                    && let Some(sender) = sender.take()
                {
                    let line = String::from_utf8_lossy(&kept[..newline]).into_owned();
                    let _ = sender.send(line);
                }
            }
        });
        Output {
            kept,
            first_line: Some(first_line),
        }
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

    /// What has come so far.
    pub fn so_far(&self) -> String {
        String::from_utf8_lossy(&lock(&self.kept)).into_owned()
    }
}

fn lock(kept: &Mutex<Vec<u8>>) -> MutexGuard<'_, Vec<u8>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}
