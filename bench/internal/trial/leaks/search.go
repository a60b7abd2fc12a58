package leaks

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"

	"dev.holdfast/bench/internal/bound"
	"dev.holdfast/bench/internal/cluster"
	"dev.holdfast/bench/internal/testbed"
)

// search compares what nodes hold with what they held before anybody came.
type search struct {
	nodes  []*cluster.Node
	fresh  []remains       // of each node, before
	half   []remains       // when half of the tabs of the first round are there
	own    map[string]bool // classes whose objects belong to one session, or to a part of it
	first  objects         // the most of any node after the first round; nil before
	latest []remains       // the least of each node that was seen
	timers int             // the most of any node, before: a health check that is under way has one more
}

// remains are what a node holds.
type remains struct {
	objects objects
	gauges  map[string]float64
}

const (
	freshSamples = 3 // of nodes that nobody has come to
	fewObjects   = 4 // that a class may have more than after the first round: those that there is one of, made late
	timerClass   = "org.xnio.nio.WorkerThread$TimeKey"
	sessionClass = "dev.holdfast.session.Session"
)

// judged are the classes that are looked at, exact those of which none may be left.
var (
	judged = regexp.MustCompile(`^(dev\.holdfast|org\.xnio|io\.undertow)\.`)
	exact  = regexp.MustCompile(`^(dev\.holdfast|org\.xnio\.nio)\.`)
)

// caches have bounds of their own: users of tokens, what was heard from nodes, connection pools to the last addresses of nodes with what
// they dial, and Undertow's buffers.
var caches = map[string]bool{"dev.holdfast.forwarding.TokenCache$Answer": true, "dev.holdfast.forwarding.Identity$Claims": true,
	"dev.holdfast.cluster.ReplayWindow": true, "dev.holdfast.cluster.Incarnation": true,
	"dev.holdfast.proxy.ConnectionPool": true, "dev.holdfast.proxy.Backend": true, "dev.holdfast.proxy.NodeBackends" + lambda: true,
	"dev.holdfast.upstream.NodeNetwork$Place": true, "dev.holdfast.cluster.NodeId": true,
	"io.undertow.server.DirectByteBufferDeallocator$QueuedByteBuffer": true}

// shared are classes of which a session has an object, and a thread as well: from its first request on, or for each port from its first
// connection there. A quota has one, too: the key that the first of an address's connections has brought, while there are others.
var shared = map[string]bool{"dev.holdfast.time.ErrorBoundary": true, "dev.holdfast.wire.XnioEventLoop": true,
	"dev.holdfast.memory.Quotas$Network": true}

// counter is a name of /metrics that is no gauge.
var counter = regexp.MustCompile(`_(total|bucket|count|sum|created)(\{|$)`)

func newSearch(g *testbed.Testbed) (*search, error) {
	s := &search{nodes: g.Cluster.Nodes, own: map[string]bool{}, latest: make([]remains, len(g.Cluster.Nodes))}
	for i := 0; i < freshSamples; i++ {
		now, err := look(s.nodes)
		if err != nil {
			return nil, err
		}
		for _, each := range now {
			s.timers = max(s.timers, each.objects[timerClass])
		}
		s.fresh = leastOf(s.fresh, now)
	}
	return s, nil
}

// look lets the JVMs of nodes collect their garbage, at the same time.
func look(nodes []*cluster.Node) ([]remains, error) {
	all, failed := make([]remains, len(nodes)), make([]error, len(nodes))
	var looked sync.WaitGroup
	for i, n := range nodes {
		looked.Add(1)
		go func(i int, n *cluster.Node) {
			defer looked.Done()
			all[i].gauges, failed[i] = n.Metrics()
			if failed[i] == nil {
				all[i].objects, failed[i] = objectsOf(n)
			}
		}(i, n)
	}
	looked.Wait()
	return all, errors.Join(failed...)
}

func leastOf(before, now []remains) []remains {
	if before == nil {
		return now
	}
	for i := range now {
		now[i].objects = before[i].objects.atLeast(now[i].objects)
	}
	return now
}

// before is when half of the tabs are there.
func (s *search) before() (err error) {
	s.half, err = look(s.nodes)
	return err
}

// after is when all of them are: what there is more of, for each of them, belongs to them.
func (s *search) after() error {
	now, err := look(s.nodes)
	if err != nil {
		return err
	}
	for i, n := range s.nodes {
		enums, err := enumsOf(n)
		if err != nil {
			return err
		}
		came := int(now[i].gauges["holdfast_sessions"] - s.half[i].gauges["holdfast_sessions"])
		for _, name := range now[i].objects.growing(s.half[i].objects, max(fewObjects, came*3/4)) {
			if judged.MatchString(name) && !enums[name] {
				s.own[name] = true
			}
		}
	}
	for _, wanted := range []string{sessionClass, timerClass} {
		if !s.own[wanted] {
			return fmt.Errorf("there are no more objects of %s when there are more sessions", wanted)
		}
	}
	return nil
}

// begin forgets what was seen in these nodes: from now on only what is always there counts.
func (s *search) begin(nodes []*cluster.Node) {
	for _, n := range nodes {
		s.latest[n.Number] = remains{}
	}
}

// left is what these nodes should not have any more.
func (s *search) left(nodes []*cluster.Node) ([]string, error) {
	now, err := look(nodes)
	if err != nil {
		return nil, err
	}
	var all []string
	for i, n := range nodes {
		enums, err := enumsOf(n)
		if err != nil {
			return nil, err
		}
		for _, each := range s.judge(n, now[i], enums) {
			all = append(all, "node "+n.Name+": "+each)
		}
	}
	return all, nil
}

// judge says what a node has that it should not; enums have constants, which are made late.
func (s *search) judge(n *cluster.Node, now remains, enums map[string]bool) []string {
	fresh := s.fresh[n.Number]
	now.objects = s.latest[n.Number].objects.atLeast(now.objects)
	s.latest[n.Number] = now
	var bounds []bound.Bound
	for name, count := range now.objects {
		most := fresh.objects[name]
		switch {
		case name == timerClass:
			bounds = append(bounds, bound.AtMost(name, count, s.timers))
		case !judged.MatchString(name) || enums[name] || caches[name]:
		case s.own[name] && exact.MatchString(name) && !shared[name] && !strings.HasSuffix(name, lambda):
			bounds = append(bounds, bound.AtMost(name, count, most))
		case s.own[name]: // what is kept for a node or a thread, or by Undertow for later
			bounds = append(bounds, bound.AtMost(name, count, most+fewObjects))
		case s.first != nil:
			bounds = append(bounds, bound.AtMost(name, count, max(most, s.first[name])+fewObjects))
		}
	}
	for name, value := range now.gauges {
		if strings.HasPrefix(name, "holdfast_") && !counter.MatchString(name) && fresh.gauges[name] == 0 && value != 0 {
			bounds = append(bounds, bound.AtMost(name, int(math.Ceil(math.Abs(value))), 0))
		}
	}
	all := bound.Missed(bounds...)
	slices.Sort(all)
	return all
}

// firstRound is when nobody is there any more: later there may not be more than now.
func (s *search) firstRound() {
	for _, each := range s.latest {
		s.first = each.objects.atMost(s.first)
	}
}

// print says what was compared, and what there is in the end.
func (s *search) print(nodes []*cluster.Node) {
	fmt.Printf("  classes that belong to sessions: %d\n", len(s.own))
	for _, n := range nodes {
		fresh, now := s.fresh[n.Number], s.latest[n.Number]
		figures := func(name string) string {
			return fmt.Sprintf("%.0f, %.0f before", now.gauges[name], fresh.gauges[name])
		}
		fmt.Printf("  node %s: sessions %d; timers %d, %d before at most; bytes of buffers %s; direct buffers %s; open files %s\n", n.Name,
			now.objects[sessionClass], now.objects[timerClass], s.timers, figures("holdfast_buffer_bytes"),
			figures(`jvm_buffer_pool_used_buffers{pool="direct"}`), figures("process_open_fds"))
	}
}
