/* The protocol in C, a process for every client. */
#include "server.h"
#include <sys/prctl.h>

/* False if the client has gone. */
static int say(int client, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t taken = send(client, bytes, length, 0);
        if (taken < 0 && errno == EINTR) continue;
        if (taken < 0) return 0;
        bytes += taken;
        length -= (size_t)taken;
    }
    return 1;
}

static void converse(int client)
{
    /* Answers, and behind them the line that has no end yet. */
    static char rotated[MAX_LINE + RECEIVE_SIZE + 2], received[RECEIVE_SIZE];
    size_t line = 0;
    for (;;) {
        ssize_t length = recv(client, received, sizeof received, 0);
        if (length < 0 && errno == EINTR) continue;
        if (length < 0) return;
        if (length == 0) break;
        size_t end = line, answered = 0;
        for (ssize_t i = 0; i < length; i++) {
            if (end - answered == MAX_LINE && received[i] != '\n') {
                rotated[end++] = '\n';
                answered = end;
            }
            rotated[end++] = turned(received[i]);
            if (received[i] == '\n') answered = end;
        }
        if (!say(client, rotated, answered)) return;
        line = end - answered;
        memmove(rotated, rotated + answered, line);
    }
    say(client, rotated, line);
}

static void leave(int signal)
{
    (void)signal;
    _exit(0);
}

int main(int argc, char **argv)
{
    int listener = start(argc, argv);
    pid_t parent = getpid();
    struct sigaction on_end = { .sa_handler = leave }, before;
    sigaction(SIGTERM, &on_end, NULL);
    if (sigaction(SIGINT, NULL, &before) == 0 && before.sa_handler != SIG_IGN) sigaction(SIGINT, &on_end, NULL);
    signal(SIGCHLD, SIG_IGN); /* nobody asks how they end, so none of them stays as a zombie */
    announce(listener);
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) usleep(100000);
            continue;
        }
        pid_t child = fork();
        if (child == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (getppid() != parent) _exit(0); /* it has ended just before */
            close(listener);
            send_at_once(client);
            converse(client);
            _exit(0);
        }
        close(client); /* without a child as well: then the client is turned away */
    }
}
