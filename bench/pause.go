package main

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"
)

// pause stops one process after the other by SIGSTOP, and lets it go on by SIGCONT.
type pause struct {
	disturbed
	processes string
}

// stoppable are the kinds of processes; each of the nodes is stopped in its turn.
var stoppable = []string{"nodes", "redis", "upstream", "balancer"}

func newPause(o options) *pause {
	p := &pause{disturbed: newDisturbed(o, "pause", 500*time.Millisecond, 2*time.Second, 9*time.Second, 20*time.Second, time.Minute),
		processes: strings.Join(stoppable, ",")}
	return p
}

func (p *pause) read(arguments []string) *pause {
	f := p.flags()
	f.Var(&p.lengths, "for", "how long a process is stopped, as 500ms,20s")
	f.StringVar(&p.processes, "processes", p.processes, "which are")
	f.Float64Var(&p.share, "share", p.share, "of the tabs, which lose their connection meanwhile")
	must(f.Parse(arguments))
	return p
}

func (p *pause) run() error {
	kinds := strings.Split(p.processes, ",")
	for _, kind := range kinds {
		if !slices.Contains(stoppable, kind) {
			return fmt.Errorf("unknown process %s: %s", kind, strings.Join(stoppable, ", "))
		}
	}
	g, err := p.lay(1)
	if err != nil {
		return err
	}
	defer g.close()
	var all []disturbance
	for _, kind := range kinds {
		for _, length := range p.lengths {
			all = append(all, p.stops(g, kind, length)...)
		}
	}
	return p.try(g, all)
}

// stops are those of one kind of process.
func (p *pause) stops(g *ground, kind string, length time.Duration) []disturbance {
	one := func(name string, signal func(syscall.Signal), costs costs) disturbance {
		return disturbance{name: fmt.Sprintf("%v, %s", length, name), length: length, costs: costs,
			begin: func() { signal(syscall.SIGSTOP) }, end: func() { signal(syscall.SIGCONT) }}
	}
	switch kind {
	case "redis":
		return []disturbance{one("Redis", g.redis.signal, costs{})}
	case "upstream":
		return []disturbance{one("upstream", g.sources[0].signal, costs{relinks: length >= silentTimeout})}
	case "balancer":
		return []disturbance{one(p.balancer, g.fleet.balancer.signal, costs{closes: length >= pingTimeout})}
	}
	var all []disturbance
	for _, n := range g.fleet.nodes {
		all = append(all, one("node "+n.name, n.signal,
			costs{fresh: length >= giveUp, relinks: length >= silentTimeout, closes: length >= pingTimeout}))
		if p.smoke {
			break
		}
	}
	return all
}
