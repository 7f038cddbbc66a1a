"""What is right in the hostile servers in Python: the protocol, with a thread for each client."""

import os
import re
import resource
import signal
import socket
import sys
import threading
import time

MAX_LINE = 16384
LONGEST_LIFE = 300  # seconds: they end by themselves, should whoever judges them not see to it

A, Z = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "NOPQRSTUVWXYZABCDEFGHIJKLM"
ROT13 = bytes.maketrans((A + A.lower()).encode(), (Z + Z.lower()).encode())
USAGE = "usage: server [--listen HOST:PORT]"


def options():
    """The host and the port that it is told."""
    arguments = sys.argv[1:]
    if arguments in (["--help"], ["--version"]):
        print("server 1.0,", USAGE)
        sys.exit(0)
    address = "127.0.0.1:40713"
    if len(arguments) == 2 and arguments[0] == "--listen":
        address = arguments[1]
    elif arguments:
        wrong()
    found = re.fullmatch(r"(?:\[(.+)\]|([^:]+)):(\d{1,5})", address)
    if not found or int(found[3]) > 65535:
        wrong()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return found[1] or found[2], int(found[3])


def wrong():
    print(USAGE, file=sys.stderr)
    sys.exit(2)


def cannot_listen(host, port, error):
    print(f"server: cannot listen on {host}:{port}: {error.strerror}", file=sys.stderr)
    sys.exit(1)


def written(host, port):
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def answers(unfinished, received):
    """What is owed for these bytes; `unfinished` keeps what is left of the last line."""
    owed = bytearray()
    unfinished += received.translate(ROT13)
    while True:
        end = unfinished.find(b"\n", 0, MAX_LINE + 1)
        if end >= 0:
            owed += unfinished[: end + 1]
            del unfinished[: end + 1]
        elif len(unfinished) > MAX_LINE:
            owed += unfinished[:MAX_LINE] + b"\n"
            del unfinished[:MAX_LINE]
        else:
            return owed


def converse(client):
    unfinished = bytearray()
    try:
        while received := client.recv(MAX_LINE):
            client.sendall(answers(unfinished, received))
        client.sendall(unfinished)
    except OSError:
        pass
    client.close()


def accept(listener, talk):
    while True:
        try:
            client = listener.accept()[0]
        except OSError:
            time.sleep(0.1)
            continue
        try:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=talk, args=(client,), daemon=True).start()
        except (RuntimeError, OSError):
            client.close()
        del client


def serve(listener, address, talk):
    """Announces the address, and serves until it is told to end."""
    ends = {signal.SIGTERM, signal.SIGINT}
    ends = {it for it in ends if signal.getsignal(it) != signal.SIG_IGN}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    threading.stack_size(256 << 10)
    threading.Thread(target=accept, args=(listener, talk), daemon=True).start()
    os.write(1, f"listening on {address}\n".encode())
    signal.sigtimedwait(ends, LONGEST_LIFE) if ends else time.sleep(LONGEST_LIFE)
    os._exit(0)
