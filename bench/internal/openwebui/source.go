package openwebui

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

	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/process"
)

// Program is how an upstream is started on a port; not every one is installed.
type Program struct {
	Name    string
	Version string
	Command func(port int) *exec.Cmd
}

// Source is an upstream process that emits on command and says what it sees, see rooms.
type Source struct {
	Program Program
	Port    int
	process *exec.Cmd
	mutex   sync.Mutex
	lines   []string
	said    strings.Builder // commands that it has not been given yet
	more    chan struct{}   // there are some
}

// Start starts an upstream, on a free port if none is given, and waits until it listens.
func Start(p Program, port int) (*Source, error) {
	if port == 0 {
		port = process.FreePort()
	}
	s := &Source{Program: p, Port: port, process: p.Command(port), more: make(chan struct{}, 1)}
	s.process.Stderr = os.Stderr
	s.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	out, err := s.process.StdoutPipe()
	must.Do(err)
	in, err := s.process.StdinPipe()
	must.Do(err)
	if err := s.process.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", p.Name, err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		s.Stop()
		return nil, fmt.Errorf("%s ended at once", p.Name)
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

// Address is where it serves.
func (s *Source) Address() string { return "127.0.0.1:" + strconv.Itoa(s.Port) }

// Say gives it commands, and does not wait for it: it may be stopped.
func (s *Source) Say(commands string) {
	s.mutex.Lock()
	s.said.WriteString(commands)
	s.mutex.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
}

// Take is what the upstream has said since it was last asked: a word, and numbers.
func (s *Source) Take() []Report {
	s.mutex.Lock()
	lines := s.lines
	s.lines = nil
	s.mutex.Unlock()
	all := make([]Report, 0, len(lines))
	for _, line := range lines {
		words := strings.Fields(line)
		r := Report{Word: words[0]}
		for _, word := range words[1:] {
			n, err := strconv.Atoi(word)
			if err != nil {
				n = -1
			}
			r.Numbers = append(r.Numbers, n)
		}
		all = append(all, r)
	}
	return all
}

// Report is a line of what an upstream says: see rooms.
type Report struct {
	Word    string
	Numbers []int
}

// Signal is for all of its processes.
func (s *Source) Signal(one syscall.Signal) { _ = syscall.Kill(-s.process.Process.Pid, one) }

// Stop kills the upstream.
func (s *Source) Stop() {
	s.Signal(syscall.SIGKILL)
	_ = s.process.Wait()
}

// StandIn is this program as the fast upstream.
func StandIn() Program {
	self, err := os.Executable()
	must.Do(err)
	return Program{Name: "fast upstream", Command: func(port int) *exec.Cmd {
		return exec.Command(self, "upstream", strconv.Itoa(port))
	}}
}

// PythonServer is python-socketio in the environment of the end-to-end tests.
func PythonServer(home string) (Program, error) {
	cache := os.Getenv("HOLDFAST_E2E_CACHE")
	if cache == "" {
		cache = filepath.Join(os.Getenv("HOME"), ".cache", "holdfast-e2e")
	}
	python := filepath.Join(cache, "python", "bin", "python")
	print := `import importlib.metadata as m; print(*(p + " " + m.version(p) for p in ("python-socketio", "uvicorn")))`
	version, err := exec.Command(python, "-c", print).Output()
	if err != nil {
		return Program{}, fmt.Errorf("python-socketio is not installed (e2e/setup python)")
	}
	return Program{Name: "python-socketio", Version: strings.TrimSpace(string(version)), Command: func(port int) *exec.Cmd {
		return exec.Command(python, filepath.Join(home, "rivals", "python.py"), strconv.Itoa(port))
	}}, nil
}

// NodeServer is the socket.io of the end-to-end tests.
func NodeServer(home string) (Program, error) {
	e2e, err := filepath.Abs(filepath.Join(home, "..", "e2e"))
	must.Do(err)
	ask := exec.Command("node", "-p", `require("socket.io/package.json").version + " on Node " + process.versions.node`)
	ask.Dir = e2e
	version, err := ask.Output()
	if err != nil {
		return Program{}, fmt.Errorf("socket.io for Node is not installed (e2e/setup node)")
	}
	return Program{Name: "socket.io", Version: strings.TrimSpace(string(version)), Command: func(port int) *exec.Cmd {
		return exec.Command("node", filepath.Join(home, "rivals", "node.mjs"), strconv.Itoa(port), e2e)
	}}, nil
}
