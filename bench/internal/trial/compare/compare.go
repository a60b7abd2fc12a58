package compare

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"dev.holdfast/bench/internal/bound"
	"dev.holdfast/bench/internal/client"
	"dev.holdfast/bench/internal/eventloop"
	"dev.holdfast/bench/internal/machine"
	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/process"
	"dev.holdfast/bench/internal/procfs"
	"dev.holdfast/bench/internal/stats"
	"dev.holdfast/bench/internal/trial"
	"dev.holdfast/bench/internal/trial/cells"
)

// The sides of a comparison.
const (
	baseSide = "base"
	newSide  = "new"
)

const (
	compareCrowd = 100
	streamBytes  = 1 << 20 // of a stream, for each session
	mostWarmUps  = 8
	measured     = 6 // times the events of a warm-up
)

// Trial runs two jars of Holdfast at the same time, with the same events for both, and compares the CPU time that they need.
type Trial struct {
	cells.Suite
	base  string
	crowd int // sessions of each side
	pairs int
	jdk   int
}

// New has the defaults, which flags may change.
func New(o trial.Options) *Trial {
	c := &Trial{Suite: cells.Suite{Options: o}, crowd: compareCrowd, pairs: stats.MostPairs, jdk: 17}
	if o.Smoke {
		c.crowd, c.base, c.pairs, c.Only = cells.SmokeScale.Crowd, c.Jar, 2, trial.Words{"64B,argument", "connections", "http"}
	}
	return c
}

// Read takes the flags.
func (c *Trial) Read(arguments []string) *Trial {
	f := flag.NewFlagSet("bench/run compare", flag.ExitOnError)
	f.StringVar(&c.base, "base", c.base, "the jar that the one of --jar is compared with")
	f.StringVar(&c.Jar, "jar", c.Jar, "the new jar")
	f.Var(&c.Only, "only", "cells whose name contains all of these words, as events,off (can be repeated)")
	f.IntVar(&c.pairs, "pairs", c.pairs, "pairs of processes at most")
	f.IntVar(&c.jdk, "jdk", c.jdk, "that both run on")
	f.IntVar(&c.Threads, "threads", c.Threads, "I/O threads of each")
	must.Do(f.Parse(arguments))
	return c
}

// comparedCell is a load with a resume.mode.
type comparedCell struct {
	name   string
	mode   string
	load   paced
	crowd  bool // whether sessions are open beforehand
	events int  // of a warm-up: about half a CPU second of each side
}

func comparedCells() []comparedCell {
	var all []comparedCell
	for _, size := range []struct {
		name               string
		bytes              int
		streamed, pingPong int
	}{{"64B", 64, 4e6, 250e3}, {"1KiB", 1024, 500e3, 200e3}} {
		for _, mode := range []string{"argument", "off"} {
			all = append(all,
				comparedCell{"events " + size.name + " " + mode, mode, exchanged(streamed(size.bytes, streamBytes/size.bytes)), true, size.streamed},
				comparedCell{"ping-pong " + size.name + " " + mode, mode, exchanged(echoed(size.bytes, cells.Pipeline)), true, size.pingPong})
		}
	}
	return append(all,
		comparedCell{"connections", "argument", openedInStep, false, 3e3},
		comparedCell{"http requests", "argument", askedInStep, false, 20e3})
}

// compared is the result of a cell.
type compared struct {
	Cell     string         `json:"cell"`
	Estimate stats.Estimate `json:"estimate"`
	Verdict  string         `json:"verdict"`
	Pairs    []pair         `json:"pairs"`
}

// pair is what two processes showed: the events that each of them passed, and the CPU time that they took.
type pair struct {
	Events int                `json:"events"`
	CPU    map[string]seconds `json:"cpu"`
}

// Run tries it; an error says what went wrong.
func (c *Trial) Run() error {
	sides, err := c.sides()
	if err != nil && c.Smoke && os.Getenv("CI") != "true" {
		return fmt.Errorf("%w: %w", bound.ErrSkipped, err)
	}
	if err != nil {
		return err
	}
	c.Upstream = process.StartUpstream(c.Pin())
	defer c.Close()
	if !c.Smoke {
		fmt.Printf("%-24s%14s%14s%18s%8s  %s\n", cells.PerCPU, baseSide, newSide, "ratio", "pairs", "verdict")
	}
	var results []compared
	var slowerIn []string
	for _, cell := range comparedCells() {
		if !c.Selects(cell.name) {
			continue
		}
		r, err := c.cell(cell, sides(cell.mode))
		if err != nil {
			return fmt.Errorf("compare, %s: %w", cell.name, err)
		}
		if r.Verdict == stats.Slower {
			slowerIn = append(slowerIn, cell.name)
		}
		results = append(results, r)
	}
	if len(results) == 0 {
		return fmt.Errorf("no cell is called %v", &c.Only)
	}
	if c.Smoke {
		return nil
	}
	around := append([]string{fmt.Sprintf("JDK %d, threads of each: %d, pairs: %d to %d",
		c.jdk, c.Threads, stats.FewestPairs, c.pairs)}, machine.Describe(c.Home)...)
	if err := machine.Keep(c.Home, "compare-", map[string]any{"surroundings": around, "cells": results}); err != nil {
		return err
	}
	if len(slowerIn) > 0 {
		return fmt.Errorf("%s is slower than %s: %s", c.Jar, c.base, strings.Join(slowerIn, ", "))
	}
	return nil
}

// sides are the base and the new jar with a resume.mode, all else being equal.
func (c *Trial) sides() (func(mode string) [2]process.Proxy, error) {
	if c.base == "" || c.pairs < 2 {
		return nil, errors.New("compare needs --base JAR and two pairs or more")
	}
	all := process.JDKs()
	at := slices.IndexFunc(all, func(j process.JDK) bool { return j.Feature == c.jdk })
	if at < 0 {
		return nil, fmt.Errorf("there is no JDK %d", c.jdk)
	}
	for _, jar := range []string{c.base, c.Jar} {
		if _, err := os.Stat(jar); err != nil {
			return nil, err
		}
	}
	side := func(name, jar, mode string) process.Proxy {
		p, err := process.Holdfast(all[at], jar, strings.Fields(process.JavaOptions), c.Threads, c.Pinned, "resume.mode="+mode)
		must.Do(err)
		p.Name = name
		return p
	}
	return func(mode string) [2]process.Proxy {
		return [2]process.Proxy{side(baseSide, c.base, mode), side(newSide, c.Jar, mode)}
	}, nil
}

// cell takes pairs of processes until the interval of their ratios is narrow enough. Each pair gives one ratio: what
// a JVM compiles differs from process to process, so measurements of the same two depend on each other.
func (c *Trial) cell(cell comparedCell, sides [2]process.Proxy) (compared, error) {
	r := compared{Cell: cell.name}
	var ratios, base, fresh []float64
	for !r.Estimate.Enough(len(ratios), c.pairs) {
		p, err := c.pair(cell, sides)
		if err != nil {
			return r, fmt.Errorf("pair %d: %w", len(r.Pairs)+1, err)
		}
		slices.Reverse(sides[:])
		r.Pairs, ratios = append(r.Pairs, p), append(ratios, p.ratio())
		base, fresh = append(base, p.perCPU(baseSide)), append(fresh, p.perCPU(newSide))
		r.Estimate = stats.EstimateOf(ratios)
		if len(ratios) > 1 && !c.Smoke {
			fmt.Fprintf(os.Stderr, "%s, pair %d: %.3f, so far %v\n", r.Cell, len(ratios), p.ratio(), r.Estimate)
		}
	}
	if c.Smoke {
		fmt.Println("works: compare", r.Cell)
		return r, nil
	}
	r.Verdict = r.Estimate.Verdict()
	fmt.Printf("%-24s%14s%14s%18v%8d  %s\n", r.Cell, cells.Written(stats.Median(base)), cells.Written(stats.Median(fresh)), r.Estimate, len(ratios), r.Verdict)
	return r, nil
}

// pair starts a process of each side, warms both up and measures them.
func (c *Trial) pair(cell comparedCell, sides [2]process.Proxy) (pair, error) {
	defer c.StopTargets()
	w := &client.Crowd{Loop: eventloop.New()}
	defer w.Loop.Release()
	defer w.Close()
	for _, side := range sides {
		t, err := side.Launch(c.Upstream.Address, c.Upstream.Others)
		if err != nil {
			return pair{}, err
		}
		c.Targets = append(c.Targets, t)
	}
	for _, t := range c.Targets { // later, since nobody answers their pings while a process starts
		if w.Address = t.Address; !cell.crowd {
			continue
		}
		if err := w.Open(c.crowd); err != nil {
			return pair{}, err
		}
	}
	if c.Smoke {
		return c.pass(w, cell.load, 1)
	}
	for i := 0; i < mostWarmUps; i++ {
		p, err := c.pass(w, cell.load, cell.events)
		if err != nil {
			return p, fmt.Errorf("warm-up: %w", err)
		}
		if !p.CPU[baseSide].compiling() && !p.CPU[newSide].compiling() {
			break
		}
	}
	return c.pass(w, cell.load, measured*cell.events)
}

// pass has both sides pass that many events, and measures them.
func (c *Trial) pass(w *client.Crowd, load paced, events int) (pair, error) {
	sides := [2]string{c.Targets[0].Address, c.Targets[1].Address}
	before := [2]map[string]procfs.Thread{procfs.Threads(c.Targets[0].Pids[0]), procfs.Threads(c.Targets[1].Pids[0])}
	events, err := load(w, sides, events)
	p := pair{events, map[string]seconds{}}
	for i, t := range c.Targets {
		used := secondsSince(before[i], procfs.Threads(t.Pids[0]))
		if used.Work == 0 && err == nil {
			err = fmt.Errorf("the system does not tell the CPU time of threads of process %d", t.Pids[0])
		}
		p.CPU[t.Name] = used
	}
	return p, err
}

// perCPU is how many events that side passed in a CPU second.
func (p pair) perCPU(side string) float64 { return float64(p.Events) / p.CPU[side].Work }

// ratio is that of the new side to the base.
func (p pair) ratio() float64 { return p.perCPU(newSide) / p.perCPU(baseSide) }

// seconds are the CPU time of a JVM without that of its compilers, and theirs.
type seconds struct {
	Work      float64 `json:"work"`
	Compilers float64 `json:"compilers"`
}

func secondsSince(before, after map[string]procfs.Thread) seconds {
	var s seconds
	for id, t := range after {
		if used := t.Seconds - before[id].Seconds; t.Compiles {
			s.Compilers += used
		} else {
			s.Work += used
		}
	}
	return s
}

// compiling says whether the compilers still take more than a twentieth of the rest.
func (s seconds) compiling() bool { return s.Compilers > s.Work/20 }
