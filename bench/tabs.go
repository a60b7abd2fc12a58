package main

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"time"
)

const (
	tabsOfUser  = 3
	eventSize   = 120 // bytes of an event's text, a word or two of an answer with what is around it
	askEvery    = 100 * time.Millisecond
	shownNotes  = 40                      // of a tab that something went wrong with
	emitAtLeast = 5 * time.Millisecond    // how often events that are due are sent
	quietFor    = 1500 * time.Millisecond // after the last event, before what is missing is lost
)

// tab is one of a user's pages: all of them get the events of the user's room.
type tab struct {
	page      *page
	user      int
	from      int // the first event that it has to get; -1 before its first CONNECT
	until     int // the event that it need not get any more; -1: none
	seen      []uint8
	highest   int
	repeated  int
	reordered int
	damaged   int
	strange   int
	dead      bool // it got nothing when it should have, see dead
	open      bool // between an answered CONNECT and the loss of the connection
	cuts      int  // connections that were cut by the benchmark
	drops     int  // connections lost otherwise
	failed    int  // attempts that came to nothing
	recovered int
	fresh     int // sessions after the first one, on a connection of their own
	moved     int // CONNECT packets on an open connection: its session has another link
	lostAt    time.Time
	backAt    time.Time
	breaks    []interval // of events that the page is not owed, since it was told to begin afresh
	notes     []line
}

// interval is numbers of events; the last one does not belong to it.
type interval struct{ from, to int }

func (t *tab) note(format string, values ...any) {
	t.notes = append(t.notes, line{time.Now(), fmt.Sprintf(format, values...)})
}

// users have three tabs each, which join their user's room by the token, as in Open WebUI; the
// upstreams emit numbered events to each room at a steady rate. All of it is on one thread.
type users struct {
	loop    *loop
	address string
	random  *rand.Rand
	tabs    []*tab
	rooms   [][]time.Time // when event n was sent to the room of a user
	sources []*source
	say     func(commands string)
	joined  []joining // CONNECT packets that the upstreams saw
	rate    float64   // events a second to each room; 0: none are sent
	since   time.Time // since then, at that rate …
	count   int       // … so many were sent
	timed   bool
	latency []time.Duration // from the command to each handler, while timed
	back    func(t *tab)    // a tab is connected again; may be nil
}

func newUsers(address string, count int, seed int64, sources ...*source) *users {
	w := &users{loop: newLoop(), address: address, random: rand.New(rand.NewSource(seed)), sources: sources,
		rooms: make([][]time.Time, count)}
	w.say = func(commands string) { sources[0].say(commands) }
	return w
}

// add is one more tab of the user; it dials when it is told to.
func (w *users) add(user int) *tab {
	t := &tab{user: user, from: -1, until: -1, highest: -1}
	t.page = &page{number: len(w.tabs), token: tokenOf(user), address: w.address, browser: true, loop: w.loop,
		random: rand.New(rand.NewSource(w.random.Int63())), watcher: w}
	w.tabs = append(w.tabs, t)
	return t
}

// open connects all tabs, some at a time.
func (w *users) open() error {
	for user := range w.rooms {
		for i := 0; i < tabsOfUser; i++ {
			w.add(user)
		}
	}
	return w.connect(w.tabs)
}

func (w *users) connect(tabs []*tab) error {
	next := 0
	connected := func() int {
		n := 0
		for _, t := range tabs[:next] {
			n += boolean(t.open)
		}
		return n
	}
	if !w.run(openLimit, func() bool {
		n := connected()
		for ; next < len(tabs) && next-n < openAtOnce; next++ {
			tabs[next].page.dial()
		}
		return n == len(tabs)
	}) {
		return fmt.Errorf("%d of %d tabs were connected after %v", connected(), len(tabs), openLimit)
	}
	w.run(steadyFor, never)
	return nil
}

// begin emits that many events a second to each room from now on.
func (w *users) begin(rate float64) { w.rate, w.since, w.count = rate, time.Now(), 0 }

// end emits no more, and waits until all has come or nothing comes any more.
func (w *users) end() {
	w.rate = 0
	deadline := time.Now().Add(settleLimit)
	for before := -1; time.Now().Before(deadline); {
		now, open := 0, true
		for _, t := range w.tabs {
			now += t.highest + t.repeated
			open = open && (t.open || t.page.stopped || t.dead)
		}
		if now == before && open {
			return
		}
		before = now
		w.run(quietFor, never)
	}
}

// run goes on for that long, or until it is done; true if it is.
func (w *users) run(length time.Duration, done func() bool) bool {
	for end := time.Now().Add(length); !done(); {
		left := time.Until(end)
		if left <= 0 {
			return false
		}
		w.emit()
		w.loop.poll(min(left, emitAtLeast))
		for _, s := range w.sources {
			for _, r := range s.take() {
				if r.word == "joined" && len(r.numbers) == 2 {
					w.joined = append(w.joined, joining{r.numbers[0], time.UnixMicro(int64(r.numbers[1]))})
				}
			}
		}
	}
	return true
}

// until is run for a question that blocks: it is asked beside the events, now and then; true if the answer was yes.
func (w *users) until(length time.Duration, so func() bool) bool {
	over := make(chan struct{})
	defer close(over)
	_, good := w.await(length, ask(so, over))
	return good
}

// await is run until there is an answer: the moment of the yes.
func (w *users) await(length time.Duration, answer <-chan time.Time) (at time.Time, good bool) {
	good = w.run(length, func() bool {
		select {
		case at = <-answer:
			return true
		default:
			return false
		}
	})
	return at, good
}

// ask repeats a question that blocks, until the answer is yes or all is over.
func ask(so func() bool, over <-chan struct{}) <-chan time.Time {
	answer := make(chan time.Time, 1)
	go func() {
		for !so() {
			select {
			case <-over:
				return
			case <-time.After(askEvery):
			}
		}
		answer <- time.Now()
	}()
	return answer
}

// emit sends what is due: one room after the other, at equal distances.
func (w *users) emit() {
	if w.rate == 0 {
		return
	}
	var commands strings.Builder
	for due := int(time.Since(w.since).Seconds() * w.rate * float64(len(w.rooms))); w.count < due; w.count++ {
		user := w.count % len(w.rooms)
		commands.WriteString(numberedOf(len(w.rooms[user])).command(user))
		w.rooms[user] = append(w.rooms[user], time.Now())
	}
	if commands.Len() > 0 {
		w.say(commands.String())
	}
}

// numberedOf is the n-th event of a room; by turns it ends with an object, a number and a text.
func numberedOf(n int) numbered {
	return numbered{n: n, kind: [3]byte{endsObject, endsNumber, endsText}[n%3], size: eventSize}
}

func (w *users) tab(p *page) *tab { return w.tabs[p.number] }

func (w *users) dials(p *page) {
	t := w.tab(p)
	t.note("dials, pid %q, offset %q", p.pid, p.offset)
}

func (w *users) connected(p *page, recovered bool) {
	t := w.tab(p)
	t.note("CONNECT answered: sid %s, pid %s, recovered %v, on an open connection %v", p.sid, p.pid, recovered, t.open)
	if t.from >= 0 && (t.open || !recovered) {
		t.breaks = append(t.breaks, interval{t.highest + 1, len(w.rooms[t.user])})
	}
	switch {
	case t.open:
		t.moved++
		return
	case t.from < 0:
		t.from = len(w.rooms[t.user])
	case recovered:
		t.recovered++
	default:
		t.fresh++
	}
	t.open, t.backAt = true, time.Now()
	if w.back != nil {
		w.back(t)
	}
}

func (w *users) lost(p *page, err error) {
	t := w.tab(p)
	t.note("connection lost, open %v: %v", t.open, err)
	if t.open {
		t.drops++
		t.lostAt = time.Now()
	} else {
		t.failed++
	}
	t.open = false
}

func (w *users) event(p *page, r received, _ func(int)) {
	t := w.tab(p)
	room := w.rooms[t.user]
	switch {
	case r.name == markerName:
		return
	case r.name != eventName || r.n < 0 || r.n >= len(room):
		t.strange++
		t.note("strange event %.80q", r.raw)
		return
	case !r.is(numberedOf(r.n)):
		t.damaged++
		t.note("damaged event %d: %.80q", r.n, r.raw)
	}
	for len(t.seen) <= r.n {
		t.seen = append(t.seen, 0)
	}
	t.seen[r.n]++
	switch {
	case t.seen[r.n] > 1:
		t.repeated++
		t.note("event %d again", r.n)
	case r.n < t.highest:
		t.reordered++
		t.note("event %d after %d", r.n, t.highest)
	case r.n > t.highest+1 && t.highest >= 0:
		t.note("event %d after %d", r.n, t.highest)
	}
	t.highest = max(t.highest, r.n)
	if w.timed {
		w.latency = append(w.latency, time.Since(room[r.n]))
	}
}

// missing are the events that the tab should have got and has not.
func (w *users) missing(t *tab) []int {
	var all []int
	end := len(w.rooms[t.user])
	if t.until >= 0 {
		end = t.until
	}
	for n := max(0, t.from); n < end; n++ {
		if n >= len(t.seen) || t.seen[n] == 0 {
			all = append(all, n)
		}
	}
	return all
}

// silent are the events that the tab has not got, and was not told that it might not get any.
func (w *users) silent(t *tab) []int {
	return slices.DeleteFunc(w.missing(t), func(n int) bool {
		return slices.ContainsFunc(t.breaks, func(b interval) bool { return b.from <= n && n < b.to })
	})
}

// cut ends the connection of an open tab, now or when the bytes for it come; it dials again after that long.
func (w *users) cut(t *tab, how cut, offline time.Duration) {
	if !t.open || t.page.stopped || t.isToBeCut() {
		return
	}
	t.page.lose(how, offline, func(bool) {
		t.note("cut: %v", how)
		t.cuts++
		t.open, t.lostAt = false, time.Now()
	})
}

// isToBeCut says that the bytes for it have not come yet.
func (t *tab) isToBeCut() bool { return t.page.engine.cut != nil }

// dead are the tabs that get nothing though their rooms get events: they are given that long.
func (w *users) dead(limit time.Duration) []*tab {
	since := time.Now()
	w.run(limit, func() bool { return len(w.mute(since)) == 0 })
	dead := w.mute(since)
	for _, t := range w.tabs {
		t.dead = false
	}
	for _, t := range dead {
		t.dead = true
		t.note("DEAD: nothing in %v; open %v", limit, t.open)
	}
	return dead
}

// mute are the tabs that have got no event that was sent since then.
func (w *users) mute(since time.Time) []*tab {
	var all []*tab
	for _, t := range w.tabs {
		room := w.rooms[t.user]
		if !t.page.stopped && (t.highest < 0 || t.highest >= len(room) || room[t.highest].Before(since)) {
			all = append(all, t)
		}
	}
	return all
}

// deadAfter is how long a tab may get nothing after all is well.
const deadAfter = 10 * time.Second

// leave closes a tab for good: as a browser does, or without a word.
func (w *users) leave(t *tab, politely bool) {
	t.until = max(0, len(t.seen)-1)
	t.open = false
	if politely {
		t.page.engine.send([]byte("41"))
		t.page.engine.send([]byte("1"))
	}
	t.page.stop()
}

// vanish ends a tab for good, and the other side is told nothing.
func (w *users) vanish(t *tab) {
	t.until = max(0, len(t.seen)-1)
	w.cut(t, cut{way: bySilence}, 0)
	w.loop.stop(t.page.redial)
	t.page.stopped = true
}

func (w *users) close() {
	for _, t := range w.tabs {
		t.page.stop()
	}
	for _, c := range w.loop.conns {
		if c != nil {
			c.close(nil)
		}
	}
	w.loop.release()
}
