package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// disturbance is what happens to a process or to the network for a while.
type disturbance struct {
	name   string
	begin  func()
	end    func()
	length time.Duration
	late   time.Duration // how much longer than deadAfter a tab may get nothing, since only a timeout tells that it waits in vain
	costs  costs
}

// costs are what it may cost tabs, as the README says.
type costs struct{ fresh, relinks, closes bool }

const (
	silentTimeout = 45 * time.Second // upstream.silent-timeout as the fast upstream announces it, and the ping interval and timeout of tabs
	pingTimeout   = 20 * time.Second // of tabs alone: none is missed before
	giveUp        = 15 * time.Second // node.give-up
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

// disturbed is what partition and pause have in common: one disturbance after the other while events flow.
type disturbed struct {
	proof
	lengths lengths
	share   float64
	quiet   time.Duration // between two
}

func newDisturbed(o options, name string, all ...time.Duration) disturbed {
	d := disturbed{proof: newProof(o, name, 300), lengths: all, share: 0.5, quiet: 2 * time.Second}
	if o.smoke {
		d.lengths, d.quiet = []time.Duration{time.Second}, 200*time.Millisecond
	}
	return d
}

// lengths is a flag: durations, separated by commas.
type lengths []time.Duration

func (l *lengths) String() string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint([]time.Duration(*l)), " ", ","), "[]")
}

func (l *lengths) Set(value string) error {
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

// try lets all of them happen, and judges them.
func (d *disturbed) try(g *ground, all []disturbance) error {
	w := g.users
	fmt.Printf("%s: %d tabs of %d users, %g events a second to each room, %d nodes behind %s, latency %v, seed %d\n",
		d.name, d.clients, d.users(), d.rate, d.nodes, d.balancer, d.latency, d.seed)
	w.begin(d.rate)
	scatter(w)
	w.run(d.quiet, never)
	var damages []damage
	for _, one := range all {
		result, err := d.disturb(g, one)
		if err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
		damages = append(damages, result)
		fmt.Println("  " + result.describe())
	}
	w.end()
	return d.judge(g, all, damages)
}

// scatter lets all tabs come back once, so that for most of them there is a node between balancer and session.
func scatter(w *users) {
	for _, t := range w.tabs {
		w.cut(t, cut{way: byReset}, time.Duration(w.random.Int63n(int64(awayAtLeast))))
	}
	w.run(openLimit, w.allOpen)
}

// disturb lets one happen while some tabs lose their connections and come back by way of any node.
func (d *disturbed) disturb(g *ground, one disturbance) (damage, error) {
	w := g.users
	before, began := w.sum(), time.Now()
	w.until(startLimit, func() bool {
		one.begin()
		return true
	})
	for _, t := range w.tabs {
		if t := t; w.random.Float64() < d.share {
			away := awayAtLeast + time.Duration(w.random.Int63n(int64(awayAtMost-awayAtLeast)))
			w.loop.after(time.Duration(w.random.Int63n(int64(one.length))), func() { w.cut(t, randomCut(w.random), away) })
		}
	}
	w.run(time.Until(began.Add(one.length)), never)
	w.until(startLimit, func() bool {
		one.end()
		return true
	})
	ended := time.Now()
	result := damage{Name: one.name, Seconds: ended.Sub(began).Seconds()}
	var last error
	if !w.until(startLimit, func() bool {
		var good bool
		good, last = g.well(d.nodes)
		return good
	}) {
		return result, fmt.Errorf("not well again: %w\n%s", last, strings.Join(g.news(func(string) bool { return true }), "\n"))
	}
	well := time.Now()
	result.Back = well.Sub(ended).Seconds()
	w.run(deadAfter, func() bool { return w.allOpen() && !slices.ContainsFunc(w.tabs, (*tab).isToBeCut) })
	result.Dead = len(w.dead(one.late + deadAfter))
	after := w.sum()
	result.Expected, result.Lost, result.Silent = w.sentBetween(began, well)
	result.Repeated, result.Reordered = after.Repeated-before.Repeated, after.Reordered-before.Reordered
	result.Cuts, result.Closed, result.Failed = after.Cuts-before.Cuts, after.Drops-before.Drops, after.Failed-before.Failed
	result.Recovered, result.Fresh, result.Relinked = after.Recovered-before.Recovered, after.Fresh-before.Fresh, after.Moved-before.Moved
	w.run(d.quiet, never)
	return result, nil
}

func (d *disturbed) judge(g *ground, all []disturbance, damages []damage) error {
	s := g.users.sum()
	fmt.Printf("%s: %d events expected, %d lost, %d of them silently, %d repeated, %d reordered; %d connections cut, %d closed, "+
		"%d recovered, %d fresh sessions, %d sids changed on open connections\n",
		d.name, s.Expected, s.Lost, s.Silent, s.Repeated, s.Reordered, s.Cuts, s.Drops, s.Recovered, s.Fresh, s.Moved)
	wrong := missed(atMost("lost silently", s.Silent, 0), atMost("repeated", s.Repeated, 0), atMost("reordered", s.Reordered, 0),
		atMost("damaged", s.Damaged, 0), atMost("strange", s.Strange, 0))
	allow := func(yes bool, count int) int {
		if yes {
			return count
		}
		return 0
	}
	for i, one := range damages {
		may := all[i].costs
		wrong = append(wrong, missed(
			atMost(one.Name+": dead tabs", one.Dead, 0),
			atMost(one.Name+": fresh sessions", one.Fresh, allow(may.fresh, one.Fresh)),
			atMost(one.Name+": sids changed", one.Relinked, allow(may.relinks, one.Relinked)),
			atMost(one.Name+": connections closed", one.Closed, allow(may.closes, one.Closed)))...)
	}
	wrong = append(wrong, g.fleet.balanced()...)
	return d.conclude(g, wrong, map[string]any{"events": s, "disturbances": damages})
}
