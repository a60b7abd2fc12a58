package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// upstreamProgram is how an upstream is started on a port; not every one is installed.
type upstreamProgram struct {
	name    string
	version string
	command func(port int) *exec.Cmd
}

// source is an upstream process that emits on command and says what it sees, see rooms.
type source struct {
	program upstreamProgram
	port    int
	process *exec.Cmd
	mutex   sync.Mutex
	lines   []string
	said    strings.Builder // commands that it has not been given yet
	more    chan struct{}   // there are some
}

// startSource starts an upstream, on a free port if none is given, and waits until it listens.
func startSource(p upstreamProgram, port int) (*source, error) {
	if port == 0 {
		port = freePort()
	}
	s := &source{program: p, port: port, process: p.command(port), more: make(chan struct{}, 1)}
	s.process.Stderr = os.Stderr
	s.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	out, err := s.process.StdoutPipe()
	must(err)
	in, err := s.process.StdinPipe()
	must(err)
	if err := s.process.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		s.stop()
		return nil, fmt.Errorf("%s ended at once", p.name)
	}
	go func() {
		for lines.Scan() {
			s.mutex.Lock()
			s.lines = append(s.lines, lines.Text())
			s.mutex.Unlock()
		}
	}()
	go func() {
		for range s.more {
			s.mutex.Lock()
			commands := s.said.String()
			s.said.Reset()
			s.mutex.Unlock()
			_, _ = in.Write([]byte(commands)) // one that was killed does not listen any more
		}
	}()
	return s, nil
}

func (s *source) address() string { return "127.0.0.1:" + strconv.Itoa(s.port) }

// say gives it commands, and does not wait for it: it may be stopped.
func (s *source) say(commands string) {
	s.mutex.Lock()
	s.said.WriteString(commands)
	s.mutex.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
}

// take is what the upstream has said since it was last asked: a word, and numbers.
func (s *source) take() []report {
	s.mutex.Lock()
	lines := s.lines
	s.lines = nil
	s.mutex.Unlock()
	all := make([]report, 0, len(lines))
	for _, line := range lines {
		words := strings.Fields(line)
		r := report{word: words[0]}
		for _, word := range words[1:] {
			n, err := strconv.Atoi(word)
			if err != nil {
				n = -1
			}
			r.numbers = append(r.numbers, n)
		}
		all = append(all, r)
	}
	return all
}

type report struct {
	word    string
	numbers []int
}

func (s *source) signal(one syscall.Signal) { _ = syscall.Kill(-s.process.Process.Pid, one) }

// stop kills the upstream.
func (s *source) stop() {
	s.signal(syscall.SIGKILL)
	_ = s.process.Wait()
}

// goUpstream is this program as the fast upstream.
func goUpstream() upstreamProgram {
	self, err := os.Executable()
	must(err)
	return upstreamProgram{name: "fast upstream", command: func(port int) *exec.Cmd {
		return exec.Command(self, "upstream", strconv.Itoa(port))
	}}
}

// pythonUpstream is python-socketio in the environment of the end-to-end tests.
func pythonUpstream(home string) (upstreamProgram, error) {
	cache := os.Getenv("HOLDFAST_E2E_CACHE")
	if cache == "" {
		cache = filepath.Join(os.Getenv("HOME"), ".cache", "holdfast-e2e")
	}
	python := filepath.Join(cache, "python", "bin", "python")
	print := `import importlib.metadata as m; print(*(p + " " + m.version(p) for p in ("python-socketio", "uvicorn")))`
	version, err := exec.Command(python, "-c", print).Output()
	if err != nil {
		return upstreamProgram{}, fmt.Errorf("python-socketio is not installed (e2e/setup python)")
	}
	return upstreamProgram{name: "python-socketio", version: strings.TrimSpace(string(version)), command: func(port int) *exec.Cmd {
		return exec.Command(python, filepath.Join(home, "rivals", "python.py"), strconv.Itoa(port))
	}}, nil
}

// nodeUpstream is the socket.io of the end-to-end tests.
func nodeUpstream(home string) (upstreamProgram, error) {
	e2e, err := filepath.Abs(filepath.Join(home, "..", "e2e"))
	must(err)
	ask := exec.Command("node", "-p", `require("socket.io/package.json").version + " on Node " + process.versions.node`)
	ask.Dir = e2e
	version, err := ask.Output()
	if err != nil {
		return upstreamProgram{}, fmt.Errorf("socket.io for Node is not installed (e2e/setup node)")
	}
	return upstreamProgram{name: "socket.io", version: strings.TrimSpace(string(version)), command: func(port int) *exec.Cmd {
		return exec.Command("node", filepath.Join(home, "rivals", "node.mjs"), strconv.Itoa(port), e2e)
	}}, nil
}
