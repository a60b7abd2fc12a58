package audience

import (
	"fmt"
	"math/rand"
	"strings"
	"time"

	"dev.holdfast/bench/internal/bound"
	"dev.holdfast/bench/internal/client"
	"dev.holdfast/bench/internal/eventloop"
	"dev.holdfast/bench/internal/openwebui"
	"dev.holdfast/bench/internal/wire"
)

const (
	TabsOfUser  = 3
	eventSize   = 120 // bytes of an event's text, a word or two of an answer with what is around it
	AskEvery    = 100 * time.Millisecond
	shownNotes  = 40                      // of a tab that something went wrong with
	emitAtLeast = 5 * time.Millisecond    // how often events that are due are sent
	quietFor    = 1500 * time.Millisecond // after the last event, before what is missing is lost
)

// Tab is one of a user's pages: all of them get the events of the user's room.
type Tab struct {
	Page      *client.Page
	User      int
	from      int // the first event that it has to get; -1 before its first CONNECT
	until     int // the event that it need not get any more; -1: none
	Seen      []uint8
	highest   int
	repeated  int
	reordered int
	damaged   int
	strange   int
	dead      bool // it got nothing when it should have, see Dead
	Open      bool // between an answered CONNECT and the loss of the connection
	cuts      int  // connections that were cut by the benchmark
	Drops     int  // connections lost otherwise
	Failed    int  // attempts that came to nothing
	Recovered int
	Fresh     int // sessions after the first one, on a connection of their own
	Moved     int // CONNECT packets on an open connection: its session has another link
	LostAt    time.Time
	BackAt    time.Time
	breaks    []interval // of events that the page is not owed, since it was told to begin afresh
	notes     []line
}

// interval is numbers of events; the last one does not belong to it.
type interval struct{ from, to int }

func (t *Tab) note(format string, values ...any) {
	t.notes = append(t.notes, line{time.Now(), fmt.Sprintf(format, values...)})
}

// Users have three tabs each, which join their user's room by the token, as in Open WebUI; the
// upstreams emit numbered events to each room at a steady rate. All of it is on one thread.
type Users struct {
	Loop    *eventloop.Loop
	address string
	Random  *rand.Rand
	Tabs    []*Tab
	Rooms   [][]time.Time // when event n was sent to the room of a user
	Sources []*openwebui.Source
	Say     func(commands string)
	Joined  []Joining // CONNECT packets that the upstreams saw
	Rate    float64   // events a second to each room; 0: none are sent
	since   time.Time // since then, at that rate …
	count   int       // … so many were sent
	Timed   bool
	Latency []time.Duration // from the command to each handler, while timed
	Back    func(t *Tab)    // a tab is connected again; may be nil
}

// NewUsers are that many users before one address, still without tabs.
func NewUsers(address string, count int, seed int64, sources ...*openwebui.Source) *Users {
	w := &Users{Loop: eventloop.New(), address: address, Random: rand.New(rand.NewSource(seed)), Sources: sources,
		Rooms: make([][]time.Time, count)}
	w.Say = func(commands string) { sources[0].Say(commands) }
	return w
}

// Add is one more tab of the user; it dials when it is told to.
func (w *Users) Add(user int) *Tab {
	t := &Tab{User: user, from: -1, until: -1, highest: -1}
	t.Page = &client.Page{Number: len(w.Tabs), Token: client.TokenOf(user), Address: w.address, Browser: true, Loop: w.Loop,
		Random: rand.New(rand.NewSource(w.Random.Int63())), Watcher: w}
	w.Tabs = append(w.Tabs, t)
	return t
}

// Open connects all tabs, some at a time.
func (w *Users) Open() error {
	for user := range w.Rooms {
		for i := 0; i < TabsOfUser; i++ {
			w.Add(user)
		}
	}
	return w.Connect(w.Tabs)
}

// Connect opens these tabs, some at a time.
func (w *Users) Connect(tabs []*Tab) error {
	next := 0
	connected := func() int {
		n := 0
		for _, t := range tabs[:next] {
			n += bound.Count(t.Open)
		}
		return n
	}
	if !w.Run(OpenLimit, func() bool {
		n := connected()
		for ; next < len(tabs) && next-n < openAtOnce; next++ {
			tabs[next].Page.Dial()
		}
		return n == len(tabs)
	}) {
		return fmt.Errorf("%d of %d tabs were connected after %v", connected(), len(tabs), OpenLimit)
	}
	w.Run(steadyFor, eventloop.Never)
	return nil
}

// Begin emits that many events a second to each room from now on.
func (w *Users) Begin(rate float64) { w.Rate, w.since, w.count = rate, time.Now(), 0 }

// End emits no more, and waits until all has come or nothing comes any more.
func (w *Users) End() {
	w.Rate = 0
	deadline := time.Now().Add(settleLimit)
	for before := -1; time.Now().Before(deadline); {
		now, open := 0, true
		for _, t := range w.Tabs {
			now += t.highest + t.repeated
			open = open && (t.Open || t.Page.Stopped || t.dead)
		}
		if now == before && open {
			return
		}
		before = now
		w.Run(quietFor, eventloop.Never)
	}
}

// Run goes on for that long, or until it is done; true if it is.
func (w *Users) Run(length time.Duration, done func() bool) bool {
	for end := time.Now().Add(length); !done(); {
		left := time.Until(end)
		if left <= 0 {
			return false
		}
		w.emit()
		w.Loop.Poll(min(left, emitAtLeast))
		for _, s := range w.Sources {
			for _, r := range s.Take() {
				if r.Word == "joined" && len(r.Numbers) == 2 {
					w.Joined = append(w.Joined, Joining{r.Numbers[0], time.UnixMicro(int64(r.Numbers[1]))})
				}
			}
		}
	}
	return true
}

// Until is run for a question that blocks: it is asked beside the events, now and then; true if the answer was yes.
func (w *Users) Until(length time.Duration, so func() bool) bool {
	over := make(chan struct{})
	defer close(over)
	_, good := w.Await(length, Ask(so, over))
	return good
}

// Await is run until there is an answer: the moment of the yes.
func (w *Users) Await(length time.Duration, answer <-chan time.Time) (at time.Time, good bool) {
	good = w.Run(length, func() bool {
		select {
		case at = <-answer:
			return true
		default:
			return false
		}
	})
	return at, good
}

// Ask repeats a question that blocks, until the answer is yes or all is over.
func Ask(so func() bool, over <-chan struct{}) <-chan time.Time {
	answer := make(chan time.Time, 1)
	go func() {
		for !so() {
			select {
			case <-over:
				return
			case <-time.After(AskEvery):
			}
		}
		answer <- time.Now()
	}()
	return answer
}

// emit sends what is due: one room after the other, at equal distances.
func (w *Users) emit() {
	if w.Rate == 0 {
		return
	}
	var commands strings.Builder
	for due := int(time.Since(w.since).Seconds() * w.Rate * float64(len(w.Rooms))); w.count < due; w.count++ {
		user := w.count % len(w.Rooms)
		commands.WriteString(numberedOf(len(w.Rooms[user])).Command(user))
		w.Rooms[user] = append(w.Rooms[user], time.Now())
	}
	if commands.Len() > 0 {
		w.Say(commands.String())
	}
}

// numberedOf is the n-th event of a room; by turns it ends with an object, a number and a text.
func numberedOf(n int) wire.Numbered {
	return wire.Numbered{N: n, Kind: [3]byte{wire.EndsObject, wire.EndsNumber, wire.EndsText}[n%3], Size: eventSize}
}

func (w *Users) tab(p *client.Page) *Tab { return w.Tabs[p.Number] }

// Dials implements client.Watcher.
func (w *Users) Dials(p *client.Page) {
	t := w.tab(p)
	t.note("dials, pid %q, offset %q", p.Pid, p.Offset)
}

// Connected implements client.Watcher.
func (w *Users) Connected(p *client.Page, recovered bool) {
	t := w.tab(p)
	t.note("CONNECT answered: sid %s, pid %s, recovered %v, on an open connection %v", p.Sid, p.Pid, recovered, t.Open)
	if t.from >= 0 && (t.Open || !recovered) {
		t.breaks = append(t.breaks, interval{t.highest + 1, len(w.Rooms[t.User])})
	}
	switch {
	case t.Open:
		t.Moved++
		return
	case t.from < 0:
		t.from = len(w.Rooms[t.User])
	case recovered:
		t.Recovered++
	default:
		t.Fresh++
	}
	t.Open, t.BackAt = true, time.Now()
	if w.Back != nil {
		w.Back(t)
	}
}

// Lost implements client.Watcher.
func (w *Users) Lost(p *client.Page, err error) {
	t := w.tab(p)
	t.note("connection lost, open %v: %v", t.Open, err)
	if t.Open {
		t.Drops++
		t.LostAt = time.Now()
	} else {
		t.Failed++
	}
	t.Open = false
}

// Event implements client.Watcher.
func (w *Users) Event(p *client.Page, r wire.Received, _ func(int)) {
	t := w.tab(p)
	room := w.Rooms[t.User]
	switch {
	case r.Name == wire.MarkerName:
		return
	case r.Name != wire.EventName || r.N < 0 || r.N >= len(room):
		t.strange++
		t.note("strange event %.80q", r.Raw)
		return
	case !r.Is(numberedOf(r.N)):
		t.damaged++
		t.note("damaged event %d: %.80q", r.N, r.Raw)
	}
	for len(t.Seen) <= r.N {
		t.Seen = append(t.Seen, 0)
	}
	t.Seen[r.N]++
	switch {
	case t.Seen[r.N] > 1:
		t.repeated++
		t.note("event %d again", r.N)
	case r.N < t.highest:
		t.reordered++
		t.note("event %d after %d", r.N, t.highest)
	case r.N > t.highest+1 && t.highest >= 0:
		t.note("event %d after %d", r.N, t.highest)
	}
	t.highest = max(t.highest, r.N)
	if w.Timed {
		w.Latency = append(w.Latency, time.Since(room[r.N]))
	}
}

// Cut ends the connection of an open tab, now or when the bytes for it come; it dials again after that long.
func (w *Users) Cut(t *Tab, how client.Cut, offline time.Duration) {
	if !t.Open || t.Page.Stopped || t.IsToBeCut() {
		return
	}
	t.Page.Lose(how, offline, func(bool) {
		t.note("cut: %v", how)
		t.cuts++
		t.Open, t.LostAt = false, time.Now()
	})
}

// IsToBeCut says that the bytes for it have not come yet.
func (t *Tab) IsToBeCut() bool { return t.Page.Engine.Cut != nil }

// Dead are the tabs that get nothing though their rooms get events: they are given that long.
func (w *Users) Dead(limit time.Duration) []*Tab {
	since := time.Now()
	w.Run(limit, func() bool { return len(w.Mute(since)) == 0 })
	dead := w.Mute(since)
	for _, t := range w.Tabs {
		t.dead = false
	}
	for _, t := range dead {
		t.dead = true
		t.note("DEAD: nothing in %v; open %v", limit, t.Open)
	}
	return dead
}

// Mute are the tabs that have got no event that was sent since then.
func (w *Users) Mute(since time.Time) []*Tab {
	var all []*Tab
	for _, t := range w.Tabs {
		room := w.Rooms[t.User]
		if !t.Page.Stopped && (t.highest < 0 || t.highest >= len(room) || room[t.highest].Before(since)) {
			all = append(all, t)
		}
	}
	return all
}

// DeadAfter is how long a tab may get nothing after all is well.
const DeadAfter = 10 * time.Second

// Leave closes a tab for good: as a browser does, or without a word.
func (w *Users) Leave(t *Tab, politely bool) {
	t.until = max(0, len(t.Seen)-1)
	t.Open = false
	if politely {
		t.Page.Engine.Send([]byte("41"))
		t.Page.Engine.Send([]byte("1"))
	}
	t.Page.Stop()
}

// Vanish ends a tab for good, and the other side is told nothing.
func (w *Users) Vanish(t *Tab) {
	t.until = max(0, len(t.Seen)-1)
	w.Cut(t, client.Cut{Way: client.BySilence}, 0)
	w.Loop.Stop(t.Page.Redial)
	t.Page.Stopped = true
}

// Close closes all connections and the loop.
func (w *Users) Close() {
	for _, t := range w.Tabs {
		t.Page.Stop()
	}
	for _, c := range w.Loop.Conns {
		if c != nil {
			c.Close(nil)
		}
	}
	w.Loop.Release()
}
