"""The server that neverlistens.sh starts, in a network of its own, whose loopback interface is down at first."""

import fcntl
import socket
import struct

import right

SIOCSIFFLAGS, IFF_UP, IFF_RUNNING = 0x8914, 0x1, 0x40

host, port = right.options()
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    up = struct.pack("16sh14x", b"lo", IFF_UP | IFF_RUNNING)
    fcntl.ioctl(any_socket, SIOCSIFFLAGS, up)
family = socket.AF_INET6 if ":" in host else socket.AF_INET
try:
    listener = socket.create_server((host, port), family=family)
except OSError as error:
    right.cannot_listen(host, port, error)
right.serve(listener, right.written(host, listener.getsockname()[1]), right.converse)
