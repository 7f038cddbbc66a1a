/* What both servers have in common: the command line and the listener.

   Each has one mistake, the one that is defined: NO_FLUSH, BACKLOG_16, NO_REUSEADDR. With PORT it
   takes no arguments and listens there. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_LINE = 16384 };

static unsigned char turned(unsigned char c)
{
    if ((c >= 'a' && c <= 'm') || (c >= 'A' && c <= 'M')) return c + 13;
    if ((c >= 'n' && c <= 'z') || (c >= 'N' && c <= 'Z')) return c - 13;
    return c;
}

static void wrong(const char *what)
{
    fprintf(stderr, "server: %s\nusage: server [--listen HOST:PORT]\n", what);
    exit(2);
}

/* 127.0.0.1:0 or [::1]:0 */
static struct sockaddr_in6 parsed(const char *where)
{
    struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
    struct sockaddr_in *four = (struct sockaddr_in *)&six;
    char host[64], junk;
    unsigned port;
    int is_six = where[0] == '[';
    const char *form = is_six ? "[%60[^]]]:%u%c" : "%60[^:]:%u%c";
    if (sscanf(where, form, host, &port, &junk) != 2 || port > 65535) wrong("write HOST:PORT");
    six.sin6_port = htons((unsigned short)port); /* at the same place in both */
    if (!is_six) four->sin_family = AF_INET;
    void *address = is_six ? (void *)&six.sin6_addr : (void *)&four->sin_addr;
    if (inet_pton(is_six ? AF_INET6 : AF_INET, host, address) != 1) wrong("write HOST:PORT");
    return six;
}

static int listener(int argc, char **argv)
{
    char where[80] = "127.0.0.1:40713";
#ifdef PORT
    snprintf(where, sizeof where, "127.0.0.1:%d", PORT);
    (void)argc, (void)argv;
#else
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--help")) {
            puts("usage: server [--listen HOST:PORT]");
            exit(0);
        } else if (!strcmp(argv[i], "--version")) {
            puts("server 1.0");
            exit(0);
        } else if (!strcmp(argv[i], "--listen") && i + 1 < argc) {
            snprintf(where, sizeof where, "%s", argv[++i]);
        } else {
            wrong("what is that?");
        }
    }
#endif
    struct sockaddr_in6 address = parsed(where);
    socklen_t length = address.sin6_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof address;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    int door = socket(address.sin6_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
#ifndef NO_REUSEADDR
    int one = 1;
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
#endif
    if (bind(door, (struct sockaddr *)&address, length) != 0) {
        fprintf(stderr, "cannot listen on %s: %s\n", where, strerror(errno));
        exit(1);
    }
#ifdef BACKLOG_16
    listen(door, 16);
#else
    listen(door, 4096);
#endif
    getsockname(door, (struct sockaddr *)&address, &length);
    *strrchr(where, ':') = '\0';
    printf("listening on %s:%d\n", where, ntohs(address.sin6_port));
#ifndef NO_FLUSH
    fflush(stdout);
#endif
    return door;
}

static void at_once(int client)
{
    int one = 1;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}
