package slow

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"dev.holdfast/bench/internal/audience"
	"dev.holdfast/bench/internal/bound"
	"dev.holdfast/bench/internal/client"
	"dev.holdfast/bench/internal/metrics"
	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/procfs"
	"dev.holdfast/bench/internal/stats"
	"dev.holdfast/bench/internal/trial"
	"dev.holdfast/bench/internal/wire"
)

// Trial gives many pages a steady rate of events while a few of them read nothing, and the same pages
// the same events while all of them read, one after the other.
type Trial struct {
	trial.Scenario
	share  int // one page in so many is slow
	rate   float64
	size   int
	heavy  int
	length time.Duration
	rounds int
	outbox int
}

const slowGoal = 1.5

// New has the defaults, which flags may change.
func New(o trial.Options) *Trial {
	if o.Smoke {
		return &Trial{trial.NewScenario(o, "slow", trial.SmokePages, "argument"), 25, 10, 256, 64 << 10, 3 * time.Second, 1, 256 << 10}
	}
	return &Trial{trial.NewScenario(o, "slow", 1000, "argument"), 100, 4, 512, 32 << 10, 20 * time.Second, 3, 1 << 20}
}

// Read takes the flags.
func (s *Trial) Read(arguments []string) *Trial {
	f := s.Flags()
	f.IntVar(&s.share, "share", s.share, "one page in so many reads nothing")
	f.Float64Var(&s.rate, "rate", s.rate, "events a second for each page")
	f.IntVar(&s.size, "size", s.size, "bytes of an event")
	f.IntVar(&s.heavy, "heavy", s.heavy, "bytes of an event for a page that may be slow")
	f.DurationVar(&s.length, "length", s.length, "of one round")
	f.IntVar(&s.rounds, "rounds", s.rounds, "each way, taking turns")
	f.IntVar(&s.outbox, "outbox", s.outbox, "resume.outbox, in bytes")
	must.Do(f.Parse(arguments))
	return s
}

// burden is what one round showed.
type burden struct {
	p50, p99 float64
	rss      float64
	kept     float64 // bytes that wait in Holdfast: pooled buffers and outboxes
	direct   float64
	lost     int // of the pages that read
}

// Run tries it; an error says what went wrong.
func (s *Trial) Run() error {
	var result error
	for _, name := range strings.Split(s.Targets, ",") {
		if err := s.compare(name); err != nil {
			fmt.Printf("slow, %s: %v\n", name, err)
			result = err
		}
	}
	return result
}

// compare runs both ways in turn, each round before a fresh Holdfast.
func (s *Trial) compare(name string) error {
	var with, without []burden
	for round := 0; round < s.rounds; round++ {
		for _, all := range []*[]burden{&without, &with} {
			one, err := s.round(name, all == &with)
			if err != nil {
				return err
			}
			*all = append(*all, one)
		}
	}
	return s.judge(name, with, without)
}

func (s *Trial) round(name string, some bool) (burden, error) {
	st, err := s.Open(name, fmt.Sprintf("resume.outbox=%dB", s.outbox))
	if err != nil {
		return burden{}, err
	}
	defer st.Close()
	w := audience.New(st.Source, st.Address, st.Browser, s.Clients, s.Seed)
	defer w.Close()
	if err := w.Open(); err != nil {
		return burden{}, err
	}
	w.Follow(s.plans(s.length/4), func() {}) // warm-up
	w.Settle(time.Second)
	if some {
		for _, p := range w.Pages {
			if s.maySlow(p) {
				p.Engine.Conn.Abandon(false)
			}
		}
	}
	w.Timed = func(p *client.Page) bool { return !s.maySlow(p) }
	return s.measure(st, w)
}

func (s *Trial) maySlow(p *client.Page) bool { return p.Number%s.share == 0 }

func (s *Trial) measure(st *trial.Stage, w *audience.Audience) (burden, error) {
	var l burden
	var failed error
	next := time.Now()
	w.Follow(s.plans(s.length), func() {
		if time.Now().Before(next) {
			return
		}
		next = time.Now().Add(time.Second)
		l.rss = max(l.rss, procfs.ResidentBytes(st.Proxy.Pids))
		m, err := metrics.Scrape(st.Proxy.Admin)
		if err != nil {
			failed = err
			return
		}
		l.kept = max(l.kept, m["holdfast_buffer_bytes"]+m["holdfast_outbox_bytes"])
		l.direct = max(l.direct, m[`jvm_buffer_pool_used_bytes{pool="direct"}`])
	})
	w.Settle(time.Second)
	for _, a := range w.Ledger.Accounts {
		for i := range a.Events {
			if !s.maySlow(w.Pages[a.Client]) && a.Events[i].Seen == 0 {
				l.lost++
			}
		}
	}
	slices.Sort(w.Latency)
	if len(w.Latency) > 0 {
		l.p50, l.p99 = stats.Quantile(w.Latency, 0.5), stats.Quantile(w.Latency, 0.99)
	}
	return l, failed
}

// plans are events at a steady rate, each page at a moment of its own.
func (s *Trial) plans(length time.Duration) []audience.Plan {
	interval := time.Duration(float64(time.Second) / s.rate)
	var all []audience.Plan
	for at := time.Duration(0); at < length; at += interval {
		for client := 0; client < s.Clients; client++ {
			size := s.size
			if client%s.share == 0 {
				size = s.heavy
			}
			all = append(all, audience.Plan{At: at + interval*time.Duration(client)/time.Duration(s.Clients), Client: client, Kind: wire.EndsObject, Size: size - audience.Envelope})
		}
	}
	return all
}

func (s *Trial) judge(name string, with, without []burden) error {
	of := func(all []burden, figure func(burden) float64) float64 {
		var values []float64
		for _, one := range all {
			values = append(values, figure(one))
		}
		return stats.Median(values)
	}
	few := (s.Clients + s.share - 1) / s.share
	fmt.Printf("slow, %s: %d pages, %g events of %d bytes a second each, %d pages that may be slow get %d bytes, resume.outbox %d; medians of %d rounds\n",
		name, s.Clients, s.rate, s.size, few, s.heavy, s.outbox, s.rounds)
	fmt.Printf("  %-28s%14s%14s\n", "", "all read", fmt.Sprintf("%d do not", few))
	for _, row := range []struct {
		name   string
		figure func(burden) float64
	}{
		{"p50 ms of the others", func(l burden) float64 { return l.p50 }},
		{"p99 ms of the others", func(l burden) float64 { return l.p99 }},
		{"events the others lost", func(l burden) float64 { return float64(l.lost) }},
		{"most bytes waiting", func(l burden) float64 { return l.kept }},
		{"most direct memory", func(l burden) float64 { return l.direct }},
		{"most RSS", func(l burden) float64 { return l.rss }},
	} {
		fmt.Printf("  %-28s%14.3f%14.3f\n", row.name, of(without, row.figure), of(with, row.figure))
	}
	ratio := of(with, func(l burden) float64 { return l.p99 }) / of(without, func(l burden) float64 { return l.p99 })
	fmt.Printf("  p99 with slow pages / without <= %g: %.3f  %s\n", slowGoal, ratio, bound.Word(ratio <= slowGoal))
	return s.bounds(few, with, without)
}

// What may wait in Holdfast for one page, in bytes: resume.ack-after and a block; and for a slow one
// besides its outbox: limits.waiting and as much again on the way.
const (
	unconfirmed = 64<<10 + 16<<10
	slowWaiting = 512 << 10
)

// bounds are counts and bytes; times are reported only.
func (s *Trial) bounds(few int, with, without []burden) error {
	lost, kept := 0, 0
	for _, l := range append(with, without...) {
		lost, kept = lost+l.lost, max(kept, int(l.kept))
	}
	if all := bound.Missed(bound.AtMost("events lost by pages that read", lost, 0),
		bound.AtMost("bytes waiting", kept, s.Clients*unconfirmed+few*(s.outbox+s.heavy+slowWaiting))); len(all) > 0 {
		return fmt.Errorf("%w: %s", bound.ErrMissed, strings.Join(all, ", "))
	}
	return nil
}
