package jitter

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"dev.holdfast/bench/internal/audience"
	"dev.holdfast/bench/internal/bound"
	"dev.holdfast/bench/internal/client"
	"dev.holdfast/bench/internal/eventloop"
	"dev.holdfast/bench/internal/machine"
	"dev.holdfast/bench/internal/metrics"
	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/trial"
)

// Trial cuts the connections of many pages at random while numbered events flow, and counts what becomes of them.
type Trial struct {
	trial.Scenario
	events  int
	length  time.Duration
	every   time.Duration
	offline time.Duration
	spread  time.Duration
}

const replayGoal = time.Second

// New has the defaults, which flags may change.
func New(o trial.Options) *Trial {
	if o.Smoke {
		return &Trial{trial.NewScenario(o, "jitter", trial.SmokePages, "direct,argument,marker"), 60,
			6 * time.Second, 2 * time.Second, 200 * time.Millisecond, 800 * time.Millisecond}
	}
	return &Trial{trial.NewScenario(o, "jitter", 2000, "python,nginx,node,argument,marker"), 120,
		60 * time.Second, 10 * time.Second, time.Second, 2 * time.Second}
}

// Read takes the flags.
func (j *Trial) Read(arguments []string) *Trial {
	f := j.Flags()
	f.IntVar(&j.events, "events", j.events, "for each page")
	f.DurationVar(&j.length, "length", j.length, "of the schedule of events")
	f.DurationVar(&j.every, "every", j.every, "mean time from a page's connection to its cut")
	f.DurationVar(&j.offline, "offline", j.offline, "shortest time that a page stays away")
	f.DurationVar(&j.spread, "spread", j.spread, "how much longer it may be")
	must.Do(f.Parse(arguments))
	return j
}

// attempt is what one target made of it.
type attempt struct {
	Target   string           `json:"target"`
	Versions []string         `json:"versions"`
	Outcome  audience.Outcome `json:"outcome"`
	Missed   []string         `json:"missed"` // bounds, of Holdfast only
	ledger   *audience.Ledger
	err      error
}

// Run tries the targets one after the other, those of a smoke run at the same time.
func (j *Trial) Run() error {
	names := strings.Split(j.Targets, ",")
	trials := make([]*attempt, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		all.Add(1)
		try := func(i int, name string) {
			defer all.Done()
			trials[i] = j.try(name)
		}
		if j.Smoke {
			go try(i, name)
		} else {
			try(i, name)
		}
	}
	all.Wait()
	return j.report(trials)
}

func (j *Trial) try(name string) *attempt {
	st, err := j.Open(name)
	if err != nil {
		return &attempt{Target: name, err: err}
	}
	defer st.Close()
	w := audience.New(st.Source, st.Address, st.Browser, j.Clients, j.Seed)
	defer w.Close()
	t := &attempt{Target: name, Versions: st.Versions, ledger: w.Ledger}
	if t.err = w.Open(); t.err != nil {
		return t
	}
	j.play(w)
	t.Outcome = w.Ledger.Sum()
	if st.Holdfast {
		t.Missed = j.bounds(name, t.Outcome)
		if err := metrics.Balance(st.Proxy.Admin); err != nil {
			t.Missed = append(t.Missed, err.Error())
		}
	}
	return t
}

// play follows the schedule, cutting each page again and again until the schedule is through.
func (j *Trial) play(w *audience.Audience) {
	w.Late = true
	timers, over := make([]*eventloop.Timer, len(w.Pages)), false
	arm := func(p *client.Page) {
		w.Loop.Stop(timers[p.Number])
		wait := time.Duration(p.Random.ExpFloat64() * float64(j.every))
		timers[p.Number] = w.Loop.After(wait, func() {
			if !over && p.Engine != nil && !p.Engine.Conn.Closed && !p.Engine.Conn.Silent {
				j.cut(w, p)
			}
		})
	}
	w.Leaving = arm
	for _, p := range w.Pages {
		arm(p)
	}
	w.Follow(audience.Schedule(w.Random, j.Clients, j.events, j.length), func() {})
	over = true
	w.Run(client.CutWait+j.offline+j.spread, eventloop.Never)
	w.Settle(2*time.Second + j.offline + j.spread)
}

func (j *Trial) cut(w *audience.Audience, p *client.Page) {
	c, a := client.RandomCut(p.Random), w.Account(p)
	offline := j.offline + time.Duration(p.Random.Int63n(int64(j.spread)))
	a.Note("is to be cut: %v", c)
	a.Goes()
	p.Lose(c, offline, func(within bool) {
		a.Note("cut, within what was sent: %v, offline for %v", within, offline.Round(time.Millisecond))
		a.Cuts++
		a.Inside = within
		a.Within += bound.Count(within)
	})
}

// bounds are those that Holdfast did not keep.
func (j *Trial) bounds(name string, o audience.Outcome) []string {
	repeated := bound.AtMost("repeated", o.Repeated, 0)
	if name == "marker" {
		share := 3 // of a hundred cuts
		if j.Smoke {
			share = 15 // most cuts fall within what is being sent
		}
		repeated = bound.AtMost("cuts that repeated events", o.Repeating, o.Cuts*share/100)
	}
	return bound.Missed(repeated,
		bound.AtMost("lost", o.Lost, 0),
		bound.AtMost("reordered", o.Reordered, 0),
		bound.AtMost("damaged", o.Damaged, 0),
		bound.AtMost("strange", o.Strange, 0),
		bound.AtMost("calls never answered", o.Never, 0),
		bound.AtMost("calls answered twice", o.Twice, 0),
		bound.AtMost("answers to other calls", o.Crossed, 0),
		bound.AtMost("connections closed by the server", o.Closed, 0))
}

// report prints the table and what went wrong.
func (j *Trial) report(trials []*attempt) error {
	var good []*attempt
	var result error
	for _, t := range trials {
		switch {
		case errors.Is(t.err, bound.ErrSkipped):
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
		if j.Smoke && t.Target == "direct" && t.Outcome.Lost == 0 {
			result = errors.New("nothing was lost without Holdfast: the run shows nothing")
		}
		if t.Outcome.Replays > 0 && !j.Smoke && (t.Target == "argument" || t.Target == "marker") {
			fmt.Printf("%s, replay p99 < %v: %.0f ms  %s\n", t.Target, replayGoal, t.Outcome.ReplayP99,
				bound.Word(t.Outcome.ReplayP99 < float64(replayGoal.Milliseconds())))
		}
		if len(t.Missed) > 0 {
			fmt.Printf("%s misses: %s\n", t.Target, strings.Join(t.Missed, ", "))
			t.ledger.Explain(os.Stdout, j.Home, "jitter-"+t.Target, j.Seed)
			result = bound.ErrMissed
		}
	}
	return result
}

// surroundings prints versions and machine, and keeps all of it.
func (j *Trial) surroundings(trials []*attempt) {
	if j.Smoke {
		return
	}
	var lines []string
	for _, t := range trials {
		lines = append(lines, t.Target+": "+strings.Join(t.Versions, ", "))
	}
	lines = append(lines, machine.Describe(j.Home)...)
	fmt.Println(strings.Join(lines, "\n"))
	must.Do(machine.Keep(j.Home, "jitter-", map[string]any{"surroundings": lines, "title": j.describe(), "trials": trials}))
}

func (j *Trial) describe() string {
	return fmt.Sprintf("jitter: %d pages, %d events each in %v, cut every %v, %v to %v offline, seed %d",
		j.Clients, j.events, j.length, j.every, j.offline, j.offline+j.spread, j.Seed)
}
