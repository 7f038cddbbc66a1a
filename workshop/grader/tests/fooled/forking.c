/* A server that forks, and its faults, none of which a client sees by the answers: `forking FAULT
 * --listen HOST:PORT`. FAULT is one of
 *   none
 *   accept-ends     it ends at the first accept that fails
 *   cut-in-two      where it cuts a line, its own newline is sent alone
 *   keeps-listener  its children do not close the listener
 *   all             all three */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_LINE = 16384 };

static int accept_ends, cut_in_two, keeps_listener;

static unsigned char rot13(unsigned char byte) {
    if (byte >= 'a' && byte <= 'z') return 'a' + (byte - 'a' + 13) % 26;
    if (byte >= 'A' && byte <= 'Z') return 'A' + (byte - 'A' + 13) % 26;
    return byte;
}

static void send_all(int client, const unsigned char *bytes, size_t length) {
    while (length > 0) {
        ssize_t sent = send(client, bytes, length, MSG_NOSIGNAL);
        if (sent < 0) _exit(0);
        bytes += sent;
        length -= sent;
    }
}

static void converse(int client) {
    static unsigned char buffer[65536], owed[3 * 65536], line[MAX_LINE + 1];
    size_t length = 0;
    int one = 1;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    for (;;) {
        ssize_t received = recv(client, buffer, sizeof buffer, 0);
        if (received < 0) _exit(0);
        if (received == 0) break;
        size_t owing = 0;
        for (ssize_t at = 0; at < received; at++) {
            unsigned char byte = rot13(buffer[at]);
            if (length == MAX_LINE && byte != '\n') {
                memcpy(owed + owing, line, length);
                owing += length;
                if (cut_in_two) {
                    send_all(client, owed, owing);
                    owing = 0;
                }
                owed[owing++] = '\n';
                length = 0;
            }
            line[length++] = byte;
            if (byte == '\n') {
                memcpy(owed + owing, line, length);
                owing += length;
                length = 0;
            }
        }
        send_all(client, owed, owing);
    }
    send_all(client, line, length);
    _exit(0);
}

static void end(int number) {
    signal(number, SIG_IGN);
    kill(0, number); /* the children, too: it leads its process group */
    _exit(0);
}

int main(int count, char **arguments) {
    if (count != 4) {
        fprintf(stderr, "usage: forking FAULT --listen 127.0.0.1:PORT\n");
        return 2;
    }
    int all = strcmp(arguments[1], "all") == 0;
    accept_ends = all || strcmp(arguments[1], "accept-ends") == 0;
    cut_in_two = all || strcmp(arguments[1], "cut-in-two") == 0;
    keeps_listener = all || strcmp(arguments[1], "keeps-listener") == 0;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    signal(SIGCHLD, SIG_IGN); /* none of them stays as a zombie */
    signal(SIGTERM, end);

    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(atoi(strrchr(arguments[3], ':') + 1));
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 4096) != 0) {
        perror("forking: cannot listen");
        return 1;
    }
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client < 0) {
            if (accept_ends && errno != EINTR) {
                perror("forking: accept");
                return 1;
            }
            usleep(100000);
            continue;
        }
        if (fork() == 0) {
            if (!keeps_listener) close(listener);
            signal(SIGTERM, SIG_DFL);
            converse(client);
        }
        close(client);
    }
}
