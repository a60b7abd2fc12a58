package main

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"time"
)

const (
	openAtOnce  = 64
	openLimit   = 60 * time.Second
	settleLimit = 60 * time.Second
	lateAnswers = 4                      // one call in so many is answered late …
	lateBy      = 2 * time.Second        // … by up to that much
	steadyFor   = 500 * time.Millisecond // before a scenario begins: the first answers are confirmed
)

// audience is all pages of a scenario with the ledger of what they were sent, on one thread.
type audience struct {
	loop    *loop
	pages   []*page
	ledger  *ledger
	source  *source
	random  *rand.Rand
	begun   bool
	late    bool            // some calls are answered late
	joined  []joining       // CONNECT packets that the upstream saw
	notes   map[string]int  // events of clients that the upstream saw, by client and number
	arrived func(*page)     // a CONNECT packet of the server; may be nil
	leaving func(*page)     // the page opens a connection; may be nil
	latency []time.Duration // from command to handler, of pages that are timed
	timed   func(*page) bool
}

// joining is a CONNECT packet as the upstream saw it.
type joining struct {
	client int
	at     time.Time
}

func newAudience(source *source, address string, browser bool, clients int, seed int64) *audience {
	w := &audience{loop: newLoop(), ledger: newLedger(clients), source: source,
		random: rand.New(rand.NewSource(seed)), notes: map[string]int{}}
	for i := 0; i < clients; i++ {
		w.pages = append(w.pages, &page{number: i, address: address, browser: browser, loop: w.loop,
			random: rand.New(rand.NewSource(seed + int64(i) + 1)), watcher: w})
	}
	return w
}

// open connects all pages, some at a time.
func (w *audience) open() error {
	deadline, next := time.Now().Add(openLimit), 0
	for {
		connected := 0
		for _, p := range w.pages[:next] {
			if p.connected {
				connected++
			}
		}
		if connected == len(w.pages) {
			w.begun = true
			w.run(steadyFor, never)
			return nil
		}
		for ; next < len(w.pages) && next-connected < openAtOnce; next++ {
			w.pages[next].dial()
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%d of %d pages were connected after %v", connected, len(w.pages), openLimit)
		}
		w.poll(100 * time.Millisecond)
	}
}

// run goes on for that long, or until it is done; true if it is.
func (w *audience) run(length time.Duration, done func() bool) bool {
	for end := time.Now().Add(length); !done(); {
		left := time.Until(end)
		if left <= 0 {
			return false
		}
		w.poll(min(left, 20*time.Millisecond))
	}
	return true
}

func (w *audience) poll(wait time.Duration) {
	w.loop.poll(wait)
	for _, r := range w.source.take() {
		w.hear(r)
	}
}

// hear takes a line of the upstream.
func (w *audience) hear(r report) {
	switch {
	case r.word == "joined" && len(r.numbers) == 2:
		w.joined = append(w.joined, joining{r.numbers[0], time.UnixMicro(int64(r.numbers[1]))})
	case r.word == "answer" && len(r.numbers) == 3:
		w.ledger.answered(r.numbers[0], r.numbers[1], r.numbers[2])
	case r.word == "note" && len(r.numbers) == 2:
		w.notes[fmt.Sprint(r.numbers)]++
	}
}

// emit makes the upstream send these events, those for one client in one go.
func (w *audience) emit(plans []plan) {
	var commands strings.Builder
	for _, p := range plans {
		commands.WriteString(w.ledger.accounts[p.client].send(p.kind, p.size).command(p.client))
	}
	if commands.Len() > 0 {
		w.source.say(commands.String())
	}
}

// follow emits the schedule at its times until it is through.
func (w *audience) follow(plans []plan, each func()) {
	began := time.Now()
	for len(plans) > 0 {
		due := 0
		for due < len(plans) && time.Since(began) >= plans[due].at {
			due++
		}
		w.emit(plans[:due])
		plans = plans[due:]
		each()
		w.poll(5 * time.Millisecond)
	}
}

// settle waits until nothing is missing, or all pages are connected and nothing has come for that long.
func (w *audience) settle(quiet time.Duration) {
	deadline := time.Now().Add(settleLimit)
	for before := -1; !w.ledger.settled() && time.Now().Before(deadline); {
		now := w.ledger.count()
		if now == before && !slices.ContainsFunc(w.pages, func(p *page) bool { return !p.connected }) {
			return
		}
		before = now
		w.run(quiet, w.ledger.settled)
	}
	w.run(steadyFor, never) // what comes too often
}

func (w *audience) close() {
	for _, p := range w.pages {
		p.stop()
	}
	for _, c := range w.loop.conns {
		if c != nil {
			c.close(nil)
		}
	}
	w.loop.release()
}

func (w *audience) account(p *page) *account { return w.ledger.accounts[p.number] }

func (w *audience) dials(p *page) {
	a := w.account(p)
	a.note("dials, pid %q, offset %q", p.pid, p.offset)
	if w.begun {
		a.comesBack()
	}
	if w.leaving != nil {
		w.leaving(p)
	}
}

func (w *audience) connected(p *page, recovered bool) {
	a := w.account(p)
	a.note("CONNECT answered: sid %s, pid %s, recovered %v", p.sid, p.pid, recovered)
	switch {
	case !w.begun:
	case recovered:
		a.resumed++
	default:
		a.refused++
		a.back = nil // nothing is replayed to a fresh session
	}
	if w.arrived != nil {
		w.arrived(p)
	}
}

func (w *audience) lost(p *page, err error) {
	a := w.account(p)
	a.note("connection lost: %v", err)
	if w.begun {
		a.closed = append(a.closed, a.log[len(a.log)-1])
	}
}

// event answers calls, most of them at once, others when the page may have another connection or none.
func (w *audience) event(p *page, r received, answer func(int)) {
	a := w.account(p)
	if !a.receive(r) {
		return
	}
	if w.timed != nil && w.timed(p) {
		w.latency = append(w.latency, time.Since(a.events[r.n].sent))
	}
	switch {
	case r.id < 0:
	case !w.late || p.random.Intn(lateAnswers) > 0:
		answer(r.n)
	default:
		w.loop.after(time.Duration(p.random.Int63n(int64(lateBy))), func() {
			a.note("answers call %d late", r.n)
			answer(r.n)
		})
	}
}

// busiestSecond is the largest number of connections within any second.
func busiestSecond(all []joining) int {
	slices.SortFunc(all, func(a, b joining) int { return a.at.Compare(b.at) })
	most, first := 0, 0
	for i := range all {
		for all[i].at.Sub(all[first].at) >= time.Second {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}
