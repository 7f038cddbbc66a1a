"""ROT13 servers that hang, each of another mistake: server.py MISTAKE --listen ADDR."""

import codecs, os, select, socket, sys, threading

mistake = sys.argv[1]
listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
kept = []


def rotate(line):
    return codecs.encode(line.decode("latin-1"), "rot13").encode("latin-1")


def converse(client):
    if mistake == "makefile-unflushed":
        with client, client.makefile("rwb") as stream:
            for line in stream:
                stream.write(rotate(line))
        return
    while piece := client.recv(65536):
        client.sendall(rotate(piece))
    if mistake == "forgotten-close":
        kept.append(client)
    else:
        client.close()


def edge():
    epoll, clients = select.epoll(), {}
    epoll.register(listener, select.EPOLLIN)
    while True:
        for number, _ in epoll.poll():
            if number == listener.fileno():
                client, _ = listener.accept()
                clients[client.fileno()] = client
                epoll.register(client, select.EPOLLIN | select.EPOLLET)
            elif piece := clients[number].recv(4):
                clients[number].sendall(rotate(piece))
            else:
                clients.pop(number).close()


def selecting():
    clients = [listener]
    while True:
        for ready in select.select(clients, [], [])[0]:
            if ready is listener:
                clients.append(listener.accept()[0])
            elif piece := ready.recv(65536):
                ready.sendall(rotate(piece))
            elif mistake == "select-forgotten-close":
                clients.remove(ready)
                kept.append(ready)


print(f"listening on 127.0.0.1:{listener.getsockname()[1]}", flush=mistake != "no-flush")
if mistake == "edge-read-once":
    edge()
if mistake in ("select-forgotten-close", "select-spins"):
    selecting()
while True:
    client, _ = listener.accept()
    if mistake == "fork-keeps":
        kept.append(client)
        if os.fork() == 0:
            converse(client)
            os._exit(0)
    elif mistake == "sequential":
        converse(client)
    else:
        threading.Thread(target=converse, args=[client], daemon=True).start()
        del client
