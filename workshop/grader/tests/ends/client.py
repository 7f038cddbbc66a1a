"""HTTP clients that never come to an end, each in another way: client.py WAY HOST [PATH]."""

import os, signal, socket, subprocess, sys, time

way, (host, port) = sys.argv[1], sys.argv[2].rsplit(":", 1)
if way == "leaves-a-child":
    # It has another session and another environment, and holds both outputs.
    child = "import time; time.sleep(150)"
    subprocess.Popen([sys.executable, "-c", child], start_new_session=True, env={})
    sys.exit(3)
if way == "changes-its-group":
    # Whoever kills the group that it led does not meet it.
    os.setpgid(0, os.getpgid(os.getppid()))
    time.sleep(1000)
server = socket.create_connection((host, int(port)))
while way == "asks-for-ever":
    server.sendall(b"x" * 65536)
while way == "asks-slowly":
    server.sendall(b"and another thing\r\n")
    time.sleep(0.5)
server.sendall(f"GET / HTTP/1.0\r\nHost: {host}:{port}\r\n\r\n".encode())
while way == "prints-slowly":
    os.write(1, b"and another thing\n")
    time.sleep(0.5)
output = 2 if way == "complains-for-ever" else 1
while True:
    os.write(output, b"and another thing\n" * 3000)
