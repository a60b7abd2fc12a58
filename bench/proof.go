package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// proof is what the scenarios with several nodes have in common: users with three tabs each before a balancer,
// which knows no session, before nodes of Holdfast that share a Redis.
type proof struct {
	scenario
	nodes    int
	rate     float64
	program  string // redis-server or valkey-server
	balancer string
	balance  string
	latency  time.Duration // between tabs and the balancer, there and back
	names    bool
	wired    bool // see fleetSetup
}

func newProof(o options, name string, tabs int) proof {
	p := proof{scenario: newScenario(o, name, tabs, ""), nodes: 3, rate: 5, program: "redis-server", balancer: "nginx"}
	if o.smoke {
		p.clients = 30
	}
	return p
}

func (p *proof) flags() *flag.FlagSet {
	f := p.scenario.flags()
	f.IntVar(&p.nodes, "nodes", p.nodes, "of Holdfast")
	f.Float64Var(&p.rate, "rate", p.rate, "events a second to each user's room")
	f.StringVar(&p.program, "redis-server", p.program, "the program of Redis or Valkey")
	f.StringVar(&p.balancer, "balancer", p.balancer, "nginx or haproxy")
	f.StringVar(&p.balance, "balance", p.balance, "how it chooses a node, as least_conn (nginx) or leastconn (HAProxy); round robin if empty")
	f.DurationVar(&p.latency, "latency", p.latency, "between tabs and the balancer, there and back")
	f.BoolVar(&p.names, "names", p.names, "nodes keep their ids when they are started again")
	return f
}

func (p *proof) users() int { return max(1, p.clients/tabsOfUser) }

// ground is what a proof stands on.
type ground struct {
	redis   *redisServer
	sources []*source
	fleet   *fleet
	users   *users
	relay   *delay // between tabs and the balancer; may be nil
	began   time.Time
	said    map[*node]int // bytes of its log that were shown
}

// equipped says what is missing to try it here; an error in CI, and else a reason to skip it in a smoke run.
func (p *proof) equipped() error {
	_, _, err := program(p.program, "--version", `v=(\S+)`)
	if err == nil {
		_, _, err = balancerProgram(p.balancer)
	}
	if err != nil && p.smoke && os.Getenv("CI") != "true" {
		return fmt.Errorf("%w: %w", errSkipped, err)
	}
	return err
}

// lay starts Redis, upstreams and nodes, and opens all tabs.
func (p *proof) lay(upstreams int, settings ...string) (*ground, error) {
	g, err := p.empty(upstreams, settings...)
	if err != nil {
		return nil, err
	}
	if err = g.users.open(); err != nil {
		g.close()
		return nil, err
	}
	return g, nil
}

// empty is a ground without tabs. Several upstreams share their rooms through Redis.
func (p *proof) empty(upstreams int, settings ...string) (g *ground, err error) {
	g = &ground{began: time.Now(), said: map[*node]int{}}
	defer func() {
		if err != nil {
			g.close()
			g = nil
		}
	}()
	if err = p.equipped(); err != nil {
		return g, err
	}
	if g.redis, err = startRedis(p.program); err != nil {
		return g, err
	}
	var addresses []string
	for i := 0; i < upstreams; i++ {
		shared := ""
		if upstreams > 1 {
			shared = g.redis.address()
		}
		s, err := startSource(sharingUpstream(shared), 0)
		if err != nil {
			return g, err
		}
		g.sources, addresses = append(g.sources, s), append(addresses, s.address())
	}
	set := p.setup(addresses, "redis://"+g.redis.address())
	set.settings = settings
	return g, p.stand(g, set)
}

// setup is a fleet as the flags want it, before these upstreams.
func (p *proof) setup(upstreams []string, redis ...string) fleetSetup {
	return fleetSetup{nodes: p.nodes, upstreams: upstreams, redis: redis, names: p.names, wired: p.wired,
		balancer: p.balancer, balance: p.balance, holdfast: p.node}
}

// people starts the fleet and opens all tabs.
func (p *proof) people(g *ground, set fleetSetup) error {
	if err := p.stand(g, set); err != nil {
		return err
	}
	return g.users.open()
}

// stand starts the fleet, which tabs can come to.
func (p *proof) stand(g *ground, set fleetSetup) (err error) {
	if g.fleet, err = startFleet(set); err != nil {
		return err
	}
	address := g.fleet.address
	if p.latency > 0 {
		g.relay = newDelay(address)
		g.relay.hold(p.latency/2, p.latency/2)
		address = g.relay.address()
	}
	g.users = newUsers(address, p.users(), p.seed, g.sources...)
	if len(g.sources) > 1 {
		g.share()
	}
	return nil
}

// again starts a node that has ended, and waits until all see each other.
func (g *ground) again(p proof, n *node) error {
	if err := n.start(); err != nil {
		return err
	}
	var last error
	if !g.users.until(startLimit, func() bool {
		var good bool
		good, last = g.fleet.together(p.nodes)
		return good
	}) {
		return last
	}
	return nil
}

// share sends commands to all upstreams through Redis, from a thread of its own.
func (g *ground) share() {
	lines := make(chan string, 1024)
	g.users.say = func(commands string) { lines <- commands }
	go func() {
		c, err := dialRedis(g.redis.address())
		must(err)
		for each := range lines {
			_, err = c.do("PUBLISH", sharedChannel, each)
			must(err)
		}
	}()
}

// sharingUpstream is this program as the fast upstream, with rooms that are shared through that Redis if one is given.
func sharingUpstream(redis string) upstreamProgram {
	p := goUpstream()
	if redis == "" {
		return p
	}
	plain := p.command
	p.command = func(port int) *exec.Cmd {
		command := plain(port)
		command.Args = append(command.Args, redis)
		return command
	}
	return p
}

func (g *ground) close() {
	if g.users != nil {
		g.users.close()
	}
	if g.relay != nil {
		g.relay.close()
	}
	if g.fleet != nil {
		g.fleet.close()
	}
	for _, s := range g.sources {
		s.stop()
	}
	if g.redis != nil {
		g.redis.stop()
	}
}

// news are the lines that the nodes have logged since they were last asked, warnings and the like if only these are wanted.
func (g *ground) news(wanted func(line string) bool) []string {
	var all []string
	for _, n := range g.fleet.nodes {
		text := n.log(g.said[n])
		g.said[n] += len(text)
		for _, line := range strings.Split(text, "\n") {
			if line != "" && wanted(line) {
				all = append(all, n.name+": "+line)
			}
		}
	}
	return all
}

// conclude says how it went; what went wrong is printed with the tabs that it happened to.
func (p *proof) conclude(g *ground, wrong []string, result any) error {
	if len(wrong) > 0 {
		fmt.Printf("%s misses: %s\n", p.name, strings.Join(wrong, ", "))
		g.users.explain(os.Stdout, func(*tab) bool { return false })
		g.fleet.explain(os.Stdout)
		return fmt.Errorf("%w: %s", errMissed, strings.Join(wrong, ", "))
	}
	if !p.smoke {
		lines := append([]string{g.redis.version(), g.fleet.balancer.name + " " + g.fleet.balancer.version}, machine(p.home)...)
		fmt.Println(strings.Join(lines, "\n"))
		return keep(p.home, p.name+"-", map[string]any{"surroundings": lines, "result": result})
	}
	return nil
}

// inJSON is for a result's line of the report.
func inJSON(value any) string {
	text, err := json.Marshal(value)
	must(err)
	return string(text)
}

// setting is one of Holdfast's that is a duration, in its own unit.
func setting(key string, value time.Duration) string {
	return fmt.Sprintf("%s=%dms", key, value.Milliseconds())
}

// registered are the sessions in Redis, and keys that are neither those of a running node nor the cluster's.
func (g *ground) registered() (sessions int, strange []string) {
	wanted := map[string]bool{"{holdfast}:nodes": true, "{holdfast}:key": true}
	for _, n := range g.fleet.nodes {
		wanted["{holdfast}:node:"+n.id()], wanted["{holdfast}:sessions:"+n.id()] = true, true
	}
	for _, key := range g.redis.keys("{holdfast}:*") {
		if strings.HasPrefix(key, "{holdfast}:sessions:") {
			for _, field := range texts(g.redis.must("HKEYS", key)) {
				sessions += boolean(!strings.HasPrefix(field, "#"))
			}
		}
		if !wanted[key] {
			strange = append(strange, key)
		}
	}
	return sessions, strange
}

// well says whether all nodes use Redis and see each other.
func (g *ground) well(count int) (bool, error) {
	for _, n := range g.fleet.nodes { // the cheap question first: this is asked while events are timed
		if _, body := n.ready(); strings.Contains(body, "degraded") {
			return false, fmt.Errorf("node %s: %s", n.name, body)
		}
	}
	if good, err := g.fleet.together(count); !good {
		return false, err
	}
	for _, n := range g.fleet.nodes {
		if m, err := n.metrics(); err != nil || m["holdfast_redis_up"] != 1 {
			return false, fmt.Errorf("node %s: Redis is not well: %w", n.name, err)
		}
	}
	return true, nil
}

// linksOf are the links that nodes have open to an upstream.
func linksOf(g *ground, s *source) int {
	total := 0.0
	for _, n := range g.fleet.nodes {
		m, err := n.metrics()
		must(err)
		total += m[`holdfast_links{upstream="`+s.address()+`"}`]
	}
	return int(total)
}

// beatTime is node.beat, as it is by default.
const beatTime = 2 * time.Second

// How long a tab is away that comes back in time.
const (
	awayAtLeast = 200 * time.Millisecond
	awayAtMost  = 1200 * time.Millisecond
)

// node is a Holdfast with these settings and those that the flags ask for.
func (p *proof) node(settings []string, jvm ...string) (proxy, error) {
	return p.holdfast(append(settings, p.settings...), jvm...)
}
