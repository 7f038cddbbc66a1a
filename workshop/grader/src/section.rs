use terminal::Text;

/// A section of the book, where a case's reason is told. A test of the book sees that the heading is
/// there, by that name.
#[derive(Debug, PartialEq, Eq)]
pub struct Section {
    /// The chapter's number.
    pub chapter: u8,
    /// The heading's id in the chapter's page.
    pub id: &'static str,
    /// The heading.
    pub title: Text,
}
