package main

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"time"
)

// warmUpPasses is how often the cells are run at most before the measurement.
const warmUpPasses = 4

// memoryRounds are fewer than others, since each starts the proxy afresh and hardly differs.
const memoryRounds = 3

// runCells measures the cells that are asked for; the number of those that work, each target by itself.
func runCells(o options) (int, error) {
	s, err := open(o)
	if err != nil {
		return 0, err
	}
	defer s.close()
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	go func() {
		<-interrupted
		s.close()
		os.Exit(130)
	}()
	if o.profile {
		return 0, s.profile()
	}
	if err := s.warmUp(); err != nil {
		return 0, err
	}
	return s.measure()
}

// suite is one run: the upstream, the proxies in front of it, and what was measured.
type suite struct {
	options
	scale    scale
	pinned   []string
	cells    []cell
	upstream *target
	targets  []*target
	results  results
}

func open(o options) (*suite, error) {
	s := &suite{options: o, scale: fullScale, results: results{}}
	s.scale.length = time.Duration(o.seconds * float64(time.Second))
	if o.smoke {
		s.scale, s.rounds = smokeScale, 1
	}
	for _, c := range cells() {
		if o.selects(c.name) {
			s.cells = append(s.cells, c)
		}
	}
	others := s.pin()
	s.upstream = startUpstream(others)
	if o.asks("direct") {
		s.targets = append(s.targets, s.upstream)
	}
	proxies, err := s.proxies()
	for _, p := range proxies {
		if err != nil {
			break
		}
		var t *target
		if !s.needs(p) {
			continue
		}
		if t, err = p.launch(s.upstream.address, s.upstream.others); err == nil {
			s.targets = append(s.targets, t)
		}
	}
	if err != nil {
		s.close()
	}
	return s, err
}

// pin notes the proxies' CPUs and takes the others for this process; they are returned.
func (s *suite) pin() []string {
	if s.options.pin == "" {
		return nil
	}
	s.pinned = strings.Split(s.options.pin, ",")
	var others []string
	for i := 0; i < runtime.NumCPU(); i++ {
		if cpu := fmt.Sprint(i); !contains(s.pinned, cpu) {
			others = append(others, cpu)
		}
	}
	must(pinSelf(others))
	return others
}

// proxies are those that are asked for. A program that is not there is an error, but skipped by a
// smoke run outside CI.
func (s *suite) proxies() ([]proxy, error) {
	var all []proxy
	take := func(p proxy, err error) error {
		if err != nil && s.smoke && os.Getenv("CI") != "true" {
			fmt.Println("skipped:", err)
			return nil
		}
		if err == nil {
			all = append(all, p)
		}
		return err
	}
	for name, find := range map[string]func() (proxy, error){
		"nginx":       func() (proxy, error) { return nginx(s.threads, s.pinned, false) },
		"nginx-stock": func() (proxy, error) { return nginx(s.threads, s.pinned, true) },
		"haproxy":     func() (proxy, error) { return haproxy(s.threads, s.pinned) },
	} {
		if s.asks(name) {
			p, err := find()
			if err := take(p, err); err != nil {
				return nil, err
			}
		}
	}
	for _, p := range s.holdfasts() {
		if err := take(p.proxy, p.err); err != nil {
			return nil, err
		}
	}
	sortByName(all)
	return all, nil
}

// found is a proxy, or why there is none.
type found struct {
	proxy
	err error
}

// holdfasts are one on each JDK, those with other JVM options, and one for each resume.mode for the cells of the overhead.
func (s *suite) holdfasts() []found {
	var all []found
	add := func(suffix, mode, options string, settings ...string) {
		jvm := append(strings.Fields(javaOptions), strings.Fields(options)...)
		for i, jdk := range jdks() {
			if s.smoke && mode != "" && i > 0 {
				break
			}
			p, err := holdfast(jdk, s.jar, jvm, s.threads, s.pinned, settings...)
			if s.asks(p.name) {
				p.name, p.mode = p.name+suffix, mode
				all = append(all, found{p, err})
			}
		}
	}
	add("", "", "")
	for i, options := range s.also {
		add(fmt.Sprintf("+%d", i+1), "", options)
	}
	for _, mode := range resumeModes {
		add("-"+mode, mode, "", "resume.mode="+mode)
	}
	return all
}

// needs says whether a cell that was asked for measures this proxy.
func (s *suite) needs(p proxy) bool {
	return slices.ContainsFunc(s.cells, func(c cell) bool { return c.measures(p.mode) })
}

// targetsOf are what a cell measures.
func (s *suite) targetsOf(c cell) []*target {
	var all []*target
	for _, t := range s.targets {
		if c.measures(t.mode) {
			all = append(all, t)
		}
	}
	return all
}

// warmUp runs the cells on each JVM until its compiler threads have little left to do; nothing is measured.
func (s *suite) warmUp() error {
	if s.smoke {
		return nil
	}
	n := s.scale
	n.length = 3 * time.Second
	for _, t := range s.targets {
		for pass := 0; t.java != "" && pass < warmUpPasses; pass++ {
			compiling, all := compilerSeconds(t.pids[0]), cpuSeconds(t.pids)
			for _, c := range s.cells {
				if c.name == "memory" || c.name == "latency" || !c.measures(t.mode) {
					continue
				}
				if _, err := c.run(t, n); err != nil {
					return fmt.Errorf("warm-up, %s, %s: %w", t.name, c.name, err)
				}
			}
			compiling, all = compilerSeconds(t.pids[0])-compiling, cpuSeconds(t.pids)-all
			if compiling <= all/50 {
				break
			}
		}
	}
	return nil
}

// measure runs the rounds of each cell, the targets taking turns.
func (s *suite) measure() (int, error) {
	worked := 0
	for _, c := range s.cells {
		rounds := s.rounds
		if c.name == "memory" {
			rounds = min(rounds, memoryRounds)
		}
		for round := 0; round < rounds; round++ {
			for _, t := range s.targetsOf(c) {
				result, err := c.run(t, s.scale)
				if err != nil {
					return worked, fmt.Errorf("%s, %s, round %d: %w", c.name, t.name, round+1, err)
				}
				worked++
				s.results.add(c.name, t.name, result)
			}
		}
		if s.smoke {
			fmt.Println("works:", c.name)
			continue
		}
		s.printCell(os.Stdout, c)
	}
	if s.smoke {
		fmt.Println("every cell works and its counts are right")
		return worked, nil
	}
	return worked, s.report()
}

func (s *suite) close() {
	s.stopTargets()
	s.upstream.stop()
}

func (s *suite) stopTargets() {
	for _, t := range s.targets {
		t.stop()
	}
	s.targets = nil
}
