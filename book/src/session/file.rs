//! A session file as it is read: marks, notes and outputs.

use std::ops::Range;

use crate::edition::Edition;

/// The port at which every server of a session listens, as the file says it.
pub const PORT: &str = "40713";

/// A session file, or a region of one.
#[derive(Debug, Default)]
pub struct Session {
    /// Programs that must be on the PATH.
    pub needs: Vec<String>,
    /// Commands that build what is typed later, so that nothing is compiled in a terminal.
    pub builds: Vec<String>,
    /// What happens, in order.
    pub marks: Vec<Mark>,
}

/// Something done in a terminal, and what the terminal then showed.
#[derive(Debug)]
pub struct Mark {
    /// The mark's line in the file, counted from 1.
    pub line: usize,
    /// The terminal's number; `None` for one that needs no name.
    pub terminal: Option<u8>,
    /// What is done.
    pub action: Action,
    /// What was noted before it.
    pub notes: Vec<Note>,
    /// What is shown.
    pub output: Output,
    /// What is shown instead where Chinese is asked for; `None`, if that is the same.
    pub chinese: Option<Output>,
}

/// What a terminal showed.
#[derive(Debug)]
pub struct Output {
    /// Without blank lines at either end.
    pub lines: Vec<String>,
    /// Those lines in the file, counted from 1; empty, where they would stand.
    pub place: Range<usize>,
}

/// Stands between an output and what is shown in its place where Chinese is asked for.
pub const CHINESE: &str = "# in Chinese";

/// What is done in a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A command is typed at the prompt.
    Command(String),
    /// A line is typed into the program that runs.
    Input(String),
    /// A key is pressed together with Ctrl.
    Control(char),
    /// Nothing: more output is awaited.
    More,
}

/// How a mark is to be played and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// The command starts a server: it is given a free port, which stands for [`PORT`] from then on.
    Server,
    /// The command talks to that server: it is given the address.
    Client,
    /// The command is typed again until it shows what is expected.
    Again,
    /// Numbers and the width of gaps are not compared.
    NumbersVary,
    /// Numbers of four digits and more, ports and limits of the machine, are not compared except [`PORT`],
    /// nor is the width of gaps.
    PortsVary,
    /// The order of the lines is not compared.
    AnyOrder,
    /// The output is neither kept nor compared. That a command succeeds is asked for all the same.
    OutputNotShown,
    /// The command is for the reader alone; the reason stands behind the note.
    NotRun,
}

impl Note {
    const ALL: [(&str, Note); 8] = [
        ("server", Note::Server),
        ("client", Note::Client),
        ("again", Note::Again),
        ("numbers vary", Note::NumbersVary),
        ("ports vary", Note::PortsVary),
        ("in any order", Note::AnyOrder),
        ("output not shown", Note::OutputNotShown),
        ("not run", Note::NotRun),
    ];
}

impl Mark {
    /// Was this noted?
    pub fn has(&self, note: Note) -> bool {
        self.notes.contains(&note)
    }

    /// What an edition's reader is shown. Side by side, that is the English.
    pub fn shown(&self, edition: Edition) -> &[String] {
        let chinese = self
            .chinese
            .as_ref()
            .filter(|_| edition == Edition::Chinese);
        &chinese.unwrap_or(&self.output).lines
    }
}

impl Output {
    /// Empty, and would stand at this line.
    fn at(line: usize) -> Output {
        Output {
            lines: Vec::new(),
            place: line..line,
        }
    }

    fn add(&mut self, number: usize, line: &str) {
        let blank = line.trim().is_empty();
        if blank && self.lines.is_empty() {
            return;
        }
        if self.lines.is_empty() {
            self.place.start = number;
        }
        self.lines.push(line.trim_end().to_owned());
        if !blank {
            self.place.end = number + 1;
        }
    }
}

impl Session {
    /// Does any terminal show something else where Chinese is asked for?
    pub fn differs_in_chinese(&self) -> bool {
        self.marks.iter().any(|mark| mark.chinese.is_some())
    }
}

/// What is wrong with a session file, and at which of its lines.
pub type Mistake = (usize, String);

/// Reads a session file.
///
/// # Errors
///
/// All lines that cannot be meant as they stand.
pub fn parse(text: &str) -> Result<Session, Vec<Mistake>> {
    let lines = text.lines().enumerate();
    parse_lines(lines.map(|(at, line)| (at + 1, line)))
}

/// The same for a region, whose lines have the numbers that they have in the file.
pub(crate) fn parse_lines<'a>(
    lines: impl Iterator<Item = (usize, &'a str)>,
) -> Result<Session, Vec<Mistake>> {
    let mut reader = Reader::default();
    for (number, line) in lines {
        reader.read(number, line);
    }
    reader.finish()
}

#[derive(Default)]
struct Reader {
    session: Session,
    notes: Vec<Note>,
    noted_at: usize,
    /// The mark above this line may still show something: nothing else has come in between.
    showing: bool,
    mistakes: Vec<Mistake>,
}

impl Reader {
    fn read(&mut self, number: usize, line: &str) {
        if let Some(mark) = mark(number, line) {
            self.begin(mark);
        } else if line.trim_end() == CHINESE {
            self.begin_chinese(number);
        } else if let Some(note) = line.strip_prefix("# ") {
            self.showing = false;
            if let Err(what) = self.note(number, note) {
                self.mistakes.push((number, what));
            }
        } else {
            self.output(number, line);
        }
    }

    fn begin(&mut self, mut mark: Mark) {
        mark.notes = std::mem::take(&mut self.notes);
        let is_command = matches!(mark.action, Action::Command(_));
        let on_any = [
            Note::NumbersVary,
            Note::PortsVary,
            Note::AnyOrder,
            Note::OutputNotShown,
        ];
        if !is_command && mark.notes.iter().any(|note| !on_any.contains(note)) {
            let what = "this note is for commands, and what follows is none";
            self.mistakes.push((self.noted_at, what.to_owned()));
        }
        self.session.marks.push(mark);
        self.showing = true;
    }

    fn begin_chinese(&mut self, number: usize) {
        let mark = self.session.marks.last_mut().filter(|_| self.showing);
        match mark {
            Some(mark) if mark.chinese.is_none() && !mark.output.lines.is_empty() => {
                mark.chinese = Some(Output::at(number + 1));
            }
            _ => {
                let what = format!("`{CHINESE}` stands below an output, once");
                self.mistakes.push((number, what));
            }
        }
    }

    fn note(&mut self, number: usize, note: &str) -> Result<(), String> {
        let (name, rest) = note.split_once(':').unwrap_or((note, ""));
        let (name, rest) = (name.trim(), rest.trim());
        match name {
            "ANCHOR" | "ANCHOR_END" => return Ok(()),
            "needs" => self
                .session
                .needs
                .extend(rest.split_whitespace().map(str::to_owned)),
            "build" => self.session.builds.push(rest.to_owned()),
            _ => {
                let known = Note::ALL.iter().find(|(known, _)| *known == name);
                let Some(&(_, note)) = known else {
                    let known: Vec<&str> = Note::ALL.iter().map(|(name, _)| *name).collect();
                    let known = known.join(", ");
                    return Err(format!(
                        "there is no note {name:?}, write needs, build, {known}, and a reason after a colon"
                    ));
                };
                if note == Note::NotRun && rest.is_empty() {
                    return Err("why is it not run? write `# not run: the reason`".to_owned());
                }
                self.notes.push(note);
                self.noted_at = number;
            }
        }
        Ok(())
    }

    fn output(&mut self, number: usize, line: &str) {
        let blank = line.trim().is_empty();
        let Some(mark) = self.session.marks.last_mut().filter(|_| self.showing) else {
            if !blank {
                let what = "an output without a mark above it, write for example `1>` before it";
                self.mistakes.push((number, what.to_owned()));
            }
            return;
        };
        mark.chinese
            .as_mut()
            .unwrap_or(&mut mark.output)
            .add(number, line);
    }

    fn finish(mut self) -> Result<Session, Vec<Mistake>> {
        for mark in &mut self.session.marks {
            let outputs = [Some(&mut mark.output), mark.chinese.as_mut()];
            for Output { lines, place } in outputs.into_iter().flatten() {
                lines.truncate(place.len());
            }
            let mute = mark.has(Note::OutputNotShown) || mark.has(Note::NotRun);
            if mute && !mark.output.lines.is_empty() {
                let what =
                    "by its note this command shows nothing; take the note or the output away";
                self.mistakes.push((mark.line, what.to_owned()));
            }
        }
        if !self.notes.is_empty() {
            let what = "nothing follows this note";
            self.mistakes.push((self.noted_at, what.to_owned()));
        }
        if self.mistakes.is_empty() {
            Ok(self.session)
        } else {
            Err(self.mistakes)
        }
    }
}

/// The mark that a line begins with, if it does; an output must not look like one.
pub fn mark(number: usize, line: &str) -> Option<Mark> {
    let digit = line.chars().next().and_then(|c| c.to_digit(10));
    let terminal = digit.and_then(|digit| u8::try_from(digit).ok());
    let rest = line.get(usize::from(digit.is_some())..)?;
    let action = if let Some(command) = rest.strip_prefix("$ ") {
        Action::Command(command.trim_end().to_owned())
    } else if let Some(input) = rest.strip_prefix("< ") {
        Action::Input(input.to_owned())
    } else if let Some(key) = rest.strip_prefix('^') {
        let mut keys = key.trim_end().chars();
        let key = keys.next().filter(char::is_ascii_uppercase)?;
        keys.next().is_none().then_some(Action::Control(key))?
    } else if rest.trim_end() == ">" {
        Action::More
    } else {
        return None;
    };
    Some(Mark {
        line: number,
        terminal,
        action,
        notes: Vec::new(),
        output: Output::at(number + 1),
        chinese: None,
    })
}
