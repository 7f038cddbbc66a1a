use clap::ValueEnum;

/// What is wrong with the broken client: one thing at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Bug {
    /// Nothing: it must pass every case.
    None,
    /// Sends complete lines only: the unterminated last piece is lost.
    TailUnsent,
    /// Ends the last piece with a newline of its own.
    NewlineAdded,
    /// Takes lines for text: what is not UTF-8 comes out as U+FFFD.
    TakesBytesForText,
    /// Never half-closes: the server waits for more, and the client for the end.
    NeverHalfCloses,
    /// Prints a prompt.
    Prompts,
    /// Says on standard error what it does.
    Talkative,
    /// Prints no answer before the end.
    AnswersAtEnd,
    /// Sends nothing before standard input has ended.
    InputAtEnd,
    /// Waits for the server to speak first, and reads nothing else meanwhile.
    WaitsForGreeting,
    /// Waits for exactly as many bytes as it has sent.
    CountsBytes,
    /// Cuts lines to its buffer of 1,023 bytes, and waits for the answer to each piece.
    ClientShortBuffer,
    /// Sends all before it reads anything.
    SaysAllFirst,
    /// Loses one byte in five million.
    LosesAByte,
    /// Takes every end of file for a success.
    EarlyEndIsSuccess,
    /// Ends with exit status 1 when the server closes early, and does not say why.
    EarlyEndUnexplained,
    /// When the server has closed, waits for the thread that reads standard input.
    WaitsForInput,
    /// Compares totals: newlines that a server adds make up for bytes that it loses.
    ComparesTotals,
    /// A refused connection is an unwrapped error.
    RefusedPanics,
    /// A refused connection is told without the address.
    RefusedUnexplained,
    /// Wrong options are ignored.
    WrongOptionIgnored,
    /// `--help` ends with exit status 1.
    HelpFails,
    /// Does not know `--version`.
    VersionUnknown,
}
