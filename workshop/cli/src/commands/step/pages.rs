//! What a lesson takes from its chapter: the question to predict, and the questions at its end.

use anyhow::Result;
use grader::step::Step;
use std::fs;
use terminal::{Explain, Language, cannot_read, workspace};

/// A question, and the answer that is folded away in the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) asked: String,
    pub(super) answer: String,
}

/// A chapter's source.
pub(super) struct Chapter(String);

impl Chapter {
    /// The step's, in this language.
    pub(super) fn read(step: &Step, language: Language) -> Result<Chapter> {
        let edition = match language {
            Language::English => "en",
            Language::Chinese => "zh-CN",
        };
        let file = format!("book/{edition}/{}.md", step.folder());
        let file = workspace()?.join(file);
        let text = fs::read_to_string(&file).explain(|| cannot_read(&file))?;
        Ok(Chapter(text))
    }

    /// What stands below the heading of this id, up to the next heading; nothing where there is none.
    fn section(&self, id: &str) -> String {
        let heading = format!("{{#{id}}}");
        let lines = self.0.lines();
        let below = lines.skip_while(|line| !(line.starts_with('#') && line.ends_with(&heading)));
        let section = below.skip(1).take_while(|line| !line.starts_with('#'));
        section.collect::<Vec<_>>().join("\n")
    }

    /// What to predict, paragraph by paragraph.
    pub(super) fn predict(&self) -> Vec<String> {
        let section = self.section("predict");
        let paragraphs = section.split("\n\n").map(plain);
        paragraphs.filter(|it| !it.is_empty()).collect()
    }

    /// The questions at its end.
    pub(super) fn questions(&self) -> Vec<Question> {
        let section = self.section("check");
        let questions = section.split("</details>").filter_map(|block| {
            let (asked, folded) = block.split_once("<details>")?;
            let (_, answer) = folded.split_once("</summary>")?;
            Some(Question {
                asked: plain(asked),
                answer: plain(answer),
            })
        });
        questions.collect()
    }
}

/// Markdown as a terminal shows it: a quotation, what is bold, and links are their words; code keeps
/// its marks.
fn plain(markdown: &str) -> String {
    let lines = markdown.trim().lines();
    let text: Vec<&str> = lines.map(|line| line.trim_start_matches("> ")).collect();
    let text = without_emphasis(&text.join("\n"));
    let mut rest = &*text;
    let mut plain = String::new();
    while let Some((before, link)) = rest.split_once('[') {
        plain += before;
        let parts = link.split_once("](");
        let parts = parts.and_then(|(words, more)| Some((words, more.split_once(')')?.1)));
        let (words, after) = parts.unwrap_or(("[", link));
        plain += words;
        rest = after;
    }
    plain + rest
}

/// Without the stars that mark emphasis; those in code are its own.
fn without_emphasis(markdown: &str) -> String {
    let pieces = markdown.split('`').enumerate();
    let pieces = pieces.map(|(place, piece)| match place % 2 {
        0 => piece.replace('*', ""),
        _ => format!("`{piece}`"),
    });
    pieces.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_a_browser_shows_is_left_out() {
        assert_eq!(
            plain("> **Predict.** See [the *page*](a.html#b), `a[0]` and\n> `*p`.\n"),
            "Predict. See the page, `a[0]` and\n`*p`."
        );
    }

    #[test]
    fn every_chapter_has_what_a_lesson_takes_from_it() {
        let steps = grader::step::Steps::read().expect("the steps").0;
        for step in &steps {
            for language in [Language::English, Language::Chinese] {
                let chapter = Chapter::read(step, language).expect("its chapter");
                assert!(!chapter.predict().is_empty(), "{}", step.slug);
                let questions = chapter.questions();
                assert!(questions.len() >= 3, "{}: {questions:?}", step.slug);
                let said = questions.iter().flat_map(|it| [&it.asked, &it.answer]);
                for words in said.chain(&chapter.predict()) {
                    assert!(!words.is_empty() && !words.contains("**"), "{words}");
                }
            }
        }
    }
}
