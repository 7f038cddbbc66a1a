//! The graded cases. Each file is a rule of the protocol, or a few that belong together.

mod closing;
mod command_line;
mod fd_setsize;
mod http_client;
mod leaving;
mod lines;
mod long_lines;
mod lots;
mod mechanism;
mod pool;
mod resources;
mod rest;
mod rot13_client;
mod scarcity;
mod unread;

use crate::case::Case;
use crate::mechanism::Mechanism;

/// The cases of every server.
pub fn server() -> Vec<&'static Case> {
    [
        lines::CASES,
        long_lines::CASES,
        closing::CASES,
        unread::CASES,
        lots::CASES,
        leaving::CASES,
        scarcity::CASES,
        resources::CASES,
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

/// The cases of the ROT13 client.
pub fn client() -> Vec<&'static Case> {
    rot13_client::CASES.iter().collect()
}

/// The cases of the client of HTTP.
pub fn http_client() -> Vec<&'static Case> {
    http_client::CASES.iter().copied().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn slugs_are_unique_and_every_word_is_there_in_both_languages() {
        let cases: Vec<_> = server()
            .into_iter()
            .chain(client())
            .chain(http_client())
            .collect();
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
}
