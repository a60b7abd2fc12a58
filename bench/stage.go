package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

// scenario is what jitter, avalanche and slow have in common: many pages before one target after the other.
type scenario struct {
	name     string
	home     string
	jar      string
	clients  int
	seed     int64
	targets  string
	upstream string
	jdk      int
	threads  int
	settings words
	smoke    bool
}

// smokePages are the pages of a smoke run.
const smokePages = 50

// newScenario has the defaults, which flags may change.
func newScenario(o options, name string, pages int, targets string) scenario {
	s := scenario{name: name, home: o.home, jar: o.jar, clients: pages, seed: 1, targets: targets,
		upstream: "fast", jdk: 17, threads: 2, smoke: o.smoke}
	if s.smoke {
		s.clients, s.seed = smokePages, time.Now().UnixNano()%1e6 // another one each time; a run that misses a bound prints it
	}
	return s
}

func (s *scenario) flags() *flag.FlagSet {
	f := flag.NewFlagSet("bench/run "+s.name, flag.ExitOnError)
	f.IntVar(&s.clients, "clients", s.clients, "pages")
	f.Int64Var(&s.seed, "seed", s.seed, "of all that is random")
	f.StringVar(&s.targets, "targets", s.targets, "what to try: direct, python, nginx, node, argument, marker")
	f.StringVar(&s.upstream, "upstream", s.upstream, "what Holdfast stands in front of: fast, python or node")
	f.IntVar(&s.jdk, "jdk", s.jdk, "that Holdfast runs on")
	f.IntVar(&s.threads, "threads", s.threads, "I/O threads of Holdfast")
	f.Var(&s.settings, "set", "a setting of Holdfast, as key=value (can be repeated)")
	return f
}

// stage is an upstream, and what stands between it and the pages, if anything.
type stage struct {
	name     string
	browser  bool
	holdfast bool
	source   *source
	proxy    *target
	address  string
	versions []string
}

// open starts what the name of a target stands for. What is not installed is an error in CI only.
func (s *scenario) open(name string, settings ...string) (*stage, error) {
	st := &stage{name: name, browser: name != "marker", holdfast: name == "argument" || name == "marker"}
	program, proxy, err := s.parts(name, settings)
	if err != nil {
		if os.Getenv("CI") == "true" && s.smoke {
			return nil, err
		}
		return nil, fmt.Errorf("%w: %w", errSkipped, err)
	}
	if st.source, err = startSource(program, 0); err != nil {
		return nil, err
	}
	st.address = st.source.address()
	st.versions = append(st.versions, strings.TrimSpace(program.name+" "+program.version))
	if proxy == nil {
		return st, nil
	}
	if st.proxy, err = proxy.launch(st.address, nil); err != nil {
		st.close()
		return nil, err
	}
	st.address = st.proxy.address
	st.versions = append(st.versions, proxy.name+" "+proxy.version)
	return st, nil
}

// parts are the upstream and the proxy of a target.
func (s *scenario) parts(name string, settings []string) (upstreamProgram, *proxy, error) {
	upstream := map[string]string{"direct": "fast", "python": "python", "nginx": "python", "node": "node"}[name]
	if upstream == "" {
		upstream = s.upstream
	}
	program, err := s.program(upstream)
	if err != nil {
		return program, nil, err
	}
	var p proxy
	switch name {
	case "direct", "python", "node":
		return program, nil, nil
	case "nginx":
		p, err = nginx(1, nil, false)
	case "argument", "marker":
		p, err = s.holdfast(append(settings, s.settings...))
	default:
		err = fmt.Errorf("unknown target %s", name)
	}
	return program, &p, err
}

func (s *scenario) program(upstream string) (upstreamProgram, error) {
	switch upstream {
	case "python":
		return pythonUpstream(s.home)
	case "node":
		return nodeUpstream(s.home)
	case "fast":
		return goUpstream(), nil
	default:
		return upstreamProgram{}, fmt.Errorf("unknown upstream %s", upstream)
	}
}

// holdfast is one with these settings and JVM options.
func (s *scenario) holdfast(settings []string, jvm ...string) (proxy, error) {
	for _, jdk := range jdks() {
		if jdk.feature == s.jdk {
			return holdfast(jdk, s.jar, append(strings.Fields(javaOptions), jvm...), s.threads, nil, settings...)
		}
	}
	return proxy{}, fmt.Errorf("there is no JDK %d", s.jdk)
}

func (st *stage) close() {
	if st.proxy != nil {
		st.proxy.stop()
	}
	st.source.stop()
}
