package client

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand"
	"strconv"
	"time"

	"dev.holdfast/bench/internal/eventloop"
	"dev.holdfast/bench/internal/wire"
)

var (
	errUndecodable    = errors.New("parse error")
	errConnectTimeout = errors.New("timeout") // of the Manager
)

// connectLimit is the Manager's timeout, for a connection and the Engine.IO handshake on it.
const connectLimit = 20 * time.Second

// Watcher hears what happens to a page; it stands for the application's handlers.
type Watcher interface {
	// Dials says that the page opens a connection.
	Dials(p *Page)
	// Event is an event's handler; an event with an ack id is answered by answer, at most once.
	Event(p *Page, e wire.Received, answer func(n int))
	// Connected is a CONNECT packet of the server.
	Connected(p *Page, recovered bool)
	// Lost is the end of a connection that the page did not cut itself.
	Lost(p *Page, err error)
}

// Page is a Socket.IO client that does what socket.io-client 4.7.5 does about connections:
// it sends its pid and offset when it comes back; the offset is the last argument, if a string, of the
// last event without an ack id whose handlers have run; events before the answer to CONNECT wait for it;
// a ping is answered after the events before it; answers go out on the connection there is, even before
// CONNECT, and are lost if there is none.
type Page struct {
	Number  int
	Token   string // of its user, who may have several pages; empty: it is a client of its own
	Address string
	Browser bool // says that it is one, by User-Agent and Origin
	Carrier int  // of its next connection
	Loop    *eventloop.Loop
	Random  *rand.Rand
	Watcher Watcher

	Engine    *Engine // the newest
	attempts  int
	Redial    *eventloop.Timer
	Stopped   bool
	Connected bool
	broken    bool // by a packet that could not be decoded: its engine lives on, but is not listened to
	Sid       string
	Pid       string
	Offset    string
	early     []wire.Received // events before the answer to CONNECT
}

// Dial opens a connection.
func (p *Page) Dial() {
	p.Loop.Stop(p.Redial)
	p.Connected, p.broken = false, false
	p.Watcher.Dials(p)
	e := p.newEngine()
	p.Engine = e
	p.Loop.After(connectLimit, func() {
		if !e.open {
			e.Conn.Close(errConnectTimeout)
		}
	})
}

func (p *Page) engineLost(e *Engine, err error) {
	if e != p.Engine || p.broken || p.Stopped {
		return
	}
	p.Connected = false
	p.Watcher.Lost(p, err)
	p.retry()
}

// retry waits as the client does: one second, then two, four, five at most, half of it more or less.
func (p *Page) retry() {
	wait := min(5*time.Second, time.Second<<min(p.attempts, 3))
	p.attempts++
	p.redialIn(wait/2 + time.Duration(p.Random.Int63n(int64(wait))))
}

func (p *Page) redialIn(wait time.Duration) {
	p.Loop.Stop(p.Redial)
	p.Redial = p.Loop.After(wait, p.Dial)
}

// Stop closes the connection for good.
func (p *Page) Stop() {
	p.Stopped = true
	p.Loop.Stop(p.Redial)
	if p.Engine != nil {
		p.Engine.Conn.Close(nil)
	}
}

// connectPacket is CONNECT with what it needs to recover and the application's members.
func (p *Page) connectPacket() []byte {
	members := ""
	if p.Pid != "" {
		members = `"pid":` + strconv.Quote(p.Pid) + ","
		if p.Offset != "" {
			members += `"offset":` + strconv.Quote(p.Offset) + ","
		}
	}
	if p.Token != "" {
		return []byte(fmt.Sprintf(`40{%s"token":"%s"}`, members, p.Token))
	}
	return []byte(fmt.Sprintf(`40{%s"token":"%s","client":%d}`, members, TokenOf(p.Number), p.Number))
}

// TokenOf is a token as Open WebUI's: a JWT with the user's id; nobody verifies it here.
func TokenOf(number int) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." +
		encode([]byte(fmt.Sprintf(`{"id":"user-%d"}`, number))) + "." + encode([]byte("unsigned"))
}

// message handles a Socket.IO packet; an undecodable one makes the client open a new connection, while
// the old one goes on answering pings.
func (p *Page) message(e *Engine, packet []byte) error {
	if e != p.Engine || p.broken {
		return nil
	}
	event, ok := wire.Received{}, false
	switch {
	case len(packet) > 1 && packet[0] == '0':
		p.answered(string(packet[1:]))
		return nil
	case len(packet) > 1 && packet[0] == '3':
		return nil
	case len(packet) > 1 && packet[0] == '2':
		event, ok = wire.ReadEvent(packet[1:])
	case len(packet) > 0 && (packet[0] == '1' || packet[0] == '4'):
		return fmt.Errorf("unexpected packet %.80q", packet)
	}
	switch {
	case !ok:
		p.Connected, p.broken = false, true
		p.Watcher.Lost(p, errUndecodable)
		p.retry()
	case p.Connected:
		p.emit(event)
	default:
		event.Raw = bytes.Clone(event.Raw)
		p.early = append(p.early, event)
	}
	return nil
}

func (p *Page) answered(packet string) {
	pid := wire.Member(packet, "pid")
	recovered := pid != "" && pid == p.Pid
	p.Sid, p.Pid, p.Connected, p.attempts = wire.Member(packet, "sid"), pid, true, 0
	for _, e := range p.early {
		p.emit(e)
	}
	p.early = nil
	p.Watcher.Connected(p, recovered)
}

// emit runs the handlers and takes the offset after them.
func (p *Page) emit(e wire.Received) {
	sent := false
	p.Watcher.Event(p, e, func(n int) {
		if !sent {
			sent = true
			p.Engine.Send([]byte(fmt.Sprintf("43%d[%d]", e.Id, n)))
		}
	})
	if p.Pid != "" && e.Id < 0 && e.Ends {
		p.Offset = e.Last
	}
}
