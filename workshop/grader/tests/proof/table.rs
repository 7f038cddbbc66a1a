use super::client_bug::Bug as Client;
use super::http_client_bug::Bug as Http;
use super::server_bug::Bug as Server;

/// For each case, the bugs that it must find.
pub(crate) type Table<Bug> = &'static [(&'static str, &'static [Bug])];

pub(crate) const SERVER: Table<Server> = &[
    (
        "hello",
        &[
            Server::FirstLineOnly,
            Server::AnswersAgain,
            Server::AnswersAtEnd,
            Server::AddressUntold,
            Server::SelectOnce,
        ],
    ),
    ("every-byte", &[Server::LetterN, Server::TakesBytesForText]),
    ("empty-lines", &[Server::EmptyLineDropped]),
    ("byte-at-a-time", &[Server::ForgetsBetweenReceives]),
    ("pipelined", &[Server::OneLinePerReceive]),
    ("incomplete-waits", &[Server::AnswersTooEarly]),
    ("silent-neighbour", &[Server::OneAfterTheOther]),
    (
        "last-comes-first",
        &[Server::OneAfterTheOther, Server::PoolOfThree],
    ),
    ("max-line-minus-one", &[Server::CutsTwoShort]),
    ("max-line", &[Server::CutsOneShort, Server::DoubleNewline]),
    (
        "max-line-plus-one",
        &[
            Server::CutsOneLate,
            Server::LineDrop,
            Server::DiesOfLongLine,
        ],
    ),
    ("long-line", &[Server::LineDrop, Server::NeverCuts]),
    ("any-cut", &[Server::CutsBySegment, Server::DoubleNewline]),
    (
        "half-close",
        &[
            Server::ForkFdLeak,
            Server::EofSpin,
            Server::HalfCloseLosesAnswer,
        ],
    ),
    (
        "half-close-tail",
        &[Server::TailLost, Server::TailWithNewline],
    ),
    (
        "half-close-at-once",
        &[
            Server::IgnoresSilentEof,
            Server::ForkFdLeak,
            Server::Goodbye,
        ],
    ),
    (
        "half-close-answers-owed",
        &[
            Server::PutsOffLargeAnswers,
            Server::HalfCloseLosesAnswer,
            Server::ClosesOnUnsent,
        ],
    ),
    (
        "unread-client",
        &[
            Server::UnboundedOutput,
            Server::HoldsMuch,
            Server::RemembersAnswers,
            Server::SpinsWhenHeldBack,
            Server::ThrowsOutUnread,
            Server::ShortSend,
            Server::SendsUnderALock,
        ],
    ),
    (
        "crowd",
        &[
            Server::FdsetOverflow,
            Server::ClosesPastThousand,
            Server::FewDescriptors,
        ],
    ),
    ("random-8mib", &[Server::LosesAByte]),
    ("lines-8mib", &[Server::LosesAByte]),
    (
        "reset-client",
        &[Server::SigpipeDeath, Server::SendErrorEndsServer],
    ),
    (
        "vanishing-clients",
        &[
            Server::ReceiveErrorEndsServer,
            Server::SelectOnce,
            Server::EndWithinLineEndsServer,
        ],
    ),
    (
        "descriptors-given-back",
        &[Server::ForkFdLeak, Server::ResetFdLeak],
    ),
    ("out-of-descriptors", &[Server::EmfileEndsServer]),
    ("rests-when-scarce", &[Server::EmfileSpin]),
    (
        "mechanism",
        &[
            Server::UnboundedOutput,
            Server::PoolOfThree,
            Server::PoolInSecret,
        ],
    ),
    (
        "turned-away",
        &[
            Server::KeepsTurnedAway,
            Server::NoThreadPanics,
            Server::NeedsAThread,
        ],
    ),
    (
        "one-piece",
        &[Server::NagleStall, Server::TwoSegments, Server::CutInTwo],
    ),
    ("accept-burst", &[Server::ShortBacklog]),
    ("order-under-load", &[Server::SharesABuffer]),
    ("children-given-back", &[Server::ForkZombies]),
    ("idle-cpu", &[Server::BusyPoll]),
    (
        "quiet",
        &[
            Server::TwoLinesAtStart,
            Server::PrintsClients,
            Server::Babbles,
        ],
    ),
    (
        "sigterm",
        &[
            Server::IgnoresSignals,
            Server::ChildOutlivesServer,
            Server::OrphanKeepsConnection,
            Server::SignalExits1,
        ],
    ),
    ("sigint", &[Server::IgnoresSignals, Server::IgnoresSigint]),
    (
        "help",
        &[
            Server::HelpFails,
            Server::HelpOnStderr,
            Server::HelpOfNoHelp,
        ],
    ),
    (
        "version",
        &[Server::VersionUnknown, Server::VersionWithoutNumber],
    ),
    (
        "wrong-option",
        &[
            Server::WrongOptionIgnored,
            Server::WrongOptionExits1,
            Server::UsageOnStdout,
            Server::NonsenseExits1,
        ],
    ),
    (
        "port-in-use",
        &[
            Server::PortInUsePanics,
            Server::PortInUseUnexplained,
            Server::PortInUseLengthy,
            Server::PortInUseExits0,
        ],
    ),
    ("raises-limit", &[Server::LimitLeftLow]),
    (
        "where-told",
        &[Server::EveryAddress, Server::AnotherAddress],
    ),
    ("ipv6", &[Server::Ipv4Only, Server::HostIgnored]),
];

/// The same of one that forks: of every server's cases, those in which a parent and its children are not
/// what a thread is.
pub(crate) const FORK: Table<Server> = &[
    ("out-of-descriptors", &[Server::EmfileEndsServer]),
    ("descriptors-given-back", &[Server::ListenerInChildren]),
    ("mechanism", &[Server::ThreadsInSecret]),
    ("turned-away", &[Server::KeepsTurnedAway]),
];
/// Those cases.
pub(crate) const OF_FORKING: &[&str] = &["out-of-descriptors", "descriptors-given-back"];

/// The same of a pool of threads.
pub(crate) const POOL: Table<Server> = &[
    ("mechanism", &[Server::PoolGrows, Server::UnboundedOutput]),
    ("pool-queues", &[Server::PoolGrows, Server::PoolTurnsAway]),
];

/// The same of one thread that sleeps in select(2).
pub(crate) const SELECT: Table<Server> = &[
    (
        "mechanism",
        &[
            Server::ThreadsInSecret,
            Server::PoolInSecret,
            Server::FourLoops,
            Server::ChildInSecret,
            Server::NapsBetweenRounds,
            Server::NeverSleeps,
        ],
    ),
    (
        "fd-setsize",
        &[
            Server::FdsetOverflow,
            Server::FdsetOffByOne,
            Server::SmallSet,
            Server::ClosesPastThousand,
        ],
    ),
];

/// The same of one thread that never sleeps.
pub(crate) const BUSY: Table<Server> = &[(
    "mechanism",
    &[
        Server::ThreadsInSecret,
        Server::PoolInSecret,
        Server::NapsBetweenRounds,
    ],
)];

pub(crate) const CLIENT: Table<Client> = &[
    (
        "client-converses",
        &[
            Client::TailUnsent,
            Client::NewlineAdded,
            Client::TakesBytesForText,
            Client::NeverHalfCloses,
            Client::Prompts,
            Client::Talkative,
        ],
    ),
    (
        "client-in-turn",
        &[Client::AnswersAtEnd, Client::InputAtEnd],
    ),
    (
        "client-long-lines",
        &[
            Client::CountsBytes,
            Client::WaitsForGreeting,
            Client::ClientShortBuffer,
        ],
    ),
    ("client-8mib", &[Client::SaysAllFirst, Client::LosesAByte]),
    (
        "client-early-close",
        &[
            Client::EarlyEndIsSuccess,
            Client::EarlyEndUnexplained,
            Client::WaitsForInput,
        ],
    ),
    ("client-lost-bytes", &[Client::ComparesTotals]),
    (
        "client-refused",
        &[Client::RefusedPanics, Client::RefusedUnexplained],
    ),
    (
        "client-command-line",
        &[
            Client::HelpFails,
            Client::VersionUnknown,
            Client::WrongOptionIgnored,
        ],
    ),
];

pub(crate) const HTTP_CLIENT: Table<Http> = &[
    ("http-name", &[Http::NumbersOnly]),
    ("http-every-address", &[Http::FirstAddressOnly]),
    (
        "http-unresolvable",
        &[Http::UnresolvablePanics, Http::UnresolvableUnnamed],
    ),
    ("http-ipv6", &[Http::HttpNoIpv6, Http::HostWithoutBrackets]),
    (
        "http-refused",
        &[
            Http::RefusedPanics,
            Http::RefusedUnnamed,
            Http::RefusedExits0,
        ],
    ),
    (
        "http-connect-timeout",
        &[Http::ConnectsForEver, Http::RefusedUnnamed],
    ),
    (
        "http-request",
        &[
            Http::BareNewlines,
            Http::NoHost,
            Http::HostWithoutPort,
            Http::HttpOneOne,
            Http::PathIgnored,
            Http::NoBlankLine,
        ],
    ),
    ("http-long-request", &[Http::ShortSend, Http::RequestCut]),
    ("http-byte-at-a-time", &[Http::ShortReceiveIsEnd]),
    (
        "http-any-byte",
        &[
            Http::TakesBytesForText,
            Http::StopsAtNul,
            Http::NewlineAdded,
            Http::HeadersDropped,
        ],
    ),
    ("http-as-it-comes", &[Http::PrintsAtEnd, Http::NeverFlushes]),
    (
        "http-256mib",
        &[Http::PrintsAtEnd, Http::KeepsTheAnswer, Http::LosesAByte],
    ),
    (
        "http-closed-pipe",
        &[
            Http::PipePanics,
            Http::PipeIsFailure,
            Http::ReceivesForNobody,
        ],
    ),
    (
        "http-timeout",
        &[
            Http::TimeoutIgnored,
            Http::TimeoutMiscalled,
            Http::TimeoutIsEnd,
            Http::PrintsAtEnd,
            Http::ArrivedUncounted,
        ],
    ),
    (
        "http-reset",
        &[Http::ResetIsEnd, Http::PrintsAtEnd, Http::ArrivedUncounted],
    ),
    ("http-empty-answer", &[Http::EmptyAnswerIsSuccess]),
    ("http-stop-and-go", &[Http::InterruptedIsFailure]),
    (
        "http-line-break",
        &[Http::LineBreakInPath, Http::LineBreakInHost],
    ),
    ("http-help", &[Http::HelpFails]),
    ("http-version", &[Http::VersionUnknown]),
    (
        "http-wrong-option",
        &[
            Http::WrongOptionIgnored,
            Http::WrongOptionExits1,
            Http::ZeroTimeoutTaken,
        ],
    ),
];

/// Bugs that no case finds, or not always.
pub(crate) const SERVER_UNFOUND: &[Server] = &[];

/// Bugs that no case finds, or not always.
pub(crate) const CLIENT_UNFOUND: &[Client] = &[];
