package audience

import (
	"bytes"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/openwebui"
	"dev.holdfast/bench/internal/wire"
)

// TestMain lets this test program be the upstream, too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "upstream" {
		openwebui.Serve(os.Args[2:])
	}
	os.Exit(m.Run())
}

// worsening stands where a gateway would and makes what it passes worse. A fault is given each packet of a
// numbered event, or each answer, and says what is passed in its place.
type worsening struct {
	listener net.Listener
	upstream string
	mutex    sync.Mutex
	down, up func(n int, packet []byte) [][]byte
}

func newWorsening(t *testing.T, upstream string) *worsening {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must.Do(err)
	t.Cleanup(func() { _ = listener.Close() })
	same := func(_ int, packet []byte) [][]byte { return [][]byte{packet} }
	r := &worsening{listener: listener, upstream: upstream, down: same, up: same}
	go r.serve()
	return r
}

func (r *worsening) serve() {
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", r.upstream)
		must.Do(err)
		go r.pass(client, server, true, func(packet []byte) [][]byte {
			if packet[1] != '3' {
				return [][]byte{packet}
			}
			id, _ := wire.LeadingNumber(packet[2:])
			return r.up(id, packet)
		})
		go r.pass(server, client, false, func(packet []byte) [][]byte {
			e, ok := wire.ReadEvent(packet[2:])
			if packet[1] != '2' || !ok || e.N < 0 {
				return [][]byte{packet}
			}
			return r.down(e.N, packet)
		})
	}
}

// pass copies the head of HTTP, then frame by frame.
func (r *worsening) pass(from, to net.Conn, masked bool, fault func([]byte) [][]byte) {
	defer from.Close()
	defer to.Close()
	var data []byte
	buffer, upgraded := make([]byte, 64<<10), false
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		data = append(data, buffer[:n]...)
		if !upgraded {
			end := bytes.Index(data, []byte("\r\n\r\n"))
			if end < 0 {
				continue
			}
			_, _ = to.Write(data[:end+4])
			data, upgraded = data[end+4:], true
		}
		for f := wire.NextFrame(data); f.Size > 0; f = wire.NextFrame(data) {
			f.Unmask(data)
			r.write(to, f, masked, fault)
			data = data[f.Size:]
		}
	}
}

func (r *worsening) write(to io.Writer, f wire.Frame, masked bool, fault func([]byte) [][]byte) {
	packets := [][]byte{f.Payload}
	if f.Op == wire.OpText && len(f.Payload) > 1 && f.Payload[0] == '4' {
		r.mutex.Lock()
		packets = fault(bytes.Clone(f.Payload))
		r.mutex.Unlock()
	}
	for _, packet := range packets {
		_, _ = to.Write(wire.AppendFrame(nil, f.Op, masked, packet))
	}
}

// trialOf sends events to a page behind a relay with a fault, cutting nothing.
func trialOf(t *testing.T, worsen func(*worsening)) Outcome {
	t.Helper()
	t.Parallel()
	s, err := openwebui.Start(openwebui.StandIn(), 0)
	must.Do(err)
	defer s.Stop()
	r := newWorsening(t, s.Address())
	worsen(r)
	w := New(s, r.listener.Addr().String(), true, 1, 1)
	defer w.Close()
	if err := w.Open(); err != nil {
		t.Fatal(err)
	}
	var plans []Plan
	for n := 0; n < 20; n++ {
		kind := [4]byte{wire.EndsObject, wire.EndsNumber, wire.EndsText, wire.AsksAnswer}[n%4]
		plans = append(plans, Plan{0, 0, kind, 32 << (n % 8)})
	}
	w.Emit(plans)
	w.Settle(300 * time.Millisecond)
	return w.Ledger.Sum()
}

func TestAFaultlessServerIsGivenNoFault(t *testing.T) {
	o := trialOf(t, func(*worsening) {})

	if o.Received != 20 || o.Once != 5 || o.Lost+o.Repeated+o.Reordered+o.Damaged+o.Strange+o.Never+o.Twice+o.Crossed+o.Again != 0 {
		t.Errorf("%+v", o)
	}
}

func TestLossIsSeen(t *testing.T) {
	o := trialOf(t, func(r *worsening) {
		r.down = func(n int, packet []byte) [][]byte {
			if n == 5 || n == 7 {
				return nil
			}
			return [][]byte{packet}
		}
	})

	if o.Lost != 2 || o.Received != 18 || o.Never != 1 || o.Reordered != 0 {
		t.Errorf("%+v", o)
	}
}

func TestRepetitionIsSeen(t *testing.T) {
	o := trialOf(t, func(r *worsening) {
		r.down = func(n int, packet []byte) [][]byte {
			if n == 6 {
				return [][]byte{packet, packet}
			}
			return [][]byte{packet}
		}
	})

	if o.Repeated != 1 || o.Lost != 0 || o.Reordered != 0 {
		t.Errorf("%+v", o)
	}
}

func TestReorderingIsSeen(t *testing.T) {
	o := trialOf(t, func(r *worsening) {
		held := []byte(nil)
		r.down = func(n int, packet []byte) [][]byte {
			switch n {
			case 8:
				held = packet
				return nil
			case 9:
				return [][]byte{packet, held}
			}
			return [][]byte{packet}
		}
	})

	if o.Reordered != 1 || o.Lost != 0 || o.Repeated != 0 {
		t.Errorf("%+v", o)
	}
}

func TestSecondAnswersAreSeen(t *testing.T) {
	o := trialOf(t, func(r *worsening) {
		r.up = func(id int, packet []byte) [][]byte {
			if id == 2 {
				return [][]byte{packet, packet}
			}
			return [][]byte{packet}
		}
	})

	if o.Twice != 1 || o.Once != 4 || o.Never != 0 {
		t.Errorf("%+v", o)
	}
}

func TestAnswersThatReachAnotherCallAreSeen(t *testing.T) {
	o := trialOf(t, func(r *worsening) {
		r.up = func(id int, packet []byte) [][]byte {
			if id == 2 {
				return [][]byte{bytes.Replace(packet, []byte("432["), []byte("434["), 1)}
			}
			return [][]byte{packet}
		}
	})

	if o.Crossed != 1 || o.Never != 1 {
		t.Errorf("%+v", o)
	}
}

func TestDamageIsSeen(t *testing.T) {
	o := trialOf(t, func(r *worsening) {
		r.down = func(n int, packet []byte) [][]byte {
			if n == 4 {
				packet = bytes.Replace(packet, []byte("fgh"), []byte("fgg"), 1)
			}
			return [][]byte{packet}
		}
	})

	if o.Damaged != 1 || o.Lost != 0 {
		t.Errorf("%+v", o)
	}
}
