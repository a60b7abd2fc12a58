package main

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
)

// rolling restarts each node in turn while events flow, or drains one of two upstreams and then the other.
type rolling struct {
	proof
	upstream bool // drain upstreams
	idle     bool // no events before a node was drained
	drain    time.Duration
	pause    time.Duration
	awake    time.Duration // how long events come to tabs that were idle, before these are cut
}

func newRolling(o options) *rolling {
	r := &rolling{proof: newProof(o, "rolling", 1500), drain: 2 * time.Minute, pause: 5 * time.Second, awake: 30 * time.Second}
	if o.smoke {
		r.drain, r.pause, r.awake = 20*time.Second, time.Second, 4*time.Second
	}
	return r
}

// ofUpstreams is the one that drains these.
func (r *rolling) ofUpstreams() *rolling {
	r.upstream = true
	return r
}

func (r *rolling) read(arguments []string) *rolling {
	f := r.flags()
	f.BoolVar(&r.upstream, "drain-upstream", r.upstream, "drain one of two upstreams, then the other, and restart no node")
	f.BoolVar(&r.idle, "idle-first", r.idle, "send no events until a node was drained, then 20 a second, then cut all connections once")
	f.DurationVar(&r.drain, "drain", r.drain, "drain.timeout")
	f.DurationVar(&r.pause, "pause", r.pause, "between two steps")
	f.DurationVar(&r.awake, "awake", r.awake, "with --idle-first, how long events come before the cut: longer than a ping interval")
	must(f.Parse(arguments))
	if r.idle && r.smoke {
		r.settings = append(r.settings, "socketio.ping-interval=2s")
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
	documentCounts
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

func (r *rolling) run() error {
	upstreams := 1
	if r.upstream {
		upstreams = 2
		r.name = "rolling-upstream"
	}
	g, err := r.lay(upstreams, setting("drain.timeout", r.drain))
	if err != nil {
		return err
	}
	defer g.close()
	rate := r.rate
	if r.idle {
		r.name, rate = r.name+"-idle", 0
	}
	fmt.Printf("%s: %d tabs of %d users, %g events a second to each room, %d nodes behind %s, latency %v, drain.timeout %v\n",
		r.name, r.clients, r.users(), rate, r.nodes, r.balancer, r.latency, r.drain)
	g.users.begin(rate)
	g.users.run(r.pause, never)
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
		dead = len(g.users.dead(deadAfter))
	}
	g.users.end()
	return r.judge(g, steps, dead)
}

// restartNodes stops each node by SIGTERM and starts it again.
func (r *rolling) restartNodes(g *ground) ([]step, error) {
	var steps []step
	for _, n := range g.fleet.nodes {
		from := len(n.log(0))
		one, err := r.step(g, "restart of node "+n.name, func() error {
			n.signal(syscall.SIGTERM)
			if !g.users.run(r.drain+10*time.Second, func() bool { return !n.running() }) {
				return fmt.Errorf("node %s does not end:\n%s", n.name, n.log(from))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		one.Left = leftBehind(n.log(from))
		r.wake(g, &one)
		steps = append(steps, one)
		fmt.Println("  " + inJSON(one))
		if one.Awake != nil && one.Awake.Dead > 0 {
			return steps, nil // the next one would only wait for them
		}
		if err := g.again(r.proof, n); err != nil {
			return nil, err
		}
		g.users.run(r.pause, never)
	}
	return steps, nil
}

// wake sends events to tabs that were idle, cuts all their connections once, and lets them be idle again.
func (r *rolling) wake(g *ground, one *step) {
	if !r.idle {
		return
	}
	w, before, began := g.users, g.users.sum(), time.Now()
	w.begin(awakeRate)
	w.run(r.awake, never)
	one.Awake = &awake{Mute: len(w.mute(began))}
	for _, t := range w.tabs {
		w.cut(t, cut{way: byReset}, awayAtLeast+time.Duration(w.random.Int63n(int64(awayAtMost-awayAtLeast))))
	}
	w.run(deadAfter, w.allOpen)
	one.Awake.Dead = len(w.dead(deadAfter))
	w.end()
	after := w.sum()
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
func (r *rolling) drainUpstreams(g *ground) ([]step, error) {
	var steps []step
	for i, s := range g.sources {
		var before []documentCounts
		moved := movesOf(g)
		for _, each := range g.sources {
			before = append(before, documentsOf(each))
		}
		one, err := r.step(g, fmt.Sprintf("drain of upstream %d", i+1), func() error {
			if err := r.command(g, "drain", "--upstream", "http://"+s.address()); err != nil {
				return err
			}
			g.users.until(r.drain, func() bool { return linksOf(g, s) == 0 })
			return nil
		})
		if err != nil {
			return nil, err
		}
		one.Left = linksOf(g, s)
		one.Moves = movesOf(g)
		for result, count := range moved {
			one.Moves[result] -= count
		}
		for k, each := range g.sources {
			counts := documentsOf(each).since(before[k])
			one.Fences = append(one.Fences, fenceCost{counts, 100 * counts.cpu().Seconds() / one.Seconds})
		}
		r.wake(g, &one)
		steps = append(steps, one)
		fmt.Println("  " + inJSON(one))
		if one.Awake != nil && one.Awake.Dead > 0 {
			return steps, nil // the next one would only wait for them
		}
		if err := r.command(g, "undrain", "--upstream", "http://"+s.address()); err != nil {
			return nil, err
		}
		g.users.run(r.pause, never)
	}
	return steps, nil
}

// movesOf are the moves of sessions to other upstreams so far, by their result.
func movesOf(g *ground) map[string]int {
	moves := map[string]int{}
	for _, n := range g.fleet.nodes {
		m, err := n.metrics()
		must(err)
		for name, value := range m {
			if result, ok := strings.CutPrefix(name, "holdfast_switchovers_total"); ok && result != "" && value > 0 {
				moves[result] += int(value)
			}
		}
	}
	return moves
}

// command runs Holdfast's command line beside the events, which go on.
func (r *rolling) command(g *ground, words ...string) error {
	jdks := jdks()
	arguments := append([]string{"-jar", r.jar}, words...)
	command := exec.Command(filepath.Join(jdks[len(jdks)-1].home, "bin", "java"), arguments...)
	command.Env = append(os.Environ(), "HOLDFAST_REDIS_URL="+g.fleet.redis, "HOLDFAST_ADMIN_LISTEN="+g.fleet.nodes[0].admin)
	done := make(chan error, 1)
	var out []byte
	go func() {
		var err error
		out, err = command.CombinedOutput()
		done <- err
	}()
	var result error
	if !g.users.run(r.drain+startLimit, func() bool {
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
func (r *rolling) step(g *ground, name string, do func() error) (step, error) {
	before := make([]tab, len(g.users.tabs))
	for i, t := range g.users.tabs {
		before[i] = *t
	}
	began := time.Now()
	if err := do(); err != nil {
		return step{}, err
	}
	one := step{Name: name, Seconds: time.Since(began).Seconds()}
	g.users.run(10*time.Second, func() bool { return g.users.allOpen() })
	var away []time.Duration
	for i, t := range g.users.tabs {
		drops := t.drops - before[i].drops
		one.Tabs += boolean(drops > 0)
		one.Most = max(one.Most, drops)
		one.Failed += t.failed - before[i].failed
		one.Recovered += t.recovered - before[i].recovered
		one.Fresh += t.fresh - before[i].fresh
		one.Moved += t.moved - before[i].moved
		if drops > 0 && t.open {
			away = append(away, t.backAt.Sub(t.lostAt))
		}
	}
	_, one.Away, _ = times(away)
	return one, nil
}

func (r *rolling) judge(g *ground, steps []step, dead int) error {
	s := g.users.sum()
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
		r.name, s.Expected, s.Lost, s.Repeated, s.Reordered, s.Drops, s.Recovered, s.Fresh, s.Moved)
	wrong := append(s.unharmed(), missed(atMost("dead tabs", dead, 0))...)
	allowed := 1 - boolean(r.upstream)
	for _, each := range steps {
		wrong = append(wrong, missed(
			atMost("reconnects of a tab in the "+each.Name, each.Most, allowed),
			atMost("sessions left in the "+each.Name, each.Left, 0),
			atMost("fresh sessions in the "+each.Name, each.Fresh, 0))...)
		if a := each.Awake; a != nil {
			wrong = append(wrong, missed(atMost("dead tabs after the "+each.Name, a.Mute+a.Dead, 0),
				atMost("fresh sessions after the "+each.Name, a.Fresh, 0),
				atMost("connections closed after the "+each.Name, a.Closed, 0))...)
		}
		for result, count := range each.Moves {
			if !strings.Contains(result, `"aligned"`) {
				wrong = append(wrong, missed(atMost("moves "+result+" in the "+each.Name, count, 0))...)
			}
		}
		if each.Left < 0 {
			wrong = append(wrong, "the "+each.Name+" did not say that it stopped")
		}
	}
	wrong = append(wrong, g.fleet.balanced()...)
	return r.conclude(g, wrong, map[string]any{"events": s, "steps": steps})
}
