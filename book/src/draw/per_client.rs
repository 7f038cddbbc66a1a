//! What one silent client costs in every server, on a logarithmic scale: chapter 9.

use anyhow::{Context, Result, bail, ensure};

use super::picture::{Anchor, Picture, Words};

/// A row of the tour's table: `02  fork-server  …  67 KiB`.
struct Server<'a> {
    step: &'a str,
    program: &'a str,
    /// As the table writes it.
    size: &'a str,
    bytes: f64,
}

/// Where the scale begins and ends.
const LEFT: f64 = 184.0;
const RIGHT: f64 = 338.0;
const TOP: f64 = 44.0;
const ROW: f64 = 27.0;

/// The lines of the scale, each sixteen times the one before.
const SCALE: [(f64, &str); 4] = [
    (64.0, "64 B"),
    (1024.0, "1 KiB"),
    (16.0 * 1024.0, "16 KiB"),
    (256.0 * 1024.0, "256 KiB"),
];

pub(super) fn draw(table: &str) -> Result<String> {
    let servers = read(table)?;
    let sizes = || servers.iter().map(|server| server.bytes.log2());
    let least = sizes().fold(SCALE[0].0.log2(), f64::min) - 0.5;
    let most = sizes().fold(SCALE[1].0.log2(), f64::max) + 0.5;
    let x = |bytes: f64| LEFT + (bytes.log2() - least) / (most - least) * (RIGHT - LEFT);
    let listed = |between: &str| -> String {
        let rows = servers.iter();
        let rows = rows.map(|server| format!("{} {}", server.program, server.size));
        rows.collect::<Vec<_>>().join(between)
    };
    let bottom = TOP + ROW * f64::from(u32::try_from(servers.len())?);
    let mut picture = Picture::new(
        "per-client",
        bottom + 32.0,
        Words {
            en: "What one silent client costs",
            zh: "一个不说话的客户端要占多少内存",
        },
        Words {
            en: format!(
                "Memory for each silent client, by server: {}.",
                listed(", ")
            ),
            zh: format!("每个不说话的客户端占的内存：{}。", listed("，")),
        },
    );
    for (bytes, label) in SCALE {
        if (least..=most).contains(&bytes.log2()) {
            let x = x(bytes);
            picture.path("scale", &format!("M{x:.1} {:.1}V{bottom}", TOP - 12.0));
            picture.text("small", (x, TOP - 20.0), Anchor::Middle, label);
        }
    }
    for (server, row) in servers.iter().zip(0u32..) {
        let y = TOP + ROW * (f64::from(row) + 0.5);
        let (to, line) = (x(server.bytes), y + 5.0);
        picture.text("small", (0.0, line), Anchor::Start, server.step);
        picture.text("call", (22.0, line), Anchor::Start, server.program);
        picture.path("wire", &format!("M{LEFT} {y}H{to:.1}"));
        picture.circle("byte", (to, y), 5.0);
        picture.text("small over", (to + 11.0, line), Anchor::Start, server.size);
    }
    let scale = Words {
        en: "each line is sixteen times the one before · cargo run -- tour",
        zh: "每条竖线是前一条的十六倍 · cargo run -- tour",
    };
    picture.words("small", (0.0, bottom + 22.0), Anchor::Start, scale);
    Ok(picture.finish())
}

/// Those that were measured. The columns stand apart by two spaces and more.
fn read(table: &str) -> Result<Vec<Server<'_>>> {
    let mut servers = Vec::new();
    for line in table.lines() {
        let columns = line.split("  ").map(str::trim).filter(|c| !c.is_empty());
        let columns: Vec<&str> = columns.collect();
        let [step, program, .., size] = columns[..] else {
            continue;
        };
        if step.parse::<u32>().is_err() || size == "–" {
            continue;
        }
        let bytes = bytes(size).with_context(|| format!("{program}: what is {size:?}?"))?;
        servers.push(Server {
            step,
            program,
            size,
            bytes,
        });
    }
    ensure!(!servers.is_empty(), "the table has no server");
    Ok(servers)
}

fn bytes(size: &str) -> Result<f64> {
    let (number, unit) = size.split_once(' ').context("a number and a unit")?;
    let number: f64 = number.replace(',', "").parse()?;
    let unit = match unit {
        "B" => 1.0,
        "KiB" => 1024.0,
        "MiB" => 1024.0 * 1024.0,
        _ => bail!("no unit of memory"),
    };
    ensure!(number > 0.0, "nothing has no place on a logarithmic scale");
    Ok(number * unit)
}
