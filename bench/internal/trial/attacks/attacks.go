package attacks

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand"
	"net"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"dev.holdfast/bench/internal/bound"
	"dev.holdfast/bench/internal/client"
	"dev.holdfast/bench/internal/cluster"
	"dev.holdfast/bench/internal/disturbance"
	"dev.holdfast/bench/internal/eventloop"
	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/procfs"
	"dev.holdfast/bench/internal/stats"
	"dev.holdfast/bench/internal/testbed"
	"dev.holdfast/bench/internal/trial"
	"dev.holdfast/bench/internal/wire"
)

// Trial lets one address, which needs no account, hold as much of a small node as it can, while tabs of others get their events.
type Trial struct {
	disturbance.Scenario
	names   string
	java    string
	settled time.Duration // how long after an attack it is looked at what is left of it
}

// attacker is one of the addresses that no proxy vouches for.
const attacker = "127.0.0.66"

// smallImage are the options that the image has in a container of 256 MiB: those of docker/train, what docker/holdfast adds to
// them, and the collector that a JVM chooses there.
const smallImage = "-XX:MaxRAM=256m -XX:MinRAMPercentage=40 -XX:MaxRAMPercentage=50 -XX:MaxDirectMemorySize=51m -XX:+UseSerialGC " +
	"-XX:MinHeapFreeRatio=20 -XX:MaxHeapFreeRatio=40 -XX:-ShrinkHeapInSteps -XX:+IgnoreUnrecognizedVMOptions " +
	"-XX:TrimNativeHeapInterval=10000 -XX:+ExitOnOutOfMemoryError"

// mostMiB is what such a container has.
const mostMiB = 256

// warmth is how long an attack lasts beforehand: a node that has not met it has less code and fewer classes loaded.
const warmth = 5 * time.Second

// laterBy is how many times later than in calm an event may come while an attack lasts.
const laterBy = 3

// hoards are what a connection sends and then keeps open, by the name of the attack, and how many connections there are.
var hoards = map[string]struct {
	connections int
	send        func(c net.Conn) error
}{
	"heads":      {2500, unfinishedHead},
	"posts":      {16, unfinishedPost},
	"requests":   {1000, unfinishedRequest},
	"messages":   {200, unfinishedMessage},
	"handshakes": {2500, upgrade},
	"sessions":   {5000, parkedSession},
}

// New has the defaults, which flags may change.
func New(o trial.Options) *Trial {
	a := &Trial{Scenario: disturbance.New(o, "attacks", time.Minute), settled: 30 * time.Second,
		java: smallImage}
	a.Nodes, a.Clients, a.Share = 1, 51, 0
	if o.Smoke {
		a.Lengths, a.settled = []time.Duration{5 * time.Second}, 12*time.Second
	}
	var names []string
	for name := range hoards {
		names = append(names, name)
	}
	slices.Sort(names)
	a.names = strings.Join(names, ",")
	return a
}

// Read takes the flags.
func (a *Trial) Read(arguments []string) *Trial {
	f := a.Flags()
	f.Var(&a.Lengths, "for", "how long each lasts, as 10s")
	f.StringVar(&a.names, "attacks", a.names, "which are tried")
	f.StringVar(&a.java, "java", a.java, "options of the node's JVM")
	f.DurationVar(&a.settled, "settled", a.settled, "how long after each it is looked at what is left")
	must.Do(f.Parse(arguments))
	return a
}

// Run tries each on a node of its own: one that dies of the first would tell nothing of the others. A smoke run tries all at once.
func (a *Trial) Run() error {
	must.Do(os.Setenv("JDK_JAVA_OPTIONS", a.java))
	names := strings.Split(a.names, ",")
	for _, name := range names {
		if _, known := hoards[name]; !known {
			return fmt.Errorf("unknown attack %s: %s", name, a.names)
		}
	}
	if a.Smoke {
		return a.attack(names)
	}
	var wrong []string
	for _, name := range names {
		if err := a.attack([]string{name}); err != nil {
			fmt.Printf("  %s: %v\n", name, err)
			wrong = append(wrong, name)
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%w: %s", bound.ErrMissed, strings.Join(wrong, ", "))
	}
	return nil
}

func (a *Trial) attack(names []string) error {
	g, err := a.Start(1, testbed.Setting("resume.window", a.settled*2/3), testbed.Setting("socketio.connect-timeout", a.settled*2/3))
	if err != nil {
		return err
	}
	defer g.Close()
	n := g.Cluster.Nodes[0]
	pid := n.Process.Process.Pid
	held, err := quotas(n)
	if err != nil {
		return err
	}
	start := func(h *horde) {
		for _, name := range names {
			h.start(hoards[name].connections, hoards[name].send)
		}
	}
	if !a.Smoke {
		before := newHorde(n.Address())
		start(before)
		g.Users.Run(warmth, eventloop.Never)
		before.end()
		g.Users.Run(a.settled, eventloop.Never)
	}
	before := int(procfs.ResidentBytes([]int{pid}))
	h := newHorde(n.Address())
	var calm, during float64
	name := strings.Join(names, "+")
	if err := a.Try(g, []disturbance.Disturbance{
		a.timed(g, "calm", &calm, func() {}, func() {}),
		a.timed(g, name, &during, func() { start(h) }, h.end),
	}); err != nil {
		return err
	}
	g.Users.Run(a.settled, eventloop.Never)
	after, most := int(procfs.ResidentBytes([]int{pid})), int(procfs.MostResidentBytes(pid))
	left, err := quotas(n)
	if err != nil {
		return err
	}
	fmt.Printf("  %s: %d connections were opened, %d refused; p99 %.1f ms in calm, %.1f ms in the attack (%s); memory %d MiB before, %d MiB at most, %d MiB %v after\n",
		name, h.opened.Load(), h.refused.Load(), calm, during, bound.Word(during <= laterBy*calm), before>>20, most>>20, after>>20, a.settled)
	wrong := bound.Missed(bound.AtMost("MiB of memory", most>>20, mostMiB))
	for resource, amount := range left {
		wrong = append(wrong, bound.Missed(bound.AtMost(resource, int(amount), int(held[resource])))...)
	}
	if !a.Smoke { // soon after an attack the collector has not run yet
		wrong = append(wrong, bound.Missed(bound.AtMost("MiB of memory after", after>>20, (before>>20)*11/10))...)
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%w: %s", bound.ErrMissed, strings.Join(wrong, ", "))
	}
	return nil
}

// timed is a disturbance that takes the 99th percentile of how long events are under way, in milliseconds.
func (a *Trial) timed(g *testbed.Testbed, name string, p99 *float64, begin, end func()) disturbance.Disturbance {
	w := g.Users
	return disturbance.Disturbance{Name: name, Length: a.Lengths[0],
		Begin: func() {
			w.Timed, w.Latency = true, nil
			begin()
		},
		End: func() {
			w.Timed = false
			_, *p99, _ = stats.Quantiles(w.Latency)
			end()
		}}
}

// quotas are what peers have taken of each resource of a node.
func quotas(n *cluster.Node) (map[string]float64, error) {
	all, err := n.Metrics()
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(all, func(name string, _ float64) bool { return !strings.HasPrefix(name, "holdfast_quota_taken{") })
	return all, nil
}

// horde is the connections of an attacker. One that is closed is opened again, a little later.
type horde struct {
	address         string
	lasting         context.Context
	end             func()
	opened, refused atomic.Int64
}

func newHorde(address string) *horde {
	h := &horde{address: address}
	h.lasting, h.end = context.WithCancel(context.Background())
	return h
}

func (h *horde) start(count int, send func(net.Conn) error) {
	for i := 0; i < count; i++ {
		go func() {
			for {
				h.hoard(send)
				select {
				case <-h.lasting.Done():
					return
				case <-time.After(time.Second):
				}
			}
		}()
	}
}

func (h *horde) hoard(send func(net.Conn) error) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(attacker)}, Timeout: 5 * time.Second}
	c, err := dialer.DialContext(h.lasting, "tcp", h.address)
	if err != nil {
		h.refused.Add(1)
		return
	}
	h.opened.Add(1)
	defer c.Close()
	defer context.AfterFunc(h.lasting, func() { _ = c.Close() })()
	if send(c) == nil {
		_, _ = c.Read(make([]byte, 1)) // until it is closed, or answered
	}
}

// strangers are the users from this number on.
const strangers = 1_000_000_000

const headBytes, postBytes, messageBytes = 125_000, 15_000_000, 900_000

func unfinishedHead(c net.Conn) error {
	head := bytes.NewBufferString("GET / HTTP/1.1\r\nHost: holdfast\r\n")
	for i := 0; head.Len() < headBytes; i++ {
		fmt.Fprintf(head, "X-%d: %s\r\n", i, strings.Repeat("a", 1000))
	}
	_, err := c.Write(head.Bytes())
	return err
}

func unfinishedPost(c net.Conn) error {
	if _, err := c.Write([]byte("GET " + wire.SocketPath + "?EIO=4&transport=polling HTTP/1.1\r\nHost: holdfast\r\n\r\n")); err != nil {
		return err
	}
	answer, sid := []byte{}, ""
	for sid == "" {
		part := make([]byte, 4096)
		size, err := c.Read(part)
		if err != nil {
			return err
		}
		answer = append(answer, part[:size]...)
		sid = wire.Member(string(answer), "sid")
	}
	_, err := fmt.Fprintf(c, "POST "+wire.SocketPath+"?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: holdfast\r\nContent-Length: %d\r\n\r\n", sid, postBytes)
	if err == nil {
		_, err = c.Write(bytes.Repeat([]byte("4"), postBytes-1))
	}
	return err
}

func unfinishedRequest(c net.Conn) error {
	_, err := c.Write([]byte("POST /api/v1/anything HTTP/1.1\r\nHost: holdfast\r\nContent-Length: 2\r\n\r\n1"))
	return err
}

func upgrade(c net.Conn) error {
	_, err := c.Write(client.UpgradeRequest("holdfast", false))
	if err == nil {
		_, err = c.Read(make([]byte, 4096))
	}
	return err
}

// unfinishedMessage is all but the last byte of one, in a session that has sent no CONNECT.
func unfinishedMessage(c net.Conn) error {
	err := upgrade(c)
	if err == nil {
		frame := wire.AppendFrame(nil, wire.OpText, true, bytes.Repeat([]byte("4"), messageBytes))
		_, err = c.Write(frame[:len(frame)-1])
	}
	return err
}

// parkedSession is one of a user that nobody knows, whose connection is gone without a word.
func parkedSession(c net.Conn) error {
	err := upgrade(c)
	if err != nil {
		return err
	}
	connect := fmt.Sprintf(`40{"token":"%s"}`, client.TokenOf(strangers+rand.Intn(strangers)))
	if _, err = c.Write(wire.AppendFrame(nil, wire.OpText, true, []byte(connect))); err != nil {
		return err
	}
	_, err = c.Read(make([]byte, 4096))
	_ = c.(*net.TCPConn).SetLinger(0)
	_ = c.Close()
	return err
}
