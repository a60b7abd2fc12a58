package eventloop

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"
	"unsafe"

	"dev.holdfast/bench/internal/must"
)

const readBytes = 256 << 10

// Peer is what a connection talks to: it is called on the loop's thread only.
type Peer interface {
	// Opened says that the TCP connection is there.
	Opened(c *Conn)
	// Input is given what has come and not been used yet; it says how many bytes it used.
	Input(c *Conn, data []byte) int
	// Writable says that all that was sent has been taken by the socket; true asks for another call when it takes more.
	Writable(c *Conn) bool
	// Ended says that the connection is closed; nothing follows.
	Ended(c *Conn, err error)
}

// Conn is a non-blocking socket of a loop.
type Conn struct {
	fd      int
	loop    *Loop
	Peer    Peer
	rest    []byte
	out     []byte
	Dialing bool
	waiting bool // for the socket to take more
	Silent  bool // see Abandon
	Closed  bool
}

// Loop is one epoll instance, served by the goroutine that calls poll.
type Loop struct {
	epoll    int
	listener int
	accepted func() Peer
	Conns    []*Conn
	timers   timers
	events   [512]syscall.EpollEvent
	buffer   [readBytes]byte
	open     int
}

// New is a loop without connections.
func New() *Loop {
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	must.Do(err)
	return &Loop{epoll: epoll, listener: -1, Conns: make([]*Conn, 1024)}
}

// Listen accepts connections on that loopback port, which it returns; 0 is a free one.
func (l *Loop) Listen(port int, accepted func() Peer) int {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	must.Do(err)
	must.Do(syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1))
	must.Do(syscall.Bind(fd, &syscall.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}))
	must.Do(syscall.Listen(fd, 4096))
	name, err := syscall.Getsockname(fd)
	must.Do(err)
	l.listener, l.accepted = fd, accepted
	l.Watch(syscall.EPOLL_CTL_ADD, fd, syscall.EPOLLIN)
	return name.(*syscall.SockaddrInet4).Port
}

// Dial starts a connection; its peer hears of the rest.
func (l *Loop) Dial(address string, p Peer) *Conn {
	host, err := net.ResolveTCPAddr("tcp4", address)
	must.Do(err)
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	must.Do(err)
	to := &syscall.SockaddrInet4{Port: host.Port}
	copy(to.Addr[:], host.IP.To4())
	err = syscall.Connect(fd, to)
	c := l.Add(fd, p)
	if err != nil && err != syscall.EINPROGRESS {
		c.Close(fmt.Errorf("connect: %w", err))
		return c
	}
	c.Dialing = true
	l.Watch(syscall.EPOLL_CTL_ADD, fd, syscall.EPOLLIN|syscall.EPOLLOUT)
	return c
}

// Add takes a file that is open already.
func (l *Loop) Add(fd int, p Peer) *Conn {
	_ = syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
	for fd >= len(l.Conns) {
		l.Conns = append(l.Conns, make([]*Conn, len(l.Conns))...)
	}
	c := &Conn{fd: fd, loop: l, Peer: p}
	l.Conns[fd] = c
	l.open++
	return c
}

// Watch is epoll_ctl.
func (l *Loop) Watch(operation, fd int, events uint32) {
	must.Do(syscall.EpollCtl(l.epoll, operation, fd, &syscall.EpollEvent{Events: events, Fd: int32(fd)}))
}

// Poll handles what is ready and the timers that are due, waiting for at most that long; the wait has a resolution of a microsecond.
func (l *Loop) Poll(wait time.Duration) {
	defer l.runTimers()
	for _, event := range l.events[:l.ready(l.untilTimer(wait))] {
		fd := int(event.Fd)
		if fd == l.listener {
			l.accept()
			continue
		}
		if c := l.Conns[fd]; c != nil {
			c.handle(event.Events)
		}
	}
}

// ready is epoll_pwait2, which waits for nanoseconds where epoll_wait knows milliseconds only.
func (l *Loop) ready(wait time.Duration) int {
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

func (l *Loop) accept() {
	for i := 0; i < 64; i++ {
		fd, _, err := syscall.Accept4(l.listener, syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC)
		if err != nil {
			return
		}
		c := l.Add(fd, l.accepted())
		l.Watch(syscall.EPOLL_CTL_ADD, fd, syscall.EPOLLIN)
		c.Peer.Opened(c)
	}
}

func (c *Conn) handle(events uint32) {
	if c.Silent {
		c.Close(nil) // RDHUP, HUP or ERR: the other side has gone
		return
	}
	if c.Dialing {
		c.dialed()
		return
	}
	if events&(syscall.EPOLLIN|syscall.EPOLLHUP|syscall.EPOLLERR) != 0 {
		c.receive()
	}
	if events&syscall.EPOLLOUT != 0 && !c.Closed {
		c.flush()
	}
}

func (c *Conn) dialed() {
	code, err := syscall.GetsockoptInt(c.fd, syscall.SOL_SOCKET, syscall.SO_ERROR)
	if err == nil && code != 0 {
		err = syscall.Errno(code)
	}
	if err != nil {
		c.Close(fmt.Errorf("connect: %w", err))
		return
	}
	c.Dialing = false
	c.loop.Watch(syscall.EPOLL_CTL_MOD, c.fd, syscall.EPOLLIN)
	c.Peer.Opened(c)
}

func (c *Conn) receive() {
	buffer := c.loop.buffer[:]
	kept := copy(buffer, c.rest)
	n, err := syscall.Read(c.fd, buffer[kept:])
	switch {
	case err == syscall.EAGAIN || err == syscall.EINTR:
		return
	case err != nil:
		c.Close(fmt.Errorf("read: %w", err))
		return
	case n == 0:
		c.Close(ErrEnded)
		return
	}
	data := buffer[:kept+n]
	used := c.Peer.Input(c, data)
	if !c.Closed {
		c.rest = append(c.rest[:0], data[used:]...)
	}
}

// Send writes the bytes, or keeps a copy of what the socket does not take at once.
func (c *Conn) Send(data []byte) {
	if c.Closed || c.Silent {
		return
	}
	if len(c.out) == 0 {
		n := c.Write(data)
		data = data[n:]
	}
	if len(data) > 0 && !c.Closed {
		c.out = append(c.out, data...)
		c.Await()
	}
}

// Write gives the socket what it takes; the count of bytes it took.
func (c *Conn) Write(data []byte) int {
	n, err := syscall.Write(c.fd, data)
	if err == nil {
		return n
	}
	if err != syscall.EAGAIN && err != syscall.EINTR {
		c.Close(fmt.Errorf("write: %w", err))
	}
	return 0
}

// Await asks for a call of Writable.
func (c *Conn) Await() {
	if !c.waiting && !c.Closed {
		c.waiting = true
		c.loop.Watch(syscall.EPOLL_CTL_MOD, c.fd, syscall.EPOLLIN|syscall.EPOLLOUT)
	}
}

func (c *Conn) flush() {
	if len(c.out) > 0 {
		n := c.Write(c.out)
		if c.Closed {
			return
		}
		c.out = c.out[:copy(c.out, c.out[n:])]
		if len(c.out) > 0 {
			return
		}
	}
	c.waiting = c.Peer.Writable(c)
	if !c.waiting && !c.Closed {
		c.loop.Watch(syscall.EPOLL_CTL_MOD, c.fd, syscall.EPOLLIN)
	}
}

// Reset closes with RST: what either side has not taken yet is lost.
func (c *Conn) Reset() {
	if !c.Closed {
		_ = syscall.SetsockoptLinger(c.fd, syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1})
		c.Close(nil)
	}
}

// Abandon stops reading and writing, as when a cable is pulled, until the other side closes; with a
// FIN if it is to be told. Its peer hears nothing more.
func (c *Conn) Abandon(fin bool) {
	if c.Closed {
		return
	}
	if fin {
		_ = syscall.Shutdown(c.fd, syscall.SHUT_WR)
	}
	c.Silent, c.Peer = true, Deaf{}
	c.loop.Watch(syscall.EPOLL_CTL_MOD, c.fd, syscall.EPOLLRDHUP)
}

// Deaf is the peer of a connection that nobody looks after any more.
type Deaf struct{}

// Opened implements Peer.
func (Deaf) Opened(*Conn) {}

// Input implements Peer.
func (Deaf) Input(_ *Conn, data []byte) int { return len(data) }

// Writable implements Peer.
func (Deaf) Writable(*Conn) bool { return false }

// Ended implements Peer.
func (Deaf) Ended(*Conn, error) {}

// Close closes the connection and tells its peer why.
func (c *Conn) Close(err error) {
	if c.Closed {
		return
	}
	c.Closed = true
	c.loop.Conns[c.fd] = nil
	c.loop.open--
	_ = syscall.Close(c.fd)
	c.Peer.Ended(c, err)
}

// Release closes the loop itself; its connections are closed by those who opened them.
func (l *Loop) Release() {
	_ = syscall.Close(l.epoll)
}

// ErrEnded is the error of a connection that the other side has closed.
var ErrEnded = errors.New("ended by the other side")

// Never is the condition of a wait that only time ends.
func Never() bool { return false }
