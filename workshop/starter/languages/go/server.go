// A server that is yet to serve: it listens, and says where. The rest goes into serve.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"strconv"
	"syscall"
)

const (
	defaultAddress = "127.0.0.1:40713"

	usage   = "usage: server [--listen HOST:PORT]"
	options = `
  --listen HOST:PORT  listen here [` + defaultAddress + `]; port 0 takes any free port
  --help              print this
  --version           print the version`
)

// serve serves everybody who connects to the listener.
func serve(listener net.Listener) error {
	// @TASKS@
	return errors.New("serve: nothing is written here yet")
}

func main() {
	// Go ignores SIGPIPE for connections only: standard output and error may lose their readers, too.
	signal.Ignore(syscall.SIGPIPE)

	flags := flag.NewFlagSet("server", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	address := flags.String("listen", defaultAddress, "")
	version := flags.Bool("version", false, "")
	err := flags.Parse(os.Args[1:])
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("unknown argument: %s", flags.Arg(0))
	}
	if err == nil {
		err = check(*address)
	}

	switch {
	case errors.Is(err, flag.ErrHelp):
		say(usage + options)
	case err != nil:
		fail(2, "server: %v\n%s", err, usage)
	case *version:
		say("server 0.1")
	default:
		listener, err := listen(*address)
		if err != nil {
			fail(1, "server: cannot listen on %s: %v", *address, err)
		}
		// A promise: whoever reads this line connects. So nothing that can fail comes after it.
		say("listening on " + listener.Addr().String())
		if err := serve(listener); err != nil {
			fail(1, "%v", err)
		}
	}
}

// check wants HOST:PORT, an IPv6 address in brackets, as in [::1]:0.
func check(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil || host == "" {
		return fmt.Errorf("this is not HOST:PORT: %s", address)
	}
	return nil
}

// listen leaves SO_REUSEADDR and the longest queue that the system allows to net.Listen.
func listen(address string) (net.Listener, error) {
	network := "tcp"
	if own, err := netip.ParseAddrPort(address); err == nil && own.Addr().Is4() {
		network = "tcp4" // Or 0.0.0.0 would stand for every address of IPv6, too.
	}
	return net.Listen(network, address)
}

func say(line string) {
	if _, err := fmt.Println(line); err != nil {
		fail(1, "server: cannot write standard output: %v", err)
	}
}

func fail(status int, format string, values ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", values...)
	os.Exit(status)
}
