//! What somebody sees who writes: one thing to mend at a time, the tasks, what is new, the keys.

use super::known::Known;
use super::watched::Watched;
use crate::commands::grade::{Since, compare_words, next_words};
use crate::commands::hint::paragraph;
use console::Style;
use grader::Graded;
use grader::report::{Painter, Score, TaskScore};
use grader::step::Task;
use std::time::Duration;
use terminal::{Language, Terminal};

/// What is in the middle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Panel {
    /// What is to be mended, or written.
    Verdict,
    /// The last hint that was asked for, of so many.
    Hint(Vec<String>),
    /// Everything that fails.
    All,
    /// Words that somebody asked for.
    Words(String),
}

/// How far a round is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// What cargo says, if it says something.
    Building(String),
    /// Cases are judged.
    Judging,
    /// It took so long.
    Ended(Duration),
    /// What the compiler said.
    NotBuilt(String),
    /// What kept it from judging.
    Failed(String),
}

/// All that is shown.
pub(super) struct View {
    pub(super) panel: Panel,
    /// Which page of it is shown, where it is too long for the terminal.
    pub(super) page: usize,
    pub(super) state: State,
    /// What has changed since the last round, when this one is done.
    pub(super) since: Vec<Since>,
    /// The tasks that this round has passed for the first time, by their place.
    pub(super) just_passed: Vec<usize>,
    /// The task in hand, by its place; none when all are passed.
    pub(super) in_hand: Option<usize>,
    /// It has not been begun: what is to be written is shown, not what fails.
    pub(super) is_to_be_written: bool,
    /// Looks for saves, and is not told.
    pub(super) is_looking: bool,
}

impl View {
    /// In so many rows, or in as many as it takes.
    pub(super) fn lines(
        &self,
        terminal: &Terminal,
        watched: &Watched,
        known: &Known,
        size: Option<(usize, usize)>,
    ) -> Vec<String> {
        let columns = size.map_or(100, |(_, columns)| columns);
        let drawing = Drawing {
            terminal,
            watched,
            known,
            view: self,
            scores: known.scores(),
            painter: Painter {
                columns: columns - columns.min(INDENTATION),
                ..Painter::of(terminal).at_step(watched.step.number)
            },
        };
        drawing.lines(size.map(|(rows, _)| rows))
    }
}

/// What stands before each line.
const INDENTATION: usize = 2;

struct Drawing<'a> {
    terminal: &'a Terminal,
    watched: &'a Watched,
    known: &'a Known,
    view: &'a View,
    scores: Vec<TaskScore<'a>>,
    painter: Painter,
}

impl Drawing<'_> {
    fn lines(&self, rows: Option<usize>) -> Vec<String> {
        let (head, mut foot) = (self.head(), self.foot());
        if rows.is_some() {
            foot.push(String::new());
            foot.push(self.keys());
        }
        let body = self.body();
        let body = match rows {
            None => body,
            Some(rows) => self.fit(body, rows.saturating_sub(head.len() + foot.len() + 2)),
        };
        let gap = [String::new()];
        let mut all = [&head[..], &gap, &body, &gap, &foot].concat();
        if let Some(rows) = rows.filter(|rows| all.len() > *rows) {
            // Of a terminal that is too low for all of it, what is in the middle.
            all = body;
            all.truncate(rows);
        }
        all.iter()
            .flat_map(|line| line.split('\n'))
            .map(|line| match line {
                "" => String::new(),
                line => format!("  {line}"),
            })
            .collect()
    }

    fn say<'a>(&self, en: &'a str, zh: &'a str) -> &'a str {
        self.terminal.say(en, zh)
    }

    /// The lines that there is room for; what is left out is told.
    fn fit(&self, lines: Vec<String>, room: usize) -> Vec<String> {
        let lines: Vec<String> = lines
            .iter()
            .flat_map(|block| block.split('\n').map(str::to_owned))
            .collect();
        let room = room.max(LEAST_ROWS);
        if lines.len() <= room {
            return lines;
        }
        // The last page is followed by the first.
        let page = room - 1;
        let from = self.view.page % lines.len().div_ceil(page) * page;
        let mut shown: Vec<String> = lines[from..].iter().take(page).cloned().collect();
        let more = lines.len() - from - shown.len();
        let more = match (self.terminal.language, more) {
            (Language::English, 0) => "… from the beginning: space".to_owned(),
            (Language::Chinese, 0) => "…… 回到开头：按空格".to_owned(),
            (Language::English, more) => format!("… {more} more lines: space"),
            (Language::Chinese, more) => format!("…… 还有 {more} 行：按空格"),
        };
        shown.push(self.terminal.dim(&more));
        shown
    }

    /// What is watched, and how far it is.
    fn head(&self) -> Vec<String> {
        let title = self.watched.step.title.get(self.terminal.language);
        let name = self.terminal.bold(&self.watched.shown());
        vec![
            format!("{name} · {title}"),
            self.terminal.dim(&self.state()),
        ]
    }

    fn state(&self) -> String {
        let (judged, expected) = self.known.how_far();
        match (&self.view.state, self.terminal.language) {
            (State::Building(said), Language::English) => format!("building  {said}"),
            (State::Building(said), Language::Chinese) => format!("正在构建  {said}"),
            (State::Judging, Language::English) => format!("judging  {judged} of {expected}"),
            (State::Judging, Language::Chinese) => {
                format!("正在评分  {expected} 个用例评了 {judged} 个")
            }
            (State::Ended(took), language) => {
                let took = took.as_secs_f64();
                let waits = match (language, self.view.is_looking) {
                    (Language::English, false) => "waiting for a save",
                    (Language::English, true) => "looking for a save",
                    (Language::Chinese, false) => "等你保存",
                    (Language::Chinese, true) => "反复查看有没有保存",
                };
                match language {
                    Language::English => format!("judged in {took:.1} s; {waits}"),
                    Language::Chinese => format!("评分用了 {took:.1} 秒；{waits}"),
                }
            }
            (State::NotBuilt(_), Language::English) => "it does not build".to_owned(),
            (State::NotBuilt(_), Language::Chinese) => "编译不通过".to_owned(),
            (State::Failed(_), Language::English) => "it cannot be judged".to_owned(),
            (State::Failed(_), Language::Chinese) => "没法评分".to_owned(),
        }
    }

    fn body(&self) -> Vec<String> {
        match &self.view.panel {
            Panel::Hint(lines) => return lines.clone(),
            Panel::Words(words) => return self.paragraph(words),
            Panel::All => return self.all(),
            Panel::Verdict => {}
        }
        match &self.view.state {
            State::NotBuilt(said) if said.contains("SIGKILL") => {
                return self.paragraph(self.say(
                    "The compiler was killed (SIGKILL): has this machine enough memory? r tries again.",
                    "编译器被杀掉了（SIGKILL）：这台机器的内存够吗？按 r 再试一次。",
                ));
            }
            State::NotBuilt(said) => return vec![from_first_error(said)],
            State::Failed(said) => return self.paragraph(said),
            State::Building(_) | State::Judging | State::Ended(_) => {}
        }
        let lost = self.known.lost();
        if !lost.is_empty() {
            let words = self.say(
                "Something is lost: look first at what you have changed since.",
                "原来通过的现在不通过了：先看看你刚改了什么。",
            );
            return [vec![words.to_owned(), String::new()], self.finding(&lost)].concat();
        }
        let done = self.view.just_passed.iter();
        let done: Vec<String> = done.flat_map(|&place| self.is_done(place)).collect();
        let tasks = &self.watched.step.tasks;
        match self.view.in_hand.and_then(|place| tasks.get(place)) {
            Some(task) => [done, self.in_hand(task)].concat(),
            None if self.watched.has_tasks() => {
                [self.all_done(), vec![String::new()], done].concat()
            }
            None => self.whole(),
        }
    }

    /// A task is passed: that is said, and how to compare.
    fn is_done(&self, place: usize) -> Vec<String> {
        let score = self.scores.iter().find(|score| score.place == place + 1);
        let Some(score) = score.filter(|_| self.watched.is_in_rust()) else {
            return Vec::new();
        };
        let words = compare_words(&self.watched.step, score);
        let mark = self.painter.paint(Style::new().green(), "✓");
        let words = words.get(self.terminal.language);
        vec![format!("{mark} {words}"), String::new()]
    }

    fn all_done(&self) -> Vec<String> {
        let allowed = self.watched.allows_warnings();
        let words = next_words(&self.watched.step, allowed, None, true, false);
        self.paragraph(words.get(self.terminal.language))
    }

    /// What this round has judged of the task at this place, or of everything.
    fn fresh(&self, place: Option<usize>) -> Vec<Graded> {
        let fresh = self.known.fresh(place).into_iter();
        fresh.map(|(_, graded)| graded.clone()).collect()
    }

    /// What fails of the task in hand, or what is to be written.
    fn in_hand(&self, task: &Task) -> Vec<String> {
        let finding = self.finding(&self.fresh(self.view.in_hand));
        if self.view.is_to_be_written || finding.is_empty() {
            return self.to_be_written(task);
        }
        finding
    }

    fn finding(&self, graded: &[Graded]) -> Vec<String> {
        let blocks = self.painter.first_finding(graded);
        let gap = "\n\n";
        match blocks.is_empty() {
            true => Vec::new(),
            false => blocks.join(gap).split('\n').map(str::to_owned).collect(),
        }
    }

    fn to_be_written(&self, task: &Task) -> Vec<String> {
        let step = &self.watched.step;
        let place = 1 + step
            .tasks
            .iter()
            .position(|it| it.slug == task.slug)
            .unwrap_or(0);
        let title = task.title.get(self.terminal.language);
        let (read, write) = (self.say("read", "读"), self.say("write", "写"));
        let head = match self.terminal.language {
            Language::English => format!("Task {place}, {title} ({} minutes)", task.minutes),
            Language::Chinese => format!("任务 {place}“{title}”（{} 分钟）", task.minutes),
        };
        let mut lines = vec![self.terminal.bold(&head)];
        let label = |word: &str| self.terminal.accent(&terminal::pad(word, 6));
        lines.push(format!(
            "{}{}.html#{}   (c)",
            label(read),
            step.folder(),
            task.section
        ));
        let mut files: Vec<&str> = Vec::new();
        for file in task.regions.iter().map(starter::file_of) {
            if !files.contains(&file) {
                files.push(file);
            }
        }
        let shown = self.watched.shown();
        match self.watched.is_in_rust() {
            true => lines.extend(files.iter().enumerate().map(|(place, file)| {
                let word = if place == 0 { write } else { "" };
                format!("{}{shown}/{file}", label(word))
            })),
            false => lines.push(format!("{}{shown}", label(write))),
        }
        lines.push(String::new());
        lines.extend(self.paragraph(task.words.get(self.terminal.language)));
        lines
    }

    /// Of a program without tasks, all of it is in hand.
    fn whole(&self) -> Vec<String> {
        let finding = self.finding(&self.fresh(None));
        match (finding.is_empty(), &self.view.state) {
            (true, State::Ended(_)) => vec![self.say("all of it passes", "全部通过").to_owned()],
            (true, _) => vec![
                self.say("so far all of it passes", "到目前为止全部通过")
                    .to_owned(),
            ],
            (false, _) => finding,
        }
    }

    /// Everything that fails.
    fn all(&self) -> Vec<String> {
        let blocks = self.known.programs().flat_map(|(name, graded)| {
            let blocks = self.painter.what_to_mend(graded);
            let head = (!blocks.is_empty()).then(|| self.terminal.bold(name));
            head.into_iter().chain(blocks).collect::<Vec<_>>()
        });
        let blocks: Vec<String> = blocks.collect();
        match blocks.is_empty() {
            true => vec![self.say("nothing fails", "没有不通过的用例").to_owned()],
            false => blocks.join("\n\n").split('\n').map(str::to_owned).collect(),
        }
    }

    /// The tasks or the points, and what is new.
    fn foot(&self) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        if !self.known.is_complete() {
            return lines;
        }
        if self.watched.has_tasks() && !self.scores.is_empty() {
            lines.extend(self.scores.iter().map(|score| {
                let is_in_hand = self.view.in_hand == Some(score.place - 1);
                let pointer = if is_in_hand { "›" } else { " " };
                format!("{pointer} {}", self.painter.task(score))
            }));
            lines.push(self.painter.bar(&self.scores));
        } else if !self.watched.has_tasks() {
            let graded: Vec<_> = self
                .known
                .programs()
                .flat_map(|(_, graded)| graded.to_vec())
                .collect();
            lines.push(self.painter.score(&Score::of(&graded)));
        }
        let since = self.view.since.iter().filter_map(Since::told);
        lines.extend(since.flat_map(|since| self.paragraph(since.get(self.terminal.language))));
        lines
    }

    fn keys(&self) -> String {
        let tasks = [("h", "hint", "提示"), ("n", "next task", "下一个任务")];
        let others = [
            ("a", "all", "全部"),
            ("r", "run again", "再跑一遍"),
            ("c", "chapter", "看书"),
            ("q", "quit", "退出"),
        ];
        let tasks = if self.watched.has_tasks() {
            &tasks[..]
        } else {
            &[]
        };
        let keys = tasks
            .iter()
            .chain(&others)
            .map(|(key, en, zh)| format!("{} {}", self.terminal.accent(key), self.say(en, zh)));
        keys.collect::<Vec<_>>().join("   ")
    }

    fn paragraph(&self, words: &str) -> Vec<String> {
        paragraph(words, self.painter.columns + INDENTATION)
    }
}

/// At least so many rows of the middle are shown.
const LEAST_ROWS: usize = 3;
/// What the compiler said, from its first error on: warnings that stand before it matter less.
fn from_first_error(said: &str) -> String {
    let said = terminal::harmless(said);
    let lines: Vec<&str> = said.lines().collect();
    let first = lines.iter().position(|line| line.starts_with("error"));
    lines[first.unwrap_or(0)..].join("\n")
}
