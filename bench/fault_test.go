package main

import (
	"bytes"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"
)

// TestMain lets this test program be the upstream, too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "upstream" {
		serveUpstream(os.Args[2:])
	}
	os.Exit(m.Run())
}

// relay stands where a gateway would and makes what it passes worse. A fault is given each packet of a
// numbered event, or each answer, and says what is passed in its place.
type relay struct {
	listener net.Listener
	upstream string
	mutex    sync.Mutex
	down, up func(n int, packet []byte) [][]byte
}

func newRelay(t *testing.T, upstream string) *relay {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	t.Cleanup(func() { _ = listener.Close() })
	same := func(_ int, packet []byte) [][]byte { return [][]byte{packet} }
	r := &relay{listener: listener, upstream: upstream, down: same, up: same}
	go r.serve()
	return r
}

func (r *relay) serve() {
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", r.upstream)
		must(err)
		go r.pass(client, server, true, func(packet []byte) [][]byte {
			if packet[1] != '3' {
				return [][]byte{packet}
			}
			id, _ := leadingNumber(packet[2:])
			return r.up(id, packet)
		})
		go r.pass(server, client, false, func(packet []byte) [][]byte {
			e, ok := readEvent(packet[2:])
			if packet[1] != '2' || !ok || e.n < 0 {
				return [][]byte{packet}
			}
			return r.down(e.n, packet)
		})
	}
}

// pass copies the head of HTTP, then frame by frame.
func (r *relay) pass(from, to net.Conn, masked bool, fault func([]byte) [][]byte) {
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
		for f := nextFrame(data); f.size > 0; f = nextFrame(data) {
			f.unmask(data)
			r.write(to, f, masked, fault)
			data = data[f.size:]
		}
	}
}

func (r *relay) write(to io.Writer, f frame, masked bool, fault func([]byte) [][]byte) {
	packets := [][]byte{f.payload}
	if f.op == opText && len(f.payload) > 1 && f.payload[0] == '4' {
		r.mutex.Lock()
		packets = fault(bytes.Clone(f.payload))
		r.mutex.Unlock()
	}
	for _, packet := range packets {
		_, _ = to.Write(appendFrame(nil, f.op, masked, packet))
	}
}

// trialOf sends events to a page behind a relay with a fault, cutting nothing.
func trialOf(t *testing.T, worsen func(*relay)) outcome {
	t.Helper()
	t.Parallel()
	s, err := startSource(goUpstream(), 0)
	must(err)
	defer s.stop()
	r := newRelay(t, s.address())
	worsen(r)
	w := newAudience(s, r.listener.Addr().String(), true, 1, 1)
	defer w.close()
	if err := w.open(); err != nil {
		t.Fatal(err)
	}
	var plans []plan
	for n := 0; n < 20; n++ {
		kind := [4]byte{endsObject, endsNumber, endsText, asksAnswer}[n%4]
		plans = append(plans, plan{0, 0, kind, 32 << (n % 8)})
	}
	w.emit(plans)
	w.settle(300 * time.Millisecond)
	return w.ledger.sum()
}

func TestAFaultlessServerIsGivenNoFault(t *testing.T) {
	o := trialOf(t, func(*relay) {})

	if o.Received != 20 || o.Once != 5 || o.Lost+o.Repeated+o.Reordered+o.Damaged+o.Strange+o.Never+o.Twice+o.Crossed+o.Again != 0 {
		t.Errorf("%+v", o)
	}
}

func TestLossIsSeen(t *testing.T) {
	o := trialOf(t, func(r *relay) {
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
	o := trialOf(t, func(r *relay) {
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
	o := trialOf(t, func(r *relay) {
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
	o := trialOf(t, func(r *relay) {
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
	o := trialOf(t, func(r *relay) {
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
	o := trialOf(t, func(r *relay) {
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
