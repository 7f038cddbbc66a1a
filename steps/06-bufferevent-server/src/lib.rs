//! Step 06: Libevent's bufferevents, retold. A [`BufferEvent`] is a socket with a buffer on either
//! side. It receives and sends by itself; the program only takes from one buffer and adds to the
//! other.
//!
//! | Libevent | here |
//! |---|---|
//! | `evbuffer_new`, `evbuffer_add`, `evbuffer_drain`, `evbuffer_remove`, `evbuffer_readln`, … | [`EvBuffer`] |
//! | `bufferevent_socket_new` | [`BufferEvent::socket_new`], then [`BufferEvent::base_set`] |
//! | `bufferevent_socket_connect` | [`BufferEvent::connect`] |
//! | `bufferevent_base_set` | [`BufferEvent::base_set`]: from here on, the base owns it |
//! | `bufferevent_setcb`: three functions, and the `ctx` that they share | [`BufferEvent::setcb`]: a [`Callbacks`] |
//! | `bufferevent_enable`, `bufferevent_disable` | [`BufferEvent::enable`], [`BufferEvent::disable`] |
//! | `bufferevent_setwatermark` | [`BufferEvent::setwatermark`] |
//! | `bufferevent_set_timeouts` | [`BufferEvent::set_timeouts`] |
//! | `bufferevent_get_input`, `bufferevent_get_output` | [`BufferEvent::input`], [`BufferEvent::output`] |
//! | `bufferevent_getfd` | [`BufferEvent::socket`] |
//! | `bufferevent_free` | [`BufferEvent::free`], [`BufferEvent::free_when_flushed`] |
//! | a pointer to a bufferevent, kept somewhere | [`Handle`], which outlives it harmlessly |
//! | `BEV_EVENT_EOF`, `BEV_EVENT_ERROR`, `BEV_EVENT_TIMEOUT`, … | [`BevEvent`] |
//! | `evconnlistener_new` | [`evconnlistener_new`] |
//!
//! Four things are different on purpose. Libevent waits until the kernel says that there is room, and
//! then sends; here, what a callback has added is tried at once, and the kernel is asked to report room
//! only if something is left. Whatever a callback does to its bufferevent takes effect when it has
//! returned: it may do anything, in any order, and free it as well. Whatever is broken is broken in both
//! directions. And a bufferevent has one event, where Libevent has one for reading and one for writing.
//!
//! Left out are filters (`bufferevent_filter_new`), pairs (`bufferevent_pair_new`), rate limits and
//! TLS: more kinds of the same thing, of which none waits in a new way.

mod bufferevent;
mod callbacks;
mod evbuffer;
mod listener;

pub use bufferevent::{BufferEvent, Handle};
pub use callbacks::{BevEvent, Callbacks};
pub use evbuffer::{EvBuffer, RECEIVE_SIZE, Readln};
pub use listener::evconnlistener_new;
