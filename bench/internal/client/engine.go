package client

import (
	"bytes"
	"fmt"
	"time"

	"dev.holdfast/bench/internal/eventloop"
	"dev.holdfast/bench/internal/wire"
)

// Engine is one Engine.IO connection of a page, as engine.io-client's Socket.
type Engine struct {
	page     *Page
	Conn     *eventloop.Conn
	Polling  *Polling // nil over WebSocket
	rest     int      // bytes that the connection keeps for the next input
	upgraded bool
	open     bool     // the handshake is done
	waiting  [][]byte // packets written before that
	heard    time.Time
	patience time.Duration // without a packet of the server
	Cut      *Cut
}

func (p *Page) newEngine() *Engine {
	e := &Engine{page: p, heard: time.Now()}
	if p.Carrier != overWebSocket {
		e.Polling = &Polling{engine: e}
	}
	e.Conn = p.Loop.Dial(p.Address, e)
	return e
}

// Opened implements eventloop.Peer.
func (e *Engine) Opened(c *eventloop.Conn) {
	if e.Polling != nil {
		e.Polling.get(c)
		return
	}
	c.Send(UpgradeRequest(e.page.Address, e.page.Browser))
}

// Writable implements eventloop.Peer.
func (e *Engine) Writable(*eventloop.Conn) bool { return false }

// Ended implements eventloop.Peer.
func (e *Engine) Ended(_ *eventloop.Conn, err error) {
	e.alone()
	e.page.engineLost(e, err)
}

// alone closes what there is beside the engine's own connection.
func (e *Engine) alone() {
	if e.Polling != nil {
		e.Polling.close()
	}
}

// Input takes what has come, up to where the connection is to be cut.
func (e *Engine) Input(c *eventloop.Conn, data []byte) int {
	ends := false
	if cut := e.Cut; cut != nil && !cut.upwards {
		fresh := len(data) - e.rest
		if ends = fresh >= cut.after; ends {
			data = data[:e.rest+cut.after]
		} else {
			cut.after -= fresh
		}
	}
	used := e.frames(c, data)
	e.rest = len(data) - used
	if ends && e.Cut != nil {
		e.cutNow(true)
	}
	return used
}

func (e *Engine) frames(c *eventloop.Conn, data []byte) int {
	if e.Polling != nil {
		return e.Polling.answered(c, data)
	}
	used := 0
	if !e.upgraded {
		if used = upgradedBy(c, data); used == 0 || c.Closed {
			return used
		}
		e.upgraded = true
	}
	for !c.Closed && !c.Silent {
		f := wire.NextFrame(data[used:])
		if f.Size == 0 {
			break
		}
		used += f.Size
		if err := e.frame(f); err != nil {
			c.Close(err)
		}
	}
	return used
}

func (e *Engine) frame(f wire.Frame) error {
	e.heard = time.Now()
	switch {
	case f.Op == wire.OpPing:
		e.Conn.Send(wire.AppendFrame(nil, wire.OpPong, true, f.Payload))
	case f.Op == wire.OpClose:
		return fmt.Errorf("closed by the server: %q", f.Payload)
	case f.Op != wire.OpText || len(f.Payload) == 0:
		return fmt.Errorf("unexpected frame, opcode %d, %d bytes", f.Op, len(f.Payload))
	default:
		return e.packet(f.Payload)
	}
	return nil
}

// packet takes an Engine.IO packet, which is not empty.
func (e *Engine) packet(packet []byte) error {
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
func (e *Engine) handshaken(packet []byte) error {
	var interval, timeout int
	if _, err := fmt.Sscanf(After(packet, `"pingInterval":`), "%d", &interval); err != nil {
		return fmt.Errorf("no ping interval in %q", packet)
	}
	if _, err := fmt.Sscanf(After(packet, `"pingTimeout":`), "%d", &timeout); err != nil {
		return fmt.Errorf("no ping timeout in %q", packet)
	}
	e.patience = time.Duration(interval+timeout) * time.Millisecond
	e.open = true
	if e.Polling != nil {
		e.Polling.sid = wire.Member(string(packet), "sid")
	}
	waiting := append(e.waiting, e.page.connectPacket())
	e.waiting = nil
	for _, packet := range waiting {
		e.write(packet)
	}
	e.listen(e.patience)
	if e.page.Carrier == byUpgrade {
		e.Polling.upgrade()
	}
	return nil
}

// listen closes the connection when the server has been silent for too long.
func (e *Engine) listen(wait time.Duration) {
	e.page.Loop.After(wait, func() {
		silent := time.Since(e.heard)
		switch {
		case e.Conn.Closed || e.Conn.Silent:
		case silent >= e.patience:
			e.Conn.Close(fmt.Errorf("ping timeout"))
		default:
			e.listen(e.patience - silent)
		}
	})
}

// Send writes a packet, keeps it while the connection is being opened, and drops it when that is over.
func (e *Engine) Send(packet []byte) {
	switch {
	case e.Conn.Closed || e.Conn.Silent:
	case !e.open:
		e.waiting = append(e.waiting, packet)
	default:
		e.write(packet)
	}
}

func (e *Engine) write(packet []byte) {
	if e.Polling != nil {
		e.Polling.write(packet)
		return
	}
	frame := wire.AppendFrame(nil, wire.OpText, true, packet)
	if cut := e.Cut; cut != nil && cut.upwards {
		e.Conn.Send(frame[:cut.after%len(frame)])
		e.cutNow(true)
		return
	}
	e.Conn.Send(frame)
}

// After is what follows the first occurrence of a text.
func After(packet []byte, text string) string {
	_, rest, _ := bytes.Cut(packet, []byte(text))
	return string(rest)
}
