/* The protocol in C, one thread that sleeps in epoll_wait. */
#define _GNU_SOURCE
#include "server.h"
#include <fcntl.h>
#include <stdbool.h>
#include <sys/epoll.h>

enum { HIGH_WATER = 64 * 1024, LOW_WATER = 16 * 1024, REST_MS = 100 };

struct client {
    int fd;
    unsigned interest;
    bool has_said_all, is_held_back;
    /* Up to `answered` it may be sent, and behind that is the line that has no end yet. */
    size_t answered, end;
    char rotated[HIGH_WATER + MAX_LINE + RECEIVE_SIZE + 4];
};

static int loop;

static void take(struct client *client, const char *received, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (client->end - client->answered == MAX_LINE && received[i] != '\n') {
            client->rotated[client->end++] = '\n';
            client->answered = client->end;
        }
        client->rotated[client->end++] = turned(received[i]);
        if (received[i] == '\n') client->answered = client->end;
    }
}

/* These two say whether the connection is still good. */
static bool receive(struct client *client)
{
    char received[RECEIVE_SIZE];
    ssize_t length = recv(client->fd, received, sizeof received, 0);
    if (length < 0) return errno == EAGAIN || errno == EINTR;
    if (length == 0) {
        client->has_said_all = true;
        client->answered = client->end;
    }
    take(client, received, (size_t)length);
    return true;
}

static bool send_answers(struct client *client)
{
    ssize_t taken = send(client->fd, client->rotated, client->answered, 0);
    if (taken < 0) return errno == EAGAIN || errno == EINTR;
    client->answered -= (size_t)taken;
    client->end -= (size_t)taken;
    memmove(client->rotated, client->rotated + taken, client->end);
    return true;
}

static void serve(struct client *client, unsigned events)
{
    bool is_good = true;
    if (events & ~EPOLLOUT && !client->has_said_all && !client->is_held_back) is_good = receive(client);
    if (is_good && client->answered > 0) is_good = send_answers(client);
    if (!is_good || (client->has_said_all && client->end == 0)) {
        close(client->fd);
        free(client);
        return;
    }
    client->is_held_back = client->answered >= (client->is_held_back ? LOW_WATER : HIGH_WATER);
    struct epoll_event event = { .data.ptr = client };
    if (!client->has_said_all && !client->is_held_back) event.events |= EPOLLIN;
    if (client->answered > 0) event.events |= EPOLLOUT;
    if (event.events != client->interest) epoll_ctl(loop, EPOLL_CTL_MOD, client->fd, &event);
    client->interest = event.events;
}

/* Accepts all who are there; false if there are descriptors or memory for no more. */
static bool accept_all(int listener)
{
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
        if (fd < 0) return errno == EAGAIN;
        struct client *client = malloc(sizeof *client);
        if (client == NULL) return close(fd), false;
        client->fd = fd;
        client->interest = EPOLLIN;
        client->has_said_all = client->is_held_back = false;
        client->answered = client->end = 0;
        struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };
        send_at_once(fd);
        epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event);
    }
}

static void watch(int listener, unsigned events)
{
    struct epoll_event event = { .events = events, .data.ptr = NULL };
    epoll_ctl(loop, EPOLL_CTL_MOD, listener, &event);
}

int main(int argc, char **argv)
{
    int listener = start(argc, argv);
    struct epoll_event events[64] = { { .events = EPOLLIN } }; /* the listener's data is NULL */
    loop = epoll_create1(EPOLL_CLOEXEC);
    if (loop < 0 || fcntl(listener, F_SETFL, O_NONBLOCK) != 0
        || epoll_ctl(loop, EPOLL_CTL_ADD, listener, events) != 0) {
        perror("server: epoll");
        return 1;
    }
    announce(listener);
    for (bool rests = false;;) {
        int count = epoll_wait(loop, events, 64, rests ? REST_MS : -1);
        if (rests) watch(listener, EPOLLIN);
        rests = false;
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr != NULL) serve(events[i].data.ptr, events[i].events);
            else if (!accept_all(listener)) rests = true;
        }
        if (rests) watch(listener, 0);
    }
}
