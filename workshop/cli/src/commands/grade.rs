mod another_language;
mod bundle;
mod command;
mod debug;
mod next;
mod options;
mod output;
mod side_by_side;
mod since;
mod subjects;

pub(crate) use another_language::{build as build_foreign, program as foreign_program};
use anyhow::Result;
use bundle::Bundle;
use grader::report::Score;
use grader::step::{Assignment, Step, StepProgram, Steps, Task};
use grader::{Graded, Place, Program};
pub(crate) use next::{compare_words, next_words};
pub(crate) use options::Options;
use output::Whose;
pub(crate) use output::print_what_to_mend;
use side_by_side::side_by_side;
use since::Last;
pub(crate) use since::Since;
use starter::{ForeignCopy, StepCopy};
use std::process::ExitCode;
use std::time::Instant;
pub(crate) use subjects::by_command;
use subjects::{Candidate, known_as, subjects};
use terminal::{Terminal, explained};

/// The exit status of a judge who could not judge, or whose report is lost.
pub(crate) const COULD_NOT_JUDGE: u8 = 2;

/// `grade STEP`: exit status 0 only with full points, 1 without.
///
/// # Errors
///
/// What kept it from judging.
pub(crate) fn grade(terminal: &Terminal, options: &Options) -> Result<ExitCode> {
    subject::raise_descriptor_limit();
    if let Some(seed) = options.seed {
        grader::set_seed(seed);
    }
    let steps = Steps::read()?;
    let named = ForeignCopy::named(&terminal::workspace()?, &options.step)?;
    let step = named.as_ref().map_or(&options.step, |copy| &copy.step);
    let (step, programs) = steps.find(step)?;
    let mut report = options.format.begin(
        terminal,
        &steps,
        step,
        options.all,
        options.output.as_deref(),
    )?;
    options.are_for(step, &programs)?;
    tell_waits(terminal);
    let subjects = subjects(terminal, options, step, &programs, named)?;
    report.introduce(&subjects.whose)?;
    let candidates = subjects.candidates;
    let bundle = options.bundle.as_deref().map(|file| {
        let programs = candidates.iter().map(|candidate| &candidate.program);
        Bundle::begin(file, &subjects.files, programs)
    });
    let bundle = bundle.transpose()?;
    let mut full = true;
    let mut chosen = Vec::new();
    for candidate in candidates {
        let assignments = options.chosen(candidate.claims)?;
        chosen.extend((!assignments.is_empty()).then_some((candidate, assignments)));
    }
    if let Some(complaints) = &subjects.not_built {
        for (candidate, assignments) in chosen {
            let graded = grader::not_built(&assignments, complaints);
            report.add_not_built(&candidate.name, graded);
            full = false;
        }
    } else if options.debug.is_some() {
        // The first program that has it.
        if let Some((
            Candidate {
                name,
                claims,
                program,
            },
            assignments,
        )) = chosen.first()
        {
            let start = Instant::now();
            let graded = debug::debug(terminal, claims, program, &assignments[0])?;
            full = Score::of(&graded).is_full();
            report.add(name, graded, &Since::default(), start.elapsed())?;
        }
    } else {
        let judge = |(candidate, assignments): &(Candidate, Vec<Assignment>)| {
            let Candidate {
                claims, program, ..
            } = candidate;
            let start = Instant::now();
            let graded = match options.first {
                false => run(terminal, claims, program, assignments),
                true => to_first_failure(terminal, claims, program, assignments.clone()),
            };
            (graded, start.elapsed())
        };
        side_by_side(&chosen, judge, |(candidate, _), (graded, took)| {
            full &= Score::of(&graded).is_full();
            let since = since(terminal, &candidate.known_as(&subjects.whose), &graded);
            report.add(&candidate.name, graded, &since, took)
        })?;
    }
    let tests = options.keep_asked(grader::library::assignments(step));
    if matches!(subjects.whose, Whose::Copy { .. }) && !tests.is_empty() {
        let name = grader::library::name(step);
        let start = Instant::now();
        if let Some(library) = &subjects.library {
            let graded = grader::library::grade(library, &tests);
            full &= Score::of(&graded).is_full();
            let known = known_as(&name, &name, Place::Told, &subjects.whose);
            let since = since(terminal, &known, &graded);
            report.add(&name, graded, &since, start.elapsed())?;
        } else if let Some(complaints) = &subjects.not_built {
            report.add_not_built(&name, grader::not_built(&tests, complaints));
        }
    }
    if let Some(complaints) = &subjects.not_built {
        report.compiler(complaints)?;
    } else if matches!(subjects.whose, Whose::Copy { .. }) {
        report.tasks(options.is_whole())?;
        if options.is_whole() {
            report.keep(&steps)?;
        }
    }
    // Whoever still lives could write where the report goes.
    subject::end_all();
    if let Some(bundle) = bundle {
        report.write_bundle(&bundle)?;
    }
    report.finish()?;
    Ok(if full {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What has changed since the last grade of the same; from now on, this is the last.
fn since(terminal: &Terminal, known_as: &str, graded: &[Graded]) -> Since {
    let (since, kept) = Last::replace(known_as, graded);
    if let Err(error) = kept {
        let cannot = terminal.say(
            "cannot keep this for the next grade",
            "没能把这次的结果留给下次评分",
        );
        let (colon, why) = (
            terminal.say(": ", "："),
            explained(&error, terminal.language),
        );
        terminal.complain(&format!("{cannot}{colon}{why}"));
    }
    since
}

/// The same of a program of a copy's, or of one that a command starts (`copy` is `None`).
pub(crate) fn since_last(name: &str, copy: Option<&str>, graded: &[Graded]) -> Since {
    let whose = copy.map_or(Whose::Foreign, |shown| Whose::Copy {
        shown: shown.to_owned(),
        in_rust: true,
        is_untouched: false,
    });
    // What cannot be kept is not missed before the next time.
    Last::replace(&known_as(name, name, Place::Told, &whose), graded).0
}

/// A copy is begun anew: of the one before it nothing is known.
pub(crate) fn forget(step: &Step, shown: &str) -> Result<()> {
    let whose = Whose::Copy {
        shown: shown.to_owned(),
        in_rust: true,
        is_untouched: true,
    };
    let library = grader::library::name(step);
    let programs = step.to_be_written()?.into_iter();
    for name in programs
        .map(|program| program.name.clone())
        .chain([library])
    {
        Last::forget(&known_as(&name, &name, Place::Told, &whose));
    }
    Ok(())
}

/// Did all of a task's cases and tests pass the last time that the copy was graded?
pub(crate) fn passed(step: &Step, task: &Task, copy: &StepCopy) -> bool {
    let whose = Whose::Copy {
        shown: copy.shown(),
        in_rust: true,
        is_untouched: false,
    };
    let Ok(program) = step.program_of(task) else {
        return false;
    };
    let last = Last::of(&known_as(&program.name, &program.name, Place::Told, &whose));
    let library = grader::library::name(step);
    let tests = Last::of(&known_as(&library, &library, Place::Told, &whose));
    let mut names = task.tests.iter().map(|test| grader::library::slug(test));
    task.cases.iter().all(|case| last.passed(case)) && names.all(|test| tests.passed(&test))
}

/// Runs every case that such a program has to pass, with a progress bar.
pub(crate) fn judge(
    terminal: &Terminal,
    claims: &StepProgram,
    program: &Program,
) -> Result<Vec<Graded>> {
    Ok(run(terminal, claims, program, &claims.assignments()?))
}

fn run(
    terminal: &Terminal,
    claims: &StepProgram,
    program: &Program,
    assignments: &[Assignment],
) -> Vec<Graded> {
    with_bar(terminal, claims, assignments, |finished| {
        grader::grade(program, assignments, finished)
    })
}

/// Grades, and shows how far it has come.
fn with_bar(
    terminal: &Terminal,
    claims: &StepProgram,
    assignments: &[Assignment],
    grade: impl FnOnce(&(dyn Fn(&Graded) + Sync)) -> Vec<Graded>,
) -> Vec<Graded> {
    let what = format!("{} {}", terminal.say("grading", "正在评分"), claims.name);
    let bar = terminal.bar(&what, assignments.len());
    let graded = grade(&|graded| {
        bar.set_message(graded.case.slug);
        bar.inc(1);
    });
    bar.finish_and_clear();
    graded
}

/// In the order of the stages, until something fails.
fn to_first_failure(
    terminal: &Terminal,
    claims: &StepProgram,
    program: &Program,
    mut assignments: Vec<Assignment>,
) -> Vec<Graded> {
    assignments.sort_by_key(|assignment| assignment.case.stage);
    with_bar(terminal, claims, &assignments, |finished| {
        grader::grade_to_first_failure(program, &assignments, finished)
    })
}

/// From now on it is said when the judge has to wait for something long.
fn tell_waits(terminal: &Terminal) {
    let terminal = terminal.clone();
    grader::tell_waits(move |what| terminal.mention(what.get(terminal.language)));
}
