package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// avalanche kills and restarts the upstream under many open pages, and then cuts all of them at once.
type avalanche struct {
	scenario
	rate   int
	away   time.Duration
	events int
	length time.Duration
}

const (
	relinkLimit  = 5 * time.Minute
	resumeGoal   = 3 * time.Second
	cutAt        = 4           // the part of the schedule after which all are cut
	offlineForIt = time.Second // all of them come back at the same moment
	blur         = 10          // links may take that part of a second longer than others, so that more arrive in one
)

func newAvalanche(o options) *avalanche {
	if o.smoke {
		return &avalanche{newScenario(o, "avalanche", smokePages, "argument"), 25, time.Second, 20, 4 * time.Second}
	}
	return &avalanche{newScenario(o, "avalanche", 2000, "argument,marker"), 50, 3 * time.Second, 30, 20 * time.Second}
}

func (a *avalanche) read(arguments []string) *avalanche {
	f := a.flags()
	f.IntVar(&a.rate, "rate", a.rate, "relink.rate")
	f.DurationVar(&a.away, "away", a.away, "how long the upstream is away")
	f.IntVar(&a.events, "events", a.events, "for each page while all are cut")
	f.DurationVar(&a.length, "length", a.length, "of that")
	must(f.Parse(arguments))
	return a
}

func (a *avalanche) run() error {
	var result error
	for _, name := range strings.Split(a.targets, ",") {
		st, err := a.open(name, fmt.Sprintf("relink.rate=%d", a.rate), "upstream.health-interval=500ms")
		if err == nil {
			err = a.try(st)
			st.close()
		}
		if err != nil {
			fmt.Printf("avalanche, %s: %v\n", name, err)
			result = err
		}
	}
	return result
}

func (a *avalanche) try(st *stage) error {
	w := newAudience(st.source, st.address, st.browser, a.clients, a.seed)
	defer w.close()
	if err := w.open(); err != nil {
		return err
	}
	missed, err := a.restart(st, w)
	if err != nil {
		return err
	}
	missed = append(missed, a.cutAll(st, w)...)
	if err := balance(st.proxy.admin); err != nil {
		missed = append(missed, err.Error())
	}
	if len(missed) > 0 {
		w.ledger.explain(os.Stdout, a.home, "avalanche-"+st.name, a.seed)
		return fmt.Errorf("%w: %s", errMissed, strings.Join(missed, ", "))
	}
	return nil
}

// restart kills the upstream and starts it again on its port; the bounds that were missed.
func (a *avalanche) restart(st *stage, w *audience) ([]string, error) {
	w.emit(a.once())
	w.settle(time.Second)
	before := make([]string, len(w.pages))
	for i, p := range w.pages {
		before[i] = p.sid
	}
	st.source.stop()
	w.run(a.away/2, never)
	for _, p := range w.pages {
		p.engine.send([]byte(fmt.Sprintf(`42["note",%d]`, p.number)))
	}
	w.run(a.away/2, never)
	w.joined = nil
	again, err := startSource(st.source.program, st.source.port)
	if err != nil {
		return nil, err
	}
	st.source, w.source = again, again
	back := time.Now()
	relinked := w.run(relinkLimit, func() bool {
		for i, p := range w.pages {
			if !p.connected || p.sid == before[i] {
				return false
			}
		}
		return true
	})
	took := time.Since(back)
	w.emit(a.once())
	w.settle(time.Second)
	return a.judgeRestart(st, w, relinked, took), nil
}

func (a *avalanche) judgeRestart(st *stage, w *audience, relinked bool, took time.Duration) []string {
	o, peak, most := w.ledger.sum(), busiestSecond(w.joined), a.rate+max(1, a.rate/10)+a.rate/blur
	if a.smoke {
		most += a.rate / 2 // the machine may stall
	}
	waited, twice := 0, 0
	for _, p := range w.pages {
		switch w.notes[fmt.Sprint([]int{p.number, p.number})] {
		case 0:
		case 1:
			waited++
		default:
			twice++
		}
	}
	fmt.Printf("avalanche, %s: upstream killed under %d pages and back after %v: %d connections of pages closed, "+
		"all relinked %.1f s after it listened: %v, at most %d in a second (relink.rate %d), "+
		"%d of %d events sent by pages meanwhile arrived, %d of %d events lost\n",
		st.name, a.clients, a.away, o.Closed, took.Seconds(), relinked, peak, a.rate, waited, a.clients, o.Lost, o.Expected)
	return missed(
		atMost("connections of pages closed by the upstream's restart", o.Closed, 0),
		atMost("pages not relinked", boolean(!relinked), 0),
		atMost("links opened in a second", peak, most),
		atMost("events of pages that did not arrive", a.clients-waited-twice, 0),
		atMost("events of pages that arrived twice", twice, 0),
		atMost("events lost around the restart", o.Lost, 0),
		atMost("events repeated around the restart", o.Repeated, 0))
}

// once is one event for each page, now.
func (a *avalanche) once() []plan {
	all := make([]plan, a.clients)
	for i := range all {
		all[i] = plan{0, i, endsObject, smallest}
	}
	return all
}

// cutAll cuts all pages while events flow; they come back together.
func (a *avalanche) cutAll(st *stage, w *audience) []string {
	before := w.ledger.sum()
	w.late = true
	gone, left := make([]time.Time, a.clients), a.clients
	var times []time.Duration
	w.leaving = func(p *page) {
		if gone[p.number].IsZero() {
			gone[p.number] = time.Now()
		}
	}
	w.arrived = func(p *page) {
		if at := gone[p.number]; !at.IsZero() {
			times = append(times, time.Since(at))
			gone[p.number] = time.Time{}
			left--
		}
	}
	began, done := time.Now(), false
	w.follow(schedule(w.random, a.clients, a.events, a.length), func() {
		if !done && time.Since(began) > a.length/cutAt {
			done = true
			for _, p := range w.pages {
				w.account(p).cuts++
				w.account(p).note("cut with all others")
				p.lose(cut{way: byReset}, offlineForIt, func(bool) {})
			}
		}
	})
	w.run(openLimit, func() bool { return left == 0 })
	w.settle(lateBy + time.Second)
	slices.Sort(times)
	return a.judgeCut(st, before, w.ledger.sum(), times)
}

func (a *avalanche) judgeCut(st *stage, before, o outcome, times []time.Duration) []string {
	resumed := o.Resumed - before.Resumed
	if len(times) == 0 {
		return []string{"no page came back"}
	}
	fmt.Printf("avalanche, %s: all %d pages cut at once: %d resumed, p50 %.0f ms, p99 %.0f ms, max %.0f ms after they came back; "+
		"replayed p99 %.0f ms; %d of %d events lost, %d repeated, calls answered: %d once, %d never, %d twice\n",
		st.name, a.clients, resumed, quantile(times, 0.5), quantile(times, 0.99), quantile(times, 1), o.ReplayP99,
		o.Lost, o.Expected, o.Repeated, o.Once, o.Never, o.Twice)
	all := missed(
		atMost("pages not resumed", a.clients-resumed, 0),
		atMost("lost", o.Lost, 0),
		atMost("reordered", o.Reordered, 0),
		atMost("calls never answered", o.Never, 0),
		atMost("calls answered twice", o.Twice, 0))
	if st.browser {
		all = append(all, missed(atMost("repeated", o.Repeated, 0))...)
	}
	fmt.Printf("  resumed p99 < %v: %s\n", resumeGoal, word(quantile(times, 0.99) < float64(resumeGoal.Milliseconds())))
	return all
}
