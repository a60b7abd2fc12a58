package avalanche

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"dev.holdfast/bench/internal/audience"
	"dev.holdfast/bench/internal/bound"
	"dev.holdfast/bench/internal/client"
	"dev.holdfast/bench/internal/eventloop"
	"dev.holdfast/bench/internal/metrics"
	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/openwebui"
	"dev.holdfast/bench/internal/stats"
	"dev.holdfast/bench/internal/trial"
	"dev.holdfast/bench/internal/wire"
)

// Trial kills and restarts the upstream under many open pages, and then cuts all of them at once.
type Trial struct {
	trial.Scenario
	rate   int
	away   time.Duration
	events int
	length time.Duration
}

const (
	relinkLimit  = 5 * time.Minute
	resumeGoal   = 3 * time.Second
	cutAt        = 4           // the part of the schedule after which all are cut
	offlineForIt = time.Second // all of them come back at the same moment
	blur         = 10          // links may take that part of a second longer than others, so that more arrive in one
)

// New has the defaults, which flags may change.
func New(o trial.Options) *Trial {
	if o.Smoke {
		return &Trial{trial.NewScenario(o, "avalanche", trial.SmokePages, "argument"), 25, time.Second, 20, 4 * time.Second}
	}
	return &Trial{trial.NewScenario(o, "avalanche", 2000, "argument,marker"), 50, 3 * time.Second, 30, 20 * time.Second}
}

// Read takes the flags.
func (a *Trial) Read(arguments []string) *Trial {
	f := a.Flags()
	f.IntVar(&a.rate, "rate", a.rate, "relink.rate")
	f.DurationVar(&a.away, "away", a.away, "how long the upstream is away")
	f.IntVar(&a.events, "events", a.events, "for each page while all are cut")
	f.DurationVar(&a.length, "length", a.length, "of that")
	must.Do(f.Parse(arguments))
	return a
}

// Run tries it; an error says what went wrong.
func (a *Trial) Run() error {
	var result error
	for _, name := range strings.Split(a.Targets, ",") {
		st, err := a.Open(name, fmt.Sprintf("relink.rate=%d", a.rate), "upstream.health-interval=500ms")
		if err == nil {
			err = a.try(st)
			st.Close()
		}
		if err != nil {
			fmt.Printf("avalanche, %s: %v\n", name, err)
			result = err
		}
	}
	return result
}

func (a *Trial) try(st *trial.Stage) error {
	w := audience.New(st.Source, st.Address, st.Browser, a.Clients, a.Seed)
	defer w.Close()
	if err := w.Open(); err != nil {
		return err
	}
	missed, err := a.restart(st, w)
	if err != nil {
		return err
	}
	missed = append(missed, a.cutAll(st, w)...)
	if err := metrics.Balance(st.Proxy.Admin); err != nil {
		missed = append(missed, err.Error())
	}
	if len(missed) > 0 {
		w.Ledger.Explain(os.Stdout, a.Home, "avalanche-"+st.Name, a.Seed)
		return fmt.Errorf("%w: %s", bound.ErrMissed, strings.Join(missed, ", "))
	}
	return nil
}

// restart kills the upstream and starts it again on its port; the bounds that were missed.
func (a *Trial) restart(st *trial.Stage, w *audience.Audience) ([]string, error) {
	w.Emit(a.once())
	w.Settle(time.Second)
	before := make([]string, len(w.Pages))
	for i, p := range w.Pages {
		before[i] = p.Sid
	}
	st.Source.Stop()
	w.Run(a.away/2, eventloop.Never)
	for _, p := range w.Pages {
		p.Engine.Send([]byte(fmt.Sprintf(`42["note",%d]`, p.Number)))
	}
	w.Run(a.away/2, eventloop.Never)
	w.Joined = nil
	again, err := openwebui.Start(st.Source.Program, st.Source.Port)
	if err != nil {
		return nil, err
	}
	st.Source, w.Source = again, again
	back := time.Now()
	relinked := w.Run(relinkLimit, func() bool {
		for i, p := range w.Pages {
			if !p.Connected || p.Sid == before[i] {
				return false
			}
		}
		return true
	})
	took := time.Since(back)
	w.Emit(a.once())
	w.Settle(time.Second)
	return a.judgeRestart(st, w, relinked, took), nil
}

func (a *Trial) judgeRestart(st *trial.Stage, w *audience.Audience, relinked bool, took time.Duration) []string {
	o, peak, most := w.Ledger.Sum(), audience.BusiestSecond(w.Joined), a.rate+max(1, a.rate/10)+a.rate/blur
	if a.Smoke {
		most += a.rate / 2 // the machine may stall
	}
	waited, twice := 0, 0
	for _, p := range w.Pages {
		switch w.Notes[fmt.Sprint([]int{p.Number, p.Number})] {
		case 0:
		case 1:
			waited++
		default:
			twice++
		}
	}
	fmt.Printf("avalanche, %s: upstream killed under %d pages and back after %v: %d connections of pages closed, "+
		"all relinked %.1f s after it listened: %v, at most %d in a second (relink.rate %d), "+
		"%d of %d events sent by pages meanwhile arrived, %d of %d events lost\n",
		st.Name, a.Clients, a.away, o.Closed, took.Seconds(), relinked, peak, a.rate, waited, a.Clients, o.Lost, o.Expected)
	return bound.Missed(
		bound.AtMost("connections of pages closed by the upstream's restart", o.Closed, 0),
		bound.AtMost("pages not relinked", bound.Count(!relinked), 0),
		bound.AtMost("links opened in a second", peak, most),
		bound.AtMost("events of pages that did not arrive", a.Clients-waited-twice, 0),
		bound.AtMost("events of pages that arrived twice", twice, 0),
		bound.AtMost("events lost around the restart", o.Lost, 0),
		bound.AtMost("events repeated around the restart", o.Repeated, 0))
}

// once is one event for each page, now.
func (a *Trial) once() []audience.Plan {
	all := make([]audience.Plan, a.Clients)
	for i := range all {
		all[i] = audience.Plan{Client: i, Kind: wire.EndsObject, Size: audience.Smallest}
	}
	return all
}

// cutAll cuts all pages while events flow; they come back together.
func (a *Trial) cutAll(st *trial.Stage, w *audience.Audience) []string {
	before := w.Ledger.Sum()
	w.Late = true
	gone, left := make([]time.Time, a.Clients), a.Clients
	var times []time.Duration
	w.Leaving = func(p *client.Page) {
		if gone[p.Number].IsZero() {
			gone[p.Number] = time.Now()
		}
	}
	w.Arrived = func(p *client.Page) {
		if at := gone[p.Number]; !at.IsZero() {
			times = append(times, time.Since(at))
			gone[p.Number] = time.Time{}
			left--
		}
	}
	began, done := time.Now(), false
	w.Follow(audience.Schedule(w.Random, a.Clients, a.events, a.length), func() {
		if !done && time.Since(began) > a.length/cutAt {
			done = true
			for _, p := range w.Pages {
				w.Account(p).Cuts++
				w.Account(p).Note("cut with all others")
				p.Lose(client.Cut{Way: client.ByReset}, offlineForIt, func(bool) {})
			}
		}
	})
	w.Run(audience.OpenLimit, func() bool { return left == 0 })
	w.Settle(audience.LateBy + time.Second)
	slices.Sort(times)
	return a.judgeCut(st, before, w.Ledger.Sum(), times)
}

func (a *Trial) judgeCut(st *trial.Stage, before, o audience.Outcome, times []time.Duration) []string {
	resumed := o.Resumed - before.Resumed
	if len(times) == 0 {
		return []string{"no page came back"}
	}
	fmt.Printf("avalanche, %s: all %d pages cut at once: %d resumed, p50 %.0f ms, p99 %.0f ms, max %.0f ms after they came back; "+
		"replayed p99 %.0f ms; %d of %d events lost, %d repeated, calls answered: %d once, %d never, %d twice\n",
		st.Name, a.Clients, resumed, stats.Quantile(times, 0.5), stats.Quantile(times, 0.99), stats.Quantile(times, 1), o.ReplayP99,
		o.Lost, o.Expected, o.Repeated, o.Once, o.Never, o.Twice)
	all := bound.Missed(
		bound.AtMost("pages not resumed", a.Clients-resumed, 0),
		bound.AtMost("lost", o.Lost, 0),
		bound.AtMost("reordered", o.Reordered, 0),
		bound.AtMost("calls never answered", o.Never, 0),
		bound.AtMost("calls answered twice", o.Twice, 0))
	if st.Browser {
		all = append(all, bound.Missed(bound.AtMost("repeated", o.Repeated, 0))...)
	}
	fmt.Printf("  resumed p99 < %v: %s\n", resumeGoal, bound.Word(stats.Quantile(times, 0.99) < float64(resumeGoal.Milliseconds())))
	return all
}
