//! The stage's module as it stands in the tree, so that a reader's build needs no compiler for it:
//! compressed and in letters, in a script, as a page that lies in a folder can fetch nothing.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// For whom it is compiled.
const TARGET: &str = "wasm32-unknown-unknown";

/// The module that is made of the sources in a checkout.
pub struct Module {
    /// `book/assets/stage-module.js`.
    pub path: PathBuf,
    /// What has to stand there.
    pub script: String,
}

/// Compiles the module; takes half a minute.
///
/// # Errors
///
/// When it cannot be compiled: the target must be installed (`rustup target add`).
pub fn module(root: &Path) -> Result<Module> {
    let project = root.parent().unwrap_or(root);
    let built = tempfile::tempdir().context("cannot make a folder to build in")?;
    // No path of this machine: the same sources and the same compiler make the same bytes.
    let cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo_home = cargo_home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let cargo_home = cargo_home.context("cannot find cargo's folder")?;
    let flags = format!(
        "--remap-path-prefix={}=cargo\u{1f}--remap-path-prefix={}=book",
        cargo_home.display(),
        project.display()
    );
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .current_dir(project)
        .args(["rustc", "--quiet", "--locked", "-p", "stage", "--lib"])
        .args(["--profile", "page", "--target", TARGET])
        .args(["--crate-type", "cdylib", "--target-dir"])
        .arg(built.path())
        .env("CARGO_ENCODED_RUSTFLAGS", flags)
        .env_remove("RUSTFLAGS")
        .status()
        .context("cannot run cargo")?;
    ensure!(
        status.success(),
        "cannot compile the stage's module: rustup target add {TARGET}"
    );
    let wasm = built.path().join(TARGET).join("page/stage.wasm");
    let wasm = std::fs::read(&wasm).with_context(|| format!("cannot read {}", wasm.display()))?;
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&wasm)?;
    let letters = base64::engine::general_purpose::STANDARD.encode(packed.finish()?);
    let (compiler, sources) = (compiler()?, sources(project)?);
    let script = format!(
        "// Made by `cargo run -p book -- module` of the sources {sources},\n\
         // by {compiler}.\n\
         window.ioStageModule = '{letters}';\n"
    );
    let path = root.join("assets/stage-module.js");
    Ok(Module { path, script })
}

/// What has made the module that stands in the tree: its sources, and its compiler.
///
/// # Errors
///
/// When it cannot be read.
pub fn made_of(root: &Path) -> Result<(String, String)> {
    let path = root.join("assets/stage-module.js");
    let text = std::fs::read_to_string(&path);
    let text = text.with_context(|| format!("cannot read {}", path.display()))?;
    let mut lines = text.lines().map(|line| line.trim_end_matches([',', '.']));
    let mut word = |before: &str| {
        let line = lines.next()?;
        Some(line.split_once(before)?.1.to_owned())
    };
    let made = word(" of the sources ").zip(word("by "));
    made.with_context(|| format!("{} does not say what it is made of", path.display()))
}

/// The compiler that is here.
///
/// # Errors
///
/// When there is none.
pub fn compiler() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let told = Command::new(rustc).arg("--version").output();
    let told = told.context("cannot run rustc")?.stdout;
    Ok(String::from_utf8_lossy(&told).trim().to_owned())
}

/// A hash of all that the module is made of: the two crates, the versions of the others, the profile.
///
/// # Errors
///
/// When a source cannot be read.
pub fn sources(project: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    for folder in ["book/stage/src", "shared/conversation/src"] {
        for path in crate::code::rust_files(&project.join(folder))? {
            hash.update(std::fs::read(path)?);
        }
    }
    for file in ["book/stage/Cargo.toml", "shared/conversation/Cargo.toml"] {
        hash.update(std::fs::read(project.join(file))?);
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let tree = Command::new(cargo)
        .current_dir(project)
        .args([
            "tree",
            "--locked",
            "--offline",
            "-p",
            "stage",
            "--edges",
            "normal",
        ])
        .args([
            "--target", TARGET, "--prefix", "none", "--format", "{p} {f}",
        ])
        .output()
        .context("cannot run cargo tree")?;
    ensure!(
        tree.status.success(),
        "{}",
        String::from_utf8_lossy(&tree.stderr)
    );
    for line in String::from_utf8_lossy(&tree.stdout).lines() {
        // Without the folder in which a crate of ours lies.
        let shown: Vec<&str> = line.split(' ').filter(|it| !it.contains('/')).collect();
        hash.update(shown.join(" "));
    }
    let workspace = std::fs::read_to_string(project.join("Cargo.toml"))?;
    let profile = workspace.split("[profile.page]").nth(1).unwrap_or_default();
    hash.update(profile);
    let letters = hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    Ok(letters[..32].to_owned())
}
