package main

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
)

// startLimit is for a JVM on a machine that is busy with others.
const startLimit = 60 * time.Second

const shownLog = 30 // lines of each log of a run that went wrong

// node is one process of Holdfast among several, which can be started again on its port.
type node struct {
	proxy     proxy
	name      string
	upstreams string
	number    int
	port      int
	dir       string
	admin     string
	process   *exec.Cmd
	exited    chan struct{}
}

func (n *node) address() string { return "127.0.0.1:" + strconv.Itoa(n.port) }

func (n *node) start() error {
	command, err := n.proxy.command(n.dir, n.upstreams, n.port)
	if err != nil {
		return err
	}
	log, err := os.OpenFile(n.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	must(err)
	defer log.Close()
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	n.admin, n.process, n.exited = argument(command.Args, "--admin-listen"), command, make(chan struct{})
	if err := command.Start(); err != nil {
		return fmt.Errorf("%s: %w", n.name, err)
	}
	go func(exited chan struct{}) {
		_ = command.Wait()
		close(exited)
	}(n.exited)
	return nil
}

func (n *node) logFile() string { return filepath.Join(n.dir, n.name+".log") }

// log is what the node has said, from that byte on.
func (n *node) log(from int) string {
	text, _ := os.ReadFile(n.logFile())
	return string(text[min(from, len(text)):])
}

func (n *node) running() bool {
	select {
	case <-n.exited:
		return false
	default:
		return true
	}
}

// ready is what /readyz says.
func (n *node) ready() (good bool, body string) {
	client := http.Client{Timeout: 2 * time.Second}
	answer, err := client.Get("http://" + n.admin + "/readyz")
	if err != nil {
		return false, err.Error()
	}
	defer answer.Body.Close()
	text := make([]byte, 4<<10)
	size, _ := answer.Body.Read(text)
	return answer.StatusCode == http.StatusOK, strings.TrimSpace(string(text[:size]))
}

func (n *node) metrics() (map[string]float64, error) {
	return scrape(n.admin)
}

// counters are lines with those of its counters that are not 0.
func (n *node) counters(beginnings ...string) string {
	m, err := n.metrics()
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

func (n *node) signal(s syscall.Signal) { _ = syscall.Kill(-n.process.Process.Pid, s) }

// fleet is several nodes that work together through Redis, behind a balancer without stickiness.
type fleet struct {
	redis    string
	nodes    []*node
	wires    *wires // nil if they reach everything directly
	balancer *target
	dir      string
	address  string
}

// fleetSetup is what a fleet is made of.
type fleetSetup struct {
	nodes     int
	upstreams []string // addresses
	redis     []string // redis.url, of each node or of all
	names     bool     // nodes have names that they keep
	wired     bool     // nodes reach each other, Redis and the upstream through relays
	balancer  string   // nginx or haproxy
	balance   string   // a directive for its choice; empty: round robin
	settings  []string
	holdfast  func(settings []string, jvm ...string) (proxy, error)
}

// start starts the nodes and their balancer, and waits until all of them serve.
func startFleet(set fleetSetup) (f *fleet, err error) {
	dir, err := os.MkdirTemp("", "holdfast-bench-fleet-")
	must(err)
	f = &fleet{redis: set.redis[0], dir: dir}
	defer func() {
		if err != nil {
			f.close()
			f = nil
		}
	}()
	for i := 0; i < set.nodes; i++ {
		f.nodes = append(f.nodes, &node{name: string(rune('a' + i)), number: i, port: freePort(), dir: dir})
	}
	if set.wired {
		f.wires = newWires(f.nodes, set)
	}
	for _, n := range f.nodes {
		if err = f.equip(n, set); err != nil {
			return f, err
		}
		if err = n.start(); err != nil {
			return f, err
		}
	}
	if err = f.await(func() (bool, error) { return f.together(set.nodes) }); err != nil {
		return f, err
	}
	return f, f.balance(set.balancer, set.balance)
}

// equip gives a node its settings.
func (f *fleet) equip(n *node, set fleetSetup) (err error) {
	upstreams, redis, advertise := set.upstreams, set.redis[n.number%len(set.redis)], n.address()
	var jvm []string
	if f.wires != nil {
		upstreams, redis, advertise = f.wires.names(n, set)
		jvm = append(jvm, "-Djdk.net.hosts.file="+f.wires.hosts(n))
	}
	n.upstreams = strings.Join(upstreams, ",http://")
	settings := append([]string{"redis.url=" + redis, "node.advertise=" + advertise, "proxy.trusted-proxies=127.0.0.1"}, set.settings...)
	if set.names {
		settings = append(settings, "node.id="+n.name)
	}
	n.proxy, err = set.holdfast(settings, jvm...)
	return err
}

// await blocks until it is so; while tabs are open, users.run does that.
func (f *fleet) await(so func() (bool, error)) error {
	var last error
	for deadline := time.Now().Add(startLimit); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		var good bool
		if good, last = so(); good {
			return nil
		}
		for _, n := range f.nodes {
			if !n.running() {
				return fmt.Errorf("node %s ended:\n%s", n.name, n.log(0))
			}
		}
	}
	return fmt.Errorf("not ready after %v: %w", startLimit, last)
}

// together says whether all running nodes are ready and see so many nodes.
func (f *fleet) together(count int) (bool, error) {
	for _, n := range f.nodes {
		if !n.running() {
			continue
		}
		if good, body := n.ready(); !good {
			return false, fmt.Errorf("node %s: %s", n.name, body)
		}
		m, err := n.metrics()
		if err != nil || int(m["holdfast_nodes"]) != count {
			return false, errors.Join(err, fmt.Errorf("node %s sees %.0f nodes", n.name, m["holdfast_nodes"]))
		}
	}
	return true, nil
}

// sessions is how many the running nodes say that they have, parked ones among them.
func (f *fleet) sessions() (int, error) {
	total := 0.0
	for _, n := range f.nodes {
		if n.running() {
			m, err := n.metrics()
			if err != nil {
				return 0, err
			}
			total += m["holdfast_sessions"]
		}
	}
	return int(total), nil
}

// balanced checks the ledgers of all running nodes.
func (f *fleet) balanced() []string {
	var wrong []string
	for _, n := range f.nodes {
		if n.running() {
			if err := balance(n.admin); err != nil {
				wrong = append(wrong, "node "+n.name+": "+err.Error())
			}
		}
	}
	return wrong
}

// explain prints the last lines of all logs.
func (f *fleet) explain(out io.Writer) {
	show := func(name, text string) {
		lines := strings.Split(strings.TrimSpace(text), "\n")
		fmt.Fprintf(out, "%s:\n  %s\n", name, strings.Join(lines[max(0, len(lines)-shownLog):], "\n  "))
	}
	for _, n := range f.nodes {
		show("node "+n.name, n.log(0)+n.counters("holdfast_refused", "holdfast_splices_asked", "holdfast_redis", "holdfast_resumes"))
	}
	text, _ := os.ReadFile(filepath.Join(f.balancer.dir, "log"))
	show(f.balancer.name, string(text))
}

// close ends all of it.
func (f *fleet) close() {
	if f.balancer != nil {
		f.balancer.stop()
	}
	for _, n := range f.nodes {
		if n.process != nil && n.running() {
			n.signal(syscall.SIGKILL)
			<-n.exited
		}
	}
	if f.wires != nil {
		f.wires.close()
	}
	_ = os.RemoveAll(f.dir)
}

var idLine = regexp.MustCompile(`this node is ([a-z0-9-]+);`)

// id is the node's id since it was last started.
func (n *node) id() string {
	all := idLine.FindAllStringSubmatch(n.log(0), -1)
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1][1]
}
