/* A right ROT13 server that takes its time: before every accept, receive, answer and close it waits for
 * 0 to 400 ms, in a way of its own. `slowed fork|thread WAY SEED --listen ADDR`. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_LINE = 16384, SLOWEST_MS = 400 };

static const char *self;
static void (*way)(int ms);
static __thread unsigned seed;

static void check(int result, const char *what) {
    if (result < 0) {
        perror(what);
        exit(1);
    }
}

static void by_sleep(int ms) {
    struct timespec time = {0, ms * 1000000L};
    while (nanosleep(&time, &time)) {}
}
static void by_poll(int ms) {
    poll(NULL, 0, ms);
}
static double now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}
/* Never asleep: it asks the kernel, for nothing, until it is time. */
static void by_asking(int ms) {
    for (double end = now_ms() + ms; now_ms() < end;) poll(NULL, 0, 0);
}
/* Never asleep: it computes. */
static void by_computing(int ms) {
    static volatile double sum;
    for (double end = now_ms() + ms; now_ms() < end;) {
        for (int i = 1; i < 1000; i++) sum += 1.0 / i;
    }
}
static int timer_in(int ms) {
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    struct itimerspec when = {.it_value = {0, ms * 1000000L + 1}};
    check(timerfd_settime(fd, 0, &when, NULL), "timerfd");
    return fd;
}
static void by_timerfd(int ms) {
    int fd = timer_in(ms);
    uint64_t times;
    while (read(fd, &times, sizeof times) < 0) {}
    close(fd);
}
static void by_timerfd_in_epoll(int ms) {
    int fd = timer_in(ms), epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    while (epoll_wait(epoll, &event, 1, -1) < 0) {}
    close(epoll);
    close(fd);
}
static volatile sig_atomic_t rung;
static void ring_it(int signal) {
    (void)signal;
    rung = 1;
}
static void by_setitimer(int ms) {
    sigset_t alarm, before;
    struct itimerval when = {.it_value = {0, ms * 1000 + 1}};
    signal(SIGALRM, ring_it);
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    sigprocmask(SIG_BLOCK, &alarm, &before);
    rung = 0;
    setitimer(ITIMER_REAL, &when, NULL);
    while (!rung) sigsuspend(&before);
    sigprocmask(SIG_SETMASK, &before, NULL);
}
static void by_sigwait(int ms) {
    sigset_t alarm;
    int which;
    struct itimerval when = {.it_value = {0, ms * 1000 + 1}};
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    sigprocmask(SIG_BLOCK, &alarm, NULL);
    setitimer(ITIMER_REAL, &when, NULL);
    sigwait(&alarm, &which);
}
static void by_uring(int ms) {
    struct __kernel_timespec when = {0, ms * 1000000L + 1};
    struct io_uring_params how;
    memset(&how, 0, sizeof how);
    int ring = syscall(SYS_io_uring_setup, 4, &how);
    check(ring, "io_uring");
    size_t queue_size = how.sq_off.array + how.sq_entries * 4, entries_size = how.sq_entries * sizeof(struct io_uring_sqe);
    char *queue = mmap(NULL, queue_size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
    struct io_uring_sqe *entries = mmap(NULL, entries_size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
    memset(entries, 0, sizeof *entries);
    entries->opcode = IORING_OP_TIMEOUT;
    entries->addr = (uintptr_t)&when;
    entries->len = 1;
    *(unsigned *)(queue + how.sq_off.array) = 0;
    __atomic_store_n((unsigned *)(queue + how.sq_off.tail), 1, __ATOMIC_RELEASE);
    /* Interrupted, as by a stop: what has been submitted goes on. */
    unsigned submit = 1;
    while (syscall(SYS_io_uring_enter, ring, submit, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0 && errno == EINTR)
        submit = *(volatile unsigned *)(queue + how.sq_off.head) == 0;
    munmap(entries, entries_size);
    munmap(queue, queue_size);
    close(ring);
}
/* Somebody who has left group, session and parent, with or without the environment. */
static void by_helper_with(int ms, int is_bare) {
    int ends[2];
    char byte, time[16], *arguments[] = {(char *)self, "help", time, NULL}, *nothing[] = {NULL};
    check(pipe(ends), "pipe");
    snprintf(time, sizeof time, "%d", ms);
    pid_t child = fork();
    check(child, "fork");
    if (child == 0) {
        setsid();
        if (fork() == 0) {
            dup2(ends[1], 0);
            syscall(436 /* close_range */, 1, -1U, 0);
            if (is_bare) execve(self, arguments, nothing);
            by_sleep(ms);
            if (write(0, "x", 1) < 0) _exit(1);
        }
        _exit(0);
    }
    close(ends[1]);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
    while (read(ends[0], &byte, 1) < 0) {}
    close(ends[0]);
}
static void by_helper(int ms) { by_helper_with(ms, 0); }
static void by_bare_helper(int ms) { by_helper_with(ms, 1); }
static void by_child(int ms) {
    int ends[2];
    char byte;
    check(pipe(ends), "pipe");
    pid_t child = fork();
    check(child, "fork");
    if (child == 0) {
        close(ends[0]);
        by_sleep(ms);
        _exit(0);
    }
    close(ends[1]);
    while (read(ends[0], &byte, 1) < 0) {}
    close(ends[0]);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
}

static void take_time(void) { way(rand_r(&seed) % (SLOWEST_MS + 1)); }

static char rot13(char c) {
    if ((c >= 'a' && c <= 'm') || (c >= 'A' && c <= 'M')) return c + 13;
    if ((c >= 'n' && c <= 'z') || (c >= 'N' && c <= 'Z')) return c - 13;
    return c;
}
static int send_all(int fd, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t taken = send(fd, bytes, length, MSG_NOSIGNAL);
        if (taken < 0 && errno == EINTR) continue;
        if (taken < 0) return 0;
        bytes += taken;
        length -= taken;
    }
    return 1;
}
static void converse(int fd) {
    enum { READ = 65536 };
    char *in = malloc(READ), *out = malloc(2 * READ + 2 * MAX_LINE), line[MAX_LINE + 1];
    size_t held = 0;
    for (;;) {
        take_time();
        ssize_t came = recv(fd, in, READ, 0);
        if (came < 0 && errno == EINTR) continue;
        if (came < 0) break;
        size_t answer = 0;
        for (ssize_t i = 0; i < came; i++) {
            int is_end = in[i] == '\n';
            if (held == MAX_LINE && !is_end) {
                line[held++] = '\n';
                memcpy(out + answer, line, held);
                answer += held;
                held = 0;
            }
            line[held++] = rot13(in[i]);
            if (is_end) {
                memcpy(out + answer, line, held);
                answer += held;
                held = 0;
            }
        }
        if (came == 0) {
            memcpy(out, line, held);
            answer = held;
        }
        if (answer > 0) {
            take_time();
            if (!send_all(fd, out, answer)) break;
        }
        if (came == 0) break;
    }
    take_time();
    close(fd);
    free(in);
    free(out);
}
struct talk {
    int fd;
    unsigned seed;
};
static void *in_thread(void *told) {
    struct talk talk = *(struct talk *)told;
    free(told);
    seed = talk.seed;
    converse(talk.fd);
    return NULL;
}

static const struct { const char *name; void (*wait)(int); } WAYS[] = {
    {"sleep", by_sleep}, {"poll", by_poll}, {"timerfd", by_timerfd}, {"timerfd-in-epoll", by_timerfd_in_epoll},
    {"setitimer", by_setitimer}, {"sigwait", by_sigwait}, {"io-uring", by_uring}, {"child", by_child},
    {"helper", by_helper}, {"bare-helper", by_bare_helper}, {"asking", by_asking}, {"computing", by_computing},
};

int main(int count, char **arguments) {
    self = arguments[0];
    if (count == 3 && !strcmp(arguments[1], "help")) {
        by_sleep(atoi(arguments[2]));
        return write(0, "x", 1) != 1;
    }
    if (count != 6) return 2;
    int forks = !strcmp(arguments[1], "fork");
    for (size_t i = 0; i < sizeof WAYS / sizeof *WAYS; i++)
        if (!strcmp(WAYS[i].name, arguments[2])) way = WAYS[i].wait;
    seed = strtoul(arguments[3], NULL, 10);
    int at = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    setsockopt(at, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    check(bind(at, (void *)&address, size), "bind");
    check(listen(at, 4096), "listen");
    getsockname(at, (void *)&address, &size);
    take_time();
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        while (forks && waitpid(-1, NULL, WNOHANG) > 0) {}
        take_time();
        int fd = accept4(at, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0) continue;
        unsigned next = rand_r(&seed);
        if (forks) {
            if (fork() == 0) {
                seed = next;
                close(at);
                converse(fd);
                _exit(0);
            }
            close(fd);
        } else {
            struct talk *talk = malloc(sizeof *talk);
            pthread_t thread;
            *talk = (struct talk){fd, next};
            pthread_create(&thread, NULL, in_thread, talk);
            pthread_detach(thread);
        }
    }
}
