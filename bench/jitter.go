package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// jitter cuts the connections of many pages at random while numbered events flow, and counts what becomes of them.
type jitter struct {
	scenario
	events  int
	length  time.Duration
	every   time.Duration
	offline time.Duration
	spread  time.Duration
}

const replayGoal = time.Second

func newJitter(o options) *jitter {
	if o.smoke {
		return &jitter{newScenario(o, "jitter", smokePages, "direct,argument,marker"), 60,
			6 * time.Second, 2 * time.Second, 200 * time.Millisecond, 800 * time.Millisecond}
	}
	return &jitter{newScenario(o, "jitter", 2000, "python,nginx,node,argument,marker"), 120,
		60 * time.Second, 10 * time.Second, time.Second, 2 * time.Second}
}

func (j *jitter) read(arguments []string) *jitter {
	f := j.flags()
	f.IntVar(&j.events, "events", j.events, "for each page")
	f.DurationVar(&j.length, "length", j.length, "of the schedule of events")
	f.DurationVar(&j.every, "every", j.every, "mean time from a page's connection to its cut")
	f.DurationVar(&j.offline, "offline", j.offline, "shortest time that a page stays away")
	f.DurationVar(&j.spread, "spread", j.spread, "how much longer it may be")
	must(f.Parse(arguments))
	return j
}

// trial is what one target made of it.
type trial struct {
	Target   string   `json:"target"`
	Versions []string `json:"versions"`
	Outcome  outcome  `json:"outcome"`
	Missed   []string `json:"missed"` // bounds, of Holdfast only
	ledger   *ledger
	err      error
}

// run tries the targets one after the other, those of a smoke run at the same time.
func (j *jitter) run() error {
	names := strings.Split(j.targets, ",")
	trials := make([]*trial, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		all.Add(1)
		try := func(i int, name string) {
			defer all.Done()
			trials[i] = j.try(name)
		}
		if j.smoke {
			go try(i, name)
		} else {
			try(i, name)
		}
	}
	all.Wait()
	return j.report(trials)
}

func (j *jitter) try(name string) *trial {
	st, err := j.open(name)
	if err != nil {
		return &trial{Target: name, err: err}
	}
	defer st.close()
	w := newAudience(st.source, st.address, st.browser, j.clients, j.seed)
	defer w.close()
	t := &trial{Target: name, Versions: st.versions, ledger: w.ledger}
	if t.err = w.open(); t.err != nil {
		return t
	}
	j.play(w)
	t.Outcome = w.ledger.sum()
	if st.holdfast {
		t.Missed = j.bounds(name, t.Outcome)
		if err := balance(st.proxy.admin); err != nil {
			t.Missed = append(t.Missed, err.Error())
		}
	}
	return t
}

// play follows the schedule, cutting each page again and again until the schedule is through.
func (j *jitter) play(w *audience) {
	w.late = true
	timers, over := make([]*timer, len(w.pages)), false
	arm := func(p *page) {
		w.loop.stop(timers[p.number])
		wait := time.Duration(p.random.ExpFloat64() * float64(j.every))
		timers[p.number] = w.loop.after(wait, func() {
			if !over && p.engine != nil && !p.engine.conn.closed && !p.engine.conn.silent {
				j.cut(w, p)
			}
		})
	}
	w.leaving = arm
	for _, p := range w.pages {
		arm(p)
	}
	w.follow(schedule(w.random, j.clients, j.events, j.length), func() {})
	over = true
	w.run(cutWait+j.offline+j.spread, never)
	w.settle(2*time.Second + j.offline + j.spread)
}

func (j *jitter) cut(w *audience, p *page) {
	c, a := randomCut(p.random), w.account(p)
	offline := j.offline + time.Duration(p.random.Int63n(int64(j.spread)))
	a.note("is to be cut: %v", c)
	a.goes()
	p.lose(c, offline, func(within bool) {
		a.note("cut, within what was sent: %v, offline for %v", within, offline.Round(time.Millisecond))
		a.cuts++
		a.inside = within
		a.within += boolean(within)
	})
}

// bounds are those that Holdfast did not keep.
func (j *jitter) bounds(name string, o outcome) []string {
	repeated := atMost("repeated", o.Repeated, 0)
	if name == "marker" {
		share := 3 // of a hundred cuts
		if j.smoke {
			share = 15 // most cuts fall within what is being sent
		}
		repeated = atMost("cuts that repeated events", o.Repeating, o.Cuts*share/100)
	}
	return missed(repeated,
		atMost("lost", o.Lost, 0),
		atMost("reordered", o.Reordered, 0),
		atMost("damaged", o.Damaged, 0),
		atMost("strange", o.Strange, 0),
		atMost("calls never answered", o.Never, 0),
		atMost("calls answered twice", o.Twice, 0),
		atMost("answers to other calls", o.Crossed, 0),
		atMost("connections closed by the server", o.Closed, 0))
}

// report prints the table and what went wrong.
func (j *jitter) report(trials []*trial) error {
	var good []*trial
	var result error
	for _, t := range trials {
		switch {
		case errors.Is(t.err, errSkipped):
			fmt.Printf("%s: %v\n", t.Target, t.err)
		case t.err != nil:
			fmt.Printf("%s: failed: %v\n", t.Target, t.err)
			result = t.err
		default:
			good = append(good, t)
		}
	}
	printOutcomes(os.Stdout, j.describe(), good)
	j.surroundings(good)
	for _, t := range good {
		if j.smoke && t.Target == "direct" && t.Outcome.Lost == 0 {
			result = errors.New("nothing was lost without Holdfast: the run shows nothing")
		}
		if t.Outcome.Replays > 0 && !j.smoke && (t.Target == "argument" || t.Target == "marker") {
			fmt.Printf("%s, replay p99 < %v: %.0f ms  %s\n", t.Target, replayGoal, t.Outcome.ReplayP99,
				word(t.Outcome.ReplayP99 < float64(replayGoal.Milliseconds())))
		}
		if len(t.Missed) > 0 {
			fmt.Printf("%s misses: %s\n", t.Target, strings.Join(t.Missed, ", "))
			t.ledger.explain(os.Stdout, j.home, "jitter-"+t.Target, j.seed)
			result = errMissed
		}
	}
	return result
}

// surroundings prints versions and machine, and keeps all of it.
func (j *jitter) surroundings(trials []*trial) {
	if j.smoke {
		return
	}
	var lines []string
	for _, t := range trials {
		lines = append(lines, t.Target+": "+strings.Join(t.Versions, ", "))
	}
	lines = append(lines, machine(j.home)...)
	fmt.Println(strings.Join(lines, "\n"))
	must(keep(j.home, "jitter-", map[string]any{"surroundings": lines, "title": j.describe(), "trials": trials}))
}

func (j *jitter) describe() string {
	return fmt.Sprintf("jitter: %d pages, %d events each in %v, cut every %v, %v to %v offline, seed %d",
		j.clients, j.events, j.length, j.every, j.offline, j.offline+j.spread, j.seed)
}
