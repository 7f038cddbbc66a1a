use crate::terminal::Terminal;
use anyhow::Result;
use grader::Executables;
use grader::step::Step;

/// Builds the steps' programs for speed and tells where they are.
pub(crate) fn build(terminal: &Terminal, steps: &[&Step]) -> Result<Executables> {
    let mut select = vec!["--bins"];
    for step in steps {
        select.extend(["--package", &step.slug]);
    }
    let spinner =
        terminal.spinner(terminal.say("building the steps (release)", "正在构建各步（release）"));
    let shown = spinner.clone();
    let executables = Executables::build(&select, move |line| shown.set_message(line.to_owned()));
    spinner.finish_and_clear();
    executables
}
