//! What is said of a finding, and why it is to be mended.

use super::findings::{Cause, Finding};
use crate::facts::Ended;
use crate::verdict::Outcome;
use terminal::{Text, text};

impl Finding<'_> {
    /// What was seen, in a few words.
    pub fn title(&self) -> Text {
        let case = self.failed[0].case;
        match &self.cause {
            Cause::NotStarted => text("the program cannot be started", "程序启动不了"),
            Cause::NeverListened => self.because(&NEVER_LISTENED),
            Cause::AddressKept => ADDRESS_KEPT.clone(),
            Cause::Died(ended, _) => {
                let how = match (ended.signal(), ended) {
                    (Some(name), _) => Text::new(
                        format!("the server dies: killed by {name}"),
                        format!("服务器死了：被 {name} 杀死"),
                    ),
                    (None, Ended::Exited(status) | Ended::Killed(status)) => Text::new(
                        format!("the server ends, exit status {status}"),
                        format!("服务器自己退出了，退出状态 {status}"),
                    ),
                };
                self.because(&how)
            }
            Cause::BrokeOff(_) => self.because(&BROKE_OFF),
            Cause::NeverAnswers => NEVER_ANSWERS.clone(),
            Cause::ReadsOnce => READS_ONCE.clone(),
            Cause::LeavesUnread => LEAVES_UNREAD.clone(),
            Cause::BacklogFull => BACKLOG_FULL.clone(),
            Cause::SleepsInSend => SLEEPS_IN_SEND.clone(),
            Cause::OneAtATime => ONE_AT_A_TIME.clone(),
            Cause::NotClosed => NOT_CLOSED.clone(),
            Cause::Zombies => ZOMBIES.clone(),
            Cause::NeverSleeps => NEVER_SLEEPS.clone(),
            Cause::Meaning(_) => Text::new(
                format!("{} fails: {}", case.slug, case.title.en),
                format!("{} 没有通过：{}", case.slug, case.title.zh),
            ),
        }
    }

    /// The same words, and the reason that the program gave.
    fn because(&self, what: &Text) -> Text {
        let reasons = self
            .failed
            .iter()
            .filter_map(|graded| match &graded.outcome {
                Outcome::Failed(failure) => failure.facts.reason.as_deref(),
                _ => None,
            });
        match reasons.into_iter().next() {
            None => what.clone(),
            Some(reason) => Text::new(
                format!("{}: {reason}", what.en),
                format!("{}：{reason}", what.zh),
            ),
        }
    }

    /// Why it is to be mended before the others, and what to look at.
    pub fn why(&self) -> Text {
        match &self.cause {
            Cause::NotStarted | Cause::NeverListened => WHY_NOT_STARTED.clone(),
            Cause::AddressKept => WHY_ADDRESS_KEPT.clone(),
            Cause::Died(ended, _) if ended.signal().as_deref() == Some("SIGPIPE") => {
                WHY_SIGPIPE.clone()
            }
            Cause::Died(..) => WHY_DIED.clone(),
            Cause::BrokeOff(_) => WHY_BROKE_OFF.clone(),
            Cause::NeverAnswers => WHY_NEVER_ANSWERS.clone(),
            Cause::ReadsOnce => WHY_READS_ONCE.clone(),
            Cause::LeavesUnread => WHY_LEAVES_UNREAD.clone(),
            Cause::BacklogFull => WHY_BACKLOG_FULL.clone(),
            Cause::SleepsInSend => WHY_SLEEPS_IN_SEND.clone(),
            Cause::OneAtATime => WHY_ONE_AT_A_TIME.clone(),
            Cause::NotClosed => WHY_NOT_CLOSED.clone(),
            Cause::Zombies => WHY_ZOMBIES.clone(),
            Cause::NeverSleeps => WHY_NEVER_SLEEPS.clone(),
            Cause::Meaning(_) => {
                let stage = self.stage().title();
                Text::new(
                    format!(
                        "Of all that fails, it is of the earliest stage: {}.",
                        stage.en
                    ),
                    format!("在没有通过的用例里，它属于最早的一关：{}。", stage.zh),
                )
            }
        }
    }
}

static NEVER_LISTENED: Text = text("the program does not come up", "程序没有起来");
static ADDRESS_KEPT: Text = text(
    "the server cannot be started again at once: it does not set SO_REUSEADDR",
    "服务器不能马上重新启动：它没有设置 SO_REUSEADDR",
);
static BROKE_OFF: Text = text(
    "something in the server breaks off",
    "服务器里有一处出错中断",
);
static NEVER_ANSWERS: Text = text(
    "the server listens, and answers nobody",
    "服务器在监听，却一个客户端也不回答",
);
static LEAVES_UNREAD: Text = text(
    "the server sleeps while bytes of a client lie unread",
    "服务器睡着了，客户端发来的字节却没有读完",
);
static READS_ONCE: Text = text(
    "the server is told once that bytes are there (EPOLLET), and leaves some unread",
    "边沿触发（EPOLLET）只通知一次，服务器却没有把字节读完",
);
static BACKLOG_FULL: Text = text(
    "the listener's backlog overflows when many connect at once",
    "很多客户端同时来连接，监听队列就溢出了",
);
static SLEEPS_IN_SEND: Text = text(
    "the server sleeps in send for a client that does not read, and serves nobody else",
    "有个客户端不读，服务器就睡在 send 里等它，别的客户端都没有人管",
);
static ONE_AT_A_TIME: Text = text(
    "one client keeps the server from all others",
    "一个客户端就把服务器占住，别的客户端都得不到回答",
);
static NOT_CLOSED: Text = text(
    "the server does not close connections",
    "服务器没有关闭连接",
);
static ZOMBIES: Text = text(
    "nobody asks how children have ended",
    "子进程结束了，父进程没有去问结果",
);

static NEVER_SLEEPS: Text = text(
    "the server never sleeps: it asks the kernel again and again",
    "服务器从不睡觉，一遍又一遍地问内核",
);

static WHY_NOT_STARTED: Text = text(
    "Until it listens and says where, nothing else can be judged.",
    "程序监听好并说出地址之前，别的都无从评起。",
);
static WHY_ADDRESS_KEPT: Text = text(
    "Each start after this one has to wait, for a minute, until the system forgets the old connections.",
    "以后每次启动都要等上一分钟，等系统忘掉旧的连接。",
);
static WHY_DIED: Text = text(
    "A server that has died answers nobody: what else fails may come of it.",
    "服务器没了，所有客户端都得不到回答：别的失败可能都由此而来。",
);
static WHY_SIGPIPE: Text = text(
    "Whoever writes to a connection whose other end has gone is sent SIGPIPE, which kills the whole server unless it is ignored: signal(SIGPIPE, SIG_IGN) at the start, or MSG_NOSIGNAL in each send. The write then fails with EPIPE, and only that connection ends.",
    "对方已经离开，再往这条连接里写，内核就会发来 SIGPIPE；不忽略它，整个服务器都会被杀死：启动时调用 signal(SIGPIPE, SIG_IGN)，或者每次 send 都带上 MSG_NOSIGNAL。这样写操作只会返回 EPIPE，结束的只是这一条连接。",
);
static WHY_BROKE_OFF: Text = text(
    "Whatever was to be done after that place is not done: what else fails may come of it.",
    "那一处之后该做的事都没有做：别的失败可能都由此而来。",
);
static WHY_NEVER_ANSWERS: Text = text(
    "Every other case begins with an answer.",
    "别的用例都要先等到一个回答。",
);
static WHY_LEAVES_UNREAD: Text = text(
    "What has come waits in the receive queue until it is read: go on reading until the client has said all, and sleep only where the next bytes would wake the server.",
    "收到的字节留在接收队列里，等着服务器来读：要一直读到客户端说完为止；要睡，也只睡在新字节能把它叫醒的地方。",
);
static WHY_READS_ONCE: Text = text(
    "Under edge triggering the kernel tells of new bytes only: after each event, read until recv fails with EAGAIN, or what is left is heard of no more.",
    "边沿触发时，内核只在有新字节到来时通知：每次都要一直读到 recv 返回 EAGAIN，否则剩下的字节再也没有人来报。",
);
static WHY_BACKLOG_FULL: Text = text(
    "Whoever finds the backlog full is not told, and tries again after a second or more. Ask for a long one, as in listen(fd, 4096), of which the kernel grants up to net.core.somaxconn; and accept all who wait before you serve one.",
    "队列满了，来连接的客户端得不到通知，要过一秒以上才会再试。队列要开得长一些，比如 listen(fd, 4096)，内核最多给到 net.core.somaxconn；还要先把排队的都接受进来，再去服务。",
);
static WHY_SLEEPS_IN_SEND: Text = text(
    "One that serves all clients in one loop may sleep only where it waits for all of them: make each connection non-blocking (O_NONBLOCK), send what there is room for, and keep the rest until the kernel tells that there is room again.",
    "一个循环照看所有客户端，就只能睡在等待所有人的那一处：每个连接都设成非阻塞（O_NONBLOCK），发得出多少算多少，剩下的留着，等内核说又有空位了再发。",
);
static WHY_ONE_AT_A_TIME: Text = text(
    "It sleeps for one client, in recv or in send, while others have spoken: every case with several clients fails by it.",
    "它为一个客户端睡在 recv 或 send 里，别人说的话没有人听：凡是有好几个客户端的用例都会因此失败。",
);
static WHY_NOT_CLOSED: Text = text(
    "When a client has said all and is answered, close(fd) its connection: an end of file that does not come, and descriptors that run out, are the same mistake. Where processes share a connection, it ends when each of them has closed it.",
    "客户端说完了、也都回答了，就要 close(fd) 关掉它的连接：对方等不到文件结束，和描述符越来越多，是同一个错误。几个进程都拿着同一条连接，要全都关掉，连接才算结束。",
);
static WHY_ZOMBIES: Text = text(
    "Each child that has ended keeps its place in the process table until waitpid: in the end there are no places left.",
    "子进程结束之后，要等 waitpid 才让出进程表里的位置：位置迟早会用完。",
);
static WHY_NEVER_SLEEPS: Text = text(
    "With nothing to do, it is to sleep in the call that waits for all. It is awake where it waits for what is always ready (a connection whose end was read and not closed, room to send with nothing to be sent), or where a loop takes \"nothing yet\" for an answer, as waitpid with WNOHANG gives it.",
    "没事可做的时候，服务器应该睡在等待所有人的那个调用里。它一直醒着，要么是在等一件总是就绪的事（读到了文件结束却没有关闭的连接，没有东西要发却问能不能发），要么是有个循环把“暂时没有”也当成了回答，比如带 WNOHANG 的 waitpid。",
);
