/* ROT13 servers that hang, each of another mistake: `hung MISTAKE --listen ADDR`. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *mistake;
static int is(const char *name) { return !strcmp(mistake, name); }

static void rotate(char *bytes, ssize_t length) {
    for (char *at = bytes; at < bytes + length; at++) {
        char lower = *at | 32;
        if (lower >= 'a' && lower <= 'm') *at += 13;
        else if (lower >= 'n' && lower <= 'z') *at -= 13;
    }
}
/* For clients who say whole lines: what hangs is to be seen, not how lines are put together. */
static void converse(int fd) {
    static __thread char bytes[1 << 16];
    ssize_t came;
    while ((came = recv(fd, bytes, sizeof bytes, 0)) > 0) {
        if (is("waits-for-more")) while (came < 64 && recv(fd, bytes + came, 1, 0) > 0) came++;
        rotate(bytes, came);
        if (is("stdio-unflushed")) {
            static FILE *out;
            out = fdopen(fd, "w");
            fwrite(bytes, 1, came, out);
            continue;
        }
        if (send(fd, bytes, came, MSG_NOSIGNAL) < 0) break;
        if (is("one-answer")) for (;;) pause();
    }
    if (!is("forgotten-close")) close(fd);
}
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *in_thread(void *fd) {
    if (is("deadlock")) pthread_mutex_lock(&lock);
    converse((int)(long)fd);
    return NULL;
}
static void side_by_side(int at) {
    for (;;) {
        int fd = accept(at, NULL, NULL);
        if (is("fork-keeps")) {
            if (fork() == 0) {
                close(at);
                converse(fd);
                _exit(0);
            }
        } else if (is("sequential")) {
            converse(fd);
        } else {
            pthread_t thread;
            pthread_create(&thread, NULL, in_thread, (void *)(long)fd);
        }
    }
}
/* One thread, and readiness. */
static void evented(int at) {
    static char bytes[1 << 16];
    int epoll = epoll_create1(0), edge = is("edge-read-once");
    struct epoll_event event = {.events = EPOLLIN, .data.fd = at};
    epoll_ctl(epoll, EPOLL_CTL_ADD, at, &event);
    for (;;) {
        if (epoll_wait(epoll, &event, 1, -1) != 1) continue;
        int fd = event.data.fd;
        if (fd == at) {
            fd = accept(at, NULL, NULL);
            fcntl(fd, F_SETFL, O_NONBLOCK);
            struct epoll_event with = {.events = EPOLLIN | (edge ? (unsigned)EPOLLET : 0) | (is("oneshot") ? (unsigned)EPOLLONESHOT : 0), .data.fd = fd};
            epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &with);
            continue;
        }
        ssize_t came = recv(fd, bytes, edge ? 4 : sizeof bytes, 0);
        if (came > 0) {
            rotate(bytes, came);
            send(fd, bytes, came, MSG_NOSIGNAL);
        } else if (came == 0) {
            if (is("epoll-forgotten-close")) epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL);
            else close(fd);
        }
    }
}
static void polled(int at) {
    static char bytes[1 << 16];
    struct pollfd all[1024] = {{.fd = at, .events = POLLIN}};
    int count = 1;
    for (;;) {
        poll(all, count, -1);
        for (int i = count - 1; i >= 0; i--) {
            if (!all[i].revents) continue;
            if (i == 0) {
                all[count++] = (struct pollfd){.fd = accept(at, NULL, NULL), .events = POLLIN};
                continue;
            }
            ssize_t came = recv(all[i].fd, bytes, sizeof bytes, 0);
            if (came > 0) {
                rotate(bytes, came);
                send(all[i].fd, bytes, came, MSG_NOSIGNAL);
            } else {
                all[i].fd = -1; /* and not closed */
            }
        }
    }
}

int main(int count, char **arguments) {
    mistake = count > 1 ? arguments[1] : "";
    signal(SIGCHLD, SIG_IGN);
    int at = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (bind(at, (void *)&address, size) || listen(at, 4096)) return 1;
    getsockname(at, (void *)&address, &size);
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    if (!is("no-flush")) fflush(stdout);
    if (is("never-accepts")) for (;;) pause();
    if (is("edge-read-once") || is("oneshot") || is("epoll-forgotten-close")) evented(at);
    else if (is("poll-forgotten-close")) polled(at);
    else side_by_side(at);
}
