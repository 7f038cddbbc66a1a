use crate::evidence::Evidence;
use crate::program::Program;
use crate::run_to_end::run_to_end;
use crate::text::Text;
use crate::verdict::{Trouble, Verdict};
use assert_cmd::assert::Assert;
use predicates::Predicate;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};

/// A program that has run to its end, or for as long as patience lasts; what is asked of it, it is
/// asked by `assert_cmd` and `predicates`.
pub(crate) struct Ran<'a> {
    output: io::Result<Output>,
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
        let mut command = Command::new(&program.path);
        command.args(&program.arguments).args(arguments);
        Ran {
            output: run_to_end(&mut command, input.to_vec()),
            command: format!("{} {}", program.path.display(), arguments.join(" ")),
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

    /// It ended with this exit status.
    pub(crate) fn exits(&self, status: i32) -> Verdict {
        self.judge(|assert| assert.try_code(status).is_ok())
    }

    /// What it printed on standard output is so.
    pub(crate) fn prints(&self, is_so: impl Predicate<str>) -> Verdict {
        self.judge(|assert| assert.try_stdout(is_so).is_ok())
    }

    /// What it printed on standard error is so.
    pub(crate) fn complains(&self, is_so: impl Predicate<str>) -> Verdict {
        self.judge(|assert| assert.try_stderr(is_so).is_ok())
    }

    fn judge(&self, ask: impl FnOnce(Assert) -> bool) -> Verdict {
        let evidence = match &self.output {
            Err(error) => cannot_start(&self.command, error),
            Ok(output) if ask(Assert::new(output.clone())) => return Ok(()),
            Ok(output) => transcript(&self.command, output),
        };
        Err(Trouble::failed(Evidence::Note(evidence), self.meaning))
    }
}

fn cannot_start(command: &str, error: &io::Error) -> Text {
    Text::new(
        format!("cannot start {command}: {error}"),
        format!("{command} 启动不了：{error}"),
    )
}

/// All that was seen of the program.
fn transcript(command: &str, output: &Output) -> Text {
    let (en, zh) = match (output.status.code(), output.status.signal()) {
        (Some(status), _) => (
            format!("exit status {status}"),
            format!("退出状态 {status}"),
        ),
        (None, Some(KILL)) => (
            "had to be killed: it gave no sign of life".to_owned(),
            "毫无动静，只好杀掉".to_owned(),
        ),
        (None, _) => (output.status.to_string(), output.status.to_string()),
    };
    let (stdout, stderr) = (shown(&output.stdout), shown(&output.stderr));
    Text::new(
        format!(
            "$ {command}\nended with        {en}\nstandard output   {stdout}\nstandard error    {stderr}"
        ),
        format!("$ {command}\n结果      {zh}\n标准输出  {stdout}\n标准错误  {stderr}"),
    )
}

/// SIGKILL, by which the judge ends what hangs.
const KILL: i32 = nix::libc::SIGKILL;
/// How much of what was printed is shown, in bytes.
const SHOWN: usize = 160;

fn shown(bytes: &[u8]) -> String {
    let mut end = bytes.len().min(SHOWN);
    while !bytes.is_empty() && end < bytes.len() && bytes[end] & 0xC0 == 0x80 {
        end -= 1;
    }
    let more = if end < bytes.len() { " …" } else { "" };
    format!("{:?}{more}", String::from_utf8_lossy(&bytes[..end]))
}
