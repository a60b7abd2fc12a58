package client

import (
	"bytes"
	"fmt"
	"time"

	"dev.holdfast/bench/internal/eventloop"
	"dev.holdfast/bench/internal/wire"
)

// Session is a Socket.IO client over WebSocket: dialled, upgraded, connected to the namespace "/".
type Session struct {
	Conn      *eventloop.Conn
	host      string
	upgraded  bool
	connected bool
	closing   bool
	ready     func(*Session)
	Packet    func(*Session, []byte) // an event or acknowledgement
	failed    func(error)
}

var connectPacket = wire.AppendFrame(nil, wire.OpText, true, []byte(`40{"token":"bench"}`))
var pongPacket = wire.AppendFrame(nil, wire.OpText, true, []byte("3"))

// Opened implements eventloop.Peer.
func (s *Session) Opened(c *eventloop.Conn) {
	c.Send(UpgradeRequest(s.host, true))
}

// UpgradeRequest opens an Engine.IO session over WebSocket, as a browser does it or as another application.
func UpgradeRequest(host string, browser bool) []byte {
	request := "GET " + wire.SocketPath + "?EIO=4&transport=websocket HTTP/1.1\r\nHost: " + host +
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
func upgradedBy(c *eventloop.Conn, data []byte) int {
	end := bytes.Index(data, []byte("\r\n\r\n"))
	if end < 0 {
		return 0
	}
	if !bytes.HasPrefix(data, []byte("HTTP/1.1 101")) {
		c.Close(fmt.Errorf("handshake refused: %.100q", data))
		return len(data)
	}
	return end + 4
}

// Input implements eventloop.Peer.
func (s *Session) Input(c *eventloop.Conn, data []byte) int {
	used := 0
	if !s.upgraded {
		if used = upgradedBy(c, data); used == 0 || c.Closed {
			return used
		}
		s.upgraded = true
	}
	for !c.Closed {
		f := wire.NextFrame(data[used:])
		if f.Size == 0 {
			break
		}
		used += f.Size
		s.frame(c, f)
	}
	return used
}

func (s *Session) frame(c *eventloop.Conn, f wire.Frame) {
	switch {
	case f.Op == wire.OpPing:
		c.Send(wire.AppendFrame(nil, wire.OpPong, true, f.Payload))
	case f.Op == wire.OpClose:
		c.Close(fmt.Errorf("closed by the server: %q", f.Payload))
	case f.Op != wire.OpText || len(f.Payload) == 0:
		c.Close(fmt.Errorf("unexpected frame, opcode %d, %d bytes", f.Op, len(f.Payload)))
	case f.Payload[0] == '4':
		s.message(c, f.Payload)
	case f.Payload[0] == '2':
		c.Send(pongPacket)
	case f.Payload[0] == '0':
		c.Send(connectPacket)
	}
}

var markerStart = []byte(`42["~o",`)

func (s *Session) message(c *eventloop.Conn, packet []byte) {
	if s.connected {
		if !bytes.HasPrefix(packet, markerStart) {
			s.Packet(s, packet)
		}
		return
	}
	if !bytes.HasPrefix(packet, []byte(`40{"sid":"`)) {
		c.Close(fmt.Errorf("CONNECT answered by %q", packet))
		return
	}
	s.connected = true
	s.ready(s)
}

// Writable implements eventloop.Peer.
func (s *Session) Writable(*eventloop.Conn) bool { return false }

// Ended implements eventloop.Peer.
func (s *Session) Ended(_ *eventloop.Conn, err error) {
	if !s.closing {
		s.failed(err)
	}
}

// Close closes the connection without a word.
func (s *Session) Close() {
	s.closing = true
	s.Conn.Close(nil)
}

// Leave is what disconnect() of socket.io-client does: the session is not waited for.
func (s *Session) Leave() {
	disconnect := wire.AppendFrame(nil, wire.OpText, true, []byte("41"))
	s.Conn.Send(wire.AppendFrame(disconnect, wire.OpText, true, []byte("1")))
	s.Close()
}

// Crowd is a number of connected sessions of one load generator.
type Crowd struct {
	Loop     *eventloop.Loop
	Address  string
	Sessions []*Session
	Err      error
}

// Open connects that many more sessions, at most 64 at a time.
func (w *Crowd) Open(count int) error {
	deadline := time.Now().Add(60 * time.Second)
	pending, want := 0, len(w.Sessions)+count
	for len(w.Sessions) < want && w.Err == nil {
		for ; pending < 64 && len(w.Sessions)+pending < want; pending++ {
			w.Dial(func(s *Session) {
				pending--
				w.Sessions = append(w.Sessions, s)
			})
		}
		w.Loop.Poll(time.Second)
		if time.Now().After(deadline) {
			return fmt.Errorf("%d of %d sessions were open after 60 s", len(w.Sessions), want)
		}
	}
	return w.Err
}

// Dial opens a session, which tells when it is ready.
func (w *Crowd) Dial(ready func(*Session)) {
	s := &Session{host: w.Address, ready: ready}
	s.Packet = func(_ *Session, packet []byte) { w.Fail(fmt.Errorf("unexpected packet %.80q", packet)) }
	s.failed = w.Fail
	s.Conn = w.Loop.Dial(w.Address, s)
}

// Fail ends the run with this error, unless there is one.
func (w *Crowd) Fail(err error) {
	if w.Err == nil {
		w.Err = err
	}
}

// Each sets what the sessions do with a packet.
func (w *Crowd) Each(packet func(*Session, []byte)) {
	for _, s := range w.Sessions {
		s.Packet = packet
	}
}

// Run polls until the time has passed, done says so, or a session failed.
func (w *Crowd) Run(length time.Duration, done func() bool) error {
	for end := time.Now().Add(length); w.Err == nil && !done(); {
		left := time.Until(end)
		if left <= 0 {
			break
		}
		w.Loop.Poll(left)
	}
	return w.Err
}

// Close closes all sessions.
func (w *Crowd) Close() {
	for _, s := range w.Sessions {
		s.Close()
	}
	w.Sessions = nil
}

// Carries says whether the packet is the event that was sent, with an offset as last argument or without.
func Carries(packet, sent []byte) bool {
	if len(packet) <= len(sent) {
		return bytes.Equal(packet, sent)
	}
	end := len(sent) - 1
	return bytes.Equal(packet[:end], sent[:end]) && packet[end] == ',' && bytes.HasSuffix(packet, []byte(`"]`))
}
