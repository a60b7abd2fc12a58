package leaks

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"dev.holdfast/bench/internal/audience"
	"dev.holdfast/bench/internal/bound"
	"dev.holdfast/bench/internal/client"
	"dev.holdfast/bench/internal/cluster"
	"dev.holdfast/bench/internal/eventloop"
	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/openwebui"
	"dev.holdfast/bench/internal/testbed"
	"dev.holdfast/bench/internal/trial"
	"dev.holdfast/bench/internal/wire"
)

// Trial lets tabs come and go in every way while nodes and upstreams are drained and killed, and looks for what they leave behind.
type Trial struct {
	testbed.Scenario
	rounds int
	window time.Duration // resume.window
	spread time.Duration // within which the tabs of a round begin to go
	search *search
	used   map[string]float64 // counters of nodes that have ended
	plans  map[*audience.Tab][]func(t *audience.Tab)
}

const (
	waysToGo     = 8
	disturbances = 5
	roundLimit   = 2 * time.Minute
	leftLimit    = 40 * time.Second // what is left after that is a leak
)

// New has the defaults, which flags may change.
func New(o trial.Options) *Trial {
	l := &Trial{Scenario: testbed.New(o, "leaks", 400), rounds: 20, window: 3 * time.Second, spread: 5 * time.Second,
		used: map[string]float64{}, plans: map[*audience.Tab][]func(t *audience.Tab){}}
	if o.Smoke {
		l.Clients, l.rounds, l.window, l.spread = 90, 5, 2*time.Second, 4*time.Second
	}
	return l
}

// Read takes the flags.
func (l *Trial) Read(arguments []string) *Trial {
	f := l.Flags()
	f.IntVar(&l.rounds, "rounds", l.rounds, "in each of which all tabs come and go")
	f.DurationVar(&l.window, "window", l.window, "resume.window")
	must.Do(f.Parse(arguments))
	return l
}

// Run tries it; an error says what went wrong.
func (l *Trial) Run() error {
	g, err := l.StartEmpty(2, testbed.Setting("resume.window", l.window), "resume.window-after-leaving=500ms", "socketio.ping-interval=1s",
		"socketio.ping-timeout=4s", "node.beat=500ms", "drain.timeout=4s", "relink.rate=500", "relink.failover-after=200ms",
		"upstream.health-interval=500ms", "switchover.lag=200ms", "limits.slow-transport=2s",
		"limits.polling-idle=10s", "socketio.connect-timeout=5m")
	if err != nil {
		return err
	}
	defer g.Close()
	w := g.Users
	w.Back = l.back
	if l.search, err = newSearch(g); err != nil {
		return err
	}
	w.Begin(l.Rate)
	fmt.Printf("leaks: %d tabs of %d users come and go %d times, %d nodes behind %s, resume.window %v, seed %d\n",
		l.Clients, l.Users(), l.rounds, l.Nodes, l.Balancer, l.window, l.Seed)
	for round := 0; round < l.rounds; round++ {
		began := time.Now()
		if err := l.round(g, round); err != nil {
			return err
		}
		if !l.Smoke {
			fmt.Printf("  round %d of %d in %.1f s\n", round+1, l.rounds, time.Since(began).Seconds())
		}
		if round == 0 && !l.Smoke {
			left, err := l.left(g, g.Cluster.Nodes...)
			if err != nil {
				return err
			}
			if len(left) > 0 {
				return l.Conclude(g, left, nil)
			}
			l.search.firstRound()
		}
	}
	w.End()
	return l.judge(g)
}

// round lets all tabs come, and go, one after the other, while something is done to nodes and upstreams.
func (l *Trial) round(g *testbed.Testbed, round int) error {
	w := g.Users
	var tabs []*audience.Tab
	for i := 0; i < l.Clients; i++ {
		t := w.Add(i % len(w.Rooms))
		t.Page.Carrier = (i + round) % client.Carriers
		tabs = append(tabs, t)
	}
	if err := l.come(g, round, tabs); err != nil {
		return err
	}
	for i, t := range tabs {
		t := t
		l.plans[t] = l.plan(w, (i+round)%waysToGo)
		w.Loop.After(time.Duration(w.Random.Int63n(int64(l.spread))), func() { l.next(t) })
	}
	if err := l.disturb(g, round); err != nil {
		return err
	}
	gone := func(t *audience.Tab) bool { return t.Page.Stopped }
	if !w.Run(roundLimit, func() bool { return !slices.ContainsFunc(tabs, func(t *audience.Tab) bool { return !gone(t) }) }) {
		w.Explain(os.Stdout, func(t *audience.Tab) bool { return slices.Contains(tabs, t) && !gone(t) })
		return fmt.Errorf("round %d: not all tabs have gone after %v", round+1, roundLimit)
	}
	return nil
}

// come connects them, each of which says something; in the first round it is seen which objects belong to a session.
func (l *Trial) come(g *testbed.Testbed, round int, tabs []*audience.Tab) error {
	w, half := g.Users, len(tabs)/2
	if err := w.Connect(tabs[:half]); err != nil {
		return err
	}
	if round == 0 {
		if err := beside(w, l.search.before); err != nil {
			return err
		}
	}
	if err := w.Connect(tabs[half:]); err != nil {
		return err
	}
	for _, t := range tabs {
		t.Page.Engine.Send([]byte(fmt.Sprintf(`42["note",%d]`, t.Page.Number)))
		t.Page.Engine.Send([]byte(fmt.Sprintf(`42%d["asks"]`, t.Page.Number)))
	}
	if round == 0 {
		return beside(w, l.search.after)
	}
	return nil
}

// beside does something that blocks while events go on.
func beside(w *audience.Users, do func() error) error {
	var failed error
	w.Until(cluster.StartLimit, func() bool {
		failed = do()
		return true
	})
	return failed
}

// plan is how a tab goes: steps that each follow when it is connected again.
func (l *Trial) plan(w *audience.Users, way int) []func(t *audience.Tab) {
	says := func(t *audience.Tab) { w.Leave(t, true) }
	cutFor := func(how int, least time.Duration) func(t *audience.Tab) {
		return func(t *audience.Tab) {
			t.Page.Carrier = (t.Page.Carrier + 1) % client.Carriers // it comes back as something else
			w.Cut(t, client.Cut{Way: how}, least+time.Duration(w.Random.Int63n(int64(testbed.AwayAtMost-testbed.AwayAtLeast))))
		}
	}
	switch way {
	case 0: // a word, and nobody comes
		return []func(t *audience.Tab){says}
	case 1: // FIN: parked until the window is over
		return []func(t *audience.Tab){func(t *audience.Tab) { w.Leave(t, false) }}
	case 2: // silence: seen by the missing PONG, and then parked
		return []func(t *audience.Tab){w.Vanish}
	case 3: // the page is left, which the close frame says
		return []func(t *audience.Tab){func(t *audience.Tab) {
			if t.Page.Engine.Polling == nil {
				t.Page.Engine.Conn.Send(wire.AppendFrame(nil, wire.OpClose, true, []byte{1001 >> 8, 1001 & 0xff}))
			}
			w.Leave(t, false)
		}}
	case 4: // back in time, by way of any node
		return []func(t *audience.Tab){cutFor(client.BySilence, testbed.AwayAtLeast), says}
	case 5: // back twice, and away for good
		return []func(t *audience.Tab){cutFor(client.ByReset, testbed.AwayAtLeast), cutFor(client.ByEnd, testbed.AwayAtLeast), w.Vanish}
	case 6: // back too late
		return []func(t *audience.Tab){cutFor(client.ByReset, l.window+time.Second), says}
	default: // gone while another one of the user's tabs connects, which goes within its handshake
		return []func(t *audience.Tab){cutFor(client.ByEnd, testbed.AwayAtLeast), func(t *audience.Tab) {
			other := w.Add(t.User)
			other.Page.Carrier = t.Page.Carrier
			other.Page.Dial()
			w.Loop.After(time.Duration(w.Random.Int63n(int64(testbed.AwayAtLeast/4))), func() { w.Leave(other, false) })
			w.Leave(t, true)
		}}
	}
}

// next is the next step of a tab, unless it has lost its connection: then it follows when that is back.
func (l *Trial) next(t *audience.Tab) {
	if steps := l.plans[t]; t.Open && !t.Page.Stopped && len(steps) > 0 {
		l.plans[t] = steps[1:]
		steps[0](t)
	}
}

func (l *Trial) back(t *audience.Tab) {
	if t.Recovered+t.Fresh > 0 {
		t.Page.Loop.After(time.Duration(t.Page.Random.Int63n(int64(testbed.AwayAtLeast))), func() { l.next(t) })
	}
}

// disturb does something else in each of five rounds, and nothing in the last of them. Two nodes live through all of it.
func (l *Trial) disturb(g *testbed.Testbed, round int) error {
	w, n := g.Users, g.Cluster.Nodes[0]
	switch round % disturbances {
	case 0:
		if err := l.drain(g, round, n); err != nil {
			return err
		}
		n.Signal(syscall.SIGTERM)
	case 1:
		return l.drainUpstream(g, g.Sources[round/disturbances%len(g.Sources)])
	case 2:
		i := (round/disturbances + 1) % len(g.Sources) // the one that has the sessions since the other was drained
		old := g.Sources[i]
		old.Stop()
		w.Run(l.spread/4, eventloop.Never)
		again, err := openwebui.Start(old.Program, old.Port)
		if err != nil {
			return err
		}
		g.Sources[i], w.Sources[i] = again, again
		return nil
	case 3:
		l.keepCounters(n)
		n.Signal(syscall.SIGKILL)
	default:
		return nil
	}
	if !w.Run(cluster.StartLimit, func() bool { return !n.Running() }) {
		return fmt.Errorf("node %s does not end", n.Name)
	}
	return g.Again(l.Scenario, n)
}

// drain empties a node; what it has left then, while it still runs, is a leak, too, which is looked for the last time.
func (l *Trial) drain(g *testbed.Testbed, round int, n *cluster.Node) error {
	if err := order(g, n, "/drain?node="+n.ID()); err != nil {
		return err
	}
	if l.Smoke || round+disturbances < l.rounds { // a polling client is told of the end for 30 s
		g.Users.Until(leftLimit, func() bool {
			m, err := n.Metrics()
			return err == nil && m["holdfast_sessions"] == 0
		})
		l.keepCounters(n)
		return nil
	}
	left, err := l.left(g, n)
	if err == nil && len(left) > 0 {
		err = l.Conclude(g, left, nil)
	}
	l.keepCounters(n)
	return err
}

func (l *Trial) drainUpstream(g *testbed.Testbed, s *openwebui.Source) error {
	n := g.Cluster.Nodes[0]
	if err := order(g, n, "/drain?upstream="+s.Address()); err != nil {
		return err
	}
	if !g.Users.Until(leftLimit, func() bool { return testbed.LinksOf(g, s) == 0 }) {
		return fmt.Errorf("upstream %s still has %d links", s.Address(), testbed.LinksOf(g, s))
	}
	return order(g, n, "/undrain?upstream="+s.Address())
}

// order asks the API of a node for something.
func order(g *testbed.Testbed, n *cluster.Node, path string) error {
	return beside(g.Users, func() error {
		request, err := http.NewRequest(http.MethodPost, "http://"+n.Admin+"/api/v1"+path, nil)
		if err != nil {
			return err
		}
		request.Header.Set("Authorization", "Bearer "+trial.AdminToken)
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
func (l *Trial) left(g *testbed.Testbed, nodes ...*cluster.Node) (left []string, err error) {
	l.search.begin(nodes)
	for deadline := time.Now().Add(leftLimit); ; {
		err = beside(g.Users, func() (err error) {
			left, err = l.search.left(nodes)
			return err
		})
		if err == nil && len(left) == 0 || time.Now().After(deadline) {
			return left, err
		}
		g.Users.Run(audience.AskEvery, eventloop.Never)
	}
}

// keepCounters remembers what a node has done, which is about to end.
func (l *Trial) keepCounters(n *cluster.Node) {
	m, err := n.Metrics()
	must.Do(err)
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

func (l *Trial) judge(g *testbed.Testbed) error {
	began := time.Now()
	wrong, err := l.left(g, g.Cluster.Nodes...)
	if err != nil {
		return err
	}
	fmt.Printf("leaks: %d tabs came and went in %d rounds; looked for what is left for %.1f s\n", len(g.Users.Tabs), l.rounds, time.Since(began).Seconds())
	var known int
	var strange []string
	g.Users.Until(leftLimit, func() bool {
		known, strange = g.Registered()
		return known == 0 && len(strange) == 0
	})
	if known > 0 || len(strange) > 0 {
		wrong = append(wrong, fmt.Sprintf("%d sessions in Redis, strange keys %v", known, strange))
	}
	for _, n := range g.Cluster.Nodes {
		l.keepCounters(n)
	}
	certain := had
	if l.Smoke {
		certain = had[:often] // a drain or a kill may meet none of few tabs
	}
	for _, name := range certain {
		if l.used[name] == 0 {
			wrong = append(wrong, name+" is 0: the run shows nothing of that")
		}
	}
	s := g.Users.Sum()
	wrong = append(wrong, bound.Missed(bound.AtMost("repeated", s.Repeated, 0), bound.AtMost("reordered", s.Reordered, 0), bound.AtMost("damaged", s.Damaged, 0),
		bound.AtMost("strange", s.Strange, 0), bound.AtMost("sessions that ended by an error", int(l.used[`holdfast_sessions_closed_total{reason="internal"}`]), 0))...)
	wrong = append(wrong, g.Cluster.Balanced()...)
	l.search.print(g.Cluster.Nodes)
	for _, name := range had {
		fmt.Printf("  %s %.0f\n", name, l.used[name])
	}
	fmt.Printf("  %s\n", testbed.JSON(s))
	return l.Conclude(g, wrong, map[string]any{"events": s, "counters": counted(l.used)})
}

// counted are the counters of Holdfast that are not 0.
func counted(all map[string]float64) map[string]float64 {
	some := maps.Clone(all)
	maps.DeleteFunc(some, func(name string, value float64) bool {
		return value == 0 || !strings.HasPrefix(name, "holdfast_") || !strings.Contains(name, "_total")
	})
	return some
}
