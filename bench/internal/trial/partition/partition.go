package partition

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"dev.holdfast/bench/internal/disturbance"
	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/relay"
	"dev.holdfast/bench/internal/testbed"
	"dev.holdfast/bench/internal/trial"
)

// Trial cuts one node off from Redis, from another node, or from the upstream.
type Trial struct {
	disturbance.Scenario
	places string
	ways   string
}

// cutPlaces are what a node may be cut off from.
var cutPlaces = []string{"redis", "node", "upstream"}

// cutWays are what may happen to the packets out of the node that is cut off, and to those into it.
var cutWays = map[string]struct{ out, in int }{
	"both":      {relay.Kept, relay.Kept},
	"out":       {relay.Kept, relay.Uncut},
	"in":        {relay.Uncut, relay.Kept},
	"both-lost": {relay.Lost, relay.Lost},
	"out-lost":  {relay.Lost, relay.Uncut},
	"in-lost":   {relay.Uncut, relay.Lost},
}

// New has the defaults, which flags may change.
func New(o trial.Options) *Trial {
	p := &Trial{Scenario: disturbance.New(o, "partition", time.Second, 5*time.Second, 15*time.Second, time.Minute),
		places: strings.Join(cutPlaces, ","), ways: "both,out,in,both-lost,out-lost,in-lost"}
	p.Wired = true
	if o.Smoke {
		p.ways = "out"
	}
	return p
}

// Read takes the flags.
func (p *Trial) Read(arguments []string) *Trial {
	f := p.Flags()
	f.Var(&p.Lengths, "for", "how long a node is cut off, as 1s,15s")
	f.StringVar(&p.places, "from", p.places, "what it is cut off from")
	f.StringVar(&p.ways, "ways", p.ways, "which packets do not pass, and whether they arrive later or never")
	f.Float64Var(&p.Share, "share", p.Share, "of the tabs, which lose their connection meanwhile")
	must.Do(f.Parse(arguments))
	return p
}

// Run tries it; an error says what went wrong.
func (p *Trial) Run() error {
	for _, place := range strings.Split(p.places, ",") {
		if !slices.Contains(cutPlaces, place) {
			return fmt.Errorf("unknown place %s: %s", place, strings.Join(cutPlaces, ", "))
		}
	}
	for _, way := range strings.Split(p.ways, ",") {
		if _, known := cutWays[way]; !known {
			return fmt.Errorf("unknown way %s: both, out, in, both-lost, out-lost or in-lost", way)
		}
	}
	g, err := p.Start(1)
	if err != nil {
		return err
	}
	defer g.Close()
	var all []disturbance.Disturbance
	for _, place := range strings.Split(p.places, ",") {
		for _, way := range strings.Split(p.ways, ",") {
			for _, length := range p.Lengths {
				all = append(all, p.cutOff(g, len(all)%p.Nodes, place, way, length))
			}
		}
	}
	return p.Try(g, all)
}

// cutOff is the node of that number without a place for that long.
func (p *Trial) cutOff(g *testbed.Testbed, node int, place, name string, length time.Duration) disturbance.Disturbance {
	way, wires := cutWays[name], g.Cluster.Wires
	loses := way.out == relay.Lost || way.in == relay.Lost
	one := disturbance.Disturbance{Length: length}
	var cut func(out, in int)
	switch place {
	case "redis":
		cut = wires.Redis[node].Cut
	case "node":
		other := (node + 1) % p.Nodes
		cut = func(out, in int) {
			wires.Nodes[node][other].Cut(out, in)
			wires.Nodes[other][node].Cut(in, out) // the other node dials: what goes up there comes in here
		}
		place += " " + g.Cluster.Nodes[other].Name
		one.Costs.Closes = loses || length >= disturbance.PingTimeout
	case "upstream":
		cut = wires.Upstream[node].Cut
		one.Costs.Relinks = loses || length >= disturbance.SilentTimeout
	}
	if loses {
		one.Late = disturbance.SilentTimeout
	}
	one.Name = fmt.Sprintf("%v, node %s from %s, %s", length, g.Cluster.Nodes[node].Name, place, name)
	one.Begin = func() { cut(way.out, way.in) }
	one.End = func() { cut(relay.Uncut, relay.Uncut) }
	return one
}
