// ANCHOR: head
use crate::buffers::{BUFFERS, Buffers, ProvidedBuffer};
use crate::operation::{Completion, InFlight, Operation};
use crate::why_not::why_not;
use io_uring::types::{Fd, Timespec};
use io_uring::{IoUring, cqueue, opcode, squeue};
use nix::libc;
use shared::server::REST;
use slotmap::{Key, KeyData, SlotMap};
use std::collections::VecDeque;
use std::io;
use std::mem;
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::ptr::null_mut;
use std::rc::Rc;
use std::thread;
use std::time::Duration;

/// How many operations can be handed over in one system call. Each of them may be a receive for which
/// bytes are there already: with more of them than buffers, those at the end would go without, and
/// stand at the end again the next time.
const SUBMISSIONS: u32 = 64;
const _: () = assert!(SUBMISSIONS <= BUFFERS as u32);
/// How many results can wait until somebody looks at them. Past that, the kernel keeps them
/// elsewhere, which is slower.
const COMPLETIONS: u32 = 4096;
/// The name that the kernel knows the buffers by.
const GROUP: u16 = 0;
// ANCHOR_END: head

// ANCHOR: ring
/// Operations that the kernel carries out, and tells of when they are done.
pub struct Ring<T> {
    uring: IoUring,
    buffers: Rc<Buffers>,
    in_flight: SlotMap<Operation, InFlight<T>>,
    /// Started, and not yet handed to the kernel.
    to_submit: VecDeque<squeue::Entry>,
}
// ANCHOR_END: ring

// ANCHOR: new
impl<T> Ring<T> {
    /// A ring for this thread.
    ///
    /// # Errors
    ///
    /// Why there is no io_uring here, and what can be done about it (`io_uring_setup(2)`).
    pub fn new() -> io::Result<Ring<T>> {
        let mut builder = IoUring::builder();
        // One thread uses it, and the kernel does its part of the work when that one asks for results,
        // and not at any other time.
        builder.setup_single_issuer().setup_defer_taskrun();
        // It says when it has work to do, and then a call that does not wait does it, too.
        builder.setup_taskrun_flag();
        builder.setup_cqsize(COMPLETIONS);
        let uring = builder.build(SUBMISSIONS).map_err(why_not)?;
        let buffers = Rc::new(Buffers::new().map_err(why_not)?);
        give_buffers(&uring, &buffers).map_err(why_not)?;
        Ok(Ring {
            uring,
            buffers,
            in_flight: SlotMap::with_key(),
            to_submit: VecDeque::new(),
        })
    }
}

#[expect(unsafe_code, reason = "the kernel is told where the buffers are")]
fn give_buffers(uring: &IoUring, buffers: &Buffers) -> io::Result<()> {
    // SAFETY: the memory begins with that many entries, and is given back to the system only after
    // the last operation that may use it is done, and the kernel has been told to forget it.
    unsafe {
        uring
            .submitter()
            .register_buf_ring_with_flags(buffers.ring() as u64, BUFFERS, GROUP, 0)
    }
}
// ANCHOR_END: new

// ANCHOR: accept
impl<T> Ring<T> {
    /// Accepts clients, one after another, until the kernel says that it does so no more.
    pub fn start_accept(&mut self, listener: &Rc<TcpListener>) -> Operation {
        let entry = opcode::AcceptMulti::new(Fd(listener.as_raw_fd())).flags(libc::SOCK_CLOEXEC);
        let _listener = Rc::clone(listener);
        self.start(entry.build(), InFlight::Accept { _listener })
    }

    /// Receives once, into a buffer that the kernel chooses when something comes.
    pub fn start_receive(&mut self, socket: &Rc<TcpStream>, whose: T) -> Operation {
        let entry = opcode::Recv::new(Fd(socket.as_raw_fd()), null_mut(), 0).buf_group(GROUP);
        let entry = entry.build().flags(squeue::Flags::BUFFER_SELECT);
        let _socket = Rc::clone(socket);
        self.start(entry, InFlight::Receive { _socket, whose })
    }
    // ANCHOR_END: accept

    // ANCHOR: send
    /// Sends: as many of the bytes as the kernel has room for, and at least one. They are given away,
    /// and nobody can touch them until they come back:
    ///
    /// ```compile_fail
    /// # use std::{net::TcpStream, rc::Rc};
    /// fn too_early(ring: &mut completion_server::Ring<()>, socket: &Rc<TcpStream>) {
    ///     let mut bytes = b"Hello".to_vec();
    ///     ring.start_send(socket, bytes, ());
    ///     bytes.clear();
    /// }
    /// ```
    pub fn start_send(&mut self, socket: &Rc<TcpStream>, bytes: Vec<u8>, whose: T) -> Operation {
        let length = bytes.len().try_into().unwrap_or(u32::MAX);
        let entry = opcode::Send::new(Fd(socket.as_raw_fd()), bytes.as_ptr(), length);
        let entry = entry.flags(libc::MSG_NOSIGNAL).build();
        let _socket = Rc::clone(socket);
        self.start(
            entry,
            InFlight::Send {
                _socket,
                bytes,
                whose,
            },
        )
    }
    // ANCHOR_END: send

    // ANCHOR: start
    /// Lets some time pass.
    pub fn start_timeout(&mut self, duration: Duration) -> Operation {
        let duration = Box::new(Timespec::from(duration));
        let entry = opcode::Timeout::new(&*duration).build();
        self.start(
            entry,
            InFlight::Timeout {
                _duration: duration,
            },
        )
    }

    fn start(&mut self, entry: squeue::Entry, in_flight: InFlight<T>) -> Operation {
        let operation = self.in_flight.insert(in_flight);
        let entry = entry.user_data(operation.data().as_ffi());
        self.to_submit.push_back(entry);
        operation
    }

    /// Asks the kernel to let go of an operation. It is done when that is told, and not before: it may
    /// end with what it was started for after all.
    pub fn cancel(&mut self, operation: Operation) {
        if self.in_flight.contains_key(operation) {
            let entry = opcode::AsyncCancel::new(operation.data().as_ffi()).build();
            // Nobody asks what came of this one.
            self.to_submit
                .push_back(entry.user_data(Operation::null().data().as_ffi()));
        }
    }
}
// ANCHOR_END: start

// ANCHOR: wait
impl<T> Ring<T> {
    /// Sleeps until an operation is done. They are told in the order in which they were done.
    ///
    /// # Errors
    ///
    /// When nothing is in flight, or the kernel cannot wait (`io_uring_enter(2)`).
    pub fn wait(&mut self) -> io::Result<Completion<T>> {
        loop {
            let entry = self.uring.completion().next();
            match entry {
                Some(entry) => {
                    if let Some(completion) = self.complete(&entry) {
                        return Ok(completion);
                    }
                }
                None if self.in_flight.is_empty() => {
                    return Err(io::Error::other("nothing is in flight"));
                }
                None => self.enter()?,
            }
        }
    }
    // ANCHOR_END: wait

    // ANCHOR: enter
    /// Hands over what has been started, and sleeps until something is done. One system call does both.
    fn enter(&mut self) -> io::Result<()> {
        self.fill_submission_queue();
        // What found no place goes first.
        let wait_for = usize::from(self.to_submit.is_empty());
        match self.uring.submit_and_wait(wait_for) {
            Ok(_) => Ok(()),
            Err(error) => match error.raw_os_error() {
                // A signal; or so many results wait that they must be looked at first.
                Some(libc::EINTR | libc::EBUSY) => Ok(()),
                // Out of memory, which may be over soon.
                Some(libc::EAGAIN | libc::ENOMEM) => {
                    thread::sleep(REST);
                    Ok(())
                }
                _ => Err(error),
            },
        }
    }

    #[expect(unsafe_code, reason = "the kernel is told where to read and write")]
    fn fill_submission_queue(&mut self) {
        let mut queue = self.uring.submission();
        while let Some(entry) = self.to_submit.front() {
            // SAFETY: whatever the entry points at is owned by its place in `in_flight`, and does not
            // move. Nobody can take it out, change it or drop it until the kernel has said that the
            // operation is done; if the ring itself is dropped, that is waited for. A ring that is
            // forgotten takes its places with it.
            if unsafe { queue.push(entry) }.is_err() {
                break;
            }
            self.to_submit.pop_front();
        }
    }
    // ANCHOR_END: enter

    // ANCHOR: complete
    /// Takes back what the kernel needed for an operation. `None`: nobody asks after it.
    fn complete(&mut self, entry: &cqueue::Entry) -> Option<Completion<T>> {
        let operation = Operation::from(KeyData::from_ffi(entry.user_data()));
        let result = outcome(entry);
        // ANCHOR: task-multishot
        let more = cqueue::more(entry.flags());
        if more && let InFlight::Accept { .. } = self.in_flight.get(operation)? {
            let client = result.map(accepted);
            return Some(Completion::Accepted { client, more });
        }
        // ANCHOR_END: task-multishot
        Some(match self.in_flight.remove(operation)? {
            InFlight::Accept { .. } => Completion::Accepted {
                client: result.map(accepted),
                more: false,
            },
            InFlight::Receive { whose, .. } => {
                let buffer = cqueue::buffer_select(entry.flags());
                let length = *result.as_ref().unwrap_or(&0) as usize;
                let provided = buffer.map(|buffer| self.provided(buffer, length));
                let bytes = result.map(|_| provided.filter(|bytes| !bytes.is_empty()));
                Completion::Received { whose, bytes }
            }
            InFlight::Send { bytes, whose, .. } => {
                let taken = result.map(|taken| taken as usize);
                Completion::Sent {
                    whose,
                    bytes,
                    taken,
                }
            }
            InFlight::Timeout { .. } => Completion::TimedOut,
        })
    }

    /// What a receive has put into a buffer.
    #[expect(unsafe_code, reason = "the kernel has filled a buffer")]
    fn provided(&self, buffer: u16, length: usize) -> ProvidedBuffer {
        // SAFETY: the kernel has taken this buffer and put so many bytes there, as it has just said,
        // and it says so once.
        unsafe { self.buffers.filled(buffer, length) }
    }
}
// ANCHOR_END: complete

// ANCHOR: outcome
fn outcome(entry: &cqueue::Entry) -> io::Result<i32> {
    match entry.result() {
        errno if errno < 0 => Err(io::Error::from_raw_os_error(-errno)),
        result => Ok(result),
    }
}

#[expect(unsafe_code, reason = "the kernel has made a descriptor")]
fn accepted(descriptor: RawFd) -> TcpStream {
    // SAFETY: the kernel has made it for this completion, and nobody else knows of it.
    TcpStream::from(unsafe { OwnedFd::from_raw_fd(descriptor) })
}
// ANCHOR_END: outcome

// ANCHOR: drop
/// Ends what is in flight, and waits until it has ended: only then may the memory go.
impl<T> Drop for Ring<T> {
    fn drop(&mut self) {
        for operation in self.in_flight.keys().collect::<Vec<_>>() {
            self.cancel(operation);
        }
        // What comes of them is dropped when all have ended: a `T` may panic when it is.
        let mut ended = Vec::new();
        while !self.in_flight.is_empty() {
            match self.wait() {
                Ok(done) => ended.push(done),
                Err(_) => {
                    // Nobody can say any more what the kernel still uses. Better lost than used twice.
                    mem::forget(mem::take(&mut self.in_flight));
                    mem::forget(Rc::clone(&self.buffers));
                    return;
                }
            }
        }
        // There is such a group.
        let _ = self.uring.submitter().unregister_buf_ring(GROUP);
    }
}
// ANCHOR_END: drop
