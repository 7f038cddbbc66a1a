//! `watch`: a verdict on every save.

mod book;
mod cargo_waits;
mod known;
mod round;
mod screen;
mod view;
mod watched;

use super::chapter;
use super::grade::since_last;
use super::hint;
use crate::kept;
use anyhow::Result;
use book::Book;
use cargo_waits::what_is_said;
use grader::step::{Step, Steps};
use known::{CaseOf, Known};
use round::{Event, IN_HAND, Rank, Round};
use screen::Screen;
use starter::Hints;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;
use terminal::{Keys, Pressed, Terminal, Text, Told, text};
use view::{Panel, State, View};
use watched::{Unit, Watched};
use watcher::{How, Watcher};

/// What to watch.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The step whose copy is watched, by number or name; or a copy in another language, as in
    /// fork-server-c（要盯着的步骤：编号或名字；或者一份用其他语言写的副本，例如 fork-server-c）
    step: String,
    /// Watch this server instead: a command, which is started anew for each case（改为盯着这个服务器：一条命令，每个用例都重新启动它）
    #[arg(long, value_name = "COMMAND")]
    bin: Option<String>,
    /// With --bin, the folder with its sources [default: this one]（配合 --bin：源代码所在的目录，默认是当前目录）
    #[arg(long, value_name = "DIR", requires = "bin")]
    folder: Option<PathBuf>,
    /// Look for saves: for a file system that does not tell of them, such as NFS or, in WSL, Windows'
    /// own（反复查看有没有保存：用于不发事件的文件系统，例如 NFS，或 WSL 里的 Windows 目录）
    #[arg(long)]
    poll: bool,
}

impl Options {
    /// The step's own copy.
    pub(crate) fn of(step: &Step) -> Options {
        Options {
            step: step.slug.clone(),
            bin: None,
            folder: None,
            poll: false,
        }
    }
}

static BROKE_OFF: Text = text(
    "the judge has broken off; its message stands above",
    "评判程序中途退出了；它的消息在上面",
);

/// What is to be done after something has happened: of two, the later here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Then {
    Nothing,
    Draw,
    Quit,
}

/// What happens while it watches.
enum Message {
    Pressed(Pressed),
    Saved,
    /// Of the round of this number.
    Told(u64, Event),
}

/// `watch STEP`: builds and judges at every save, the task in hand first, until somebody quits.
///
/// # Errors
///
/// When there is nothing to be watched, or what is shown is lost.
pub(crate) fn watch(terminal: &Terminal, options: &Options) -> Result<ExitCode> {
    subject::raise_descriptor_limit();
    let watched = Watched::find(
        &options.step,
        options.bin.as_deref(),
        options.folder.as_deref(),
    )?;
    let (tell, messages) = channel();
    let hear = tell.clone();
    let keys = Keys::listen(move |pressed| send(&hear, Message::Pressed(pressed)))?;
    let how = if options.poll {
        How::Looking
    } else {
        How::Events
    };
    let saved = tell.clone();
    let watcher = Watcher::start(watched.sources(), how, move || send(&saved, Message::Saved));
    let steps = Steps::read()?;
    let in_hand = first_open(&steps, &watched)?;
    let mut watching = Watching {
        terminal,
        steps,
        known: Known::nothing_of(&watched),
        screen: Screen::new(terminal, keys.is_some()),
        view: View {
            panel: Panel::Verdict,
            page: 0,
            state: State::Building(String::new()),
            since: Vec::new(),
            just_passed: Vec::new(),
            in_hand,
            is_to_be_written: true,
            is_looking: watcher.how() == How::Looking,
        },
        shown: None,
        has_saved: false,
        round: None,
        number: 0,
        began: Instant::now(),
        book: Book::default(),
        watched,
        tell,
    };
    watching.begin_round();
    let ended = watching.follow(&messages);
    watching.end();
    drop(keys);
    ended?;
    Ok(ExitCode::SUCCESS)
}

fn send(tell: &Sender<Message>, message: Message) {
    let _ = tell.send(message); // nobody may watch any more
}

/// The first task that the last grade has not passed.
fn first_open(steps: &Steps, watched: &Watched) -> Result<Option<usize>> {
    if !watched.has_tasks() {
        return Ok(None);
    }
    let progress = kept::read(steps)?;
    let kept_as = watched.kept_as().unwrap_or_default();
    let passed = progress.tasks(&kept_as);
    let mut tasks = watched.step.tasks.iter();
    Ok(tasks.position(|task| !passed.contains(&&*task.slug)))
}

struct Watching<'a> {
    terminal: &'a Terminal,
    steps: Steps,
    watched: Watched,
    known: Known,
    screen: Screen<'a>,
    view: View,
    /// The case that is shown as what to mend: it comes first in the next round.
    shown: Option<CaseOf>,
    /// Somebody has saved since the task is in hand.
    has_saved: bool,
    round: Option<Round>,
    /// The round's number: what earlier ones still tell is not heard.
    number: u64,
    began: Instant,
    book: Book,
    tell: Sender<Message>,
}

impl Watching<'_> {
    /// Ends what is judged.
    fn end(self) {
        if let Some(round) = self.round {
            round.end();
        }
    }

    /// Until somebody quits.
    fn follow(&mut self, messages: &Receiver<Message>) -> Result<()> {
        self.draw()?;
        loop {
            let mut then = self.hear(messages.recv()?)?;
            // Drawn once for all that has happened meanwhile.
            while let Ok(next) = messages.try_recv() {
                then = then.max(self.hear(next)?);
            }
            match then {
                Then::Nothing => {}
                Then::Draw => self.draw()?,
                Then::Quit => return Ok(self.screen.leave()?),
            }
        }
    }

    fn hear(&mut self, message: Message) -> Result<Then> {
        match message {
            Message::Saved => {
                self.has_saved = true;
                self.begin_round();
            }
            Message::Pressed(Pressed::Redraw) => self.screen.clear(),
            Message::Pressed(Pressed::Key('q')) => return Ok(Then::Quit),
            Message::Pressed(Pressed::Key(key)) => return self.press(key),
            Message::Told(number, event) if number == self.number => return self.told(event),
            Message::Told(..) => return Ok(Then::Nothing),
        }
        Ok(Then::Draw)
    }

    fn begin_round(&mut self) {
        self.number += 1;
        self.began = Instant::now();
        self.known.begin();
        self.show(Panel::Verdict);
        self.view.state = State::Building(String::new());
        self.view.since.clear();
        self.view.just_passed.clear();
        self.look_whether_begun();
        let (tell, number) = (self.tell.clone(), self.number);
        let before = self.round.take();
        let told = move |event| send(&tell, Message::Told(number, event));
        self.round = Some(Round::begin(&self.watched, before, self.rank(), told));
    }

    /// What was shown comes first, then what fails of the task in hand, then all of it; then what fails
    /// elsewhere, then the tasks before it.
    fn rank(&self) -> Rank {
        let step = self.watched.step.clone();
        let (in_hand, failed, shown) = (self.view.in_hand, self.known.failed(), self.shown.clone());
        Box::new(move |unit: &Unit, slug: &'static str| {
            let case = (unit.name.clone(), slug);
            let is_of = |place: &usize| {
                let task = &step.tasks[*place];
                let mut tests = task.tests.iter().map(|test| grader::library::slug(test));
                let program = step.program_of(task).is_ok_and(|it| it.name == unit.name);
                match unit.is_library {
                    true => tests.any(|test| test == slug),
                    false => program && task.cases.iter().any(|case| case == slug),
                }
            };
            let task = (0..step.tasks.len()).find(is_of);
            let has_failed = failed.contains(&case);
            match (task, in_hand) {
                _ if shown.as_ref() == Some(&case) => 0,
                (Some(task), Some(in_hand)) if task == in_hand => IN_HAND - u8::from(has_failed),
                _ if has_failed && in_hand.is_none() => IN_HAND,
                (Some(task), Some(in_hand)) if task < in_hand => IN_HAND + 1,
                _ => IN_HAND + 2,
            }
        })
    }

    fn told(&mut self, event: Event) -> Result<Then> {
        match event {
            Event::Building(said) => {
                self.view.state = State::Building(what_is_said(&said, self.terminal.language));
                return Ok(self.if_drawn_over());
            }
            Event::NotBuilt(said) => self.view.state = State::NotBuilt(said),
            Event::Judging(count) => {
                self.known.expect(count);
                return Ok(Then::Nothing);
            }
            Event::Judged(unit, graded) => {
                self.view.state = State::Judging;
                self.known.add(&unit, *graded);
                self.look_at_task();
                return Ok(self.if_drawn_over());
            }
            Event::Done if matches!(self.view.state, State::NotBuilt(_)) => {}
            Event::Done => self.done()?,
            Event::Failed(error) => {
                self.view.state = State::Failed(terminal::explained(&error, self.terminal.language))
            }
            Event::BrokeOff => return Err(Told(BROKE_OFF.clone()).into()),
        }
        Ok(Then::Draw)
    }

    /// Where each view stands below the last one, only what comes of a round is shown.
    fn if_drawn_over(&self) -> Then {
        match self.screen.is_drawn_over() {
            true => Then::Draw,
            false => Then::Nothing,
        }
    }

    /// Takes a task in hand.
    fn take_in_hand(&mut self, place: Option<usize>) {
        self.view.in_hand = place;
        self.has_saved = false;
        self.look_whether_begun();
    }

    /// Of a task that nobody has begun, everything fails: what is to be written is shown instead.
    fn look_whether_begun(&mut self) {
        let Some(place) = self.view.in_hand else {
            return;
        };
        let is_untouched = self.watched.is_untouched(place);
        self.view.is_to_be_written = is_untouched.unwrap_or(!self.has_saved);
    }

    /// When all of the task in hand passes, the next one is in hand.
    fn look_at_task(&mut self) {
        if let Some(place) = self.view.in_hand
            && self.known.has_passed_now(place)
        {
            self.view.just_passed.push(place);
            self.take_in_hand(self.next_open(place));
        }
        if let Some(first) = self.known.first_failure(self.view.in_hand) {
            self.shown = Some(first);
        }
    }

    /// The next task that is not passed, from behind this one on, and around.
    fn next_open(&self, place: usize) -> Option<usize> {
        let count = self.watched.step.tasks.len();
        let scores = self.known.scores();
        let is_open = |place: &usize| {
            let score = scores.iter().find(|score| score.place == place + 1);
            !score.is_some_and(|score| score.is_passed())
        };
        (place + 1..count).chain(0..place).find(is_open)
    }

    /// The round is done: what is new is told, and kept.
    fn done(&mut self) -> Result<()> {
        self.view.state = State::Ended(self.began.elapsed());
        self.known.complete();
        if let Some(place) = self.view.in_hand
            && self
                .known
                .scores()
                .iter()
                .any(|it| it.place == place + 1 && it.is_passed())
        {
            // It was passed already, and something before it is lost or it had been chosen.
            self.take_in_hand(self.next_open(place));
        } else if self.view.in_hand.is_none() && self.watched.has_tasks() {
            self.take_in_hand(self.next_open(self.watched.step.tasks.len()));
        }
        let shown = self.watched.shown();
        let copy = self.watched.has_tasks().then_some(&*shown);
        for (name, graded) in self.known.programs() {
            let name = if copy.is_some() { name } else { &shown };
            self.view.since.push(since_last(name, copy, graded));
        }
        let Some(kept_as) = self.watched.kept_as() else {
            return Ok(());
        };
        let judged = self.known.judged();
        let done = kept::graded(&self.steps, &self.watched.step, &kept_as, judged);
        if let Err(error) = done {
            self.show(Panel::Words(terminal::explained(
                &error,
                self.terminal.language,
            )));
        }
        Ok(())
    }

    /// From its first page on.
    fn show(&mut self, panel: Panel) {
        self.view.panel = panel;
        self.view.page = 0;
    }

    fn press(&mut self, key: char) -> Result<Then> {
        match key {
            'r' => self.begin_round(),
            'h' => self.hint()?,
            'n' => {
                if let Some(place) = self.view.in_hand {
                    self.take_in_hand(self.next_open(place).or(Some(place)));
                    self.shown = None;
                }
                self.show(Panel::Verdict);
            }
            'a' => {
                let panel = match self.view.panel {
                    Panel::All => Panel::Verdict,
                    _ => Panel::All,
                };
                self.show(panel);
            }
            ' ' => self.view.page += 1,
            'c' => {
                let step = &self.watched.step;
                let task = self.view.in_hand.and_then(|place| step.tasks.get(place));
                let section = task.map(|task| &*task.section);
                let words = match chapter::is_built(self.terminal, step)? {
                    true => chapter::open(self.terminal, step, section)?,
                    false => self.book.build(&self.watched.root),
                };
                self.show(Panel::Words(words.get(self.terminal.language).to_owned()));
            }
            _ => return Ok(Then::Nothing),
        }
        Ok(Then::Draw)
    }

    /// The next hint for the task in hand.
    fn hint(&mut self) -> Result<()> {
        let step = &self.watched.step;
        let Some(in_hand) = self.view.in_hand else {
            return Ok(());
        };
        let task = &step.tasks[in_hand];
        let hints = Hints::of(&self.watched.root, step)?;
        let hints = hints.for_task(&task.slug);
        let seen = kept::read(&self.steps)?.hints(&step.slug, &task.slug);
        let place = (seen + 1).min(hints.len());
        let Some(hint) = place.checked_sub(1).and_then(|place| hints.get(place)) else {
            return Ok(());
        };
        let (_, columns) = self.screen.size();
        let mut lines = hint::lines(self.terminal, task, hint, place, hints.len(), columns);
        if place == hints.len() && place == seen {
            let (number, task) = (step.number, 1 + in_hand);
            let words = self.terminal.say(
                "that was the last one; the solution: ",
                "这是最后一条了；答案：",
            );
            lines.extend([
                String::new(),
                format!("{words}cargo run -- solution {number} {task}"),
            ]);
        }
        kept::change(&self.steps, |progress| {
            progress.set_hints(&step.slug, &task.slug, place);
        })?;
        self.show(Panel::Hint(lines));
        Ok(())
    }

    fn draw(&mut self) -> Result<()> {
        let size = self.screen.is_drawn_over().then(|| self.screen.size());
        let lines = self
            .view
            .lines(self.terminal, &self.watched, &self.known, size);
        Ok(self.screen.draw(&lines)?)
    }
}
