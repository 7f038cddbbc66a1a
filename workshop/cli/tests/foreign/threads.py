"""The protocol in Python, a thread for every connection: python3 threads.py --listen 127.0.0.1:0"""

import argparse
import codecs
import errno
import resource
import socket
import string
import sys
import threading
import time

MAX_LINE = 16_384
LETTERS = string.ascii_letters
TURN = bytes.maketrans(LETTERS.encode(), codecs.encode(LETTERS, "rot13").encode())


def answers(unfinished):
    """What is owed for `unfinished`, and what is left of it."""
    owed = bytearray()
    while True:
        end = unfinished.find(b"\n", 0, MAX_LINE + 1)
        if end >= 0:
            owed += unfinished[: end + 1]
            unfinished = unfinished[end + 1 :]
        elif len(unfinished) > MAX_LINE:
            owed += unfinished[:MAX_LINE] + b"\n"
            unfinished = unfinished[MAX_LINE:]
        else:
            return bytes(owed).translate(TURN), unfinished


def converse(client):
    unfinished = b""
    try:
        with client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while received := client.recv(16_384):
                owed, unfinished = answers(unfinished + received)
                client.sendall(owed)
            client.sendall(unfinished.translate(TURN))
    except OSError:
        pass  # this client has gone


def listener(address):
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise argparse.ArgumentTypeError("write HOST:PORT")
    return host.strip("[]"), int(port)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--version", action="version", version="threads.py 1.0")
    parser.add_argument("--listen", type=listener, default=("127.0.0.1", 40713))
    host, port = parser.parse_args().listen
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    threading.stack_size(256 * 1024)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
    except OSError as error:
        sys.exit(f"cannot listen on {host}:{port}: {error.strerror}")
    door.listen(4096)
    host, port = door.getsockname()[:2]
    print(f"listening on [{host}]:{port}" if ":" in host else f"listening on {host}:{port}", flush=True)
    while True:
        try:
            client = door.accept()[0]
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                time.sleep(0.1)
            continue
        try:
            threading.Thread(target=converse, args=(client,), daemon=True).start()
        except RuntimeError:
            client.close()


try:
    main()
except KeyboardInterrupt:
    pass
