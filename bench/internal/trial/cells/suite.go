package cells

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"time"

	"dev.holdfast/bench/internal/machine"
	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/process"
	"dev.holdfast/bench/internal/procfs"
	"dev.holdfast/bench/internal/trial"
)

// warmUpPasses is how often the cells are run at most before the measurement.
const warmUpPasses = 4

// memoryRounds are fewer than others, since each starts the proxy afresh and hardly differs.
const memoryRounds = 3

// Run measures the cells that are asked for; the number of those that work, each target by itself.
func Run(o trial.Options) (int, error) {
	s, err := open(o)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	go func() {
		<-interrupted
		s.Close()
		os.Exit(130)
	}()
	if o.Profile {
		return 0, s.profile()
	}
	if err := s.warmUp(); err != nil {
		return 0, err
	}
	return s.measure()
}

// Suite is one run: the upstream, the proxies in front of it, and what was measured.
type Suite struct {
	trial.Options
	scale    Scale
	Pinned   []string
	cells    []cell
	Upstream *process.Target
	Targets  []*process.Target
	results  results
}

func open(o trial.Options) (*Suite, error) {
	s := &Suite{Options: o, scale: fullScale, results: results{}}
	s.scale.length = time.Duration(o.Seconds * float64(time.Second))
	if o.Smoke {
		s.scale, s.Rounds = SmokeScale, 1
	}
	for _, c := range cells() {
		if o.Selects(c.name) {
			s.cells = append(s.cells, c)
		}
	}
	others := s.Pin()
	s.Upstream = process.StartUpstream(others)
	if o.Asks("direct") {
		s.Targets = append(s.Targets, s.Upstream)
	}
	proxies, err := s.proxies()
	for _, p := range proxies {
		if err != nil {
			break
		}
		var t *process.Target
		if !s.needs(p) {
			continue
		}
		if t, err = p.Launch(s.Upstream.Address, s.Upstream.Others); err == nil {
			s.Targets = append(s.Targets, t)
		}
	}
	if err != nil {
		s.Close()
	}
	return s, err
}

// Pin notes the proxies' CPUs and takes the others for this process; they are returned.
func (s *Suite) Pin() []string {
	if s.Options.Pin == "" {
		return nil
	}
	s.Pinned = strings.Split(s.Options.Pin, ",")
	var others []string
	for i := 0; i < runtime.NumCPU(); i++ {
		if cpu := fmt.Sprint(i); !contains(s.Pinned, cpu) {
			others = append(others, cpu)
		}
	}
	must.Do(machine.PinSelf(others))
	return others
}

// proxies are those that are asked for. A program that is not there is an error, but skipped by a
// smoke run outside CI.
func (s *Suite) proxies() ([]process.Proxy, error) {
	var all []process.Proxy
	take := func(p process.Proxy, err error) error {
		if err != nil && s.Smoke && os.Getenv("CI") != "true" {
			fmt.Println("skipped:", err)
			return nil
		}
		if err == nil {
			all = append(all, p)
		}
		return err
	}
	for name, find := range map[string]func() (process.Proxy, error){
		"nginx":       func() (process.Proxy, error) { return process.Nginx(s.Threads, s.Pinned, false) },
		"nginx-stock": func() (process.Proxy, error) { return process.Nginx(s.Threads, s.Pinned, true) },
		"haproxy":     func() (process.Proxy, error) { return process.HAProxy(s.Threads, s.Pinned) },
	} {
		if s.Asks(name) {
			p, err := find()
			if err := take(p, err); err != nil {
				return nil, err
			}
		}
	}
	for _, p := range s.holdfasts() {
		if err := take(p.Proxy, p.err); err != nil {
			return nil, err
		}
	}
	sortByName(all)
	return all, nil
}

// found is a proxy, or why there is none.
type found struct {
	process.Proxy
	err error
}

// holdfasts are one on each JDK, those with other JVM options, and one for each resume.mode for the cells of the overhead.
func (s *Suite) holdfasts() []found {
	var all []found
	add := func(suffix, mode, options string, settings ...string) {
		jvm := append(strings.Fields(process.JavaOptions), strings.Fields(options)...)
		for i, jdk := range process.JDKs() {
			if s.Smoke && mode != "" && i > 0 {
				break
			}
			p, err := process.Holdfast(jdk, s.Jar, jvm, s.Threads, s.Pinned, settings...)
			if s.Asks(p.Name) {
				p.Name, p.Mode = p.Name+suffix, mode
				all = append(all, found{p, err})
			}
		}
	}
	add("", "", "")
	for i, options := range s.Also {
		add(fmt.Sprintf("+%d", i+1), "", options)
	}
	for _, mode := range resumeModes {
		add("-"+mode, mode, "", "resume.mode="+mode)
	}
	return all
}

// needs says whether a cell that was asked for measures this proxy.
func (s *Suite) needs(p process.Proxy) bool {
	return slices.ContainsFunc(s.cells, func(c cell) bool { return c.measures(p.Mode) })
}

// targetsOf are what a cell measures.
func (s *Suite) targetsOf(c cell) []*process.Target {
	var all []*process.Target
	for _, t := range s.Targets {
		if c.measures(t.Mode) {
			all = append(all, t)
		}
	}
	return all
}

// warmUp runs the cells on each JVM until its compiler threads have little left to do; nothing is measured.
func (s *Suite) warmUp() error {
	if s.Smoke {
		return nil
	}
	n := s.scale
	n.length = 3 * time.Second
	for _, t := range s.Targets {
		for pass := 0; t.Java != "" && pass < warmUpPasses; pass++ {
			compiling, all := procfs.CompilerSeconds(t.Pids[0]), procfs.CPUSeconds(t.Pids)
			for _, c := range s.cells {
				if c.name == "memory" || c.name == "latency" || !c.measures(t.Mode) {
					continue
				}
				if _, err := c.run(t, n); err != nil {
					return fmt.Errorf("warm-up, %s, %s: %w", t.Name, c.name, err)
				}
			}
			compiling, all = procfs.CompilerSeconds(t.Pids[0])-compiling, procfs.CPUSeconds(t.Pids)-all
			if compiling <= all/50 {
				break
			}
		}
	}
	return nil
}

// measure runs the rounds of each cell, the targets taking turns.
func (s *Suite) measure() (int, error) {
	worked := 0
	for _, c := range s.cells {
		rounds := s.Rounds
		if c.name == "memory" {
			rounds = min(rounds, memoryRounds)
		}
		for round := 0; round < rounds; round++ {
			for _, t := range s.targetsOf(c) {
				result, err := c.run(t, s.scale)
				if err != nil {
					return worked, fmt.Errorf("%s, %s, round %d: %w", c.name, t.Name, round+1, err)
				}
				worked++
				s.results.add(c.name, t.Name, result)
			}
		}
		if s.Smoke {
			fmt.Println("works:", c.name)
			continue
		}
		s.printCell(os.Stdout, c)
	}
	if s.Smoke {
		fmt.Println("every cell works and its counts are right")
		return worked, nil
	}
	return worked, s.report()
}

// Close ends all processes.
func (s *Suite) Close() {
	s.StopTargets()
	s.Upstream.Stop()
}

// StopTargets ends the proxies.
func (s *Suite) StopTargets() {
	for _, t := range s.Targets {
		t.Stop()
	}
	s.Targets = nil
}
