"""ROT13 servers that never come to an end, each in another way: server.py WAY --listen ADDR."""

import codecs, os, socket, subprocess, sys, threading, time

way = sys.argv[1]
is_full = way == "is-full"
listener = socket.create_server(("127.0.0.1", 0), backlog=0 if is_full else 4096)


def rotate(piece):
    return codecs.encode(piece.decode("latin-1"), "rot13").encode("latin-1")


def drip(client):
    """One right byte every half second, while all that comes is taken."""
    owed, is_over = bytearray(), threading.Event()

    def take():
        while piece := client.recv(65536):
            owed.extend(rotate(piece))
        is_over.set()

    threading.Thread(target=take, daemon=True).start()
    sent = 0
    while sent < len(owed) or not is_over.is_set():
        client.sendall(owed[sent : sent + 1])
        sent = min(sent + 1, len(owed))
        time.sleep(0.5)
    client.close()


def sip(client):
    """All that is taken is answered at once, and little is taken."""
    while piece := client.recv(64):
        client.sendall(rotate(piece))
        time.sleep(0.3)
    client.close()


def half_close(client):
    """Has said all before it has said anything, and reads nothing."""
    client.shutdown(socket.SHUT_WR)
    time.sleep(1000)


def converse(client):
    while piece := client.recv(65536):
        client.sendall(rotate(piece))
    client.close()


def babble():
    while True:
        os.write(2, b"and another thing\n" * 1000)


ways = {"drips": drip, "drips-again": drip, "sips": sip, "half-closes": half_close, "babbles": converse}
if is_full:
    # Its own clients have taken every place of the queue, and nobody is accepted.
    clients = [socket.socket() for _ in range(8)]
    for client in clients:
        client.setblocking(False)
        client.connect_ex(listener.getsockname())
print(f"listening on 127.0.0.1:{listener.getsockname()[1]}", flush=True)
if is_full:
    time.sleep(1000)
if way == "leaves-a-child":
    # It has another session and another environment, and holds both outputs.
    child = "import time; time.sleep(150)"
    subprocess.Popen([sys.executable, "-c", child], start_new_session=True, env={})
    sys.exit(3)
if way == "babbles":
    threading.Thread(target=babble, daemon=True).start()
while True:
    client, _ = listener.accept()
    threading.Thread(target=ways[way], args=[client], daemon=True).start()
