package redistraffic

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"dev.holdfast/bench/internal/audience"
	"dev.holdfast/bench/internal/bound"
	"dev.holdfast/bench/internal/client"
	"dev.holdfast/bench/internal/eventloop"
	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/testbed"
	"dev.holdfast/bench/internal/trial"
)

// Trial counts what the nodes ask of Redis: for idle sessions, for each that connects or resumes, and for events.
type Trial struct {
	testbed.Scenario
	window time.Duration
}

// New has the defaults, which flags may change.
func New(o trial.Options) *Trial {
	t := &Trial{Scenario: testbed.New(o, "redis-traffic", 999), window: 20 * time.Second}
	if o.Smoke {
		t.window = 4 * time.Second
	}
	return t
}

// Read takes the flags.
func (t *Trial) Read(arguments []string) *Trial {
	f := t.Flags()
	f.DurationVar(&t.window, "window", t.window, "of each measurement")
	must.Do(f.Parse(arguments))
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
func callsOf(g *testbed.Testbed) calls {
	c := calls{by: map[string]int{}, at: time.Now()}
	text, _ := g.Redis.Must("INFO", "commandstats").(string)
	for _, line := range strings.Split(text, "\r\n") {
		name, rest, found := strings.Cut(strings.TrimPrefix(line, "cmdstat_"), ":calls=")
		if !found || name == "info" {
			continue
		}
		count, _, _ := strings.Cut(rest, ",")
		n, err := strconv.Atoi(count)
		must.Do(err)
		c.by[name] = n
		c.all += n
	}
	for _, n := range g.Cluster.Nodes {
		m, err := n.Metrics()
		must.Do(err)
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

// Run tries it; an error says what went wrong.
func (t *Trial) Run() error {
	g, err := t.Start(1)
	if err != nil {
		return err
	}
	defer g.Close()
	w := g.Users
	var rows []cost
	row := func(what string, by float64, c calls) {
		rows = append(rows, cost{what, float64(c.asked) / by, float64(c.all) / by, c.String()})
		fmt.Printf("  %-44s%10.3f sent%10.3f run  (%v)\n", what, float64(c.asked)/by, float64(c.all)/by, c)
	}
	fmt.Printf("redis-traffic: %d nodes, %d sessions; commands that nodes sent, and that Redis ran, those in scripts among them\n", t.Nodes, t.Clients)
	seconds := t.window.Seconds()
	idle := t.during(g, 0)
	row(fmt.Sprintf("a second, with %d idle sessions", t.Clients), seconds, idle)
	busy := t.during(g, t.Rate)
	events := 0
	for _, tab := range w.Tabs {
		events += len(tab.Seen)
	}
	row(fmt.Sprintf("a second, with %d events", events), seconds, busy)
	before := callsOf(g)
	for _, tab := range w.Tabs {
		tab.Page.Lose(client.Cut{Way: client.ByReset}, 100*time.Millisecond, func(bool) {})
		tab.Open = false
	}
	if !w.Run(audience.OpenLimit, w.AllOpen) {
		return fmt.Errorf("not all tabs came back in %v", audience.OpenLimit)
	}
	w.Run(2*testbed.BeatTime, eventloop.Never)
	row("a connection lost and resumed", float64(t.Clients), callsOf(g).since(before, idle, t.window))
	before = callsOf(g)
	for _, tab := range w.Tabs[:len(w.Tabs):len(w.Tabs)] {
		w.Leave(tab, true)
	}
	w.Run(2*testbed.BeatTime, eventloop.Never)
	row("a session closed", float64(t.Clients), callsOf(g).since(before, idle, t.window))
	none := t.during(g, 0)
	row("a second, without a session", seconds, none)
	before = callsOf(g)
	var fresh []*audience.Tab
	for i := 0; i < t.Clients; i++ {
		fresh = append(fresh, w.Add(i%len(w.Rooms)))
	}
	if err := w.Connect(fresh); err != nil {
		return err
	}
	w.Run(2*testbed.BeatTime, eventloop.Never)
	row("a session opened", float64(t.Clients), callsOf(g).since(before, idle, t.window))
	s := w.Sum()
	wrong := append(s.Unharmed(), bound.Missed(
		bound.AtMost(fmt.Sprintf("commands for %d events", events), busy.all-idle.all, t.beats(idle)),
		bound.AtMost("commands for idle sessions", idle.all-none.all, t.beats(idle)),
		bound.AtMost("sessions not resumed", t.Clients-s.Recovered, 0))...)
	if events == 0 {
		wrong = append(wrong, "no events were sent")
	}
	return t.Conclude(g, wrong, rows)
}

// during is what is called in a window at that rate of events.
func (t *Trial) during(g *testbed.Testbed, rate float64) calls {
	g.Users.Run(2*testbed.BeatTime, eventloop.Never)
	before := callsOf(g)
	if rate > 0 {
		g.Users.Begin(rate)
	}
	g.Users.Run(t.window-time.Second, eventloop.Never)
	g.Users.Rate = 0
	g.Users.Run(time.Second, eventloop.Never)
	return callsOf(g).since(before, calls{}, 0)
}

// beats is what one more beat of each node calls: a window may hold one more than another.
func (t *Trial) beats(idle calls) int {
	perSecond := float64(idle.all) / t.window.Seconds()
	return int(perSecond*testbed.BeatTime.Seconds()) + t.Nodes
}
