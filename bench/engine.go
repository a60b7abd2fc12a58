package main

import (
	"bytes"
	"fmt"
	"time"
)

// engine is one Engine.IO connection of a page, as engine.io-client's Socket.
type engine struct {
	page     *page
	conn     *conn
	polling  *polling // nil over WebSocket
	rest     int      // bytes that the connection keeps for the next input
	upgraded bool
	open     bool     // the handshake is done
	waiting  [][]byte // packets written before that
	heard    time.Time
	patience time.Duration // without a packet of the server
	cut      *cut
}

func (p *page) newEngine() *engine {
	e := &engine{page: p, heard: time.Now()}
	if p.carrier != overWebSocket {
		e.polling = &polling{engine: e}
	}
	e.conn = p.loop.dial(p.address, e)
	return e
}

func (e *engine) opened(c *conn) {
	if e.polling != nil {
		e.polling.get(c)
		return
	}
	c.send(upgradeRequest(e.page.address, e.page.browser))
}

func (e *engine) writable(*conn) bool { return false }

func (e *engine) ended(_ *conn, err error) {
	e.alone()
	e.page.engineLost(e, err)
}

// alone closes what there is beside the engine's own connection.
func (e *engine) alone() {
	if e.polling != nil {
		e.polling.close()
	}
}

// input takes what has come, up to where the connection is to be cut.
func (e *engine) input(c *conn, data []byte) int {
	ends := false
	if cut := e.cut; cut != nil && !cut.upwards {
		fresh := len(data) - e.rest
		if ends = fresh >= cut.after; ends {
			data = data[:e.rest+cut.after]
		} else {
			cut.after -= fresh
		}
	}
	used := e.frames(c, data)
	e.rest = len(data) - used
	if ends && e.cut != nil {
		e.cutNow(true)
	}
	return used
}

func (e *engine) frames(c *conn, data []byte) int {
	if e.polling != nil {
		return e.polling.answered(c, data)
	}
	used := 0
	if !e.upgraded {
		if used = upgradedBy(c, data); used == 0 || c.closed {
			return used
		}
		e.upgraded = true
	}
	for !c.closed && !c.silent {
		f := nextFrame(data[used:])
		if f.size == 0 {
			break
		}
		used += f.size
		if err := e.frame(f); err != nil {
			c.close(err)
		}
	}
	return used
}

func (e *engine) frame(f frame) error {
	e.heard = time.Now()
	switch {
	case f.op == opPing:
		e.conn.send(appendFrame(nil, opPong, true, f.payload))
	case f.op == opClose:
		return fmt.Errorf("closed by the server: %q", f.payload)
	case f.op != opText || len(f.payload) == 0:
		return fmt.Errorf("unexpected frame, opcode %d, %d bytes", f.op, len(f.payload))
	default:
		return e.packet(f.payload)
	}
	return nil
}

// packet takes an Engine.IO packet, which is not empty.
func (e *engine) packet(packet []byte) error {
	e.heard = time.Now()
	switch packet[0] {
	case '0':
		return e.handshaken(packet[1:])
	case '1':
		return fmt.Errorf("closed by a packet of the server")
	case '2':
		e.write([]byte("3"))
	case '4':
		return e.page.message(e, packet[1:])
	}
	return nil
}

// handshaken flushes what was written while the connection was being opened, and CONNECT after it.
func (e *engine) handshaken(packet []byte) error {
	var interval, timeout int
	if _, err := fmt.Sscanf(after(packet, `"pingInterval":`), "%d", &interval); err != nil {
		return fmt.Errorf("no ping interval in %q", packet)
	}
	if _, err := fmt.Sscanf(after(packet, `"pingTimeout":`), "%d", &timeout); err != nil {
		return fmt.Errorf("no ping timeout in %q", packet)
	}
	e.patience = time.Duration(interval+timeout) * time.Millisecond
	e.open = true
	if e.polling != nil {
		e.polling.sid = member(string(packet), "sid")
	}
	waiting := append(e.waiting, e.page.connectPacket())
	e.waiting = nil
	for _, packet := range waiting {
		e.write(packet)
	}
	e.listen(e.patience)
	if e.page.carrier == byUpgrade {
		e.polling.upgrade()
	}
	return nil
}

// listen closes the connection when the server has been silent for too long.
func (e *engine) listen(wait time.Duration) {
	e.page.loop.after(wait, func() {
		silent := time.Since(e.heard)
		switch {
		case e.conn.closed || e.conn.silent:
		case silent >= e.patience:
			e.conn.close(fmt.Errorf("ping timeout"))
		default:
			e.listen(e.patience - silent)
		}
	})
}

// send writes a packet, keeps it while the connection is being opened, and drops it when that is over.
func (e *engine) send(packet []byte) {
	switch {
	case e.conn.closed || e.conn.silent:
	case !e.open:
		e.waiting = append(e.waiting, packet)
	default:
		e.write(packet)
	}
}

func (e *engine) write(packet []byte) {
	if e.polling != nil {
		e.polling.write(packet)
		return
	}
	frame := appendFrame(nil, opText, true, packet)
	if cut := e.cut; cut != nil && cut.upwards {
		e.conn.send(frame[:cut.after%len(frame)])
		e.cutNow(true)
		return
	}
	e.conn.send(frame)
}

// after is what follows the first occurrence of a text.
func after(packet []byte, text string) string {
	_, rest, _ := bytes.Cut(packet, []byte(text))
	return string(rest)
}
