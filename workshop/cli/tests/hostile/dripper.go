// Drips: the first 256 bytes of a client are answered at once, and after them it takes one byte in 100 ms, by the
// smallest receive buffer that there is. There is always progress, so that no limit strikes that begins anew
// with each byte, and it is the judge's own sending that hangs, as well as its reading.
//
// It deserves to fail each case that sends a client more than that, within the time that a case has, and no other.

package main

import (
	"net"
	"time"
)

func converse(client net.Conn) {
	client.(*net.TCPConn).SetReadBuffer(1)
	count := 0
	answer(client, func(received []byte) (int, error) {
		if count++; count > 256 {
			time.Sleep(100 * time.Millisecond)
		}
		return client.Read(received[:1])
	})
}

func main() {
	listener := start()
	endWhenTold()
	announce(listener)
	serve(listener, converse)
}
