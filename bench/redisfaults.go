package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// redisFaults gives Redis one fault after the other while events flow, each after a window without one.
type redisFaults struct {
	proof
	warmUp time.Duration
	window time.Duration
	rounds int
	faults string
}

const (
	latencyGoal = 1.2
	newTabs     = 5                      // sessions that are opened during a fault
	lookBefore  = 500 * time.Millisecond // its end, the nodes are asked how they are
	noFault     = "none"                 // the control: what two windows differ by without a fault
)

func newRedisFaults(o options) *redisFaults {
	f := &redisFaults{proof: newProof(o, "redis-faults", 1500), warmUp: time.Minute, window: 10 * time.Second, rounds: 5}
	if o.smoke {
		f.warmUp, f.window, f.rounds, f.faults = 2*time.Second, 4*time.Second, 1, "paused,restarted-empty,failed-over"
	}
	return f
}

func (f *redisFaults) read(arguments []string) *redisFaults {
	set := f.flags()
	set.DurationVar(&f.warmUp, "warm-up", f.warmUp, "before the first window of each kind of Redis, for the nodes' compilers")
	set.DurationVar(&f.window, "window", f.window, "of each fault, and of the one without a fault before it")
	set.IntVar(&f.rounds, "rounds", f.rounds, "of all faults")
	set.StringVar(&f.faults, "faults", f.faults, "which of them, separated by commas; all if empty")
	must(set.Parse(arguments))
	return f
}

// faultRound is what one fault did once.
type faultRound struct {
	P99Before float64  `json:"p99MsBefore"`
	P99During float64  `json:"p99MsDuring"`
	Events    int      `json:"events"`
	Drops     int      `json:"connectionsLost"`
	Moved     int      `json:"sidsChanged"`
	New       int      `json:"newSessions"`
	NewMax    float64  `json:"newSessionMaxMs"`
	Degraded  int      `json:"nodesThatSaidSo"`
	Back      float64  `json:"allNodesWellAgainAfterS"`
	Ready     string   `json:"readyz"`
	Log       []string `json:"log"`
	Metrics   string   `json:"metrics"` // those of Redis that went up, over all nodes
}

// faultReport is a fault over all rounds.
type faultReport struct {
	Name   string       `json:"name"`
	Ratio  float64      `json:"p99Ratio"` // median
	Rounds []faultRound `json:"rounds"`
}

func (f *redisFaults) wants(name string) bool {
	return f.faults == "" || slices.Contains(strings.Split(f.faults, ","), name)
}

func (f *redisFaults) run() error {
	if err := f.equipped(); err != nil {
		return err
	}
	var result error
	for _, set := range topologies {
		if !slices.ContainsFunc(set.faults, f.wants) {
			continue
		}
		t, err := set.start(f.program, f.nodes)
		if err != nil {
			return err
		}
		err = f.try(t)
		t.close()
		if err != nil {
			fmt.Printf("redis-faults, %s: %v\n", t.name, err)
			result = err
		}
	}
	return result
}

// try runs all rounds of a topology's faults with the same tabs.
func (f *redisFaults) try(t *topology) error {
	upstream, err := startSource(goUpstream(), 0)
	if err != nil {
		return err
	}
	g := &ground{sources: []*source{upstream}, redis: t.servers[0], said: map[*node]int{}}
	defer func() {
		g.redis = nil // the topology's
		g.close()
	}()
	set := f.setup([]string{upstream.address()}, t.urls...)
	set.settings = t.settings
	if err := f.people(g, set); err != nil {
		return err
	}
	fmt.Printf("redis-faults, %s (%s): %d tabs of %d users, %g events a second to each room, %d nodes, windows of %v\n",
		t.name, g.redis.version(), f.clients, f.users(), f.rate, f.nodes, f.window)
	g.users.begin(f.rate)
	g.users.run(f.warmUp, never)
	var reports []faultReport
	t.faults = append([]redisFault{{name: noFault, begin: func() {}, end: func() {}}}, t.faults...)
	for _, fault := range t.faults {
		if f.wants(fault.name) {
			reports = append(reports, faultReport{Name: fault.name})
		}
	}
	for round := 0; round < f.rounds; round++ {
		for i := range reports {
			at := slices.IndexFunc(t.faults, func(one redisFault) bool { return one.name == reports[i].Name })
			one, err := f.round(g, t.faults[at])
			if err != nil {
				return fmt.Errorf("%s: %w", reports[i].Name, err)
			}
			reports[i].Rounds = append(reports[i].Rounds, one)
			fmt.Printf("  %s\n", one.describe(reports[i].Name))
			if round == 0 {
				fmt.Printf("    /readyz: %s; metrics: %s\n    %s\n", one.Ready, one.Metrics, strings.Join(one.Log, "\n    "))
			}
		}
	}
	dead := len(g.users.dead(deadAfter))
	g.users.end()
	return f.judge(g, reports, dead)
}

// round is a window without the fault, one with it, and what there is until all is well again.
func (f *redisFaults) round(g *ground, fault redisFault) (faultRound, error) {
	var r faultRound
	w := g.users
	before := w.sum()
	g.news(func(string) bool { return false })
	counted := countersOf(g)
	r.P99Before, _ = f.timed(w, f.window)
	fault.begin()
	began := time.Now()
	w.timed, w.latency = true, nil
	w.run(f.window/2, never)
	r.New, r.NewMax = f.newcomers(g)
	w.run(f.window-time.Since(began)-lookBefore, never)
	w.until(lookBefore, func() bool {
		r.Ready = f.look(g, &r)
		return true
	})
	w.until(startLimit, func() bool {
		fault.end()
		return true
	})
	ended := time.Now()
	var last error
	if !w.until(startLimit, func() bool {
		var good bool
		good, last = g.well(f.nodes)
		return good
	}) {
		return r, fmt.Errorf("not well again: %w\n%s", last, strings.Join(g.news(func(string) bool { return true }), "\n"))
	}
	r.Back = time.Since(ended).Seconds()
	w.timed = false
	r.Events = len(w.latency)
	_, r.P99During, _ = times(w.latency)
	after := w.sum()
	r.Drops, r.Moved = after.Drops-before.Drops, after.Moved-before.Moved
	r.Log = g.news(func(line string) bool {
		return !strings.Contains(line, "session of") && !strings.Contains(line, "transport of")
	})
	w.run(beatTime, never)
	r.Metrics = counted.to(countersOf(g))
	return r, nil
}

// timed measures events for that long.
func (f *redisFaults) timed(w *users, length time.Duration) (p99 float64, events int) {
	w.timed, w.latency = true, nil
	w.run(length, never)
	w.timed = false
	events = len(w.latency)
	_, p99, _ = times(w.latency)
	return p99, events
}

// newcomers open sessions while the fault lasts, and leave again.
func (f *redisFaults) newcomers(g *ground) (count int, most float64) {
	w := g.users
	began := time.Now()
	var fresh []*tab
	for i := 0; i < newTabs; i++ {
		t := w.add(i % len(w.rooms))
		t.page.dial()
		fresh = append(fresh, t)
	}
	w.run(f.window/4, func() bool { return !slices.ContainsFunc(fresh, func(t *tab) bool { return !t.open }) })
	for _, t := range fresh {
		if t.open {
			count++
			most = max(most, float64(t.backAt.Sub(began).Microseconds())/1000)
		}
	}
	w.run(200*time.Millisecond, never)
	for _, t := range fresh {
		w.leave(t, true)
	}
	return count, most
}

// look asks the nodes how Redis is: the count of those that say that it is not well, and the answer of one.
func (f *redisFaults) look(g *ground, r *faultRound) string {
	var answer string
	for _, n := range g.fleet.nodes {
		good, body := n.ready()
		if strings.Contains(body, "degraded") {
			r.Degraded++
		}
		if answer == "" || !good {
			answer = fmt.Sprintf("%v %s", good, strings.ReplaceAll(body, "\n", " "))
		}
	}
	return answer
}

// counters are sums over all nodes.
type counters map[string]float64

// counted are those of Redis, other than the commands.
func countersOf(g *ground) counters {
	all := counters{}
	for _, n := range g.fleet.nodes {
		m, err := n.metrics()
		must(err)
		for name, value := range m {
			if strings.HasPrefix(name, "holdfast_redis_errors_total{") || name == "holdfast_redis_rewrites_total" {
				all[name] += value
			}
		}
	}
	return all
}

// to is what went up.
func (c counters) to(later counters) string {
	var more []string
	for name, value := range later {
		if value > c[name] {
			more = append(more, fmt.Sprintf("%s +%.0f", name, value-c[name]))
		}
	}
	slices.Sort(more)
	return strings.Join(more, ", ")
}

func (r faultRound) describe(name string) string {
	return fmt.Sprintf("%-18sp99 %6.1f ms before, %6.1f ms during; %d events; connections lost %d, sids changed %d; "+
		"%d of %d new sessions, within %.0f ms; degraded at %d nodes, all well %.1f s after the end",
		name, r.P99Before, r.P99During, r.Events, r.Drops, r.Moved, r.New, newTabs, r.NewMax, r.Degraded, r.Back)
}

func (f *redisFaults) judge(g *ground, reports []faultReport, dead int) error {
	s := g.users.sum()
	wrong := append(s.unharmed(), missed(atMost("dead tabs", dead, 0))...)
	fmt.Printf("  %d events expected, %d lost, %d repeated, %d reordered\n", s.Expected, s.Lost, s.Repeated, s.Reordered)
	for i := range reports {
		one := &reports[i]
		var ratios []float64
		for _, r := range one.Rounds {
			ratios = append(ratios, r.P99During/r.P99Before)
			wrong = append(wrong, missed(atMost(one.Name+": connections lost", r.Drops, 0),
				atMost(one.Name+": sids changed", r.Moved, 0),
				atMost(one.Name+": new sessions refused", newTabs-r.New, 0))...)
			if !strings.HasPrefix(r.Ready, "true") {
				wrong = append(wrong, one.Name+": /readyz says "+r.Ready)
			}
		}
		one.Ratio = median(ratios)
		if !f.smoke {
			fmt.Printf("  %s: p99 during / before <= %g, median of %d: %.2f  %s\n", one.Name, latencyGoal, len(ratios), one.Ratio, word(one.Ratio <= latencyGoal))
		}
	}
	wrong = append(wrong, g.fleet.balanced()...)
	return f.conclude(g, wrong, map[string]any{"events": s, "faults": reports})
}
