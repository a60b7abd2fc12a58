package testbed

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"dev.holdfast/bench/internal/audience"
	"dev.holdfast/bench/internal/bound"
	"dev.holdfast/bench/internal/cluster"
	"dev.holdfast/bench/internal/machine"
	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/openwebui"
	"dev.holdfast/bench/internal/process"
	"dev.holdfast/bench/internal/redis"
	"dev.holdfast/bench/internal/relay"
	"dev.holdfast/bench/internal/trial"
)

// Scenario is what the scenarios with several nodes have in common: users with three tabs each before a balancer,
// which knows no session, before nodes of Holdfast that share a Redis.
type Scenario struct {
	trial.Scenario
	Nodes    int
	Rate     float64
	Program  string // redis-server or valkey-server
	Balancer string
	balance  string
	Latency  time.Duration // between tabs and the balancer, there and back
	names    bool
	Wired    bool // see cluster.Setup
}

// New has the defaults, which flags may change.
func New(o trial.Options, name string, tabs int) Scenario {
	p := Scenario{Scenario: trial.NewScenario(o, name, tabs, ""), Nodes: 3, Rate: 5, Program: "redis-server", Balancer: "nginx"}
	if o.Smoke {
		p.Clients = 30
	}
	return p
}

// Flags are those of all trials with several nodes.
func (p *Scenario) Flags() *flag.FlagSet {
	f := p.Scenario.Flags()
	f.IntVar(&p.Nodes, "nodes", p.Nodes, "of Holdfast")
	f.Float64Var(&p.Rate, "rate", p.Rate, "events a second to each user's room")
	f.StringVar(&p.Program, "redis-server", p.Program, "the program of Redis or Valkey")
	f.StringVar(&p.Balancer, "balancer", p.Balancer, "nginx or haproxy")
	f.StringVar(&p.balance, "balance", p.balance, "how it chooses a node, as least_conn (nginx) or leastconn (HAProxy); round robin if empty")
	f.DurationVar(&p.Latency, "latency", p.Latency, "between tabs and the balancer, there and back")
	f.BoolVar(&p.names, "names", p.names, "nodes keep their ids when they are started again")
	return f
}

// Users is how many there are.
func (p *Scenario) Users() int { return max(1, p.Clients/audience.TabsOfUser) }

// Equipped says what is missing to try it here; an error in CI, and else a reason to skip it in a smoke run.
func (p *Scenario) Equipped() error {
	_, _, err := process.Find(p.Program, "--version", `v=(\S+)`)
	if err == nil {
		_, _, err = cluster.BalancerProgram(p.Balancer)
	}
	if err != nil && p.Smoke && os.Getenv("CI") != "true" {
		return fmt.Errorf("%w: %w", bound.ErrSkipped, err)
	}
	return err
}

// Start starts Redis, upstreams and nodes, and opens all tabs.
func (p *Scenario) Start(upstreams int, settings ...string) (*Testbed, error) {
	g, err := p.StartEmpty(upstreams, settings...)
	if err != nil {
		return nil, err
	}
	if err = g.Users.Open(); err != nil {
		g.Close()
		return nil, err
	}
	return g, nil
}

// StartEmpty is a ground without tabs. Several upstreams share their rooms through Redis.
func (p *Scenario) StartEmpty(upstreams int, settings ...string) (g *Testbed, err error) {
	g = &Testbed{began: time.Now()}
	defer func() {
		if err != nil {
			g.Close()
			g = nil
		}
	}()
	if err = p.Equipped(); err != nil {
		return g, err
	}
	if g.Redis, err = redis.Start(p.Program); err != nil {
		return g, err
	}
	var addresses []string
	for i := 0; i < upstreams; i++ {
		shared := ""
		if upstreams > 1 {
			shared = g.Redis.Address()
		}
		s, err := openwebui.Start(sharingUpstream(shared), 0)
		if err != nil {
			return g, err
		}
		g.Sources, addresses = append(g.Sources, s), append(addresses, s.Address())
	}
	set := p.Setup(addresses, "redis://"+g.Redis.Address())
	set.Settings = settings
	return g, p.stand(g, set)
}

// Setup is a fleet as the flags want it, before these upstreams.
func (p *Scenario) Setup(upstreams []string, redis ...string) cluster.Setup {
	return cluster.Setup{Nodes: p.Nodes, Upstreams: upstreams, Redis: redis, Names: p.names, Wired: p.Wired,
		Balancer: p.Balancer, Balance: p.balance, Holdfast: p.node}
}

// StartUsers starts the fleet and opens all tabs.
func (p *Scenario) StartUsers(g *Testbed, set cluster.Setup) error {
	if err := p.stand(g, set); err != nil {
		return err
	}
	return g.Users.Open()
}

// stand starts the fleet, which tabs can come to.
func (p *Scenario) stand(g *Testbed, set cluster.Setup) (err error) {
	if g.Cluster, err = cluster.Start(set); err != nil {
		return err
	}
	address := g.Cluster.Address
	if p.Latency > 0 {
		g.relay = relay.New(address)
		g.relay.Hold(p.Latency/2, p.Latency/2)
		address = g.relay.Address()
	}
	g.Users = audience.NewUsers(address, p.Users(), p.Seed, g.Sources...)
	if len(g.Sources) > 1 {
		g.share()
	}
	return nil
}

// node is a Holdfast with these settings and those that the flags ask for.
func (p *Scenario) node(settings []string, jvm ...string) (process.Proxy, error) {
	return p.Holdfast(append(settings, p.Settings...), jvm...)
}

// Conclude says how it went; what went wrong is printed with the tabs that it happened to.
func (p *Scenario) Conclude(g *Testbed, wrong []string, result any) error {
	if len(wrong) > 0 {
		fmt.Printf("%s misses: %s\n", p.Name, strings.Join(wrong, ", "))
		g.Users.Explain(os.Stdout, func(*audience.Tab) bool { return false })
		g.Cluster.Explain(os.Stdout)
		return fmt.Errorf("%w: %s", bound.ErrMissed, strings.Join(wrong, ", "))
	}
	if !p.Smoke {
		lines := append([]string{g.Redis.Version(), g.Cluster.Balancer.Name + " " + g.Cluster.Balancer.Version}, machine.Describe(p.Home)...)
		fmt.Println(strings.Join(lines, "\n"))
		return machine.Keep(p.Home, p.Name+"-", map[string]any{"surroundings": lines, "result": result})
	}
	return nil
}

// sharingUpstream is this program as the fast upstream, with rooms that are shared through that Redis if one is given.
func sharingUpstream(redis string) openwebui.Program {
	p := openwebui.StandIn()
	if redis == "" {
		return p
	}
	plain := p.Command
	p.Command = func(port int) *exec.Cmd {
		command := plain(port)
		command.Args = append(command.Args, redis)
		return command
	}
	return p
}

// JSON is for a result's line of the report.
func JSON(value any) string {
	text, err := json.Marshal(value)
	must.Do(err)
	return string(text)
}

// Setting is one of Holdfast's that is a duration, in its own unit.
func Setting(key string, value time.Duration) string {
	return fmt.Sprintf("%s=%dms", key, value.Milliseconds())
}
