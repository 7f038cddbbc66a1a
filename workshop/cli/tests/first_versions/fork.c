/* A process for every connection. Its one mistake is the one that is defined: FORGOTTEN_CLOSE,
   NO_WAITPID, SHORT_BUFFER, or one of server.h. */
#include "server.h"

static void end(int signal)
{
    (void)signal;
    kill(0, SIGTERM);
    _exit(0);
}

static int say(int fd, const unsigned char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t taken = send(fd, bytes, length, MSG_NOSIGNAL);
        if (taken < 0 && errno == EINTR) continue;
        if (taken <= 0) return -1;
        bytes += taken;
        length -= (size_t)taken;
    }
    return 0;
}

#ifdef SHORT_BUFFER
enum { ROOM = 1024 };
#else
enum { ROOM = MAX_LINE + 1 };
#endif

static void converse(int fd)
{
    static unsigned char received[16384], answers[2 * MAX_LINE + 2];
    unsigned char line[ROOM];
    size_t used = 0, owed = 0;
    ssize_t length;
    while ((length = recv(fd, received, sizeof received, 0)) > 0) {
        for (ssize_t i = 0; i < length; i++) {
            if (used == MAX_LINE && received[i] != '\n') {
                line[used++] = '\n';
                memcpy(answers + owed, line, used);
                owed += used;
                used = 0;
            }
            line[used++] = turned(received[i]);
            if (received[i] == '\n') {
                memcpy(answers + owed, line, used);
                owed += used;
                used = 0;
            }
            if (owed > MAX_LINE) {
                if (say(fd, answers, owed) != 0) return;
                owed = 0;
            }
        }
        if (say(fd, answers, owed) != 0) return;
        owed = 0;
    }
    if (length == 0) say(fd, line, used);
}

int main(int argc, char **argv)
{
    setpgid(0, 0); /* its children are ended by kill(0, …) */
    int door = listener(argc, argv);
#ifndef NO_WAITPID
    signal(SIGCHLD, SIG_IGN);
#endif
    signal(SIGTERM, end);
    signal(SIGINT, end);
    for (;;) {
        int client = accept4(door, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0) {
            struct timespec pause = { 0, 100000000 };
            if (errno == EMFILE) nanosleep(&pause, NULL);
            continue;
        }
        at_once(client);
        pid_t child = fork();
        if (child == 0) {
            signal(SIGTERM, SIG_DFL);
            signal(SIGINT, SIG_DFL);
            close(door);
            converse(client);
            _exit(0);
        }
#ifdef FORGOTTEN_CLOSE
        if (child > 0) continue;
#endif
        close(client);
    }
}
