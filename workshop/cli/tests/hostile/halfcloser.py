"""Half-closes: a right server for the first 64 KiB of each client. Then it ends its own side behind a complete
answer, so that the client sees a clean end of file, reads no more, and never closes: the client's further
bytes fill the kernel's queues, and its sending waits without an error.

It deserves to fail each case in which a client sends more than that, and no other.
"""

import socket
import time

import right

MOST = 64 << 10


def converse(client):
    unfinished, length = bytearray(), 0
    try:
        while length < MOST:
            received = client.recv(right.MAX_LINE)
            length += len(received)
            client.sendall(right.answers(unfinished, received) if received else unfinished)
            if not received:
                client.close()
                return
        client.shutdown(socket.SHUT_WR)
        time.sleep(right.LONGEST_LIFE)
    except OSError:
        client.close()


host, port = right.options()
family = socket.AF_INET6 if ":" in host else socket.AF_INET
try:
    listener = socket.create_server((host, port), family=family, backlog=1024)
except OSError as error:
    right.cannot_listen(host, port, error)
right.serve(listener, right.written(*listener.getsockname()[:2]), converse)
