use super::human::{Page, counted};
use crate::results::Results;
use console::Style;
use load::statistics::Spread;
use std::fmt::Write;
use terminal::Language;

/// From which factor between the fastest and the slowest round on it is told that the machine's own
/// pace changed.
const UNSTEADY: f64 = 1.1;

impl Page<'_> {
    /// What was measured on, where, how often, and how steadily.
    pub(super) fn foot(&self) -> String {
        let Results {
            machine,
            rounds,
            times,
            seed,
            ..
        } = self.results;
        let (seconds, warm_up) = (times.measured.as_secs_f64(), times.warm_up.as_secs_f64());
        let all = machine.cores;
        let english = self.language() == Language::English;
        let what = if english {
            let cores = counted(all, "core", "cores");
            format!("{} · {all} {cores} · {}", machine.cpu, machine.kernel)
        } else {
            format!("{} · {all} 核 · {}", machine.cpu, machine.kernel)
        };
        let mut how = if english {
            let rounds_of = counted(*rounds, "round", "rounds");
            format!(
                "{rounds} {rounds_of} of {seconds} s after {warm_up} s of warm-up, medians · \
                 seed {seed}"
            )
        } else {
            format!("{rounds} 轮，每轮 {seconds} 秒，预热 {warm_up} 秒，取中位数 · 种子 {seed}")
        };
        if !self.results.complete {
            how += self.say(" · cut short", " · 提前结束");
        }
        let mut text = String::from("\n");
        for line in [what, self.pinned(), how] {
            let _ = writeln!(text, "  {}", self.dim(&line));
        }
        text += &self.pace();
        text
    }

    /// A machine that is not always equally fast: a virtual one with neighbours, or a hot one.
    fn pace(&self) -> String {
        let paces = self.results.paces.iter();
        let Some(pace) = Spread::of(paces.map(|pace| pace.as_secs_f64())) else {
            return String::new();
        };
        let times = pace.max / pace.min;
        if times < UNSTEADY {
            return String::new();
        }
        let line = match self.language() {
            Language::English => format!(
                "  the machine itself was up to {times:.1} times as slow in one round as in \
                 another: trust × more than µs"
            ),
            Language::Chinese => {
                format!("  机器本身时快时慢，轮与轮之间最多相差 {times:.1} 倍：比起 µs，× 更可信")
            }
        };
        format!("{}\n", self.paint(Style::new().yellow(), &line))
    }

    fn pinned(&self) -> String {
        let Some(cores) = self.results.cores else {
            let nothing = self.say("nothing was pinned to a core", "没有绑定到任何核");
            return nothing.to_owned();
        };
        let (server, load) = (cores.server, cores.load);
        let line = match self.language() {
            Language::English => format!("server on core {server}, load on core {load}"),
            Language::Chinese => format!("服务器在核 {server}，负载在核 {load}"),
        };
        let siblings = self.say(
            ": two threads of one core, which slow each other down",
            "：同一个物理核的两个线程，会互相拖慢",
        );
        if cores.siblings {
            line + siblings
        } else {
            line
        }
    }
}
