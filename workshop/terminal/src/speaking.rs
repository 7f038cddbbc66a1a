//! A command line that speaks one language: its help, and what is wrong with what was typed.
//!
//! What is said of a command, an option, an argument or a value stands beside it in both languages:
//! `English words（中文）`.

use crate::columns::pad;
use crate::text::{Language, Text};
use crate::told::chinese;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};
use std::error::Error as _;

/// What clap says by itself of what it adds to every command.
static BY_CLAP: [(&str, &str); 6] = [
    ("Print help", "显示帮助"),
    (
        "Print help (see more with '--help')",
        "显示帮助（--help 更详细）",
    ),
    (
        "Print help (see a summary with '-h')",
        "显示帮助（-h 只显示概要）",
    ),
    ("Print version", "显示版本"),
    (
        "Print this message or the help of the given subcommand(s)",
        "显示这份说明，或某个命令的帮助",
    ),
    ("Print help for the subcommand(s)", "要看哪个命令的帮助"),
];

/// And what it writes around it.
static AROUND_IT: [(&str, &str); 8] = [
    ("Usage: ", "用法："),
    ("Usage:", "用法："),
    ("Arguments:", "参数："),
    ("Options:", "选项："),
    ("Commands:", "命令："),
    ("[default: ", "[默认："),
    ("[possible values: ", "[可选："),
    ("[aliases: ", "[别名："),
];

/// The command with all that is said of it and of what belongs to it in one language. Of each text,
/// `English words（中文）`, one of the two is left.
pub fn speaking(mut command: Command, language: Language) -> Command {
    command.build();
    spoken(command, language)
}

fn spoken(mut command: Command, language: Language) -> Command {
    if let Some(about) = command.get_about() {
        let about = in_language(&about.to_string(), language);
        command = command.about(about);
    }
    if let Some(about) = command.get_long_about() {
        let about = in_language(&about.to_string(), language);
        command = command.long_about(about);
    }
    if let Some(help) = command.get_after_help() {
        let help = in_language(&help.to_string(), language);
        command = command.after_help(help);
    }
    command = command.mut_args(|argument| spoken_argument(argument, language));
    for inner in command.get_subcommands_mut() {
        *inner = spoken(std::mem::take(inner), language);
    }
    command
}

fn spoken_argument(mut argument: Arg, language: Language) -> Arg {
    let help = |text: Option<&clap::builder::StyledStr>| {
        text.map(|text| in_language(&text.to_string(), language))
    };
    let (short, long) = (help(argument.get_help()), help(argument.get_long_help()));
    if let Some(values) = values(&argument, language) {
        // clap would say of each value what stands beside it, in both languages.
        let short = short.clone().unwrap_or_default();
        let long = long.clone().unwrap_or_else(|| short.clone());
        let names: Vec<&str> = values.iter().map(|(name, _)| name.as_str()).collect();
        let possible = match language {
            Language::English => "[possible values: ".to_owned(),
            Language::Chinese => "[可选：".to_owned(),
        };
        let lines = values.iter().map(|(name, about)| {
            let name = pad(name, 12);
            format!("\n- {name} {about}")
        });
        let lines: String = lines.collect();
        return argument
            .hide_possible_values(true)
            .help(format!("{short} {}]", possible + &names.join(", ")))
            .long_help(format!("{long}\n{lines}"));
    }
    if let Some(short) = short {
        argument = argument.help(short);
    }
    if let Some(long) = long {
        argument = argument.long_help(long);
    }
    argument
}

/// The values that an option may have, and what is said of them; none where nothing is.
fn values(argument: &Arg, language: Language) -> Option<Vec<(String, String)>> {
    let values = argument.get_possible_values();
    let are_told = values.iter().any(|value| value.get_help().is_some());
    let told = values.iter().map(|value| {
        let help = value.get_help().map(ToString::to_string);
        let help = help.unwrap_or_default();
        (value.get_name().to_owned(), in_language(&help, language))
    });
    (are_told && !argument.is_hide_possible_values_set()).then(|| told.collect())
}

/// Of `English words（中文）`, paragraph by paragraph, one of the two.
pub fn in_language(text: &str, language: Language) -> String {
    let paragraphs = text
        .split("\n\n")
        .map(|paragraph| match (both(paragraph), language) {
            (Some((english, _)), Language::English) => english,
            (Some((_, chinese)), Language::Chinese) => chinese,
            (None, Language::English) => paragraph,
            (None, Language::Chinese) => {
                let known = BY_CLAP.iter().find(|(english, _)| *english == paragraph);
                known.map_or(paragraph, |(_, chinese)| chinese)
            }
        });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

/// What stands before the last group in full-width brackets, and in it.
fn both(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_suffix('）')?;
    let mut depth = 1;
    for (at, character) in inner.char_indices().rev() {
        match character {
            '）' => depth += 1,
            '（' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((text[..at].trim_end(), &inner[at + '（'.len_utf8()..]));
        }
    }
    None
}

/// clap's own words around what it shows, in Chinese.
fn around_it(shown: &str) -> String {
    let mut shown = shown.to_owned();
    for (english, chinese) in AROUND_IT {
        shown = shown.replace(english, chinese);
    }
    // In colour, the space behind it does not stand beside it.
    shown.replace("用法：\u{1b}[0m ", "用法：\u{1b}[0m")
}

/// clap's answer, whether it is help or says what is wrong, with escape sequences for colours.
pub(crate) fn answer(answer: &clap::Error, language: Language) -> String {
    let shown = answer.render().ansi().to_string();
    match (language, answer.kind()) {
        (Language::English, _) => shown,
        (
            _,
            ErrorKind::DisplayHelp
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            | ErrorKind::DisplayVersion,
        ) => around_it(&shown),
        _ => refusal(
            &what_is_wrong(answer),
            &tips(answer),
            answer.get(ContextKind::Usage),
        ),
    }
}

/// A refusal of our own, as clap's are.
pub(crate) fn refused(command: &mut Command, what: &Text, language: Language) -> String {
    let usage = ContextValue::StyledStr(command.render_usage());
    match language {
        Language::English => {
            let error = command.error(ErrorKind::ValueValidation, &what.en);
            error.render().ansi().to_string()
        }
        Language::Chinese => refusal(&what.zh, &[], Some(&usage)),
    }
}

/// In the order and the colours of clap's.
fn refusal(what: &str, tips: &[String], usage: Option<&ContextValue>) -> String {
    let error = console::Style::new().red().bold().force_styling(true);
    let tip = console::Style::new().green().force_styling(true);
    let mut lines = vec![format!("{}{what}", error.apply_to("错误："))];
    if !tips.is_empty() {
        lines.push(String::new());
    }
    lines.extend(
        tips.iter()
            .map(|words| format!("  {}{words}", tip.apply_to("提示："))),
    );
    if let Some(ContextValue::StyledStr(usage)) = usage {
        lines.push(format!("\n{}", around_it(&usage.ansi().to_string())));
    }
    lines.push("\n详细说明请看 --help".to_owned());
    lines.join("\n")
}

fn what_is_wrong(answer: &clap::Error) -> String {
    let get = |kind| answer.get(kind).map(listed);
    let argument = get(ContextKind::InvalidArg).unwrap_or_default();
    let value = get(ContextKind::InvalidValue).unwrap_or_default();
    let command = get(ContextKind::InvalidSubcommand).unwrap_or_default();
    let which = |name| {
        let values = get(name).filter(|values| !values.is_empty());
        values.map_or(String::new(), |values| format!("\n  [可选：{values}]"))
    };
    match answer.kind() {
        ErrorKind::UnknownArgument if argument.starts_with('-') => {
            format!("没有 {argument} 这个选项")
        }
        ErrorKind::UnknownArgument => format!("多了一个参数 {argument}"),
        ErrorKind::InvalidSubcommand => format!("没有 {command} 这个命令"),
        ErrorKind::MissingRequiredArgument => format!("还缺 {argument}"),
        ErrorKind::MissingSubcommand => {
            format!(
                "{command} 后面还缺一个命令{}",
                which(ContextKind::ValidSubcommand)
            )
        }
        ErrorKind::InvalidValue if value.is_empty() => {
            format!("{argument} 还缺一个值{}", which(ContextKind::ValidValue))
        }
        ErrorKind::InvalidValue => format!(
            "{argument} 没有 {value} 这个值{}",
            which(ContextKind::ValidValue)
        ),
        ErrorKind::ValueValidation => {
            let why = answer.source().map(chinese);
            let why = why.map_or(String::new(), |why| format!("：{why}"));
            format!("{argument} 不能是 {value}{why}")
        }
        ErrorKind::ArgumentConflict => match get(ContextKind::PriorArg) {
            Some(prior) if prior == argument => format!("{argument} 只能写一次"),
            Some(prior) => format!("{argument}{command} 不能和 {prior} 一起用"),
            None => format!("{argument}{command} 不能和别的选项一起用"),
        },
        ErrorKind::TooManyValues => format!("{argument} 多了一个值 {value}"),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("{argument} 的值，个数不对")
        }
        ErrorKind::NoEquals => format!("{argument} 和它的值之间要写等号"),
        ErrorKind::InvalidUtf8 => "命令行里有不是 UTF-8 的字节".to_owned(),
        _ => format!("原话是“{}”", answer.to_string().trim_end()),
    }
}

fn listed(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(all) => all.join(", "),
        other => other.to_string(),
    }
}

fn tips(answer: &clap::Error) -> Vec<String> {
    let meant = [
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedArg,
        ContextKind::SuggestedValue,
    ];
    let meant = meant.into_iter().filter_map(|kind| answer.get(kind));
    let mut tips: Vec<String> = meant
        .map(|meant| format!("你要写的可能是 {}", listed(meant)))
        .collect();
    let argument = answer.get(ContextKind::InvalidArg).map(listed);
    if let Some(ContextValue::StyledStrs(all)) = answer.get(ContextKind::Suggested)
        && let Some(argument) = argument
        && all.iter().any(|tip| tip.to_string().contains("as a value"))
    {
        tips.push(format!("如果它是参数，不是选项，请写成 -- {argument}"));
    }
    tips
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_brackets_hold_the_chinese() {
        for (text, english, chinese) in [
            ("One step（一步）", "One step", "一步"),
            ("It (all) （全部（含测试））", "It (all)", "全部（含测试）"),
            ("A（甲）\n\nB（乙）", "A\n\nB", "甲\n\n乙"),
            ("no other", "no other", "no other"),
            ("Print version", "Print version", "显示版本"),
        ] {
            assert_eq!(in_language(text, Language::English), english);
            assert_eq!(in_language(text, Language::Chinese), chinese);
        }
    }
}
