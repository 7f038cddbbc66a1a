/* A server that is yet to serve: it listens, and says where. The rest goes into `serve`. */
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define DEFAULT_ADDRESS "127.0.0.1:40713"

static const char usage[] = "usage: server [--listen HOST:PORT]";
static const char options[] =
    "  --listen HOST:PORT  listen here [" DEFAULT_ADDRESS "]; port 0 takes any free port\n"
    "  --help              print this\n"
    "  --version           print the version";

/* Serves everybody who connects to the listener. */
static int serve(int listener)
{
    // @TASKS@
    (void)listener;
    fprintf(stderr, "serve: nothing is written here yet\n");
    return EXIT_FAILURE;
}

static void wrong_command_line(const char *why, const char *what)
{
    fprintf(stderr, "server: %s: %s\n%s\n", why, what, usage);
    exit(2);
}

static void cannot_listen(const char *address, const char *reason)
{
    fprintf(stderr, "server: cannot listen on %s: %s\n", address, reason);
    exit(EXIT_FAILURE);
}

/* What was printed has arrived only when the buffer is empty: a full disk is found out here. */
static void flush(void)
{
    if (fflush(stdout) != 0) {
        fprintf(stderr, "server: cannot write standard output: %s\n", strerror(errno));
        exit(EXIT_FAILURE);
    }
}

/* Cuts HOST:PORT in two. An IPv6 address stands in brackets, as in [::1]:0. */
static bool cut(const char *address, char host[NI_MAXHOST], const char **port)
{
    const char *colon = strrchr(address, ':');
    if (colon == NULL || colon == address) return false;
    size_t length = (size_t)(colon - address);
    bool brackets = address[0] == '[' && colon[-1] == ']';
    if (brackets) address++, length -= 2;
    if (length == 0 || length >= NI_MAXHOST) return false;
    memcpy(host, address, length);
    host[length] = '\0';
    *port = colon + 1;
    bool digits = **port != '\0' && (*port)[strspn(*port, "0123456789")] == '\0';
    return digits && strtoul(*port, NULL, 10) <= 65535
        && strpbrk(host, brackets ? "[]" : "[]:") == NULL;
}

static int listen_on(const char *address, const char *host, const char *port)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV }, *found;
    int unknown = getaddrinfo(host, port, &hints, &found);
    if (unknown) cannot_listen(address, gai_strerror(unknown));

    int listener = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
    /* Or a restarted server would not get its address back for a minute (TIME_WAIT). */
    int yes = 1;
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0
        || bind(listener, found->ai_addr, found->ai_addrlen) != 0
        || listen(listener, SOMAXCONN) != 0)
        cannot_listen(address, strerror(errno));
    freeaddrinfo(found);
    return listener;
}

/* A promise: whoever reads this line connects. So nothing that can fail comes after it. */
static void announce(int listener)
{
    struct sockaddr_storage own;
    socklen_t length = sizeof own;
    char host[NI_MAXHOST], port[NI_MAXSERV];
    getsockname(listener, (struct sockaddr *)&own, &length);
    getnameinfo((struct sockaddr *)&own, length, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    printf(own.ss_family == AF_INET6 ? "listening on [%s]:%s\n" : "listening on %s:%s\n", host, port);
    flush();
}

int main(int argc, char **argv)
{
    const char *address = DEFAULT_ADDRESS;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            printf("%s\n%s\n", usage, options);
            flush();
            return 0;
        } else if (strcmp(argv[i], "--version") == 0) {
            printf("server 0.1\n");
            flush();
            return 0;
        } else if (strcmp(argv[i], "--listen") != 0) {
            wrong_command_line("unknown argument", argv[i]);
        } else if (++i == argc) {
            wrong_command_line("an address is missing", "--listen");
        } else {
            address = argv[i];
        }
    }
    char host[NI_MAXHOST];
    const char *port;
    if (!cut(address, host, &port)) wrong_command_line("this is not HOST:PORT", address);

    /* A write to a client that has gone would end the whole server; this way it fails with EPIPE. */
    signal(SIGPIPE, SIG_IGN);

    /* Every client takes a descriptor, and a login is usually given 1,024. */
    struct rlimit descriptors;
    if (getrlimit(RLIMIT_NOFILE, &descriptors) == 0) {
        descriptors.rlim_cur = descriptors.rlim_max;
        setrlimit(RLIMIT_NOFILE, &descriptors);
    }

    int listener = listen_on(address, host, port);
    announce(listener);
    return serve(listener);
}
