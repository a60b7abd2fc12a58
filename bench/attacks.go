package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand"
	"net"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// attacks lets one address, which needs no account, hold as much of a small node as it can, while tabs of others get their events.
type attacks struct {
	disturbed
	names string
	java  string
}

// attacker is one of the addresses that no proxy vouches for.
const attacker = "127.0.0.66"

// settled is how long after an attack the memory is looked at again.
const settled = 30 * time.Second

// hoards are what a connection sends and then keeps open, by the name of the attack, and how many connections there are.
var hoards = map[string]struct {
	connections int
	send        func(c net.Conn) error
}{
	"heads":      {2500, unfinishedHead},
	"posts":      {16, unfinishedPost},
	"requests":   {1000, unfinishedRequest},
	"messages":   {200, unfinishedMessage},
	"handshakes": {2500, upgrade},
	"sessions":   {5000, parkedSession},
}

func newAttacks(o options) *attacks {
	a := &attacks{disturbed: newDisturbed(o, "attacks", time.Minute), java: "-XX:MaxRAM=256m -XX:MaxRAMPercentage=50 -XX:+ExitOnOutOfMemoryError"}
	a.nodes, a.clients, a.share = 1, 51, 0
	var names []string
	for name := range hoards {
		names = append(names, name)
	}
	slices.Sort(names)
	a.names = strings.Join(names, ",")
	return a
}

func (a *attacks) read(arguments []string) *attacks {
	f := a.flags()
	f.Var(&a.lengths, "for", "how long each lasts, as 10s")
	f.StringVar(&a.names, "attacks", a.names, "which are tried")
	f.StringVar(&a.java, "java", a.java, "options of the node's JVM")
	must(f.Parse(arguments))
	return a
}

// run tries each on a node of its own: one that dies of the first would tell nothing of the others.
func (a *attacks) run() error {
	must(os.Setenv("JDK_JAVA_OPTIONS", a.java))
	var wrong []string
	for _, name := range strings.Split(a.names, ",") {
		if _, known := hoards[name]; !known {
			return fmt.Errorf("unknown attack %s: %s", name, a.names)
		}
		if err := a.attack(name); err != nil {
			fmt.Printf("  %s: %v\n", name, err)
			wrong = append(wrong, name)
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%w: %s", errMissed, strings.Join(wrong, ", "))
	}
	return nil
}

func (a *attacks) attack(name string) error {
	g, err := a.lay(1)
	if err != nil {
		return err
	}
	defer g.close()
	n := g.fleet.nodes[0]
	pid := n.process.Process.Pid
	before := int(residentBytes([]int{pid}))
	h := newHorde(n.address())
	one := disturbance{name: name, length: a.lengths[0], begin: func() { h.start(hoards[name].connections, hoards[name].send) }, end: h.end}
	if err := a.try(g, []disturbance{one}); err != nil {
		return err
	}
	g.users.run(settled, never)
	after := int(residentBytes([]int{pid}))
	fmt.Printf("  %s: %d connections were opened, %d refused; memory %d MiB before, %d MiB %v after\n",
		name, h.opened.Load(), h.refused.Load(), before>>20, after>>20, settled)
	if wrong := missed(bound{"MiB of memory after", after >> 20, (before >> 20) * 11 / 10}); len(wrong) > 0 {
		return fmt.Errorf("%w: %s", errMissed, strings.Join(wrong, ", "))
	}
	return nil
}

// horde is the connections of an attacker. One that is closed is opened again, a little later.
type horde struct {
	address         string
	lasting         context.Context
	end             func()
	opened, refused atomic.Int64
}

func newHorde(address string) *horde {
	h := &horde{address: address}
	h.lasting, h.end = context.WithCancel(context.Background())
	return h
}

func (h *horde) start(count int, send func(net.Conn) error) {
	for i := 0; i < count; i++ {
		go func() {
			for {
				h.hoard(send)
				select {
				case <-h.lasting.Done():
					return
				case <-time.After(time.Second):
				}
			}
		}()
	}
}

func (h *horde) hoard(send func(net.Conn) error) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(attacker)}, Timeout: 5 * time.Second}
	c, err := dialer.DialContext(h.lasting, "tcp", h.address)
	if err != nil {
		h.refused.Add(1)
		return
	}
	h.opened.Add(1)
	defer c.Close()
	defer context.AfterFunc(h.lasting, func() { _ = c.Close() })()
	if send(c) == nil {
		_, _ = c.Read(make([]byte, 1)) // until it is closed, or answered
	}
}

// strangers are the users from this number on.
const strangers = 1_000_000_000

const headBytes, postBytes, messageBytes = 125_000, 15_000_000, 900_000

func unfinishedHead(c net.Conn) error {
	head := bytes.NewBufferString("GET / HTTP/1.1\r\nHost: holdfast\r\n")
	for i := 0; head.Len() < headBytes; i++ {
		fmt.Fprintf(head, "X-%d: %s\r\n", i, strings.Repeat("a", 1000))
	}
	_, err := c.Write(head.Bytes())
	return err
}

func unfinishedPost(c net.Conn) error {
	if _, err := c.Write([]byte("GET " + socketPath + "?EIO=4&transport=polling HTTP/1.1\r\nHost: holdfast\r\n\r\n")); err != nil {
		return err
	}
	answer, sid := []byte{}, ""
	for sid == "" {
		part := make([]byte, 4096)
		size, err := c.Read(part)
		if err != nil {
			return err
		}
		answer = append(answer, part[:size]...)
		sid = member(string(answer), "sid")
	}
	_, err := fmt.Fprintf(c, "POST "+socketPath+"?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: holdfast\r\nContent-Length: %d\r\n\r\n", sid, postBytes)
	if err == nil {
		_, err = c.Write(bytes.Repeat([]byte("4"), postBytes-1))
	}
	return err
}

func unfinishedRequest(c net.Conn) error {
	_, err := c.Write([]byte("POST /api/v1/anything HTTP/1.1\r\nHost: holdfast\r\nContent-Length: 2\r\n\r\n1"))
	return err
}

func upgrade(c net.Conn) error {
	_, err := c.Write(upgradeRequest("holdfast", false))
	if err == nil {
		_, err = c.Read(make([]byte, 4096))
	}
	return err
}

// unfinishedMessage is all but the last byte of one, in a session that has sent no CONNECT.
func unfinishedMessage(c net.Conn) error {
	err := upgrade(c)
	if err == nil {
		frame := appendFrame(nil, opText, true, bytes.Repeat([]byte("4"), messageBytes))
		_, err = c.Write(frame[:len(frame)-1])
	}
	return err
}

// parkedSession is one of a user that nobody knows, whose connection is gone without a word.
func parkedSession(c net.Conn) error {
	err := upgrade(c)
	if err != nil {
		return err
	}
	connect := fmt.Sprintf(`40{"token":"%s"}`, tokenOf(strangers+rand.Intn(strangers)))
	if _, err = c.Write(appendFrame(nil, opText, true, []byte(connect))); err != nil {
		return err
	}
	_, err = c.Read(make([]byte, 4096))
	_ = c.(*net.TCPConn).SetLinger(0)
	_ = c.Close()
	return err
}
