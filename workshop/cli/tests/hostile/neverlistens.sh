#!/bin/sh
# Listens where nobody can reach it: it makes a network of its own (unshare(1)), and there it listens at the address
# that it was told, prints it, and would answer rightly. /proc/PID/net/tcp shows a listener of the right process at the
# right address; but everybody else's connections are refused, or find whoever has that port here.
# Without the right to make a network it says so, and ends with exit status 1.
#
# It deserves to fail each case that needs a client, and no point for its stillness.
usage="usage: server [--listen HOST:PORT]"
case $#:$1 in
0:) set -- --listen 127.0.0.1:40713 ;;
2:--listen) ;;
1:--help | 1:--version) echo "server 1.0, $usage"; exit 0 ;;
*) echo "$usage" >&2; exit 2 ;;
esac
unshare --net true 2>/dev/null || { echo "server: cannot listen on $2: no network to be had" >&2; exit 1; }
exec unshare --net python3 -B "$(dirname "$0")/elsewhere.py" "$@"
