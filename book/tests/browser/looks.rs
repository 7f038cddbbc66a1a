//! Light and dark, readable in both, and as narrow as a telephone.

use anyhow::{Result, ensure};

use crate::tab::Tab;
use crate::world::{From, World};
use crate::{Test, test};

/// The least contrast at which text can be read by most (WCAG 2.2, level AA).
const CONTRAST: &str = "4.5";

/// A telephone's width in pixels.
const NARROW: u32 = 390;

/// Texts whose letters stand out too little from what is behind them. The canvas knows every way of
/// writing a colour. What is hidden from screen readers is decoration.
const PALE: &str = r#"(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const known = new Map();
  const parsed = color => {
    if (!known.has(color)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      known.set(color, [r, g, b, a / 255]);
    }
    return known.get(color);
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
  const behind = one => {
    if (!one) return [255, 255, 255, 1];
    const color = parsed(getComputedStyle(one).backgroundColor);
    return color[3] === 1 ? color : over(color, behind(one.parentElement));
  };
  const luminance = ([r, g, b]) => {
    const [R, G, B] = [r, g, b].map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * R + 0.7152 * G + 0.0722 * B;
  };
  const pale = new Set();
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || one.closest('svg, [aria-hidden], script, style, button')) continue;
    const ground = behind(one);
    const ink = over(parsed(getComputedStyle(one).color), ground);
    const [light, dark] = [luminance(ink), luminance(ground)].sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < CONTRAST) {
      pale.add(`${one.tagName.toLowerCase()}.${one.className} ${contrast.toFixed(2)} (${ink.map(Math.round)} on ${ground.map(Math.round)})`);
    }
  }
  return [...pale];
})()"#;

/// What makes the page scroll sideways. mdBook lets a box inside the window scroll, which is as bad.
/// Code and tables may be cut off or scroll in boxes of their own.
const WIDE: &str = r#"(() => {
  const main = document.querySelector('main');
  const boxes = [];
  for (let box = main.parentElement; box; box = box.parentElement) boxes.push(box);
  if (boxes.every(box => box.scrollWidth <= box.clientWidth)) return [];
  const inside = one => { for (let box = one.parentElement; box !== main; box = box.parentElement)
    if (getComputedStyle(box).overflowX !== 'visible') return true; return false; };
  const wide = [...main.querySelectorAll('*')].filter(one => one.getBoundingClientRect().right > innerWidth && !inside(one));
  return ['the page', ...wide.slice(0, 5).map(one => `${one.tagName.toLowerCase()}.${one.className.baseVal ?? one.className}`)];
})()"#;

pub(crate) fn tests() -> Vec<Test> {
    vec![test("looks::themes_by_the_menu".to_owned(), themes)]
}

fn themes(world: &World) -> Result<()> {
    let (mut tab, home) = world.tab(From::Server)?;
    for (scheme, theme) in [("light", "light"), ("dark", "navy")] {
        tab.media("screen", scheme)?;
        tab.go(&format!("{home}en/preface.html"))?;
        has_theme(&mut tab, theme)?;
    }
    let background = "getComputedStyle(document.documentElement).backgroundColor";
    let mut seen = Vec::new();
    for theme in ["light", "navy"] {
        choose(&mut tab, theme)?;
        // The choice outlives the page and holds in every edition.
        tab.go(&format!("{home}zh-CN/preface.html"))?;
        has_theme(&mut tab, theme)?;
        seen.push(tab.text(background)?);
    }
    ensure!(
        seen[0] != seen[1],
        "light and navy have the same background {}",
        seen[0]
    );
    Ok(())
}

fn choose(tab: &mut Tab, theme: &str) -> Result<()> {
    tab.click("#mdbook-theme-toggle")?;
    tab.click(&format!("#mdbook-theme-{theme}"))?;
    tab.click("#mdbook-theme-toggle")?;
    has_theme(tab, theme)
}

fn has_theme(tab: &mut Tab, theme: &str) -> Result<()> {
    let chosen = format!("document.documentElement.classList.contains('{theme}')");
    tab.wait(&format!("the {theme} theme"), &chosen)
}

/// Chooses the theme, which stays, and measures.
pub(crate) fn contrast(tab: &mut Tab, theme: &str) -> Result<()> {
    // Colours that change slowly would be measured half way.
    tab.eval("document.head.insertAdjacentHTML('beforeend', '<style>* { transition: none !important }</style>')")?;
    // Without the mouse, which moves from frame to frame; `themes` chooses with it.
    tab.eval(&format!(
        "document.getElementById('mdbook-theme-{theme}').click()"
    ))?;
    has_theme(tab, theme)?;
    let pale = tab.texts(&PALE.replace("CONTRAST", CONTRAST))?;
    ensure!(pale.is_empty(), "too pale:\n  {}", pale.join("\n  "));
    Ok(())
}

/// Makes the window a telephone's, for the pages that are loaded from now on: whether the side bar is
/// open is settled at the start.
pub(crate) fn like_a_telephone(tab: &mut Tab) -> Result<()> {
    tab.size(NARROW, 844)
}

/// Looks at a page that was loaded like that.
pub(crate) fn narrow(tab: &mut Tab) -> Result<()> {
    tab.wait("a narrow page", &format!("innerWidth >= {NARROW} && innerWidth < 1000 && document.readyState === 'complete' && !document.documentElement.classList.contains('sidebar-visible')"))?;
    let wide = tab.texts(WIDE)?;
    let wide = wide.join(", ");
    ensure!(
        wide.is_empty(),
        "it scrolls sideways in {NARROW} pixels: {wide}"
    );
    Ok(())
}
