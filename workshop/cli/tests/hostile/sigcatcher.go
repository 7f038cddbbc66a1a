// Catches every signal, and plays dead: on SIGTERM and SIGINT it does what a server looks like from outside that
// ends. The listener is closed, so are the clients and the standard streams, and it calls itself "sh". But it lives on.
//
// It deserves to fail SIGTERM and SIGINT, and nothing else. Only SIGKILL ends it.

package main

import (
	"net"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

var (
	lock    sync.Mutex
	clients = map[net.Conn]bool{}
)

func playDead(listener net.Listener) {
	listener.Close()
	os.WriteFile("/proc/self/comm", []byte("sh"), 0)
	lock.Lock()
	for client := range clients {
		client.Close()
	}
	lock.Unlock()
	os.Stdout.Close()
	os.Stderr.Close()
}

func converse(client net.Conn) {
	lock.Lock()
	clients[client] = true
	lock.Unlock()
	answer(client, client.Read)
	lock.Lock()
	delete(clients, client)
	lock.Unlock()
}

func main() {
	listener := start()
	signals := make(chan os.Signal, 64)
	signal.Notify(signals)
	time.AfterFunc(longestLife, func() { os.Exit(0) })
	go func() {
		for each := range signals {
			if each == syscall.SIGTERM || each == syscall.SIGINT {
				playDead(listener)
			}
		}
	}()
	announce(listener)
	serve(listener, converse)
}
