# Leaves who has started it, and never stands still. The process that was started listens, announces that, and waits;
# it ends politely. Clients are served by one that has left it by two forks, with a session, a folder, a command
# line of its own, and no environment. And that one hops: every quarter of a second it forks, its child goes on with
# all sockets, and it ends, so that a list of processes is stale before anybody uses it. It hops for a minute at most.
#
# It deserves to fail SIGTERM and SIGINT, after which its port answers on. What is measured of a process is measured
# of the one that serves, or is not measured.
use strict;
use warnings;
use FindBin;
use Time::HiRes ();
require "$FindBin::Bin/right.pl";

use constant { HOP => 0.25, MOST_HOPS => 240 };    # seconds, and a minute of them

sub hop {
    my $descriptor = shift;
    open my $listener, '+<&=', $descriptor or exit 1;
    $listener->blocking(0);
    listener($listener);
    $SIG{CHLD} = 'IGNORE';
    my ($hops, $next) = (0, Time::HiRes::time() + HOP);
    for (;;) {
        turn(0.1);
        next if Time::HiRes::time() < $next;
        exit 0 if ++$hops > MOST_HOPS;
        $next += HOP;
        my $child = fork // next;
        POSIX::_exit(0) if $child;
        alarm 60;
    }
}

sub leave {
    my $script = "$FindBin::Bin/$FindBin::Script";
    POSIX::setsid();
    POSIX::_exit(0) if fork;
    chdir '/';
    %ENV = ();
    open STDIN, '<', '/dev/null';
    open STDOUT, '>', '/dev/null';
    open STDERR, '>', '/dev/null';
    exec {$^X} '[kworker/u4:1]', $script, '--hop', fileno listener();
}

hop($ARGV[1]) if @ARGV == 2 && $ARGV[0] eq '--hop';
$^F = 1000;    # the listener outlives exec
my $address = start();
when_told_to_end(sub { POSIX::_exit(0) });
my $child = fork // die "fork: $!\n";
leave() unless $child;
waitpid $child, 0;
close listener();
announce($address);
sleep 1 while 1;
