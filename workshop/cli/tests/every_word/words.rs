//! Which words of an output are in the wrong language.

use std::collections::BTreeSet;

/// What stands in Chinese as it is: programs, files, keys, names. Names of commands, options, values,
/// steps, tasks and cases are known by the tool itself.
const NAMES: [&str; 61] = [
    "bash",
    "book",
    "bufferevent",
    "build",
    "c",
    "cargo",
    "cd",
    "chmod",
    "classroom",
    "command",
    "connect",
    "constructor",
    "ctrl-c",
    "ctrl-z",
    "elvish",
    "enter",
    "env",
    "fg",
    "fish",
    "fork",
    "gdb",
    "getaddrinfo",
    "github",
    "grade.toml",
    "gradescope",
    "head",
    "host",
    "http",
    "install",
    "ioctl",
    "json",
    "junit",
    "just",
    "lang",
    "ldd",
    "libevent",
    "localhost",
    "markdown",
    "metadata",
    "mv",
    "node",
    "poll",
    "powershell",
    "printf",
    "prlimit",
    "python",
    "release",
    "root",
    "rot13",
    "rust",
    "select",
    "serve",
    "shell",
    "src",
    "step",
    "strace",
    "test",
    "toml",
    "windows",
    "workshop",
    "zsh",
];

/// Han characters, and punctuation of their width, of which English has none.
pub(crate) fn han(output: &str) -> Option<String> {
    let is_han = |c: char| matches!(c, '\u{3000}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}');
    let lines = output.lines().filter(|line| line.contains(is_han));
    let lines: Vec<&str> = lines.collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// English words in Chinese, but for `known` ones: those of lower-case letters which are no option, no
/// path, no file, no address, and stand neither in quotation marks nor in backticks, in which somebody
/// else speaks.
pub(crate) fn english(output: &str, known: &BTreeSet<String>) -> Vec<String> {
    let own = without(&without(&without(output, '“', '”'), '`', '`'), '"', '"');
    // A line that begins so is a command, as it was typed.
    let own = own.lines().filter(|line| !line.trim().starts_with("$ "));
    let pieces = own.flat_map(|line| line.split(|c: char| !c.is_ascii_graphic()));
    let mut found = Vec::new();
    for piece in pieces {
        let is_set_apart = |c: char| "()[]{}<>,;:!?'".contains(c);
        let piece = piece.trim_matches(is_set_apart).trim_end_matches('.');
        let is_no_word =
            piece.starts_with('-') || piece.contains(['/', '=', '$', '_']) || is_file(piece);
        if is_no_word || is_known(piece, known) {
            continue;
        }
        let words = piece.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        let words = words.filter(|word| {
            let is_word = word.len() > 1 && word.contains(|c: char| c.is_ascii_lowercase());
            let is_measure = word.starts_with(|c: char| c.is_ascii_digit()) || word.ends_with("iB");
            is_word && !is_measure && !is_known(word, known)
        });
        found.extend(words.map(str::to_owned));
    }
    found
}

fn is_known(word: &str, known: &BTreeSet<String>) -> bool {
    let word = word.to_lowercase();
    NAMES.contains(&&*word) || known.contains(&word)
}

/// `name.toml`, but no sentence's end.
fn is_file(piece: &str) -> bool {
    let inner = piece.split('.').collect::<Vec<_>>();
    inner.len() > 1 && inner.iter().skip(1).all(|it| !it.is_empty())
}

/// The text with nothing that stands between two marks.
fn without(text: &str, opens: char, closes: char) -> String {
    let mut left = String::new();
    let mut inside = false;
    for c in text.chars() {
        match c {
            _ if inside => inside = c != closes,
            _ if c == opens => inside = true,
            _ => left.push(c),
        }
    }
    left
}

#[test]
fn words_of_the_other_language_are_found() {
    let known = BTreeSet::from(["grade".to_owned()]);
    let clean =
        "没有 grade 这个命令：--lang /no/such “not ours” 13 KiB SVG a.toml HOST:PORT [OPTIONS]";
    assert_eq!(english(clean, &known), Vec::<String>::new());
    let planted = "用法：cannot read /a（os error 2）";
    assert_eq!(english(planted, &known), ["cannot", "read", "os", "error"]);
    assert_eq!(han("plain"), None);
    assert_eq!(han("plain\n（一）").as_deref(), Some("（一）"));
}
