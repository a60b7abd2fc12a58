package trial

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"dev.holdfast/bench/internal/bound"
	"dev.holdfast/bench/internal/openwebui"
	"dev.holdfast/bench/internal/process"
)

// Scenario is what jitter, avalanche and slow have in common: many pages before one target after the other.
type Scenario struct {
	Name     string
	Home     string
	Jar      string
	Clients  int
	Seed     int64
	Targets  string
	upstream string
	jdk      int
	threads  int
	Settings Words
	Smoke    bool
}

// SmokePages are the pages of a smoke run.
const SmokePages = 50

// NewScenario has the defaults, which flags may change.
func NewScenario(o Options, name string, pages int, targets string) Scenario {
	s := Scenario{Name: name, Home: o.Home, Jar: o.Jar, Clients: pages, Seed: 1, Targets: targets,
		upstream: "fast", jdk: 17, threads: 2, Smoke: o.Smoke}
	if s.Smoke {
		s.Clients, s.Seed = SmokePages, time.Now().UnixNano()%1e6 // another one each time; a run that misses a bound prints it
	}
	return s
}

// Flags are those of all trials.
func (s *Scenario) Flags() *flag.FlagSet {
	f := flag.NewFlagSet("bench/run "+s.Name, flag.ExitOnError)
	f.IntVar(&s.Clients, "clients", s.Clients, "pages")
	f.Int64Var(&s.Seed, "seed", s.Seed, "of all that is random")
	f.StringVar(&s.Targets, "targets", s.Targets, "what to try: direct, python, nginx, node, argument, marker")
	f.StringVar(&s.upstream, "upstream", s.upstream, "what Holdfast stands in front of: fast, python or node")
	f.IntVar(&s.jdk, "jdk", s.jdk, "that Holdfast runs on")
	f.IntVar(&s.threads, "threads", s.threads, "I/O threads of Holdfast")
	f.Var(&s.Settings, "set", "a setting of Holdfast, as key=value (can be repeated)")
	return f
}

// Stage is an upstream, and what stands between it and the pages, if anything.
type Stage struct {
	Name     string
	Browser  bool
	Holdfast bool
	Source   *openwebui.Source
	Proxy    *process.Target
	Address  string
	Versions []string
}

// Open starts what the name of a target stands for. What is not installed is an error in CI only.
func (s *Scenario) Open(name string, settings ...string) (*Stage, error) {
	st := &Stage{Name: name, Browser: name != "marker", Holdfast: name == "argument" || name == "marker"}
	program, proxy, err := s.parts(name, settings)
	if err != nil {
		if os.Getenv("CI") == "true" && s.Smoke {
			return nil, err
		}
		return nil, fmt.Errorf("%w: %w", bound.ErrSkipped, err)
	}
	if st.Source, err = openwebui.Start(program, 0); err != nil {
		return nil, err
	}
	st.Address = st.Source.Address()
	st.Versions = append(st.Versions, strings.TrimSpace(program.Name+" "+program.Version))
	if proxy == nil {
		return st, nil
	}
	if st.Proxy, err = proxy.Launch(st.Address, nil); err != nil {
		st.Close()
		return nil, err
	}
	st.Address = st.Proxy.Address
	st.Versions = append(st.Versions, proxy.Name+" "+proxy.Version)
	return st, nil
}

// parts are the upstream and the proxy of a target.
func (s *Scenario) parts(name string, settings []string) (openwebui.Program, *process.Proxy, error) {
	upstream := map[string]string{"direct": "fast", "python": "python", "nginx": "python", "node": "node"}[name]
	if upstream == "" {
		upstream = s.upstream
	}
	program, err := s.program(upstream)
	if err != nil {
		return program, nil, err
	}
	var p process.Proxy
	switch name {
	case "direct", "python", "node":
		return program, nil, nil
	case "nginx":
		p, err = process.Nginx(1, nil, false)
	case "argument", "marker":
		p, err = s.Holdfast(append(settings, s.Settings...))
	default:
		err = fmt.Errorf("unknown target %s", name)
	}
	return program, &p, err
}

func (s *Scenario) program(upstream string) (openwebui.Program, error) {
	switch upstream {
	case "python":
		return openwebui.PythonServer(s.Home)
	case "node":
		return openwebui.NodeServer(s.Home)
	case "fast":
		return openwebui.StandIn(), nil
	default:
		return openwebui.Program{}, fmt.Errorf("unknown upstream %s", upstream)
	}
}

// Holdfast is one with these settings and JVM options.
func (s *Scenario) Holdfast(settings []string, jvm ...string) (process.Proxy, error) {
	for _, jdk := range process.JDKs() {
		if jdk.Feature == s.jdk {
			return process.Holdfast(jdk, s.Jar, append(strings.Fields(process.JavaOptions), jvm...), s.threads, nil, settings...)
		}
	}
	return process.Proxy{}, fmt.Errorf("there is no JDK %d", s.jdk)
}

// Close ends its processes.
func (st *Stage) Close() {
	if st.Proxy != nil {
		st.Proxy.Stop()
	}
	st.Source.Stop()
}
