package main

import (
	"math/rand"
	"time"
)

// The ways in which a page loses its connection.
const (
	byReset   = iota // RST
	byEnd            // FIN
	bySilence        // nothing is told to the other side
	waysToEnd
)

const (
	cutLimit = 16 << 10        // bytes within which a byte-counting cut falls
	cutWait  = 1 * time.Second // after which it is made without them
	deafFor  = 60 * time.Second
)

// cut ends a page's connection after that many bytes, wherever in a frame or a burst that is: a relay
// that counts bytes, between the page and its socket. Upwards it lets a part of the page's next frame out.
type cut struct {
	way     int
	after   int
	upwards bool
	then    func(within bool)
}

// randomCut is at once, or after some bytes down, or within the next frame up.
func randomCut(random *rand.Rand) cut {
	c := cut{way: random.Intn(waysToEnd)}
	switch random.Intn(4) {
	case 0:
	case 1:
		c.upwards, c.after = true, random.Intn(1<<10)
	default:
		c.after = 1 + random.Intn(1+random.Intn(cutLimit))
	}
	return c
}

func (c cut) String() string {
	text := [waysToEnd]string{"RST", "FIN", "silence"}[c.way]
	switch {
	case c.upwards:
		return text + " within a frame up"
	case c.after > 0:
		return text + " after some bytes"
	default:
		return text
	}
}

// lose cuts the page's connection, or will when the bytes for it come; it comes back that long after.
// made hears whether it fell within what was being sent.
func (p *page) lose(c cut, offline time.Duration, made func(within bool)) {
	e := p.engine
	c.then = func(within bool) {
		made(within)
		p.connected = false
		p.redialIn(offline)
	}
	e.cut = &c
	if c.after == 0 && !c.upwards {
		e.cutNow(false)
		return
	}
	p.loop.after(cutWait, func() {
		if e.cut != nil {
			e.cutNow(false)
		}
	})
}

// cutNow ends the connection; the page knows at once, as one does that is told by its device.
func (e *engine) cutNow(within bool) {
	cut := e.cut
	e.cut = nil
	if e.conn.closed || e.conn.silent {
		return
	}
	e.alone()
	if cut.way == byReset {
		e.conn.peer = deaf{}
		e.conn.reset()
	} else {
		e.conn.abandon(cut.way == byEnd)
		e.page.loop.after(deafFor, func() { e.conn.close(nil) })
	}
	if e == e.page.engine {
		cut.then(within)
	}
}
