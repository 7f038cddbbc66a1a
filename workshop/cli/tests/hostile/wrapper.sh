#!/bin/sh
# A right server in two wrappers: a shell that waits for a shell that waits for the server. The process that was
# started neither listens nor has any client, and it has lowered its limit of descriptors to 32; the server raises its
# own, as the protocol wants it. Both shells hand SIGTERM and SIGINT on.
#
# It deserves full points: what is judged is the server. Whoever kills the process that was started leaves
# the rest: to end all of it is the judge's duty.
here=$(dirname "$0")
# A shell takes no signal that was blocked when it started; Perl can unblock them, and becomes this shell again.
if [ -z "$WRAPPED$UNBLOCKED" ]; then
    UNBLOCKED=1 exec /usr/bin/perl -MPOSIX -e \
        'POSIX::sigprocmask(SIG_UNBLOCK, POSIX::SigSet->new(SIGTERM, SIGINT)); exec "sh", @ARGV' "$0" "$@"
fi
if [ -z "$WRAPPED" ]; then
    ulimit -S -n 32
    WRAPPED=1 sh "$0" "$@" &
else
    /usr/bin/perl "$here/wrapped.pl" "$@" &
fi
child=$!
# As SIGTERM: a child in the background has SIGINT ignored.
trap 'kill -TERM $child 2>/dev/null' TERM INT
wait $child
status=$?
# The wait ends with each signal, too.
while kill -0 $child 2>/dev/null; do
    wait $child
    status=$?
done
[ $status -gt 128 ] && status=0
exit $status
