/* libevent-peer [--listen HOST:PORT]: the ROT13 line protocol on Libevent's bufferevents.
 *
 * Written from Libevent's reference manual, for the comparison. One thread; a bufferevent for each
 * client; each line is taken out of the input with evbuffer_readln, rotated where it stands, and
 * added to the output, which is sent after the callback, all lines in one piece.
 *
 * Built by `bench versus libevent`: cc -O2 libevent.c -levent_core
 */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/util.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum {
    MAX_LINE = 16384,       /* without its newline */
    HIGH_WATER = 64 * 1024, /* unsent: nothing more is received */
    LOW_WATER = 16 * 1024,  /* unsent: receiving goes on */
};

static const char NAME[] = "libevent-peer";

static void rotate(char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char place = (unsigned char)((bytes[i] | 0x20) - 'a');
        int by = place < 13 ? 13 : -13;
        bytes[i] = (char)(bytes[i] + (place < 26 ? by : 0));
    }
}

/* Answers `length` bytes of the input that are no whole line; `ending` goes behind them. */
static void answer_piece(struct evbuffer *in, struct evbuffer *out, size_t length,
                         const char *ending)
{
    char piece[MAX_LINE];
    while (length > 0) {
        int taken = evbuffer_remove(in, piece, length < sizeof piece ? length : sizeof piece);
        if (taken <= 0)
            break;
        rotate(piece, (size_t)taken);
        evbuffer_add(out, piece, (size_t)taken);
        length -= (size_t)taken;
    }
    evbuffer_add(out, ending, strlen(ending));
}

/* Answers every line that is there, until `most` bytes are unsent. */
static void answer_lines(struct bufferevent *client, size_t most)
{
    struct evbuffer *in = bufferevent_get_input(client);
    struct evbuffer *out = bufferevent_get_output(client);
    while (evbuffer_get_length(out) < most) {
        size_t length;
        /* A line that is too long is cut before it is looked for: its newline may never come. */
        if (evbuffer_get_length(in) > MAX_LINE) {
            struct evbuffer_ptr end = evbuffer_search_eol(in, NULL, NULL, EVBUFFER_EOL_LF);
            if (end.pos < 0 || end.pos > MAX_LINE) {
                answer_piece(in, out, MAX_LINE, "\n");
                continue;
            }
        }
        char *line = evbuffer_readln(in, &length, EVBUFFER_EOL_LF);
        if (line == NULL)
            return;
        rotate(line, length);
        line[length] = '\n'; /* where readln has put a NUL */
        evbuffer_add(out, line, length + 1);
        free(line);
    }
    bufferevent_disable(client, EV_READ);
}

static void on_read(struct bufferevent *client, void *unused)
{
    (void)unused;
    answer_lines(client, HIGH_WATER);
}

/* So much has been sent that the low-water mark is reached: the client reads again. */
static void on_write(struct bufferevent *client, void *unused)
{
    (void)unused;
    if ((bufferevent_get_enabled(client) & EV_READ) == 0) {
        bufferevent_enable(client, EV_READ);
        answer_lines(client, HIGH_WATER);
    }
}

static void close_when_sent(struct bufferevent *client, void *unused)
{
    (void)unused;
    if (evbuffer_get_length(bufferevent_get_output(client)) == 0)
        bufferevent_free(client);
}

static void on_event(struct bufferevent *client, short what, void *unused)
{
    (void)unused;
    if ((what & BEV_EVENT_EOF) == 0) {
        bufferevent_free(client); /* reset, or gone */
        return;
    }
    /* The client has said all: what it has said to the last byte is answered, then the end. */
    struct evbuffer *in = bufferevent_get_input(client);
    bufferevent_disable(client, EV_READ);
    answer_lines(client, SIZE_MAX);
    answer_piece(in, bufferevent_get_output(client), evbuffer_get_length(in), "");
    bufferevent_setwatermark(client, EV_WRITE, 0, 0);
    bufferevent_setcb(client, NULL, close_when_sent, on_event, NULL);
    close_when_sent(client, NULL);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
                      int length, void *unused)
{
    (void)address, (void)length, (void)unused;
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct event_base *base = evconnlistener_get_base(listener);
    struct bufferevent *client = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
    if (client == NULL) {
        evutil_closesocket(fd);
        return;
    }
    bufferevent_setcb(client, on_read, on_write, on_event, NULL);
    bufferevent_setwatermark(client, EV_WRITE, LOW_WATER, 0);
    bufferevent_enable(client, EV_READ | EV_WRITE);
}

static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* Prints the address that the system gave, with which the bench connects. */
static int announce(evutil_socket_t fd)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    char host[INET6_ADDRSTRLEN];
    if (getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        return -1;
    if (address.ss_family == AF_INET6) {
        struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address;
        inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host);
        printf("listening on [%s]:%d\n", host, ntohs(v6->sin6_port));
    } else {
        struct sockaddr_in *v4 = (struct sockaddr_in *)&address;
        inet_ntop(AF_INET, &v4->sin_addr, host, sizeof host);
        printf("listening on %s:%d\n", host, ntohs(v4->sin_port));
    }
    return fflush(stdout);
}

/* HOST:PORT, or [HOST]:PORT. Libevent's own parser does not take port 0. */
static struct addrinfo *resolve(const char *where)
{
    char host[256];
    const char *colon = strrchr(where, ':');
    size_t length = colon == NULL ? 0 : (size_t)(colon - where);
    if (length == 0 || length >= sizeof host)
        return NULL;
    memcpy(host, where, length);
    host[length] = '\0';
    char *bare = host;
    if (host[0] == '[' && host[length - 1] == ']') {
        host[length - 1] = '\0';
        bare++;
    }
    struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    return getaddrinfo(bare, colon + 1, &hints, &found) == 0 ? found : NULL;
}

int main(int count, char **arguments)
{
    const char *where = "127.0.0.1:40713";
    if (count == 3 && strcmp(arguments[1], "--listen") == 0) {
        where = arguments[2];
    } else if (count != 1) {
        fprintf(stderr, "usage: %s [--listen HOST:PORT]\n", NAME);
        return 2;
    }
    struct addrinfo *address = resolve(where);
    if (address == NULL) {
        fprintf(stderr, "%s: %s is no address; write 127.0.0.1:40713\n", NAME, where);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    struct event_base *base = event_base_new();
    unsigned options = LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC;
    struct evconnlistener *listener = NULL;
    if (base != NULL)
        listener = evconnlistener_new_bind(base, on_accept, NULL, options, SOMAXCONN,
                                           address->ai_addr, (int)address->ai_addrlen);
    if (listener == NULL || announce(evconnlistener_get_fd(listener)) != 0) {
        fprintf(stderr, "%s: cannot listen on %s: %s\n", NAME, where, strerror(errno));
        return 1;
    }
    event_base_dispatch(base);
    return 1;
}
