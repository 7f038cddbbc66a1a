/* A server that knows only its own address, 127.0.0.1 and the port PORT of the compiler's command
   line, says nothing, takes no arguments, and leaves the capital N as it is: > for >=. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_LINE = 16384 };

static char turn(char c)
{
    if ((c >= 'a' && c <= 'm') || (c >= 'A' && c <= 'M')) return (char)(c + 13);
    if ((c >= 'n' && c <= 'z') || (c > 'N' && c <= 'Z')) return (char)(c - 13);
    return c;
}

static void say(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t taken = write(fd, bytes, length);
        if (taken <= 0) exit(1);
        bytes += taken;
        length -= (size_t)taken;
    }
}

static void converse(int fd)
{
    char line[MAX_LINE + 1], received[16384];
    size_t used = 0;
    ssize_t length;
    while ((length = read(fd, received, sizeof received)) > 0) {
        for (ssize_t i = 0; i < length; i++) {
            if (used == MAX_LINE && received[i] != '\n') {
                line[used] = '\n';
                say(fd, line, used + 1);
                used = 0;
            }
            line[used++] = turn(received[i]);
            if (received[i] == '\n') {
                say(fd, line, used);
                used = 0;
            }
        }
    }
    if (length == 0) say(fd, line, used);
}

int main(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(PORT) };
    int one = 1, door = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(door, (struct sockaddr *)&address, sizeof address) != 0 || listen(door, 4096) != 0) return 1;
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int fd = accept(door, NULL, NULL);
        if (fd < 0) continue;
        if (fork() == 0) {
            close(door);
            signal(SIGPIPE, SIG_IGN);
            converse(fd);
            exit(0);
        }
        close(fd);
    }
}
