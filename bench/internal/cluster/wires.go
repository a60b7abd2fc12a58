package cluster

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/relay"
)

// Wires are the relays through which nodes reach each other, Redis and the upstream. All nodes know these by the same names and
// ports, but each node has a hosts file of its own, which gives a name the address of the relay that belongs to this node.
type Wires struct {
	Nodes    [][]*relay.Relay // from the first one, to the second; nil from a node to itself
	Redis    []*relay.Relay   // of each node
	Upstream []*relay.Relay
	dir      string
	all      []*relay.Relay
}

const (
	redisName    = "redis"
	upstreamName = "upstream"
)

// newWires are for one Redis and one upstream, at loopback addresses that nobody else uses.
func newWires(nodes []*Node, set Setup) *Wires {
	w := &Wires{dir: nodes[0].dir}
	redis, upstream := strings.TrimPrefix(set.Redis[0], "redis://"), set.Upstreams[0]
	for _, from := range nodes {
		hosts := "127.0.0.1 localhost\n"
		wire := func(name, to string, at int) *relay.Relay {
			host := fmt.Sprintf("127.1.%d.%d", from.Number+1, at)
			hosts += host + " " + name + "\n"
			d := relay.NewAt(host+":"+portOf(to), to)
			w.all = append(w.all, d)
			return d
		}
		others := make([]*relay.Relay, len(nodes))
		for i, to := range nodes {
			if to == from {
				hosts += "127.0.0.1 " + to.host() + "\n"
				continue
			}
			others[i] = wire(to.host(), to.Address(), i+1)
		}
		w.Nodes = append(w.Nodes, others)
		w.Redis = append(w.Redis, wire(redisName, redis, len(nodes)+1))
		w.Upstream = append(w.Upstream, wire(upstreamName, upstream, len(nodes)+2))
		must.Do(os.WriteFile(w.hosts(from), []byte(hosts), 0o600))
	}
	return w
}

// host is the node's name for the others.
func (n *Node) host() string { return "node-" + n.Name }

// hosts is the node's file of names.
func (w *Wires) hosts(n *Node) string { return filepath.Join(w.dir, n.Name+".hosts") }

// names are the addresses of upstream and Redis, and that of the node for the others.
func (w *Wires) names(n *Node, set Setup) (upstreams []string, redis, advertise string) {
	return []string{upstreamName + ":" + portOf(set.Upstreams[0])}, "redis://" + redisName + ":" + portOf(set.Redis[0]),
		n.host() + ":" + strconv.Itoa(n.port)
}

func portOf(address string) string {
	_, port, err := net.SplitHostPort(strings.TrimPrefix(address, "redis://"))
	must.Do(err)
	return port
}

func (w *Wires) close() {
	for _, d := range w.all {
		d.Close()
	}
}
