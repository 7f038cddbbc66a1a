use crate::bug::Bug;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::socket::{Backlog, listen};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::exit;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use subject::raise_descriptor_limit;

/// Listens on `address` and tells where that is; ends the process when it cannot.
pub(crate) fn start(address: SocketAddr, bug: Bug) -> TcpListener {
    if bug != Bug::LimitLeftLow {
        raise_descriptor_limit();
    }
    if bug == Bug::FewDescriptors {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, 256, 256);
    }
    if bug == Bug::NeedsAThread {
        let helper = thread::Builder::new().spawn(|| {});
        match helper {
            Ok(helper) => drop(helper.join()),
            Err(error) => {
                eprintln!("broken-server: no thread: {error}");
                exit(1)
            }
        }
    }
    if bug == Bug::Babbles {
        thread::spawn(|| {
            loop {
                eprintln!("still here");
                thread::sleep(Duration::from_millis(50));
            }
        });
    }
    if bug == Bug::DiesOfLongLine {
        end_with_any_thread();
    }
    if let Err(error) = catch_signals(bug) {
        eprintln!("broken-server: cannot catch signals: {error}");
        exit(1);
    }
    let listener = open(address, bug).unwrap_or_else(|error| cannot_listen(address, &error, bug));
    match (listener.local_addr(), bug) {
        (Ok(_), Bug::AddressUntold) => println!("ready"),
        (Ok(address), Bug::TwoLinesAtStart) => {
            println!("listening on {address}\npress Ctrl-C to end")
        }
        (Ok(address), Bug::EveryAddress) => {
            println!("listening on 127.0.0.1:{}", address.port())
        }
        (Ok(address), _) => println!("listening on {address}"),
        (Err(error), _) => cannot_listen(address, &error, bug),
    }
    listener
}

/// A panic ends the process, as it does in a server of one thread.
fn end_with_any_thread() {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        print(panic);
        exit(101);
    }));
}

fn open(mut address: SocketAddr, bug: Bug) -> io::Result<TcpListener> {
    if bug == Bug::Ipv4Only && address.is_ipv6() {
        return Err(io::Error::other("no host and port"));
    }
    if bug == Bug::HostIgnored {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    if bug == Bug::EveryAddress {
        address.set_ip(Ipv4Addr::UNSPECIFIED.into());
    }
    if bug == Bug::AnotherAddress {
        address.set_ip(Ipv4Addr::new(127, 0, 0, 2).into());
    }
    let listener = TcpListener::bind(address)?;
    // std asks for a backlog of 128, and a crowd comes all at once.
    if bug != Bug::ShortBacklog {
        listen(&listener, Backlog::MAXCONN)?;
    }
    Ok(listener)
}

fn cannot_listen(address: SocketAddr, error: &io::Error, bug: Bug) -> ! {
    match bug {
        Bug::PortInUsePanics => panic!("called `Result::unwrap()` on an `Err` value: {error:?}"),
        Bug::PortInUseUnexplained => eprintln!("broken-server: cannot listen"),
        Bug::PortInUseLengthy => eprintln!("broken-server: cannot listen on {address}\n  {error}"),
        _ => eprintln!("broken-server: cannot listen on {address}: {error}"),
    }
    exit((bug != Bug::PortInUseExits0).into())
}

/// Signals end this server by what they do by default, unless that is its bug.
fn catch_signals(bug: Bug) -> io::Result<()> {
    let never_looked_at = Arc::default();
    match bug {
        Bug::IgnoresSignals => {
            flag::register(SIGTERM, Arc::clone(&never_looked_at))?;
            flag::register(SIGINT, never_looked_at)?;
        }
        Bug::IgnoresSigint => {
            flag::register(SIGINT, never_looked_at)?;
        }
        Bug::SignalExits1 => {
            let mut signals = Signals::new([SIGTERM, SIGINT])?;
            thread::spawn(move || signals.forever().next().map(|_| exit(1)));
        }
        _ => {}
    }
    Ok(())
}
