//! The conversation from outside, without any socket.

mod conversation;
mod line_codec;
mod model;
