//! On which system this runs, and in what.

use nix::sys::utsname::uname;
use std::fs;
use std::path::Path;
use terminal::{Language, Text};

/// By whose commands something is installed here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum System {
    /// Debian, Ubuntu, and what is made of them.
    Debian,
    Fedora,
    Arch,
    MacOs,
    Other,
}

/// Those whose commands are known, and their names.
pub(super) const KNOWN: [(System, &str); 4] = [
    (System::Debian, "Debian, Ubuntu"),
    (System::Fedora, "Fedora"),
    (System::Arch, "Arch"),
    (System::MacOs, "macOS"),
];

/// Windows' Linux, of which the first version is none: its calls are answered by Windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wsl {
    One,
    Two,
}

impl System {
    /// The one that this program runs on (`os-release(5)`).
    pub(super) fn here() -> System {
        if cfg!(target_os = "macos") {
            return System::MacOs;
        }
        System::of(&os_release())
    }

    fn of(os_release: &str) -> System {
        let own = value(os_release, "ID").unwrap_or_default();
        let like = value(os_release, "ID_LIKE").unwrap_or_default();
        let mut names = own.split_whitespace().chain(like.split_whitespace());
        let known = names.find_map(|name| match name {
            "debian" | "ubuntu" => Some(System::Debian),
            "fedora" | "rhel" | "centos" => Some(System::Fedora),
            "arch" => Some(System::Arch),
            _ => None,
        });
        known.unwrap_or(System::Other)
    }
}

fn os_release() -> String {
    let files = ["/etc/os-release", "/usr/lib/os-release"].iter();
    let mut texts = files.filter_map(|file| fs::read_to_string(file).ok());
    texts.next().unwrap_or_default()
}

/// The value of `NAME=value` or `NAME="value"`.
fn value<'a>(os_release: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = os_release.lines();
    let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
    Some(value.trim().trim_matches(['"', '\'']))
}

/// What Windows runs this in, if it does.
pub(super) fn wsl() -> Option<Wsl> {
    wsl_of(&kernel())
}

/// Microsoft's kernel tells its name; before WSL 2 there was none, and the name was written in capitals.
fn wsl_of(release: &str) -> Option<Wsl> {
    match release {
        it if it.contains("Microsoft") => Some(Wsl::One),
        it if it.contains("microsoft") => Some(Wsl::Two),
        _ => None,
    }
}

/// The kernel's release, as in `6.1.0-18-amd64`.
pub(super) fn kernel() -> String {
    let release = uname().map(|name| name.release().to_string_lossy().into_owned());
    release.unwrap_or_default()
}

/// Does this run in a container? They leave a file at the root, or say so in the environment.
pub(super) fn is_container() -> bool {
    ["/.dockerenv", "/run/.containerenv"]
        .iter()
        .any(|file| Path::new(file).exists())
        || std::env::var_os("container").is_some()
        || std::env::var_os("KUBERNETES_SERVICE_HOST").is_some()
}

/// One line: the system, the kernel, the machine.
pub(super) fn introduction(language: Language) -> String {
    let kernel_name = uname().map(|name| name.sysname().to_string_lossy().into_owned());
    let release = os_release();
    let name = value(&release, "PRETTY_NAME").map(str::to_owned);
    let mut parts: Vec<String> = name.into_iter().collect();
    parts.push(format!("{} {}", kernel_name.unwrap_or_default(), kernel()));
    parts.push(std::env::consts::ARCH.to_owned());
    match wsl() {
        Some(Wsl::One) => parts.push("WSL 1".to_owned()),
        Some(Wsl::Two) => parts.push("WSL 2".to_owned()),
        None => {}
    }
    if is_container() {
        let container = Text::new("in a container", "在容器里");
        parts.push(container.get(language).to_owned());
    }
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_known_by_its_name_or_by_what_it_is_made_of() {
        for (os_release, expected) in [
            ("NAME=\"Debian GNU/Linux\"\nID=debian\n", System::Debian),
            ("ID=ubuntu\nID_LIKE=debian\n", System::Debian),
            ("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", System::Debian),
            ("ID=fedora\n", System::Fedora),
            (
                "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n",
                System::Fedora,
            ),
            ("ID=manjaro\nID_LIKE=arch\n", System::Arch),
            ("VERSION_ID=3.20\nID=alpine\n", System::Other),
            ("", System::Other),
        ] {
            assert_eq!(System::of(os_release), expected, "{os_release}");
        }
    }

    #[test]
    fn both_of_windows_linuxes_are_known() {
        let wsl = |release| wsl_of(release);
        assert_eq!(wsl("4.4.0-19041-Microsoft"), Some(Wsl::One));
        assert_eq!(wsl("5.15.153.1-microsoft-standard-WSL2"), Some(Wsl::Two));
        assert_eq!(wsl("6.1.0-18-amd64"), None);
    }
}
