use super::server_bug::Bug::{self, DoubleNewline, ForkFdLeak, HoldsMuch, LetterN, SigpipeDeath};
use super::server_bug::Bug::{RemembersAnswers, TailLost, TailWithNewline, UnboundedOutput};
use super::{SERVER, slug_of};
use grader::Outcome;
use grader::report::Painter;
use libtest_mimic::{Failed, Trial};
use terminal::Language;

/// A case, a bug, and what a learner reads of it: lines of the evidence.
struct Rendered {
    case: &'static str,
    bug: Bug,
    en: &'static [&'static str],
    zh: &'static [&'static str],
}

const RENDERED: &[Rendered] = &[
    Rendered {
        case: "half-close-tail",
        bug: TailLost,
        en: &[
            r#"    sent      "abc\ndef" then FIN"#,
            r#"    expected  "nop\nqrs" then FIN"#,
            r#"    received  "nop\n"    then FIN"#,
            r#"                    ^ 3 bytes missing"#,
        ],
        zh: &[
            r#"    发出      "abc\ndef" 然后 FIN"#,
            r#"    应为      "nop\nqrs" 然后 FIN"#,
            r#"    收到      "nop\n"    然后 FIN"#,
            r#"                    ^ 缺 3 字节"#,
        ],
    },
    // The caret comes at once: nobody waited for an end after a byte too many.
    Rendered {
        case: "half-close-tail",
        bug: TailWithNewline,
        en: &[
            r#"    received  "nop\nqrs\n""#,
            r#"                       ^ 1 byte too many"#,
        ],
        zh: &[
            r#"    收到      "nop\nqrs\n""#,
            r#"                       ^ 多出 1 字节"#,
        ],
    },
    Rendered {
        case: "half-close",
        bug: ForkFdLeak,
        en: &[r#"    received  "nop\n" then nothing"#],
        zh: &[r#"    收到      "nop\n" 然后没有动静"#],
    },
    Rendered {
        case: "every-byte",
        bug: LetterN,
        en: &[
            r#"    received  62 bytes … ">?@NOPQRSTUVWXYZNBCDEFGHIJKLM[\\]^_`nopq" … 156 bytes more"#,
            r#"                                          ^ "#,
        ],
        zh: &[
            r#"    收到      前面 62 字节 … ">?@NOPQRSTUVWXYZNBCDEFGHIJKLM[\\]^_`nopq" … 后面还有 156 字节"#,
            r#"                                              ^ "#,
        ],
    },
    Rendered {
        case: "max-line",
        bug: DoubleNewline,
        en: &[
            r#"    expected  16,370 bytes … "defghijklmnopq\n""#,
            r#"    received  16,370 bytes … "defghijklmnopq\n\n""#,
            r#"                                              ^ 1 byte too many"#,
        ],
        zh: &[
            r#"    收到      前面 16,370 字节 … "defghijklmnopq\n\n""#,
            r#"                                                  ^ 多出 1 字节"#,
        ],
    },
    Rendered {
        case: "reset-client",
        bug: SigpipeDeath,
        en: &["    (the server is dead: killed by SIGPIPE)"],
        zh: &["    （服务器已经死了：被 SIGPIPE 杀死）"],
    },
    Rendered {
        case: "unread-client",
        bug: UnboundedOutput,
        en: &[
            "    expected  a client that sends and reads nothing is held back",
            "    found     all of its 64 MiB were taken: nothing held it back",
        ],
        zh: &[
            "    应为      只发不读的客户端会被拦住",
            "    实为      它的 64 MiB 全都收下了，没有拦住它",
        ],
    },
    Rendered {
        case: "unread-client",
        bug: HoldsMuch,
        en: &["    expected  the server holds less than 2 MiB for a client that reads nothing"],
        zh: &["    应为      客户端什么也不读，服务器为它存着的不到 2 MiB"],
    },
    Rendered {
        case: "unread-client",
        bug: RemembersAnswers,
        en: &["    expected  the server's processes grow by less than 2 MiB"],
        zh: &["    应为      服务器全部进程的内存增长不到 2 MiB"],
    },
];

pub(crate) fn tests() -> Vec<Trial> {
    let tests = RENDERED.iter().map(|rendered| {
        let name = format!("rendered::{}::{}", slug_of(&rendered.bug), rendered.case);
        Trial::test(name, || rendered.is_so())
    });
    tests.collect()
}

impl Rendered {
    fn is_so(&self) -> Result<(), Failed> {
        let case = SERVER.case(self.case).ok_or("there is no such case")?;
        let graded = case.grade(&SERVER.program(&slug_of(&self.bug)));
        if let Outcome::Skipped(_) = graded.outcome {
            return Ok(());
        }
        for (language, lines) in [(Language::English, self.en), (Language::Chinese, self.zh)] {
            let text = Painter::plain(language).failure(&graded);
            let all: Vec<&str> = text.lines().collect();
            let is_so =
                |window: &[&str]| window.iter().zip(lines).all(|(line, so)| is_so(line, so));
            if !all.windows(lines.len()).any(is_so) {
                return Err(format!("expected\n{}\nin\n{text}", lines.join("\n")).into());
            }
        }
        Ok(())
    }
}

/// A line that ends with the caret may go on in any words.
fn is_so(line: &str, so: &str) -> bool {
    line == so || so.ends_with("^ ") && line.starts_with(so)
}
