use clap::ValueEnum;

/// What is wrong with the broken server: one thing at a time.
///
/// A bug that the source's published programs have carries the name that the book gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Bug {
    /// Nothing: it must pass every case.
    None,

    // What is answered (lines.rs).
    /// A comparison is off by one: `N` comes back as `N`.
    LetterN,
    /// Takes the bytes for text: those from 0x80 on come back as U+FFFD.
    TakesBytesForText,
    /// Splits at runs of newlines: empty lines get no answer.
    EmptyLineDropped,
    /// Forgets the unfinished line whenever it receives again.
    ForgetsBetweenReceives,
    /// Answers the first line that a receive brings, and discards what came with it.
    OneLinePerReceive,
    /// Answers every byte as it comes, newline or not.
    AnswersTooEarly,
    /// Answers one line and nothing after it.
    FirstLineOnly,
    /// Answers each line with all that the client has said so far.
    AnswersAgain,
    /// Loses the unterminated last piece at end of file.
    TailLost,
    /// Ends the unterminated last piece with a newline of its own.
    TailWithNewline,
    /// Says something of its own at the end.
    Goodbye,
    /// Cuts at MAX_LINE - 2 bytes: newline and terminator have to fit into the buffer as well.
    CutsTwoShort,
    /// Cuts at MAX_LINE - 1 bytes: the newline has to fit into the buffer as well.
    CutsOneShort,
    /// Cuts at MAX_LINE + 1 bytes.
    CutsOneLate,
    /// Never cuts, and waits for the newline, however long that takes.
    NeverCuts,
    /// Answers a line as soon as it holds MAX_LINE bytes, and its newline as another line.
    DoubleNewline,
    /// Drops what comes past MAX_LINE bytes of a line, its newline included.
    LineDrop,
    /// Cuts a long line where a receive happens to end.
    CutsBySegment,
    /// Panics at a line longer than MAX_LINE, and with it the whole server.
    DiesOfLongLine,
    /// Loses one byte in five million.
    LosesAByte,

    // How answers are sent (answers.rs).
    /// Keeps every answer until the client has said all.
    AnswersAtEnd,
    /// Reads as long as there is something, answers afterwards; at end of file frees the
    /// connection, and what is not answered with it.
    HalfCloseLosesAnswer,
    /// The same, but for large answers, which it puts off until it receives again.
    PutsOffLargeAnswers,
    /// Closes when the client has said all, though answers are still on their way out.
    ClosesOnUnsent,
    /// Sends once and ignores how much was taken.
    ShortSend,
    /// Queues answers without limit for a thread that sends them.
    UnboundedOutput,
    /// Lets 16 MiB of answers wait before it receives no more.
    HoldsMuch,
    /// Remembers every answer that it has ever sent.
    RemembersAnswers,
    /// Closes on a client that takes nothing for a while.
    ThrowsOutUnread,
    /// Collects answers in a buffer that all conversations share.
    SharesABuffer,
    /// Sends under a lock that all conversations share.
    SendsUnderALock,
    /// Asks again and again whether the client takes more.
    SpinsWhenHeldBack,
    /// Sends a line and its newline one after the other, and Nagle's algorithm is on.
    NagleStall,
    /// The same without the algorithm: the newline follows at once.
    TwoSegments,
    /// The same with the newline of its own, where it cuts a line.
    CutInTwo,
    /// Dies of SIGPIPE when the client has gone.
    SigpipeDeath,
    /// Exits when it cannot send.
    SendErrorEndsServer,

    // How a conversation goes (conversation.rs).
    /// Exits when it cannot receive.
    ReceiveErrorEndsServer,
    /// Exits when a client leaves within a line.
    EndWithinLineEndsServer,
    /// Does not take a receive of 0 bytes for the end of file.
    EofSpin,
    /// Takes an end of file before the first byte for a false alarm.
    IgnoresSilentEof,
    /// Asks again and again whether something has come.
    BusyPoll,
    /// Forgets to close the connection of a client that reset it.
    ResetFdLeak,

    // How clients are accepted (accept.rs).
    /// Keeps a copy of every connection, as a parent does that forks and does not close.
    ForkFdLeak,
    /// Forks for every connection, and the child does not close the listener.
    ListenerInChildren,
    /// Starts a child for every connection and never asks how it ended.
    ForkZombies,
    /// Starts a child for every connection that outlives the server.
    ChildOutlivesServer,
    /// Gives a copy of every connection to a process that is nobody's child any more.
    OrphanKeepsConnection,
    /// Serves one client after the other.
    OneAfterTheOther,
    /// Lets 128 clients wait to be accepted, no more, and takes its time.
    ShortBacklog,
    /// Without a thread to be had, keeps the client and does not serve it.
    KeepsTurnedAway,
    /// A thread that is not to be had is an unwrapped error.
    NoThreadPanics,
    /// Takes as many threads as there are clients, whatever `--threads` says.
    PoolGrows,
    /// Closes on a client for whom the pool has no thread.
    PoolTurnsAway,
    /// Serves three clients at a time.
    PoolOfThree,
    /// Serves one client and exits.
    SelectOnce,
    /// Says it is one thread, and takes another one for each client.
    ThreadsInSecret,
    /// Says it is one thread, or one for each client, and has 64 from the start, each of which takes
    /// one client after the other.
    PoolInSecret,
    /// Says it is one thread, and has four, each of which sleeps in select(2) for clients of its own.
    FourLoops,
    /// Says it is one thread, and has a child from the start that serves half of the clients.
    ChildInSecret,
    /// Says it never sleeps, or only in select(2), and naps between two rounds of asking everybody.
    NapsBetweenRounds,
    /// Says it sleeps in select(2), and asks everybody again and again.
    NeverSleeps,
    /// Puts a descriptor of FD_SETSIZE into a set, which is checked here: a panic.
    FdsetOffByOne,
    /// Has a set for 256 descriptors.
    SmallSet,
    /// Neither serves nor closes a client past the thousandth.
    FdsetOverflow,
    /// Closes on every client past the thousandth.
    ClosesPastThousand,
    /// Gets along with 256 descriptors.
    FewDescriptors,
    /// Leaves the soft limit of descriptors as it finds it.
    LimitLeftLow,
    /// Exits when it is out of descriptors.
    EmfileEndsServer,
    /// Does not rest when it is out of descriptors.
    EmfileSpin,
    /// Says on standard output who comes.
    PrintsClients,

    // How it starts and ends (command_line.rs, start.rs).
    /// `--help` ends with exit status 1.
    HelpFails,
    /// `--help` prints to standard error.
    HelpOnStderr,
    /// `--help` does not mention `--listen`.
    HelpOfNoHelp,
    /// Does not know `--version`.
    VersionUnknown,
    /// `--version` tells the name and no number.
    VersionWithoutNumber,
    /// Starts whatever the command line says.
    WrongOptionIgnored,
    /// A wrong command line ends with exit status 1.
    WrongOptionExits1,
    /// A wrong command line is told on standard output.
    UsageOnStdout,
    /// Finds out late that an address is none, and takes it for a failure to start.
    NonsenseExits1,
    /// A port in use is an unwrapped error.
    PortInUsePanics,
    /// A port in use is told without the address.
    PortInUseUnexplained,
    /// A port in use is told at length.
    PortInUseLengthy,
    /// A port in use is told, with exit status 0.
    PortInUseExits0,
    /// Knows no address but those with one colon.
    Ipv4Only,
    /// Takes the port from `--listen`, the host never.
    HostIgnored,
    /// Listens at every address of the machine, and says that it is the one that it was told.
    EveryAddress,
    /// Listens at another address than it was told, and says so.
    AnotherAddress,
    /// Goes on printing on standard error while nobody says anything.
    Babbles,
    /// Says more than where it listens.
    TwoLinesAtStart,
    /// Starts a thread before it listens, and exits where there is none.
    NeedsAThread,
    /// Does not say where it listens.
    AddressUntold,
    /// Catches SIGTERM and SIGINT, and looks at neither: it sleeps in accept.
    IgnoresSignals,
    /// The same with SIGINT alone.
    IgnoresSigint,
    /// Ends with exit status 1 on a signal.
    SignalExits1,
}
