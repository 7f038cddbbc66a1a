//! Your own copies of the steps stand beside this file: `cargo run -- start 2` begins one.
//! 你自己的副本放在这个文件旁边：`cargo run -- start 2` 会创建一份。
