/* A right server, until it is told to end: then it forks 200 children and leaves politely, with status 0.
   Each child has a session of its own, calls itself a thread of the kernel, ignores the signals, and holds
   the listener, all clients and the standard streams open. Where processes are limited, it makes as
   many as there is room for.

   It deserves to fail SIGTERM and SIGINT, and nothing else. No wait for the end of its output may hang,
   and no child may be left. */
#include "right.h"
#include <sys/prctl.h>

static void burst(int signal_number)
{
    (void)signal_number;
    for (int i = 0; i < 200; i++) {
        pid_t child = fork();
        if (child < 0) break;
        if (child > 0) continue;
        setsid();
        signal(SIGTERM, SIG_IGN);
        signal(SIGINT, SIG_IGN);
        signal(SIGHUP, SIG_IGN);
        prctl(PR_SET_NAME, "kworker/0:1");
        alarm(LONGEST_LIFE);
        for (;;) pause();
    }
    _exit(0);
}

int main(int argc, char **argv)
{
    int listener = start(argc, argv);
    alarm(LONGEST_LIFE);
    signal(SIGTERM, burst);
    signal(SIGINT, burst);
    announce(listener);
    serve(listener, NULL);
}
