//! Sessions in a chapter: how they are drawn, and which faults an author can make with them.

use std::path::Path;

use book::session::{self, parse};
use mdbook_driver::MDBook;
use mdbook_driver::config::Config;

use crate::tiny::Tiny;

const SESSION: &str = "\
# needs: just
# ANCHOR: talk
# server
1$ just run 2
listening on 127.0.0.1:40713
1^Z
2< <Hello>
# ANCHOR_END: talk
";

/// Both chapters show the session below their listing.
fn with_session(session: &str) -> Tiny {
    let book = Tiny::new();
    book.write("book/sessions/one.session", session);
    let listing = "{{#include ../../steps/one/main.rs:whole}}\n```\n";
    let terminals = "\n```console\n{{#include ../sessions/one.session:talk}}\n```\n";
    book.replace_in_both(listing, &format!("{listing}{terminals}"));
    book
}

/// What the check finds, without the rest of a build.
fn found(book: &Tiny) -> String {
    let root = book.path("book");
    let load = |folder: &str| {
        let mut config = Config::default();
        config.book.src = folder.into();
        let loaded = MDBook::load_with_config(&root, config).expect("the chapters are there");
        loaded.book
    };
    let faults = session::check(&root, &load("en"), &load("zh-CN")).expect("the files are there");
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn mistake(text: &str) -> (usize, String) {
    let mut mistakes = parse(text).expect_err("the planted mistake was not found");
    mistakes.remove(0)
}

#[test]
fn a_session_is_drawn_as_one_figure_for_each_terminal() {
    let book = with_session(SESSION);
    book.build().expect("the book is whole");
    for (folder, caption) in [
        ("en", "terminal 2"),
        ("zh-CN", "终端 2"),
        ("bi", "terminal 2 · <span lang=\"zh-CN\">终端 2</span>"),
    ] {
        let page = book.read(&format!("book/out/{folder}/one.html"));
        assert_eq!(
            page.matches("<figure class=\"terminal\">").count(),
            2,
            "{folder}"
        );
        for part in [
            format!("<figcaption>{caption}</figcaption>"),
            "<code class=\"language-sh\">just run 2\n</code>".to_owned(),
            "<code class=\"language-text\">listening on 127.0.0.1:40713\n</code>".to_owned(),
            "<kbd>Ctrl-Z</kbd>".to_owned(),
            "<code class=\"language-text typed\">&lt;Hello&gt;\n</code>".to_owned(),
        ] {
            assert!(page.contains(&part), "{folder} lacks {part}:\n{page}");
        }
        assert!(!page.contains("# server"), "{folder} shows a note");
    }
}

/// Side by side there is one terminal, as there is one listing: the English one.
#[test]
fn the_chinese_edition_shows_what_is_shown_in_chinese() {
    let session = SESSION.replace(
        "listening on 127.0.0.1:40713\n",
        "stop it  Ctrl-C\nlistening on 127.0.0.1:40713\n# in Chinese\n停止  Ctrl-C\nlistening on 127.0.0.1:40713\n",
    );
    let book = with_session(&session);
    book.build().expect("the book is whole");
    for (folder, shown, other) in [
        ("en", "stop it", "停止"),
        ("zh-CN", "停止", "stop it"),
        ("bi", "stop it", "停止"),
    ] {
        let page = book.read(&format!("book/out/{folder}/one.html"));
        assert!(page.contains("just run 2"), "{folder}");
        assert!(page.contains(shown), "{folder} lacks {shown}:\n{page}");
        assert!(!page.contains(other), "{folder} has {other}");
        assert!(!page.contains("# in Chinese"), "{folder} shows a note");
    }
}

#[test]
fn a_terminal_without_a_number_has_no_caption() {
    let book = with_session("# ANCHOR: talk\n$ cargo test\n# ANCHOR_END: talk\n");
    book.build().expect("the book is whole");
    let page = book.read("book/out/en/one.html");
    let (_, figure) = page
        .split_once("<figure class=\"terminal\">")
        .expect("the terminal");
    let (figure, _) = figure.split_once("</figure>").expect("its end");
    assert!(!figure.contains("<figcaption>"), "{figure}");
}

#[test]
fn a_whole_book_has_no_faults() {
    assert_eq!(found(&with_session(SESSION)), "");
}

/// It works here, and not where cargo builds elsewhere, or where another program is called so.
#[test]
fn a_command_that_depends_on_the_machine() {
    for (command, told) in [
        ("strace target/release/server", "write cargo run"),
        ("printf 'a' | nc -N 127.0.0.1 40713", "write just client"),
        ("ncat 127.0.0.1 40713", "write just client"),
    ] {
        let session = format!("# ANCHOR: talk\n$ {command}\n# ANCHOR_END: talk\n");
        let fault = found(&with_session(&session));
        assert!(fault.starts_with("book/sessions/"), "{fault}");
        assert!(
            fault.contains(".session:2: ") && fault.contains(told),
            "{fault}"
        );
        let book = with_session(SESSION);
        let typed = format!("It wakes by `{command}`.");
        book.replace("book/en/one.md", "It wakes.", &typed);
        let fault = found(&book);
        assert!(
            fault.contains("book/en/one.md:5: ") && fault.contains(told),
            "{fault}"
        );
    }
    let innocent = "# ANCHOR: talk\n$ echo once func target\n# ANCHOR_END: talk\n";
    assert_eq!(found(&with_session(innocent)), "");
}

#[test]
fn a_command_in_a_chapter() {
    for language in ["sh", "bash", "text", ""] {
        let book = with_session(SESSION);
        let typed = format!("It wakes.\n\n```{language}\njust run 2\n```\n\n");
        book.replace("book/en/one.md", "It wakes.", &typed);
        let fault = found(&book);
        assert!(
            fault.starts_with("book/en/one.md:7: a command or an output is typed by hand"),
            "{language}: {fault}"
        );
    }
}

#[test]
fn a_measured_file_is_an_output() {
    let book = with_session(SESSION);
    book.write("book/measured/x.txt", "1\n");
    let text = "It wakes.\n\n```text\n{{#include ../measured/x.txt}}\n```\n\n";
    book.replace("book/en/one.md", "It wakes.", text);
    assert_eq!(found(&book), "");
}

#[test]
fn a_session_in_another_block_than_console() {
    let book = with_session(SESSION);
    book.replace("book/en/one.md", "```console", "```text");
    let fault = found(&book);
    assert!(
        fault.starts_with("book/en/one.md:13: a session is drawn"),
        "{fault}"
    );
}

#[test]
fn a_console_block_without_a_session() {
    let book = with_session(SESSION);
    book.replace(
        "book/en/one.md",
        "../sessions/one.session:talk",
        "../../steps/one/main.rs",
    );
    let fault = found(&book);
    assert!(
        fault.starts_with("book/en/one.md:13: a console block holds one session"),
        "{fault}"
    );
}

#[test]
fn a_region_that_no_chapter_includes() {
    let more = "# ANCHOR: unseen\n$ true\n# ANCHOR_END: unseen\n";
    let fault = found(&with_session(&format!("{SESSION}{more}")));
    let expected = "book/sessions/one.session:9: no chapter includes ANCHOR: unseen";
    assert!(fault.starts_with(expected), "{fault}");
}

#[test]
fn a_session_that_cannot_be_read() {
    let book = with_session(&SESSION.replace("# server", "# sever"));
    let place = "book/sessions/one.session:3: there is no note \"sever\"";
    assert!(found(&book).contains(place), "{}", found(&book));
    assert!(book.fault().contains(place), "{}", book.fault());
}

#[test]
fn mistakes_name_their_line() {
    for (text, line, what) in [
        (
            "$ true\n# ANCHOR_END: x\nlost\n",
            3,
            "without a mark above it",
        ),
        ("# again\n", 1, "nothing follows this note"),
        ("$ cat\n# again\n< x\n", 2, "this note is for commands"),
        ("# not run\n$ true\n", 1, "why is it not run?"),
        ("# not run: far\n$ curl x\nthe page\n", 2, "shows nothing"),
        ("$ true\n# in Chinese\n好\n", 2, "below an output"),
        ("$ true\nA\n# in Chinese\n甲\n# in Chinese\n", 5, "once"),
    ] {
        let (at, said) = mistake(text);
        assert_eq!(at, line, "{said}");
        assert!(said.contains(what), "{said}");
    }
}

#[test]
fn every_session_of_the_book_can_be_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sessions");
    for entry in std::fs::read_dir(folder).expect("the sessions") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("the file");
        assert!(
            parse(&text).is_ok_and(|it| !it.marks.is_empty()),
            "{}",
            path.display()
        );
    }
}
