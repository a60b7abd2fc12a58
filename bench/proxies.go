package main

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
)

// target is something that a load can be aimed at: the upstream itself, or a proxy in front of it.
type target struct {
	name    string
	version string
	address string
	pids    []int
	others  []int  // the load generator and the upstream
	java    string // the JDK's directory, for Holdfast
	admin   string // its admin address, for Holdfast
	mode    string // its resume.mode, if that is not the default
	start   func() (*target, error)
	process *exec.Cmd
	dir     string
}

// proxy starts a program in front of the upstream at that address.
type proxy struct {
	name    string
	version string
	java    string
	mode    string
	quiet   bool // no session is opened to see whether it is ready
	command func(dir, upstream string, port int) (*exec.Cmd, error)
}

// launch starts the proxy on a free port and waits until it passes requests.
func (p proxy) launch(upstream string, others []int) (*target, error) {
	dir, err := os.MkdirTemp("", "holdfast-bench-"+p.name+"-")
	must(err)
	port := freePort()
	command, err := p.command(dir, upstream, port)
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	must(err)
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	t := &target{name: p.name, version: p.version, java: p.java, mode: p.mode, address: "127.0.0.1:" + strconv.Itoa(port),
		admin: argument(command.Args, "--admin-listen"), others: others, process: command, dir: dir}
	t.start = func() (*target, error) { return p.launch(upstream, others) }
	if err := t.awaitHealth(p.quiet); err != nil {
		text, _ := os.ReadFile(log.Name())
		t.stop()
		return nil, fmt.Errorf("%s: %w\n%s", p.name, err, text)
	}
	t.pids = family(command.Process.Pid)
	return t, nil
}

// signal is for all of its processes.
func (t *target) signal(s syscall.Signal) { _ = syscall.Kill(-t.process.Process.Pid, s) }

func (t *target) again() (*target, error) { return t.start() }

// stop ends the process group of the proxy and removes its files.
func (t *target) stop() {
	if t.process == nil {
		return
	}
	t.signal(syscall.SIGKILL)
	_ = t.process.Wait()
	_ = os.RemoveAll(t.dir)
}

// readyLimit is for a machine that is busy with other things.
const readyLimit = 2 * time.Minute

// awaitHealth asks for /health until it is answered, and once for a Socket.IO session unless it is to be quiet.
func (t *target) awaitHealth(quiet bool) error {
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
		w := &crowd{loop: newLoop(), address: t.address}
		last = w.open(1)
		w.close()
		w.loop.release()
		if last == nil {
			return nil
		}
	}
	return fmt.Errorf("not ready after %v: %w", readyLimit, last)
}

// ended says whether the process has gone, and only waits for its status to be read.
func (t *target) ended() bool {
	fields := statFields(fmt.Sprintf("/proc/%d/stat", t.process.Process.Pid))
	return fields == nil || fields[0] == "Z"
}

func (t *target) health() error {
	c, err := net.DialTimeout("tcp", t.address, time.Second)
	if err != nil {
		return err
	}
	defer c.Close()
	must(c.SetDeadline(time.Now().Add(2 * time.Second)))
	if _, err = c.Write(get(t.address, "/health")); err != nil {
		return err
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	if err == nil && !strings.Contains(line, " 200 ") {
		err = fmt.Errorf("/health answered %q", line)
	}
	return err
}

// collect lets a JVM collect its garbage; the bytes of its live objects.
func (t *target) collect() float64 {
	if t.java == "" {
		return 0
	}
	for i := 0; i < 2; i++ {
		_, _ = jcmd(t.java, t.pids[0], "GC.run")
	}
	out, _ := jcmd(t.java, t.pids[0], "GC.class_histogram")
	_ = os.WriteFile(filepath.Join(os.TempDir(), "holdfast-bench-heap.txt"), out, 0o644) // to be looked at
	if found := regexp.MustCompile(`(?m)^Total\s+\d+\s+(\d+)`).FindSubmatch(out); found != nil {
		live, _ := strconv.ParseFloat(string(found[1]), 64)
		return live
	}
	return 0
}

// jcmd asks a JVM something.
func jcmd(java string, pid int, command ...string) ([]byte, error) {
	return exec.Command(filepath.Join(java, "bin", "jcmd"), append([]string{strconv.Itoa(pid)}, command...)...).Output()
}

// argument is what follows that option on a command line; empty if it is not there.
func argument(arguments []string, option string) string {
	if at := slices.Index(arguments, option); at >= 0 && at+1 < len(arguments) {
		return arguments[at+1]
	}
	return ""
}

// freePort is below those that the system gives to outgoing connections, one of which could take it before
// a server does, or while that is started again.
func freePort() int {
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

// startUpstream runs this program as the fast upstream.
func startUpstream(pin []string) *target {
	self, err := os.Executable()
	must(err)
	command := pinned(pin, self, "upstream")
	command.Stderr = os.Stderr
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	out, err := command.StdoutPipe()
	must(err)
	must(command.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	must(err)
	return &target{name: "direct", address: "127.0.0.1:" + strings.TrimSpace(line), process: command,
		others: []int{os.Getpid(), command.Process.Pid}}
}

// pinned is a command that runs on these CPUs only, if any are given.
func pinned(cpus []string, name string, arguments ...string) *exec.Cmd {
	if len(cpus) > 0 {
		arguments = append([]string{"-c", strings.Join(cpus, ","), name}, arguments...)
		name = "taskset"
	}
	return exec.Command(name, arguments...)
}
