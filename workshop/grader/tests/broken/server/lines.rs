use crate::bug::Bug;
use grader::model::{MAX_LINE, rot13};

/// One client's bytes, and what they are answered with: no I/O here.
pub(crate) struct Lines {
    bug: Bug,
    unfinished: Vec<u8>,
    /// How many bytes have come so far.
    taken: usize,
    /// How many lines have been answered so far.
    answered: usize,
    /// All that has been answered so far.
    all: Vec<u8>,
    /// The rest of the line is to be dropped.
    dropping: bool,
    /// Where in the last answer the newline stands that was the server's own.
    cut_at: Option<usize>,
}

impl Lines {
    pub(crate) fn new(bug: Bug) -> Lines {
        Lines {
            bug,
            unfinished: Vec::new(),
            taken: 0,
            answered: 0,
            all: Vec::new(),
            dropping: false,
            cut_at: None,
        }
    }

    /// What these bytes, which have been received together, make the server owe.
    pub(crate) fn take(&mut self, received: &[u8]) -> Vec<u8> {
        let mut answer = Vec::new();
        self.cut_at = None;
        if self.bug == Bug::ForgetsBetweenReceives {
            self.unfinished.clear();
        }
        for &byte in received {
            self.taken += 1;
            if self.bug == Bug::LosesAByte && self.taken.is_multiple_of(5_000_000) {
                continue;
            }
            self.take_byte(byte, &mut answer);
            if self.bug == Bug::OneLinePerReceive && byte == b'\n' {
                break;
            }
        }
        match self.bug {
            Bug::AnswersTooEarly => answer.append(&mut self.unfinished),
            Bug::CutsBySegment if self.unfinished.len() >= MAX_LINE => self.cut(&mut answer),
            _ => {}
        }
        answer
    }

    /// The client has said all: what it is still owed.
    pub(crate) fn finish(&mut self) -> Vec<u8> {
        let mut answer = std::mem::take(&mut self.unfinished);
        match self.bug {
            Bug::TailLost => answer.clear(),
            Bug::TailWithNewline if !answer.is_empty() => answer.push(b'\n'),
            Bug::Goodbye => answer.extend(b"bye\n"),
            _ => {}
        }
        answer
    }

    /// Where the last answer falls into two, if it is to be sent that way.
    pub(crate) fn falls_in_two_at(&self) -> usize {
        let is_so = self.bug == Bug::CutInTwo;
        self.cut_at.filter(|_| is_so).unwrap_or_default()
    }

    /// The client has said something, but not to the end of the line.
    pub(crate) fn is_within_line(&self) -> bool {
        !self.unfinished.is_empty()
    }

    /// Nothing has come yet.
    pub(crate) fn is_unused(&self) -> bool {
        self.taken == 0
    }

    fn take_byte(&mut self, byte: u8, answer: &mut Vec<u8>) {
        if byte != b'\n' && self.unfinished.len() == self.limit() {
            match self.bug {
                Bug::LineDrop => self.dropping = true,
                Bug::DiesOfLongLine => panic!("the buffer is full: {MAX_LINE} bytes"),
                _ => self.cut(answer),
            }
        }
        if self.dropping {
            self.dropping = byte != b'\n';
            return;
        }
        self.unfinished.push(self.rotate(byte));
        if byte == b'\n' {
            self.answer_line(answer);
        } else if self.bug == Bug::DoubleNewline && self.unfinished.len() == MAX_LINE {
            self.cut(answer);
        }
    }

    fn answer_line(&mut self, answer: &mut Vec<u8>) {
        self.answered += 1;
        let mut line = std::mem::take(&mut self.unfinished);
        match self.bug {
            Bug::EmptyLineDropped if line == b"\n" => {}
            Bug::FirstLineOnly if self.answered > 1 => {}
            Bug::AnswersAgain => {
                self.all.append(&mut line);
                answer.extend(&self.all);
            }
            Bug::TakesBytesForText => answer.extend(String::from_utf8_lossy(&line).bytes()),
            _ => answer.append(&mut line),
        }
    }

    /// Answers what there is of a line that is too long.
    fn cut(&mut self, answer: &mut Vec<u8>) {
        answer.append(&mut self.unfinished);
        self.cut_at = Some(answer.len());
        answer.push(b'\n');
    }

    fn limit(&self) -> usize {
        match self.bug {
            Bug::CutsTwoShort => MAX_LINE - 2,
            Bug::CutsOneShort => MAX_LINE - 1,
            Bug::CutsOneLate => MAX_LINE + 1,
            Bug::NeverCuts | Bug::CutsBySegment => usize::MAX,
            _ => MAX_LINE,
        }
    }

    fn rotate(&self, byte: u8) -> u8 {
        match self.bug {
            Bug::LetterN if byte == b'N' => byte,
            _ => rot13(byte),
        }
    }
}
