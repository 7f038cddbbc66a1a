//! A story for the stage: who says what, beat by beat, and what a reader is asked before the last one.
//!
//! A block ```` ```stage ```` that includes a file of `book/stories/` becomes an `<io-stage>`. The
//! picture that stands there without a script, and in print, is drawn by the same model that plays in
//! the page; so are the counters with which each story ends, which the story states.

mod module;
mod program;

use std::path::Path;

use serde::{Deserialize, Serialize};
use stage::{Action, Counters, Language, Show, Strategy};

use crate::edition::Edition;

pub use module::{Module, compiler, made_of, module, sources};
use program::{Line, Programs};

/// How many calls one act may lead to.
const CALLS: usize = 2000;

/// The same in both languages.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// In English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
}

/// A file of `book/stories/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// How many clients there are.
    pub clients: usize,
    /// After how many beats the picture that stands still is taken.
    still: usize,
    title: Text,
    opening: Text,
    program: Vec<Told>,
    beat: Vec<Beat>,
    question: Option<Question>,
}

/// A program of the story, and what is counted of it in the end.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    strategy: String,
    counted: toml::Table,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Beat {
    acts: Vec<String>,
    say: Text,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Question {
    ask: Text,
    answers: Vec<Answer>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    text: Text,
    #[serde(default)]
    right: bool,
    because: Text,
}

/// What the page's script is given.
#[derive(Serialize)]
struct Played<'a> {
    clients: usize,
    title: &'a Text,
    opening: &'a Text,
    strategies: Vec<Shown>,
    beats: &'a [Beat],
    question: &'a Option<Question>,
}

#[derive(Serialize)]
struct Shown {
    strategy: &'static str,
    name: String,
    code: Vec<Line>,
}

impl Story {
    /// Reads a story, and plays it to its end.
    ///
    /// # Errors
    ///
    /// In words for its author: it cannot be read, an act makes no sense where it stands, the question has
    /// not one right answer, or the counters are not those that it states.
    pub fn parse(text: &str) -> Result<Story, String> {
        let story: Story = toml::from_str(text).map_err(|error| error.to_string())?;
        if story.still > story.beat.len() {
            return Err(format!(
                "still = {}: it has {} beats",
                story.still,
                story.beat.len()
            ));
        }
        if let Some(question) = &story.question {
            let right = question.answers.iter().filter(|it| it.right).count();
            if right != 1 {
                return Err(format!("{right} answers are right: one must be"));
            }
        }
        for program in &story.program {
            let counters = story.play(program, story.beat.len())?.machine().counters();
            program.is_counted(&counters)?;
        }
        Ok(story)
    }

    fn play(&self, program: &Told, beats: usize) -> Result<Show, String> {
        let strategy = program.strategy()?;
        let mut show = Show::new(strategy, self.clients);
        show.settle(CALLS);
        for (number, beat) in self.beat[..beats].iter().enumerate() {
            for act in &beat.acts {
                let action: Action = act.parse()?;
                if !show.act(action) {
                    return Err(format!("beat {}: {act} makes no sense there", number + 1));
                }
            }
            show.settle(CALLS);
            if !show.machine().is_settled() {
                return Err(format!(
                    "beat {}: the server does not come to rest",
                    number + 1
                ));
            }
        }
        Ok(show)
    }

    /// The stage as one block of HTML.
    ///
    /// # Errors
    ///
    /// When the programs' lines cannot be found in the steps, in words for the author.
    pub(crate) fn render(&self, edition: Edition, project: &Path) -> Result<Vec<String>, String> {
        let programs = Programs::read(project)?;
        let language = match edition {
            Edition::Chinese => Language::Chinese,
            Edition::English | Edition::SideBySide => Language::English,
        };
        let mut strategies = Vec::new();
        let mut stills = String::new();
        for told in &self.program {
            let strategy = told.strategy()?;
            let (name, code) = programs.show(strategy, project)?;
            strategies.push(Shown {
                strategy: strategy.name(),
                name,
                code,
            });
            stills.push_str(&self.play(told, self.still)?.view(language).picture);
        }
        let played = Played {
            clients: self.clients,
            title: &self.title,
            opening: &self.opening,
            strategies,
            beats: &self.beat,
            question: &self.question,
        };
        let json = serde_json::to_string(&played).map_err(|error| error.to_string())?;
        // `</script>` in a text would end it.
        let json = json.replace('<', "\\u003c");
        let caption = match self.still {
            0 => &self.opening,
            beat => &self.beat[beat - 1].say,
        };
        let (tag, words) = match edition {
            Edition::English => ("en", caption.en.clone()),
            Edition::Chinese => ("zh", caption.zh.clone()),
            Edition::SideBySide => ("bi", format!("{} {}", caption.en, caption.zh)),
        };
        Ok(vec![
            format!("<io-stage data-language=\"{tag}\">"),
            format!("<script type=\"application/json\">{json}</script>"),
            format!(
                "<figure class=\"stage-still\">{stills}<figcaption>{}</figcaption></figure>",
                escaped(&words)
            ),
            "</io-stage>".to_owned(),
            String::new(),
        ])
    }
}

impl Told {
    fn strategy(&self) -> Result<Strategy, String> {
        let name = &self.strategy;
        Strategy::named(name).ok_or_else(|| format!("there is no strategy {name}"))
    }

    fn is_counted(&self, counters: &Counters) -> Result<(), String> {
        let counted = toml::Table::try_from(counters).map_err(|error| error.to_string())?;
        for (name, stated) in &self.counted {
            let found = counted
                .get(name)
                .ok_or_else(|| format!("nobody counts {name}"))?;
            if found != stated {
                return Err(format!(
                    "{}: {name} is {found} in the end, not {stated}",
                    self.strategy
                ));
            }
        }
        Ok(())
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
