/* Cannot be looked at: PR_SET_DUMPABLE is 0, so that /proc shows its memory and descriptors to root alone,
   its command line and its environment are zeros, and its name breaks whoever reads /proc/PID/stat
   by blanks or by the first bracket. All that is allowed, and all else is right.

   It deserves full points, but for what an ordinary user cannot measure of it: that is skipped, neither
   passed nor failed. */
#include "right.h"
#include <sys/prctl.h>

extern char **environ;

int main(int argc, char **argv)
{
    int listener = start(argc, argv);
    alarm(LONGEST_LIFE);
    for (char **variable = environ; *variable != NULL; variable++) memset(*variable, 0, strlen(*variable));
    for (int i = 0; i < argc; i++) memset(argv[i], 0, strlen(argv[i]));
    prctl(PR_SET_NAME, ") Z 1 1 1 1 (");
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    announce(listener);
    serve(listener, NULL);
}
