package client

import (
	"bytes"
	"fmt"
	"strconv"

	"dev.holdfast/bench/internal/eventloop"
	"dev.holdfast/bench/internal/wire"
)

// The ways in which a page's packets travel.
const (
	overWebSocket = iota
	overPolling
	byUpgrade // polling first, and then a WebSocket in its place
	Carriers
)

const packetSeparator = "\x1e"

// Polling carries an engine by requests: a GET waits on the engine's own connection, POSTs go on another one, one at a time.
type Polling struct {
	engine  *Engine
	sid     string
	post    *eventloop.Conn
	posting bool
	waiting [][]byte // packets for the next POST, or for the WebSocket
	getting bool
	next    *eventloop.Conn // a WebSocket that is about to take over
	leaving bool            // it may, as soon as no request is under way
	asked   int             // requests so far, of which each says its number, as clients do
}

func (p *Polling) request(method, body string) []byte {
	page, sid := p.engine.page, ""
	if p.sid != "" {
		sid = "&sid=" + p.sid
	}
	p.asked++
	head := method + " " + wire.SocketPath + "?EIO=4&transport=polling&t=" + strconv.Itoa(p.asked) + sid + " HTTP/1.1\r\nHost: " + page.Address + "\r\n"
	head += clientHeaders(page.Address, page.Browser)
	if method == "POST" {
		head += "Content-Type: text/plain;charset=UTF-8\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n"
	}
	return []byte(head + "\r\n" + body)
}

func (p *Polling) get(c *eventloop.Conn) {
	p.getting = true
	c.Send(p.request("GET", ""))
}

// answered takes the answer to a GET, if it is there, and asks again; the bytes used.
func (p *Polling) answered(c *eventloop.Conn, data []byte) int {
	body, used, err := response(data)
	if err != nil {
		c.Close(err)
	}
	if used == 0 || err != nil {
		return used
	}
	p.getting = false
	for _, packet := range bytes.Split(body, []byte(packetSeparator)) {
		if c.Closed || c.Silent || len(packet) == 0 {
			return used
		}
		if err := p.engine.packet(packet); err != nil {
			c.Close(err)
			return used
		}
	}
	switch {
	case c.Closed || c.Silent:
	case p.leaving:
		p.leave()
	default:
		p.get(c)
	}
	return used
}

// write posts a packet behind those that are under way.
func (p *Polling) write(packet []byte) {
	p.waiting = append(p.waiting, bytes.Clone(packet))
	p.flush()
}

func (p *Polling) flush() {
	if p.posting || p.leaving || len(p.waiting) == 0 {
		return
	}
	if p.post == nil || p.post.Closed {
		p.post = p.engine.page.Loop.Dial(p.engine.page.Address, (*poster)(p))
		return
	}
	if p.post.Dialing {
		return
	}
	p.posting = true
	body := bytes.Join(p.waiting, []byte(packetSeparator))
	p.waiting = nil
	p.post.Send(p.request("POST", string(body)))
}

// upgrade opens a WebSocket for the session beside it.
func (p *Polling) upgrade() {
	p.next = p.engine.page.Loop.Dial(p.engine.page.Address, &prober{polling: p})
}

// leave gives the session to the WebSocket when no request is under way.
func (p *Polling) leave() {
	if p.getting || p.posting {
		return
	}
	e, c := p.engine, p.next
	before := e.Conn
	e.Conn, e.Polling, e.rest, e.upgraded = c, nil, 0, true
	c.Peer = e
	before.Peer = eventloop.Deaf{}
	before.Close(nil)
	p.close()
	e.write([]byte("5"))
	for _, packet := range p.waiting {
		e.write(packet)
	}
}

// close ends the connections that are not the engine's.
func (p *Polling) close() {
	for _, c := range []*eventloop.Conn{p.post, p.next} {
		if c != nil && c != p.engine.Conn {
			c.Peer = eventloop.Deaf{}
			c.Close(nil)
		}
	}
}

// poster is the peer of the connection for POSTs.
type poster Polling

func (p *poster) Opened(*eventloop.Conn)        { (*Polling)(p).flush() }
func (p *poster) Writable(*eventloop.Conn) bool { return false }

func (p *poster) Input(c *eventloop.Conn, data []byte) int {
	_, used, err := response(data)
	if err != nil {
		c.Close(err)
	}
	if used > 0 && err == nil {
		p.posting = false
		if p.leaving {
			(*Polling)(p).leave()
		} else {
			(*Polling)(p).flush()
		}
	}
	return used
}

// Ended is nothing between two POSTs; one that got no answer ends the engine, as the client does it.
func (p *poster) Ended(_ *eventloop.Conn, err error) {
	if p.posting || len(p.waiting) > 0 {
		p.engine.Conn.Close(fmt.Errorf("POST: %w", err))
	}
}

// prober is the peer of a WebSocket that asks whether it may take over.
type prober struct {
	polling  *Polling
	upgraded bool
}

func (p *prober) Opened(c *eventloop.Conn) {
	page := p.polling.engine.page
	request := UpgradeRequest(page.Address, page.Browser)
	c.Send(bytes.Replace(request, []byte("transport=websocket"), []byte("transport=websocket&sid="+p.polling.sid), 1))
}

func (p *prober) Input(c *eventloop.Conn, data []byte) int {
	used := 0
	if !p.upgraded {
		if used = upgradedBy(c, data); used == 0 || c.Closed {
			return used
		}
		p.upgraded = true
		c.Send(wire.AppendFrame(nil, wire.OpText, true, []byte("2probe")))
	}
	if f := wire.NextFrame(data[used:]); f.Size > 0 {
		used += f.Size
		if string(f.Payload) != "3probe" {
			c.Close(fmt.Errorf("probe answered by %q", f.Payload))
			return used
		}
		p.polling.leaving = true
		p.polling.leave()
	}
	return used
}

func (p *prober) Writable(*eventloop.Conn) bool { return false }

// Ended is no matter while the page goes on polling.
func (p *prober) Ended(_ *eventloop.Conn, err error) {
	if p.polling.leaving {
		p.polling.engine.Conn.Close(err)
	}
}

// response is the body of an answer that is there as a whole, and its bytes with the head.
func response(data []byte) (body []byte, used int, err error) {
	end := bytes.Index(data, []byte("\r\n\r\n"))
	if end < 0 {
		return nil, 0, nil
	}
	length, err := strconv.Atoi(wire.Header(data[:end+2], "content-length"))
	if err != nil || !bytes.HasPrefix(data, []byte("HTTP/1.1 200 ")) {
		return nil, len(data), fmt.Errorf("unexpected response: %.200q", data)
	}
	if used = end + 4 + length; len(data) < used {
		return nil, 0, nil
	}
	return data[end+4 : used], used, nil
}
