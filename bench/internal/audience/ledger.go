package audience

import (
	"fmt"
	"slices"
	"time"

	"dev.holdfast/bench/internal/bound"
	"dev.holdfast/bench/internal/stats"
	"dev.holdfast/bench/internal/wire"
)

// Ledger holds what each client was sent against what it received and answered.
type Ledger struct {
	began    time.Time
	Accounts []*Account
	crossed  int // answers that reached another call, or none
}

// Account is one client's part of it.
type Account struct {
	Client    int
	Events    []Entry
	highest   int // event received
	reordered int
	damaged   int
	strange   int // events that are none of ours
	Cuts      int
	Within    int          // cuts that fell within what was being sent
	repeating map[int]bool // cuts after which ack-less events came again; true: within what was being sent
	Inside    bool         // the last cut was such a one
	closed    []line       // connections that it did not cut itself
	resumed   int
	refused   int // came back and was given a fresh session
	back      *comeback
	replays   []time.Duration
	log       []line
}

// Entry is one event: when it was sent, how often it came, and how often its answer did if it is a call.
type Entry struct {
	wire.Numbered
	sent     time.Time
	Seen     int
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

func newLedger(clients int) *Ledger {
	l := &Ledger{began: time.Now()}
	for i := 0; i < clients; i++ {
		l.Accounts = append(l.Accounts, &Account{Client: i, highest: -1, repeating: map[int]bool{}})
	}
	return l
}

// Note keeps a line for the report of what went wrong.
func (a *Account) Note(format string, values ...any) {
	a.log = append(a.log, line{time.Now(), fmt.Sprintf(format, values...)})
}

// send is the next event of the client; its number is the count of those before.
func (a *Account) send(kind byte, size int) wire.Numbered {
	e := wire.Numbered{N: len(a.Events), Kind: kind, Size: size}
	a.Events = append(a.Events, Entry{Numbered: e, sent: time.Now()})
	return e
}

// receive is what the client's handler does; true if the event is one of ours.
func (a *Account) receive(r wire.Received) bool {
	if r.Name == wire.MarkerName {
		return false
	}
	if r.Name != wire.EventName || r.N < 0 || r.N >= len(a.Events) {
		a.strange++
		a.Note("strange event %.80q", r.Raw)
		return false
	}
	e := &a.Events[r.N]
	if !r.Is(e.Numbered) || (r.Id >= 0) != (e.Kind == wire.AsksAnswer) {
		a.damaged++
		a.Note("damaged event %d: %.80q", r.N, r.Raw)
	}
	e.Seen++
	switch {
	case e.Seen > 1:
		a.Note("event %d again", r.N)
		if e.Kind != wire.AsksAnswer {
			a.repeating[a.Cuts] = a.Inside
		}
	case r.N < a.highest:
		a.reordered++
		a.Note("event %d after %d", r.N, a.highest)
	default:
		a.Note("event %d", r.N)
	}
	a.highest = max(a.highest, r.N)
	a.missing(r.N)
	return true
}

func (a *Account) missing(n int) {
	if a.back != nil && a.back.missed[n] {
		delete(a.back.missed, n)
		a.back.took = time.Since(a.back.at)
	}
}

// Goes ends the time in which what was missed may come.
func (a *Account) Goes() {
	if a.back != nil && a.back.took > 0 {
		a.replays = append(a.replays, a.back.took)
	}
	a.back = nil
}

// comesBack is the moment from which the client waits for what was sent while it was away.
func (a *Account) comesBack() {
	if a.back != nil {
		return // it was refused and tries again
	}
	missed := map[int]bool{}
	for n := len(a.Events) - 1; n >= 0; n-- {
		if a.Events[n].Seen == 0 {
			missed[n] = true
		}
	}
	if len(missed) > 0 {
		a.back = &comeback{at: time.Now(), missed: missed}
	}
}

// answered is what the upstream says of an answer to event n that speaks of event m.
func (l *Ledger) answered(client, n, m int) {
	if client < 0 || client >= len(l.Accounts) {
		return
	}
	a := l.Accounts[client]
	if n != m || n < 0 || n >= len(a.Events) {
		l.crossed++
		a.Note("the call %d was answered by %d", n, m)
		return
	}
	a.Events[n].answered++
	a.Note("call %d is answered at the upstream", n)
}

// settled says that nothing is missing any more.
func (l *Ledger) settled() bool {
	for _, a := range l.Accounts {
		for i := range a.Events {
			e := &a.Events[i]
			if e.Seen == 0 || e.Kind == wire.AsksAnswer && e.answered == 0 {
				return false
			}
		}
	}
	return true
}

// count sums up all that came, to see whether anything still does.
func (l *Ledger) count() int {
	total := 0
	for _, a := range l.Accounts {
		for i := range a.Events {
			total += a.Events[i].Seen + a.Events[i].answered
		}
	}
	return total
}

// Outcome is the sum over all clients.
type Outcome struct {
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

// Sum is the outcome so far.
func (l *Ledger) Sum() Outcome {
	o := Outcome{Crossed: l.crossed}
	var replays []time.Duration
	for _, a := range l.Accounts {
		a.Goes()
		o.Reordered += a.reordered
		o.Damaged += a.damaged
		o.Strange += a.strange
		o.Cuts += a.Cuts
		o.Within += a.Within
		o.Repeating += len(a.repeating)
		for _, within := range a.repeating {
			o.Between += bound.Count(!within)
		}
		o.Resumed += a.resumed
		o.Refused += a.refused
		o.Closed += len(a.closed)
		replays = append(replays, a.replays...)
		for i := range a.Events {
			o.add(&a.Events[i])
		}
	}
	slices.Sort(replays)
	if o.Replays = len(replays); o.Replays > 0 {
		o.ReplayP50, o.ReplayP99, o.ReplayMax = stats.Quantile(replays, 0.5), stats.Quantile(replays, 0.99), stats.Quantile(replays, 1)
	}
	return o
}

func (o *Outcome) add(e *Entry) {
	o.Expected++
	if e.Seen > 0 {
		o.Received++
	} else {
		o.Lost++
	}
	surplus := max(0, e.Seen-1)
	if e.Kind != wire.AsksAnswer {
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
