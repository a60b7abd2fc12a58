package rolling

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
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
	"dev.holdfast/bench/internal/process"
	"dev.holdfast/bench/internal/stats"
	"dev.holdfast/bench/internal/testbed"
	"dev.holdfast/bench/internal/trial"
)

// Trial restarts each node in turn while events flow, or drains one of two upstreams and then the other.
type Trial struct {
	testbed.Scenario
	upstream bool // drain upstreams
	idle     bool // no events before a node was drained
	drain    time.Duration
	pause    time.Duration
	awake    time.Duration // how long events come to tabs that were idle, before these are cut
}

// New has the defaults, which flags may change.
func New(o trial.Options) *Trial {
	r := &Trial{Scenario: testbed.New(o, "rolling", 1500), drain: 2 * time.Minute, pause: 5 * time.Second, awake: 30 * time.Second}
	if o.Smoke {
		r.drain, r.pause, r.awake = 20*time.Second, time.Second, 4*time.Second
	}
	return r
}

// OfUpstreams is the one that drains these.
func (r *Trial) OfUpstreams() *Trial {
	r.upstream = true
	return r
}

// Read takes the flags.
func (r *Trial) Read(arguments []string) *Trial {
	f := r.Flags()
	f.BoolVar(&r.upstream, "drain-upstream", r.upstream, "drain one of two upstreams, then the other, and restart no node")
	f.BoolVar(&r.idle, "idle-first", r.idle, "send no events until a node was drained, then 20 a second, then cut all connections once")
	f.DurationVar(&r.drain, "drain", r.drain, "drain.timeout")
	f.DurationVar(&r.pause, "pause", r.pause, "between two steps")
	f.DurationVar(&r.awake, "awake", r.awake, "with --idle-first, how long events come before the cut: longer than a ping interval")
	must.Do(f.Parse(arguments))
	if r.idle && r.Smoke {
		r.Settings = append(r.Settings, "socketio.ping-interval=2s")
	}
	return r
}

// step is what one restart or drain did to the tabs.
type step struct {
	Name      string         `json:"name"`
	Seconds   float64        `json:"seconds"`
	Left      int            `json:"sessionsLeft"` // on what was drained
	Tabs      int            `json:"tabsReconnected"`
	Most      int            `json:"mostReconnectsOfATab"`
	Failed    int            `json:"failedAttempts"`
	Recovered int            `json:"recovered"`
	Fresh     int            `json:"freshSessions"`
	Moved     int            `json:"sidsChangedWhileOpen"`
	Away      float64        `json:"awayP99Ms"`
	Awake     *awake         `json:"awake,omitempty"`
	Fences    []fenceCost    `json:"fences,omitempty"` // of each upstream
	Moves     map[string]int `json:"moves,omitempty"`  // by result
}

// fenceCost is what fences cost an upstream while another one was drained, or it was itself.
type fenceCost struct {
	openwebui.DocumentCounts
	Core float64 `json:"percentOfACore"` // of Open WebUI, mean
}

// awake is what became of tabs that were idle at a drain, when events came and their connections were cut.
type awake struct {
	Mute      int `json:"tabsWithoutEventsBeforeTheCut"`
	Cut       int `json:"connectionsCut"`
	Closed    int `json:"connectionsClosed"`
	Recovered int `json:"recovered"`
	Fresh     int `json:"freshSessions"`
	Dead      int `json:"deadTabs"`
	Lost      int `json:"lost"`
}

const awakeRate = 20 // events a second to each room

// Run tries it; an error says what went wrong.
func (r *Trial) Run() error {
	upstreams := 1
	if r.upstream {
		upstreams = 2
		r.Name = "rolling-upstream"
	}
	g, err := r.Start(upstreams, testbed.Setting("drain.timeout", r.drain))
	if err != nil {
		return err
	}
	defer g.Close()
	rate := r.Rate
	if r.idle {
		r.Name, rate = r.Name+"-idle", 0
	}
	fmt.Printf("%s: %d tabs of %d users, %g events a second to each room, %d nodes behind %s, latency %v, drain.timeout %v\n",
		r.Name, r.Clients, r.Users(), rate, r.Nodes, r.Balancer, r.Latency, r.drain)
	g.Users.Begin(rate)
	g.Users.Run(r.pause, eventloop.Never)
	var steps []step
	if r.upstream {
		steps, err = r.drainUpstreams(g)
	} else {
		steps, err = r.restartNodes(g)
	}
	if err != nil {
		return err
	}
	dead := 0
	if !r.idle {
		dead = len(g.Users.Dead(audience.DeadAfter))
	}
	g.Users.End()
	return r.judge(g, steps, dead)
}

// restartNodes stops each node by SIGTERM and starts it again.
func (r *Trial) restartNodes(g *testbed.Testbed) ([]step, error) {
	var steps []step
	for _, n := range g.Cluster.Nodes {
		from := len(n.Log(0))
		one, err := r.step(g, "restart of node "+n.Name, func() error {
			n.Signal(syscall.SIGTERM)
			if !g.Users.Run(r.drain+10*time.Second, func() bool { return !n.Running() }) {
				return fmt.Errorf("node %s does not end:\n%s", n.Name, n.Log(from))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		one.Left = leftBehind(n.Log(from))
		r.wake(g, &one)
		steps = append(steps, one)
		fmt.Println("  " + testbed.JSON(one))
		if one.Awake != nil && one.Awake.Dead > 0 {
			return steps, nil // the next one would only wait for them
		}
		if err := g.Again(r.Scenario, n); err != nil {
			return nil, err
		}
		g.Users.Run(r.pause, eventloop.Never)
	}
	return steps, nil
}

// wake sends events to tabs that were idle, cuts all their connections once, and lets them be idle again.
func (r *Trial) wake(g *testbed.Testbed, one *step) {
	if !r.idle {
		return
	}
	w, before, began := g.Users, g.Users.Sum(), time.Now()
	w.Begin(awakeRate)
	w.Run(r.awake, eventloop.Never)
	one.Awake = &awake{Mute: len(w.Mute(began))}
	for _, t := range w.Tabs {
		w.Cut(t, client.Cut{Way: client.ByReset}, testbed.AwayAtLeast+time.Duration(w.Random.Int63n(int64(testbed.AwayAtMost-testbed.AwayAtLeast))))
	}
	w.Run(audience.DeadAfter, w.AllOpen)
	one.Awake.Dead = len(w.Dead(audience.DeadAfter))
	w.End()
	after := w.Sum()
	one.Awake.Cut, one.Awake.Closed = after.Cuts-before.Cuts, after.Drops-before.Drops
	one.Awake.Recovered, one.Awake.Fresh = after.Recovered-before.Recovered, after.Fresh-before.Fresh
	one.Awake.Lost = after.Lost - before.Lost
}

var stoppedLine = regexp.MustCompile(`drained: (\d+) sessions`)

// leftBehind is how many sessions a node still had when it ended, as it says; -1 if it says nothing.
func leftBehind(log string) int {
	all := stoppedLine.FindAllStringSubmatch(log, -1)
	if len(all) == 0 {
		return -1
	}
	left, _ := strconv.Atoi(all[len(all)-1][1])
	return left
}

// drainUpstreams moves all sessions off each of the upstreams in turn, by the command that an operator gives.
func (r *Trial) drainUpstreams(g *testbed.Testbed) ([]step, error) {
	var steps []step
	for i, s := range g.Sources {
		var before []openwebui.DocumentCounts
		moved := movesOf(g)
		for _, each := range g.Sources {
			before = append(before, openwebui.DocumentsOf(each))
		}
		one, err := r.step(g, fmt.Sprintf("drain of upstream %d", i+1), func() error {
			if err := r.command(g, "drain", "--upstream", "http://"+s.Address()); err != nil {
				return err
			}
			g.Users.Until(r.drain, func() bool { return testbed.LinksOf(g, s) == 0 })
			return nil
		})
		if err != nil {
			return nil, err
		}
		one.Left = testbed.LinksOf(g, s)
		one.Moves = movesOf(g)
		for result, count := range moved {
			one.Moves[result] -= count
		}
		for k, each := range g.Sources {
			counts := openwebui.DocumentsOf(each).Since(before[k])
			one.Fences = append(one.Fences, fenceCost{counts, 100 * counts.Cpu().Seconds() / one.Seconds})
		}
		r.wake(g, &one)
		steps = append(steps, one)
		fmt.Println("  " + testbed.JSON(one))
		if one.Awake != nil && one.Awake.Dead > 0 {
			return steps, nil // the next one would only wait for them
		}
		if err := r.command(g, "undrain", "--upstream", "http://"+s.Address()); err != nil {
			return nil, err
		}
		g.Users.Run(r.pause, eventloop.Never)
	}
	return steps, nil
}

// movesOf are the moves of sessions to other upstreams so far, by their result.
func movesOf(g *testbed.Testbed) map[string]int {
	moves := map[string]int{}
	for _, n := range g.Cluster.Nodes {
		m, err := n.Metrics()
		must.Do(err)
		for name, value := range m {
			if result, ok := strings.CutPrefix(name, "holdfast_switchovers_total"); ok && result != "" && value > 0 {
				moves[result] += int(value)
			}
		}
	}
	return moves
}

// command runs Holdfast's command line beside the events, which go on.
func (r *Trial) command(g *testbed.Testbed, words ...string) error {
	jdks := process.JDKs()
	arguments := append([]string{"-jar", r.Jar}, words...)
	command := exec.Command(filepath.Join(jdks[len(jdks)-1].Home, "bin", "java"), arguments...)
	command.Env = append(os.Environ(), "HOLDFAST_REDIS_URL="+g.Cluster.Redis, "HOLDFAST_ADMIN_LISTEN="+g.Cluster.Nodes[0].Admin)
	done := make(chan error, 1)
	var out []byte
	go func() {
		var err error
		out, err = command.CombinedOutput()
		done <- err
	}()
	var result error
	if !g.Users.Run(r.drain+cluster.StartLimit, func() bool {
		select {
		case result = <-done:
			return true
		default:
			return false
		}
	}) {
		return fmt.Errorf("holdfast %v does not end", words)
	}
	if result != nil {
		return fmt.Errorf("holdfast %v: %w\n%s", words, result, out)
	}
	return nil
}

// step does something and waits until all tabs are connected again.
func (r *Trial) step(g *testbed.Testbed, name string, do func() error) (step, error) {
	before := make([]audience.Tab, len(g.Users.Tabs))
	for i, t := range g.Users.Tabs {
		before[i] = *t
	}
	began := time.Now()
	if err := do(); err != nil {
		return step{}, err
	}
	one := step{Name: name, Seconds: time.Since(began).Seconds()}
	g.Users.Run(10*time.Second, func() bool { return g.Users.AllOpen() })
	var away []time.Duration
	for i, t := range g.Users.Tabs {
		drops := t.Drops - before[i].Drops
		one.Tabs += bound.Count(drops > 0)
		one.Most = max(one.Most, drops)
		one.Failed += t.Failed - before[i].Failed
		one.Recovered += t.Recovered - before[i].Recovered
		one.Fresh += t.Fresh - before[i].Fresh
		one.Moved += t.Moved - before[i].Moved
		if drops > 0 && t.Open {
			away = append(away, t.BackAt.Sub(t.LostAt))
		}
	}
	_, one.Away, _ = stats.Quantiles(away)
	return one, nil
}

func (r *Trial) judge(g *testbed.Testbed, steps []step, dead int) error {
	s := g.Users.Sum()
	for _, each := range steps {
		if len(each.Moves) > 0 {
			fmt.Printf("%s: %d tabs in %.1f s: %v\n", each.Name, each.Moved, each.Seconds, each.Moves)
		}
		for i, c := range each.Fences {
			fmt.Printf("%s: upstream %d sent %d fences and delivered %d, which costs Open WebUI %.1f %% of a core for %.1f s\n",
				each.Name, i+1, c.Updates, c.Deliveries, c.Core, each.Seconds)
		}
	}
	fmt.Printf("%s: %d events expected, %d lost, %d repeated, %d reordered; %d connections lost, %d recovered, %d fresh sessions, %d sids changed on open connections\n",
		r.Name, s.Expected, s.Lost, s.Repeated, s.Reordered, s.Drops, s.Recovered, s.Fresh, s.Moved)
	wrong := append(s.Unharmed(), bound.Missed(bound.AtMost("dead tabs", dead, 0))...)
	allowed := 1 - bound.Count(r.upstream)
	for _, each := range steps {
		wrong = append(wrong, bound.Missed(
			bound.AtMost("reconnects of a tab in the "+each.Name, each.Most, allowed),
			bound.AtMost("sessions left in the "+each.Name, each.Left, 0),
			bound.AtMost("fresh sessions in the "+each.Name, each.Fresh, 0))...)
		if a := each.Awake; a != nil {
			wrong = append(wrong, bound.Missed(bound.AtMost("dead tabs after the "+each.Name, a.Mute+a.Dead, 0),
				bound.AtMost("fresh sessions after the "+each.Name, a.Fresh, 0),
				bound.AtMost("connections closed after the "+each.Name, a.Closed, 0))...)
		}
		for result, count := range each.Moves {
			if !strings.Contains(result, `"aligned"`) {
				wrong = append(wrong, bound.Missed(bound.AtMost("moves "+result+" in the "+each.Name, count, 0))...)
			}
		}
		if each.Left < 0 {
			wrong = append(wrong, "the "+each.Name+" did not say that it stopped")
		}
	}
	wrong = append(wrong, g.Cluster.Balanced()...)
	return r.Conclude(g, wrong, map[string]any{"events": s, "steps": steps})
}
