package main

import (
	"bytes"
	"fmt"
	"time"
)

// exchange is what a session does again and again: what it sends, and what has to come how often.
type exchange struct {
	request, event []byte
	count          int
}

// streamed has the upstream send that many events.
func streamed(size, count int) exchange {
	request := fmt.Sprintf(`42["stream",%d,%d]`, size, count)
	return exchange{appendFrame(nil, opText, true, []byte(request)), event("s", size), count}
}

// echoed sends that many events, which come back.
func echoed(size, count int) exchange {
	sent := event("p", size)
	return exchange{bytes.Repeat(appendFrame(nil, opText, true, sent), count), sent, count}
}

// inStep has each session of the first half of the crowd, and that of the same place in the second half, do the same
// rounds: neither begins one before both have done the last, and none when that many events are on their way or there. So
// both halves get the same number of events, which is returned, whichever is faster. They take turns in who sends first.
func (w *crowd) inStep(x exchange, events int) (int, error) {
	half := len(w.sessions) / 2
	rounds, idle := 0, 0
	for i := 0; i < half; i++ {
		two := [2]*session{w.sessions[i], w.sessions[half+i]}
		var left [2]int
		begin := func() {
			rounds++
			left = [2]int{x.count, x.count}
			for k := range two {
				two[(k+rounds)%2].conn.send(x.request)
			}
		}
		for k := range two {
			mine := &left[k]
			two[k].packet = func(_ *session, packet []byte) {
				if *mine--; *mine < 0 || !carries(packet, x.event) {
					w.fail(fmt.Errorf("unexpected event %.80q, %d bytes, with %d to come", packet, len(packet), *mine+1))
				}
				switch {
				case left != [2]int{}:
				case rounds*x.count < events:
					begin()
				default:
					idle++
				}
			}
		}
		begin()
	}
	err := w.run(inStepLimit, func() bool { return idle == half })
	if err == nil && idle < half {
		err = fmt.Errorf("%d of %d sessions still wait for events after %v", half-idle, half, inStepLimit)
	}
	if err == nil {
		err = w.run(50*time.Millisecond, never) // for surplus
	}
	return rounds * x.count, err
}

// inStepLimit is for a machine that does much else.
const inStepLimit = 10 * time.Minute
