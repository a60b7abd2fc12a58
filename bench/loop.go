package main

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"
	"unsafe"
)

const readBytes = 256 << 10

// peer is what a connection talks to: it is called on the loop's thread only.
type peer interface {
	// opened says that the TCP connection is there.
	opened(c *conn)
	// input is given what has come and not been used yet; it says how many bytes it used.
	input(c *conn, data []byte) int
	// writable says that all that was sent has been taken by the socket; true asks for another call when it takes more.
	writable(c *conn) bool
	// ended says that the connection is closed; nothing follows.
	ended(c *conn, err error)
}

// conn is a non-blocking socket of a loop.
type conn struct {
	fd      int
	loop    *loop
	peer    peer
	rest    []byte
	out     []byte
	dialing bool
	waiting bool // for the socket to take more
	silent  bool // see abandon
	closed  bool
}

// loop is one epoll instance, served by the goroutine that calls poll.
type loop struct {
	epoll    int
	listener int
	accepted func() peer
	conns    []*conn
	timers   timers
	events   [512]syscall.EpollEvent
	buffer   [readBytes]byte
	open     int
}

func newLoop() *loop {
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	must(err)
	return &loop{epoll: epoll, listener: -1, conns: make([]*conn, 1024)}
}

// listen accepts connections on that loopback port, which it returns; 0 is a free one.
func (l *loop) listen(port int, accepted func() peer) int {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	must(err)
	must(syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1))
	must(syscall.Bind(fd, &syscall.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}))
	must(syscall.Listen(fd, 4096))
	name, err := syscall.Getsockname(fd)
	must(err)
	l.listener, l.accepted = fd, accepted
	l.watch(syscall.EPOLL_CTL_ADD, fd, syscall.EPOLLIN)
	return name.(*syscall.SockaddrInet4).Port
}

// dial starts a connection; its peer hears of the rest.
func (l *loop) dial(address string, p peer) *conn {
	host, err := net.ResolveTCPAddr("tcp4", address)
	must(err)
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	must(err)
	to := &syscall.SockaddrInet4{Port: host.Port}
	copy(to.Addr[:], host.IP.To4())
	err = syscall.Connect(fd, to)
	c := l.add(fd, p)
	if err != nil && err != syscall.EINPROGRESS {
		c.close(fmt.Errorf("connect: %w", err))
		return c
	}
	c.dialing = true
	l.watch(syscall.EPOLL_CTL_ADD, fd, syscall.EPOLLIN|syscall.EPOLLOUT)
	return c
}

func (l *loop) add(fd int, p peer) *conn {
	_ = syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
	for fd >= len(l.conns) {
		l.conns = append(l.conns, make([]*conn, len(l.conns))...)
	}
	c := &conn{fd: fd, loop: l, peer: p}
	l.conns[fd] = c
	l.open++
	return c
}

func (l *loop) watch(operation, fd int, events uint32) {
	must(syscall.EpollCtl(l.epoll, operation, fd, &syscall.EpollEvent{Events: events, Fd: int32(fd)}))
}

// poll handles what is ready and the timers that are due, waiting for at most that long; the wait has a resolution of a microsecond.
func (l *loop) poll(wait time.Duration) {
	defer l.runTimers()
	for _, event := range l.events[:l.ready(l.untilTimer(wait))] {
		fd := int(event.Fd)
		if fd == l.listener {
			l.accept()
			continue
		}
		if c := l.conns[fd]; c != nil {
			c.handle(event.Events)
		}
	}
}

// ready is epoll_pwait2, which waits for nanoseconds where epoll_wait knows milliseconds only.
func (l *loop) ready(wait time.Duration) int {
	const epollPwait2 = 441
	limit := syscall.NsecToTimespec(max(0, wait.Nanoseconds()))
	n, _, errno := syscall.Syscall6(epollPwait2, uintptr(l.epoll), uintptr(unsafe.Pointer(&l.events[0])),
		uintptr(len(l.events)), uintptr(unsafe.Pointer(&limit)), 0, 0)
	if errno == syscall.EINTR {
		return 0
	}
	if errno != 0 {
		panic(fmt.Sprintf("epoll_pwait2 (Linux 5.11 or newer is needed): %v", errno))
	}
	return int(n)
}

func (l *loop) accept() {
	for i := 0; i < 64; i++ {
		fd, _, err := syscall.Accept4(l.listener, syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC)
		if err != nil {
			return
		}
		c := l.add(fd, l.accepted())
		l.watch(syscall.EPOLL_CTL_ADD, fd, syscall.EPOLLIN)
		c.peer.opened(c)
	}
}

func (c *conn) handle(events uint32) {
	if c.silent {
		c.close(nil) // RDHUP, HUP or ERR: the other side has gone
		return
	}
	if c.dialing {
		c.dialed()
		return
	}
	if events&(syscall.EPOLLIN|syscall.EPOLLHUP|syscall.EPOLLERR) != 0 {
		c.receive()
	}
	if events&syscall.EPOLLOUT != 0 && !c.closed {
		c.flush()
	}
}

func (c *conn) dialed() {
	code, err := syscall.GetsockoptInt(c.fd, syscall.SOL_SOCKET, syscall.SO_ERROR)
	if err == nil && code != 0 {
		err = syscall.Errno(code)
	}
	if err != nil {
		c.close(fmt.Errorf("connect: %w", err))
		return
	}
	c.dialing = false
	c.loop.watch(syscall.EPOLL_CTL_MOD, c.fd, syscall.EPOLLIN)
	c.peer.opened(c)
}

func (c *conn) receive() {
	buffer := c.loop.buffer[:]
	kept := copy(buffer, c.rest)
	n, err := syscall.Read(c.fd, buffer[kept:])
	switch {
	case err == syscall.EAGAIN || err == syscall.EINTR:
		return
	case err != nil:
		c.close(fmt.Errorf("read: %w", err))
		return
	case n == 0:
		c.close(errEnded)
		return
	}
	data := buffer[:kept+n]
	used := c.peer.input(c, data)
	if !c.closed {
		c.rest = append(c.rest[:0], data[used:]...)
	}
}

// send writes the bytes, or keeps a copy of what the socket does not take at once.
func (c *conn) send(data []byte) {
	if c.closed || c.silent {
		return
	}
	if len(c.out) == 0 {
		n := c.write(data)
		data = data[n:]
	}
	if len(data) > 0 && !c.closed {
		c.out = append(c.out, data...)
		c.await()
	}
}

// write gives the socket what it takes; the count of bytes it took.
func (c *conn) write(data []byte) int {
	n, err := syscall.Write(c.fd, data)
	if err == nil {
		return n
	}
	if err != syscall.EAGAIN && err != syscall.EINTR {
		c.close(fmt.Errorf("write: %w", err))
	}
	return 0
}

func (c *conn) await() {
	if !c.waiting && !c.closed {
		c.waiting = true
		c.loop.watch(syscall.EPOLL_CTL_MOD, c.fd, syscall.EPOLLIN|syscall.EPOLLOUT)
	}
}

func (c *conn) flush() {
	if len(c.out) > 0 {
		n := c.write(c.out)
		if c.closed {
			return
		}
		c.out = c.out[:copy(c.out, c.out[n:])]
		if len(c.out) > 0 {
			return
		}
	}
	c.waiting = c.peer.writable(c)
	if !c.waiting && !c.closed {
		c.loop.watch(syscall.EPOLL_CTL_MOD, c.fd, syscall.EPOLLIN)
	}
}

// reset closes with RST: what either side has not taken yet is lost.
func (c *conn) reset() {
	if !c.closed {
		_ = syscall.SetsockoptLinger(c.fd, syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1})
		c.close(nil)
	}
}

// abandon stops reading and writing, as when a cable is pulled, until the other side closes; with a
// FIN if it is to be told. Its peer hears nothing more.
func (c *conn) abandon(fin bool) {
	if c.closed {
		return
	}
	if fin {
		_ = syscall.Shutdown(c.fd, syscall.SHUT_WR)
	}
	c.silent, c.peer = true, deaf{}
	c.loop.watch(syscall.EPOLL_CTL_MOD, c.fd, syscall.EPOLLRDHUP)
}

// deaf is the peer of a connection that nobody looks after any more.
type deaf struct{}

func (deaf) opened(*conn)                   {}
func (deaf) input(_ *conn, data []byte) int { return len(data) }
func (deaf) writable(*conn) bool            { return false }
func (deaf) ended(*conn, error)             {}

func (c *conn) close(err error) {
	if c.closed {
		return
	}
	c.closed = true
	c.loop.conns[c.fd] = nil
	c.loop.open--
	_ = syscall.Close(c.fd)
	c.peer.ended(c, err)
}

// release closes the loop itself; its connections are closed by those who opened them.
func (l *loop) release() {
	_ = syscall.Close(l.epoll)
}

var errEnded = errors.New("ended by the other side")

func never() bool { return false }
