package testbed

import (
	"fmt"
	"strings"
	"time"

	"dev.holdfast/bench/internal/audience"
	"dev.holdfast/bench/internal/bound"
	"dev.holdfast/bench/internal/cluster"
	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/openwebui"
	"dev.holdfast/bench/internal/redis"
	"dev.holdfast/bench/internal/relay"
)

// Testbed is what a trial with several nodes stands on.
type Testbed struct {
	Redis   *redis.Server
	Sources []*openwebui.Source
	Cluster *cluster.Cluster
	Users   *audience.Users
	relay   *relay.Relay // between tabs and the balancer; may be nil
	began   time.Time
	said    map[*cluster.Node]int // bytes of its log that were shown
}

// Again starts a node that has ended, and waits until all see each other.
func (g *Testbed) Again(p Scenario, n *cluster.Node) error {
	if err := n.Start(); err != nil {
		return err
	}
	var last error
	if !g.Users.Until(cluster.StartLimit, func() bool {
		var good bool
		good, last = g.Cluster.Together(p.Nodes)
		return good
	}) {
		return last
	}
	return nil
}

// share sends commands to all upstreams through Redis, from a thread of its own.
func (g *Testbed) share() {
	lines := make(chan string, 1024)
	g.Users.Say = func(commands string) { lines <- commands }
	go func() {
		c, err := redis.Dial(g.Redis.Address())
		must.Do(err)
		for each := range lines {
			_, err = c.Do("PUBLISH", openwebui.SharedChannel, each)
			must.Do(err)
		}
	}()
}

// Close ends all of it.
func (g *Testbed) Close() {
	if g.Users != nil {
		g.Users.Close()
	}
	if g.relay != nil {
		g.relay.Close()
	}
	if g.Cluster != nil {
		g.Cluster.Close()
	}
	for _, s := range g.Sources {
		s.Stop()
	}
	if g.Redis != nil {
		g.Redis.Stop()
	}
}

// News are the lines that the nodes have logged since they were last asked, warnings and the like if only these are wanted.
func (g *Testbed) News(wanted func(line string) bool) []string {
	if g.said == nil {
		g.said = map[*cluster.Node]int{}
	}
	var all []string
	for _, n := range g.Cluster.Nodes {
		text := n.Log(g.said[n])
		g.said[n] += len(text)
		for _, line := range strings.Split(text, "\n") {
			if line != "" && wanted(line) {
				all = append(all, n.Name+": "+line)
			}
		}
	}
	return all
}

// Registered are the sessions in Redis, and keys that are neither those of a running node nor the cluster's.
func (g *Testbed) Registered() (sessions int, strange []string) {
	wanted := map[string]bool{"{holdfast}:nodes": true, "{holdfast}:key": true}
	for _, n := range g.Cluster.Nodes {
		wanted["{holdfast}:node:"+n.ID()], wanted["{holdfast}:sessions:"+n.ID()] = true, true
	}
	for _, key := range g.Redis.Keys("{holdfast}:*") {
		if strings.HasPrefix(key, "{holdfast}:sessions:") {
			for _, field := range redis.Texts(g.Redis.Must("HKEYS", key)) {
				sessions += bound.Count(!strings.HasPrefix(field, "#"))
			}
		}
		if !wanted[key] {
			strange = append(strange, key)
		}
	}
	return sessions, strange
}

// Well says whether all nodes use Redis and see each other.
func (g *Testbed) Well(count int) (bool, error) {
	for _, n := range g.Cluster.Nodes { // the cheap question first: this is asked while events are timed
		if _, body := n.Ready(); strings.Contains(body, "degraded") {
			return false, fmt.Errorf("node %s: %s", n.Name, body)
		}
	}
	if good, err := g.Cluster.Together(count); !good {
		return false, err
	}
	for _, n := range g.Cluster.Nodes {
		if m, err := n.Metrics(); err != nil || m["holdfast_redis_up"] != 1 {
			return false, fmt.Errorf("node %s: Redis is not well: %w", n.Name, err)
		}
	}
	return true, nil
}

// LinksOf are the links that nodes have open to an upstream.
func LinksOf(g *Testbed, s *openwebui.Source) int {
	total := 0.0
	for _, n := range g.Cluster.Nodes {
		m, err := n.Metrics()
		must.Do(err)
		total += m[`holdfast_links{upstream="`+s.Address()+`"}`]
	}
	return int(total)
}

// BeatTime is node.beat, as it is by default.
const BeatTime = 2 * time.Second

// How long a tab is away that comes back in time.
const (
	AwayAtLeast = 200 * time.Millisecond
	AwayAtMost  = 1200 * time.Millisecond
)
