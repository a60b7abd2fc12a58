package main

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// delay is a relay of TCP that holds what it passes towards the clients for a while, in order, or everything
// while it is cut, as a network does that drops all packets.
type delay struct {
	listener net.Listener
	to       string
	held     atomic.Int64 // nanoseconds
	cut      atomic.Bool
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
		_, _ = io.Copy(gate{d, server}, client)
		_ = server.Close()
	}()
	d.late(server, gate{d, client})
	_ = client.Close()
	_ = server.Close()
}

// gate is a connection that nothing is written to while the relay is cut.
type gate struct {
	relay *delay
	conn  net.Conn
}

func (g gate) Write(data []byte) (int, error) {
	for g.relay.cut.Load() {
		time.Sleep(lookAgain)
	}
	return g.conn.Write(data)
}

const lookAgain = 10 * time.Millisecond

// late passes each piece when its time has come.
func (d *delay) late(from net.Conn, to gate) {
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
		_ = to.conn.Close()
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
