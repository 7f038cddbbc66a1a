//! A process's children, as the kernel lists them. Nothing here allocates: it is done by a copy of this
//! process, too, in which nobody may (`fork(2)`).

use rustix::fs::{CWD, Mode, OFlags, RawDir, openat};
use rustix::io::{Errno, Result, read};
use std::ffi::CStr;
use std::fmt::Arguments;
use std::io::Write;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::LazyLock;

/// Does this system list them (CONFIG_PROC_CHILDREN)?
pub(crate) fn lists_children() -> bool {
    static DOES: LazyLock<bool> =
        LazyLock::new(|| Path::new("/proc/thread-self/children").exists());
    *DOES
}

/// Tells the number of every child of `pid`, zombies included. One may be left out while another is
/// reaped (`proc_pid_task_tid_children(5)`).
///
/// # Errors
///
/// When the process has gone.
pub(crate) fn for_each_child(pid: u32, mut told: impl FnMut(u32)) -> Result<()> {
    // A child belongs to the thread that has started it.
    for_each_entry(format_args!("/proc/{pid}/task"), |thread| {
        // A thread that has gone has given its children to another.
        let file = format_args!("/proc/{pid}/task/{thread}/children");
        if let Ok(children) = open(file, OFlags::empty()) {
            let _ = for_each_number(&children, &mut told);
        }
    })
}

/// Tells the number of every entry of a folder of /proc that is a number.
///
/// # Errors
///
/// When it cannot be read.
pub(crate) fn for_each_entry(folder: Arguments, mut told: impl FnMut(u32)) -> Result<()> {
    let mut room = [MaybeUninit::uninit(); 1024];
    let mut entries = RawDir::new(open(folder, OFlags::DIRECTORY)?, &mut room);
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let name = entry.file_name().to_str().ok();
        if let Some(number) = name.and_then(|name| name.parse().ok()) {
            told(number);
        }
    }
    Ok(())
}

fn for_each_number(file: &OwnedFd, told: &mut impl FnMut(u32)) -> Result<()> {
    let mut buffer = [0; 1024];
    let mut number = 0;
    loop {
        let length = read(file, &mut buffer)?;
        for byte in &buffer[..length] {
            match byte {
                b'0'..=b'9' => number = number * 10 + u32::from(byte - b'0'),
                _ if number > 0 => told(std::mem::take(&mut number)),
                _ => {}
            }
        }
        if length == 0 {
            return Ok(());
        }
    }
}

/// The beginning of a file of /proc; how much of it there is in the buffer.
pub(crate) fn read_beginning(path: Arguments, buffer: &mut [u8]) -> Result<usize> {
    read(&open(path, OFlags::empty())?, buffer)
}

fn open(path: Arguments, flags: OFlags) -> Result<OwnedFd> {
    let mut name = [0; 64]; // the longest has 41 bytes
    (&mut name[..63])
        .write_fmt(path)
        .map_err(|_| Errno::NAMETOOLONG)?;
    let name = CStr::from_bytes_until_nul(&name).map_err(|_| Errno::INVAL)?;
    openat(
        CWD,
        name,
        flags | OFlags::RDONLY | OFlags::CLOEXEC,
        Mode::empty(),
    )
}
