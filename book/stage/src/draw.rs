//! The picture: clients, the kernel and the program, in the book's symbols (`book/assets/figures.css`).

use crate::call::{Fd, LISTENER, Operation};
use crate::connection::Connection;
use crate::kernel::Id;
use crate::machine::{Machine, Runner};
use crate::process::TaskState;
use crate::show::Last;
use crate::words::{self, Language, bytes};
use serde::Serialize;
use std::fmt::Write;

const WIDTH: i32 = 400;
/// The first client's line, and how far the next one is below it.
const FIRST_ROW: i32 = 86;
const ROW: i32 = 58;
const CLIENT: i32 = 34;
/// The kernel, and a queue in it.
const BAND: (i32, i32) = (84, 250);
const QUEUE: (i32, i32) = (100, 234);
/// The program.
const BOX: (i32, i32) = (268, 394);
const CELLS: i32 = 10;

/// From where to where something goes, in the picture's units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Flight {
    from: (i32, i32),
    to: (i32, i32),
}

fn row(client: usize) -> i32 {
    FIRST_ROW + ROW * (client as i32 - 1)
}

/// What has just gone somewhere.
pub(crate) fn flight(last: &Last) -> Option<Flight> {
    let (client, name) = match last {
        Last::Action(it) => (it.client, it.act.name()),
        Last::Beat(it) => (it.client?, it.name),
        Last::Nothing => return None,
    };
    let y = row(client);
    let (from, to) = match name {
        "half" | "line" | "burst" | "block" => ((CLIENT, y), (QUEUE.0, y - 8)),
        "connect" => ((CLIENT, y), (QUEUE.0, 44)),
        "accept" => ((QUEUE.1, 44), (BOX.0, y)),
        "recv" => ((QUEUE.1, y - 8), (BOX.0, y - 8)),
        "send" => ((BOX.0, y + 8), (CLIENT + 18, y + 8)),
        _ => return None,
    };
    Some(Flight { from, to })
}

/// The picture of this moment.
pub(crate) fn picture(machine: &Machine, last: &Last, language: Language) -> String {
    let mut svg = String::new();
    let height = row(machine.clients.len()) + 40;
    let _ = write!(
        svg,
        r#"<svg class="io-figure narrow stage" viewBox="0 0 {WIDTH} {height}" xmlns="http://www.w3.org/2000/svg" aria-hidden="true">"#
    );
    let pen = Pen {
        machine,
        last,
        language,
        height,
    };
    pen.kernel(&mut svg);
    for client in 1..=machine.clients.len() {
        pen.client(&mut svg, client);
    }
    pen.program(&mut svg);
    svg.push_str("</svg>");
    svg
}

struct Pen<'a> {
    machine: &'a Machine,
    last: &'a Last,
    language: Language,
    height: i32,
}

impl Pen<'_> {
    /// Does what has just happened concern this client?
    fn is_hot(&self, client: usize) -> bool {
        match self.last {
            Last::Nothing => false,
            Last::Action(it) => it.client == client,
            Last::Beat(it) => it.client == Some(client),
        }
    }

    fn kernel(&self, svg: &mut String) {
        let (left, right) = BAND;
        rect(svg, "band", left, 4, right - left, self.height - 8, 10);
        let middle = (left + right) / 2;
        let kernel = self.language.choose("kernel", "内核");
        text(svg, "small", middle, 20, "middle", kernel);
        let backlog = self.language.choose("backlog", "监听队列");
        text(svg, "small", QUEUE.0, 48, "start", backlog);
        for (place, &id) in self.machine.kernel.backlog.iter().enumerate() {
            let client = self.machine.kernel.connections[id].client;
            let x = right - 18 - 20 * place as i32;
            let _ = write!(svg, r#"<circle class="box awake" cx="{x}" cy="44" r="9"/>"#);
            text(svg, "small", x, 48, "middle", &client.to_string());
        }
    }

    fn client(&self, svg: &mut String, client: usize) {
        let y = row(client);
        let id = self.machine.clients[client - 1].connection;
        let connection = id.map(|id| &self.machine.kernel.connections[id]);
        let hot = if self.is_hot(client) { " awake" } else { "" };
        let is_there = connection.is_some_and(|it| !it.abandoned);
        let absent = if is_there { "" } else { " asleep" };
        let _ = write!(
            svg,
            r#"<g class="stage-client" data-client="{client}"><circle class="box{hot}{absent}" cx="{CLIENT}" cy="{y}" r="17"/>"#
        );
        text(svg, "", CLIENT, y + 5, "middle", &client.to_string());
        svg.push_str("</g>");
        let state = self.state(connection);
        text(svg, "small", CLIENT, y + 32, "middle", state);
        if let Some(connection) = connection.filter(|it| !it.abandoned) {
            let hot = if self.is_hot(client) { " hot" } else { "" };
            let x = CLIENT + 17;
            let _ = write!(svg, r#"<path class="wire{hot}" d="M{x} {y}H{}"/>"#, BAND.0);
            self.queues(svg, y, connection);
        }
    }

    fn state(&self, connection: Option<&Connection>) -> &'static str {
        let say = |english, chinese| self.language.choose(english, chinese);
        match connection {
            None => say("not here", "未连接"),
            Some(it) if it.is_closed() => say("closed", "已关闭"),
            Some(it) if it.abandoned => say("gone", "已断开"),
            Some(it) if it.stuck() > 0 => say("stuck", "卡在 send"),
            Some(it) if !it.reads => say("reads not", "不读取"),
            Some(it) if it.has_half_closed() => say("half-closed", "已半关闭"),
            Some(_) => "",
        }
    }

    /// What has come above, what is on its way to the client below.
    fn queues(&self, svg: &mut String, y: i32, connection: &Connection) {
        // Beside the bytes of a full queue there is room for their number.
        for (top, count, arrow) in [
            (y - 15, connection.inbound(), "→"),
            (y + 2, connection.outbound(), "←"),
        ] {
            let (left, right) = QUEUE;
            rect(svg, "cell", left, top, right - left, 13, 2);
            let width = (right - left) / CELLS;
            for cell in 0..filled(count).min(CELLS - 3) {
                // In the direction in which it flows: the oldest is nearest to where it goes.
                let x = match arrow {
                    "→" => right - width * (cell + 1),
                    _ => left + width * cell,
                };
                rect(svg, "byte", x + 2, top + 2, width - 4, 9, 0);
            }
            if count > 0 {
                let (x, anchor) = match arrow {
                    "→" => (left + 3, "start"),
                    _ => (right - 3, "end"),
                };
                text(svg, "small number", x, top + 11, anchor, &bytes(count));
            }
            let x = if arrow == "→" { left - 7 } else { right + 7 };
            text(svg, "small", x, top + 11, "middle", arrow);
        }
        if connection.is_at_end() && connection.accepted {
            text(svg, "small number", QUEUE.0 + 3, y - 4, "start", "FIN");
        }
    }

    fn program(&self, svg: &mut String) {
        let runners: Vec<&Runner> = self.machine.runners.iter().collect();
        let others = runners.len() > 1;
        if let [main, helpers @ ..] = runners.as_slice() {
            let bottom = if others { 60 } else { self.height - 6 };
            self.runner(svg, main, 6, bottom);
            self.helpers(svg, helpers);
        }
        if !others {
            for client in 1..=self.machine.clients.len() {
                self.inside(svg, client);
            }
        }
        self.wires(svg);
    }

    /// Children and threads stand in the line of their client; those who have none, where there is room.
    fn helpers(&self, svg: &mut String, helpers: &[&Runner]) {
        let mut taken = vec![false; self.machine.clients.len() + 1];
        let shown = |it: &&&Runner| it.lives() || it.is_zombie;
        let mut idle = Vec::new();
        for helper in helpers.iter().filter(shown) {
            let client = self.machine.client_of(helper);
            let client = client.filter(|_| helper.call_name() != Some("futex"));
            match client.filter(|&it| !taken[it] || helper.lives()) {
                Some(client) => {
                    taken[client] = true;
                    self.runner(svg, helper, row(client) - 20, row(client) + 20);
                }
                None => idle.push(*helper),
            }
        }
        for helper in idle {
            if let Some(free) = (1..taken.len()).rev().find(|&it| !taken[it]) {
                taken[free] = true;
                self.runner(svg, helper, row(free) - 20, row(free) + 20);
            }
        }
    }

    fn runner(&self, svg: &mut String, runner: &Runner, top: i32, bottom: i32) {
        let (left, right) = BOX;
        let awake = runner.can_go_on(&self.machine.kernel);
        let class = if awake { "box awake" } else { "box asleep" };
        rect(svg, class, left, top, right - left, bottom - top, 8);
        let middle = (left + right) / 2;
        let who = words::of_runner(runner.number, runner.is_thread, self.language);
        text(svg, "small", middle, top + 15, "middle", &who);
        let call = match runner.call_name() {
            Some(call) if awake => format!("{call}()"),
            Some(call) => format!("{call} …"),
            None => self.language.choose("zombie", "僵尸进程").to_owned(),
        };
        // The longest name is pressed together a little, to stay in its box.
        let pressed = match call.chars().count() {
            0..15 => String::new(),
            _ => format!(
                r#" textLength="{}" lengthAdjust="spacingAndGlyphs""#,
                right - left - 12
            ),
        };
        let y = top + 32;
        let _ = write!(
            svg,
            r#"<text class="call" x="{middle}" y="{y}" text-anchor="middle"{pressed}>{call}</text>"#
        );
        // What a process has open that another one talks with.
        if !runner.is_thread && runner.number == 1 && self.machine.runners.len() > 1 {
            let open = self.machine.open_in(runner.table);
            if !open.is_empty() && self.machine.runners.iter().all(|it| !it.is_thread) {
                let open: Vec<String> = open.iter().map(usize::to_string).collect();
                let word = self.language.choose("open:", "打开：");
                text(
                    svg,
                    "small",
                    middle,
                    bottom - 5,
                    "middle",
                    &format!("{word} {}", open.join(" ")),
                );
            }
        }
    }

    /// In a program of one process: what it holds for a client, and what is under way for it.
    fn inside(&self, svg: &mut String, client: usize) {
        let Some(id) = self.machine.clients[client - 1].connection else {
            return;
        };
        let connection = &self.machine.kernel.connections[id];
        if connection.holders == 0 {
            return;
        }
        let y = row(client);
        let (left, right) = BOX;
        let chip = self.chip(id);
        let held = connection.held();
        if held == 0 && chip.is_none() {
            return;
        }
        let class = match chip {
            Some((_, class)) => class,
            None => "ours",
        };
        rect(svg, class, left + 10, y - 12, right - left - 20, 25, 4);
        let said = match (chip, held) {
            (Some((word, _)), 0) => word.to_owned(),
            (Some((word, _)), _) => format!("{word} {}", bytes(held)),
            (None, _) => format!("{} {}", self.language.choose("holds", "持有"), bytes(held)),
        };
        text(svg, "small", (left + right) / 2, y + 5, "middle", &said);
    }

    /// A task's state, or the operations in flight.
    fn chip(&self, id: Id) -> Option<(&'static str, &'static str)> {
        let main = self.machine.runners.first()?;
        let client = self.machine.kernel.connections[id].client;
        let is_his = |fd: Fd| {
            fd != LISTENER && self.machine.kernel.client_of(main.table, fd) == Some(client)
        };
        let say = |english, chinese| self.language.choose(english, chinese);
        if let Some(task) = main.tasks().iter().find(|it| is_his(it.fd)) {
            return Some(match task.state {
                TaskState::Pending => ("Pending", "box asleep"),
                TaskState::Woken => (say("woken", "已唤醒"), "ready"),
                TaskState::Polled => (say("polled", "被轮询"), "box awake"),
            });
        }
        let in_flight = self.machine.in_flight(main);
        let receives = in_flight
            .iter()
            .any(|it| matches!(it, Operation::Recv { fd } if is_his(*fd)));
        let sends = in_flight
            .iter()
            .any(|it| matches!(it, Operation::Send { fd, .. } if is_his(*fd)));
        match (receives, sends) {
            (true, true) => Some(("recv, send", "theirs")),
            (true, false) => Some(("recv", "theirs")),
            (false, true) => Some(("send", "theirs")),
            (false, false) => None,
        }
    }

    fn wires(&self, svg: &mut String) {
        for (id, connection) in self.machine.kernel.connections.iter().enumerate() {
            let client = connection.client;
            let is_his = self.machine.clients[client - 1].connection == Some(id);
            if is_his && connection.holders > 0 {
                let hot = match self.last {
                    Last::Beat(_) if self.is_hot(client) => " hot",
                    _ => "",
                };
                let y = row(client);
                let _ = write!(
                    svg,
                    r#"<path class="wire{hot}" d="M{} {y}H{}"/>"#,
                    BAND.1, BOX.0
                );
            }
        }
    }
}

/// On a logarithmic scale: a line and 64 KiB can both be seen.
fn filled(count: usize) -> i32 {
    let bits = (usize::BITS - count.leading_zeros()) as i32;
    (bits * CELLS + 16) / 17
}

fn rect(svg: &mut String, class: &str, x: i32, y: i32, width: i32, height: i32, round: i32) {
    let _ = write!(
        svg,
        r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}" rx="{round}"/>"#
    );
}

fn text(svg: &mut String, class: &str, x: i32, y: i32, anchor: &str, words: &str) {
    let _ = write!(
        svg,
        r#"<text class="{class}" x="{x}" y="{y}" text-anchor="{anchor}">{words}</text>"#
    );
}
