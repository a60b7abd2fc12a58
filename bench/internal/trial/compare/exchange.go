package compare

import (
	"bytes"
	"fmt"
	"time"

	"dev.holdfast/bench/internal/client"
	"dev.holdfast/bench/internal/eventloop"
	"dev.holdfast/bench/internal/trial/cells"
	"dev.holdfast/bench/internal/wire"
)

// exchange is what a session does again and again: what it sends, and what has to come how often.
type exchange struct {
	request, event []byte
	count          int
}

// streamed has the upstream send that many events.
func streamed(size, count int) exchange {
	request := fmt.Sprintf(`42["stream",%d,%d]`, size, count)
	return exchange{wire.AppendFrame(nil, wire.OpText, true, []byte(request)), wire.Event("s", size), count}
}

// echoed sends that many events, which come back.
func echoed(size, count int) exchange {
	sent := wire.Event("p", size)
	return exchange{bytes.Repeat(wire.AppendFrame(nil, wire.OpText, true, sent), count), sent, count}
}

// paced is a load that two sides take at the same pace: that many events or a few more, which are returned, of each side.
type paced func(w *client.Crowd, sides [2]string, events int) (int, error)

// exchanged has the sessions of a crowd, of which each side has half, do the same.
func exchanged(x exchange) paced {
	return func(w *client.Crowd, _ [2]string, events int) (int, error) { return inStep(w, x, events) }
}

// steps counts the rounds that lanes do until that many events are on their way or there.
type steps struct {
	crowd                *client.Crowd
	lanes, perRound      int
	events, rounds, idle int
}

// next has a lane do another round, or none any more.
func (s *steps) next(begin func(round int)) {
	if s.rounds*s.perRound < s.events || s.rounds < s.lanes {
		s.rounds++
		begin(s.rounds)
	} else {
		s.idle++
	}
}

// await waits until all lanes are done; it returns the events.
func (s *steps) await() (int, error) {
	err := s.crowd.Run(inStepLimit, func() bool { return s.idle == s.lanes })
	if err == nil && s.idle < s.lanes {
		err = fmt.Errorf("%d of %d still wait after %v", s.lanes-s.idle, s.lanes, inStepLimit)
	}
	if err == nil {
		err = s.crowd.Run(50*time.Millisecond, eventloop.Never) // for surplus
	}
	return s.rounds * s.perRound, err
}

// inStep has each session of the first half of the crowd, and that of the same place in the second half, do the same
// rounds: neither begins one before both have done the last, and none when that many events are on their way or there. So
// both halves get the same number of events, which is returned, whichever is faster. They take turns in who sends first.
func inStep(w *client.Crowd, x exchange, events int) (int, error) {
	half := len(w.Sessions) / 2
	all := &steps{crowd: w, lanes: half, perRound: x.count, events: events}
	for i := 0; i < half; i++ {
		two := [2]*client.Session{w.Sessions[i], w.Sessions[half+i]}
		var left [2]int
		begin := func(round int) {
			left = [2]int{x.count, x.count}
			for k := range two {
				two[(k+round)%2].Conn.Send(x.request)
			}
		}
		for k := range two {
			mine := &left[k]
			two[k].Packet = func(_ *client.Session, packet []byte) {
				if *mine--; *mine < 0 || !client.Carries(packet, x.event) {
					w.Fail(fmt.Errorf("unexpected event %.80q, %d bytes, with %d to come", packet, len(packet), *mine+1))
				}
				if left == [2]int{} {
					all.next(begin)
				}
			}
		}
		all.next(begin)
	}
	return all.await()
}

// openedInStep opens sessions up to the answer to CONNECT, and disconnects those of both sides when both are open. How many
// sessions are parked, and for how long, is a matter of limits and not of speed.
func openedInStep(w *client.Crowd, sides [2]string, sessions int) (int, error) {
	all := &steps{crowd: w, lanes: openers, perRound: 1, events: sessions}
	for i := 0; i < openers; i++ {
		var begin func(round int)
		begin = func(round int) {
			var open []*client.Session
			for k := range sides {
				w.Address = sides[(k+round)%2]
				w.Dial(func(s *client.Session) {
					if open = append(open, s); len(open) == len(sides) {
						open[0].Leave()
						open[1].Leave()
						all.next(begin)
					}
				})
			}
		}
		all.next(begin)
	}
	return all.await()
}

// askedInStep asks for a small response on kept connections, again when both sides have answered.
func askedInStep(w *client.Crowd, sides [2]string, requests int) (int, error) {
	all := &steps{crowd: w, lanes: askers, perRound: 1, events: requests}
	var open []*eventloop.Conn
	defer func() {
		for _, c := range open {
			c.Close(nil)
		}
	}()
	for i := 0; i < askers; i++ {
		var begin func(round int)
		var two []*eventloop.Conn
		waiting, bytes := len(sides), 0
		answered := func(*eventloop.Conn) {
			if waiting--; waiting == 0 {
				all.next(begin)
			}
		}
		for _, side := range sides {
			r := &cells.Requester{Request: wire.Get(side, "/small"), Bytes: &bytes, Done: answered, Failed: w.Fail}
			two = append(two, w.Loop.Dial(side, r)) // which asks for the first time
		}
		begin = func(round int) {
			waiting = len(sides)
			for k := range two {
				c := two[(k+round)%2]
				c.Peer.(*cells.Requester).Ask(c)
			}
		}
		open = append(open, two...)
		all.rounds++
	}
	return all.await()
}

// Sessions that are being opened, and connections that requests take turns on, of each side.
const (
	openers = 32
	askers  = 50
)

// inStepLimit is for a machine that does much else.
const inStepLimit = 10 * time.Minute
