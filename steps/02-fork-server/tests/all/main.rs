//! What the judge cannot see from outside, or not surely: signals between two calls, and whether a
//! warning is true.
#![cfg(target_os = "linux")]

mod children;
mod first_process;
mod pool;
mod support;
mod warning;
