//! The book's builder, from outside: books are built in temporary folders and their pages read.

mod editions;
mod faults;
mod protocol;
mod real_book;
mod sections;
mod tiny;
