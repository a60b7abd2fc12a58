package openwebui

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"runtime"
	"strconv"
	"time"

	"dev.holdfast/bench/internal/eventloop"
	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/wire"
)

const (
	pingInterval = 25 * time.Second
	acceptGUID   = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
)

// Serve is the fast stand-in for Open WebUI; it prints its port and serves until it is ended.
// usage: upstream [PORT [REDIS]]; commands on its standard input or through Redis: see rooms
//
//	GET  /ws/socket.io/?EIO=4&transport=websocket   Engine.IO 4, Socket.IO 5: "p" events come back,
//	     42["stream",SIZE,COUNT] starts events (COUNT 0: for ever), an event with an ack id is acknowledged
//	     events about documents are told to those who have joined one; other namespaces do not exist
//	GET  /health, /api/version, /api/config, /documents, /small, /bytes/N
//	POST /upload
func Serve(arguments []string) {
	runtime.LockOSThread()
	l := eventloop.New()
	// A later run gives out other ids: a page that has an old one again would look as if it had no new link.
	service := &upstream{streams: map[int][]byte{}, rooms: newRooms()}
	port := 0
	if len(arguments) > 0 {
		_, err := fmt.Sscan(arguments[0], &port)
		must.Do(err)
	}
	port = l.Listen(port, func() eventloop.Peer {
		p := &upstreamPeer{service: service}
		return p
	})
	service.sids = int(time.Now().UnixMilli()) + port<<42 // another one beside it has others, too
	fmt.Println(port)
	service.rooms.documents.origin = port
	service.rooms.obey(l)
	if len(arguments) > 1 {
		service.rooms.subscribe(l, arguments[1])
	}
	for next := time.Now(); ; {
		l.Poll(time.Second)
		service.rooms.report.Flush()
		if now := time.Now(); now.After(next) {
			next = now.Add(time.Second)
			service.ping(l, now)
		}
	}
}

type upstream struct {
	sids    int
	streams map[int][]byte // by size: frames to be sent again and again
	rooms   *rooms
	reply   []byte
}

func (u *upstream) ping(l *eventloop.Loop, now time.Time) {
	for _, c := range l.Conns {
		if c == nil {
			continue
		}
		if p, ok := c.Peer.(*upstreamPeer); ok && p.websocket && now.After(p.nextPing) && p.left == 0 {
			p.nextPing = now.Add(pingInterval)
			c.Send(wire.AppendFrame(nil, wire.OpText, false, []byte("2")))
		}
	}
}

// stream is at least 64 KiB of whole frames with events of that size.
func (u *upstream) stream(size int) []byte {
	if u.streams[size] == nil {
		one := wire.AppendFrame(nil, wire.OpText, false, wire.Event("s", size))
		u.streams[size] = bytes.Repeat(one, 1+(64<<10)/len(one))
	}
	return u.streams[size]
}

// upstreamPeer is one connection of the upstream: HTTP, until it is upgraded.
type upstreamPeer struct {
	service   *upstream
	websocket bool
	nextPing  time.Time
	upload    int    // bytes of a request's body still to come
	body      []byte // what is sent again and again …
	left      int    // … until that many bytes have gone
	at        int
	seat      *seat // in a room, if its CONNECT named one
}

func (p *upstreamPeer) Opened(*eventloop.Conn) {}

func (p *upstreamPeer) Ended(*eventloop.Conn, error) {
	if p.seat != nil {
		p.service.rooms.leave(p.seat)
	}
}

func (p *upstreamPeer) Writable(c *eventloop.Conn) bool {
	if p.left > 0 {
		n := c.Write(p.body[p.at:min(len(p.body), p.at+p.left)])
		p.left -= n
		p.at = (p.at + n) % len(p.body)
	}
	return p.left > 0
}

func (p *upstreamPeer) Input(c *eventloop.Conn, data []byte) int {
	used := 0
	for used < len(data) && !c.Closed {
		n := p.step(c, data[used:])
		if n == 0 {
			break
		}
		used += n
	}
	if len(p.service.reply) > 0 {
		c.Send(p.service.reply)
		p.service.reply = p.service.reply[:0]
	}
	return used
}

func (p *upstreamPeer) step(c *eventloop.Conn, data []byte) int {
	if p.websocket {
		return p.frame(c, data)
	}
	if p.upload > 0 {
		n := min(p.upload, len(data))
		p.upload -= n
		if p.upload == 0 {
			p.answer("200 OK", "application/json", `{"status":true}`)
		}
		return n
	}
	end := bytes.Index(data, []byte("\r\n\r\n"))
	if end < 0 {
		return 0
	}
	p.request(c, data[:end+2])
	return end + 4
}

func (p *upstreamPeer) request(c *eventloop.Conn, head []byte) {
	line, _, _ := bytes.Cut(head, []byte("\r\n"))
	method, rest, _ := bytes.Cut(line, []byte(" "))
	target, _, _ := bytes.Cut(rest, []byte(" "))
	path, query, _ := bytes.Cut(target, []byte("?"))
	switch name := string(path); {
	case name == wire.SocketPath && bytes.Contains(query, []byte("transport=websocket")):
		p.upgrade(c, head)
	case name == wire.SocketPath:
		p.answer("200 OK", "text/plain; charset=UTF-8", p.openPacket(`["websocket"]`))
	case name == "/health":
		p.answer("200 OK", "application/json", `{"status":true}`)
	case name == "/api/version":
		p.answer("200 OK", "application/json", `{"version":"0.12.4"}`)
	case name == "/api/config":
		p.answer("200 OK", "application/json", `{"status":true,"name":"Open WebUI","features":{"enable_websocket":true}}`)
	case name == "/documents":
		p.answer("200 OK", "application/json", p.service.rooms.documents.told())
	case name == "/small":
		p.answer("200 OK", "application/json", `{"answer":"a small response, as of an API"}`)
	case bytes.HasPrefix(path, []byte("/bytes/")):
		p.download(c, string(path[len("/bytes/"):]))
	case string(method) == "POST":
		p.receive(c, head)
	default:
		p.answer("404 Not Found", "text/plain", "not found")
	}
}

func (p *upstreamPeer) answer(status, kind, body string) {
	p.service.reply = append(p.service.reply, fmt.Sprintf(
		"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", status, kind, len(body), body)...)
}

func (p *upstreamPeer) download(c *eventloop.Conn, count string) {
	n, err := strconv.Atoi(count)
	must.Do(err)
	c.Send([]byte(fmt.Sprintf(
		"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n", n)))
	p.repeat(c, wire.Zeros, n)
}

func (p *upstreamPeer) receive(c *eventloop.Conn, head []byte) {
	n, err := strconv.Atoi(wire.Header(head, "content-length"))
	if err != nil {
		p.answer("411 Length Required", "text/plain", "the benchmark's upstream needs a length")
		return
	}
	p.upload = n
	if n == 0 {
		p.answer("200 OK", "application/json", `{"status":true}`)
	}
}

// repeat sends the bytes again and again until that many have gone.
func (p *upstreamPeer) repeat(c *eventloop.Conn, body []byte, total int) {
	p.body, p.left, p.at = body, total, 0
	c.Await()
}

func (p *upstreamPeer) openPacket(upgrades string) string {
	p.service.sids++
	return fmt.Sprintf(`0{"sid":"e%d","upgrades":%s,"pingInterval":%d,"pingTimeout":20000,"maxPayload":1000000}`,
		p.service.sids, upgrades, pingInterval.Milliseconds())
}

func (p *upstreamPeer) upgrade(c *eventloop.Conn, head []byte) {
	sum := sha1.Sum([]byte(wire.Header(head, "sec-websocket-key") + acceptGUID))
	reply := []byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: " + base64.StdEncoding.EncodeToString(sum[:]) + "\r\n\r\n")
	p.websocket, p.nextPing = true, time.Now().Add(pingInterval)
	c.Send(wire.AppendFrame(reply, wire.OpText, false, []byte(p.openPacket(`[]`))))
}

func (p *upstreamPeer) frame(c *eventloop.Conn, data []byte) int {
	f := wire.NextFrame(data)
	if f.Size == 0 {
		return 0
	}
	f.Unmask(data)
	switch {
	case f.Op == wire.OpClose:
		c.Send(wire.AppendFrame(nil, wire.OpClose, false, f.Payload))
		c.Close(eventloop.ErrEnded)
	case f.Op == wire.OpText && len(f.Payload) > 1 && f.Payload[0] == '4':
		p.packet(c, f.Payload)
	}
	return f.Size
}

func (p *upstreamPeer) packet(c *eventloop.Conn, packet []byte) {
	reply := p.service.reply
	switch {
	case packet[1] == '0' && len(packet) > 2 && packet[2] == '/':
		namespace, _, _ := bytes.Cut(packet[2:], []byte(","))
		reply = wire.AppendFrame(reply, wire.OpText, false, []byte(fmt.Sprintf(`44%s,"Unable to connect"`, namespace)))
	case packet[1] == '0':
		p.service.sids++
		reply = wire.AppendFrame(reply, wire.OpText, false, []byte(fmt.Sprintf(`40{"sid":"s%d"}`, p.service.sids)))
		p.seat = p.service.rooms.join(c, packet)
	case packet[1] == '3':
		p.service.rooms.answered(p.seat, packet)
	case bytes.HasPrefix(packet, []byte(`42["note",`)):
		p.service.rooms.noted(p.seat, packet)
	case bytes.HasPrefix(packet, []byte(`42["p"`)):
		reply = wire.AppendFrame(reply, wire.OpText, false, packet)
	case bytes.HasPrefix(packet, []byte(`42["stream"`)):
		var size, count int
		_, err := fmt.Sscanf(string(packet), `42["stream",%d,%d]`, &size, &count)
		must.Do(err)
		p.startStream(c, size, count)
	case packet[1] == '2' && bytes.Contains(packet[:min(len(packet), 64)], documentEvent):
		reply = p.service.rooms.documents.event(p.seat, packet, reply)
	case packet[1] == '2' && packet[2] >= '0' && packet[2] <= '9':
		id := packet[2:bytes.IndexByte(packet, '[')]
		ack := append(append(make([]byte, 0, 32), "43"...), id...)
		reply = wire.AppendFrame(reply, wire.OpText, false, append(ack, `["ok"]`...))
	}
	p.service.reply = reply
}

func (p *upstreamPeer) startStream(c *eventloop.Conn, size, count int) {
	frames := p.service.stream(size)
	one := len(wire.AppendFrame(nil, wire.OpText, false, make([]byte, size)))
	total := count * one
	if count == 0 {
		total = 1 << 60
	}
	p.repeat(c, frames, total)
}
