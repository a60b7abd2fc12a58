package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// wires are the relays through which nodes reach each other, Redis and the upstream. All nodes know these by the same names and
// ports, but each node has a hosts file of its own, which gives a name the address of the relay that belongs to this node.
type wires struct {
	nodes    [][]*delay // from the first one, to the second; nil from a node to itself
	redis    []*delay   // of each node
	upstream []*delay
	dir      string
	all      []*delay
}

const (
	redisName    = "redis"
	upstreamName = "upstream"
)

// newWires are for one Redis and one upstream, at loopback addresses that nobody else uses.
func newWires(nodes []*node, set fleetSetup) *wires {
	w := &wires{dir: nodes[0].dir}
	redis, upstream := strings.TrimPrefix(set.redis[0], "redis://"), set.upstreams[0]
	for _, from := range nodes {
		hosts := "127.0.0.1 localhost\n"
		wire := func(name, to string, at int) *delay {
			host := fmt.Sprintf("127.1.%d.%d", from.number+1, at)
			hosts += host + " " + name + "\n"
			d := newDelayAt(host+":"+portOf(to), to)
			w.all = append(w.all, d)
			return d
		}
		others := make([]*delay, len(nodes))
		for i, to := range nodes {
			if to == from {
				hosts += "127.0.0.1 " + to.host() + "\n"
				continue
			}
			others[i] = wire(to.host(), to.address(), i+1)
		}
		w.nodes = append(w.nodes, others)
		w.redis = append(w.redis, wire(redisName, redis, len(nodes)+1))
		w.upstream = append(w.upstream, wire(upstreamName, upstream, len(nodes)+2))
		must(os.WriteFile(w.hosts(from), []byte(hosts), 0o600))
	}
	return w
}

// host is the node's name for the others.
func (n *node) host() string { return "node-" + n.name }

// hosts is the node's file of names.
func (w *wires) hosts(n *node) string { return filepath.Join(w.dir, n.name+".hosts") }

// names are the addresses of upstream and Redis, and that of the node for the others.
func (w *wires) names(n *node, set fleetSetup) (upstreams []string, redis, advertise string) {
	return []string{upstreamName + ":" + portOf(set.upstreams[0])}, "redis://" + redisName + ":" + portOf(set.redis[0]),
		n.host() + ":" + strconv.Itoa(n.port)
}

func portOf(address string) string {
	_, port, err := net.SplitHostPort(strings.TrimPrefix(address, "redis://"))
	must(err)
	return port
}

func (w *wires) close() {
	for _, d := range w.all {
		d.close()
	}
}
