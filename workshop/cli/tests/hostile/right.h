/* What is right in the hostile servers in C: the protocol, with a thread for each client. */
#define _GNU_SOURCE
#include "../foreign/server.h"
#include <pthread.h>
#include <signal.h>

/* They end by themselves, should whoever judges them not see to it. */
enum { LONGEST_LIFE = 300 };

static int send_all(int client, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(client, bytes, length, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR) return -1;
        if (sent > 0) {
            bytes += sent;
            length -= (size_t)sent;
        }
    }
    return 0;
}

static void *converse(void *argument)
{
    int client = (int)(long)argument;
    /* Answers, and behind them the line that has no end yet. */
    char rotated[MAX_LINE + RECEIVE_SIZE + 2], received[RECEIVE_SIZE];
    size_t line = 0;
    ssize_t length;
    while ((length = recv(client, received, sizeof received, 0)) > 0) {
        size_t end = line, answered = 0;
        for (ssize_t i = 0; i < length; i++) {
            if (end - answered == MAX_LINE && received[i] != '\n') {
                rotated[end++] = '\n';
                answered = end;
            }
            rotated[end++] = turned(received[i]);
            if (received[i] == '\n') answered = end;
        }
        if (send_all(client, rotated, answered) != 0) break;
        line = end - answered;
        memmove(rotated, rotated + answered, line);
    }
    if (length == 0) send_all(client, rotated, line);
    close(client);
    return NULL;
}

/* Accepts for ever, and tells `on_accept` of each client before it is served. */
static void serve(int listener, void (*on_accept)(int client))
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 256 << 10);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    for (;;) {
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0) {
            if (errno != EINTR && errno != ECONNABORTED) usleep(100000);
            continue;
        }
        send_at_once(client);
        if (on_accept != NULL) on_accept(client);
        pthread_t thread;
        if (pthread_create(&thread, &attributes, converse, (void *)(long)client) != 0) close(client);
    }
}
