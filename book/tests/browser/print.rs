//! On paper nothing can be unfolded.

use anyhow::{Result, ensure};

use crate::world::{EDITIONS, From, World};
use crate::{Test, test};

const HIDDEN: &str = "[...document.querySelectorAll('main details > :not(summary)')]
    .filter(one => !one.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true, opacityProperty: true })
        || one.getBoundingClientRect().height === 0)
    .map(one => one.textContent.trim().slice(0, 60))";

pub(crate) fn tests() -> Vec<Test> {
    let tests = EDITIONS.into_iter().map(|edition| {
        let name = format!("print::{edition}::shows_the_folded_answers");
        test(name, move |world: &World| unfolded(world, edition))
    });
    tests.collect()
}

fn unfolded(world: &World, edition: &str) -> Result<()> {
    let (mut tab, home) = world.tab(From::File)?;
    tab.go(&format!("{home}{edition}/print.html"))?;
    let folded = tab.texts(HIDDEN)?;
    ensure!(
        !folded.is_empty(),
        "nothing is folded on the screen: this test checks nothing"
    );
    tab.media("print", "light")?;
    // What is not shown is laid out one frame later.
    tab.eval("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")?;
    let hidden = tab.texts(HIDDEN)?;
    ensure!(hidden.is_empty(), "not printed:\n  {}", hidden.join("\n  "));
    Ok(())
}
