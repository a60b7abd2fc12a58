package main

import (
	"bytes"
	"fmt"
	"strconv"
)

// The ways in which a page's packets travel.
const (
	overWebSocket = iota
	overPolling
	byUpgrade // polling first, and then a WebSocket in its place
	carriers
)

const packetSeparator = "\x1e"

// polling carries an engine by requests: a GET waits on the engine's own connection, POSTs go on another one, one at a time.
type polling struct {
	engine  *engine
	sid     string
	post    *conn
	posting bool
	waiting [][]byte // packets for the next POST, or for the WebSocket
	getting bool
	next    *conn // a WebSocket that is about to take over
	leaving bool  // it may, as soon as no request is under way
	asked   int   // requests so far, of which each says its number, as clients do
}

func (p *polling) request(method, body string) []byte {
	page, sid := p.engine.page, ""
	if p.sid != "" {
		sid = "&sid=" + p.sid
	}
	p.asked++
	head := method + " " + socketPath + "?EIO=4&transport=polling&t=" + strconv.Itoa(p.asked) + sid + " HTTP/1.1\r\nHost: " + page.address + "\r\n"
	head += clientHeaders(page.address, page.browser)
	if method == "POST" {
		head += "Content-Type: text/plain;charset=UTF-8\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n"
	}
	return []byte(head + "\r\n" + body)
}

func (p *polling) get(c *conn) {
	p.getting = true
	c.send(p.request("GET", ""))
}

// answered takes the answer to a GET, if it is there, and asks again; the bytes used.
func (p *polling) answered(c *conn, data []byte) int {
	body, used, err := response(data)
	if err != nil {
		c.close(err)
	}
	if used == 0 || err != nil {
		return used
	}
	p.getting = false
	for _, packet := range bytes.Split(body, []byte(packetSeparator)) {
		if c.closed || c.silent || len(packet) == 0 {
			return used
		}
		if err := p.engine.packet(packet); err != nil {
			c.close(err)
			return used
		}
	}
	switch {
	case c.closed || c.silent:
	case p.leaving:
		p.leave()
	default:
		p.get(c)
	}
	return used
}

// write posts a packet behind those that are under way.
func (p *polling) write(packet []byte) {
	p.waiting = append(p.waiting, bytes.Clone(packet))
	p.flush()
}

func (p *polling) flush() {
	if p.posting || p.leaving || len(p.waiting) == 0 {
		return
	}
	if p.post == nil || p.post.closed {
		p.post = p.engine.page.loop.dial(p.engine.page.address, (*poster)(p))
		return
	}
	if p.post.dialing {
		return
	}
	p.posting = true
	body := bytes.Join(p.waiting, []byte(packetSeparator))
	p.waiting = nil
	p.post.send(p.request("POST", string(body)))
}

// upgrade opens a WebSocket for the session beside it.
func (p *polling) upgrade() {
	p.next = p.engine.page.loop.dial(p.engine.page.address, &prober{polling: p})
}

// leave gives the session to the WebSocket when no request is under way.
func (p *polling) leave() {
	if p.getting || p.posting {
		return
	}
	e, c := p.engine, p.next
	before := e.conn
	e.conn, e.polling, e.rest, e.upgraded = c, nil, 0, true
	c.peer = e
	before.peer = deaf{}
	before.close(nil)
	p.close()
	e.write([]byte("5"))
	for _, packet := range p.waiting {
		e.write(packet)
	}
}

// close ends the connections that are not the engine's.
func (p *polling) close() {
	for _, c := range []*conn{p.post, p.next} {
		if c != nil && c != p.engine.conn {
			c.peer = deaf{}
			c.close(nil)
		}
	}
}

// poster is the peer of the connection for POSTs.
type poster polling

func (p *poster) opened(*conn)        { (*polling)(p).flush() }
func (p *poster) writable(*conn) bool { return false }

func (p *poster) input(c *conn, data []byte) int {
	_, used, err := response(data)
	if err != nil {
		c.close(err)
	}
	if used > 0 && err == nil {
		p.posting = false
		if p.leaving {
			(*polling)(p).leave()
		} else {
			(*polling)(p).flush()
		}
	}
	return used
}

// ended is nothing between two POSTs; one that got no answer ends the engine, as the client does it.
func (p *poster) ended(_ *conn, err error) {
	if p.posting || len(p.waiting) > 0 {
		p.engine.conn.close(fmt.Errorf("POST: %w", err))
	}
}

// prober is the peer of a WebSocket that asks whether it may take over.
type prober struct {
	polling  *polling
	upgraded bool
}

func (p *prober) opened(c *conn) {
	page := p.polling.engine.page
	request := upgradeRequest(page.address, page.browser)
	c.send(bytes.Replace(request, []byte("transport=websocket"), []byte("transport=websocket&sid="+p.polling.sid), 1))
}

func (p *prober) input(c *conn, data []byte) int {
	used := 0
	if !p.upgraded {
		if used = upgradedBy(c, data); used == 0 || c.closed {
			return used
		}
		p.upgraded = true
		c.send(appendFrame(nil, opText, true, []byte("2probe")))
	}
	if f := nextFrame(data[used:]); f.size > 0 {
		used += f.size
		if string(f.payload) != "3probe" {
			c.close(fmt.Errorf("probe answered by %q", f.payload))
			return used
		}
		p.polling.leaving = true
		p.polling.leave()
	}
	return used
}

func (p *prober) writable(*conn) bool { return false }

// ended is no matter while the page goes on polling.
func (p *prober) ended(_ *conn, err error) {
	if p.polling.leaving {
		p.polling.engine.conn.close(err)
	}
}

// response is the body of an answer that is there as a whole, and its bytes with the head.
func response(data []byte) (body []byte, used int, err error) {
	end := bytes.Index(data, []byte("\r\n\r\n"))
	if end < 0 {
		return nil, 0, nil
	}
	length, err := strconv.Atoi(header(data[:end+2], "content-length"))
	if err != nil || !bytes.HasPrefix(data, []byte("HTTP/1.1 200 ")) {
		return nil, len(data), fmt.Errorf("unexpected response: %.200q", data)
	}
	if used = end + 4 + length; len(data) < used {
		return nil, 0, nil
	}
	return data[end+4 : used], used, nil
}
