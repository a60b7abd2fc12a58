package redis

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/process"
)

const patience = 5 * time.Second

// Server is one process of Redis or Valkey, without persistence, which can be started again on its port.
type Server struct {
	Program   string
	Host      string // an address of loopback
	Port      int
	Arguments []string
	Dir       string
	process   *exec.Cmd
}

// Start starts a server on a free port and waits until it answers.
func Start(program string, arguments ...string) (*Server, error) {
	dir, err := os.MkdirTemp("", "holdfast-bench-redis-")
	must.Do(err)
	r := &Server{Program: program, Host: "127.0.0.1", Port: process.FreePort(), Arguments: arguments, Dir: dir}
	if err := r.Start(); err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	return r, nil
}

// Address is where it serves.
func (r *Server) Address() string { return r.Host + ":" + strconv.Itoa(r.Port) }

// Start runs the server, empty; one that has a file of settings needs no others.
func (r *Server) Start() error {
	arguments := slices.Clone(r.Arguments)
	if len(arguments) == 0 || !strings.HasSuffix(arguments[0], ".conf") {
		arguments = append(arguments, "--port", strconv.Itoa(r.Port), "--bind", r.Host, "--dir", r.Dir,
			"--save", "", "--appendonly", "no")
	}
	r.process = exec.Command(r.Program, arguments...)
	log, err := os.OpenFile(filepath.Join(r.Dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	must.Do(err)
	defer log.Close()
	r.process.Stdout, r.process.Stderr = log, log
	r.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if err := r.process.Start(); err != nil {
		return fmt.Errorf("%s: %w (apt-get install redis-server, or --redis-server PATH)", r.Program, err)
	}
	var last error
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if _, last = r.Do("PING"); last == nil {
			return nil
		}
	}
	r.Kill()
	text, _ := os.ReadFile(log.Name())
	return fmt.Errorf("%s is not ready after 10 s: %w\n%s", r.Program, last, text)
}

// Signal is for the process.
func (r *Server) Signal(s syscall.Signal) { _ = syscall.Kill(r.process.Process.Pid, s) }

// Kill ends the process at once; what it knew is gone.
func (r *Server) Kill() {
	r.Signal(syscall.SIGCONT)
	r.Signal(syscall.SIGKILL)
	_ = r.process.Wait()
}

// Stop ends the process and removes its files.
func (r *Server) Stop() {
	r.Kill()
	_ = os.RemoveAll(r.Dir)
}

// Version is the server's own name for itself.
func (r *Server) Version() string {
	text, err := r.Do("INFO", "server")
	if err != nil {
		return "redis"
	}
	info, _ := text.(string)
	for _, name := range []string{"valkey_version:", "redis_version:"} {
		if _, rest, found := strings.Cut(info, name); found {
			version, _, _ := strings.Cut(rest, "\r\n")
			return strings.TrimSuffix(name, "_version:") + " " + version
		}
	}
	return "redis"
}

// Do sends one command over a connection of its own.
func (r *Server) Do(words ...string) (any, error) {
	c, err := Dial(r.Address())
	if err != nil {
		return nil, err
	}
	defer c.close()
	return c.Do(words...)
}

// Must is do for what works unless the benchmark itself is wrong.
func (r *Server) Must(words ...string) any {
	reply, err := r.Do(words...)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", strings.Join(words, " "), err))
	}
	return reply
}

// Keys are all keys of that pattern.
func (r *Server) Keys(pattern string) []string { return Texts(r.Must("KEYS", pattern)) }

// Conn is a connection to Redis that waits for each reply.
type Conn struct {
	conn net.Conn
	in   *bufio.Reader
}

// Dial opens a connection.
func Dial(address string) (*Conn, error) {
	c, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		return nil, err
	}
	return &Conn{c, bufio.NewReader(c)}, nil
}

func (c *Conn) close() { _ = c.conn.Close() }

// Do sends a command: its reply is a string, an int, a list of these, or nil.
func (c *Conn) Do(words ...string) (any, error) {
	must.Do(c.conn.SetDeadline(time.Now().Add(patience)))
	var out strings.Builder
	fmt.Fprintf(&out, "*%d\r\n", len(words))
	for _, word := range words {
		fmt.Fprintf(&out, "$%d\r\n%s\r\n", len(word), word)
	}
	if _, err := io.WriteString(c.conn, out.String()); err != nil {
		return nil, err
	}
	return c.reply()
}

func (c *Conn) reply() (any, error) {
	line, err := c.in.ReadString('\n')
	if err != nil {
		return nil, err
	}
	kind, text := line[0], strings.TrimSuffix(line[1:], "\r\n")
	switch kind {
	case '+':
		return text, nil
	case '-':
		return nil, errors.New(text)
	case ':':
		return strconv.Atoi(text)
	}
	length, err := strconv.Atoi(text)
	if err != nil || length < 0 {
		return nil, err
	}
	if kind == '$' {
		data := make([]byte, length+2)
		_, err = io.ReadFull(c.in, data)
		return string(data[:length]), err
	}
	all := make([]any, length)
	for i := range all {
		if all[i], err = c.reply(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Texts are the strings of a list.
func Texts(reply any) []string {
	list, _ := reply.([]any)
	var all []string
	for _, each := range list {
		text, _ := each.(string)
		all = append(all, text)
	}
	return all
}
