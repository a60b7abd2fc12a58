// Command bench measures Holdfast beside nginx and HAProxy in front of the same fast upstream.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// warmUpPasses is how often the cells are run at most before the measurement.
const warmUpPasses = 4

// memoryRounds are fewer than others, since each starts the proxy afresh and hardly differs.
const memoryRounds = 3

type options struct {
	home    string
	jar     string
	only    words
	also    words
	proxies string
	rounds  int
	threads int
	seconds float64
	pin     string
	smoke   bool
	profile bool
}

// words is a flag that can be given several times.
type words []string

func (w *words) String() string { return strings.Join(*w, " ") }

func (w *words) Set(value string) error {
	*w = append(*w, value)
	return nil
}

func readOptions() options {
	var o options
	flag.StringVar(&o.home, "home", ".", "the directory bench/ (set by bench/run)")
	flag.StringVar(&o.jar, "jar", "", "Holdfast's jar (default: cli/target/holdfast.jar)")
	flag.Var(&o.only, "only", "cells whose name contains all of these words, as events,1KiB (can be repeated)")
	flag.Var(&o.also, "also", "JVM options for one more Holdfast on each JDK, the first word may be jar=FILE (can be repeated)")
	flag.StringVar(&o.proxies, "proxies", "direct,nginx,nginx-stock,haproxy,holdfast", "what to measure")
	flag.IntVar(&o.rounds, "rounds", 5, "rounds, interleaved; the table shows medians")
	flag.IntVar(&o.threads, "threads", 1, "worker processes, threads or I/O threads of each proxy")
	flag.Float64Var(&o.seconds, "seconds", 3, "length of one measurement")
	flag.StringVar(&o.pin, "pin", "", "CPUs for the proxies, as 0 or 0,1; the others are for load and upstream")
	flag.BoolVar(&o.smoke, "smoke", false, "run every cell with tiny counts and check only that they are right")
	flag.BoolVar(&o.profile, "profile", false, "what Holdfast allocates and asks of the kernel for each event")
	flag.Bool("install", false, "install nginx, HAProxy, Go and strace by apt-get")
	flag.Parse()
	if o.jar == "" {
		o.jar = filepath.Join(o.home, "..", "cli", "target", "holdfast.jar")
	}
	return o
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "upstream" {
		serveUpstream()
	}
	o := readOptions()
	debug.SetGCPercent(400)
	runtime.LockOSThread()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(o options) (err error) {
	s, err := open(o)
	if err != nil {
		return err
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
		return s.profile()
	}
	if err := s.warmUp(); err != nil {
		return err
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

func (o options) selects(cell string) bool {
	for _, words := range o.only {
		all := true
		for _, word := range strings.Split(words, ",") {
			all = all && strings.Contains(cell, word)
		}
		if all {
			return true
		}
	}
	return len(o.only) == 0
}

func (o options) asks(name string) bool {
	for _, wanted := range strings.Split(o.proxies, ",") {
		if name == wanted || strings.HasPrefix(name, "holdfast") && strings.HasPrefix(name, wanted) {
			return true
		}
	}
	return false
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
	for i, options := range append(words{""}, s.also...) {
		jvm := strings.Fields(os.Getenv("HOLDFAST_JAVA_OPTS") + " " + options)
		for _, jdk := range jdks() {
			p, err := holdfast(jdk, s.jar, jvm, s.threads, s.pinned)
			if !s.asks(p.name) {
				continue
			}
			if i > 0 {
				p.name += fmt.Sprintf("+%d", i)
			}
			if err := take(p, err); err != nil {
				return nil, err
			}
		}
	}
	sortByName(all)
	return all, nil
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
				if c.name == "memory" || c.name == "latency" {
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
func (s *suite) measure() error {
	for _, c := range s.cells {
		rounds := s.rounds
		if c.name == "memory" {
			rounds = min(rounds, memoryRounds)
		}
		for round := 0; round < rounds; round++ {
			for _, t := range s.targets {
				result, err := c.run(t, s.scale)
				if err != nil {
					return fmt.Errorf("%s, %s, round %d: %w", c.name, t.name, round+1, err)
				}
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
		fmt.Printf("smoke run: every cell works and its counts are right\n%d passed, 0 failed\n", len(s.cells)*len(s.targets))
		return nil
	}
	return s.report()
}

func (s *suite) close() {
	for _, t := range s.targets {
		t.stop()
	}
	s.upstream.stop()
}
