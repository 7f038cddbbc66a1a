//! Why a program cannot be started, by name, and the command that mends it.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use terminal::{Text, harmless};

/// The kernel reads no more of a file to find out what it is (`BINPRM_BUF_SIZE`, execve(2)).
const BEGINNING: u64 = 256;

/// What is wrong with the program at `path`, which could not be started (`error`), or was started and
/// ended at once. `None` if nothing is, as far as can be seen from the file.
pub fn diagnose(path: &Path, error: Option<&io::Error>) -> Option<Text> {
    let file = shell_words::quote(&path.display().to_string()).into_owned();
    let file = harmless(&file);
    let about = match fs::metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Some(Text::new(
                format!("there is no file {file}"),
                format!("没有 {file} 这个文件"),
            ));
        }
        Err(_) => return None,
    };
    if about.is_dir() {
        return Some(Text::new(
            format!("{file} is a folder, not a program"),
            format!("{file} 是目录，不是程序"),
        ));
    }
    // Whoever opened a pipe would wait for somebody who writes into it.
    if !about.is_file() {
        return Some(Text::new(
            format!("{file} is not a file but a pipe, a socket or a device: no program"),
            format!("{file} 不是文件，而是管道、套接字或设备：不是程序"),
        ));
    }
    // What the kernel looks at first comes first: the rest is told once that is mended.
    if about.permissions().mode() & 0o111 == 0 {
        return Some(Text::new(
            format!("{file} is not executable: it has no x-bit. Mend it: chmod +x {file}"),
            format!("{file} 没有执行权限（x 位）。改法：chmod +x {file}"),
        ));
    }
    let mut beginning = Vec::new();
    File::open(path)
        .and_then(|file| file.take(BEGINNING).read_to_end(&mut beginning))
        .ok()?;
    if let Some(wrong) = of_a_script(&file, &beginning) {
        return Some(wrong);
    }
    let error = error?;
    let is_elf = beginning.starts_with(b"\x7fELF");
    match error.raw_os_error() {
        Some(nix::libc::ENOEXEC) if is_elf => Some(Text::new(
            format!(
                "{file} was built for another kind of machine (file {file} says which): build it here"
            ),
            format!("{file} 是给另一种机器编译的（用 file {file} 看是哪一种）：请在这里重新编译"),
        )),
        Some(nix::libc::ENOEXEC) => Some(Text::new(
            format!(
                "{file} is neither a compiled program nor a script with a first line that names its interpreter. \
                 Name it on the command line, as in --bin 'python3 {file}', or in the first line: #!/usr/bin/env python3"
            ),
            format!(
                "{file} 既不是编译好的程序，第一行也没有写明解释器。\
                 可以在命令行上写明，比如 --bin 'python3 {file}'，或者在第一行写上：#!/usr/bin/env python3"
            ),
        )),
        Some(nix::libc::ENOENT) if is_elf => Some(Text::new(
            format!(
                "the loader that {file} names is not there (ldd {file}): it was linked on another system; build it here"
            ),
            format!(
                "{file} 指定的加载器不在这里（用 ldd {file} 看）：它是在别的系统上链接的，请在这里重新编译"
            ),
        )),
        _ => None,
    }
}

/// What is wrong with a script's first line.
fn of_a_script(file: &str, beginning: &[u8]) -> Option<Text> {
    if beginning.starts_with(b"\xef\xbb\xbf#!") {
        return Some(Text::new(
            format!(
                "{file} begins with a byte order mark (BOM), so that the kernel does not see the #! after it. \
                 Mend it: sed -i '1s/^\\xEF\\xBB\\xBF//' {file}"
            ),
            format!(
                "{file} 以字节顺序标记（BOM）开头，内核看不到它后面的 #!。\
                 改法：sed -i '1s/^\\xEF\\xBB\\xBF//' {file}"
            ),
        ));
    }
    let line = beginning.strip_prefix(b"#!")?;
    let line = line.split(|&byte| byte == b'\n').next()?;
    let line = String::from_utf8_lossy(line);
    if line.ends_with('\r') {
        return Some(Text::new(
            format!(
                "{file} has the line ends of Windows (CR LF): its interpreter is looked for with a CR at the end of its name. \
                 Mend it: sed -i 's/\\r$//' {file}"
            ),
            format!(
                "{file} 用的是 Windows 的行尾（CR LF）：系统去找的解释器，名字末尾多了一个 CR。\
                 改法：sed -i 's/\\r$//' {file}"
            ),
        ));
    }
    let mut words = line.split_whitespace();
    let interpreter = words.next()?;
    if !Path::new(interpreter).exists() {
        return Some(missing(file, interpreter));
    }
    let named = words.find(|word| !word.starts_with('-') && !word.contains('='));
    match named {
        Some(named) if interpreter.ends_with("/env") && on_the_path(named).is_none() => {
            Some(missing(file, named))
        }
        _ => None,
    }
}

fn missing(file: &str, interpreter: &str) -> Text {
    let name = Path::new(interpreter).file_name().unwrap_or_default();
    let name = harmless(&name.to_string_lossy());
    let interpreter = harmless(interpreter);
    Text::new(
        format!(
            "the interpreter that the first line of {file} names is not there: {interpreter}. \
             Install {name}, or let the first line name one that is there: command -v {name}"
        ),
        format!(
            "{file} 第一行指定的解释器不在这里：{interpreter}。\
             请安装 {name}，或者把第一行改成这里有的解释器：command -v {name}"
        ),
    )
}

fn on_the_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    /// A file with these contents, and what is told of it when it has been started.
    fn told(contents: &[u8], mode: u32) -> Option<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("server");
        fs::write(&path, contents).expect("it is written");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("it is ours");
        let error = Command::new(&path).output().err();
        let told = diagnose(&path, error.as_ref())?;
        assert!(!told.zh.is_ascii() && told.en.is_ascii(), "{told:?}");
        Some(told.en.into_owned())
    }

    #[test]
    fn what_is_wrong_is_called_by_its_name_with_the_command_that_mends_it() {
        for (contents, mode, name, mended) in [
            (
                &b"#!/bin/sh\r\ntrue\r\n"[..],
                0o755,
                "Windows",
                "sed -i 's/\\r$//' ",
            ),
            (
                b"#!/usr/bin/env sh\r\n",
                0o755,
                "Windows",
                "sed -i 's/\\r$//' ",
            ),
            (b"\xef\xbb\xbf#!/bin/sh\n", 0o755, "BOM", "sed -i '1s/^"),
            (b"#!/bin/sh\ntrue\n", 0o644, "x-bit", "chmod +x "),
            (
                b"#!/no/such/pyton3\n",
                0o755,
                "/no/such/pyton3",
                "command -v pyton3",
            ),
            (
                b"#!/usr/bin/env pyton3\n",
                0o755,
                ": pyton3",
                "command -v pyton3",
            ),
            (b"print(1)\n", 0o755, "neither", "--bin 'python3 "),
            (
                b"\x7fELF and nonsense",
                0o755,
                "another kind of machine",
                "build it here",
            ),
        ] {
            let told = told(contents, mode).expect(name);
            assert!(told.contains(name) && told.contains(mended), "{told}");
        }
    }

    #[test]
    fn of_a_script_that_can_be_started_nothing_is_told() {
        assert_eq!(told(b"#!/bin/sh\ntrue\n", 0o755), None);
        assert_eq!(told(b"#!/usr/bin/env -S A=1 sh -e\ntrue\n", 0o755), None);
    }

    #[test]
    fn a_file_that_is_none_is_told() {
        let nothing = diagnose(Path::new("/no/such/server"), None).expect("there is none");
        assert!(nothing.en.contains("no file /no/such/server"));
        let folder = diagnose(Path::new("/"), None).expect("it is a folder");
        assert!(folder.en.contains("is a folder"));
    }
}
