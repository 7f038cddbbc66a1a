//! The buffer against a model too simple to be wrong: bytes in a vector.

use bufferevent_server::{EvBuffer, Readln};
use proptest::collection::vec;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Act {
    Add(Vec<u8>),
    Expand(usize),
    Drain(usize),
    Remove(usize),
    /// Sets one byte, wherever that is.
    Pullup(usize, u8),
    /// Takes the line at the front, of at most so many bytes.
    Readln(usize),
    /// Takes lines until there have to be more bytes.
    ReadlnAll(usize),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let byte = prop_oneof![3 => Just(b'\n'), 5 => any::<u8>()];
    let rare = prop_oneof![1 => Just(b'\n'), 50 => any::<u8>()];
    let bytes = prop_oneof![vec(byte, 0..20), vec(rare, 0..300)];
    let count = || prop_oneof![4 => 0..10_usize, 2 => 0..400_usize, 1 => Just(usize::MAX)];
    let max = || prop_oneof![4 => 1..10_usize, 3 => 1..400_usize, 1 => Just(usize::MAX)];
    let act = prop_oneof![
        6 => bytes.prop_map(Act::Add),
        1 => (0..2_000_usize).prop_map(Act::Expand),
        2 => count().prop_map(Act::Drain),
        2 => (0..400_usize).prop_map(Act::Remove),
        2 => (0..400_usize, prop_oneof![Just(b'\n'), Just(b'x')]).prop_map(|(at, byte)| Act::Pullup(at, byte)),
        6 => max().prop_map(Act::Readln),
        1 => (1..400_usize).prop_map(Act::ReadlnAll),
    ];
    vec(act, 0..120)
}

/// What stands at the front.
#[derive(Debug, PartialEq, Eq)]
enum Front {
    Line(Vec<u8>),
    TooLong(Vec<u8>),
    NeedMore,
}

/// The line at the front of the model, which is taken out.
fn front(model: &mut Vec<u8>, max: usize) -> Front {
    let newline = model.iter().position(|&byte| byte == b'\n');
    match newline {
        Some(length) if length <= max => {
            let line = model.drain(..=length).take(length).collect();
            Front::Line(line)
        }
        _ if model.len() > max => Front::TooLong(model.drain(..max).collect()),
        _ => Front::NeedMore,
    }
}

/// The same of the buffer.
fn readln(buffer: &mut EvBuffer, max: usize) -> Front {
    match buffer.readln(max) {
        Readln::Line(line) => Front::Line(line.to_vec()),
        Readln::TooLong(line) => Front::TooLong(line.to_vec()),
        Readln::NeedMore => Front::NeedMore,
    }
}

fn act(act: Act, buffer: &mut EvBuffer, model: &mut Vec<u8>) -> Result<(), TestCaseError> {
    match act {
        Act::Add(bytes) => {
            buffer.add(&bytes);
            model.extend(bytes);
        }
        Act::Expand(more) => buffer.expand(more),
        Act::Drain(count) => {
            buffer.drain(count);
            model.drain(..count.min(model.len()));
        }
        Act::Remove(count) => {
            let mut taken = vec![0; count];
            let length = buffer.remove(&mut taken);
            let expected: Vec<u8> = model.drain(..count.min(model.len())).collect();
            prop_assert_eq!(&taken[..length], expected);
            prop_assert!(taken[length..].iter().all(|&byte| byte == 0));
        }
        Act::Pullup(at, byte) => {
            for all in [buffer.pullup(), model] {
                if let Some(place) = all.get_mut(at) {
                    *place = byte;
                }
            }
        }
        Act::Readln(max) => prop_assert_eq!(readln(buffer, max), front(model, max)),
        Act::ReadlnAll(max) => loop {
            let line = front(model, max);
            let is_all = line == Front::NeedMore;
            prop_assert_eq!(readln(buffer, max), line);
            if is_all {
                break;
            }
        },
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(512)
    })]

    #[test]
    fn it_holds_what_was_added_and_not_taken_out(acts in acts()) {
        let (mut buffer, mut model) = (EvBuffer::new(), Vec::new());
        for it in acts {
            act(it, &mut buffer, &mut model)?;
            prop_assert_eq!(buffer.peek(), &model[..]);
            prop_assert_eq!(buffer.len(), model.len());
            prop_assert_eq!(buffer.is_empty(), model.is_empty());
        }
    }
}

#[test]
fn a_line_that_is_only_looked_at_is_taken_too() {
    let mut buffer = EvBuffer::new();
    buffer.add(b"abc\ndef\nghi");
    assert!(matches!(buffer.readln(9), Readln::Line(_)));
    assert!(matches!(buffer.readln(2), Readln::TooLong(line) if *line == *b"de"));
    assert!(matches!(buffer.readln(9), Readln::Line(line) if *line == *b"f"));
    assert!(matches!(buffer.readln(3), Readln::NeedMore));
    assert_eq!(buffer.peek(), b"ghi");
}

#[test]
fn a_newline_that_comes_into_being_in_place_is_found() {
    let mut buffer = EvBuffer::new();
    buffer.add(b"abc def");
    assert!(matches!(buffer.readln(100), Readln::NeedMore));
    buffer.pullup()[3] = b'\n';
    assert!(matches!(buffer.readln(100), Readln::Line(line) if *line == *b"abc"));
    assert_eq!(buffer.peek(), b"def");
}

#[test]
#[should_panic(expected = "a line must be allowed to have a byte")]
fn a_line_of_no_bytes_is_no_limit() {
    let _ = EvBuffer::new().readln(0);
}
