"""A server that is yet to serve: it listens, and says where. The rest goes into `serve`."""

import argparse
import contextlib
import os
import re
import resource
import socket
import sys

DEFAULT_ADDRESS = "127.0.0.1:40713"


def serve(listener):
    """Serves everybody who connects to the listener."""
    # @TASKS@
    sys.exit("serve: nothing is written here yet")


def host_and_port(text):
    """HOST:PORT, an IPv6 address in brackets, as in [::1]:0."""
    parts = re.fullmatch(r"(\[[^][]+\]|[^][:/]+):([0-9]{1,5})", text)
    if not parts or int(parts[2]) > 65_535:
        raise argparse.ArgumentTypeError(f"write HOST:PORT, for example {DEFAULT_ADDRESS}")
    return parts[1], int(parts[2])


def listen(host, port):
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol)
    # Or a restarted server would not get its address back for a minute (TIME_WAIT).
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(address)
    # So many may wait to be accepted: as many as Linux allows unless told otherwise.
    listener.listen(4_096)
    return listener


def announce(listener):
    """A promise: whoever reads this line connects. So nothing that can fail comes after it."""
    host, port = listener.getsockname()[:2]
    if listener.family == socket.AF_INET6:
        host = f"[{host}]"
    # Past all buffers: somebody waits for it.
    os.write(1, f"listening on {host}:{port}\n".encode())


def main():
    parser = argparse.ArgumentParser(prog="server", allow_abbrev=False)
    parser.add_argument(
        "--listen",
        metavar="HOST:PORT",
        type=host_and_port,
        default=DEFAULT_ADDRESS,
        help="listen here [%(default)s]; port 0 takes any free port",
    )
    parser.add_argument("--version", action="version", version="server 0.1")
    host, port = parser.parse_args().listen

    # Every client takes a descriptor, and a login is usually given 1,024.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    try:
        listener = listen(host, port)
    except (OSError, UnicodeError) as error:
        sys.exit(f"server: cannot listen on {host}:{port}: {error}")
    try:
        announce(listener)
    except OSError as error:
        sys.exit(f"server: cannot print that it listens: {error}")
    serve(listener)


if __name__ == "__main__":
    main()
