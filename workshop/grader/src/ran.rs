use crate::command::{not_started, typed};
use crate::deadline::Deadline;
use crate::evidence::Evidence;
use crate::facts::Ended;
use crate::program::Program;
use crate::verdict::{Trouble, Verdict};
use std::os::unix::process::ExitStatusExt;
use std::process::Output;
use subject::{MOST_PRINTED, run_while};
use terminal::Text;

/// A program that has run to its end, or for as long as patience lasts.
pub(crate) struct Ran<'a> {
    output: Result<Output, Box<Trouble>>,
    command: String,
    meaning: &'a Text,
}

impl<'a> Ran<'a> {
    /// Runs `program` with `arguments` and `input`. What is asked of it later and does not hold
    /// usually means `meaning`.
    pub(crate) fn new(
        program: &Program,
        arguments: &[&str],
        input: &[u8],
        meaning: &'a Text,
    ) -> Ran<'a> {
        let mut command = program.command();
        command.args(arguments);
        let deadline = Deadline::of_case();
        let output = run_while(&mut command, input.to_vec(), |group| {
            !deadline.is_over_for(|| Some(group.family()))
        });
        let not_started = |error| not_started(&program.path, &command, &error, meaning);
        Ran {
            output: output.map_err(|error| Box::new(not_started(error))),
            command: typed(&command),
            meaning,
        }
    }

    /// A program that somebody else has run to its end.
    pub(crate) fn of(output: Output, command: String, meaning: &'a Text) -> Ran<'a> {
        Ran {
            output: Ok(output),
            command,
            meaning,
        }
    }

    /// All that it printed on standard output.
    pub(crate) fn stdout(&self) -> &[u8] {
        self.output.as_ref().map_or(b"", |output| &output.stdout)
    }

    /// It had to be ended.
    pub(crate) fn hung(&self) -> bool {
        let output = self.output.as_ref();
        output.is_ok_and(|output| output.status.signal() == Some(KILL))
    }

    /// It ended with this exit status.
    pub(crate) fn exits(&self, status: i32) -> Verdict {
        self.judge(|output| output.status.code() == Some(status))
    }

    /// What it printed on standard output is text, and so.
    pub(crate) fn prints(&self, is_so: impl Fn(&str) -> bool) -> Verdict {
        self.judge(|output| str::from_utf8(&output.stdout).is_ok_and(is_so))
    }

    /// What it printed on standard error is text, and so.
    pub(crate) fn complains(&self, is_so: impl Fn(&str) -> bool) -> Verdict {
        self.judge(|output| str::from_utf8(&output.stderr).is_ok_and(is_so))
    }

    fn judge(&self, is_so: impl FnOnce(&Output) -> bool) -> Verdict {
        match &self.output {
            Err(trouble) => Err(Trouble::clone(trouble)),
            Ok(output) if is_so(output) => Ok(()),
            Ok(output) => {
                let evidence = Evidence::Note(transcript(&self.command, output));
                Err(Trouble::failed(evidence, self.meaning))
            }
        }
    }
}

/// Something was said, and in one line.
pub(crate) fn one_line(said: &str) -> bool {
    let line = said.strip_suffix('\n').unwrap_or(said);
    !line.is_empty() && !line.contains('\n')
}

/// A version is told, as in `0.1`.
pub(crate) fn version(said: &str) -> bool {
    let is_one = |three: &[u8]| matches!(three, [before, b'.', after] if before.is_ascii_digit() && after.is_ascii_digit());
    said.as_bytes().windows(3).any(is_one)
}

/// The words are said, in capitals or not.
pub(crate) fn says(said: &str, words: &str) -> bool {
    said.to_lowercase().contains(words)
}

/// A time-out is called one, in whatever spelling.
pub(crate) fn timed_out(said: &str) -> bool {
    let said = said.to_lowercase();
    said.split("time").skip(1).any(|rest| {
        let mut rest = rest;
        for letter in ['d', ' ', '-'] {
            rest = rest.strip_prefix(letter).unwrap_or(rest);
        }
        rest.starts_with("out")
    })
}

/// All that was seen of the program.
fn transcript(command: &str, output: &Output) -> Text {
    let (en, zh) = match (output.status.code(), output.status.signal()) {
        (Some(status), _) => (
            format!("exit status {status}"),
            format!("退出状态 {status}"),
        ),
        _ if has_printed_too_much(output) => (
            format!(
                "had to be killed: it printed more than {} MiB",
                MOST_PRINTED >> 20
            ),
            format!("打印了超过 {} MiB，只好杀掉", MOST_PRINTED >> 20),
        ),
        (None, Some(KILL)) if Deadline::of_case().has_run_out() => (
            "had to be killed: the case's time was up".to_owned(),
            "用例的时间用完了，只好杀掉".to_owned(),
        ),
        (None, Some(KILL)) => (
            "had to be killed: it gave no sign of life".to_owned(),
            "毫无动静，只好杀掉".to_owned(),
        ),
        (None, _) => {
            let Text { en, zh } = Ended::words(output.status);
            (en.into_owned(), zh.into_owned())
        }
    };
    let (stdout, stderr) = (shown(&output.stdout), shown_end(&output.stderr));
    Text::new(
        format!(
            "$ {command}\nended with        {en}\nstandard output   {stdout}\nstandard error    {stderr}"
        ),
        format!("$ {command}\n结果      {zh}\n标准输出  {stdout}\n标准错误  {stderr}"),
    )
}

/// Was it ended for that?
fn has_printed_too_much(output: &Output) -> bool {
    [&output.stdout, &output.stderr]
        .iter()
        .any(|it| it.len() >= MOST_PRINTED)
}

/// SIGKILL, by which the judge ends what hangs.
const KILL: i32 = nix::libc::SIGKILL;
/// How much of what was printed is shown, in bytes.
const SHOWN: usize = 160;

/// The beginning.
fn shown(bytes: &[u8]) -> String {
    let mut end = bytes.len().min(SHOWN);
    while !bytes.is_empty() && end < bytes.len() && bytes[end] & 0xC0 == 0x80 {
        end -= 1;
    }
    let more = if end < bytes.len() { " …" } else { "" };
    format!("{:?}{more}", String::from_utf8_lossy(&bytes[..end]))
}

/// The end, where programs say why.
fn shown_end(bytes: &[u8]) -> String {
    let mut start = bytes.len().saturating_sub(SHOWN);
    while start > 0 && start < bytes.len() && bytes[start] & 0xC0 == 0x80 {
        start += 1;
    }
    let more = if start > 0 { "… " } else { "" };
    format!("{more}{:?}", String::from_utf8_lossy(&bytes[start..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_may_end_or_not() {
        assert!(one_line("cannot") && one_line("cannot\n"));
        for other in ["", "\n", "\n\n", "a\nb", "a\n\n", "\na"] {
            assert!(!one_line(other), "{other:?}");
        }
    }

    #[test]
    fn of_much_output_the_beginning_is_shown_and_of_many_complaints_the_end() {
        let much = format!("begin\u{1b}{}end", "é".repeat(200));
        assert!(shown(much.as_bytes()).starts_with("\"begin\\u{1b}é"));
        assert!(shown_end(much.as_bytes()).starts_with("… \"é"));
        assert!(shown_end(much.as_bytes()).ends_with("éend\""));
        assert_eq!(shown_end(b"short"), "\"short\"");
    }

    #[test]
    fn a_version_is_two_numbers() {
        assert!(version("a 0.1.0\n") && version("12.34"));
        for other in ["", "1", "1.", ".1", "a.1", "1..2"] {
            assert!(!version(other), "{other:?}");
        }
    }

    #[test]
    fn a_time_out_has_many_spellings() {
        for word in [
            "timeout",
            "time-out",
            "Timed out",
            "TIMED-OUT",
            "time timeout",
        ] {
            assert!(timed_out(&format!("it {word}: 1 s")), "{word}");
        }
        for other in ["", "time", "out of time", "time's out", "time  out"] {
            assert!(!timed_out(other), "{other:?}");
        }
    }
}
