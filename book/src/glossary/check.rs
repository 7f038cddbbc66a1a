//! The pages of the glossary and `terms.toml` say the same, and the chapters keep to it.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use mdbook_driver::book::Book;

use super::matcher::{Matcher, Meaning};
use super::terms::{Glossary, PAGE, Term};
use crate::code;
use crate::edition::Edition;
use crate::fault::{Fault, shown};
use crate::prose::{Passage, Place, line_at, passages};

impl Glossary {
    /// Checks the glossary's two pages and the words of all chapters.
    pub fn check(&self, root: &Path, english: &Book, chinese: &Book) -> Vec<Fault> {
        let mut faults = self.repeated_forms();
        let sides = [(Edition::English, english), (Edition::Chinese, chinese)];
        let [en, zh] = sides.map(|(edition, book)| {
            faults.extend(self.check_page(root, edition, book));
            self.read_chapters(root, edition, book, &mut faults)
        });
        for (name, en) in &en {
            if let Some(zh) = zh.get(name) {
                faults.extend(self.one_sided(en, zh, Edition::Chinese));
                faults.extend(self.one_sided(zh, en, Edition::English));
            }
        }
        faults
    }

    /// A form that two terms claim could be linked to either.
    fn repeated_forms(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for edition in [Edition::English, Edition::Chinese] {
            let mut owners: HashMap<String, &str> = HashMap::new();
            for (id, term) in &self.terms {
                let forms = term.forms(edition);
                if forms.is_empty() {
                    let what = format!("[{id}] has no form in {}", edition.folder());
                    faults.push(Fault::at(&self.file, self.line(id), what));
                }
                for form in forms.iter().chain(&term.avoid) {
                    let owner = owners.insert(form.to_ascii_lowercase(), id);
                    if let Some(other) = owner.filter(|other| *other != id) {
                        let what = format!("[{id}] and [{other}] both have “{form}”, leave one");
                        faults.push(Fault::at(&self.file, self.line(id), what));
                    }
                }
            }
        }
        faults
    }

    fn check_page(&self, root: &Path, edition: Edition, book: &Book) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut missing: BTreeMap<&str, &Term> =
            self.terms.iter().map(|(id, t)| (id.as_str(), t)).collect();
        let mut chapters = code::sources(root, edition, book);
        if let Some(page) = chapters.find(|chapter| chapter.name == Path::new(PAGE)) {
            for (passage, id) in headings(&passages(page.text)) {
                let line = line_at(page.text, passage.glyphs[0].at);
                match missing.remove(id) {
                    Some(term) if title(term, edition) == passage.text() => {}
                    Some(term) => {
                        let title = title(term, edition);
                        let what = format!(
                            "{} calls it otherwise, write `### {title} {{#{id}}}`",
                            self.file
                        );
                        faults.push(Fault::at(&page.file, line, what));
                    }
                    None => {
                        let what = format!("{} has no [{id}], add it with its forms", self.file);
                        faults.push(Fault::at(&page.file, line, what));
                    }
                }
            }
        }
        let project = root.parent().unwrap_or(root);
        let page = shown(project, &root.join(edition.source()).join(PAGE));
        faults.extend(missing.into_iter().map(|(id, term)| {
            let title = title(term, edition);
            let what = format!("{page} does not explain it, write there `### {title} {{#{id}}}`");
            Fault::at(&self.file, self.line(id), what)
        }));
        faults
    }

    /// What each chapter uses first where. The page itself speaks of all terms.
    fn read_chapters<'a>(
        &'a self,
        root: &Path,
        edition: Edition,
        book: &'a Book,
        faults: &mut Vec<Fault>,
    ) -> BTreeMap<&'a Path, Uses<'a>> {
        let matcher = Matcher::new(self, edition);
        let mut chapters = BTreeMap::new();
        for chapter in code::sources(root, edition, book) {
            let mut terms = BTreeMap::new();
            for passage in passages(chapter.text) {
                for hit in matcher.scan(&passage) {
                    let word = passage.part(hit.glyphs.clone());
                    let line = line_at(chapter.text, passage.glyphs[hit.glyphs.start].at);
                    match hit.meaning {
                        Meaning::Term(id) => {
                            terms.entry(id).or_insert((line, word));
                        }
                        Meaning::Avoid(id) => {
                            let near = passage.around(hit.glyphs);
                            let name = self.terms.get(id).map_or("", |term| term.name(edition));
                            let what = format!("the book says “{name}”, not “{word}”: {near}");
                            faults.push(Fault::at(&chapter.file, line, what));
                        }
                        Meaning::Other => {}
                    }
                }
            }
            if chapter.name != Path::new(PAGE) {
                let file = chapter.file;
                chapters.insert(chapter.name, Uses { file, terms });
            }
        }
        chapters
    }

    /// The terms that `here` uses and `there`, the same chapter in another language, does not.
    fn one_sided(&self, here: &Uses<'_>, there: &Uses<'_>, other: Edition) -> Vec<Fault> {
        let only = here.terms.iter().filter(|(id, _)| {
            let strict = self
                .terms
                .get(**id)
                .is_some_and(|term| term.loose.is_none());
            strict && !there.terms.contains_key(*id)
        });
        let faults = only.map(|(id, (line, word))| {
            let forms = self.terms.get(*id).map(|term| term.forms(other).join(", "));
            let what = format!(
                "“{word}” is a term, and {} uses none of its forms: {}; use one there, or another word here",
                there.file,
                forms.unwrap_or_default()
            );
            Fault::at(&here.file, *line, what)
        });
        faults.collect()
    }
}

/// The first use of each term in a chapter.
struct Uses<'a> {
    file: String,
    terms: BTreeMap<&'a str, (usize, String)>,
}

/// `half-close · 半关闭`, the page's own language first; a word that both share stands once.
fn title(term: &Term, edition: Edition) -> String {
    let (en, zh) = (term.name(Edition::English), term.name(Edition::Chinese));
    match edition {
        _ if en == zh => en.to_owned(),
        Edition::Chinese => format!("{zh} · {en}"),
        Edition::English | Edition::SideBySide => format!("{en} · {zh}"),
    }
}

fn headings(passages: &[Passage]) -> impl Iterator<Item = (&Passage, &str)> {
    passages.iter().filter_map(|passage| match &passage.place {
        Place::Heading { level: 3, id } => Some((passage, id.as_str())),
        _ => None,
    })
}
