// Floods its standard error: 4 MiB before the announcement, which never comes for a judge that does not read there, and
// then 16 KiB every 20 ms, for ever and without a newline: no UTF-8, commands to a terminal, false announcements.
// Serving does not wait for it.
//
// It deserves to fail the case in which an idle server prints nothing, and the one in which it uses no processor if that is
// what is measured; nothing else. The judge must not keep all of it, and what it reports must stay readable.

package main

import (
	"net"
	"os"
	"strings"
	"time"
)

const (
	before = 4 << 20
	most   = 200 << 20
)

func flood(junk []byte) {
	for length := before; length < most; length += len(junk) {
		os.Stderr.Write(junk)
		time.Sleep(20 * time.Millisecond)
	}
}

func main() {
	listener := start()
	endWhenTold()
	junk := []byte(strings.Repeat("\xff\xfe\x1b[2J\x1b]0;x\alistening on 127.0.0.1:1 \r\x00 PASS ", 420))[:16384]
	for length := 0; length < before; length += len(junk) {
		os.Stderr.Write(junk)
	}
	announce(listener)
	go flood(junk)
	serve(listener, func(client net.Conn) { answer(client, client.Read) })
}
