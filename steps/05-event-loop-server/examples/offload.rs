//! Computing is for another thread: it wakes the loop by a byte when it is done. `slow_callback` does
//! without.
//!
//! `cargo run -p event-loop-server --example offload`

mod neighbours;

use {
    event_loop_server::{EventBase, What},
    neighbours::{AT_HAND, HARD, answer, compute, heard},
    std::io::{self, Write},
    std::os::unix::net::UnixStream,
    std::rc::Rc,
    std::sync::{Arc, mpsc},
    std::thread,
};

fn main() -> io::Result<()> {
    neighbours::ask(serve)
}

// ANCHOR: serve
/// Answers whoever asks, in the callback; but what takes computing when another thread has done it.
fn serve(clients: Vec<UnixStream>) -> io::Result<()> {
    let mut base = EventBase::new()?;
    let wait = What::READ | What::PERSIST;

    let (jobs, to_do) = mpsc::channel::<Arc<UnixStream>>();
    let (done, results) = mpsc::channel();
    let (woken, mut waker) = UnixStream::pair()?;
    thread::spawn(move || {
        for client in to_do {
            let _ = done.send((client, compute()));
            let _ = waker.write_all(b"!");
        }
    });
    let woken = Rc::new(woken);
    let source = Rc::clone(&woken);
    let event = base.event_new(source, wait, move |base, event, _| match heard(&woken) {
        Some(_) => results
            .try_iter()
            .for_each(|(client, number)| answer(&client, number)),
        None => base.event_free(event),
    });
    base.event_add(event, None)?;

    for client in clients.into_iter().map(Arc::new) {
        let (source, jobs) = (Rc::new(Arc::clone(&client)), jobs.clone());
        let event = base.event_new(source, wait, move |base, event, _| match heard(&client) {
            Some(HARD) => jobs
                .send(Arc::clone(&client))
                .expect("the thread takes jobs while there is a sender"),
            Some(_) => answer(&client, AT_HAND),
            None => base.event_free(event),
        });
        base.event_add(event, None)?;
    }
    drop(jobs); // the last client's callback takes the last of them along, and the thread ends
    base.dispatch()
}
// ANCHOR_END: serve
