package redisfaults

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"dev.holdfast/bench/internal/audience"
	"dev.holdfast/bench/internal/bound"
	"dev.holdfast/bench/internal/cluster"
	"dev.holdfast/bench/internal/eventloop"
	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/openwebui"
	"dev.holdfast/bench/internal/stats"
	"dev.holdfast/bench/internal/testbed"
	"dev.holdfast/bench/internal/trial"
)

// Trial gives Redis one fault after the other while events flow, each after a window without one.
type Trial struct {
	testbed.Scenario
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

// New has the defaults, which flags may change.
func New(o trial.Options) *Trial {
	f := &Trial{Scenario: testbed.New(o, "redis-faults", 1500), warmUp: time.Minute, window: 10 * time.Second, rounds: 5}
	if o.Smoke {
		f.warmUp, f.window, f.rounds, f.faults = 2*time.Second, 4*time.Second, 1, "paused,restarted-empty,failed-over"
	}
	return f
}

// Read takes the flags.
func (f *Trial) Read(arguments []string) *Trial {
	set := f.Flags()
	set.DurationVar(&f.warmUp, "warm-up", f.warmUp, "before the first window of each kind of Redis, for the nodes' compilers")
	set.DurationVar(&f.window, "window", f.window, "of each fault, and of the one without a fault before it")
	set.IntVar(&f.rounds, "rounds", f.rounds, "of all faults")
	set.StringVar(&f.faults, "faults", f.faults, "which of them, separated by commas; all if empty")
	must.Do(set.Parse(arguments))
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

func (f *Trial) wants(name string) bool {
	return f.faults == "" || slices.Contains(strings.Split(f.faults, ","), name)
}

// Run tries it; an error says what went wrong.
func (f *Trial) Run() error {
	if err := f.Equipped(); err != nil {
		return err
	}
	var result error
	for _, set := range topologies {
		if !slices.ContainsFunc(set.faults, f.wants) {
			continue
		}
		t, err := set.start(f.Program, f.Nodes)
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
func (f *Trial) try(t *topology) error {
	upstream, err := openwebui.Start(openwebui.StandIn(), 0)
	if err != nil {
		return err
	}
	g := &testbed.Testbed{Sources: []*openwebui.Source{upstream}, Redis: t.servers[0]}
	defer func() {
		g.Redis = nil // the topology's
		g.Close()
	}()
	set := f.Setup([]string{upstream.Address()}, t.urls...)
	set.Settings = t.settings
	if err := f.StartUsers(g, set); err != nil {
		return err
	}
	fmt.Printf("redis-faults, %s (%s): %d tabs of %d users, %g events a second to each room, %d nodes, windows of %v\n",
		t.name, g.Redis.Version(), f.Clients, f.Users(), f.Rate, f.Nodes, f.window)
	g.Users.Begin(f.Rate)
	g.Users.Run(f.warmUp, eventloop.Never)
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
	dead := len(g.Users.Dead(audience.DeadAfter))
	g.Users.End()
	return f.judge(g, reports, dead)
}

// round is a window without the fault, one with it, and what there is until all is well again.
func (f *Trial) round(g *testbed.Testbed, fault redisFault) (faultRound, error) {
	var r faultRound
	w := g.Users
	before := w.Sum()
	g.News(func(string) bool { return false })
	counted := countersOf(g)
	r.P99Before, _ = f.timed(w, f.window)
	fault.begin()
	began := time.Now()
	w.Timed, w.Latency = true, nil
	w.Run(f.window/2, eventloop.Never)
	r.New, r.NewMax = f.newcomers(g)
	w.Run(f.window-time.Since(began)-lookBefore, eventloop.Never)
	w.Until(lookBefore, func() bool {
		r.Ready = f.look(g, &r)
		return true
	})
	w.Until(cluster.StartLimit, func() bool {
		fault.end()
		return true
	})
	ended := time.Now()
	var last error
	if !w.Until(cluster.StartLimit, func() bool {
		var good bool
		good, last = g.Well(f.Nodes)
		return good
	}) {
		return r, fmt.Errorf("not well again: %w\n%s", last, strings.Join(g.News(func(string) bool { return true }), "\n"))
	}
	r.Back = time.Since(ended).Seconds()
	w.Timed = false
	r.Events = len(w.Latency)
	_, r.P99During, _ = stats.Quantiles(w.Latency)
	after := w.Sum()
	r.Drops, r.Moved = after.Drops-before.Drops, after.Moved-before.Moved
	r.Log = g.News(func(line string) bool {
		return !strings.Contains(line, "session of") && !strings.Contains(line, "transport of")
	})
	w.Run(testbed.BeatTime, eventloop.Never)
	r.Metrics = counted.to(countersOf(g))
	return r, nil
}

// timed measures events for that long.
func (f *Trial) timed(w *audience.Users, length time.Duration) (p99 float64, events int) {
	w.Timed, w.Latency = true, nil
	w.Run(length, eventloop.Never)
	w.Timed = false
	events = len(w.Latency)
	_, p99, _ = stats.Quantiles(w.Latency)
	return p99, events
}

// newcomers open sessions while the fault lasts, and leave again.
func (f *Trial) newcomers(g *testbed.Testbed) (count int, most float64) {
	w := g.Users
	began := time.Now()
	var fresh []*audience.Tab
	for i := 0; i < newTabs; i++ {
		t := w.Add(i % len(w.Rooms))
		t.Page.Dial()
		fresh = append(fresh, t)
	}
	w.Run(f.window/4, func() bool { return !slices.ContainsFunc(fresh, func(t *audience.Tab) bool { return !t.Open }) })
	for _, t := range fresh {
		if t.Open {
			count++
			most = max(most, float64(t.BackAt.Sub(began).Microseconds())/1000)
		}
	}
	w.Run(200*time.Millisecond, eventloop.Never)
	for _, t := range fresh {
		w.Leave(t, true)
	}
	return count, most
}

// look asks the nodes how Redis is: the count of those that say that it is not well, and the answer of one.
func (f *Trial) look(g *testbed.Testbed, r *faultRound) string {
	var answer string
	for _, n := range g.Cluster.Nodes {
		good, body := n.Ready()
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
func countersOf(g *testbed.Testbed) counters {
	all := counters{}
	for _, n := range g.Cluster.Nodes {
		m, err := n.Metrics()
		must.Do(err)
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

func (f *Trial) judge(g *testbed.Testbed, reports []faultReport, dead int) error {
	s := g.Users.Sum()
	wrong := append(s.Unharmed(), bound.Missed(bound.AtMost("dead tabs", dead, 0))...)
	fmt.Printf("  %d events expected, %d lost, %d repeated, %d reordered\n", s.Expected, s.Lost, s.Repeated, s.Reordered)
	for i := range reports {
		one := &reports[i]
		var ratios []float64
		for _, r := range one.Rounds {
			ratios = append(ratios, r.P99During/r.P99Before)
			wrong = append(wrong, bound.Missed(bound.AtMost(one.Name+": connections lost", r.Drops, 0),
				bound.AtMost(one.Name+": sids changed", r.Moved, 0),
				bound.AtMost(one.Name+": new sessions refused", newTabs-r.New, 0))...)
			if !strings.HasPrefix(r.Ready, "true") {
				wrong = append(wrong, one.Name+": /readyz says "+r.Ready)
			}
		}
		one.Ratio = stats.Median(ratios)
		if !f.Smoke {
			fmt.Printf("  %s: p99 during / before <= %g, median of %d: %.2f  %s\n", one.Name, latencyGoal, len(ratios), one.Ratio, bound.Word(one.Ratio <= latencyGoal))
		}
	}
	wrong = append(wrong, g.Cluster.Balanced()...)
	return f.Conclude(g, wrong, map[string]any{"events": s, "faults": reports})
}
