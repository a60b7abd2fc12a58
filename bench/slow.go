package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// slow gives many pages a steady rate of events while a few of them read nothing, and the same pages
// the same events while all of them read, one after the other.
type slow struct {
	scenario
	share  int // one page in so many is slow
	rate   float64
	size   int
	heavy  int
	length time.Duration
	rounds int
	outbox int
}

const slowGoal = 1.5

func newSlow(o options) *slow {
	if o.smoke {
		return &slow{newScenario(o, "slow", smokePages, "argument"), 25, 10, 256, 64 << 10, 3 * time.Second, 1, 256 << 10}
	}
	return &slow{newScenario(o, "slow", 1000, "argument"), 100, 4, 512, 32 << 10, 20 * time.Second, 3, 1 << 20}
}

func (s *slow) read(arguments []string) *slow {
	f := s.flags()
	f.IntVar(&s.share, "share", s.share, "one page in so many reads nothing")
	f.Float64Var(&s.rate, "rate", s.rate, "events a second for each page")
	f.IntVar(&s.size, "size", s.size, "bytes of an event")
	f.IntVar(&s.heavy, "heavy", s.heavy, "bytes of an event for a page that may be slow")
	f.DurationVar(&s.length, "length", s.length, "of one round")
	f.IntVar(&s.rounds, "rounds", s.rounds, "each way, taking turns")
	f.IntVar(&s.outbox, "outbox", s.outbox, "resume.outbox, in bytes")
	must(f.Parse(arguments))
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

func (s *slow) run() error {
	var result error
	for _, name := range strings.Split(s.targets, ",") {
		if err := s.compare(name); err != nil {
			fmt.Printf("slow, %s: %v\n", name, err)
			result = err
		}
	}
	return result
}

// compare runs both ways in turn, each round before a fresh Holdfast.
func (s *slow) compare(name string) error {
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

func (s *slow) round(name string, some bool) (burden, error) {
	st, err := s.open(name, fmt.Sprintf("resume.outbox=%dB", s.outbox))
	if err != nil {
		return burden{}, err
	}
	defer st.close()
	w := newAudience(st.source, st.address, st.browser, s.clients, s.seed)
	defer w.close()
	if err := w.open(); err != nil {
		return burden{}, err
	}
	w.follow(s.plans(s.length/4), func() {}) // warm-up
	w.settle(time.Second)
	if some {
		for _, p := range w.pages {
			if s.maySlow(p) {
				p.engine.conn.abandon(false)
			}
		}
	}
	w.timed = func(p *page) bool { return !s.maySlow(p) }
	return s.measure(st, w)
}

func (s *slow) maySlow(p *page) bool { return p.number%s.share == 0 }

func (s *slow) measure(st *stage, w *audience) (burden, error) {
	var l burden
	var failed error
	next := time.Now()
	w.follow(s.plans(s.length), func() {
		if time.Now().Before(next) {
			return
		}
		next = time.Now().Add(time.Second)
		l.rss = max(l.rss, residentBytes(st.proxy.pids))
		m, err := scrape(st.proxy.admin)
		if err != nil {
			failed = err
			return
		}
		l.kept = max(l.kept, m["holdfast_buffer_bytes"]+m["holdfast_outbox_bytes"])
		l.direct = max(l.direct, m[`jvm_buffer_pool_used_bytes{pool="direct"}`])
	})
	w.settle(time.Second)
	for _, a := range w.ledger.accounts {
		for i := range a.events {
			if !s.maySlow(w.pages[a.client]) && a.events[i].seen == 0 {
				l.lost++
			}
		}
	}
	slices.Sort(w.latency)
	if len(w.latency) > 0 {
		l.p50, l.p99 = quantile(w.latency, 0.5), quantile(w.latency, 0.99)
	}
	return l, failed
}

// plans are events at a steady rate, each page at a moment of its own.
func (s *slow) plans(length time.Duration) []plan {
	interval := time.Duration(float64(time.Second) / s.rate)
	var all []plan
	for at := time.Duration(0); at < length; at += interval {
		for client := 0; client < s.clients; client++ {
			size := s.size
			if client%s.share == 0 {
				size = s.heavy
			}
			all = append(all, plan{at + interval*time.Duration(client)/time.Duration(s.clients), client, endsObject, size - envelope})
		}
	}
	return all
}

func (s *slow) judge(name string, with, without []burden) error {
	of := func(all []burden, figure func(burden) float64) float64 {
		var values []float64
		for _, one := range all {
			values = append(values, figure(one))
		}
		return median(values)
	}
	few := (s.clients + s.share - 1) / s.share
	fmt.Printf("slow, %s: %d pages, %g events of %d bytes a second each, %d pages that may be slow get %d bytes, resume.outbox %d; medians of %d rounds\n",
		name, s.clients, s.rate, s.size, few, s.heavy, s.outbox, s.rounds)
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
	fmt.Printf("  p99 with slow pages / without <= %g: %.3f  %s\n", slowGoal, ratio, word(ratio <= slowGoal))
	return s.bounds(few, with, without)
}

// What may wait in Holdfast for one page, in bytes: resume.ack-after and a block; and for a slow one
// besides its outbox: limits.waiting and as much again on the way.
const (
	unconfirmed = 64<<10 + 16<<10
	slowWaiting = 512 << 10
)

// bounds are counts and bytes; times are reported only.
func (s *slow) bounds(few int, with, without []burden) error {
	lost, kept := 0, 0
	for _, l := range append(with, without...) {
		lost, kept = lost+l.lost, max(kept, int(l.kept))
	}
	if all := missed(atMost("events lost by pages that read", lost, 0),
		atMost("bytes waiting", kept, s.clients*unconfirmed+few*(s.outbox+s.heavy+slowWaiting))); len(all) > 0 {
		return fmt.Errorf("%w: %s", errMissed, strings.Join(all, ", "))
	}
	return nil
}
