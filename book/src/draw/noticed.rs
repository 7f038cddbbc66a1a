//! When each connection's byte came, and when the program noticed it: chapter 1.

use anyhow::{Context, Result, ensure};

use super::picture::{Anchor, Picture, Words};

/// One connection, in milliseconds from the start.
struct Byte {
    came: u32,
    noticed: u32,
}

/// Where the axis of time begins and ends.
const LEFT: f64 = 52.0;
const RIGHT: f64 = 372.0;
const TOP: f64 = 48.0;
const ROW: f64 = 52.0;
/// The radius of the ring that marks when a byte was noticed.
const NOTICED: f64 = 11.0;

pub(super) fn draw(session: &str) -> Result<String> {
    let bytes = read(session)?;
    let last = bytes.iter().map(|byte| byte.came.max(byte.noticed)).max();
    let last = last.filter(|&last| last > 0).context("no time passes")?;
    let x = |time: u32| LEFT + f64::from(time) / f64::from(last) * (RIGHT - LEFT);
    let said = |each: fn(usize, &Byte) -> String| -> String {
        let numbered = bytes.iter().zip(1..);
        numbered.map(|(byte, number)| each(number, byte)).collect()
    };
    let bottom = TOP + ROW * f64::from(u32::try_from(bytes.len())?);
    let mut picture = Picture::new(
        "noticed",
        bottom,
        Words {
            en: "When each byte came, and when it was noticed",
            zh: "每个字节什么时候到，什么时候才被读到",
        },
        Words {
            en: said(|number, &Byte { came, noticed }| {
                format!(
                    "Connection {number}: its byte came after {came} ms and was noticed after {noticed} ms. "
                )
            }) + "The program notices nothing while it sleeps in read on the first connection.",
            zh: said(|number, &Byte { came, noticed }| {
                format!("连接 {number}：字节在 {came} 毫秒时到，{noticed} 毫秒时才被读到。")
            }) + "程序睡在读第一条连接的调用里，别的什么也看不到。",
        },
    );
    let (came, noticed) = (
        Words {
            en: "the byte came",
            zh: "字节到了",
        },
        Words {
            en: "it was noticed",
            zh: "程序读到",
        },
    );
    picture.path("byte", "M52 16h12v12h-12z");
    picture.words("small", (72.0, 27.0), Anchor::Start, came);
    picture.circle("box awake", (212.0, 22.0), 8.0);
    picture.words("small", (228.0, 27.0), Anchor::Start, noticed);
    for (byte, number) in bytes.iter().zip(1u32..) {
        let y = TOP + ROW * (f64::from(number) - 1.0) + 20.0;
        let (from, to) = (x(byte.came), x(byte.noticed));
        picture.circle("box", (22.0, y), 17.0);
        picture.text("", (22.0, y + 5.0), Anchor::Middle, number);
        picture.path("wire", &format!("M{LEFT} {y}H{from:.1}"));
        picture.path(
            "byte",
            &format!("M{:.1} {:.1}h12v12h-12z", from - 6.0, y - 6.0),
        );
        picture.circle("box awake", (to, y), NOTICED);
        let lay = byte.noticed.saturating_sub(byte.came);
        if lay > 0 {
            let rim = (to - NOTICED).max(from);
            picture.path("wire hot", &format!("M{from:.1} {y}H{rim:.1}"));
            let middle = f64::midpoint(from, to);
            let words = Words {
                en: format!("{lay} ms unread"),
                zh: format!("{lay} 毫秒没人读"),
            };
            picture.words("small", (middle, y - 14.0), Anchor::Middle, words);
        }
    }
    Ok(picture.finish())
}

/// The three rows of the example's table, between the anchors of the session.
fn read(session: &str) -> Result<Vec<Byte>> {
    let (_, region) = session
        .split_once("# ANCHOR: head-of-line\n")
        .context("the session has no region head-of-line")?;
    let (region, _) = region
        .split_once("# ANCHOR_END: head-of-line")
        .context("the region head-of-line has no end")?;
    let bytes = region.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let _connection: u32 = words.next()?.parse().ok()?;
        let came = words.next()?.parse().ok()?;
        let noticed = words.nth(1)?.parse().ok()?;
        Some(Byte { came, noticed })
    });
    let bytes: Vec<Byte> = bytes.collect();
    ensure!(!bytes.is_empty(), "the region head-of-line has no rows");
    Ok(bytes)
}
