package cells

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"dev.holdfast/bench/internal/client"
	"dev.holdfast/bench/internal/eventloop"
	"dev.holdfast/bench/internal/process"
	"dev.holdfast/bench/internal/procfs"
	"dev.holdfast/bench/internal/stats"
	"dev.holdfast/bench/internal/wire"
)

// Scale says how much each cell does.
type Scale struct {
	smoke      bool          // tiny, and the counts are checked instead of taken for a while
	length     time.Duration // of one measurement
	Crowd      int           // sessions of events and pipelines
	quiet      int           // sessions of the latency cell
	rate       int           // its acknowledgements per second, all sessions together
	idle       int           // sessions of the memory cell
	handshakes int
	requesters int
	transfer   int // bytes
}

var fullScale = Scale{length: 3 * time.Second, Crowd: 200, quiet: 1000, rate: 1000, idle: 4000,
	handshakes: 4000, requesters: 50, transfer: 1 << 30}

// SmokeScale is what a smoke run does.
var SmokeScale = Scale{smoke: true, length: 300 * time.Millisecond, Crowd: 20, quiet: 50, rate: 200, idle: 50,
	handshakes: 50, requesters: 10, transfer: 8 << 20}

const (
	Pipeline  = 8
	perSmoke  = 160 // events for each session of a smoke run, a multiple of the pipeline
	settle    = 300 * time.Millisecond
	warmCrowd = 200
	overhead  = "overhead"
)

// resumeModes are compared by the cells of the overhead.
var resumeModes = []string{"off", "marker", "argument"}

// cell is one line of the result: a load and the figures it gives.
type cell struct {
	name string
	rows []string
	run  func(*process.Target, Scale) (values, error)
}

// measures says whether the cell is for targets of that resume.mode; none is the default of all proxies.
func (c cell) measures(mode string) bool { return strings.HasPrefix(c.name, overhead) == (mode != "") }

func cells() []cell {
	rates := []string{PerCPU, perWall, busy, jit}
	bySize := func(name string, size int, run func(*process.Target, Scale, int) (values, error)) cell {
		return cell{name, rates, func(t *process.Target, n Scale) (values, error) { return run(t, n, size) }}
	}
	return []cell{
		{"latency", []string{p50, p99}, latency},
		bySize("events 64B", 64, events),
		bySize("events 1KiB", 1024, events),
		bySize(overhead+" 64B", 64, events),
		bySize(overhead+" 1KiB", 1024, events),
		bySize("ping-pong 64B", 64, pingPong),
		bySize("ping-pong 1KiB", 1024, pingPong),
		{"memory", []string{rss, live}, memory},
		{"connections", rates, connections},
		{"http requests", rates, requests},
		{"http download", rates, func(t *process.Target, n Scale) (values, error) { return transfer(t, n, false) }},
		{"http upload", rates, func(t *process.Target, n Scale) (values, error) { return transfer(t, n, true) }},
	}
}

// events lets the upstream send to all sessions as fast as they take it.
func events(t *process.Target, n Scale, size int) (values, error) {
	w := &client.Crowd{Loop: eventloop.New(), Address: t.Address}
	defer w.Loop.Release()
	defer w.Close()
	if err := w.Open(n.Crowd); err != nil {
		return nil, err
	}
	received, sent := 0, wire.Event("s", size)
	w.Each(func(_ *client.Session, packet []byte) {
		if !client.Carries(packet, sent) {
			w.Fail(fmt.Errorf("%.80q … %d bytes instead of %d", packet, len(packet), size))
		}
		received++
	})
	count := 0
	if n.smoke {
		count = perSmoke
	}
	request := wire.AppendFrame(nil, wire.OpText, true, []byte(fmt.Sprintf(`42["stream",%d,%d]`, size, count)))
	for _, s := range w.Sessions {
		s.Conn.Send(request)
	}
	return rated(w, t, n, &received)
}

// pingPong sends eight events on each session, and the next eight when all of them have come back.
func pingPong(t *process.Target, n Scale, size int) (values, error) {
	w := &client.Crowd{Loop: eventloop.New(), Address: t.Address}
	defer w.Loop.Release()
	defer w.Close()
	if err := w.Open(n.Crowd); err != nil {
		return nil, err
	}
	sent := wire.Event("p", size)
	burst := bytes.Repeat(wire.AppendFrame(nil, wire.OpText, true, sent), Pipeline)
	received := 0
	back := make(map[*client.Session]*int, n.Crowd)
	for _, s := range w.Sessions {
		mine := new(int)
		back[s] = mine
		s.Packet = func(s *client.Session, packet []byte) {
			if !client.Carries(packet, sent) {
				w.Fail(fmt.Errorf("%.80q came back", packet))
			}
			received++
			if *mine++; *mine%Pipeline == 0 && !(n.smoke && *mine >= perSmoke) {
				s.Conn.Send(burst)
			}
		}
		s.Conn.Send(burst)
	}
	return rated(w, t, n, &received)
}

// rated measures what is received; a smoke run waits for the exact count and a little for surplus.
func rated(w *client.Crowd, t *process.Target, n Scale, received *int) (values, error) {
	if n.smoke {
		m, want := start(t), len(w.Sessions)*perSmoke
		if err := w.Run(20*time.Second, func() bool { return *received >= want }); err != nil {
			return nil, err
		}
		if err := w.Run(50*time.Millisecond, eventloop.Never); err != nil {
			return nil, err
		}
		return m.rates(float64(*received)), expect(*received, want)
	}
	if err := w.Run(settle, eventloop.Never); err != nil {
		return nil, err
	}
	m, before := start(t), *received
	if err := w.Run(n.length, eventloop.Never); err != nil {
		return nil, err
	}
	return m.rates(float64(*received - before)), nil
}

func expect(got, want int) error {
	if got != want {
		return fmt.Errorf("%d received, %d expected", got, want)
	}
	return nil
}

// latency sends events with an ack id on a fixed schedule, whatever the answers do, and takes each
// time from the scheduled moment, so that a stall counts for all that it delayed.
func latency(t *process.Target, n Scale) (values, error) {
	w := &client.Crowd{Loop: eventloop.New(), Address: t.Address}
	defer w.Loop.Release()
	defer w.Close()
	if err := w.Open(n.quiet); err != nil {
		return nil, err
	}
	interval := time.Second / time.Duration(n.rate)
	length := n.length
	if !n.smoke {
		length = 2 * n.length
	}
	total := int(length / interval)
	times := make([]time.Duration, 0, total)
	began := time.Now().Add(settle)
	due := func(i int) time.Time { return began.Add(time.Duration(i) * interval) }
	w.Each(func(_ *client.Session, packet []byte) {
		end := bytes.IndexByte(packet, '[')
		id, err := strconv.Atoi(string(packet[2:max(2, end)]))
		if err != nil || string(packet[:2]) != "43" {
			w.Fail(fmt.Errorf("unexpected acknowledgement %.80q", packet))
			return
		}
		times = append(times, time.Since(due(id)))
	})
	padding := string(wire.Event("a", 56)[2:])
	for i := 0; i < total && w.Err == nil; {
		for ; i < total && !time.Now().Before(due(i)); i++ {
			packet := "42" + strconv.Itoa(i) + padding
			w.Sessions[i%n.quiet].Conn.Send(wire.AppendFrame(nil, wire.OpText, true, []byte(packet)))
		}
		w.Loop.Poll(time.Until(due(i)))
	}
	if err := w.Run(5*time.Second, func() bool { return len(times) >= total }); err != nil {
		return nil, err
	}
	if err := expect(len(times), total); err != nil {
		return nil, err
	}
	slices.Sort(times)
	return values{p50: stats.Quantile(times, 0.50), p99: stats.Quantile(times, 0.99)}, nil
}

// memory compares a fresh process, after some sessions that came and went, with the same one when
// many sessions are open and idle. A JVM collects its garbage before both readings.
func memory(t *process.Target, n Scale) (values, error) {
	if len(t.Pids) == 0 {
		return values{}, nil
	}
	fresh, err := t.Again()
	if err != nil {
		return nil, err
	}
	defer fresh.Stop()
	for i := 0; i < 3; i++ {
		if _, err := pingPong(fresh, SmokeScale.with(min(warmCrowd, n.idle)), 64); err != nil {
			return nil, err
		}
	}
	w := &client.Crowd{Loop: eventloop.New(), Address: fresh.Address}
	defer w.Loop.Release()
	defer w.Close()
	heapBefore := fresh.Collect()
	before := procfs.ResidentBytes(fresh.Pids)
	if err := w.Open(n.idle); err != nil {
		return nil, err
	}
	if err := w.Run(2*settle, eventloop.Never); err != nil {
		return nil, err
	}
	heapAfter := fresh.Collect()
	after := procfs.ResidentBytes(fresh.Pids)
	sessions := float64(len(w.Sessions))
	result := values{rss: (after - before) / sessions}
	if fresh.Java != "" {
		result[live] = (heapAfter - heapBefore) / sessions
	}
	return result, nil
}

func (n Scale) with(crowd int) Scale {
	n.Crowd = crowd
	return n
}

// connections opens sessions up to the answer to CONNECT and closes them, 32 at a time.
func connections(t *process.Target, n Scale) (values, error) {
	w := &client.Crowd{Loop: eventloop.New(), Address: t.Address}
	defer w.Loop.Release()
	m, started, done := start(t), 0, 0
	var next func()
	next = func() {
		if started == n.handshakes {
			return
		}
		started++
		w.Dial(func(s *client.Session) {
			done++
			s.Close()
			next()
		})
	}
	for i := 0; i < 32; i++ {
		next()
	}
	err := w.Run(60*time.Second, func() bool { return done == n.handshakes })
	if err == nil {
		err = expect(done, n.handshakes)
	}
	return m.rates(float64(done)), err
}
