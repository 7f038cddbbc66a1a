// What is right in the hostile servers in Go: the protocol, with a goroutine for each client.

package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

const (
	maxLine = 16384
	// They end by themselves, should whoever judges them not see to it.
	longestLife = 300 * time.Second
)

func turned(c byte) byte {
	switch letter := c | 0x20; {
	case 'a' <= letter && letter <= 'm':
		return c + 13
	case 'n' <= letter && letter <= 'z':
		return c - 13
	}
	return c
}

// Reads the command line, and listens.
func start() net.Listener {
	address := "127.0.0.1:40713"
	arguments := os.Args[1:]
	switch {
	case len(arguments) == 1 && (arguments[0] == "--help" || arguments[0] == "--version"):
		fmt.Println("server 1.0, usage: server [--listen HOST:PORT]")
		os.Exit(0)
	case len(arguments) == 2 && arguments[0] == "--listen":
		address = arguments[1]
	case len(arguments) > 0:
		wrong()
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		wrong()
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		wrong()
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		fmt.Fprintf(os.Stderr, "server: cannot listen on %s: %v\n", address, err)
		os.Exit(1)
	}
	return listener
}

func wrong() {
	fmt.Fprintln(os.Stderr, "usage: server [--listen HOST:PORT]")
	os.Exit(2)
}

func announce(listener net.Listener) {
	fmt.Printf("listening on %s\n", listener.Addr())
}

// On SIGTERM and SIGINT, unless they are ignored, and when its life has been long enough.
func endWhenTold() {
	told := make(chan os.Signal, 1)
	for _, each := range []os.Signal{syscall.SIGTERM, syscall.SIGINT} {
		if !signal.Ignored(each) {
			signal.Notify(told, each)
		}
	}
	go func() {
		select {
		case <-told:
		case <-time.After(longestLife):
		}
		os.Exit(0)
	}()
}

func serve(listener net.Listener, converse func(net.Conn)) {
	for {
		client, err := listener.Accept()
		if err != nil {
			time.Sleep(100 * time.Millisecond)
			continue
		}
		go converse(client)
	}
}

// Answers what `read` gives, which is from this client.
func answer(client net.Conn, read func([]byte) (int, error)) {
	defer client.Close()
	received := make([]byte, 8192)
	var owed, line []byte
	for {
		length, err := read(received)
		for _, c := range received[:length] {
			if len(line) == maxLine && c != '\n' {
				owed = append(append(owed, line...), '\n')
				line = line[:0]
			}
			line = append(line, turned(c))
			if c == '\n' {
				owed = append(owed, line...)
				line = line[:0]
			}
		}
		if err == io.EOF {
			owed = append(owed, line...)
		}
		if len(owed) > 0 {
			if _, lost := client.Write(owed); lost != nil {
				return
			}
		}
		if err != nil {
			return
		}
		owed = owed[:0]
	}
}
