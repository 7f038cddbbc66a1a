/* Programs that sleep, each in another way, or never do, named by the first argument. What wakes by itself ends
 * then, after LATE: as long as it lives, something can still come of it. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LATE_MS = 300 };

static const char *self, *other;

static void fail(const char *what) {
    perror(what);
    exit(1);
}
static void nap(void) {
    struct timespec time = {0, LATE_MS * 1000000L};
    while (nanosleep(&time, &time)) {}
}
static int listener(int *port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    if (bind(fd, (void *)&at, size) || listen(fd, 8) || getsockname(fd, (void *)&at, &size)) fail("listen");
    if (port) *port = ntohs(at.sin_port);
    return fd;
}
static int dial(int port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (connect(fd, (void *)&at, sizeof at)) fail("connect");
    return fd;
}
static void tcp_pair(int ends[2]) {
    int port, at = listener(&port);
    ends[0] = dial(port);
    ends[1] = accept(at, NULL, NULL);
    close(at);
}
static int watching(int fd) {
    int epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    return epoll;
}
static void wait_on(int epoll) {
    struct epoll_event event;
    while (epoll_wait(epoll, &event, 1, -1) < 0) {}
}
static int timer_in(int ms) {
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    struct itimerspec when = {.it_value = {ms / 1000, ms % 1000 * 1000000L}};
    timerfd_settime(fd, 0, &when, NULL);
    return fd;
}
static void in_time(int which) {
    struct itimerval when = {.it_value = {0, LATE_MS * 1000}};
    setitimer(which, &when, NULL);
}
static void read_one(int fd) {
    char byte[8];
    if (read(fd, byte, sizeof byte) < 0) fail("read");
}

/* For ever. */
static void s_accept(void) { accept(listener(NULL), NULL, NULL); }
static void s_epoll(void) { wait_on(watching(listener(NULL))); }
static void s_poll(void) {
    struct pollfd fd = {listener(NULL), POLLIN, 0};
    poll(&fd, 1, -1);
}
static void s_select(void) {
    int fd = listener(NULL);
    fd_set set;
    FD_ZERO(&set);
    FD_SET(fd, &set);
    select(fd + 1, &set, NULL, NULL, NULL);
}
static void s_recv(void) {
    int ends[2];
    char byte;
    tcp_pair(ends);
    recv(ends[0], &byte, 1, 0);
}
static void s_pipe(void) {
    int ends[2];
    if (pipe(ends)) fail("pipe");
    read_one(ends[0]);
}
static void *pauses(void *nothing) {
    for (;;) pause();
    return nothing;
}
static void s_join(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, pauses, NULL);
    pthread_join(thread, NULL);
}
static void s_wait(void) {
    if (fork() == 0) pauses(NULL);
    wait(NULL);
}
static void s_socketpair(void) {
    int ends[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    read_one(ends[0]);
}
static void s_timerfd_disarmed(void) { wait_on(watching(timerfd_create(CLOCK_MONOTONIC, 0))); }
static void s_sockets_that_do_nothing(void) {
    int ends[2];
    tcp_pair(ends);
    struct linger at_once = {1, 0};
    setsockopt(ends[1], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(ends[1]);
    socket(AF_INET, SOCK_STREAM, 0);
    s_accept();
}
static void s_sigwait(void) {
    sigset_t set;
    int which;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    sigwait(&set, &which);
}
static void s_headless(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, pauses, NULL);
    pthread_exit(NULL);
}
static void s_vfork(void) {
    if (vfork() == 0) for (;;) pause();
}
static void s_inotify(void) {
    int fd = inotify_init();
    inotify_add_watch(fd, "/tmp", IN_CREATE);
    read_one(fd);
}
static void s_unix_listener(void) {
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    bind(fd, (void *)&at, sizeof at.sun_family); /* the kernel chooses a name */
    listen(fd, 1);
    accept(fd, NULL, NULL);
}
static void s_udp(void) {
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    bind(fd, (void *)&at, sizeof at);
    read_one(fd);
}

/* For LATE. */
static void l_poll(void) { poll(NULL, 0, LATE_MS); }
static void l_ppoll(void) {
    struct timespec time = {0, LATE_MS * 1000000L};
    ppoll(NULL, 0, &time, NULL);
}
static void l_select(void) {
    struct timeval time = {0, LATE_MS * 1000};
    select(0, NULL, NULL, NULL, &time);
}
static void l_epoll(void) {
    struct epoll_event event;
    epoll_wait(watching(listener(NULL)), &event, 1, LATE_MS);
}
static void l_nanosleep(void) { nap(); }
static void l_futex(void) {
    struct timespec time = {0, LATE_MS * 1000000L};
    int word = 0;
    syscall(SYS_futex, &word, 0, 0, &time, NULL, 0);
}
static void l_timerfd(void) { read_one(timer_in(LATE_MS)); }
static void l_timerfd_epoll(void) { wait_on(watching(timer_in(LATE_MS))); }
static void noted(int signal) { (void)signal; }
static void l_setitimer(void) {
    signal(SIGALRM, noted);
    in_time(ITIMER_REAL);
    pause();
}
static void l_alarm(void) {
    signal(SIGALRM, noted);
    alarm(1);
    pause();
}
static void *waits_for_alarm(void *thread) {
    sigset_t set;
    int which;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigwait(&set, &which);
    return thread;
}
static void block_alarm(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_BLOCK, &set, NULL);
}
static void l_setitimer_sigwait(void) {
    block_alarm();
    in_time(ITIMER_REAL);
    waits_for_alarm(NULL);
}
static void l_setitimer_thread(void) {
    pthread_t thread;
    block_alarm();
    in_time(ITIMER_REAL);
    pthread_create(&thread, NULL, waits_for_alarm, NULL);
    pthread_join(thread, NULL);
}
static sem_t rung;
static void ring_it(union sigval nothing) {
    (void)nothing;
    sem_post(&rung);
}
static void l_timer_thread(void) {
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = ring_it};
    struct itimerspec when = {.it_value = {0, LATE_MS * 1000000L}};
    sem_init(&rung, 0, 0);
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) || timer_settime(timer, 0, &when, NULL)) fail("timer");
    while (sem_wait(&rung)) {}
}
static void time_out(int fd, int which) {
    struct timeval time = {0, LATE_MS * 1000};
    setsockopt(fd, SOL_SOCKET, which, &time, sizeof time);
}
static void l_rcvtimeo_recv(void) {
    int ends[2];
    char byte;
    tcp_pair(ends);
    time_out(ends[0], SO_RCVTIMEO);
    recv(ends[0], &byte, 1, 0);
}
static void l_rcvtimeo_accept(void) {
    int fd = listener(NULL);
    time_out(fd, SO_RCVTIMEO);
    accept(fd, NULL, NULL);
}
static void l_sndtimeo(void) {
    int ends[2];
    static char much[64 << 20];
    tcp_pair(ends);
    time_out(ends[0], SO_SNDTIMEO);
    send(ends[0], much, sizeof much, 0);
}
static void l_rcvtimeo_unix(void) {
    int ends[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    time_out(ends[0], SO_RCVTIMEO);
    char byte;
    recv(ends[0], &byte, 1, 0);
}
/* A descriptor's register may have anything in its upper half. */
static void l_rcvtimeo_wide(void) {
    int ends[2];
    char byte;
    tcp_pair(ends);
    time_out(ends[0], SO_RCVTIMEO);
    syscall(SYS_recvfrom, (long)ends[0] | 0x7000000000L, &byte, 1, 0, NULL, NULL);
}
static void l_child(void) {
    int ends[2];
    if (pipe(ends)) fail("pipe");
    if (fork() == 0) {
        nap();
        if (write(ends[1], "x", 1) != 1) fail("write");
        _exit(0);
    }
    read_one(ends[0]);
}
static void *naps_and_exits(void *nothing) {
    nap();
    exit(0);
    return nothing;
}
static void l_headless(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, naps_and_exits, NULL);
    pthread_exit(NULL);
}
/* Somebody who has left group, session and parent, and writes to a pipe later. */
static void helped_by(void (*helper)(int pipe)) {
    int ends[2];
    if (pipe(ends)) fail("pipe");
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            close(ends[0]);
            helper(ends[1]);
            _exit(0);
        }
        _exit(0);
    }
    close(ends[1]);
    wait(NULL);
    read_one(ends[0]);
}
static void h_late(int pipe) {
    nap();
    if (write(pipe, "x", 1) != 1) fail("write");
}
static void h_bare(int pipe) {
    char number[16];
    snprintf(number, sizeof number, "%d", pipe);
    char *arguments[] = {(char *)self, "help", number, NULL}, *nothing[] = {NULL};
    execve(self, arguments, nothing);
    fail("execve");
}
static void h_bare_headless(int pipe) {
    char number[16];
    snprintf(number, sizeof number, "%d", pipe);
    char *arguments[] = {(char *)self, "help-headless", number, NULL}, *nothing[] = {NULL};
    execve(self, arguments, nothing);
    fail("execve");
}
static int to_help;
static void *helps(void *nothing) {
    h_late(to_help);
    exit(0);
    return nothing;
}
static void h_headless(int pipe) {
    pthread_t thread;
    to_help = pipe;
    pthread_create(&thread, NULL, helps, NULL);
    pthread_exit(NULL);
}
static void l_left(void) { helped_by(h_late); }
static void l_left_bare(void) { helped_by(h_bare); }
static void l_left_headless(void) { helped_by(h_headless); }
static void l_left_bare_headless(void) { helped_by(h_bare_headless); }
static void a_help(void) { h_late(atoi(other)); }
static void a_help_headless(void) { h_headless(atoi(other)); }

/* With somebody who is none of them. */
static void a_speak_late(void) {
    int port, at = listener(&port);
    printf("%d\n", port);
    fflush(stdout);
    int fd = accept(at, NULL, NULL);
    nap();
    if (write(fd, "x", 1) != 1) fail("write");
    pause();
}
static void a_hear(void) { read_one(dial(atoi(other))); }
static void a_speak_late_unix(void) {
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    socklen_t size = sizeof at;
    bind(fd, (void *)&at, sizeof at.sun_family);
    listen(fd, 1);
    getsockname(fd, (void *)&at, &size);
    printf("%s\n", at.sun_path + 1);
    fflush(stdout);
    fd = accept(fd, NULL, NULL);
    nap();
    if (write(fd, "x", 1) != 1) fail("write");
    pause();
}
static void a_hear_unix(void) {
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    strncpy(at.sun_path + 1, other, sizeof at.sun_path - 2);
    if (connect(fd, (void *)&at, sizeof at.sun_family + 1 + strlen(other))) fail("connect");
    read_one(fd);
}

/* io_uring, with a time-out in it. */
static int ring_with_timeout(void) {
    static struct __kernel_timespec when = {0, LATE_MS * 1000000L};
    struct io_uring_params how;
    memset(&how, 0, sizeof how);
    int ring = syscall(SYS_io_uring_setup, 4, &how);
    if (ring < 0) {
        puts("skipped");
        exit(0);
    }
    char *queue = mmap(NULL, how.sq_off.array + how.sq_entries * 4, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
    struct io_uring_sqe *entries = mmap(NULL, how.sq_entries * sizeof *entries, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
    memset(entries, 0, sizeof *entries);
    entries->opcode = IORING_OP_TIMEOUT;
    entries->addr = (uintptr_t)&when;
    entries->len = 1;
    *(unsigned *)(queue + how.sq_off.array) = 0;
    __atomic_store_n((unsigned *)(queue + how.sq_off.tail), 1, __ATOMIC_RELEASE);
    return ring;
}
static void l_uring(void) { syscall(SYS_io_uring_enter, ring_with_timeout(), 1, 1, IORING_ENTER_GETEVENTS, NULL, 0); }
static void l_uring_eventfd(void) {
    int ring = ring_with_timeout(), event = eventfd(0, 0);
    syscall(SYS_io_uring_register, ring, IORING_REGISTER_EVENTFD, &event, 1);
    syscall(SYS_io_uring_enter, ring, 1, 0, 0, NULL, 0);
    read_one(event);
}
/* The thread has the ring without a descriptor. */
static void ring_registered(unsigned wait, int event) {
    int ring = ring_with_timeout();
    if (event >= 0) syscall(SYS_io_uring_register, ring, IORING_REGISTER_EVENTFD, &event, 1);
    struct io_uring_rsrc_update update = {.offset = -1U, .data = ring};
    if (syscall(SYS_io_uring_register, ring, 20 /* IORING_REGISTER_RING_FDS */, &update, 1) != 1) {
        puts("skipped");
        exit(0);
    }
    close(ring);
    syscall(SYS_io_uring_enter, update.offset, 1, wait, IORING_ENTER_GETEVENTS | 16 /* _REGISTERED_RING */, NULL, 0);
}
static void l_uring_registered(void) { ring_registered(1, -1); }
static void l_uring_registered_eventfd(void) {
    int event = eventfd(0, 0);
    ring_registered(0, event);
    read_one(event);
}

/* They never sleep, and never end. Nobody is at the other end of this pipe: it is ready for ever. */
static int ready_for_ever(void) {
    int ends[2];
    if (pipe(ends)) fail("pipe");
    close(ends[1]);
    return ends[0];
}
static void ask(int fd) {
    char byte;
    struct pollfd it = {.fd = fd, .events = POLLIN};
    poll(&it, 1, -1);
    if (read(fd, &byte, 1) > 0) fail("read");
}
static void b_asks(void) {
    for (int fd = ready_for_ever();;) ask(fd);
}
static void b_computes(void) {
    for (volatile double sum = 0;; sum += 1) {}
}
static void b_moves_bytes(void) {
    char byte = 'x';
    int ends[2], fd = ready_for_ever();
    if (pipe(ends)) fail("pipe");
    for (;;) {
        if (write(ends[1], &byte, 1) != 1 || read(ends[0], &byte, 1) != 1) fail("pipe");
        ask(fd);
    }
}
static void b_naps(void) {
    for (int fd = ready_for_ever(), i = 0;; i++) {
        ask(fd);
        if (i % 1000 == 0) usleep(1000);
    }
}
static void *naps(void *nothing) {
    for (;;) usleep(10 * 1000);
    return nothing;
}
static void b_has_a_napper(void) {
    pthread_t napper;
    pthread_create(&napper, NULL, naps, NULL);
    b_asks();
}

#define MODE(name) {#name, name}
static const struct { const char *name; void (*run)(void); } MODES[] = {
    MODE(s_accept), MODE(s_epoll), MODE(s_poll), MODE(s_select), MODE(s_recv), MODE(s_pipe), MODE(s_join),
    MODE(s_wait), MODE(s_socketpair), MODE(s_timerfd_disarmed), MODE(s_sockets_that_do_nothing), MODE(s_sigwait),
    MODE(s_headless), MODE(s_vfork), MODE(s_inotify), MODE(s_unix_listener), MODE(s_udp),
    MODE(l_poll), MODE(l_ppoll), MODE(l_select), MODE(l_epoll), MODE(l_nanosleep), MODE(l_futex), MODE(l_timerfd),
    MODE(l_timerfd_epoll), MODE(l_setitimer), MODE(l_alarm), MODE(l_setitimer_sigwait), MODE(l_setitimer_thread),
    MODE(l_timer_thread), MODE(l_rcvtimeo_recv), MODE(l_rcvtimeo_accept), MODE(l_sndtimeo), MODE(l_rcvtimeo_unix),
    MODE(l_rcvtimeo_wide), MODE(l_child), MODE(l_headless), MODE(l_left), MODE(l_left_bare), MODE(l_left_headless),
    MODE(l_left_bare_headless), MODE(l_uring), MODE(l_uring_eventfd), MODE(l_uring_registered),
    MODE(l_uring_registered_eventfd),
    MODE(b_asks), MODE(b_computes), MODE(b_moves_bytes), MODE(b_naps), MODE(b_has_a_napper),
    MODE(a_speak_late), MODE(a_hear), MODE(a_speak_late_unix), MODE(a_hear_unix),
    {"help", a_help}, {"help-headless", a_help_headless},
};

int main(int count, char **arguments) {
    self = arguments[0];
    other = count > 2 ? arguments[2] : "";
    for (size_t i = 0; count > 1 && i < sizeof MODES / sizeof *MODES; i++)
        if (!strcmp(MODES[i].name, arguments[1])) {
            MODES[i].run();
            return 0;
        }
    return 2;
}
