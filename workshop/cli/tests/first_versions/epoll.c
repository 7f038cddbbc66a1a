/* One thread and epoll. Its one mistake is the one that is defined: READ_ONCE (under EPOLLET),
   BLOCKING_SEND, SIGPIPE_KILLS, or one of server.h. */
#include "server.h"
#include <sys/epoll.h>

struct client {
    int fd, has_said_all;
    unsigned asked_for;
    unsigned char line[MAX_LINE + 1], *answers;
    size_t used, start, end, room;
};

enum { HIGH_WATER = 256 * 1024 };

#ifdef READ_ONCE
enum { EDGE = (int)EPOLLET, PIECE = 4096, FLAGS = MSG_NOSIGNAL };
#elif defined SIGPIPE_KILLS
enum { EDGE = 0, PIECE = 16384, FLAGS = 0 };
#else
enum { EDGE = 0, PIECE = 16384, FLAGS = MSG_NOSIGNAL };
#endif

static int loop;

static int flush(struct client *client)
{
    while (client->start < client->end) {
        size_t length = client->end - client->start;
        ssize_t taken = send(client->fd, client->answers + client->start, length, FLAGS);
        if (taken < 0 && errno == EINTR) continue;
        if (taken < 0) return errno == EAGAIN ? 0 : -1;
        client->start += (size_t)taken;
    }
    client->start = client->end = 0;
    return 0;
}

static int answer(struct client *client)
{
    while (client->end + client->used > client->room) {
        client->room = client->room ? 2 * client->room : 4096;
        client->answers = realloc(client->answers, client->room);
    }
    memcpy(client->answers + client->end, client->line, client->used);
    client->end += client->used;
    client->used = 0;
#ifdef SIGPIPE_KILLS
    return flush(client); /* line by line: the second one finds that nobody is there */
#else
    return 0;
#endif
}

static int receive(struct client *client)
{
    unsigned char received[PIECE];
    ssize_t length = recv(client->fd, received, sizeof received, 0);
    if (length < 0) return errno == EAGAIN || errno == EINTR ? 0 : -1;
    if (length == 0) {
        client->has_said_all = 1;
        return answer(client);
    }
    for (ssize_t i = 0; i < length; i++) {
        if (client->used == MAX_LINE && received[i] != '\n') {
            client->line[client->used++] = '\n';
            if (answer(client) != 0) return -1;
        }
        client->line[client->used++] = turned(received[i]);
        if (received[i] == '\n' && answer(client) != 0) return -1;
    }
    return 0;
}

static void serve(struct client *client, unsigned events)
{
    int has_left = 0;
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !client->has_said_all) {
        has_left = receive(client) != 0;
    } else if (events & EPOLLERR) {
        has_left = 1;
    }
    has_left = has_left || flush(client) != 0;
    if (has_left || (client->has_said_all && client->end == 0)) {
        close(client->fd);
        free(client->answers);
        free(client);
        return;
    }
    int has_room = client->end - client->start < HIGH_WATER;
    unsigned wanted = EDGE;
    if (has_room && !client->has_said_all) wanted |= EPOLLIN;
    if (client->end > 0) wanted |= EPOLLOUT;
    if (wanted != client->asked_for) {
        struct epoll_event event = { .events = wanted, .data.ptr = client };
        epoll_ctl(loop, EPOLL_CTL_MOD, client->fd, &event);
        client->asked_for = wanted;
    }
}

/* 0: somebody has come; otherwise errno */
static int welcome(int door)
{
#ifdef BLOCKING_SEND
    int fd = accept4(door, NULL, NULL, SOCK_CLOEXEC);
#else
    int fd = accept4(door, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
#endif
    if (fd < 0) return errno;
    at_once(fd);
    struct client *client = calloc(1, sizeof *client);
    client->fd = fd;
    client->asked_for = EPOLLIN | EDGE;
    struct epoll_event event = { .events = client->asked_for, .data.ptr = client };
    epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event);
    return 0;
}

int main(int argc, char **argv)
{
    int door = listener(argc, argv), pauses = 0;
    struct epoll_event at_door = { .events = EPOLLIN, .data.ptr = NULL }, events[64];
    loop = epoll_create1(EPOLL_CLOEXEC);
    fcntl(door, F_SETFL, O_NONBLOCK);
    epoll_ctl(loop, EPOLL_CTL_ADD, door, &at_door);
    for (;;) {
        int count = epoll_wait(loop, events, 64, pauses ? 100 : -1);
        if (pauses) epoll_ctl(loop, EPOLL_CTL_ADD, door, &at_door);
        pauses = 0;
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr != NULL) {
                serve(events[i].data.ptr, events[i].events);
                continue;
            }
            int error;
            while ((error = welcome(door)) == 0) {}
            pauses = error == EMFILE;
            if (pauses) epoll_ctl(loop, EPOLL_CTL_DEL, door, NULL);
        }
    }
}
