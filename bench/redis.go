package main

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
)

const redisPatience = 5 * time.Second

// redisServer is one process of Redis or Valkey, without persistence, which can be started again on its port.
type redisServer struct {
	program   string
	host      string // an address of loopback
	port      int
	arguments []string
	dir       string
	process   *exec.Cmd
}

// startRedis starts a server on a free port and waits until it answers.
func startRedis(program string, arguments ...string) (*redisServer, error) {
	dir, err := os.MkdirTemp("", "holdfast-bench-redis-")
	must(err)
	r := &redisServer{program: program, host: "127.0.0.1", port: freePort(), arguments: arguments, dir: dir}
	if err := r.start(); err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	return r, nil
}

func (r *redisServer) address() string { return r.host + ":" + strconv.Itoa(r.port) }

// start runs the server, empty; one that has a file of settings needs no others.
func (r *redisServer) start() error {
	arguments := slices.Clone(r.arguments)
	if len(arguments) == 0 || !strings.HasSuffix(arguments[0], ".conf") {
		arguments = append(arguments, "--port", strconv.Itoa(r.port), "--bind", r.host, "--dir", r.dir,
			"--save", "", "--appendonly", "no")
	}
	r.process = exec.Command(r.program, arguments...)
	log, err := os.OpenFile(filepath.Join(r.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	must(err)
	defer log.Close()
	r.process.Stdout, r.process.Stderr = log, log
	r.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if err := r.process.Start(); err != nil {
		return fmt.Errorf("%s: %w (apt-get install redis-server, or --redis-server PATH)", r.program, err)
	}
	var last error
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if _, last = r.do("PING"); last == nil {
			return nil
		}
	}
	r.kill()
	text, _ := os.ReadFile(log.Name())
	return fmt.Errorf("%s is not ready after 10 s: %w\n%s", r.program, last, text)
}

func (r *redisServer) signal(s syscall.Signal) { _ = syscall.Kill(r.process.Process.Pid, s) }

// kill ends the process at once; what it knew is gone.
func (r *redisServer) kill() {
	r.signal(syscall.SIGCONT)
	r.signal(syscall.SIGKILL)
	_ = r.process.Wait()
}

func (r *redisServer) stop() {
	r.kill()
	_ = os.RemoveAll(r.dir)
}

// version is the server's own name for itself.
func (r *redisServer) version() string {
	text, err := r.do("INFO", "server")
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

// do sends one command over a connection of its own.
func (r *redisServer) do(words ...string) (any, error) {
	c, err := dialRedis(r.address())
	if err != nil {
		return nil, err
	}
	defer c.close()
	return c.do(words...)
}

// must is do for what works unless the benchmark itself is wrong.
func (r *redisServer) must(words ...string) any {
	reply, err := r.do(words...)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", strings.Join(words, " "), err))
	}
	return reply
}

// keys are all keys of that pattern.
func (r *redisServer) keys(pattern string) []string { return texts(r.must("KEYS", pattern)) }

// redisConn is a connection to Redis that waits for each reply.
type redisConn struct {
	conn net.Conn
	in   *bufio.Reader
}

func dialRedis(address string) (*redisConn, error) {
	c, err := net.DialTimeout("tcp", address, redisPatience)
	if err != nil {
		return nil, err
	}
	return &redisConn{c, bufio.NewReader(c)}, nil
}

func (c *redisConn) close() { _ = c.conn.Close() }

// do sends a command: its reply is a string, an int, a list of these, or nil.
func (c *redisConn) do(words ...string) (any, error) {
	must(c.conn.SetDeadline(time.Now().Add(redisPatience)))
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

func (c *redisConn) reply() (any, error) {
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

// texts are the strings of a list.
func texts(reply any) []string {
	list, _ := reply.([]any)
	var all []string
	for _, each := range list {
		text, _ := each.(string)
		all = append(all, text)
	}
	return all
}
