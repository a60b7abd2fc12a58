package process

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"dev.holdfast/bench/internal/client"
	"dev.holdfast/bench/internal/eventloop"
	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/procfs"
	"dev.holdfast/bench/internal/wire"
)

// Target is something that a load can be aimed at: the upstream itself, or a proxy in front of it.
type Target struct {
	Name    string
	Version string
	Address string
	Pids    []int
	Others  []int  // the load generator and the upstream
	Java    string // the JDK's directory, for Holdfast
	Admin   string // its admin address, for Holdfast
	Mode    string // its resume.mode, if that is not the default
	start   func() (*Target, error)
	Process *exec.Cmd
	Dir     string
}

// Proxy starts a program in front of the upstream at that address.
type Proxy struct {
	Name    string
	Version string
	Java    string
	Mode    string
	Quiet   bool // no session is opened to see whether it is ready
	Command func(dir, upstream string, port int) (*exec.Cmd, error)
}

// Launch starts the proxy on a free port and waits until it passes requests.
func (p Proxy) Launch(upstream string, others []int) (*Target, error) {
	dir, err := os.MkdirTemp("", "holdfast-bench-"+p.Name+"-")
	must.Do(err)
	port := FreePort()
	command, err := p.Command(dir, upstream, port)
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	must.Do(err)
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", p.Name, err)
	}
	t := &Target{Name: p.Name, Version: p.Version, Java: p.Java, Mode: p.Mode, Address: "127.0.0.1:" + strconv.Itoa(port),
		Admin: Argument(command.Args, "--admin-listen"), Others: others, Process: command, Dir: dir}
	t.start = func() (*Target, error) { return p.Launch(upstream, others) }
	if err := t.awaitHealth(p.Quiet); err != nil {
		text, _ := os.ReadFile(log.Name())
		t.Stop()
		return nil, fmt.Errorf("%s: %w\n%s", p.Name, err, text)
	}
	t.Pids = procfs.Family(command.Process.Pid)
	return t, nil
}

// Signal is for all of its processes.
func (t *Target) Signal(s syscall.Signal) { _ = syscall.Kill(-t.Process.Process.Pid, s) }

// Again starts another process like this one.
func (t *Target) Again() (*Target, error) { return t.start() }

// Stop ends the process group of the proxy and removes its files.
func (t *Target) Stop() {
	if t.Process == nil {
		return
	}
	t.Signal(syscall.SIGKILL)
	_ = t.Process.Wait()
	_ = os.RemoveAll(t.Dir)
}

// readyLimit is for a machine that is busy with other things.
const readyLimit = 2 * time.Minute

// awaitHealth asks for /health until it is answered, and once for a Socket.IO session unless it is to be quiet.
func (t *Target) awaitHealth(quiet bool) error {
	var last error
	for deadline := time.Now().Add(readyLimit); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if t.ended() {
			return errors.New("it ended before it was ready")
		}
		if last = t.health(); last != nil {
			continue
		}
		if quiet {
			return nil
		}
		w := &client.Crowd{Loop: eventloop.New(), Address: t.Address}
		last = w.Open(1)
		w.Close()
		w.Loop.Release()
		if last == nil {
			return nil
		}
	}
	return fmt.Errorf("not ready after %v: %w", readyLimit, last)
}

// ended says whether the process has gone, and only waits for its status to be read.
func (t *Target) ended() bool {
	fields := procfs.StatFields(fmt.Sprintf("/proc/%d/stat", t.Process.Process.Pid))
	return fields == nil || fields[0] == "Z"
}

func (t *Target) health() error {
	c, err := net.DialTimeout("tcp", t.Address, time.Second)
	if err != nil {
		return err
	}
	defer c.Close()
	must.Do(c.SetDeadline(time.Now().Add(2 * time.Second)))
	if _, err = c.Write(wire.Get(t.Address, "/health")); err != nil {
		return err
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	if err == nil && !strings.Contains(line, " 200 ") {
		err = fmt.Errorf("/health answered %q", line)
	}
	return err
}

// Collect lets a JVM collect its garbage; the bytes of its live objects.
func (t *Target) Collect() float64 {
	if t.Java == "" {
		return 0
	}
	for i := 0; i < 2; i++ {
		_, _ = Jcmd(t.Java, t.Pids[0], "GC.run")
	}
	out, _ := Jcmd(t.Java, t.Pids[0], "GC.class_histogram")
	_ = os.WriteFile(filepath.Join(os.TempDir(), "holdfast-bench-heap.txt"), out, 0o644) // to be looked at
	if found := regexp.MustCompile(`(?m)^Total\s+\d+\s+(\d+)`).FindSubmatch(out); found != nil {
		live, _ := strconv.ParseFloat(string(found[1]), 64)
		return live
	}
	return 0
}

// Jcmd asks a JVM something.
func Jcmd(java string, pid int, command ...string) ([]byte, error) {
	return exec.Command(filepath.Join(java, "bin", "jcmd"), append([]string{strconv.Itoa(pid)}, command...)...).Output()
}

// Argument is what follows that option on a command line; empty if it is not there.
func Argument(arguments []string, option string) string {
	if at := slices.Index(arguments, option); at >= 0 && at+1 < len(arguments) {
		return arguments[at+1]
	}
	return ""
}

// FreePort is below those that the system gives to outgoing connections, one of which could take it before
// a server does, or while that is started again.
func FreePort() int {
	const low, high, tries = 10240, 32768, 1000
	for i := 0; i < tries; i++ {
		port := low + rand.Intn(high-low)
		if l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port)); err == nil {
			_ = l.Close()
			return port
		}
	}
	panic("no port is free")
}

// StartUpstream runs this program as the fast upstream.
func StartUpstream(pin []string) *Target {
	self, err := os.Executable()
	must.Do(err)
	command := pinned(pin, self, "upstream")
	command.Stderr = os.Stderr
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	out, err := command.StdoutPipe()
	must.Do(err)
	must.Do(command.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	must.Do(err)
	return &Target{Name: "direct", Address: "127.0.0.1:" + strings.TrimSpace(line), Process: command,
		Others: []int{os.Getpid(), command.Process.Pid}}
}

// pinned is a command that runs on these CPUs only, if any are given.
func pinned(cpus []string, name string, arguments ...string) *exec.Cmd {
	if len(cpus) > 0 {
		arguments = append([]string{"-c", strings.Join(cpus, ","), name}, arguments...)
		name = "taskset"
	}
	return exec.Command(name, arguments...)
}
