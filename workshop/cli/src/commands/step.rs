//! `step`: one step as a lesson, from what to read to what comes next.

mod conversation;
mod pages;

use super::chapter;
use super::grade::{self, passed};
use super::hint::{first_open, paragraph};
use super::solution;
use super::start;
use super::watch;
use crate::kept;
use anyhow::Result;
use clap::ValueEnum;
use grader::step::{Step, Steps};
use pages::Chapter;
use starter::StepCopy;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use terminal::{Explain, Language, Terminal, Text, text, workspace};

/// Which lesson.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The step: its number or name, as in 2 or fork（哪一步：编号或名字，例如 2 或 fork）
    step: String,
    /// Begin here, and not where it was left: read, predict, run, write, judge, compare, check or next
    /// （从这里开始，而不是上次停下的地方：read、predict、run、write、judge、compare、check 或 next）
    #[arg(long, value_enum, value_name = "PLACE")]
    at: Option<Place>,
}

/// The parts of a lesson, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Place {
    /// Read the chapter（读这一章）
    Read,
    /// Predict what will happen（先猜会怎样）
    Predict,
    /// Run the step, and talk to it（跑起来，和它对话）
    Run,
    /// Write it（自己写）
    Write,
    /// Have it judged（评分）
    Judge,
    /// Compare it with the tutorial's own（和教程的写法对照）
    Compare,
    /// Check yourself（检查自己）
    Check,
    /// What comes next（接下来）
    Next,
}

impl Place {
    /// Its lasting name.
    fn slug(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    fn title(self) -> Text {
        match self {
            Place::Read => text("Read", "读"),
            Place::Predict => text("Predict", "先猜"),
            Place::Run => text("Run", "跑起来"),
            Place::Write => text("Write", "自己写"),
            Place::Judge => text("The judge", "评分"),
            Place::Compare => text("Compare", "对照"),
            Place::Check => text("Check yourself", "检查自己"),
            Place::Next => text("Next", "接下来"),
        }
    }

    fn after(self) -> Option<Place> {
        let all = Place::value_variants();
        let place = all.iter().position(|it| *it == self)?;
        all.get(place + 1).copied()
    }
}

/// `step STEP`: goes on where the lesson was left, until it is over or somebody stops it.
///
/// # Errors
///
/// When there is no such step, or a part of the lesson cannot be had.
pub(crate) fn step(terminal: &Terminal, options: &Options) -> Result<ExitCode> {
    let steps = Steps::read()?;
    let (step, _) = steps.find(&options.step)?;
    let left = kept::read(&steps)?;
    let left = left
        .lesson(&step.slug)
        .and_then(|slug| Place::from_str(slug, false).ok());
    let mut place = options.at.or(left).unwrap_or(Place::Read);
    let lesson = Lesson {
        terminal,
        steps: &steps,
        step,
        chapter: Chapter::read(step, terminal.language)?,
    };
    lesson.begin(place)?;
    loop {
        kept::change(&steps, |progress| {
            progress.set_lesson(&step.slug, &place.slug())
        })?;
        if lesson.hold(place)? == Answer::Stop {
            return lesson.stop();
        }
        let Some(after) = place.after() else {
            return Ok(ExitCode::SUCCESS);
        };
        place = after;
    }
}

/// What somebody wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// What is offered, or to go on.
    Yes,
    /// To go on without it.
    Skip,
    /// To go on another time.
    Stop,
}

struct Lesson<'a> {
    terminal: &'a Terminal,
    steps: &'a Steps,
    step: &'a Step,
    chapter: Chapter,
}

impl Lesson<'_> {
    fn say<'b>(&self, en: &'b str, zh: &'b str) -> &'b str {
        self.terminal.say(en, zh)
    }

    /// Which lesson it is, and where one is in it.
    fn begin(&self, place: Place) -> Result<()> {
        let title = self.step.title.get(self.terminal.language);
        let number = format!("{:02}", self.step.number);
        self.print(&format!(
            "\n  {}  {}",
            self.terminal.bold(&number),
            self.terminal.bold(title)
        ))?;
        let names = Place::value_variants().iter().map(|it| {
            let title = it.title();
            let title = title.get(self.terminal.language);
            match *it == place {
                true => self.terminal.accent(title),
                false => self.terminal.dim(title),
            }
        });
        let names: Vec<String> = names.collect();
        self.print(&format!("  {}", names.join(" · ")))
    }

    fn hold(&self, place: Place) -> Result<Answer> {
        let title = place.title();
        let title = title.get(self.terminal.language);
        self.print(&format!("\n  {}\n", self.terminal.bold(title)))?;
        match place {
            Place::Read => self.read(),
            Place::Predict => self.predict(),
            Place::Run => self.run(),
            Place::Write => self.write(),
            Place::Judge => self.judge(),
            Place::Compare => self.compare(),
            Place::Check => self.check(),
            Place::Next => self.next(),
        }
    }

    fn read(&self) -> Result<Answer> {
        let source = chapter::source(self.terminal, self.step);
        let (en, zh) = (
            format!(
                "The chapter is {source}; in the browser it is easier to read. Read its first sections, \
                 up to where it asks you to predict."
            ),
            format!("这一章在 {source}，用浏览器读更舒服。先读开头，读到请你先猜的地方。"),
        );
        self.paragraph(self.say(&en, &zh))?;
        let answer = self.ask(&text("open it in the browser", "用浏览器打开"))?;
        if answer == Answer::Yes {
            chapter::build(self.terminal, self.step)?;
            let words = chapter::open(self.terminal, self.step, None)?;
            self.paragraph(words.get(self.terminal.language))?;
        }
        Ok(answer)
    }

    fn predict(&self) -> Result<Answer> {
        for paragraph in self.chapter.predict() {
            self.paragraph(&paragraph)?;
            self.print("")?;
        }
        self.ask(&text("I have an answer", "我有答案了"))
    }

    fn run(&self) -> Result<Answer> {
        let number = self.step.number;
        let command = format!("cargo run -- run {number}");
        let (en, zh) = (
            format!(
                "Run it, and say something to it. Whether you were right, the chapter's section \"Run it\" \
                 shows, and what follows it. A server that stays: {command}"
            ),
            format!(
                "跑起来，和它说几句话。猜得对不对，照这一章的“跑起来”一节去试，再往下读就知道了。想让服务器一直开着：{command}"
            ),
        );
        self.paragraph(self.say(&en, &zh))?;
        let answer = self.ask(&text("run it here", "在这里运行"))?;
        if answer == Answer::Yes {
            conversation::hold(self.terminal, self.step)?;
        }
        Ok(answer)
    }

    fn write(&self) -> Result<Answer> {
        let number = self.step.number;
        let copy = StepCopy::of(&workspace()?, self.step);
        if !copy.exists() {
            let words = text(
                "Now write it yourself: a copy of the step from which its lesson is left out, task by task.",
                "现在自己写：一份这一步的副本，要学的部分空着，一个任务一个任务地补上。",
            );
            self.paragraph(words.get(self.terminal.language))?;
            match self.ask(&text("begin the copy", "开始写副本"))? {
                Answer::Yes => start::begin(self.terminal, self.step, 0)?,
                other => return Ok(other),
            }
            self.print("")?;
        }
        let (en, zh) = (
            format!(
                "Read the rest of the chapter as you go; each task names its section. A verdict on every \
                 save, and hints by a key: cargo run -- watch {number}, here or in another terminal."
            ),
            format!(
                "边写边读这一章剩下的部分，每个任务都写明了对应哪一节。每次保存都评分、按一个键就给提示：cargo run -- watch {number}，在这里或另一个终端里都行。"
            ),
        );
        self.paragraph(self.say(&en, &zh))?;
        let answer = self.ask(&text("watch it here", "在这里盯着副本"))?;
        if answer == Answer::Yes {
            watch::watch(self.terminal, &watch::Options::of(self.step))?;
        }
        Ok(answer)
    }

    fn judge(&self) -> Result<Answer> {
        let words = text(
            "All of its cases, and what each task is worth.",
            "全部用例，以及每个任务得了多少分。",
        );
        self.paragraph(words.get(self.terminal.language))?;
        let answer = self.ask(&text("grade it", "评分"))?;
        if answer == Answer::Yes {
            // That it has not all points is no reason to stop.
            grade::grade(self.terminal, &grade::Options::of(self.step))?;
        }
        Ok(answer)
    }

    fn compare(&self) -> Result<Answer> {
        let copy = StepCopy::of(&workspace()?, self.step);
        let is_done = |place: &usize| passed(self.step, &self.step.tasks[*place], &copy);
        let done: Vec<usize> = (0..self.step.tasks.len()).filter(is_done).collect();
        if done.is_empty() {
            let words = text(
                "When a task is passed, the tutorial's own way stands here beside yours.",
                "通过了哪个任务，这里就把教程的写法放在你的旁边。",
            );
            self.paragraph(words.get(self.terminal.language))?;
            return self.ask(&text("go on", "继续"));
        }
        for place in done {
            let title = self.step.tasks[place].title.get(self.terminal.language);
            let offer = Text::new(format!("compare: {title}"), format!("对照“{title}”"));
            match self.ask(&offer)? {
                Answer::Yes => drop(solution::solution(
                    self.terminal,
                    &solution::Options::of(self.step, place),
                )?),
                Answer::Skip => {}
                Answer::Stop => return Ok(Answer::Stop),
            }
        }
        Ok(Answer::Yes)
    }

    fn check(&self) -> Result<Answer> {
        for question in self.chapter.questions() {
            self.paragraph(&question.asked)?;
            match self.ask(&text("show the answer", "看答案"))? {
                Answer::Yes => {
                    for paragraph in question.answer.split("\n\n") {
                        self.paragraph(paragraph)?;
                        self.print("")?;
                    }
                }
                Answer::Skip => {}
                Answer::Stop => return Ok(Answer::Stop),
            }
        }
        Ok(Answer::Yes)
    }

    fn next(&self) -> Result<Answer> {
        let progress = kept::read(self.steps)?;
        let number = self.step.number;
        if let Some(place) = first_open(self.step, &progress) {
            let title = &self.step.tasks[place].title;
            let place = place + 1;
            let (en, zh) = (
                format!(
                    "Still open here: task {place}, {} (cargo run -- watch {number}).",
                    title.en
                ),
                format!(
                    "这一步还没完成：任务 {place}“{}”（cargo run -- watch {number}）。",
                    title.zh
                ),
            );
            self.paragraph(self.say(&en, &zh))?;
        }
        let next = self.steps.0.iter().find(|step| step.number > number);
        let (en, zh) = match next {
            Some(next) => (
                format!(
                    "The next step is {:02}, {}: cargo run -- step {}",
                    next.number, next.title.en, next.number
                ),
                format!(
                    "下一步是 {:02}“{}”：cargo run -- step {}",
                    next.number, next.title.zh, next.number
                ),
            ),
            None => (
                "That was the last step. What is done: cargo run -- progress".to_owned(),
                "这是最后一步。做完了哪些：cargo run -- progress".to_owned(),
            ),
        };
        self.paragraph(self.say(&en, &zh))?;
        Ok(Answer::Yes)
    }

    fn print(&self, text: &str) -> Result<()> {
        Ok(self.terminal.print(text)?)
    }

    fn paragraph(&self, words: &str) -> Result<()> {
        let columns = self.terminal.width.unwrap_or(MOST_COLUMNS);
        for line in paragraph(words, columns) {
            self.print(&format!("  {line}"))?;
        }
        Ok(())
    }

    /// Offers something. Where nobody can answer, the lesson stops here.
    fn ask(&self, offer: &Text) -> Result<Answer> {
        let offer = offer.get(self.terminal.language);
        let keys = match self.terminal.language {
            Language::English => format!("Enter: {offer} · s: skip · q: stop here "),
            Language::Chinese => format!("回车：{offer} · s：跳过 · q：先停在这里 "),
        };
        self.print("")?;
        if !io::stdin().is_terminal() {
            return Ok(Answer::Stop);
        }
        let _ = write!(io::stderr(), "  {} ", self.terminal.accent(&keys));
        let mut answer = String::new();
        let read = io::stdin()
            .read_line(&mut answer)
            .explain(|| text("cannot read your answer", "读不到你的回答"))?;
        self.print("")?;
        Ok(match answer.trim() {
            _ if read == 0 => Answer::Stop,
            "q" | "Q" => Answer::Stop,
            "s" | "S" => Answer::Skip,
            _ => Answer::Yes,
        })
    }

    fn stop(&self) -> Result<ExitCode> {
        let words = self.say("it goes on here: ", "下次从这里继续：");
        self.print(&format!("  {words}cargo run -- step {}", self.step.number))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Of an output that is no terminal.
const MOST_COLUMNS: usize = 96;
