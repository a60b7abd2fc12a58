package client

import (
	"math/rand"
	"time"

	"dev.holdfast/bench/internal/eventloop"
)

// The ways in which a page loses its connection.
const (
	ByReset   = iota // RST
	ByEnd            // FIN
	BySilence        // nothing is told to the other side
	waysToEnd
)

const (
	cutLimit = 16 << 10        // bytes within which a byte-counting cut falls
	CutWait  = 1 * time.Second // after which it is made without them
	deafFor  = 60 * time.Second
)

// Cut ends a page's connection after that many bytes, wherever in a frame or a burst that is: a relay
// that counts bytes, between the page and its socket. Upwards it lets a part of the page's next frame out.
type Cut struct {
	Way     int
	after   int
	upwards bool
	then    func(within bool)
}

// RandomCut is at once, or after some bytes down, or within the next frame up.
func RandomCut(random *rand.Rand) Cut {
	c := Cut{Way: random.Intn(waysToEnd)}
	switch random.Intn(4) {
	case 0:
	case 1:
		c.upwards, c.after = true, random.Intn(1<<10)
	default:
		c.after = 1 + random.Intn(1+random.Intn(cutLimit))
	}
	return c
}

func (c Cut) String() string {
	text := [waysToEnd]string{"RST", "FIN", "silence"}[c.Way]
	switch {
	case c.upwards:
		return text + " within a frame up"
	case c.after > 0:
		return text + " after some bytes"
	default:
		return text
	}
}

// Lose cuts the page's connection, or will when the bytes for it come; it comes back that long after.
// made hears whether it fell within what was being sent.
func (p *Page) Lose(c Cut, offline time.Duration, made func(within bool)) {
	e := p.Engine
	c.then = func(within bool) {
		made(within)
		p.Connected = false
		p.redialIn(offline)
	}
	e.Cut = &c
	if c.after == 0 && !c.upwards {
		e.cutNow(false)
		return
	}
	p.Loop.After(CutWait, func() {
		if e.Cut != nil {
			e.cutNow(false)
		}
	})
}

// cutNow ends the connection; the page knows at once, as one does that is told by its device.
func (e *Engine) cutNow(within bool) {
	cut := e.Cut
	e.Cut = nil
	if e.Conn.Closed || e.Conn.Silent {
		return
	}
	e.alone()
	if cut.Way == ByReset {
		e.Conn.Peer = eventloop.Deaf{}
		e.Conn.Reset()
	} else {
		e.Conn.Abandon(cut.Way == ByEnd)
		e.page.Loop.After(deafFor, func() { e.Conn.Close(nil) })
	}
	if e == e.page.Engine {
		cut.then(within)
	}
}
