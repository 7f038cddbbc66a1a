//! The stages: each story runs to its end, by mouse and by keys, and comes out as it is stated.

use std::fs;

use anyhow::{Context, Result, bail, ensure};

use stage::{Language, Show, Strategy, View};

use crate::key::Key;
use crate::opens::untroubled;
use crate::tab::Tab;
use crate::world::{EDITIONS, From, World, root};
use crate::{Test, test};

/// More presses than any story has beats, its question with them.
const PRESSES: usize = 40;

/// How a reader goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Mouse,
    Keys,
}

pub(crate) fn tests(pages: &[String]) -> Vec<Test> {
    let mut tests = Vec::new();
    for page in pages {
        let Ok(stories) = stories(page) else { continue };
        if stories.is_empty() {
            continue;
        }
        for edition in EDITIONS {
            for (how, by) in [("by_mouse", By::Mouse), ("by_keys", By::Keys)] {
                let (page, stories) = (page.clone(), stories.clone());
                let name = format!("stage::{edition}::{page}::{how}");
                let run = move |world: &World| play(world, edition, &page, &stories, by);
                tests.push(test(name, run));
            }
            let page = page.clone();
            let name = format!("stage::{edition}::{page}::is_for_everybody");
            tests.push(test(name, move |world| {
                for_everybody(world, edition, &page)
            }));
        }
    }
    tests.push(test("stage::the_hand_plays".to_owned(), the_hand_plays));
    for (strategy, name) in Strategy::ALL {
        let name = format!("stage::plays_as_the_native_one::{name}");
        tests.push(test(name, move |world| as_the_native_one(world, strategy)));
    }
    tests
}

/// The files of the stories on a page, in its order.
fn stories(page: &str) -> Result<Vec<String>> {
    let source = root().join("en").join(page.replace(".html", ".md"));
    let text = fs::read_to_string(&source).with_context(|| format!("{}", source.display()))?;
    let targets = text.split("```stage\n{{#include ../").skip(1);
    let targets = targets.filter_map(|rest| Some(rest.split_once("}}")?.0.to_owned()));
    Ok(targets.collect())
}

fn open(tab: &mut Tab, home: &str, edition: &str, page: &str) -> Result<()> {
    tab.go(&format!("{home}{edition}/{page}"))?;
    tab.wait(
        "the stages to be ready",
        "[...document.querySelectorAll('io-stage')].every(it => it.dataset.ready === '')",
    )?;
    // Nobody watches: the calls follow one another at once.
    tab.eval("document.querySelectorAll('io-stage').forEach((it, at) => { it.id = `stage-${at}`; it.delay = 0; })")?;
    Ok(())
}

fn play(world: &World, edition: &str, page: &str, stories: &[String], by: By) -> Result<()> {
    match by {
        By::Keys => {
            let (mut tab, home) = world.reader(From::File)?;
            play_on(&mut tab, &home, edition, page, stories, by)
        }
        // A mouse points at what is drawn.
        By::Mouse => {
            let (mut tab, home) = world.tab(From::File)?;
            play_on(&mut tab, &home, edition, page, stories, by)
        }
    }
}

fn play_on(
    tab: &mut Tab,
    home: &str,
    edition: &str,
    page: &str,
    stories: &[String],
    by: By,
) -> Result<()> {
    open(tab, home, edition, page)?;
    for (at, story) in stories.iter().enumerate() {
        let told = fs::read_to_string(root().join(story))?;
        let told: toml::Table = told.parse()?;
        one(tab, at, &told, by).with_context(|| story.clone())?;
    }
    untroubled(tab)
}

fn one(tab: &mut Tab, at: usize, told: &toml::Table, by: By) -> Result<()> {
    let stage = format!("document.getElementById('stage-{at}')");
    let next = format!("#stage-{at} .stage-next");
    tab.eval(&format!("{stage}.querySelector('.stage-next').focus()"))?;
    let mut is_asked = false;
    for _ in 0..PRESSES {
        let rest = format!("!{stage}.isPlaying");
        tab.wait("the calls to come to rest", &rest)?;
        if tab.eval(&format!("{stage}.isOver === true"))? == true {
            ensure!(
                is_asked == told.contains_key("question"),
                "it is over without its question"
            );
            return is_counted(tab, &stage, told);
        }
        if tab.eval(&format!("!{stage}.question.hidden && !{stage}.isAnswered"))? == true {
            is_asked = true;
            answer(tab, at, &stage, told, by)?;
        }
        press(tab, &next, by)?;
    }
    bail!("{PRESSES} times Next did not lead to the end")
}

/// What is not right is told why, and leads nowhere.
fn answer(tab: &mut Tab, at: usize, stage: &str, told: &toml::Table, by: By) -> Result<()> {
    let answers = told["question"]["answers"].as_array().context("answers")?;
    let is_right = |it: &toml::Value| it.get("right").is_some();
    let order = |right: bool| (0..answers.len()).filter(move |&it| is_right(&answers[it]) == right);
    for (number, is_last) in order(false)
        .map(|it| (it, false))
        .chain(order(true).map(|it| (it, true)))
    {
        let button = format!(
            "#stage-{at} .stage-answers button:nth-child({})",
            number + 1
        );
        press(tab, &button, by)?;
        let told = tab.text(&format!(
            "{stage}.question.querySelector('[role=status]').textContent"
        ))?;
        ensure!(!told.is_empty(), "answer {number} is not told why");
        let goes_on = tab.eval(&format!("!{stage}.querySelector('.stage-next').disabled"))?;
        ensure!(
            goes_on == is_last,
            "after answer {number}, Next is enabled: {goes_on}"
        );
    }
    Ok(())
}

/// The button has the focus, or is reached; and it is pressed.
fn press(tab: &mut Tab, button: &str, by: By) -> Result<()> {
    if by == By::Mouse {
        tab.eval(&format!(
            "document.querySelector({button:?}).scrollIntoView({{ block: 'center', behavior: 'instant' }})"
        ))?;
        return tab.click(button);
    }
    // From wherever the focus is: the answers come before the other buttons.
    let has_focus = format!("document.activeElement.matches({button:?})");
    if tab.eval(&has_focus)? != true {
        let stage = button.split(' ').next().unwrap_or_default();
        tab.eval(&format!("document.querySelector('{stage} button').focus()"))?;
        for _ in 0..30 {
            if tab.eval(&has_focus)? == true {
                break;
            }
            tab.press(Key::Tab)?;
        }
    }
    ensure!(
        tab.eval(&has_focus)? == true,
        "Tab does not lead to {button}"
    );
    tab.press(Key::Enter)
}

fn is_counted(tab: &mut Tab, stage: &str, told: &toml::Table) -> Result<()> {
    for (at, program) in told["program"]
        .as_array()
        .context("programs")?
        .iter()
        .enumerate()
    {
        for (name, stated) in program["counted"].as_table().context("counted")? {
            let cell = format!(
                "{stage}.querySelectorAll('[data-counter={name}]')[{at}].textContent.replaceAll(',', '')"
            );
            let shown = tab.text(&cell)?;
            ensure!(
                shown == stated.to_string(),
                "{name} of program {at} is {shown}, not {stated}"
            );
        }
    }
    Ok(())
}

/// With all that a hand can do, and back again: the picture is the one that it began with.
fn the_hand_plays(world: &World) -> Result<()> {
    let (mut tab, home) = world.tab(From::File)?;
    open(&mut tab, &home, "en", "02-fork-server.html")?;
    let stage = "document.getElementById('stage-0')";
    let first = tab.text(&format!("{stage}.panes[0].view.picture"))?;
    for act in [
        "connect",
        "half",
        "line",
        "burst",
        "pause",
        "block",
        "resume",
        "half-close",
    ] {
        let button = format!("#stage-0 [data-act={act}]");
        tab.eval(&format!(
            "document.querySelector({button:?}).scrollIntoView({{ block: 'center', behavior: 'instant' }})"
        ))?;
        tab.click(&button)?;
        tab.wait("the calls to come to rest", &format!("!{stage}.isPlaying"))?;
    }
    let said = tab.text(&format!("{stage}.querySelector('.stage-said').textContent"))?;
    ensure!(
        said.contains("close(1) = 0"),
        "the last thing said is {said}"
    );
    // The page's own keys are none of the stage's.
    tab.eval(&format!(
        "{stage}.querySelector('input[type=range]').focus()"
    ))?;
    tab.press(Key::Right)?;
    tab.press(Key::Char('s'))?;
    ensure!(
        tab.text("location.pathname")?.contains("02-fork-server"),
        "the page was turned"
    );
    tab.eval(&format!(
        "while ({stage}.panes[0].view.played) {stage}.back()"
    ))?;
    tab.eval(&format!("{stage}.restart()"))?;
    let last = tab.text(&format!("{stage}.panes[0].view.picture"))?;
    ensure!(
        first == last,
        "back at the beginning, the picture is another one"
    );
    untroubled(&tab)
}

/// How many hands a strategy is played by, and how many acts each has.
const HANDS: u64 = 50;
const ACTS: usize = 200;
/// How many calls follow an act, at most.
const CALLS: usize = 300;

/// A random hand, native and in the page: every view is the same.
fn as_the_native_one(world: &World, strategy: Strategy) -> Result<()> {
    let (mut tab, home) = world.reader(From::File)?;
    open(&mut tab, &home, "en", "02-fork-server.html")?;
    tab.eval(
        "(async () => {
            const bytes = Uint8Array.from(atob(ioStageModule), it => it.charCodeAt(0));
            const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
            const buffer = await new Response(plain).arrayBuffer();
            const { exports } = (await WebAssembly.instantiate(buffer, {})).instance;
            const ask = request => {
                const words = new TextEncoder().encode(request);
                const room = exports.room(words.length); // which may move the memory
                new Uint8Array(exports.memory.buffer, room, words.length).set(words);
                const length = exports.call();
                if (length < 0) throw request;
                return new Uint8Array(exports.memory.buffer, exports.text(), length);
            };
            window.playHand = requests => {
                let hash = 0x811c9dc5;
                for (const request of requests) {
                    for (const byte of ask(request)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
                }
                return hash;
            };
        })()",
    )?;
    for seed in 0..HANDS {
        let (requests, expected) = native(strategy, seed)?;
        let requests = serde_json::to_string(&requests)?;
        let found = tab.eval(&format!("playHand({requests})"));
        let found = found.with_context(|| format!("seed {seed}"))?;
        ensure!(
            found == expected,
            "seed {seed}: the hash of all views is {found}, not {expected}"
        );
    }
    Ok(())
}

/// What is asked of the page, and the hash of all views that are to come (FNV-1a).
fn native(strategy: Strategy, seed: u64) -> Result<(Vec<String>, u32)> {
    const CLIENTS: usize = 4;
    let mut random = fastrand::Rng::with_seed(seed);
    let mut show = Show::new(strategy, CLIENTS);
    let mut requests = vec![format!("open {} {CLIENTS} en", strategy.name())];
    let mut hash = 0x811c_9dc5_u32;
    let mut see = |view: View| -> Result<View> {
        for byte in serde_json::to_string(&view)?.bytes() {
            hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
        Ok(view)
    };
    let mut view = see(show.view(Language::English))?;
    for _ in 0..ACTS {
        let client = random.usize(1..=CLIENTS);
        let Some(act) = random.choice(view.can[client - 1].iter()) else {
            continue;
        };
        let action = format!("{act} {client}");
        show.act(action.parse().map_err(anyhow::Error::msg)?);
        show.settle(CALLS);
        requests.push(format!("act {action}; settle {CALLS}; brief"));
        view = see(show.brief(Language::English))?;
    }
    see(show.view(Language::English))?;
    requests.push("view".to_owned());
    Ok((requests, hash))
}

/// The rule of axe-core that is about colours.
const COLORS: &str = "{ runOnly: ['color-contrast'] }";

/// What axe-core finds serious: it is looked for where `BOOK_AXE` names its file, `axe.min.js`.
fn for_everybody(world: &World, edition: &str, page: &str) -> Result<()> {
    let Some(axe) = std::env::var_os("BOOK_AXE") else {
        eprintln!("SKIPPED: {edition}/{page} by axe-core: BOOK_AXE names no file");
        return Ok(());
    };
    let axe = fs::read_to_string(axe).context("cannot read what BOOK_AXE names")?;
    let (mut tab, home) = world.reader(From::File)?;
    open(&mut tab, &home, edition, page)?;
    tab.eval(&axe)?;
    // In each theme, colours are all that differs; and they are those of every edition.
    for (theme, rules) in [
        ("light", "{}"),
        ("rust", COLORS),
        ("coal", COLORS),
        ("navy", COLORS),
        ("ayu", COLORS),
    ] {
        if edition != "en" && theme != "light" {
            continue;
        }
        tab.eval(&format!(
            "document.documentElement.className = 'js {theme} sidebar-hidden'"
        ))?;
        let found = tab.texts(&format!(
            "axe.run('io-stage', {rules}).then(it => it.violations
                .filter(it => ['serious', 'critical'].includes(it.impact))
                .map(it => `${{it.id}}: ${{it.help}}: ${{it.nodes.map(it => it.html).join(' ').slice(0, 300)}}`))",
        ))?;
        ensure!(found.is_empty(), "{theme}: {}", found.join("\n"));
    }
    Ok(())
}
