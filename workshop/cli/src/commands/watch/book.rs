use crate::commands::chapter;
use std::path::Path;
use std::process::Child;
use terminal::{Text, text};

/// The book, which somebody wants to read before it has been built.
#[derive(Default)]
pub(super) struct Book(Option<Child>);

impl Book {
    /// Begins to build it, or tells how far that is.
    pub(super) fn build(&mut self, root: &Path) -> Text {
        let ended = self.0.as_mut().map(|cargo| cargo.try_wait());
        match ended {
            Some(Ok(None)) => {}
            Some(_) => {
                self.0 = None;
                return text(
                    "the book cannot be built; what is wrong, this says: cargo run -p book -- build",
                    "书没有构建成；原因请看：cargo run -p book -- build",
                );
            }
            None => self.0 = chapter::builder(root).spawn().ok(),
        }
        text(
            "the book is being built, which takes a minute or two the first time; then press c again",
            "正在构建这本书，第一次要一两分钟；过一会儿再按 c",
        )
    }
}

impl Drop for Book {
    fn drop(&mut self) {
        if let Some(cargo) = &mut self.0 {
            let _ = cargo.kill();
            let _ = cargo.wait();
        }
    }
}
