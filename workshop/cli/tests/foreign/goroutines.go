// The protocol in Go, a goroutine for every client: go build goroutines.go
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"
)

const (
	maxLine     = 16_384
	receiveSize = 16_384
	rest        = 100 * time.Millisecond
)

func turn(text []byte) {
	for i, c := range text {
		switch letter := c | 0x20; {
		case 'a' <= letter && letter <= 'm':
			text[i] += 13
		case 'n' <= letter && letter <= 'z':
			text[i] -= 13
		}
	}
}

// answers appends to owed what can be answered of unfinished, and returns it with what is left.
func answers(owed, unfinished []byte) (answered, left []byte) {
	for {
		end := bytes.IndexByte(unfinished, '\n')
		switch {
		case 0 <= end && end <= maxLine:
			owed = append(owed, unfinished[:end+1]...)
			unfinished = unfinished[end+1:]
		case len(unfinished) > maxLine:
			owed = append(append(owed, unfinished[:maxLine]...), '\n')
			unfinished = unfinished[maxLine:]
		default:
			return owed, unfinished
		}
	}
}

func converse(client net.Conn) {
	defer client.Close()
	var owed []byte
	buffer := make([]byte, maxLine+receiveSize)
	kept := 0 // of a line that has no end yet
	for {
		length, err := client.Read(buffer[kept : kept+receiveSize])
		turn(buffer[kept : kept+length])
		var left []byte
		owed, left = answers(owed[:0], buffer[:kept+length])
		if err != nil {
			owed = append(owed, left...)
		}
		if len(owed) > 0 {
			if _, unsent := client.Write(owed); unsent != nil {
				return
			}
		}
		if err != nil {
			return
		}
		kept = copy(buffer, left)
	}
}

func serve(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			time.Sleep(rest) // without a descriptor, for example
			continue
		}
		go converse(client)
	}
}

func check(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil || host == "" {
		return errors.New("write HOST:PORT")
	}
	return nil
}

func main() {
	flags := flag.NewFlagSet("goroutines", flag.ContinueOnError)
	address := flags.String("listen", "127.0.0.1:40713", "where to listen, `HOST:PORT`")
	version := flags.Bool("version", false, "print the version")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: goroutines [--listen HOST:PORT]")
		flags.PrintDefaults()
	}
	if len(os.Args) == 2 && os.Args[1] == "--help" {
		flags.SetOutput(os.Stdout)
	}
	err := flags.Parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		if err = check(*address); err != nil {
			fmt.Fprintln(os.Stderr, err)
			flags.Usage()
		}
	}
	if err != nil {
		os.Exit(2)
	}
	if *version {
		fmt.Println("goroutines 1.0")
		return
	}
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		fmt.Fprintf(os.Stderr, "cannot listen on %s: %v\n", *address, err)
		os.Exit(1)
	}
	fmt.Printf("listening on %v\n", listener.Addr())
	serve(listener)
}
