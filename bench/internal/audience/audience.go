package audience

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"time"

	"dev.holdfast/bench/internal/client"
	"dev.holdfast/bench/internal/eventloop"
	"dev.holdfast/bench/internal/openwebui"
	"dev.holdfast/bench/internal/wire"
)

const (
	openAtOnce  = 64
	OpenLimit   = 60 * time.Second
	settleLimit = 60 * time.Second
	lateAnswers = 4                      // one call in so many is answered late …
	LateBy      = 2 * time.Second        // … by up to that much
	steadyFor   = 500 * time.Millisecond // before a scenario begins: the first answers are confirmed
)

// Audience is all pages of a scenario with the ledger of what they were sent, on one thread.
type Audience struct {
	Loop    *eventloop.Loop
	Pages   []*client.Page
	Ledger  *Ledger
	Source  *openwebui.Source
	Random  *rand.Rand
	begun   bool
	Late    bool               // some calls are answered late
	Joined  []Joining          // CONNECT packets that the upstream saw
	Notes   map[string]int     // events of clients that the upstream saw, by client and number
	Arrived func(*client.Page) // a CONNECT packet of the server; may be nil
	Leaving func(*client.Page) // the page opens a connection; may be nil
	Latency []time.Duration    // from command to handler, of pages that are timed
	Timed   func(*client.Page) bool
}

// Joining is a CONNECT packet as the upstream saw it.
type Joining struct {
	client int
	at     time.Time
}

// New are that many pages before one address, which a source sends events.
func New(source *openwebui.Source, address string, browser bool, clients int, seed int64) *Audience {
	w := &Audience{Loop: eventloop.New(), Ledger: newLedger(clients), Source: source,
		Random: rand.New(rand.NewSource(seed)), Notes: map[string]int{}}
	for i := 0; i < clients; i++ {
		w.Pages = append(w.Pages, &client.Page{Number: i, Address: address, Browser: browser, Loop: w.Loop,
			Random: rand.New(rand.NewSource(seed + int64(i) + 1)), Watcher: w})
	}
	return w
}

// Open connects all pages, some at a time.
func (w *Audience) Open() error {
	deadline, next := time.Now().Add(OpenLimit), 0
	for {
		connected := 0
		for _, p := range w.Pages[:next] {
			if p.Connected {
				connected++
			}
		}
		if connected == len(w.Pages) {
			w.begun = true
			w.Run(steadyFor, eventloop.Never)
			return nil
		}
		for ; next < len(w.Pages) && next-connected < openAtOnce; next++ {
			w.Pages[next].Dial()
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%d of %d pages were connected after %v", connected, len(w.Pages), OpenLimit)
		}
		w.poll(100 * time.Millisecond)
	}
}

// Run goes on for that long, or until it is done; true if it is.
func (w *Audience) Run(length time.Duration, done func() bool) bool {
	for end := time.Now().Add(length); !done(); {
		left := time.Until(end)
		if left <= 0 {
			return false
		}
		w.poll(min(left, 20*time.Millisecond))
	}
	return true
}

func (w *Audience) poll(wait time.Duration) {
	w.Loop.Poll(wait)
	for _, r := range w.Source.Take() {
		w.hear(r)
	}
}

// hear takes a line of the upstream.
func (w *Audience) hear(r openwebui.Report) {
	switch {
	case r.Word == "joined" && len(r.Numbers) == 2:
		w.Joined = append(w.Joined, Joining{r.Numbers[0], time.UnixMicro(int64(r.Numbers[1]))})
	case r.Word == "answer" && len(r.Numbers) == 3:
		w.Ledger.answered(r.Numbers[0], r.Numbers[1], r.Numbers[2])
	case r.Word == "note" && len(r.Numbers) == 2:
		w.Notes[fmt.Sprint(r.Numbers)]++
	}
}

// Emit makes the upstream send these events, those for one client in one go.
func (w *Audience) Emit(plans []Plan) {
	var commands strings.Builder
	for _, p := range plans {
		commands.WriteString(w.Ledger.Accounts[p.Client].send(p.Kind, p.Size).Command(p.Client))
	}
	if commands.Len() > 0 {
		w.Source.Say(commands.String())
	}
}

// Follow emits the schedule at its times until it is through.
func (w *Audience) Follow(plans []Plan, each func()) {
	began := time.Now()
	for len(plans) > 0 {
		due := 0
		for due < len(plans) && time.Since(began) >= plans[due].At {
			due++
		}
		w.Emit(plans[:due])
		plans = plans[due:]
		each()
		w.poll(5 * time.Millisecond)
	}
}

// Settle waits until nothing is missing, or all pages are connected and nothing has come for that long.
func (w *Audience) Settle(quiet time.Duration) {
	deadline := time.Now().Add(settleLimit)
	for before := -1; !w.Ledger.settled() && time.Now().Before(deadline); {
		now := w.Ledger.count()
		if now == before && !slices.ContainsFunc(w.Pages, func(p *client.Page) bool { return !p.Connected }) {
			return
		}
		before = now
		w.Run(quiet, w.Ledger.settled)
	}
	w.Run(steadyFor, eventloop.Never) // what comes too often
}

// Close closes all connections and the loop.
func (w *Audience) Close() {
	for _, p := range w.Pages {
		p.Stop()
	}
	for _, c := range w.Loop.Conns {
		if c != nil {
			c.Close(nil)
		}
	}
	w.Loop.Release()
}

// Account is what the page was sent and has got.
func (w *Audience) Account(p *client.Page) *Account { return w.Ledger.Accounts[p.Number] }

// Dials implements client.Watcher.
func (w *Audience) Dials(p *client.Page) {
	a := w.Account(p)
	a.Note("dials, pid %q, offset %q", p.Pid, p.Offset)
	if w.begun {
		a.comesBack()
	}
	if w.Leaving != nil {
		w.Leaving(p)
	}
}

// Connected implements client.Watcher.
func (w *Audience) Connected(p *client.Page, recovered bool) {
	a := w.Account(p)
	a.Note("CONNECT answered: sid %s, pid %s, recovered %v", p.Sid, p.Pid, recovered)
	switch {
	case !w.begun:
	case recovered:
		a.resumed++
	default:
		a.refused++
		a.back = nil // nothing is replayed to a fresh session
	}
	if w.Arrived != nil {
		w.Arrived(p)
	}
}

// Lost implements client.Watcher.
func (w *Audience) Lost(p *client.Page, err error) {
	a := w.Account(p)
	a.Note("connection lost: %v", err)
	if w.begun {
		a.closed = append(a.closed, a.log[len(a.log)-1])
	}
}

// Event answers calls, most of them at once, others when the page may have another connection or none.
func (w *Audience) Event(p *client.Page, r wire.Received, answer func(int)) {
	a := w.Account(p)
	if !a.receive(r) {
		return
	}
	if w.Timed != nil && w.Timed(p) {
		w.Latency = append(w.Latency, time.Since(a.Events[r.N].sent))
	}
	switch {
	case r.Id < 0:
	case !w.Late || p.Random.Intn(lateAnswers) > 0:
		answer(r.N)
	default:
		w.Loop.After(time.Duration(p.Random.Int63n(int64(LateBy))), func() {
			a.Note("answers call %d late", r.N)
			answer(r.N)
		})
	}
}

// BusiestSecond is the largest number of connections within any second.
func BusiestSecond(all []Joining) int {
	slices.SortFunc(all, func(a, b Joining) int { return a.at.Compare(b.at) })
	most, first := 0, 0
	for i := range all {
		for all[i].at.Sub(all[first].at) >= time.Second {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}
