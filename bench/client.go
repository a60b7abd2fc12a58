package main

import (
	"bytes"
	"fmt"
	"time"
)

// session is a Socket.IO client over WebSocket: dialled, upgraded, connected to the namespace "/".
type session struct {
	conn      *conn
	host      string
	upgraded  bool
	connected bool
	closing   bool
	ready     func(*session)
	packet    func(*session, []byte) // an event or acknowledgement
	failed    func(error)
}

var connectPacket = appendFrame(nil, opText, true, []byte(`40{"token":"bench"}`))
var pongPacket = appendFrame(nil, opText, true, []byte("3"))

func (s *session) opened(c *conn) {
	c.send(upgradeRequest(s.host, true))
}

// upgradeRequest opens an Engine.IO session over WebSocket, as a browser does it or as another application.
func upgradeRequest(host string, browser bool) []byte {
	request := "GET " + socketPath + "?EIO=4&transport=websocket HTTP/1.1\r\nHost: " + host +
		"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	return []byte(request + clientHeaders(host, browser) + "\r\n")
}

// clientHeaders are those by which a browser is known, or an application that can come back: it gets markers from the start.
func clientHeaders(host string, browser bool) string {
	headers := "Origin: http://" + host + "\r\n"
	if browser {
		headers += "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"
	}
	return headers
}

// upgradedBy takes the answer to an upgrade, if it is there, and closes the connection if it is refused; the bytes used.
func upgradedBy(c *conn, data []byte) int {
	end := bytes.Index(data, []byte("\r\n\r\n"))
	if end < 0 {
		return 0
	}
	if !bytes.HasPrefix(data, []byte("HTTP/1.1 101")) {
		c.close(fmt.Errorf("handshake refused: %.100q", data))
		return len(data)
	}
	return end + 4
}

func (s *session) input(c *conn, data []byte) int {
	used := 0
	if !s.upgraded {
		if used = upgradedBy(c, data); used == 0 || c.closed {
			return used
		}
		s.upgraded = true
	}
	for !c.closed {
		f := nextFrame(data[used:])
		if f.size == 0 {
			break
		}
		used += f.size
		s.frame(c, f)
	}
	return used
}

func (s *session) frame(c *conn, f frame) {
	switch {
	case f.op == opPing:
		c.send(appendFrame(nil, opPong, true, f.payload))
	case f.op == opClose:
		c.close(fmt.Errorf("closed by the server: %q", f.payload))
	case f.op != opText || len(f.payload) == 0:
		c.close(fmt.Errorf("unexpected frame, opcode %d, %d bytes", f.op, len(f.payload)))
	case f.payload[0] == '4':
		s.message(c, f.payload)
	case f.payload[0] == '2':
		c.send(pongPacket)
	case f.payload[0] == '0':
		c.send(connectPacket)
	}
}

var markerStart = []byte(`42["~o",`)

func (s *session) message(c *conn, packet []byte) {
	if s.connected {
		if !bytes.HasPrefix(packet, markerStart) {
			s.packet(s, packet)
		}
		return
	}
	if !bytes.HasPrefix(packet, []byte(`40{"sid":"`)) {
		c.close(fmt.Errorf("CONNECT answered by %q", packet))
		return
	}
	s.connected = true
	s.ready(s)
}

func (s *session) writable(*conn) bool { return false }

func (s *session) ended(_ *conn, err error) {
	if !s.closing {
		s.failed(err)
	}
}

func (s *session) close() {
	s.closing = true
	s.conn.close(nil)
}

// leave is what disconnect() of socket.io-client does: the session is not waited for.
func (s *session) leave() {
	disconnect := appendFrame(nil, opText, true, []byte("41"))
	s.conn.send(appendFrame(disconnect, opText, true, []byte("1")))
	s.close()
}

// crowd is a number of connected sessions of one load generator.
type crowd struct {
	loop     *loop
	address  string
	sessions []*session
	err      error
}

// open connects that many more sessions, at most 64 at a time.
func (w *crowd) open(count int) error {
	deadline := time.Now().Add(60 * time.Second)
	pending, want := 0, len(w.sessions)+count
	for len(w.sessions) < want && w.err == nil {
		for ; pending < 64 && len(w.sessions)+pending < want; pending++ {
			w.dial(func(s *session) {
				pending--
				w.sessions = append(w.sessions, s)
			})
		}
		w.loop.poll(time.Second)
		if time.Now().After(deadline) {
			return fmt.Errorf("%d of %d sessions were open after 60 s", len(w.sessions), want)
		}
	}
	return w.err
}

func (w *crowd) dial(ready func(*session)) {
	s := &session{host: w.address, ready: ready}
	s.packet = func(_ *session, packet []byte) { w.fail(fmt.Errorf("unexpected packet %.80q", packet)) }
	s.failed = w.fail
	s.conn = w.loop.dial(w.address, s)
}

func (w *crowd) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// each sets what the sessions do with a packet.
func (w *crowd) each(packet func(*session, []byte)) {
	for _, s := range w.sessions {
		s.packet = packet
	}
}

// run polls until the time has passed, done says so, or a session failed.
func (w *crowd) run(length time.Duration, done func() bool) error {
	for end := time.Now().Add(length); w.err == nil && !done(); {
		left := time.Until(end)
		if left <= 0 {
			break
		}
		w.loop.poll(left)
	}
	return w.err
}

func (w *crowd) close() {
	for _, s := range w.sessions {
		s.close()
	}
	w.sessions = nil
}

// carries says whether the packet is the event that was sent, with an offset as last argument or without.
func carries(packet, sent []byte) bool {
	if len(packet) <= len(sent) {
		return bytes.Equal(packet, sent)
	}
	end := len(sent) - 1
	return bytes.Equal(packet[:end], sent[:end]) && packet[end] == ',' && bytes.HasSuffix(packet, []byte(`"]`))
}
