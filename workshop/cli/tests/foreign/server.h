/* What both servers in C have in common: the command line, the listener, the rotation. */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_LINE = 16384, RECEIVE_SIZE = 16384 };

static const char usage[] = "usage: server [--listen HOST:PORT]\n";

static char turned(char c)
{
    if ((c >= 'a' && c <= 'm') || (c >= 'A' && c <= 'M')) return (char)(c + 13);
    if ((c >= 'n' && c <= 'z') || (c >= 'N' && c <= 'Z')) return (char)(c - 13);
    return c;
}

static void wrong(const char *what)
{
    fprintf(stderr, "server: wrong: %s\n%s", what, usage);
    exit(2);
}

static int listener_at(const char *where)
{
    char host[NI_MAXHOST], port[NI_MAXSERV], junk;
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV }, *found;
    if (sscanf(where, "[%1000[^]]]:%5[0-9]%c", host, port, &junk) != 2
        && sscanf(where, "%1000[^][:]:%5[0-9]%c", host, port, &junk) != 2)
        wrong(where);
    int unknown = getaddrinfo(host, port, &hints, &found), yes = 1;
    if (unknown != 0) {
        fprintf(stderr, "server: cannot listen on %s: %s\n", where, gai_strerror(unknown));
        exit(1);
    }
    int listener = socket(found->ai_family, SOCK_STREAM, 0);
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0
        || bind(listener, found->ai_addr, found->ai_addrlen) != 0
        || listen(listener, SOMAXCONN) != 0) {
        fprintf(stderr, "server: cannot listen on %s: %s\n", where, strerror(errno));
        exit(1);
    }
    freeaddrinfo(found);
    return listener;
}

static void announce(int listener)
{
    struct sockaddr_storage own;
    socklen_t length = sizeof own;
    char host[NI_MAXHOST], port[NI_MAXSERV];
    getsockname(listener, (struct sockaddr *)&own, &length);
    getnameinfo((struct sockaddr *)&own, length, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    printf(own.ss_family == AF_INET6 ? "listening on [%s]:%s\n" : "listening on %s:%s\n", host, port);
    if (fflush(stdout) != 0) exit(1);
}

/* Reads the command line, raises the limit of descriptors, and listens. */
static int start(int argc, char **argv)
{
    const char *where = "127.0.0.1:40713";
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            fputs(usage, stdout);
            exit(0);
        } else if (strcmp(argv[i], "--version") == 0) {
            puts("server 1.0");
            exit(0);
        } else if (strcmp(argv[i], "--listen") == 0 && i + 1 < argc) {
            where = argv[++i];
        } else {
            wrong(argv[i]);
        }
    }
    struct rlimit descriptors;
    getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_IGN);
    return listener_at(where);
}

static void send_at_once(int client)
{
    int yes = 1;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}
