/// What a case judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Rule 1: bytes and letters.
    Bytes,
    /// Rule 2: when a line is answered.
    Answers,
    /// Rule 3: how long a line may be.
    LongLines,
    /// Rule 4: when the client has finished sending.
    HalfClose,
    /// Rule 5: a client that does not read.
    Unread,
    /// Rule 6: what must not end a server.
    Survives,
    /// Rule 7: what is given back.
    GivenBack,
    /// The command line of a server.
    CommandLine,
    /// What a step's mechanism excuses it from, and that it is the mechanism.
    Exceptions,
    /// No rule of the protocol's: what the ROT13 client does.
    Client,
    /// The same of the client of HTTP.
    HttpClient,
    /// The same of a library, of which a learner's copy is judged by its tests.
    Library,
}

impl Rule {
    /// What the protocol asks of a server, in its page's order.
    pub const OF_SERVERS: [Rule; 9] = [
        Rule::Bytes,
        Rule::Answers,
        Rule::LongLines,
        Rule::HalfClose,
        Rule::Unread,
        Rule::Survives,
        Rule::GivenBack,
        Rule::CommandLine,
        Rule::Exceptions,
    ];

    /// Its heading's id in the protocol's page; the clients' is none of those.
    pub fn id(self) -> &'static str {
        match self {
            Rule::Bytes => "rule-1",
            Rule::Answers => "rule-2",
            Rule::LongLines => "rule-3",
            Rule::HalfClose => "rule-4",
            Rule::Unread => "rule-5",
            Rule::Survives => "rule-6",
            Rule::GivenBack => "rule-7",
            Rule::CommandLine => "command-line",
            Rule::Exceptions => "exceptions",
            Rule::Client => "client",
            Rule::HttpClient => "http-client",
            Rule::Library => "library",
        }
    }
}
