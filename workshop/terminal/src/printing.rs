//! Results on their way out: to standard output, or into a file. Whatever of them is lost is told,
//! and is no success.

use crate::lost::Lost;
use crate::speaking;
use crate::text::{Encoding, Language, Text};
use crate::told::explained;
use clap::{CommandFactory, Parser};
use nix::libc;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use subject::undisturbed;

/// How a program ends: with the status that it has come to, or with what went wrong, which
/// `complain` says.
pub fn conclude(
    done: anyhow::Result<ExitCode>,
    language: Language,
    complain: impl FnOnce(&str),
) -> ExitCode {
    // What came to its end since then ended by the interrupt, or with it: the exit status is its own.
    subject::leave_to_interrupt();
    let error = match done {
        Ok(status) => return status,
        Err(error) => error,
    };
    let lost = error.chain().find_map(|link| link.downcast_ref::<Lost>());
    let Some(lost) = lost else {
        complain(&explained(&error, language));
        return ExitCode::FAILURE;
    };
    if let Some(told) = lost.told() {
        complain(told.get(language));
    }
    ExitCode::from(Lost::STATUS)
}

/// Parses the command line. If it is wrong, or asks for `--help` or `--version`, what is to be said
/// is said, and the process ends.
pub fn parse<T: Parser>() -> T {
    T::try_parse().unwrap_or_else(|answer| {
        let text = answer.render().ansi().to_string();
        end(&text, Language::English, answer.exit_code())
    })
}

/// The same in a language. What is said of the command and of all that belongs to it stands beside it
/// in both: `English words（中文）`.
pub fn parse_in<T: Parser>(language: Language) -> T {
    let mut command = speaking::speaking(T::command(), language);
    let matches = command.try_get_matches_from_mut(std::env::args_os());
    let parsed = matches.and_then(|mut matches| {
        T::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
    });
    parsed.unwrap_or_else(|answer| {
        let text = speaking::answer(&answer, language);
        end(&text, language, answer.exit_code())
    })
}

/// Ends the process because of a command line that is wrong for a reason of its own.
pub fn refuse<T: CommandFactory>(what: &Text, language: Language) -> ! {
    let text = speaking::refused(&mut T::command(), what, language);
    end(&text, language, WRONG_USAGE)
}

/// The exit status of clap's for a command line that is wrong.
const WRONG_USAGE: i32 = 2;

/// Says an answer to a command line, in which colours are marked by escape sequences: what was asked
/// for on standard output, what is wrong on standard error.
fn end(text: &str, language: Language, status: i32) -> ! {
    let is_wrong = status != 0;
    let coloured = match is_wrong {
        true => console::colors_enabled_stderr(),
        false => console::colors_enabled(),
    };
    let text = match coloured {
        true => text.into(),
        false => console::strip_ansi_codes(text),
    };
    let text = match language {
        Language::English => Encoding::of_the_terminal().fit(text.trim_end()),
        Language::Chinese => text.trim_end().into(),
    };
    if is_wrong {
        let _ = writeln!(io::stderr(), "{text}");
    } else if let Err(lost) = print(&text) {
        if let Some(told) = lost.told() {
            let _ = writeln!(io::stderr(), "{}", told.get(language));
        }
        std::process::exit(Lost::STATUS.into());
    }
    std::process::exit(status)
}

/// Prints on standard output, with a newline.
///
/// # Errors
///
/// When not all of it could be written.
pub fn print(text: &str) -> Result<(), Lost> {
    print_bare(&format!("{text}\n"))
}

/// The same without a newline.
pub(crate) fn print_bare(text: &str) -> Result<(), Lost> {
    if STDOUT_WAS_CLOSED.load(Ordering::Relaxed) {
        let closed = io::Error::from_raw_os_error(libc::EBADF);
        return Err(Lost::on_standard_output(closed));
    }
    let mut stdout = io::stdout().lock();
    write!(stdout, "{text}")
        .and_then(|()| stdout.flush())
        .map_err(Lost::on_standard_output)
}

/// Standard output was closed when the program started (`>&-`). The standard library then opens
/// /dev/null in its place before `main`, where everything can be written, and is lost.
static STDOUT_WAS_CLOSED: AtomicBool = AtomicBool::new(false);

extern "C" fn look_at_standard_output() {
    // Asked of the descriptor alone: nothing is read, written or owned here.
    #[allow(unsafe_code)]
    // SAFETY: F_GETFD takes no argument and changes nothing, whatever the number stands for.
    let flags = unsafe { libc::fcntl(libc::STDOUT_FILENO, libc::F_GETFD) };
    STDOUT_WAS_CLOSED.store(flags < 0, Ordering::Relaxed);
}

/// Has the system call it before the standard library begins.
#[cfg_attr(
    target_vendor = "apple",
    unsafe(link_section = "__DATA,__mod_init_func,mod_init_funcs")
)]
#[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".init_array"))]
#[used]
// SAFETY: the section is a list of such functions, and this one needs nothing of the standard library
// but an atomic.
#[allow(unsafe_code)]
static BEFORE_MAIN: extern "C" fn() = look_at_standard_output;

/// Can this file be written? Asked before anything takes time; what it holds stays as it is.
///
/// # Errors
///
/// When it cannot.
pub fn can_be_written(path: &Path) -> Result<(), Lost> {
    let asked = match place(path) {
        Ok(Place::Here) => Ok(()),
        Ok(Place::Beside { folder, .. }) => beside(&folder).map(drop),
        Err(error) => Err(error),
    };
    asked.map_err(Lost::in_file(path))
}

/// Writes a file that then has all of it; until then, and if anything goes wrong, it is as it was.
/// An interrupt that is caught ([`subject::kill_all_on_interrupt`]) waits while it would leave the new
/// file beside the old one.
///
/// # Errors
///
/// When it cannot be written.
pub fn replace_file(path: &Path, contents: &[u8]) -> Result<(), Lost> {
    let written = || match place(path)? {
        Place::Here => OpenOptions::new()
            .write(true)
            .open(path)?
            .write_all(contents),
        Place::Beside {
            folder,
            file,
            permissions,
        } => {
            let _undisturbed = undisturbed();
            let mut new = beside(&folder)?;
            new.write_all(contents)?;
            if let Some(permissions) = permissions {
                new.as_file().set_permissions(permissions)?;
            }
            // Some file systems notice only now that they are full.
            new.as_file().sync_all()?;
            new.persist(file).map_err(|error| error.error)?;
            Ok(())
        }
    };
    written().map_err(Lost::in_file(path))
}

enum Place {
    /// A pipe or a device: nothing in it can be kept.
    Here,
    /// A file: the new one is made beside it, for a file can only be renamed within a file system.
    Beside {
        folder: PathBuf,
        file: PathBuf,
        /// Those of the file that is there.
        permissions: Option<Permissions>,
    },
}

fn place(path: &Path) -> io::Result<Place> {
    let (file, permissions) = match fs::metadata(path) {
        Ok(about) if about.is_dir() => return Err(ErrorKind::IsADirectory.into()),
        Ok(about) if !about.is_file() => return Ok(Place::Here),
        Ok(about) => {
            // Whoever has forbidden to write it does not want it replaced.
            File::options().append(true).open(path)?;
            // Where a link leads, not the link.
            (path.canonicalize()?, Some(about.permissions()))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => (std::path::absolute(path)?, None),
        Err(error) => return Err(error),
    };
    let folder = file.parent().ok_or(ErrorKind::IsADirectory)?.to_owned();
    Ok(Place::Beside {
        folder,
        file,
        permissions,
    })
}

/// As anybody else would make a file, less what umask(2) takes away.
fn beside(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new()
        .prefix(".report-")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_permissions_and_a_link_leads_to_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").expect("it is written");
        fs::set_permissions(&file, Permissions::from_mode(0o640)).expect("it is ours");
        std::os::unix::fs::symlink("file", &link).expect("a link");
        replace_file(&link, b"new").expect("it is replaced");
        assert_eq!(fs::read(&file).expect("it is there"), b"new");
        assert!(link.is_symlink());
        let mode = fs::metadata(&file).expect("it is there").permissions();
        assert_eq!(mode.mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).expect("ours").count(), 2);
    }

    #[test]
    fn a_device_is_written_where_it_is() {
        replace_file(Path::new("/dev/null"), b"new").expect("it takes everything");
        let full = replace_file(Path::new("/dev/full"), b"new");
        if Path::new("/dev/full").exists() {
            let told = full.expect_err("it takes nothing").to_string();
            assert!(told.starts_with("cannot write /dev/full: "), "{told}");
        }
    }

    #[test]
    fn what_cannot_be_written_is_told_beforehand() {
        for path in ["/", "/no/such/folder/file"] {
            assert!(can_be_written(Path::new(path)).is_err(), "{path}");
        }
        let told = can_be_written(Path::new("/no/such/folder/file"));
        let told = told.expect_err("there is no folder").to_string();
        let reason = io::Error::from_raw_os_error(libc::ENOENT);
        let expected = format!("cannot write /no/such/folder/file: {reason}");
        assert!(told.starts_with(&expected), "{told}");
    }
}
