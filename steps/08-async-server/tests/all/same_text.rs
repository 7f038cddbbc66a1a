//! The point of the step: its conversation is step 02's, word by word, but for `async` and `.await`.

use std::fs;
use std::path::Path;

/// The function `converse` of a file, line by line.
fn converse(file: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    let lines = text.lines().map(str::to_owned);
    let mut function: Vec<String> = lines
        .skip_while(|line| !line.starts_with("pub ") || !line.contains("fn converse("))
        .collect();
    let end = function.iter().position(|line| line == "}");
    function.truncate(end.expect("it ends") + 1);
    function
}

#[test]
fn without_async_and_await_it_is_the_conversation_of_step_02() {
    let blocking = converse("../02-fork-server/src/lib.rs");
    let asynchronous = converse("src/converse.rs");
    // Both files were found, and are what they should be.
    assert!(blocking.len() > 5 && blocking[0].starts_with("pub fn converse("));
    assert!(asynchronous[0].starts_with("pub async fn converse("));
    let stripped: Vec<String> = asynchronous
        .iter()
        .map(|line| line.replace("async ", "").replace(".await", ""))
        .collect();
    // In no line at all.
    assert_eq!(stripped, blocking);
}
