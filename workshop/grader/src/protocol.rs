//! Which cases judge which rule of the protocol.

use crate::case::Case;
use crate::cases;
use crate::mechanism::Mechanism;
use crate::text::Language;
use std::fmt::Write;

/// What the protocol asks for, in its order, and the slugs of the cases that judge it.
pub const RULES: &[(&str, &[&str])] = &[
    ("rule-1", &["every-byte", "empty-lines", "random-8mib"]),
    (
        "rule-2",
        &[
            "hello",
            "byte-at-a-time",
            "pipelined",
            "incomplete-waits",
            "one-piece",
            "silent-neighbour",
            "last-comes-first",
            "lines-8mib",
            "order-under-load",
        ],
    ),
    (
        "rule-3",
        &[
            "max-line-minus-one",
            "max-line",
            "max-line-plus-one",
            "long-line",
            "any-cut",
        ],
    ),
    (
        "rule-4",
        &[
            "half-close",
            "half-close-tail",
            "half-close-at-once",
            "half-close-answers-owed",
        ],
    ),
    ("rule-5", &["unread-client"]),
    (
        "rule-6",
        &[
            "reset-client",
            "vanishing-clients",
            "crowd",
            "accept-burst",
            "idle-cpu",
            "out-of-descriptors",
            "rests-when-scarce",
            "turned-away",
        ],
    ),
    ("rule-7", &["descriptors-given-back", "children-given-back"]),
    (
        "command-line",
        &[
            "quiet",
            "raises-limit",
            "help",
            "version",
            "wrong-option",
            "port-in-use",
            "ipv6",
            "sigterm",
            "sigint",
        ],
    ),
    ("exceptions", &["mechanism", "pool-queues", "fd-setsize"]),
];

/// The cases under each rule as a list in Markdown, each between mdBook's anchors of its name.
pub fn markdown(language: Language) -> String {
    let all = every_server_case();
    let mut page = String::new();
    for (rule, slugs) in RULES {
        let _ = writeln!(page, "<!-- ANCHOR: {rule} -->");
        for slug in *slugs {
            if let Some(case) = all.iter().find(|case| case.slug == *slug) {
                let (title, colon) = match language {
                    Language::English => (&case.title.en, ": "),
                    Language::Chinese => (&case.title.zh, "："),
                };
                // mdBook would make a dash of it.
                let title = title.replace("--", "\\-\\-");
                let _ = writeln!(page, "- `{slug}`{colon}{title}");
            }
        }
        let _ = writeln!(page, "<!-- ANCHOR_END: {rule} -->");
    }
    page
}

fn every_server_case() -> Vec<&'static Case> {
    let mut all = cases::server();
    let select = Mechanism::OneThread {
        sleeps_in: vec!["select".to_owned()],
    };
    for mechanism in [Mechanism::ProcessEach, Mechanism::ThreadPool, select] {
        for case in cases::of_mechanism(Some(&mechanism)) {
            if all.iter().all(|known| known.slug != case.slug) {
                all.push(case);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_server_case_stands_under_one_rule_and_every_slug_is_a_case() {
        let mut listed: Vec<&str> = RULES
            .iter()
            .flat_map(|(_, slugs)| slugs.iter().copied())
            .collect();
        let mut known: Vec<&str> = every_server_case().iter().map(|case| case.slug).collect();
        listed.sort_unstable();
        known.sort_unstable();
        assert_eq!(listed, known);
    }
}
