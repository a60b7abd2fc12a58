package main

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// delay is a relay of TCP that holds what it passes towards the clients for a while, in order.
type delay struct {
	listener net.Listener
	to       string
	held     atomic.Int64 // nanoseconds
	mutex    sync.Mutex
	open     []net.Conn
}

func newDelay(to string) *delay {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	d := &delay{listener: listener, to: to}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go d.serve(client)
		}
	}()
	return d
}

func (d *delay) address() string { return d.listener.Addr().String() }

func (d *delay) hold(each time.Duration) { d.held.Store(int64(each)) }

func (d *delay) serve(client net.Conn) {
	server, err := net.Dial("tcp", d.to)
	if err != nil {
		_ = client.(*net.TCPConn).SetLinger(0)
		_ = client.Close()
		return
	}
	d.mutex.Lock()
	d.open = append(d.open, client, server)
	d.mutex.Unlock()
	go func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	}()
	d.late(server, client)
	_ = client.Close()
	_ = server.Close()
}

// late passes each piece when its time has come.
func (d *delay) late(from, to net.Conn) {
	type piece struct {
		at   time.Time
		data []byte
	}
	pieces := make(chan piece, 1024)
	go func() {
		for p := range pieces {
			time.Sleep(time.Until(p.at))
			if _, err := to.Write(p.data); err != nil {
				_ = from.Close()
			}
		}
		_ = to.Close()
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			pieces <- piece{time.Now().Add(time.Duration(d.held.Load())), append([]byte(nil), buffer[:n]...)}
		}
		if err != nil {
			close(pieces)
			return
		}
	}
}

func (d *delay) close() {
	_ = d.listener.Close()
	d.mutex.Lock()
	defer d.mutex.Unlock()
	for _, c := range d.open {
		_ = c.Close()
	}
}
