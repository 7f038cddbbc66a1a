//! The stage's module, as it stands in the tree, is the one that its sources make.

use std::path::Path;
use std::process::Command;

use book::stage;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_module_is_made_of_these_sources() {
    let (sources, _) = stage::made_of(root()).expect("it says so");
    let today = stage::sources(root().parent().expect("a project")).expect("a hash");
    assert_eq!(
        sources, today,
        "`cargo run -p book -- module` makes it anew"
    );
}

/// Where the compiler that has made it is present, and its target: the same bytes.
#[test]
fn the_module_is_the_one_that_they_make() {
    let is_required = std::env::var("BOOK_MODULE").is_ok_and(|it| it == "required");
    let (_, compiler) = stage::made_of(root()).expect("it says so");
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output();
    let sysroot = sysroot.expect("a compiler").stdout;
    let sysroot = String::from_utf8_lossy(&sysroot).trim().to_owned();
    let target = Path::new(&sysroot).join("lib/rustlib/wasm32-unknown-unknown");
    if stage::compiler().expect("a compiler") != compiler || !target.is_dir() {
        assert!(
            !is_required,
            "{compiler} and its target for WebAssembly are required"
        );
        eprintln!("SKIPPED: here is not {compiler}, with its target for WebAssembly");
        return;
    }
    let made = stage::module(root()).expect("it compiles");
    let stands = std::fs::read_to_string(&made.path).expect("it is there");
    assert!(
        made.script == stands,
        "`cargo run -p book -- module` makes it anew"
    );
}

/// A page that has a stage asks for no more than this, before any compression.
#[test]
fn script_and_module_are_small() {
    const MOST: u64 = 150_000;
    let size = |name: &str| {
        let file = root().join("assets").join(name);
        file.metadata().expect("it is there").len()
    };
    let all = size("stage-module.js") + size("stage.js");
    assert!(all <= MOST, "{all} bytes");
}
