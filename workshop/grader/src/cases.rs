//! The graded cases. Each file is a rule of the protocol, or a few that belong together; a case says
//! of itself all that there is to say. What stands here is who has to pass which file's, and when.

mod closing;
mod command_line;
mod ending;
mod fd_setsize;
mod http_client;
mod leaving;
mod lines;
mod long_lines;
mod lots;
mod mechanism;
mod order;
mod pool;
mod quiet;
mod rest;
mod rot13_client;
mod scarcity;
mod streams;
mod unread;

use crate::case::Case;
use crate::mechanism::Mechanism;
use crate::section::Section;

/// The cases of every server.
pub fn server() -> Vec<&'static Case> {
    [
        lines::CASES,
        long_lines::CASES,
        closing::CASES,
        unread::CASES,
        lots::CASES,
        order::CASES,
        streams::CASES,
        leaving::CASES,
        scarcity::CASES,
        rest::CASES,
        quiet::CASES,
        ending::CASES,
        command_line::CASES,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The cases that a server has to pass besides, for the mechanism that it claims.
pub fn of_mechanism(mechanism: Option<&Mechanism>) -> Vec<&'static Case> {
    match mechanism {
        None => vec![],
        Some(Mechanism::ProcessEach | Mechanism::ThreadEach) => {
            vec![&mechanism::CASE, &scarcity::TURNED_AWAY]
        }
        Some(Mechanism::ThreadPool) => vec![&mechanism::CASE, &pool::CASE],
        Some(select) if select.sleeps_in("select") => vec![&mechanism::CASE, &fd_setsize::CASE],
        Some(Mechanism::OneThread { .. }) => vec![&mechanism::CASE],
    }
}

/// Every case of any server, in the order in which they are read about, rule by rule: what is graded
/// late because it takes its time need not be told late.
pub fn to_be_read() -> Vec<&'static Case> {
    [
        lines::CASES,
        streams::CASES,
        order::CASES,
        long_lines::CASES,
        closing::CASES,
        unread::CASES,
        leaving::CASES,
        lots::CASES,
        rest::CASES,
        quiet::CASES,
        scarcity::CASES,
        command_line::CASES,
        ending::CASES,
    ]
    .into_iter()
    .flatten()
    .chain([
        &scarcity::TURNED_AWAY,
        &mechanism::CASE,
        &pool::CASE,
        &fd_setsize::CASE,
    ])
    .collect()
}

/// The cases of the ROT13 client.
pub fn client() -> Vec<&'static Case> {
    rot13_client::CASES.iter().collect()
}

/// The cases of the client of HTTP.
pub fn http_client() -> Vec<&'static Case> {
    http_client::CASES.iter().copied().flatten().collect()
}

/// Every case that there is.
pub fn all() -> Vec<&'static Case> {
    [to_be_read(), client(), http_client()].concat()
}

/// Every section of the book that a case points at, once.
pub fn sections() -> Vec<&'static Section> {
    let mut sections = Vec::new();
    for case in all() {
        if !sections.contains(&case.section) {
            sections.push(case.section);
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Rule;
    use std::collections::{BTreeSet, HashSet};

    #[test]
    fn slugs_are_unique_and_every_word_is_there_in_both_languages() {
        let cases = all();
        let slugs: HashSet<_> = cases.iter().map(|case| case.slug).collect();
        assert_eq!(slugs.len(), cases.len());
        for case in cases {
            assert!(case.points > 0, "{}", case.slug);
            for words in [&case.title, &case.teaches, &case.section.title] {
                assert!(!words.en.is_empty() && words.en.is_ascii(), "{}", case.slug);
                assert!(!words.zh.is_ascii(), "{}: {}", case.slug, words.zh);
            }
        }
    }

    #[test]
    fn what_is_graded_is_read_about() {
        let select = Mechanism::OneThread {
            sleeps_in: vec!["select".to_owned()],
        };
        let mut graded = server();
        for mechanism in [Mechanism::ProcessEach, Mechanism::ThreadPool, select] {
            graded.extend(of_mechanism(Some(&mechanism)));
        }
        let graded: BTreeSet<_> = graded.iter().map(|case| case.slug).collect();
        let read: BTreeSet<_> = to_be_read().iter().map(|case| case.slug).collect();
        let once: Vec<_> = graded.symmetric_difference(&read).collect();
        assert!(once.is_empty(), "graded or read about, not both: {once:?}");
    }

    #[test]
    fn a_servers_case_judges_a_rule_of_the_protocol_and_a_clients_none() {
        for case in to_be_read() {
            assert!(Rule::OF_SERVERS.contains(&case.rule), "{}", case.slug);
        }
        for (cases, rule) in [(client(), Rule::Client), (http_client(), Rule::HttpClient)] {
            for case in cases {
                assert_eq!(case.rule, rule, "{}", case.slug);
            }
        }
    }
}
