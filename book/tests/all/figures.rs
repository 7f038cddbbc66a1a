//! A measured number in prose is on the list, and where the list sends the reader, it stands.

use crate::tiny::Tiny;

const ENGLISH: &str = "book/en/one.md";
const CHINESE: &str = "book/zh-CN/one.md";
const LIST: &str = "book/figures-in-prose.toml";

fn with(english: &str, chinese: &str, list: &str) -> Tiny {
    let book = Tiny::new();
    book.replace(ENGLISH, "It wakes.", english);
    book.replace(CHINESE, "它醒了。", chinese);
    book.write("book/measured/waits.txt", "floor  1,440  5.36  0.44\n");
    book.write(LIST, list);
    book
}

#[track_caller]
fn says(book: &Tiny, parts: &[&str]) {
    let fault = book.fault();
    for part in parts {
        assert!(fault.contains(part), "not said: {part:?}\n{fault}");
    }
}

#[test]
fn what_is_measured_must_be_listed() {
    for (text, name) in [
        ("It takes 44 ms.", "44 ms"),
        ("It takes 5 % of it.", "5 %"),
        ("It takes 8 to 12 MB.", "12 MB"),
        ("It takes 16,384 bytes.", "16,384 bytes"),
        ("It is 86 times as fast.", "86 times"),
        ("It has 205 calls.", "205"),
        ("It is 0.07 of them.", "0.07"),
        ("*44* µs.", "44 µs"),
    ] {
        let what = format!("{ENGLISH}:5: where does {name} come from?");
        says(&with(text, "它醒了。", ""), &[&what]);
    }
    for (text, name) in [
        ("等 44 毫秒。", "44 ms"),
        ("有 300 个字节。", "300 bytes"),
        ("快 86 倍。", "86 times"),
        ("要 3 秒。", "3 s"),
    ] {
        let what = format!("{CHINESE}:5: where does {name} come from?");
        says(&with("It wakes.", text, ""), &[&what]);
    }
}

#[test]
fn names_years_versions_code_and_small_counts_are_no_figures() {
    let english = "Rule 3, chapter 12, in 1999, of RFC 9293, section 3.3.2, on Linux 6.18 over \
        HTTP/1.0 and IPv6: recv(2), from 0x80 on, 31 processes, the 1,024th, `x` 44.";
    let chinese = "规则 3，第 12 章，1999 年，RFC 9293 第 3.3.2 节，Linux 6.18，HTTP/1.0，IPv6：recv(2)，\
        31 个进程，第 1,024 个，`x` 44。";
    assert_eq!(with(english, chinese, "").build(), Ok(()));
}

#[test]
fn the_source_must_have_the_number_and_nothing_longer() {
    let list = |figure, more| {
        format!("[[figure]]\nfigure = \"{figure}\"\nsource = \"book/measured/waits.txt\"\n{more}")
    };
    let good = with("It takes 5.36 µs.", "要 5.36 微秒。", &list("5.36 µs", ""));
    assert_eq!(good.build(), Ok(()));
    let gone =
        "book/figures-in-prose.toml: 5.36 µs: 5.36 does not stand in book/measured/waits.txt";
    good.write("book/measured/waits.txt", "floor  1,440  5.41\n");
    says(&good, &[gone]);
    // 44 stands only inside of 1,440 and of 0.44.
    let inside = with("It takes 44 ms.", "要 44 毫秒。", &list("44 ms", ""));
    says(&inside, &["44 does not stand in"]);
    // What it was reckoned from instead; without a unit, whatever the unit.
    let from = "from = [\"1,440\", \"5.36\"]\n";
    let reckoned = with("It takes 44 ms.", "要 44 毫秒。", &list("44", from));
    assert_eq!(reckoned.build(), Ok(()));
    let missing = with(
        "It takes 44 ms.",
        "要 44 毫秒。",
        &list("44", "from = [\"1,441\"]\n"),
    );
    says(&missing, &["1,441 does not stand in"]);
    let nowhere = "[[figure]]\nfigure = \"44\"\nsource = \"nowhere.txt\"\n";
    says(
        &with("It takes 44 ms.", "要 44 毫秒。", nowhere),
        &["cannot read nowhere.txt"],
    );
}

#[test]
fn conditions_stand_beside_it_in_each_language() {
    let list = "[[figure]]\nchapter = \"one.md\"\nfigure = \"44 ms\"\n\
        conditions = { en = \"on loopback\", zh = \"环回地址\" }\n";
    let good = with(
        "It takes 44 ms on loopback.",
        "在环回地址上要 44 毫秒。",
        list,
    );
    assert_eq!(good.build(), Ok(()));
    let elsewhere = with(
        "It takes 44 ms on loopback.",
        "要 44 毫秒。\n\n在环回地址上。",
        list,
    );
    elsewhere.replace(ENGLISH, "loopback.", "loopback.\n\nIt does.");
    says(
        &elsewhere,
        &[
            "book/zh-CN/one.md:5: 44 ms was measured under conditions",
            "环回地址",
        ],
    );
}

#[test]
fn an_entry_says_one_thing_and_is_of_use() {
    let text = ("It takes 44 ms.", "要 44 毫秒。");
    let entry = |more: &str| format!("[[figure]]\nfigure = \"44 ms\"\n{more}");
    let given = with(text.0, text.1, &entry("is = \"the question's own\"\n"));
    assert_eq!(given.build(), Ok(()));
    for more in ["", "is = \"x\"\nsource = \"book/measured/waits.txt\"\n"] {
        says(&with(text.0, text.1, &entry(more)), &["one of the three"]);
    }
    let unused = with("It wakes.", "它醒了。", &entry("is = \"x\"\n"));
    says(&unused, &["44 ms: stands in no chapter any more"]);
    let other = with(text.0, text.1, &entry("chapter = \"two.md\"\nis = \"x\"\n"));
    says(&other, &["book/en/one.md:5: where does 44 ms come from?"]);
    let spelt = with(text.0, text.1, &entry("was = \"x\"\n")).fault();
    assert!(spelt.contains("cannot use"), "{spelt}");
}
