/* The program that was started has a listener of its own at the address that it prints, and waits.
   Nobody ever comes to it: an accomplice, who has left it by two forks, listens at the same address
   (SO_REUSEPORT), and a filter in the kernel sends every client there. The accomplice answers rightly,
   keeps a descriptor open for each client, and outlives the program.

   It deserves to fail SIGTERM and SIGINT, after which the port still answers, and what is measured
   must be measured of the accomplice: no point for the stillness of the one who waits. */
#include "right.h"
#include <fcntl.h>
#include <linux/filter.h>
#include <sys/wait.h>

static struct sockaddr_storage address;
static socklen_t address_length = sizeof address;

static int shared_listener(void)
{
    int yes = 1, listener = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0
        || setsockopt(listener, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes) != 0
        || bind(listener, (struct sockaddr *)&address, address_length) != 0
        || listen(listener, SOMAXCONN) != 0) {
        perror("impostor: no listener that is shared");
        exit(1);
    }
    return listener;
}

static void leak(int client)
{
    static int leaks;
    (void)client;
    if (leaks++ < 200) open("/dev/null", O_RDONLY);
}

/* The second listener of the group gets everybody. */
static void be_accomplice(int ready)
{
    struct sock_filter to_second = BPF_STMT(BPF_RET | BPF_K, 1);
    struct sock_fprog program = { 1, &to_second };
    int listener = shared_listener();
    if (setsockopt(listener, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program) != 0) exit(1);
    int nothing = open("/dev/null", O_RDWR);
    for (int stream = 0; stream <= 2; stream++) dup2(nothing, stream);
    alarm(LONGEST_LIFE);
    if (write(ready, "x", 1) != 1) exit(1);
    close(ready);
    serve(listener, leak);
}

int main(int argc, char **argv)
{
    int first = start(argc, argv), ready[2];
    getsockname(first, (struct sockaddr *)&address, &address_length);
    close(first);
    int listener = shared_listener();
    if (pipe(ready) != 0) exit(1);
    pid_t child = fork();
    if (child == 0) {
        setsid();
        if (fork() != 0) _exit(0);
        close(ready[0]);
        be_accomplice(ready[1]);
    }
    close(ready[1]);
    waitpid(child, NULL, 0); /* the first fork, not the accomplice */
    char byte;
    if (child < 0 || read(ready[0], &byte, 1) != 1) {
        fputs("impostor: no accomplice\n", stderr);
        exit(1);
    }
    close(ready[0]);
    announce(listener);
    alarm(LONGEST_LIFE);
    for (;;) pause();
}
