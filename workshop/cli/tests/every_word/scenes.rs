//! What goes wrong, and can be reached from outside.

use crate::checkout::{Checkout, Choice, Said};

/// A command line, and where it is typed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scene {
    pub(crate) arguments: Vec<String>,
    /// Commands before it.
    before: Vec<Vec<String>>,
    /// Files that are there, written after them; with no text, they are removed.
    files: Vec<(&'static str, Option<&'static str>)>,
    /// Links, and where they lead.
    links: Vec<(&'static str, &'static str)>,
    place: Place,
    cargo: Option<&'static str>,
    /// Who speaks besides the tool.
    quotes: Option<Quoted>,
    /// It has no words.
    pub(crate) is_bare: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Checkout,
    Elsewhere,
    FullDisk,
}

/// Whose words stand among the tool's own.
#[derive(Clone, Copy, Debug)]
enum Quoted {
    /// The compiler's, behind the line that says so.
    Compiler,
    /// A programmer's: lines of code, further right or behind a sign.
    Programmer,
    /// The machine's: its name, and what was found behind each mark.
    Machine,
}

impl Scene {
    pub(crate) fn new(arguments: &[&str]) -> Scene {
        Scene {
            arguments: arguments.iter().map(|&it| it.to_owned()).collect(),
            ..Scene::default()
        }
    }

    /// A line as one types it, without quotation marks.
    fn line(line: &str) -> Scene {
        Scene::new(&line.split_whitespace().collect::<Vec<_>>())
    }

    pub(crate) fn bare(mut self) -> Scene {
        self.is_bare = true;
        self
    }

    fn after(mut self, line: &str) -> Scene {
        let arguments = line.split_whitespace().map(str::to_owned);
        self.before.push(arguments.collect());
        self
    }

    fn with(mut self, path: &'static str, text: &'static str) -> Scene {
        self.files.push((path, Some(text)));
        self
    }

    fn without(mut self, path: &'static str) -> Scene {
        self.files.push((path, None));
        self
    }

    fn linked(mut self, path: &'static str, to: &'static str) -> Scene {
        self.links.push((path, to));
        self
    }

    fn elsewhere(mut self) -> Scene {
        self.place = Place::Elsewhere;
        self
    }

    fn on_a_full_disk(mut self) -> Scene {
        self.place = Place::FullDisk;
        self
    }

    fn with_cargo(mut self, cargo: &'static str) -> Scene {
        self.cargo = Some(cargo);
        self
    }

    fn quoting(mut self, who: Quoted) -> Scene {
        self.quotes = Some(who);
        self
    }

    /// What stands in the files that are written for it, and may be named.
    pub(crate) fn words_of_files(&self) -> impl Iterator<Item = String> {
        let texts = self.files.iter().filter_map(|(_, text)| *text);
        let is_set_apart = |c: char| !c.is_ascii_alphanumeric() && c != '-';
        let words = texts.flat_map(move |text| text.split(is_set_apart));
        words.map(str::to_lowercase)
    }

    /// What the tool itself has said.
    pub(crate) fn own_words(&self, words: &str) -> String {
        let last = words.lines().position(|line| line.ends_with([':', '：']));
        let lines = words.lines().enumerate();
        let own = lines.filter(|(place, line)| match self.quotes {
            None => true,
            Some(Quoted::Compiler) => last.is_none_or(|last| *place <= last),
            Some(Quoted::Machine) => {
                !line.contains("Linux") && !line.trim().starts_with(['✓', '◦', '✗'])
            }
            Some(Quoted::Programmer) => {
                !["   ", "  +", "  -"].iter().any(|it| line.starts_with(it))
            }
        });
        own.map(|(_, line)| line).collect::<Vec<_>>().join("\n")
    }

    /// In a folder of its own.
    pub(crate) fn play(&self, choice: &Choice) -> Said {
        let here = match self.place {
            Place::Elsewhere => Checkout::empty(),
            Place::Checkout | Place::FullDisk => Checkout::new(),
        };
        for arguments in &self.before {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            here.tool(choice, &arguments);
        }
        for &(path, text) in &self.files {
            match text {
                Some(text) => here.write(path, text),
                None => here.remove(path),
            }
        }
        for &(path, to) in &self.links {
            here.link(path, to);
        }
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        match (self.cargo, self.place) {
            (Some(cargo), _) => here.tool_with_cargo(cargo, choice, &arguments),
            (None, Place::FullDisk) => here.tool_on_a_full_disk(choice, &arguments),
            (None, _) => here.tool(choice, &arguments),
        }
    }
}

/// A checkout of one step, which does not compile.
const ONE_STEP: [(&str, &str); 4] = [
    (
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"steps/*\"]\n",
    ),
    (
        "steps/41-copied-server/Cargo.toml",
        "[package]\nname = \"copied-server\"\nedition = \"2024\"\n",
    ),
    (
        "steps/41-copied-server/step.toml",
        "number = 41\nslug = \"copied-server\"\ntitle = { en = \"A copy\", zh = \"副本\" }\n\
         [[program]]\nname = \"copied-server\"\nkind = \"server\"\n",
    ),
    (
        "steps/41-copied-server/src/main.rs",
        "fn main() { nothing }\n",
    ),
];

fn one_step(line: &str) -> Scene {
    let mut scene = Scene::line(line).elsewhere();
    for (path, text) in ONE_STEP {
        scene = scene.with(path, text);
    }
    scene
}

pub(crate) fn scenes() -> Vec<Scene> {
    let mut all = Vec::new();
    all.extend(wrong_command_lines());
    all.extend(nothing_there());
    all.extend(copies());
    all.extend(learning());
    all.extend(copies_in_other_languages());
    all.extend(programs());
    all.extend(surroundings());
    all
}

fn wrong_command_lines() -> impl Iterator<Item = Scene> {
    let lines = [
        "graed 2",
        "--loud",
        "--lang xx tour",
        "tour --lang python",
        "grade",
        "grade 2 3",
        "grade 2 --rference",
        "grade 2 --format text",
        "grade 2 --seed soon",
        "grade 2 --seed 99999999999999999999999",
        "grade 2 --seed 1 --seed 2",
        "grade 2 --first --first",
        "grade 2 --case no-such",
        "grade 2 --reference --bin ./a",
        "grade 2 --debug hello --case hello",
        "grade 2 --address 127.0.0.1",
        "grade 2 --address 127.0.0.1:0",
        "grade 2 --address http://localhost:80",
        "grade 2 --address :80",
        "grade 2 --address ::1",
        "grade 2 --address [localhost]:80",
        "grade 2 --address a!b:80",
        "start",
        "start 2 --task reaping --update",
        "reset",
        "reset 2 --all",
        "solution",
        "run",
        "talk 1.2.3.4",
        "help no-such",
    ];
    let empty = Scene::new(&["grade", "2", "--output", ""]);
    lines.map(Scene::line).into_iter().chain([empty])
}

fn nothing_there() -> impl Iterator<Item = Scene> {
    let commands = [
        "tour",
        "run 2",
        "start 2",
        "reset 2",
        "reset --all",
        "solution 2",
        "grade 2",
    ];
    let elsewhere = commands.map(|line| Scene::line(line).elsewhere());
    let no_step = ["run", "start", "reset", "solution", "grade", "tasks"];
    let no_step = no_step.map(|command| Scene::line(&format!("{command} fifteen")));
    let others = [
        "start 2 --task no-such",
        "solution 2 no-such",
        "solution 2",
        "reset 2",
        "reset --all",
        "run 2 --mine",
        "run rot13-client",
        "start 2 --update",
        "start 2 --lang python --task reaping",
        "start 1 --lang c",
        "grade rot13-client --case children-given-back",
        "talk",
        "talk --case no-such",
        "talk --case wrong-option",
        "talk --case hello 127.0.0.1:1",
        "talk --case hello no-such-host.invalid:1",
        "grade 2 --address no-such-host.invalid:1",
    ];
    elsewhere
        .into_iter()
        .chain(no_step)
        .chain(others.map(Scene::line))
}

fn copies() -> Vec<Scene> {
    let begun = |line: &str| Scene::line(line).after("start 2");
    const HOW: &str = "work/fork-server/.begun/how.toml";
    const MINE: &str = "work/fork-server/src/bin/fork-server/children.rs";
    vec![
        Scene::line("start 2"),
        Scene::line("start 2 --task reaping"),
        begun("start 2"),
        begun("start 2 --update"),
        begun("start 2 --update").with("work/fork-server/.begun/README.md", "old\n"),
        begun("start 2 --update").without(HOW),
        begun("start 2 --update").with(HOW, "filled = \n"),
        begun("reset 2"),
        begun("reset --all"),
        begun("reset 2").with("work/.aside", "a file"),
        begun("solution 2"),
        begun("solution 2 --yes").quoting(Quoted::Programmer),
        begun("solution 2 --yes")
            .without(MINE)
            .quoting(Quoted::Programmer),
        begun("grade 2").linked("work/fork-server/src/a-link", "/etc/passwd"),
        begun("grade 2").without("work/fork-server/src"),
        Scene::line("start 2")
            .without("work")
            .with("work", "a file"),
    ]
}

fn learning() -> Vec<Scene> {
    let lines = [
        "watch fifteen",
        "watch 2",
        "watch 2 --folder work",
        "hint fifteen",
        "hint 2 no-such",
        "hint 2",
        "hint 2 --all",
        "progress",
        "completions csh",
        "step fifteen",
        "step 2",
        "step 2 --at no-such",
    ];
    let at = [
        "predict", "run", "write", "judge", "compare", "check", "next",
    ];
    let at = at.map(|place| Scene::line(&format!("step 2 --at {place}")));
    let hint = |line: &str| Scene::line(line).after("hint 2").after("hint 2");
    let mut all: Vec<Scene> = lines.map(Scene::line).into_iter().chain(at).collect();
    all.extend([
        hint("hint 2").quoting(Quoted::Programmer),
        hint("hint 2").after("hint 2").quoting(Quoted::Programmer),
        hint("hint 2 --all").quoting(Quoted::Programmer),
        hint("progress"),
        Scene::line("doctor").quoting(Quoted::Machine),
        Scene::line("progress").after("start 2"),
        Scene::line("progress").with("work/progress.toml", "steps = \n"),
    ]);
    all
}

fn copies_in_other_languages() -> Vec<Scene> {
    let begun = |line: &str| Scene::line(line).after("start 2 --lang python");
    const HOW: &str = "work/fork-server-python/grade.toml";
    let grade = || begun("grade fork-server-python");
    vec![
        Scene::line("start 2 --lang python"),
        begun("start 2 --lang python"),
        begun("reset fork-server-python"),
        grade().with(HOW, "step = \n"),
        grade().with(HOW, "colour = \"red\"\n"),
        grade().with(HOW, "step = 2\n"),
        grade().with(HOW, "step = \"fork-server\"\n"),
        grade().with(HOW, "command = \"./a\"\n"),
        grade().with(HOW, "step = \"no-such\"\ncommand = \"./a\"\n"),
        grade().with(HOW, "step = \"fork-server\"\ncommand = \"./a\"\n"),
        grade().with(
            HOW,
            "step = \"fork-server\"\ncommand = \"no-such-program\"\n",
        ),
        grade().with(HOW, "step = \"fork-server\"\ncommand = \"'\"\n"),
        grade().with(
            HOW,
            "step = \"fork-server\"\nbuild = \"false\"\ncommand = \"./a\"\n",
        ),
        begun("grade 2").after("start 2 --lang c"),
        begun("reset mine").with(
            "work/mine/grade.toml",
            "step = \"fork-server\"\ncommand = \"a\"\n",
        ),
    ]
}

fn programs() -> Vec<Scene> {
    let bin = |command: &str| Scene::new(&["grade", "2", "--bin", command]);
    vec![
        bin("no-such-program"),
        bin("/no/such/program"),
        bin("'"),
        bin(""),
        bin("mine").with("mine", ""),
        bin("./mine").with("mine", ""),
        bin("/bin/true"),
        bin("/bin/false"),
        bin("/dev/null"),
        Scene::line("grade 1 --address 127.0.0.1:1"),
        Scene::line("grade 2 --address 127.0.0.1:1 --case hello"),
        Scene::line("grade 2 --bin /bin/true --case hello --debug hello"),
        Scene::line("grade 2 --bin /bin/true --debug hello"),
        Scene::line("grade rot13-client --bin /bin/true --all"),
        Scene::line("grade 1 --bin /bin/true --all"),
        Scene::line("grade 2 --bin /bin/true --bundle /no/such/folder/file"),
        Scene::line("grade 2 --bin /bin/true --output /no/such/folder/file"),
        Scene::line("grade 2 --bin /bin/true --output /"),
        Scene::line("grade 2 --bin /bin/true --format classroom50"),
        Scene::line("tour --picture /no/such/folder/file"),
    ]
}

fn surroundings() -> Vec<Scene> {
    const STEP: &str = "steps/41-copied-server/step.toml";
    vec![
        Scene::line("run 2").with_cargo("/no/such/cargo"),
        Scene::line("tour").with_cargo("/no/such/cargo"),
        Scene::line("grade 2").with_cargo("/bin/true"),
        Scene::line("grade 2")
            .after("start 2")
            .with_cargo("/bin/true"),
        Scene::line("grade 2")
            .after("start 2")
            .with_cargo("/no/such/cargo"),
        Scene::line("catalogue").on_a_full_disk(),
        Scene::line("grade --help").on_a_full_disk(),
        one_step("run 41").quoting(Quoted::Compiler),
        one_step("start 41"),
        one_step("run 41").with(STEP, "number = \n"),
        one_step("run 41").with(STEP, "colour = \"red\"\n"),
        one_step("grade 41")
            .without("steps/41-copied-server/Cargo.toml")
            .quoting(Quoted::Compiler),
    ]
}
