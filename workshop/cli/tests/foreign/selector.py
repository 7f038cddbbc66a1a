"""The protocol in Python, one thread that sleeps in select(2): python3 selector.py --listen 127.0.0.1:0"""

import argparse
import codecs
import resource
import selectors
import socket
import string
import sys

MAX_LINE = 16_384
RECEIVE_SIZE = 16_384
HIGH_WATER, LOW_WATER = 64 * 1024, 16 * 1024
FD_SETSIZE = 1_024  # select can watch no descriptor from here on
REST = 0.1  # seconds, when there are no descriptors
LETTERS = string.ascii_letters
TURN = bytes.maketrans(LETTERS.encode(), codecs.encode(LETTERS, "rot13").encode())

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Client:
    def __init__(self, connection):
        self.connection = connection
        self.unfinished = b""
        self.unsent = bytearray()
        self.has_said_all = False
        self.is_held_back = False

    def interest(self):
        self.is_held_back = len(self.unsent) >= (LOW_WATER if self.is_held_back else HIGH_WATER)
        reads = not self.has_said_all and not self.is_held_back
        return (READ if reads else 0) | (WRITE if self.unsent else 0)

    def receive(self):
        received = self.connection.recv(RECEIVE_SIZE)
        if received:
            self.answer(self.unfinished + received)
        else:
            self.has_said_all = True
            self.unsent += self.unfinished.translate(TURN)

    def answer(self, received):
        start = 0
        while True:
            end = received.find(b"\n", start, start + MAX_LINE + 1)
            if end >= 0:
                self.unsent += received[start : end + 1].translate(TURN)
                start = end + 1
            elif len(received) - start > MAX_LINE:
                self.unsent += received[start : start + MAX_LINE].translate(TURN) + b"\n"
                start += MAX_LINE
            else:
                break
        self.unfinished = received[start:]

    def send(self):
        del self.unsent[: self.connection.send(self.unsent)]


class Server:
    def __init__(self, listener):
        self.listener = listener
        self.selector = selectors.SelectSelector()
        self.selector.register(listener, READ)

    def accept(self):
        """False if the system is out of something."""
        try:
            while True:
                connection, _ = self.listener.accept()
                if connection.fileno() >= FD_SETSIZE:
                    connection.close()
                    continue
                connection.setblocking(False)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.selector.register(connection, READ, Client(connection))
        except (BlockingIOError, ConnectionAbortedError):
            return True
        except OSError:
            return False

    def serve(self, client, events):
        try:
            if events & READ:
                client.receive()
            if client.unsent:
                client.send()
        except BlockingIOError:
            pass
        except OSError:
            client.has_said_all = True
            client.unsent.clear()  # nobody is there to hear it
        if events := client.interest():
            self.selector.modify(client.connection, events, client)
        else:
            self.selector.unregister(client.connection)
            client.connection.close()

    def run(self):
        rests = False
        while True:
            ready = self.selector.select(REST if rests else None)
            if rests:
                self.selector.register(self.listener, READ)
            rests = False
            for key, events in ready:
                if key.data:
                    self.serve(key.data, events)
                elif not self.accept():
                    rests = True
            if rests:
                self.selector.unregister(self.listener)


def address(text):
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise argparse.ArgumentTypeError("write HOST:PORT")
    return host.strip("[]"), int(port)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--version", action="version", version="selector.py 1.0")
    parser.add_argument("--listen", type=address, default=("127.0.0.1", 40713))
    host, port = parser.parse_args().listen
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=4_096)
    except OSError as error:
        sys.exit(f"cannot listen on {host}:{port}: {error.strerror}")
    listener.setblocking(False)
    host, port = listener.getsockname()[:2]
    host = f"[{host}]" if ":" in host else host
    server = Server(listener)
    print(f"listening on {host}:{port}", flush=True)
    server.run()


try:
    main()
except KeyboardInterrupt:
    pass
