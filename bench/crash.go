package main

import (
	"fmt"
	"syscall"
	"time"
)

// crash kills a node under load, and then lets tabs come and go while nodes are killed now and then.
type crash struct {
	proof
	window   time.Duration // resume.window
	churn    time.Duration
	turnover float64
}

const (
	backGoal  = 3 * time.Second // and what the rate of links adds
	killEvery = 4               // nodes are killed so many times in the churn
	goneLimit = 2 * time.Minute // for what a clock should decide, and a busy machine does not
)

func newCrash(o options) *crash {
	c := &crash{proof: newProof(o, "crash", 1500), window: 10 * time.Second, churn: 10 * time.Minute, turnover: 20}
	if o.smoke {
		c.window, c.churn = 2*time.Second, 8*time.Second
	}
	return c
}

func (c *crash) read(arguments []string) *crash {
	f := c.flags()
	f.DurationVar(&c.window, "window", c.window, "resume.window")
	f.DurationVar(&c.churn, "churn", c.churn, "how long tabs come and go")
	f.Float64Var(&c.turnover, "turnover", c.turnover, "tabs that go in a second of that, and as many new ones")
	must(f.Parse(arguments))
	return c
}

// crashed is what a kill did.
type crashed struct {
	Tabs      int     `json:"tabs"`
	P50       float64 `json:"backP50Ms"`
	P99       float64 `json:"backP99Ms"`
	Max       float64 `json:"backMaxMs"`
	Links     int     `json:"linksInBusiestSecond"`
	KeysGone  float64 `json:"keysGoneAfterS"`
	NamesGone float64 `json:"otherNodesKnowAfterS"`
}

func (c *crash) run() error {
	g, err := c.lay(1, setting("resume.window", c.window))
	if err != nil {
		return err
	}
	defer g.close()
	w := g.users
	w.begin(c.rate)
	w.run(2*time.Second, never)
	one, wrong, err := c.kill(g)
	if err != nil {
		return err
	}
	c.describe(one)
	if err := g.again(c.proof, g.fleet.nodes[0]); err != nil {
		return err
	}
	began := time.Now()
	gone, err := c.comeAndGo(g)
	if err != nil {
		return err
	}
	churned := time.Since(began).Round(time.Second)
	w.run(goneLimit, w.allOpen)
	dead := len(w.dead(deadAfter))
	w.end()
	ghosts, err := c.ghosts(g)
	if err != nil {
		return err
	}
	wrong = append(append(wrong, ghosts...), c.untouched(w)...)
	wrong = append(wrong, missed(atMost("dead tabs", dead, 0))...)
	s := w.sum()
	fmt.Printf("crash: %d tabs went and came in %v, nodes killed %d times; %d connections lost, %d fresh sessions\n",
		gone, churned, killEvery, s.Drops, s.Fresh)
	return c.conclude(g, wrong, map[string]any{"kill": one, "churned": gone, "events": s})
}

// kill ends the first node by SIGKILL and waits for its tabs, and until its keys are gone.
func (c *crash) kill(g *ground) (crashed, []string, error) {
	n, w := g.fleet.nodes[0], g.users
	id := n.id()
	w.joined = nil
	before := 0
	for _, t := range w.tabs {
		before += t.drops
	}
	killed := time.Now()
	n.signal(syscall.SIGKILL)
	over := make(chan struct{})
	defer close(over)
	keys := ask(func() bool {
		left, err := g.redis.do("EXISTS", "{holdfast}:node:"+id, "{holdfast}:sessions:"+id)
		return err == nil && left == 0
	}, over)
	names := ask(func() bool {
		listed, err := g.redis.do("SISMEMBER", "{holdfast}:nodes", id)
		good, _ := g.fleet.together(c.nodes - 1)
		return err == nil && listed == 0 && good
	}, over)
	if !w.run(goneLimit, func() bool { return !n.running() && w.lostSince(killed) > 0 && w.allOpen() }) {
		return crashed{}, nil, fmt.Errorf("not all tabs came back in %v", goneLimit)
	}
	var away []time.Duration
	for _, t := range w.tabs {
		if t.lostAt.After(killed) {
			away = append(away, t.backAt.Sub(killed))
		}
	}
	one := crashed{Tabs: len(away), Links: busiestSecond(w.joined)}
	one.P50, one.P99, one.Max = times(away)
	var wrong []string
	seconds := func(gone <-chan time.Time) float64 {
		at, good := w.await(goneLimit, gone)
		if !good {
			wrong = append(wrong, "the dead node is still known")
			return 0
		}
		return at.Sub(killed).Seconds()
	}
	one.KeysGone, one.NamesGone = seconds(keys), seconds(names)
	return one, wrong, nil
}

func (c *crash) describe(one crashed) {
	goal := backGoal + time.Duration(float64(one.Tabs)/relinkRate*float64(time.Second))
	fmt.Printf("crash: node with %d of %d tabs killed: each back with a fresh session after p50 %.0f ms, p99 %.0f ms, max %.0f ms; "+
		"at most %d links in a second; its keys gone after %.1f s, unknown to other nodes after %.1f s\n",
		one.Tabs, c.clients, one.P50, one.P99, one.Max, one.Links, one.KeysGone, one.NamesGone)
	if !c.smoke {
		fmt.Printf("  back p99 < %v: %s\n", goal, word(one.P99 < float64(goal.Milliseconds())))
		fmt.Printf("  keys gone within three beats, %v: %s\n", 3*beatTime, word(one.KeysGone < 3*beatTime.Seconds()+0.1))
	}
}

// relinkRate is relink.rate, as it is by default.
const relinkRate = 50

// comeAndGo lets tabs leave in each way there is, and new ones come; the count of those that left. A node is
// killed when the others are well: on a slow machine there would be none to come back to.
func (c *crash) comeAndGo(g *ground) (int, error) {
	w := g.users
	over := make(chan struct{})
	defer close(over)
	together := func() bool {
		good, _ := g.fleet.together(c.nodes)
		return good
	}
	well, limit := ask(together, over), time.Now().Add(startLimit)
	gone, kills, began := 0, 0, time.Now()
	for time.Since(began) < c.churn || kills < killEvery || well != nil {
		for due := int(time.Since(began).Seconds() * c.turnover); gone < due; gone++ {
			c.replace(w)
		}
		select {
		case <-well:
			well = nil
		default:
		}
		if well != nil && time.Now().After(limit) {
			return gone, fmt.Errorf("the nodes were not well again within %v", startLimit)
		}
		if due := int(time.Since(began) * (killEvery + 1) / c.churn); well == nil && kills < min(due, killEvery) {
			n := g.fleet.nodes[kills%len(g.fleet.nodes)]
			kills++
			n.signal(syscall.SIGKILL)
			w.run(startLimit, func() bool { return !n.running() })
			if err := n.start(); err != nil {
				return gone, err
			}
			well, limit = ask(together, over), time.Now().Add(startLimit)
		}
		w.run(20*time.Millisecond, never)
	}
	return gone, nil
}

// replace lets one open tab go, and opens another one of the same user.
func (c *crash) replace(w *users) {
	for tries := 0; tries < 100; tries++ {
		t := w.tabs[w.random.Intn(len(w.tabs))]
		if !t.open || t.page.stopped {
			continue
		}
		switch way := w.random.Intn(4); {
		case way == 0:
			w.leave(t, false) // FIN, without a word: parked for resume.window
		case way == 1 && !c.smoke:
			w.vanish(t) // seen by the missing PONG
		default:
			w.leave(t, true)
		}
		w.add(t.user).page.dial()
		return
	}
}

// ghosts are sessions in Redis, or in nodes, that no tab has, and keys that should not be there.
func (c *crash) ghosts(g *ground) ([]string, error) {
	w := g.users
	alive := 0
	for _, t := range w.tabs {
		alive += boolean(!t.page.stopped)
	}
	var known, held int
	var strange []string
	settled := w.run(goneLimit, func() bool {
		w.run(time.Second, never)
		known, strange = g.registered()
		held, _ = g.fleet.sessions()
		return known == alive && held == alive && len(strange) == 0 && w.allOpen()
	})
	fmt.Printf("crash: %d tabs are open; %d sessions in Redis, %d in the nodes; keys that should not be there: %d\n",
		alive, known, held, len(strange))
	if !settled {
		return []string{fmt.Sprintf("%d tabs are open, %d sessions in Redis, %d in the nodes, strange keys %v", alive, known, held, strange)}, nil
	}
	return nil, nil
}

// untouched says what went wrong with events, other than those that a crash may lose.
func (c *crash) untouched(w *users) []string {
	s, lost := w.sum(), 0
	for _, t := range w.tabs {
		if t.drops == 0 && !t.page.stopped {
			lost += len(w.missing(t))
		}
	}
	return missed(atMost("events lost by tabs of other nodes", lost, 0), atMost("repeated", s.Repeated, 0),
		atMost("reordered", s.Reordered, 0), atMost("damaged", s.Damaged, 0), atMost("strange", s.Strange, 0))
}
