package main

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"
)

// traffic counts what the nodes ask of Redis: for idle sessions, for each that connects or resumes, and for events.
type traffic struct {
	proof
	window time.Duration
}

func newTraffic(o options) *traffic {
	t := &traffic{proof: newProof(o, "redis-traffic", 999), window: 20 * time.Second}
	if o.smoke {
		t.window = 4 * time.Second
	}
	return t
}

func (t *traffic) read(arguments []string) *traffic {
	f := t.flags()
	f.DurationVar(&t.window, "window", t.window, "of each measurement")
	must(f.Parse(arguments))
	return t
}

// calls are commands that Redis has run: all, and those that came from clients and not from scripts.
type calls struct {
	all   int
	by    map[string]int
	asked int
	at    time.Time
}

// calls reads INFO commandstats, and what the nodes say that they have sent.
func callsOf(g *ground) calls {
	c := calls{by: map[string]int{}, at: time.Now()}
	text, _ := g.redis.must("INFO", "commandstats").(string)
	for _, line := range strings.Split(text, "\r\n") {
		name, rest, found := strings.Cut(strings.TrimPrefix(line, "cmdstat_"), ":calls=")
		if !found || name == "info" {
			continue
		}
		count, _, _ := strings.Cut(rest, ",")
		n, err := strconv.Atoi(count)
		must(err)
		c.by[name] = n
		c.all += n
	}
	for _, n := range g.fleet.nodes {
		m, err := n.metrics()
		must(err)
		c.asked += int(m["holdfast_redis_commands_total"])
	}
	return c
}

// since is what was called after that, less what the nodes call anyway in that time.
func (c calls) since(before calls, idle calls, idleFor time.Duration) calls {
	share := 0.0
	if idleFor > 0 {
		share = c.at.Sub(before.at).Seconds() / idleFor.Seconds()
	}
	d := calls{all: c.all - before.all - int(share*float64(idle.all)),
		asked: c.asked - before.asked - int(share*float64(idle.asked)), by: map[string]int{}, at: c.at}
	for name, n := range c.by {
		if more := n - before.by[name] - int(share*float64(idle.by[name])); more != 0 {
			d.by[name] = more
		}
	}
	return d
}

func (c calls) String() string {
	var names []string
	for name, n := range c.by {
		names = append(names, fmt.Sprintf("%s %d", name, n))
	}
	sort.Strings(names)
	return strings.Join(names, ", ")
}

// cost is a row of the report.
type cost struct {
	What     string  `json:"what"`
	Asked    float64 `json:"commands"`
	Run      float64 `json:"commandsRun"`
	Commands string  `json:"by"`
}

func (t *traffic) run() error {
	g, err := t.lay(1)
	if err != nil {
		return err
	}
	defer g.close()
	w := g.users
	var rows []cost
	row := func(what string, by float64, c calls) {
		rows = append(rows, cost{what, float64(c.asked) / by, float64(c.all) / by, c.String()})
		fmt.Printf("  %-44s%10.3f sent%10.3f run  (%v)\n", what, float64(c.asked)/by, float64(c.all)/by, c)
	}
	fmt.Printf("redis-traffic: %d nodes, %d sessions; commands that nodes sent, and that Redis ran, those in scripts among them\n", t.nodes, t.clients)
	seconds := t.window.Seconds()
	idle := t.during(g, 0)
	row(fmt.Sprintf("a second, with %d idle sessions", t.clients), seconds, idle)
	busy := t.during(g, t.rate)
	events := 0
	for _, tab := range w.tabs {
		events += len(tab.seen)
	}
	row(fmt.Sprintf("a second, with %d events", events), seconds, busy)
	before := callsOf(g)
	for _, tab := range w.tabs {
		tab.page.lose(cut{way: byReset}, 100*time.Millisecond, func(bool) {})
		tab.open = false
	}
	if !w.run(openLimit, w.allOpen) {
		return fmt.Errorf("not all tabs came back in %v", openLimit)
	}
	w.run(2*beatTime, never)
	row("a connection lost and resumed", float64(t.clients), callsOf(g).since(before, idle, t.window))
	before = callsOf(g)
	for _, tab := range w.tabs[:len(w.tabs):len(w.tabs)] {
		w.leave(tab, true)
	}
	w.run(2*beatTime, never)
	row("a session closed", float64(t.clients), callsOf(g).since(before, idle, t.window))
	none := t.during(g, 0)
	row("a second, without a session", seconds, none)
	before = callsOf(g)
	var fresh []*tab
	for i := 0; i < t.clients; i++ {
		fresh = append(fresh, w.add(i%len(w.rooms)))
	}
	if err := w.connect(fresh); err != nil {
		return err
	}
	w.run(2*beatTime, never)
	row("a session opened", float64(t.clients), callsOf(g).since(before, idle, t.window))
	s := w.sum()
	wrong := append(s.unharmed(), missed(
		atMost(fmt.Sprintf("commands for %d events", events), busy.all-idle.all, t.beats(idle)),
		atMost("commands for idle sessions", idle.all-none.all, t.beats(idle)),
		atMost("sessions not resumed", t.clients-s.Recovered, 0))...)
	if events == 0 {
		wrong = append(wrong, "no events were sent")
	}
	return t.conclude(g, wrong, rows)
}

// during is what is called in a window at that rate of events.
func (t *traffic) during(g *ground, rate float64) calls {
	g.users.run(2*beatTime, never)
	before := callsOf(g)
	if rate > 0 {
		g.users.begin(rate)
	}
	g.users.run(t.window-time.Second, never)
	g.users.rate = 0
	g.users.run(time.Second, never)
	return callsOf(g).since(before, calls{}, 0)
}

// beats is what one more beat of each node calls: a window may hold one more than another.
func (t *traffic) beats(idle calls) int {
	perSecond := float64(idle.all) / t.window.Seconds()
	return int(perSecond*beatTime.Seconds()) + t.nodes
}
