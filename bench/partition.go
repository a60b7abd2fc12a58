package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// partition cuts one node off from Redis, from another node, or from the upstream.
type partition struct {
	disturbed
	places string
	ways   string
}

// cutPlaces are what a node may be cut off from.
var cutPlaces = []string{"redis", "node", "upstream"}

// cutWays are what may happen to the packets out of the node that is cut off, and to those into it.
var cutWays = map[string]struct{ out, in int }{
	"both":      {kept, kept},
	"out":       {kept, uncut},
	"in":        {uncut, kept},
	"both-lost": {lost, lost},
	"out-lost":  {lost, uncut},
	"in-lost":   {uncut, lost},
}

func newPartition(o options) *partition {
	p := &partition{disturbed: newDisturbed(o, "partition", time.Second, 5*time.Second, 15*time.Second, time.Minute),
		places: strings.Join(cutPlaces, ","), ways: "both,out,in,both-lost,out-lost,in-lost"}
	p.wired = true
	if o.smoke {
		p.ways = "out"
	}
	return p
}

func (p *partition) read(arguments []string) *partition {
	f := p.flags()
	f.Var(&p.lengths, "for", "how long a node is cut off, as 1s,15s")
	f.StringVar(&p.places, "from", p.places, "what it is cut off from")
	f.StringVar(&p.ways, "ways", p.ways, "which packets do not pass, and whether they arrive later or never")
	f.Float64Var(&p.share, "share", p.share, "of the tabs, which lose their connection meanwhile")
	must(f.Parse(arguments))
	return p
}

func (p *partition) run() error {
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
	g, err := p.lay(1)
	if err != nil {
		return err
	}
	defer g.close()
	var all []disturbance
	for _, place := range strings.Split(p.places, ",") {
		for _, way := range strings.Split(p.ways, ",") {
			for _, length := range p.lengths {
				all = append(all, p.cutOff(g, len(all)%p.nodes, place, way, length))
			}
		}
	}
	return p.try(g, all)
}

// cutOff is the node of that number without a place for that long.
func (p *partition) cutOff(g *ground, node int, place, name string, length time.Duration) disturbance {
	way, wires := cutWays[name], g.fleet.wires
	loses := way.out == lost || way.in == lost
	one := disturbance{length: length}
	var cut func(out, in int)
	switch place {
	case "redis":
		cut = wires.redis[node].cut
	case "node":
		other := (node + 1) % p.nodes
		cut = func(out, in int) {
			wires.nodes[node][other].cut(out, in)
			wires.nodes[other][node].cut(in, out) // the other node dials: what goes up there comes in here
		}
		place += " " + g.fleet.nodes[other].name
		one.costs.closes = loses || length >= pingTimeout
	case "upstream":
		cut = wires.upstream[node].cut
		one.costs.relinks = loses || length >= silentTimeout
	}
	if loses {
		one.late = silentTimeout
	}
	one.name = fmt.Sprintf("%v, node %s from %s, %s", length, g.fleet.nodes[node].name, place, name)
	one.begin = func() { cut(way.out, way.in) }
	one.end = func() { cut(uncut, uncut) }
	return one
}
