package disturbance

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"dev.holdfast/bench/internal/audience"
	"dev.holdfast/bench/internal/bound"
	"dev.holdfast/bench/internal/client"
	"dev.holdfast/bench/internal/cluster"
	"dev.holdfast/bench/internal/eventloop"
	"dev.holdfast/bench/internal/testbed"
	"dev.holdfast/bench/internal/trial"
)

// Disturbance is what happens to a process or to the network for a while.
type Disturbance struct {
	Name   string
	Begin  func()
	End    func()
	Length time.Duration
	Late   time.Duration // how much longer than audience.DeadAfter a tab may get nothing, since only a timeout tells that it waits in vain
	Costs  Costs
}

// Costs are what it may cost tabs, as the README says.
type Costs struct{ Fresh, Relinks, Closes bool }

const (
	SilentTimeout = 45 * time.Second // upstream.silent-timeout as the fast upstream announces it, and the ping interval and timeout of tabs
	PingTimeout   = 20 * time.Second // of tabs alone: none is missed before
	GiveUp        = 15 * time.Second // node.give-up
)

// damage is what one did.
type damage struct {
	Name      string  `json:"name"`
	Seconds   float64 `json:"seconds"`
	Back      float64 `json:"allNodesWellAgainAfterS"`
	Expected  int     `json:"expected"`
	Lost      int     `json:"lost"`
	Silent    int     `json:"lostSilently"`
	Repeated  int     `json:"repeated"`
	Reordered int     `json:"reordered"`
	Cuts      int     `json:"connectionsCut"`
	Closed    int     `json:"connectionsClosed"`
	Failed    int     `json:"failedAttempts"`
	Recovered int     `json:"recovered"`
	Fresh     int     `json:"freshSessions"`
	Relinked  int     `json:"sidsChangedWhileOpen"`
	Dead      int     `json:"deadTabs"`
}

func (d damage) describe() string {
	return fmt.Sprintf("%-42s %5d cut, %3d closed, %4d failed attempts, %4d recovered, %3d fresh, %3d relinked; "+
		"%6d events, %3d lost, %3d of them silently, %d repeated, %d reordered; %d dead tabs; well after %.1f s",
		d.Name, d.Cuts, d.Closed, d.Failed, d.Recovered, d.Fresh, d.Relinked, d.Expected, d.Lost, d.Silent, d.Repeated, d.Reordered, d.Dead, d.Back)
}

// Scenario is what partition and pause have in common: one disturbance after the other while events flow.
type Scenario struct {
	testbed.Scenario
	Lengths Lengths
	Share   float64
	quiet   time.Duration // between two
}

// New has the defaults, with these lengths of a disturbance.
func New(o trial.Options, name string, all ...time.Duration) Scenario {
	d := Scenario{Scenario: testbed.New(o, name, 300), Lengths: all, Share: 0.5, quiet: 2 * time.Second}
	if o.Smoke {
		d.Lengths, d.quiet = []time.Duration{time.Second}, 200*time.Millisecond
	}
	return d
}

// Lengths is a flag: durations, separated by commas.
type Lengths []time.Duration

// String implements flag.Value.
func (l *Lengths) String() string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint([]time.Duration(*l)), " ", ","), "[]")
}

// Set implements flag.Value.
func (l *Lengths) Set(value string) error {
	*l = nil
	for _, text := range strings.Split(value, ",") {
		one, err := time.ParseDuration(text)
		if err != nil {
			return err
		}
		*l = append(*l, one)
	}
	return nil
}

// Try lets all of them happen, and judges them.
func (d *Scenario) Try(g *testbed.Testbed, all []Disturbance) error {
	w := g.Users
	fmt.Printf("%s: %d tabs of %d users, %g events a second to each room, %d nodes behind %s, latency %v, seed %d\n",
		d.Name, d.Clients, d.Users(), d.Rate, d.Nodes, d.Balancer, d.Latency, d.Seed)
	w.Begin(d.Rate)
	scatter(w)
	w.Run(d.quiet, eventloop.Never)
	var damages []damage
	for _, one := range all {
		result, err := d.disturb(g, one)
		if err != nil {
			return fmt.Errorf("%s: %w", one.Name, err)
		}
		damages = append(damages, result)
		fmt.Println("  " + result.describe())
	}
	w.End()
	return d.judge(g, all, damages)
}

// scatter lets all tabs come back once, so that for most of them there is a node between balancer and session.
func scatter(w *audience.Users) {
	for _, t := range w.Tabs {
		w.Cut(t, client.Cut{Way: client.ByReset}, time.Duration(w.Random.Int63n(int64(testbed.AwayAtLeast))))
	}
	w.Run(audience.OpenLimit, w.AllOpen)
}

// disturb lets one happen while some tabs lose their connections and come back by way of any node.
func (d *Scenario) disturb(g *testbed.Testbed, one Disturbance) (damage, error) {
	w := g.Users
	before, began := w.Sum(), time.Now()
	w.Until(cluster.StartLimit, func() bool {
		one.Begin()
		return true
	})
	for _, t := range w.Tabs {
		if t := t; w.Random.Float64() < d.Share {
			away := testbed.AwayAtLeast + time.Duration(w.Random.Int63n(int64(testbed.AwayAtMost-testbed.AwayAtLeast)))
			w.Loop.After(time.Duration(w.Random.Int63n(int64(one.Length))), func() { w.Cut(t, client.RandomCut(w.Random), away) })
		}
	}
	w.Run(time.Until(began.Add(one.Length)), eventloop.Never)
	w.Until(cluster.StartLimit, func() bool {
		one.End()
		return true
	})
	ended := time.Now()
	result := damage{Name: one.Name, Seconds: ended.Sub(began).Seconds()}
	var last error
	if !w.Until(cluster.StartLimit, func() bool {
		var good bool
		good, last = g.Well(d.Nodes)
		return good
	}) {
		return result, fmt.Errorf("not well again: %w\n%s", last, strings.Join(g.News(func(string) bool { return true }), "\n"))
	}
	well := time.Now()
	result.Back = well.Sub(ended).Seconds()
	w.Run(audience.DeadAfter, func() bool { return w.AllOpen() && !slices.ContainsFunc(w.Tabs, (*audience.Tab).IsToBeCut) })
	result.Dead = len(w.Dead(one.Late + audience.DeadAfter))
	after := w.Sum()
	result.Expected, result.Lost, result.Silent = w.SentBetween(began, well)
	result.Repeated, result.Reordered = after.Repeated-before.Repeated, after.Reordered-before.Reordered
	result.Cuts, result.Closed, result.Failed = after.Cuts-before.Cuts, after.Drops-before.Drops, after.Failed-before.Failed
	result.Recovered, result.Fresh, result.Relinked = after.Recovered-before.Recovered, after.Fresh-before.Fresh, after.Moved-before.Moved
	w.Run(d.quiet, eventloop.Never)
	return result, nil
}

func (d *Scenario) judge(g *testbed.Testbed, all []Disturbance, damages []damage) error {
	s := g.Users.Sum()
	fmt.Printf("%s: %d events expected, %d lost, %d of them silently, %d repeated, %d reordered; %d connections cut, %d closed, "+
		"%d recovered, %d fresh sessions, %d sids changed on open connections\n",
		d.Name, s.Expected, s.Lost, s.Silent, s.Repeated, s.Reordered, s.Cuts, s.Drops, s.Recovered, s.Fresh, s.Moved)
	wrong := bound.Missed(bound.AtMost("lost silently", s.Silent, 0), bound.AtMost("repeated", s.Repeated, 0), bound.AtMost("reordered", s.Reordered, 0),
		bound.AtMost("damaged", s.Damaged, 0), bound.AtMost("strange", s.Strange, 0))
	allow := func(yes bool, count int) int {
		if yes {
			return count
		}
		return 0
	}
	for i, one := range damages {
		may := all[i].Costs
		wrong = append(wrong, bound.Missed(
			bound.AtMost(one.Name+": dead tabs", one.Dead, 0),
			bound.AtMost(one.Name+": fresh sessions", one.Fresh, allow(may.Fresh, one.Fresh)),
			bound.AtMost(one.Name+": sids changed", one.Relinked, allow(may.Relinks, one.Relinked)),
			bound.AtMost(one.Name+": connections closed", one.Closed, allow(may.Closes, one.Closed)))...)
	}
	wrong = append(wrong, g.Cluster.Balanced()...)
	return d.Conclude(g, wrong, map[string]any{"events": s, "disturbances": damages})
}
