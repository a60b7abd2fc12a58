package main

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"
)

// leaks lets tabs come and go in every way while nodes and upstreams are drained and killed, and looks for what they leave behind.
type leaks struct {
	proof
	rounds int
	window time.Duration // resume.window
	spread time.Duration // within which the tabs of a round begin to go
	search *search
	used   map[string]float64 // counters of nodes that have ended
	plans  map[*tab][]func(t *tab)
}

const (
	waysToGo     = 8
	disturbances = 5
	roundLimit   = 2 * time.Minute
	leftLimit    = 40 * time.Second // what is left after that is a leak
)

func newLeaks(o options) *leaks {
	l := &leaks{proof: newProof(o, "leaks", 400), rounds: 20, window: 3 * time.Second, spread: 5 * time.Second,
		used: map[string]float64{}, plans: map[*tab][]func(t *tab){}}
	if o.smoke {
		l.clients, l.rounds, l.window, l.spread = 90, 5, 2*time.Second, 4*time.Second
	}
	return l
}

func (l *leaks) read(arguments []string) *leaks {
	f := l.flags()
	f.IntVar(&l.rounds, "rounds", l.rounds, "in each of which all tabs come and go")
	f.DurationVar(&l.window, "window", l.window, "resume.window")
	must(f.Parse(arguments))
	return l
}

func (l *leaks) run() error {
	g, err := l.empty(2, setting("resume.window", l.window), "resume.window-after-leaving=500ms", "socketio.ping-interval=1s",
		"socketio.ping-timeout=4s", "node.beat=500ms", "drain.timeout=4s", "relink.rate=500", "relink.failover-after=200ms",
		"upstream.health-interval=500ms", "switchover.lag=200ms", "limits.slow-transport=2s",
		"limits.polling-idle=10s", "socketio.connect-timeout=5m")
	if err != nil {
		return err
	}
	defer g.close()
	w := g.users
	w.back = l.back
	if l.search, err = newSearch(g); err != nil {
		return err
	}
	w.begin(l.rate)
	fmt.Printf("leaks: %d tabs of %d users come and go %d times, %d nodes behind %s, resume.window %v, seed %d\n",
		l.clients, l.users(), l.rounds, l.nodes, l.balancer, l.window, l.seed)
	for round := 0; round < l.rounds; round++ {
		began := time.Now()
		if err := l.round(g, round); err != nil {
			return err
		}
		if !l.smoke {
			fmt.Printf("  round %d of %d in %.1f s\n", round+1, l.rounds, time.Since(began).Seconds())
		}
		if round == 0 && !l.smoke {
			left, err := l.left(g, g.fleet.nodes...)
			if err != nil {
				return err
			}
			if len(left) > 0 {
				return l.conclude(g, left, nil)
			}
			l.search.firstRound()
		}
	}
	w.end()
	return l.judge(g)
}

// round lets all tabs come, and go, one after the other, while something is done to nodes and upstreams.
func (l *leaks) round(g *ground, round int) error {
	w := g.users
	var tabs []*tab
	for i := 0; i < l.clients; i++ {
		t := w.add(i % len(w.rooms))
		t.page.carrier = (i + round) % carriers
		tabs = append(tabs, t)
	}
	if err := l.come(g, round, tabs); err != nil {
		return err
	}
	for i, t := range tabs {
		t := t
		l.plans[t] = l.plan(w, (i+round)%waysToGo)
		w.loop.after(time.Duration(w.random.Int63n(int64(l.spread))), func() { l.next(t) })
	}
	if err := l.disturb(g, round); err != nil {
		return err
	}
	gone := func(t *tab) bool { return t.page.stopped }
	if !w.run(roundLimit, func() bool { return !slices.ContainsFunc(tabs, func(t *tab) bool { return !gone(t) }) }) {
		w.explain(os.Stdout, func(t *tab) bool { return slices.Contains(tabs, t) && !gone(t) })
		return fmt.Errorf("round %d: not all tabs have gone after %v", round+1, roundLimit)
	}
	return nil
}

// come connects them, each of which says something; in the first round it is seen which objects belong to a session.
func (l *leaks) come(g *ground, round int, tabs []*tab) error {
	w, half := g.users, len(tabs)/2
	if err := w.connect(tabs[:half]); err != nil {
		return err
	}
	if round == 0 {
		if err := beside(w, l.search.before); err != nil {
			return err
		}
	}
	if err := w.connect(tabs[half:]); err != nil {
		return err
	}
	for _, t := range tabs {
		t.page.engine.send([]byte(fmt.Sprintf(`42["note",%d]`, t.page.number)))
		t.page.engine.send([]byte(fmt.Sprintf(`42%d["asks"]`, t.page.number)))
	}
	if round == 0 {
		return beside(w, l.search.after)
	}
	return nil
}

// beside does something that blocks while events go on.
func beside(w *users, do func() error) error {
	var failed error
	w.until(startLimit, func() bool {
		failed = do()
		return true
	})
	return failed
}

// plan is how a tab goes: steps that each follow when it is connected again.
func (l *leaks) plan(w *users, way int) []func(t *tab) {
	says := func(t *tab) { w.leave(t, true) }
	cutFor := func(how int, least time.Duration) func(t *tab) {
		return func(t *tab) {
			t.page.carrier = (t.page.carrier + 1) % carriers // it comes back as something else
			w.cut(t, cut{way: how}, least+time.Duration(w.random.Int63n(int64(awayAtMost-awayAtLeast))))
		}
	}
	switch way {
	case 0: // a word, and nobody comes
		return []func(t *tab){says}
	case 1: // FIN: parked until the window is over
		return []func(t *tab){func(t *tab) { w.leave(t, false) }}
	case 2: // silence: seen by the missing PONG, and then parked
		return []func(t *tab){w.vanish}
	case 3: // the page is left, which the close frame says
		return []func(t *tab){func(t *tab) {
			if t.page.engine.polling == nil {
				t.page.engine.conn.send(appendFrame(nil, opClose, true, []byte{1001 >> 8, 1001 & 0xff}))
			}
			w.leave(t, false)
		}}
	case 4: // back in time, by way of any node
		return []func(t *tab){cutFor(bySilence, awayAtLeast), says}
	case 5: // back twice, and away for good
		return []func(t *tab){cutFor(byReset, awayAtLeast), cutFor(byEnd, awayAtLeast), w.vanish}
	case 6: // back too late
		return []func(t *tab){cutFor(byReset, l.window+time.Second), says}
	default: // gone while another one of the user's tabs connects, which goes within its handshake
		return []func(t *tab){cutFor(byEnd, awayAtLeast), func(t *tab) {
			other := w.add(t.user)
			other.page.carrier = t.page.carrier
			other.page.dial()
			w.loop.after(time.Duration(w.random.Int63n(int64(awayAtLeast/4))), func() { w.leave(other, false) })
			w.leave(t, true)
		}}
	}
}

// next is the next step of a tab, unless it has lost its connection: then it follows when that is back.
func (l *leaks) next(t *tab) {
	if steps := l.plans[t]; t.open && !t.page.stopped && len(steps) > 0 {
		l.plans[t] = steps[1:]
		steps[0](t)
	}
}

func (l *leaks) back(t *tab) {
	if t.recovered+t.fresh > 0 {
		t.page.loop.after(time.Duration(t.page.random.Int63n(int64(awayAtLeast))), func() { l.next(t) })
	}
}

// disturb does something else in each of five rounds, and nothing in the last of them. Two nodes live through all of it.
func (l *leaks) disturb(g *ground, round int) error {
	w, n := g.users, g.fleet.nodes[0]
	switch round % disturbances {
	case 0:
		if err := l.drain(g, round, n); err != nil {
			return err
		}
		n.signal(syscall.SIGTERM)
	case 1:
		return l.drainUpstream(g, g.sources[round/disturbances%len(g.sources)])
	case 2:
		i := (round/disturbances + 1) % len(g.sources) // the one that has the sessions since the other was drained
		old := g.sources[i]
		old.stop()
		w.run(l.spread/4, never)
		again, err := startSource(old.program, old.port)
		if err != nil {
			return err
		}
		g.sources[i], w.sources[i] = again, again
		return nil
	case 3:
		l.keepCounters(n)
		n.signal(syscall.SIGKILL)
	default:
		return nil
	}
	if !w.run(startLimit, func() bool { return !n.running() }) {
		return fmt.Errorf("node %s does not end", n.name)
	}
	return g.again(l.proof, n)
}

// drain empties a node; what it has left then, while it still runs, is a leak, too, which is looked for the last time.
func (l *leaks) drain(g *ground, round int, n *node) error {
	if err := order(g, n, "/drain?node="+n.id()); err != nil {
		return err
	}
	if l.smoke || round+disturbances < l.rounds { // a polling client is told of the end for 30 s
		g.users.until(leftLimit, func() bool {
			m, err := n.metrics()
			return err == nil && m["holdfast_sessions"] == 0
		})
		l.keepCounters(n)
		return nil
	}
	left, err := l.left(g, n)
	if err == nil && len(left) > 0 {
		err = l.conclude(g, left, nil)
	}
	l.keepCounters(n)
	return err
}

func (l *leaks) drainUpstream(g *ground, s *source) error {
	n := g.fleet.nodes[0]
	if err := order(g, n, "/drain?upstream="+s.address()); err != nil {
		return err
	}
	if !g.users.until(leftLimit, func() bool { return linksOf(g, s) == 0 }) {
		return fmt.Errorf("upstream %s still has %d links", s.address(), linksOf(g, s))
	}
	return order(g, n, "/undrain?upstream="+s.address())
}

// order asks the API of a node for something.
func order(g *ground, n *node, path string) error {
	return beside(g.users, func() error {
		request, err := http.NewRequest(http.MethodPost, "http://"+n.admin+"/api/v1"+path, nil)
		if err != nil {
			return err
		}
		request.Header.Set("Authorization", "Bearer "+adminToken)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusAccepted {
			return fmt.Errorf("%s: %s", path, answer.Status)
		}
		return nil
	})
}

// left is what stays in the nodes when all tabs have gone.
func (l *leaks) left(g *ground, nodes ...*node) (left []string, err error) {
	l.search.begin(nodes)
	for deadline := time.Now().Add(leftLimit); ; {
		err = beside(g.users, func() (err error) {
			left, err = l.search.left(nodes)
			return err
		})
		if err == nil && len(left) == 0 || time.Now().After(deadline) {
			return left, err
		}
		g.users.run(askEvery, never)
	}
}

// keepCounters remembers what a node has done, which is about to end.
func (l *leaks) keepCounters(n *node) {
	m, err := n.metrics()
	must(err)
	for name, value := range m {
		l.used[name] += value
	}
}

// had are counters that show that the run had what it is about; few tabs have the first of them, too, so many as often says.
const often = 10

var had = []string{
	`holdfast_transports_opened_total{kind="websocket"}`, `holdfast_transports_opened_total{kind="polling"}`,
	`holdfast_transports_closed_total{kind="websocket",reason="ping-timeout"}`, `holdfast_transports_closed_total{kind="polling",reason="ping-timeout"}`,
	`holdfast_sessions_closed_total{reason="client-closed"}`, `holdfast_sessions_closed_total{reason="resume-expired"}`,
	`holdfast_resumes_total{result="recovered"}`, `holdfast_resumes_total{result="expired"}`,
	`holdfast_splices_asked_total{result="joined"}`, `holdfast_node_requests_total{result="answered"}`,
	`holdfast_handoffs_total{side="sent"}`, `holdfast_handoffs_total{side="received"}`,
	`holdfast_switchovers_total{result="aligned"}`, `holdfast_relinks_total`,
}

func (l *leaks) judge(g *ground) error {
	began := time.Now()
	wrong, err := l.left(g, g.fleet.nodes...)
	if err != nil {
		return err
	}
	fmt.Printf("leaks: %d tabs came and went in %d rounds; looked for what is left for %.1f s\n", len(g.users.tabs), l.rounds, time.Since(began).Seconds())
	var known int
	var strange []string
	g.users.until(leftLimit, func() bool {
		known, strange = g.registered()
		return known == 0 && len(strange) == 0
	})
	if known > 0 || len(strange) > 0 {
		wrong = append(wrong, fmt.Sprintf("%d sessions in Redis, strange keys %v", known, strange))
	}
	for _, n := range g.fleet.nodes {
		l.keepCounters(n)
	}
	certain := had
	if l.smoke {
		certain = had[:often] // a drain or a kill may meet none of few tabs
	}
	for _, name := range certain {
		if l.used[name] == 0 {
			wrong = append(wrong, name+" is 0: the run shows nothing of that")
		}
	}
	s := g.users.sum()
	wrong = append(wrong, missed(atMost("repeated", s.Repeated, 0), atMost("reordered", s.Reordered, 0), atMost("damaged", s.Damaged, 0),
		atMost("strange", s.Strange, 0), atMost("sessions that ended by an error", int(l.used[`holdfast_sessions_closed_total{reason="internal"}`]), 0))...)
	wrong = append(wrong, g.fleet.balanced()...)
	l.search.print(g.fleet.nodes)
	for _, name := range had {
		fmt.Printf("  %s %.0f\n", name, l.used[name])
	}
	fmt.Printf("  %s\n", inJSON(s))
	return l.conclude(g, wrong, map[string]any{"events": s, "counters": counted(l.used)})
}

// counted are the counters of Holdfast that are not 0.
func counted(all map[string]float64) map[string]float64 {
	some := maps.Clone(all)
	maps.DeleteFunc(some, func(name string, value float64) bool {
		return value == 0 || !strings.HasPrefix(name, "holdfast_") || !strings.Contains(name, "_total")
	})
	return some
}
