use terminal::{Text, text};

/// How far a program has come that passes a case, in the order in which a program is written: a case
/// of a later stage is seldom worth a thought while one of an earlier stage fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// It starts, and somebody is answered.
    Talks,
    /// What is answered, byte by byte, however long and however cut.
    Lines,
    /// A conversation ends, on both sides.
    Ends,
    /// Many clients are served at once, and many bytes go both ways.
    Many,
    /// Nothing that a client or the system does disturbs it, and it gives back what it takes.
    Hardening,
    /// How it is started, and told to end.
    CommandLine,
}

impl Stage {
    /// All, in order.
    pub const ALL: [Stage; 6] = [
        Stage::Talks,
        Stage::Lines,
        Stage::Ends,
        Stage::Many,
        Stage::Hardening,
        Stage::CommandLine,
    ];

    /// Its name, for people.
    pub fn title(self) -> &'static Text {
        static TITLES: [Text; 6] = [
            text("it talks", "能对话"),
            text("lines", "行的内容"),
            text("the end of a conversation", "对话的结束"),
            text("many clients, many bytes", "许多客户端，许多字节"),
            text("hardening", "经得起折腾"),
            text("command line", "命令行"),
        ];
        &TITLES[self as usize]
    }

    /// Its lasting name, for programs.
    pub fn slug(self) -> &'static str {
        match self {
            Stage::Talks => "talks",
            Stage::Lines => "lines",
            Stage::Ends => "ends",
            Stage::Many => "many",
            Stage::Hardening => "hardening",
            Stage::CommandLine => "command-line",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases;

    #[test]
    fn every_stage_of_a_server_has_cases_and_begins_with_the_first_one() {
        let server = cases::server();
        for (place, stage) in Stage::ALL.into_iter().enumerate() {
            assert_eq!(stage as usize, place);
            assert!(!stage.title().zh.is_ascii() && stage.title().en.is_ascii());
            assert!(server.iter().any(|case| case.stage == stage), "{stage:?}");
        }
        assert_eq!(server[0].stage, Stage::Talks);
    }
}
