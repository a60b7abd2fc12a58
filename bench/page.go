package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand"
	"strconv"
	"time"
)

var (
	errUndecodable    = errors.New("parse error")
	errConnectTimeout = errors.New("timeout") // of the Manager
)

// connectLimit is the Manager's timeout, for a connection and the Engine.IO handshake on it.
const connectLimit = 20 * time.Second

// watcher hears what happens to a page; it stands for the application's handlers.
type watcher interface {
	// dials says that the page opens a connection.
	dials(p *page)
	// event is an event's handler; an event with an ack id is answered by answer, at most once.
	event(p *page, e received, answer func(n int))
	// connected is a CONNECT packet of the server.
	connected(p *page, recovered bool)
	// lost is the end of a connection that the page did not cut itself.
	lost(p *page, err error)
}

// page is a Socket.IO client that does what socket.io-client 4.7.5 does about connections:
// it sends its pid and offset when it comes back; the offset is the last argument, if a string, of the
// last event without an ack id whose handlers have run; events before the answer to CONNECT wait for it;
// a ping is answered after the events before it; answers go out on the connection there is, even before
// CONNECT, and are lost if there is none.
type page struct {
	number  int
	token   string // of its user, who may have several pages; empty: it is a client of its own
	address string
	browser bool // says that it is one, by User-Agent and Origin
	carrier int  // of its next connection
	loop    *loop
	random  *rand.Rand
	watcher watcher

	engine    *engine // the newest
	attempts  int
	redial    *timer
	stopped   bool
	connected bool
	broken    bool // by a packet that could not be decoded: its engine lives on, but is not listened to
	sid       string
	pid       string
	offset    string
	early     []received // events before the answer to CONNECT
}

// dial opens a connection.
func (p *page) dial() {
	p.loop.stop(p.redial)
	p.connected, p.broken = false, false
	p.watcher.dials(p)
	e := p.newEngine()
	p.engine = e
	p.loop.after(connectLimit, func() {
		if !e.open {
			e.conn.close(errConnectTimeout)
		}
	})
}

func (p *page) engineLost(e *engine, err error) {
	if e != p.engine || p.broken || p.stopped {
		return
	}
	p.connected = false
	p.watcher.lost(p, err)
	p.retry()
}

// retry waits as the client does: one second, then two, four, five at most, half of it more or less.
func (p *page) retry() {
	wait := min(5*time.Second, time.Second<<min(p.attempts, 3))
	p.attempts++
	p.redialIn(wait/2 + time.Duration(p.random.Int63n(int64(wait))))
}

func (p *page) redialIn(wait time.Duration) {
	p.loop.stop(p.redial)
	p.redial = p.loop.after(wait, p.dial)
}

// stop closes the connection for good.
func (p *page) stop() {
	p.stopped = true
	p.loop.stop(p.redial)
	if p.engine != nil {
		p.engine.conn.close(nil)
	}
}

// connectPacket is CONNECT with what it needs to recover and the application's members.
func (p *page) connectPacket() []byte {
	members := ""
	if p.pid != "" {
		members = `"pid":` + strconv.Quote(p.pid) + ","
		if p.offset != "" {
			members += `"offset":` + strconv.Quote(p.offset) + ","
		}
	}
	if p.token != "" {
		return []byte(fmt.Sprintf(`40{%s"token":"%s"}`, members, p.token))
	}
	return []byte(fmt.Sprintf(`40{%s"token":"%s","client":%d}`, members, tokenOf(p.number), p.number))
}

// tokenOf is a token as Open WebUI's: a JWT with the user's id; nobody verifies it here.
func tokenOf(number int) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." +
		encode([]byte(fmt.Sprintf(`{"id":"user-%d"}`, number))) + "." + encode([]byte("unsigned"))
}

// message handles a Socket.IO packet; an undecodable one makes the client open a new connection, while
// the old one goes on answering pings.
func (p *page) message(e *engine, packet []byte) error {
	if e != p.engine || p.broken {
		return nil
	}
	event, ok := received{}, false
	switch {
	case len(packet) > 1 && packet[0] == '0':
		p.answered(string(packet[1:]))
		return nil
	case len(packet) > 1 && packet[0] == '3':
		return nil
	case len(packet) > 1 && packet[0] == '2':
		event, ok = readEvent(packet[1:])
	case len(packet) > 0 && (packet[0] == '1' || packet[0] == '4'):
		return fmt.Errorf("unexpected packet %.80q", packet)
	}
	switch {
	case !ok:
		p.connected, p.broken = false, true
		p.watcher.lost(p, errUndecodable)
		p.retry()
	case p.connected:
		p.emit(event)
	default:
		event.raw = bytes.Clone(event.raw)
		p.early = append(p.early, event)
	}
	return nil
}

func (p *page) answered(packet string) {
	pid := member(packet, "pid")
	recovered := pid != "" && pid == p.pid
	p.sid, p.pid, p.connected, p.attempts = member(packet, "sid"), pid, true, 0
	for _, e := range p.early {
		p.emit(e)
	}
	p.early = nil
	p.watcher.connected(p, recovered)
}

// emit runs the handlers and takes the offset after them.
func (p *page) emit(e received) {
	sent := false
	p.watcher.event(p, e, func(n int) {
		if !sent {
			sent = true
			p.engine.send([]byte(fmt.Sprintf("43%d[%d]", e.id, n)))
		}
	})
	if p.pid != "" && e.id < 0 && e.ends {
		p.offset = e.last
	}
}
