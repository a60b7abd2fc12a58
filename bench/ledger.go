package main

import (
	"fmt"
	"slices"
	"time"
)

// ledger holds what each client was sent against what it received and answered.
type ledger struct {
	began    time.Time
	accounts []*account
	crossed  int // answers that reached another call, or none
}

// account is one client's part of it.
type account struct {
	client    int
	events    []entry
	highest   int // event received
	reordered int
	damaged   int
	strange   int // events that are none of ours
	cuts      int
	within    int          // cuts that fell within what was being sent
	repeating map[int]bool // cuts after which ack-less events came again; true: within what was being sent
	inside    bool         // the last cut was such a one
	closed    []line       // connections that it did not cut itself
	resumed   int
	refused   int // came back and was given a fresh session
	back      *comeback
	replays   []time.Duration
	log       []line
}

// entry is one event: when it was sent, how often it came, and how often its answer did if it is a call.
type entry struct {
	numbered
	sent     time.Time
	seen     int
	answered int
}

// comeback is a client that is there again and waits for what it missed.
type comeback struct {
	at     time.Time
	missed map[int]bool
	took   time.Duration // until the last of them that has come
}

// line is one thing that happened to a client, for the report of what went wrong.
type line struct {
	at   time.Time
	text string
}

func newLedger(clients int) *ledger {
	l := &ledger{began: time.Now()}
	for i := 0; i < clients; i++ {
		l.accounts = append(l.accounts, &account{client: i, highest: -1, repeating: map[int]bool{}})
	}
	return l
}

func (a *account) note(format string, values ...any) {
	a.log = append(a.log, line{time.Now(), fmt.Sprintf(format, values...)})
}

// send is the next event of the client; its number is the count of those before.
func (a *account) send(kind byte, size int) numbered {
	e := numbered{n: len(a.events), kind: kind, size: size}
	a.events = append(a.events, entry{numbered: e, sent: time.Now()})
	return e
}

// receive is what the client's handler does; true if the event is one of ours.
func (a *account) receive(r received) bool {
	if r.name == markerName {
		return false
	}
	if r.name != eventName || r.n < 0 || r.n >= len(a.events) {
		a.strange++
		a.note("strange event %.80q", r.raw)
		return false
	}
	e := &a.events[r.n]
	if !r.is(e.numbered) || (r.id >= 0) != (e.kind == asksAnswer) {
		a.damaged++
		a.note("damaged event %d: %.80q", r.n, r.raw)
	}
	e.seen++
	switch {
	case e.seen > 1:
		a.note("event %d again", r.n)
		if e.kind != asksAnswer {
			a.repeating[a.cuts] = a.inside
		}
	case r.n < a.highest:
		a.reordered++
		a.note("event %d after %d", r.n, a.highest)
	default:
		a.note("event %d", r.n)
	}
	a.highest = max(a.highest, r.n)
	a.missing(r.n)
	return true
}

func (a *account) missing(n int) {
	if a.back != nil && a.back.missed[n] {
		delete(a.back.missed, n)
		a.back.took = time.Since(a.back.at)
	}
}

// goes ends the time in which what was missed may come.
func (a *account) goes() {
	if a.back != nil && a.back.took > 0 {
		a.replays = append(a.replays, a.back.took)
	}
	a.back = nil
}

// comesBack is the moment from which the client waits for what was sent while it was away.
func (a *account) comesBack() {
	if a.back != nil {
		return // it was refused and tries again
	}
	missed := map[int]bool{}
	for n := len(a.events) - 1; n >= 0; n-- {
		if a.events[n].seen == 0 {
			missed[n] = true
		}
	}
	if len(missed) > 0 {
		a.back = &comeback{at: time.Now(), missed: missed}
	}
}

// answered is what the upstream says of an answer to event n that speaks of event m.
func (l *ledger) answered(client, n, m int) {
	if client < 0 || client >= len(l.accounts) {
		return
	}
	a := l.accounts[client]
	if n != m || n < 0 || n >= len(a.events) {
		l.crossed++
		a.note("the call %d was answered by %d", n, m)
		return
	}
	a.events[n].answered++
	a.note("call %d is answered at the upstream", n)
}

// settled says that nothing is missing any more.
func (l *ledger) settled() bool {
	for _, a := range l.accounts {
		for i := range a.events {
			e := &a.events[i]
			if e.seen == 0 || e.kind == asksAnswer && e.answered == 0 {
				return false
			}
		}
	}
	return true
}

// count sums up all that came, to see whether anything still does.
func (l *ledger) count() int {
	total := 0
	for _, a := range l.accounts {
		for i := range a.events {
			total += a.events[i].seen + a.events[i].answered
		}
	}
	return total
}

// outcome is the sum over all clients.
type outcome struct {
	Expected  int     `json:"expected"`
	Received  int     `json:"received"`
	Lost      int     `json:"lost"`
	Repeated  int     `json:"repeated"`
	Reordered int     `json:"reordered"`
	Damaged   int     `json:"damaged"`
	Strange   int     `json:"strange"`
	Calls     int     `json:"calls"`
	Once      int     `json:"answeredOnce"`
	Never     int     `json:"answeredNever"`
	Twice     int     `json:"answeredTwice"`
	Crossed   int     `json:"crossedAnswers"`
	Again     int     `json:"callsAskedAgain"`
	Cuts      int     `json:"cuts"`
	Within    int     `json:"cutsWithinAWrite"`
	Repeating int     `json:"cutsThatRepeated"`
	Between   int     `json:"cutsBetweenWritesThatRepeated"`
	Resumed   int     `json:"resumed"`
	Refused   int     `json:"refused"`
	Closed    int     `json:"closedByServer"`
	ReplayP50 float64 `json:"replayP50Ms"`
	ReplayP99 float64 `json:"replayP99Ms"`
	ReplayMax float64 `json:"replayMaxMs"`
	Replays   int     `json:"replays"`
}

func (l *ledger) sum() outcome {
	o := outcome{Crossed: l.crossed}
	var replays []time.Duration
	for _, a := range l.accounts {
		a.goes()
		o.Reordered += a.reordered
		o.Damaged += a.damaged
		o.Strange += a.strange
		o.Cuts += a.cuts
		o.Within += a.within
		o.Repeating += len(a.repeating)
		for _, within := range a.repeating {
			o.Between += boolean(!within)
		}
		o.Resumed += a.resumed
		o.Refused += a.refused
		o.Closed += len(a.closed)
		replays = append(replays, a.replays...)
		for i := range a.events {
			o.add(&a.events[i])
		}
	}
	slices.Sort(replays)
	if o.Replays = len(replays); o.Replays > 0 {
		o.ReplayP50, o.ReplayP99, o.ReplayMax = quantile(replays, 0.5), quantile(replays, 0.99), quantile(replays, 1)
	}
	return o
}

func (o *outcome) add(e *entry) {
	o.Expected++
	if e.seen > 0 {
		o.Received++
	} else {
		o.Lost++
	}
	surplus := max(0, e.seen-1)
	if e.kind != asksAnswer {
		o.Repeated += surplus
		return
	}
	o.Calls++
	o.Again += surplus
	switch {
	case e.answered == 1:
		o.Once++
	case e.answered == 0:
		o.Never++
	default:
		o.Twice++
	}
}
