# What is right in the hostile servers in Perl: the protocol, in one thread that waits in select(2).
use strict;
use warnings;
use IO::Handle;
use POSIX ();
use Socket qw(:all);

use constant MAX_LINE => 16384;
use constant { HIGH => 65536, LOW => 16384 };    # water marks of what waits to be sent, in bytes
use constant LONGEST_LIFE => 300;    # seconds: they end by themselves, should whoever judges them not see to it
use constant { GETRLIMIT => 97, SETRLIMIT => 160, NOFILE => 7 };    # of x86-64; elsewhere a limit stays as it is

my ($listener, %clients);
my $rests_until = 0;

sub wrong { print STDERR "usage: server [--listen HOST:PORT]\n"; exit 2 }

# Reads the command line, and listens; returns the address.
sub start {
    if (@ARGV == 1 && $ARGV[0] =~ /^--(help|version)$/) {
        print "server 1.0, usage: server [--listen HOST:PORT]\n";
        exit 0;
    }
    wrong() if @ARGV && (@ARGV != 2 || $ARGV[0] ne '--listen');
    my $address = $ARGV[1] // '127.0.0.1:40713';
    $address =~ /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/ && $3 < 65536 or wrong();
    my $cannot = sub { print STDERR "server: cannot listen on $address: $_[0]\n"; exit 1 };
    my ($unknown, $found) = getaddrinfo($1 // $2, $3, { socktype => SOCK_STREAM });
    $cannot->($unknown) if $unknown;
    my $limit = "\0" x 16;
    if ((POSIX::uname())[4] eq 'x86_64' && syscall(GETRLIMIT, NOFILE, $limit) == 0) {
        my (undef, $hard) = unpack 'QQ', $limit;
        $limit = pack 'QQ', $hard, $hard;
        syscall(SETRLIMIT, NOFILE, $limit);
    }
    socket($listener, $found->{family}, SOCK_STREAM, 0) or $cannot->($!);
    setsockopt($listener, SOL_SOCKET, SO_REUSEADDR, 1);
    bind($listener, $found->{addr}) && listen($listener, 1024) or $cannot->($!);
    my (undef, $host, $port) = getnameinfo(getsockname($listener), NI_NUMERICHOST | NI_NUMERICSERV);
    $listener->blocking(0);
    return $host =~ /:/ ? "[$host]:$port" : "$host:$port";
}

sub announce { syswrite STDOUT, "listening on $_[0]\n" }

# For whoever has the listener from another process, or gives it to one.
sub listener { $listener = shift if @_; return $listener }

# What is asked of select(2): with a thousand clients, to collect it anew each time would take long.
my ($reads, $writes) = ('', '');

sub wait_for {
    my ($key, $client) = @_;
    my $length = length $client->{owed};
    $client->{is_held_back} = $length >= HIGH || ($client->{is_held_back} && $length > LOW);
    vec($reads,  $key, 1) = !$client->{has_ended} && !$client->{is_held_back} ? 1 : 0;
    vec($writes, $key, 1) = $length ? 1 : 0;
}

sub drop {
    my $key = shift;
    vec($reads,  $key, 1) = 0;
    vec($writes, $key, 1) = 0;
    close $clients{$key}{socket};
    delete $clients{$key};
}

sub is_for_later { return $!{EAGAIN} || $!{EINTR} }

sub answer {
    my ($client, $received) = @_;
    $received =~ tr/A-Za-z/N-ZA-Mn-za-m/;
    $client->{line} .= $received;
    for (;;) {
        my $end = index $client->{line}, "\n";
        if ($end >= 0 && $end <= MAX_LINE) {
            $client->{owed} .= substr $client->{line}, 0, $end + 1, '';
        } elsif (length $client->{line} > MAX_LINE) {
            $client->{owed} .= substr($client->{line}, 0, MAX_LINE, '') . "\n";
        } else {
            return;
        }
    }
}

# False if the client has gone.
sub receive {
    my $client = shift;
    my $length = sysread $client->{socket}, my $received, 32768;
    return is_for_later() unless defined $length;
    if ($length) {
        answer($client, $received);
    } else {
        $client->{has_ended} = 1;
        $client->{owed} .= $client->{line};
        $client->{line} = '';
    }
    return 1;
}

sub pay {
    my $client = shift;
    my $length = send $client->{socket}, $client->{owed}, MSG_NOSIGNAL | MSG_DONTWAIT;
    return is_for_later() unless defined $length;
    substr $client->{owed}, 0, $length, '';
    return 1;
}

sub welcome {
    if (accept my $socket, $listener) {
        $socket->blocking(0);
        setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1;
        my $client = $clients{ fileno $socket } = { socket => $socket, line => '', owed => '' };
        wait_for(fileno $socket, $client);
    } elsif (!is_for_later() && !$!{ECONNABORTED}) {
        $rests_until = time + 1;
    }
}

# Waits for at most so many seconds, and does what can be done then.
sub turn {
    my $seconds = shift;
    my $rests = $rests_until > time;
    my ($readable, $writable) = ($reads, $writes);
    vec($readable, fileno $listener, 1) = $rests ? 0 : 1;
    return if select($readable, $writable, undef, $rests ? 0.2 : $seconds) <= 0;
    my $is_called = vec $readable, fileno $listener, 1;
    vec($readable, fileno $listener, 1) = 0;
    my $ready = unpack 'b*', $readable | $writable;
    while ($ready =~ /1/g) {
        my $key = pos($ready) - 1;
        my $client = $clients{$key};
        my $is_there = 1;
        $is_there = receive($client) if vec $readable, $key, 1;
        $is_there = pay($client) if $is_there && length $client->{owed};
        if (!$is_there || ($client->{has_ended} && !length $client->{owed})) {
            drop($key);
        } else {
            wait_for($key, $client);
        }
    }
    welcome() if $is_called;
}

# What SIGTERM and SIGINT do, unless they are ignored.
sub when_told_to_end {
    my $act = shift;
    for my $name (qw(TERM INT)) { $SIG{$name} = $act unless ($SIG{$name} // '') eq 'IGNORE' }
    my $told = POSIX::SigSet->new(POSIX::SIGTERM(), POSIX::SIGINT(), POSIX::SIGALRM());
    POSIX::sigprocmask(POSIX::SIG_UNBLOCK(), $told);
    alarm LONGEST_LIFE;
}

1;
