package cluster

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"dev.holdfast/bench/internal/metrics"
	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/process"
)

// StartLimit is for a JVM on a machine that is busy with others.
const StartLimit = 60 * time.Second

const shownLog = 30 // lines of each log of a run that went wrong

// Node is one process of Holdfast among several, which can be started again on its port.
type Node struct {
	Proxy     process.Proxy
	Name      string
	upstreams string
	Number    int
	port      int
	dir       string
	Admin     string
	Process   *exec.Cmd
	exited    chan struct{}
}

// Address is where it serves.
func (n *Node) Address() string { return "127.0.0.1:" + strconv.Itoa(n.port) }

// Start runs the process; the node is ready later.
func (n *Node) Start() error {
	command, err := n.Proxy.Command(n.dir, n.upstreams, n.port)
	if err != nil {
		return err
	}
	log, err := os.OpenFile(n.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	must.Do(err)
	defer log.Close()
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	n.Admin, n.Process, n.exited = process.Argument(command.Args, "--admin-listen"), command, make(chan struct{})
	if err := command.Start(); err != nil {
		return fmt.Errorf("%s: %w", n.Name, err)
	}
	go func(exited chan struct{}) {
		_ = command.Wait()
		close(exited)
	}(n.exited)
	return nil
}

func (n *Node) logFile() string { return filepath.Join(n.dir, n.Name+".log") }

// Log is what the node has said, from that byte on.
func (n *Node) Log(from int) string {
	text, _ := os.ReadFile(n.logFile())
	return string(text[min(from, len(text)):])
}

// Running says whether the process has not ended.
func (n *Node) Running() bool {
	select {
	case <-n.exited:
		return false
	default:
		return true
	}
}

// Ready is what /readyz says.
func (n *Node) Ready() (good bool, body string) {
	client := http.Client{Timeout: 2 * time.Second}
	answer, err := client.Get("http://" + n.Admin + "/readyz")
	if err != nil {
		return false, err.Error()
	}
	defer answer.Body.Close()
	text := make([]byte, 4<<10)
	size, _ := answer.Body.Read(text)
	return answer.StatusCode == http.StatusOK, strings.TrimSpace(string(text[:size]))
}

// Metrics are the values of its /metrics.
func (n *Node) Metrics() (map[string]float64, error) {
	return metrics.Scrape(n.Admin)
}

// counters are lines with those of its counters that are not 0.
func (n *Node) counters(beginnings ...string) string {
	m, err := n.Metrics()
	if err != nil {
		return err.Error()
	}
	var lines []string
	for name, value := range m {
		if value != 0 && slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(name, b) }) {
			lines = append(lines, fmt.Sprintf("%s %.0f\n", name, value))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// Signal is for all of its processes.
func (n *Node) Signal(s syscall.Signal) { _ = syscall.Kill(-n.Process.Process.Pid, s) }

// Cluster is several nodes that work together through Redis, behind a balancer without stickiness.
type Cluster struct {
	Redis    string
	Nodes    []*Node
	Wires    *Wires // nil if they reach everything directly
	Balancer *process.Target
	dir      string
	Address  string
}

// Setup is what a fleet is made of.
type Setup struct {
	Nodes     int
	Upstreams []string // addresses
	Redis     []string // redis.url, of each node or of all
	Names     bool     // nodes have names that they keep
	Wired     bool     // nodes reach each other, Redis and the upstream through relays
	Balancer  string   // nginx or haproxy
	Balance   string   // a directive for its choice; empty: round robin
	Settings  []string
	Holdfast  func(settings []string, jvm ...string) (process.Proxy, error)
}

// Start starts the nodes and their balancer, and waits until all of them serve.
func Start(set Setup) (f *Cluster, err error) {
	dir, err := os.MkdirTemp("", "holdfast-bench-fleet-")
	must.Do(err)
	f = &Cluster{Redis: set.Redis[0], dir: dir}
	defer func() {
		if err != nil {
			f.Close()
			f = nil
		}
	}()
	for i := 0; i < set.Nodes; i++ {
		f.Nodes = append(f.Nodes, &Node{Name: string(rune('a' + i)), Number: i, port: process.FreePort(), dir: dir})
	}
	if set.Wired {
		f.Wires = newWires(f.Nodes, set)
	}
	for _, n := range f.Nodes {
		if err = f.equip(n, set); err != nil {
			return f, err
		}
		if err = n.Start(); err != nil {
			return f, err
		}
	}
	if err = f.await(func() (bool, error) { return f.Together(set.Nodes) }); err != nil {
		return f, err
	}
	return f, f.balance(set.Balancer, set.Balance)
}

// equip gives a node its settings.
func (f *Cluster) equip(n *Node, set Setup) (err error) {
	upstreams, redis, advertise := set.Upstreams, set.Redis[n.Number%len(set.Redis)], n.Address()
	var jvm []string
	if f.Wires != nil {
		upstreams, redis, advertise = f.Wires.names(n, set)
		jvm = append(jvm, "-Djdk.net.hosts.file="+f.Wires.hosts(n))
	}
	n.upstreams = strings.Join(upstreams, ",http://")
	settings := append([]string{"redis.url=" + redis, "node.advertise=" + advertise, "proxy.trusted-proxies=127.0.0.1"}, set.Settings...)
	if set.Names {
		settings = append(settings, "node.id="+n.Name)
	}
	n.Proxy, err = set.Holdfast(settings, jvm...)
	return err
}

// await blocks until it is so; while tabs are open, audience.Users does that.
func (f *Cluster) await(so func() (bool, error)) error {
	var last error
	for deadline := time.Now().Add(StartLimit); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		var good bool
		if good, last = so(); good {
			return nil
		}
		for _, n := range f.Nodes {
			if !n.Running() {
				return fmt.Errorf("node %s ended:\n%s", n.Name, n.Log(0))
			}
		}
	}
	return fmt.Errorf("not ready after %v: %w", StartLimit, last)
}

// Together says whether all running nodes are ready and see so many nodes.
func (f *Cluster) Together(count int) (bool, error) {
	for _, n := range f.Nodes {
		if !n.Running() {
			continue
		}
		if good, body := n.Ready(); !good {
			return false, fmt.Errorf("node %s: %s", n.Name, body)
		}
		m, err := n.Metrics()
		if err != nil || int(m["holdfast_nodes"]) != count {
			return false, errors.Join(err, fmt.Errorf("node %s sees %.0f nodes", n.Name, m["holdfast_nodes"]))
		}
	}
	return true, nil
}

// Sessions is how many the running nodes say that they have, parked ones among them.
func (f *Cluster) Sessions() (int, error) {
	total := 0.0
	for _, n := range f.Nodes {
		if n.Running() {
			m, err := n.Metrics()
			if err != nil {
				return 0, err
			}
			total += m["holdfast_sessions"]
		}
	}
	return int(total), nil
}

// Balanced checks the ledgers of all running nodes.
func (f *Cluster) Balanced() []string {
	var wrong []string
	for _, n := range f.Nodes {
		if n.Running() {
			if err := metrics.Balance(n.Admin); err != nil {
				wrong = append(wrong, "node "+n.Name+": "+err.Error())
			}
		}
	}
	return wrong
}

// Explain prints the last lines of all logs.
func (f *Cluster) Explain(out io.Writer) {
	show := func(name, text string) {
		lines := strings.Split(strings.TrimSpace(text), "\n")
		fmt.Fprintf(out, "%s:\n  %s\n", name, strings.Join(lines[max(0, len(lines)-shownLog):], "\n  "))
	}
	for _, n := range f.Nodes {
		show("node "+n.Name, n.Log(0)+n.counters("holdfast_refused", "holdfast_splices_asked", "holdfast_redis", "holdfast_resumes"))
	}
	text, _ := os.ReadFile(filepath.Join(f.Balancer.Dir, "log"))
	show(f.Balancer.Name, string(text))
}

// Close ends all of it.
func (f *Cluster) Close() {
	if f.Balancer != nil {
		f.Balancer.Stop()
	}
	for _, n := range f.Nodes {
		if n.Process != nil && n.Running() {
			n.Signal(syscall.SIGKILL)
			<-n.exited
		}
	}
	if f.Wires != nil {
		f.Wires.close()
	}
	_ = os.RemoveAll(f.dir)
}

var idLine = regexp.MustCompile(`this node is ([a-z0-9-]+);`)

// ID is the node's id since it was last started.
func (n *Node) ID() string {
	all := idLine.FindAllStringSubmatch(n.Log(0), -1)
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1][1]
}
