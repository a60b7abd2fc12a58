package relay

import (
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"dev.holdfast/bench/internal/must"
)

// wire is a relay with one connection through it, and both of its ends.
type wire struct {
	t        *testing.T
	relay    *Relay
	listener net.Listener
	near     *net.TCPConn // dialled
	far      *net.TCPConn // accepted
}

func newWire(t *testing.T) *wire {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must.Do(err)
	w := &wire{t: t, relay: New(listener.Addr().String()), listener: listener}
	t.Cleanup(func() {
		w.relay.Close()
		_ = listener.Close()
	})
	w.near = w.dial(time.Second)
	w.far = w.accept()
	return w
}

func (w *wire) dial(limit time.Duration) *net.TCPConn {
	c, err := net.DialTimeout("tcp", w.relay.Address(), limit)
	if err != nil {
		return nil
	}
	w.t.Cleanup(func() { _ = c.Close() })
	return c.(*net.TCPConn)
}

func (w *wire) accept() *net.TCPConn {
	c, err := w.listener.Accept()
	must.Do(err)
	w.t.Cleanup(func() { _ = c.Close() })
	return c.(*net.TCPConn)
}

func say(c net.Conn, text string) {
	_, err := io.WriteString(c, text)
	must.Do(err)
}

// hear is what comes within that long, or why nothing does.
func hear(c net.Conn, limit time.Duration) (string, error) {
	must.Do(c.SetReadDeadline(time.Now().Add(limit)))
	data := make([]byte, 100)
	n, err := c.Read(data)
	return string(data[:n]), err
}

func (w *wire) expect(c net.Conn, want string) {
	w.t.Helper()
	if got, err := hear(c, 5*time.Second); got != want {
		w.t.Errorf("%q, %v instead of %q", got, err, want)
	}
}

func (w *wire) expectNothing(c net.Conn) {
	w.t.Helper()
	var timeout net.Error
	if got, err := hear(c, 150*time.Millisecond); !errors.As(err, &timeout) || !timeout.Timeout() {
		w.t.Errorf("%q, %v instead of nothing", got, err)
	}
}

func TestEachWayIsHeldForItsTime(t *testing.T) {
	w := newWire(t)
	w.relay.Hold(80*time.Millisecond, 40*time.Millisecond)
	began := time.Now()
	say(w.near, "there")
	w.expect(w.far, "there")
	there := time.Since(began)
	say(w.far, "back")
	w.expect(w.near, "back")

	if back := time.Since(began) - there; there < 80*time.Millisecond || back < 40*time.Millisecond {
		t.Errorf("%v there, %v back", there, back)
	}
}

func TestWhatIsKeptArrivesWhenTheCutIsOver(t *testing.T) {
	w := newWire(t)
	w.relay.Cut(Kept, Uncut)
	say(w.near, "up")
	say(w.far, "down")
	w.expect(w.near, "down")
	w.expectNothing(w.far)

	w.relay.Cut(Uncut, Uncut)

	w.expect(w.far, "up")
}

func TestWhatIsLostNeverArrivesAndNobodyHearsOfIt(t *testing.T) {
	w := newWire(t)
	w.relay.Cut(Uncut, Lost)
	say(w.far, "down")
	w.expectNothing(w.near)
	w.relay.Cut(Uncut, Uncut)
	say(w.far, "later")
	_ = w.far.CloseWrite()
	w.expectNothing(w.near)

	say(w.near, "up")

	w.expect(w.far, "up")
}

func TestConnectionThatWasIdleInALossyCutGoesOn(t *testing.T) {
	w := newWire(t)
	w.relay.Cut(Lost, Lost)
	w.relay.Cut(Uncut, Uncut)

	say(w.near, "up")

	w.expect(w.far, "up")
}

func TestNoConnectionIsOpenedDuringACut(t *testing.T) {
	w := newWire(t)
	w.relay.Cut(Uncut, Kept)
	time.Sleep(6 * fillLimit) // until the queue is full
	if w.dial(fillLimit) != nil {
		t.Error("a connection was opened")
	}
	dialled := make(chan *net.TCPConn)
	go func() { dialled <- w.dial(10 * time.Second) }()
	time.Sleep(100 * time.Millisecond)

	w.relay.Cut(Uncut, Uncut)

	near := <-dialled
	if near == nil {
		t.Fatal("who asks again is not connected")
	}
	say(near, "hello")
	w.expect(w.accept(), "hello")
}

func TestEndsAreToldAsTheyCome(t *testing.T) {
	w := newWire(t)
	_ = w.near.CloseWrite()
	if _, err := hear(w.far, 5*time.Second); err != io.EOF {
		t.Errorf("%v after FIN", err)
	}
	say(w.far, "half open")
	w.expect(w.near, "half open")

	reset(w.far)

	if _, err := hear(w.near, 5*time.Second); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%v after RST", err)
	}
}

func TestResetDoesNotGetThroughACut(t *testing.T) {
	w := newWire(t)
	w.relay.Cut(Kept, Uncut)
	reset(w.near)
	time.Sleep(50 * time.Millisecond)
	say(w.far, "into the void")
	w.expectNothing(w.far)

	w.relay.Cut(Uncut, Uncut)

	if _, err := hear(w.far, 5*time.Second); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%v after the cut", err)
	}
}
