"""Servers that would fool a judge, and right ones that it might take for such. See fooled.rs."""

import ctypes
import os
import signal
import socket
import sys
import tempfile
import threading
import time

MAX_LINE = 16384
PR_SET_DUMPABLE = 4

A, Z = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "NOPQRSTUVWXYZABCDEFGHIJKLM"
ROT13 = bytes.maketrans((A + A.lower()).encode(), (Z + Z.lower()).encode())


def answers(unfinished, received):
    """What is owed for these bytes, and what is left of the last line."""
    owed = bytearray()
    unfinished += received
    while True:
        end = unfinished.find(b"\n")
        if 0 <= end <= MAX_LINE:
            owed += unfinished[: end + 1]
            unfinished = unfinished[end + 1 :]
        elif len(unfinished) > MAX_LINE:
            owed += unfinished[:MAX_LINE] + b"\n"
            unfinished = unfinished[MAX_LINE:]
        else:
            return bytes(owed).translate(ROT13), unfinished


def converse(connection):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    unfinished = b""
    try:
        while received := connection.recv(65536):
            owed, unfinished = answers(unfinished, received)
            connection.sendall(owed)
        connection.sendall(unfinished.translate(ROT13))
    except OSError:
        pass
    connection.close()


def hoard(connection):
    """Takes whatever comes, into a file that nobody sees, and answers when there is room."""
    kept = tempfile.TemporaryFile()
    state = {"said": 0, "over": False}
    change = threading.Condition()

    def send():
        sent = 0
        while True:
            with change:
                change.wait_for(lambda: state["said"] > sent or state["over"])
                if state["said"] == sent:
                    break
            piece = os.pread(kept.fileno(), 65536, sent)
            try:
                connection.sendall(piece)
            except OSError:
                return
            sent += len(piece)
        connection.close()

    threading.Thread(target=send, daemon=True).start()
    unfinished = b""
    while True:
        try:
            received = connection.recv(65536)
        except OSError:
            received = b""
        owed, unfinished = answers(unfinished, received)
        if not received:
            owed = unfinished.translate(ROT13)
        with change:
            os.pwrite(kept.fileno(), owed, state["said"])
            state["said"] += len(owed)
            state["over"] = not received
            change.notify()
        if not received:
            return


def listening():
    host, port = sys.argv[sys.argv.index("--listen") + 1].rsplit(":", 1)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host.strip("[]"), int(port)))
    listener.listen(1024)
    return listener


def announce(listener):
    host, port = listener.getsockname()[:2]
    print(f"listening on {host}:{port}", flush=True)


def serve(listener, talk):
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=talk, args=(connection,), daemon=True).start()


def main():
    kind = sys.argv[1]
    if kind == "impostor":
        # Listens, too, but elsewhere.
        own = listening()
        print("listening on", sys.argv[2], flush=True)
        serve(own, converse)
    listener = listening()
    if kind == "daemon":
        if os.fork():
            os._exit(0)
        os.setsid()
        time.sleep(0.1)  # the parent's end is seen first
    if kind.startswith("undumpable"):
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    announce(listener)
    if kind == "daemon":
        for descriptor in range(3):
            os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
    serve(listener, hoard if kind.endswith("hoarder") else converse)


signal.signal(signal.SIGINT, signal.SIG_DFL)
main()
