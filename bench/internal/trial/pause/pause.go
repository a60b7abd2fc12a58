package pause

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"

	"dev.holdfast/bench/internal/disturbance"
	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/testbed"
	"dev.holdfast/bench/internal/trial"
)

// Trial stops one process after the other by SIGSTOP, and lets it go on by SIGCONT.
type Trial struct {
	disturbance.Scenario
	processes string
}

// stoppable are the kinds of processes; each of the nodes is stopped in its turn.
var stoppable = []string{"nodes", "redis", "upstream", "balancer"}

// New has the defaults, which flags may change.
func New(o trial.Options) *Trial {
	p := &Trial{Scenario: disturbance.New(o, "pause", 500*time.Millisecond, 2*time.Second, 9*time.Second, 20*time.Second, time.Minute),
		processes: strings.Join(stoppable, ",")}
	return p
}

// Read takes the flags.
func (p *Trial) Read(arguments []string) *Trial {
	f := p.Flags()
	f.Var(&p.Lengths, "for", "how long a process is stopped, as 500ms,20s")
	f.StringVar(&p.processes, "processes", p.processes, "which are")
	f.Float64Var(&p.Share, "share", p.Share, "of the tabs, which lose their connection meanwhile")
	must.Do(f.Parse(arguments))
	return p
}

// Run tries it; an error says what went wrong.
func (p *Trial) Run() error {
	kinds := strings.Split(p.processes, ",")
	for _, kind := range kinds {
		if !slices.Contains(stoppable, kind) {
			return fmt.Errorf("unknown process %s: %s", kind, strings.Join(stoppable, ", "))
		}
	}
	g, err := p.Start(1)
	if err != nil {
		return err
	}
	defer g.Close()
	var all []disturbance.Disturbance
	for _, kind := range kinds {
		for _, length := range p.Lengths {
			all = append(all, p.stops(g, kind, length)...)
		}
	}
	return p.Try(g, all)
}

// stops are those of one kind of process.
func (p *Trial) stops(g *testbed.Testbed, kind string, length time.Duration) []disturbance.Disturbance {
	one := func(name string, signal func(syscall.Signal), costs disturbance.Costs) disturbance.Disturbance {
		return disturbance.Disturbance{Name: fmt.Sprintf("%v, %s", length, name), Length: length, Costs: costs,
			Begin: func() { signal(syscall.SIGSTOP) }, End: func() { signal(syscall.SIGCONT) }}
	}
	switch kind {
	case "redis":
		return []disturbance.Disturbance{one("Redis", g.Redis.Signal, disturbance.Costs{})}
	case "upstream":
		return []disturbance.Disturbance{one("upstream", g.Sources[0].Signal, disturbance.Costs{Relinks: length >= disturbance.SilentTimeout})}
	case "balancer":
		return []disturbance.Disturbance{one(p.Balancer, g.Cluster.Balancer.Signal, disturbance.Costs{Closes: length >= disturbance.PingTimeout})}
	}
	var all []disturbance.Disturbance
	for _, n := range g.Cluster.Nodes {
		all = append(all, one("node "+n.Name, n.Signal,
			disturbance.Costs{Fresh: length >= disturbance.GiveUp, Relinks: length >= disturbance.SilentTimeout, Closes: length >= disturbance.PingTimeout}))
		if p.Smoke {
			break
		}
	}
	return all
}
