use clap::ValueEnum;

/// What is wrong with the broken client of HTTP: one thing at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Bug {
    /// Nothing: it must pass every case.
    None,
    /// Takes addresses and no names.
    NumbersOnly,
    /// Gives up when the first of several addresses does not answer.
    FirstAddressOnly,
    /// A name without an address is an unwrapped error.
    UnresolvablePanics,
    /// A name without an address is not named.
    UnresolvableUnnamed,
    /// Overlooks the addresses of IPv6.
    HttpNoIpv6,
    /// Leaves the brackets of an IPv6 address out of the Host header.
    HostWithoutBrackets,
    /// A refused connection is an unwrapped error.
    RefusedPanics,
    /// A refused connection is told without the address.
    RefusedUnnamed,
    /// A refused connection is told, and is a success.
    RefusedExits0,
    /// Connects without a time-out.
    ConnectsForEver,
    /// Ends its lines with \n.
    BareNewlines,
    /// Sends no Host header.
    NoHost,
    /// Leaves the port out of the Host header.
    HostWithoutPort,
    /// Speaks HTTP/1.1, in which the server need not close.
    HttpOneOne,
    /// Always asks for /.
    PathIgnored,
    /// Does not end its request with a blank line.
    NoBlankLine,
    /// One send of the request, its result ignored.
    ShortSend,
    /// Cuts the request to its buffer of 1,023 bytes.
    RequestCut,
    /// Takes a receive that does not fill the buffer for the last one.
    ShortReceiveIsEnd,
    /// Takes the answer for text: what is not UTF-8 comes out as U+FFFD.
    TakesBytesForText,
    /// Prints each piece of the answer up to its first NUL, as C's strings do.
    StopsAtNul,
    /// Ends the answer with a newline of its own.
    NewlineAdded,
    /// Prints the page and not the headers.
    HeadersDropped,
    /// Prints nothing before the end, and nothing at all if that does not come.
    PrintsAtEnd,
    /// Leaves what has come in a buffer until there is a newline.
    NeverFlushes,
    /// Prints the answer as it comes, and keeps it.
    KeepsTheAnswer,
    /// Loses one byte in five million.
    LosesAByte,
    /// A reader who has gone is a panic.
    PipePanics,
    /// A reader who has gone is a failure.
    PipeIsFailure,
    /// When the reader has gone, it goes on to receive.
    ReceivesForNobody,
    /// Takes --timeout and does nothing about it.
    TimeoutIgnored,
    /// Calls a time-out what the system calls it: try again.
    TimeoutMiscalled,
    /// Takes a time-out for the end of the answer.
    TimeoutIsEnd,
    /// Takes an end before the first byte for an answer.
    EmptyAnswerIsSuccess,
    /// Takes a reset for the end of the answer.
    ResetIsEnd,
    /// Does not say how much had come.
    ArrivedUncounted,
    /// Takes an interrupted call for a failed one.
    InterruptedIsFailure,
    /// `--help` ends with exit status 1.
    HelpFails,
    /// Does not know `--version`.
    VersionUnknown,
    /// Wrong options are ignored.
    WrongOptionIgnored,
    /// A wrong command line ends with exit status 1.
    WrongOptionExits1,
    /// Takes any path, also one with a line break in it.
    LineBreakInPath,
    /// Takes any host, also one with a line break in it.
    LineBreakInHost,
    /// A time-out of 0 seconds is none.
    ZeroTimeoutTaken,
}
