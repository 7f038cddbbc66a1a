//! On paper nothing can be unfolded.

use anyhow::{Result, ensure};

use crate::tab::Tab;

const HIDDEN: &str = "[...document.querySelectorAll('main details > :not(summary)')]
    .filter(one => !one.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true, opacityProperty: true })
        || one.getBoundingClientRect().height === 0)
    .map(one => one.textContent.trim().slice(0, 60))";

/// Looks at the whole book, in one page, as it comes out of a printer. Then it is on the screen again.
pub(crate) fn unfolded(tab: &mut Tab) -> Result<()> {
    let folded = tab.texts(HIDDEN)?;
    ensure!(
        !folded.is_empty(),
        "nothing is folded on the screen: this test checks nothing"
    );
    let hidden = hidden_on_paper(tab);
    tab.undisguise()?;
    let hidden = hidden?;
    ensure!(hidden.is_empty(), "not printed:\n  {}", hidden.join("\n  "));
    Ok(())
}

fn hidden_on_paper(tab: &mut Tab) -> Result<Vec<String>> {
    tab.media("print", "light")?;
    // What is not shown is laid out one frame later.
    tab.eval("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")?;
    tab.texts(HIDDEN)
}
