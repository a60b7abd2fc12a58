package relay

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"dev.holdfast/bench/internal/must"
)

// Relay is a relay of TCP between those that dial it and an address. Each way it holds what it passes for a while, in order;
// what passes while a way is cut, see cut.
type Relay struct {
	listener *net.TCPListener
	to       string
	up, down way // to the address, and from it
	doors    chan bool
	shut     *barrier
	mutex    sync.Mutex
	open     []net.Conn
	fillers  map[string]bool // by address: connections that only keep others out
	closed   bool
}

// way is one direction of all connections of a relay.
type way struct {
	held    atomic.Int64 // nanoseconds
	barrier *barrier
	lossy   atomic.Bool // what comes while it is cut never arrives
}

// What becomes of the packets of a way that is cut.
const (
	Uncut = iota
	Kept  // they are sent again, and arrive when the cut is over, if both ends are still there
	Lost  // they never arrive, and neither do later ones of the same connection, though neither end hears of that
)

// New is a relay on a free port, to that address.
func New(to string) *Relay { return NewAt("127.0.0.1:0", to) }

// NewAt is a relay at an address of its own.
func NewAt(at, to string) *Relay {
	listener, err := net.Listen("tcp", at)
	must.Do(err)
	d := &Relay{listener: listener.(*net.TCPListener), to: to, doors: make(chan bool, 16), shut: newBarrier(), fillers: map[string]bool{}}
	d.up.barrier, d.down.barrier = newBarrier(), newBarrier()
	go d.keepDoor()
	go func() {
		for {
			client, err := d.listener.AcceptTCP()
			if err != nil {
				return
			}
			d.shut.pass()
			if d.fills(client) {
				_ = client.Close()
				continue
			}
			go d.serve(client)
		}
	}()
	return d
}

// Address is what clients connect to.
func (d *Relay) Address() string { return d.listener.Addr().String() }

// Hold makes everything later by that much, each way.
func (d *Relay) Hold(up, down time.Duration) {
	d.up.held.Store(int64(up))
	d.down.held.Store(int64(down))
}

// Cut does that to the packets of each way. No connection can be opened meanwhile: each way carries packets that this needs.
func (d *Relay) Cut(up, down int) {
	before := d.up.barrier.stands() || d.down.barrier.stands()
	d.up.cut(up)
	d.down.cut(down)
	if after := up != Uncut || down != Uncut; after != before {
		d.doors <- after
	}
}

func (w *way) cut(what int) {
	if what == Uncut {
		w.barrier.lower()
		return
	}
	w.lossy.Store(what == Lost)
	w.barrier.raise()
}

// keepDoor lets nobody in while that is asked for: the listener's queue is filled, so that the kernel drops whatever else asks
// to be connected, and whoever asked does so again, as with a network that drops packets.
func (d *Relay) keepDoor() {
	var fillers []net.Conn
	for shut := range d.doors {
		if shut {
			d.shut.raise()
			d.queue(0)
			for full := 0; full < 2; { // the first may have a place free when it has been accepted
				if filler := d.fill(); filler != nil {
					fillers, full = append(fillers, filler), 0
				} else {
					full++
				}
			}
			continue
		}
		d.queue(fullQueue)
		d.shut.lower()
		for _, filler := range fillers {
			_ = filler.Close()
		}
		fillers = nil
	}
}

const (
	fullQueue = 4096
	fillLimit = 200 * time.Millisecond // whoever is not connected until then finds the queue full
)

// fill takes one place in the listener's queue; nil if there is none.
func (d *Relay) fill() net.Conn {
	filler, err := net.DialTimeout("tcp", d.Address(), fillLimit)
	if err != nil {
		return nil
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.fillers[filler.LocalAddr().String()] = true
	return filler
}

func (d *Relay) queue(length int) {
	raw, err := d.listener.SyscallConn()
	must.Do(err)
	_ = raw.Control(func(fd uintptr) { _ = syscall.Listen(int(fd), length) })
}

func (d *Relay) fills(c net.Conn) bool {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	address := c.RemoteAddr().String()
	known := d.fillers[address]
	delete(d.fillers, address)
	return known
}

func (d *Relay) serve(client *net.TCPConn) {
	dialled, err := net.Dial("tcp", d.to)
	if err != nil {
		reset(client)
		return
	}
	server := dialled.(*net.TCPConn)
	d.mutex.Lock()
	d.open = append(d.open, client, server)
	over := d.closed
	d.mutex.Unlock()
	if over {
		reset(client)
		reset(server)
		return
	}
	up := &flow{way: &d.up, from: client, to: server}
	down := &flow{way: &d.down, from: server, to: client}
	up.back, down.back = down, up
	var both sync.WaitGroup
	for _, f := range []*flow{up, down} {
		f.pieces = make(chan piece, 1024)
		both.Add(2)
		go f.read(&both)
		go f.write(&both)
	}
	both.Wait()
	_ = client.Close()
	_ = server.Close()
	d.forget(client, server)
}

func (d *Relay) forget(gone ...net.Conn) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	kept := d.open[:0]
	for _, c := range d.open {
		if c != gone[0] && c != gone[1] {
			kept = append(kept, c)
		}
	}
	d.open = kept
}

// flow is one way of one connection.
type flow struct {
	way      *way
	back     *flow
	from, to *net.TCPConn
	pieces   chan piece
}

// piece is what one read gave; the last one has no data.
type piece struct {
	at   time.Time
	data []byte
	err  error
}

func (f *flow) read(both *sync.WaitGroup) {
	defer both.Done()
	defer close(f.pieces)
	buffer := make([]byte, 64<<10)
	for {
		n, err := f.from.Read(buffer)
		at := time.Now().Add(time.Duration(f.way.held.Load()))
		if n > 0 {
			f.pieces <- piece{at: at, data: append([]byte(nil), buffer[:n]...)}
		}
		if err != nil {
			f.pieces <- piece{at: at, err: err}
			return
		}
	}
}

// write passes each piece when its time has come, and the end of the connection as it came: FIN or RST.
func (f *flow) write(both *sync.WaitGroup) {
	defer both.Done()
	dead := false
	for p := range f.pieces {
		time.Sleep(time.Until(p.at))
		dead = dead || !f.way.pass()
		switch {
		case dead:
		case p.err == nil:
			if _, err := f.to.Write(p.data); err != nil {
				dead = true
				go f.back.refuse()
			}
		case errors.Is(p.err, syscall.ECONNRESET):
			reset(f.to)
		default:
			_ = f.to.CloseWrite()
		}
	}
}

// refuse is the answer to something that was sent to an end that is not there any more.
func (f *flow) refuse() {
	time.Sleep(time.Duration(f.way.held.Load()))
	if f.way.pass() {
		reset(f.to)
	}
}

func reset(c *net.TCPConn) {
	_ = c.SetLinger(0)
	_ = c.Close()
}

// pass waits while the way is cut; false if what waits is lost.
func (w *way) pass() bool {
	if w.barrier.stands() && w.lossy.Load() {
		return false
	}
	w.barrier.pass()
	return true
}

// barrier is something that many may wait for.
type barrier struct {
	mutex sync.Mutex
	open  chan struct{} // closed if it does not stand
}

func newBarrier() *barrier {
	b := &barrier{open: make(chan struct{})}
	close(b.open)
	return b
}

func (b *barrier) now() chan struct{} {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.open
}

func (b *barrier) pass() { <-b.now() }

func (b *barrier) stands() bool {
	select {
	case <-b.now():
		return false
	default:
		return true
	}
}

func (b *barrier) raise() { b.set(true) }
func (b *barrier) lower() { b.set(false) }

func (b *barrier) set(stands bool) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	select {
	case <-b.open:
		if stands {
			b.open = make(chan struct{})
		}
	default:
		if !stands {
			close(b.open)
		}
	}
}

// Close closes all connections.
func (d *Relay) Close() {
	d.mutex.Lock()
	d.closed = true
	open := append([]net.Conn(nil), d.open...)
	d.mutex.Unlock()
	_ = d.listener.Close()
	close(d.doors)
	for _, b := range []*barrier{d.up.barrier, d.down.barrier, d.shut} {
		b.lower()
	}
	for _, c := range open {
		_ = c.Close()
	}
}
