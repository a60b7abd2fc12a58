package crash

import (
	"fmt"
	"syscall"
	"time"

	"dev.holdfast/bench/internal/audience"
	"dev.holdfast/bench/internal/bound"
	"dev.holdfast/bench/internal/cluster"
	"dev.holdfast/bench/internal/eventloop"
	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/stats"
	"dev.holdfast/bench/internal/testbed"
	"dev.holdfast/bench/internal/trial"
)

// Trial kills a node under load, and then lets tabs come and go while nodes are killed now and then.
type Trial struct {
	testbed.Scenario
	window   time.Duration // resume.window
	churn    time.Duration
	turnover float64
}

const (
	backGoal  = 3 * time.Second // and what the rate of links adds
	killEvery = 4               // nodes are killed so many times in the churn
	goneLimit = 2 * time.Minute // for what a clock should decide, and a busy machine does not
)

// New has the defaults, which flags may change.
func New(o trial.Options) *Trial {
	c := &Trial{Scenario: testbed.New(o, "crash", 1500), window: 10 * time.Second, churn: 10 * time.Minute, turnover: 20}
	if o.Smoke {
		c.window, c.churn = 2*time.Second, 8*time.Second
	}
	return c
}

// Read takes the flags.
func (c *Trial) Read(arguments []string) *Trial {
	f := c.Flags()
	f.DurationVar(&c.window, "window", c.window, "resume.window")
	f.DurationVar(&c.churn, "churn", c.churn, "how long tabs come and go")
	f.Float64Var(&c.turnover, "turnover", c.turnover, "tabs that go in a second of that, and as many new ones")
	must.Do(f.Parse(arguments))
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

// Run tries it; an error says what went wrong.
func (c *Trial) Run() error {
	g, err := c.Start(1, testbed.Setting("resume.window", c.window))
	if err != nil {
		return err
	}
	defer g.Close()
	w := g.Users
	w.Begin(c.Rate)
	w.Run(2*time.Second, eventloop.Never)
	one, wrong, err := c.kill(g)
	if err != nil {
		return err
	}
	c.describe(one)
	if err := g.Again(c.Scenario, g.Cluster.Nodes[0]); err != nil {
		return err
	}
	began := time.Now()
	gone, err := c.comeAndGo(g)
	if err != nil {
		return err
	}
	churned := time.Since(began).Round(time.Second)
	w.Run(goneLimit, w.AllOpen)
	dead := len(w.Dead(audience.DeadAfter))
	w.End()
	ghosts, err := c.ghosts(g)
	if err != nil {
		return err
	}
	wrong = append(append(wrong, ghosts...), c.untouched(w)...)
	wrong = append(wrong, bound.Missed(bound.AtMost("dead tabs", dead, 0))...)
	s := w.Sum()
	fmt.Printf("crash: %d tabs went and came in %v, nodes killed %d times; %d connections lost, %d fresh sessions\n",
		gone, churned, killEvery, s.Drops, s.Fresh)
	return c.Conclude(g, wrong, map[string]any{"kill": one, "churned": gone, "events": s})
}

// kill ends the first node by SIGKILL and waits for its tabs, and until its keys are gone.
func (c *Trial) kill(g *testbed.Testbed) (crashed, []string, error) {
	n, w := g.Cluster.Nodes[0], g.Users
	id := n.ID()
	w.Joined = nil
	before := 0
	for _, t := range w.Tabs {
		before += t.Drops
	}
	killed := time.Now()
	n.Signal(syscall.SIGKILL)
	over := make(chan struct{})
	defer close(over)
	keys := audience.Ask(func() bool {
		left, err := g.Redis.Do("EXISTS", "{holdfast}:node:"+id, "{holdfast}:sessions:"+id)
		return err == nil && left == 0
	}, over)
	names := audience.Ask(func() bool {
		listed, err := g.Redis.Do("SISMEMBER", "{holdfast}:nodes", id)
		good, _ := g.Cluster.Together(c.Nodes - 1)
		return err == nil && listed == 0 && good
	}, over)
	if !w.Run(goneLimit, func() bool { return !n.Running() && w.LostSince(killed) > 0 && w.AllOpen() }) {
		return crashed{}, nil, fmt.Errorf("not all tabs came back in %v", goneLimit)
	}
	var away []time.Duration
	for _, t := range w.Tabs {
		if t.LostAt.After(killed) {
			away = append(away, t.BackAt.Sub(killed))
		}
	}
	one := crashed{Tabs: len(away), Links: audience.BusiestSecond(w.Joined)}
	one.P50, one.P99, one.Max = stats.Quantiles(away)
	var wrong []string
	seconds := func(gone <-chan time.Time) float64 {
		at, good := w.Await(goneLimit, gone)
		if !good {
			wrong = append(wrong, "the dead node is still known")
			return 0
		}
		return at.Sub(killed).Seconds()
	}
	one.KeysGone, one.NamesGone = seconds(keys), seconds(names)
	return one, wrong, nil
}

func (c *Trial) describe(one crashed) {
	goal := backGoal + time.Duration(float64(one.Tabs)/relinkRate*float64(time.Second))
	fmt.Printf("crash: node with %d of %d tabs killed: each back with a fresh session after p50 %.0f ms, p99 %.0f ms, max %.0f ms; "+
		"at most %d links in a second; its keys gone after %.1f s, unknown to other nodes after %.1f s\n",
		one.Tabs, c.Clients, one.P50, one.P99, one.Max, one.Links, one.KeysGone, one.NamesGone)
	if !c.Smoke {
		fmt.Printf("  back p99 < %v: %s\n", goal, bound.Word(one.P99 < float64(goal.Milliseconds())))
		fmt.Printf("  keys gone within three beats, %v: %s\n", 3*testbed.BeatTime, bound.Word(one.KeysGone < 3*testbed.BeatTime.Seconds()+0.1))
	}
}

// relinkRate is relink.rate, as it is by default.
const relinkRate = 50

// comeAndGo lets tabs leave in each way there is, and new ones come; the count of those that left. A node is
// killed when the others are well: on a slow machine there would be none to come back to.
func (c *Trial) comeAndGo(g *testbed.Testbed) (int, error) {
	w := g.Users
	over := make(chan struct{})
	defer close(over)
	together := func() bool {
		good, _ := g.Cluster.Together(c.Nodes)
		return good
	}
	well, limit := audience.Ask(together, over), time.Now().Add(cluster.StartLimit)
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
			return gone, fmt.Errorf("the nodes were not well again within %v", cluster.StartLimit)
		}
		if due := int(time.Since(began) * (killEvery + 1) / c.churn); well == nil && kills < min(due, killEvery) {
			n := g.Cluster.Nodes[kills%len(g.Cluster.Nodes)]
			kills++
			n.Signal(syscall.SIGKILL)
			w.Run(cluster.StartLimit, func() bool { return !n.Running() })
			if err := n.Start(); err != nil {
				return gone, err
			}
			well, limit = audience.Ask(together, over), time.Now().Add(cluster.StartLimit)
		}
		w.Run(20*time.Millisecond, eventloop.Never)
	}
	return gone, nil
}

// replace lets one open tab go, and opens another one of the same user.
func (c *Trial) replace(w *audience.Users) {
	for tries := 0; tries < 100; tries++ {
		t := w.Tabs[w.Random.Intn(len(w.Tabs))]
		if !t.Open || t.Page.Stopped {
			continue
		}
		switch way := w.Random.Intn(4); {
		case way == 0:
			w.Leave(t, false) // FIN, without a word: parked for resume.window
		case way == 1 && !c.Smoke:
			w.Vanish(t) // seen by the missing PONG
		default:
			w.Leave(t, true)
		}
		w.Add(t.User).Page.Dial()
		return
	}
}

// ghosts are sessions in Redis, or in nodes, that no tab has, and keys that should not be there.
func (c *Trial) ghosts(g *testbed.Testbed) ([]string, error) {
	w := g.Users
	alive := 0
	for _, t := range w.Tabs {
		alive += bound.Count(!t.Page.Stopped)
	}
	var known, held int
	var strange []string
	settled := w.Run(goneLimit, func() bool {
		w.Run(time.Second, eventloop.Never)
		known, strange = g.Registered()
		held, _ = g.Cluster.Sessions()
		return known == alive && held == alive && len(strange) == 0 && w.AllOpen()
	})
	fmt.Printf("crash: %d tabs are open; %d sessions in Redis, %d in the nodes; keys that should not be there: %d\n",
		alive, known, held, len(strange))
	if !settled {
		return []string{fmt.Sprintf("%d tabs are open, %d sessions in Redis, %d in the nodes, strange keys %v", alive, known, held, strange)}, nil
	}
	return nil, nil
}

// untouched says what went wrong with events, other than those that a crash may lose.
func (c *Trial) untouched(w *audience.Users) []string {
	s, lost := w.Sum(), 0
	for _, t := range w.Tabs {
		if t.Drops == 0 && !t.Page.Stopped {
			lost += len(w.Missing(t))
		}
	}
	return bound.Missed(bound.AtMost("events lost by tabs of other nodes", lost, 0), bound.AtMost("repeated", s.Repeated, 0),
		bound.AtMost("reordered", s.Reordered, 0), bound.AtMost("damaged", s.Damaged, 0), bound.AtMost("strange", s.Strange, 0))
}
