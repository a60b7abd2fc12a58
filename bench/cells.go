package main

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// scale says how much each cell does.
type scale struct {
	smoke      bool          // tiny, and the counts are checked instead of taken for a while
	length     time.Duration // of one measurement
	crowd      int           // sessions of events and pipelines
	quiet      int           // sessions of the latency cell
	rate       int           // its acknowledgements per second, all sessions together
	idle       int           // sessions of the memory cell
	handshakes int
	requesters int
	transfer   int // bytes
}

var fullScale = scale{length: 3 * time.Second, crowd: 200, quiet: 1000, rate: 1000, idle: 4000,
	handshakes: 4000, requesters: 50, transfer: 1 << 30}

var smokeScale = scale{smoke: true, length: 300 * time.Millisecond, crowd: 20, quiet: 50, rate: 200, idle: 50,
	handshakes: 50, requesters: 10, transfer: 8 << 20}

const (
	pipeline  = 8
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
	run  func(*target, scale) (values, error)
}

// measures says whether the cell is for targets of that resume.mode; none is the default of all proxies.
func (c cell) measures(mode string) bool { return strings.HasPrefix(c.name, overhead) == (mode != "") }

func cells() []cell {
	rates := []string{perCPU, perWall, busy, jit}
	bySize := func(name string, size int, run func(*target, scale, int) (values, error)) cell {
		return cell{name, rates, func(t *target, n scale) (values, error) { return run(t, n, size) }}
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
		{"http download", rates, func(t *target, n scale) (values, error) { return transfer(t, n, false) }},
		{"http upload", rates, func(t *target, n scale) (values, error) { return transfer(t, n, true) }},
	}
}

// events lets the upstream send to all sessions as fast as they take it.
func events(t *target, n scale, size int) (values, error) {
	w := &crowd{loop: newLoop(), address: t.address}
	defer w.loop.release()
	defer w.close()
	if err := w.open(n.crowd); err != nil {
		return nil, err
	}
	received, sent := 0, event("s", size)
	w.each(func(_ *session, packet []byte) {
		if !carries(packet, sent) {
			w.fail(fmt.Errorf("%.80q … %d bytes instead of %d", packet, len(packet), size))
		}
		received++
	})
	count := 0
	if n.smoke {
		count = perSmoke
	}
	request := appendFrame(nil, opText, true, []byte(fmt.Sprintf(`42["stream",%d,%d]`, size, count)))
	for _, s := range w.sessions {
		s.conn.send(request)
	}
	return rated(w, t, n, &received)
}

// pingPong sends eight events on each session, and the next eight when all of them have come back.
func pingPong(t *target, n scale, size int) (values, error) {
	w := &crowd{loop: newLoop(), address: t.address}
	defer w.loop.release()
	defer w.close()
	if err := w.open(n.crowd); err != nil {
		return nil, err
	}
	sent := event("p", size)
	burst := bytes.Repeat(appendFrame(nil, opText, true, sent), pipeline)
	received := 0
	back := make(map[*session]*int, n.crowd)
	for _, s := range w.sessions {
		mine := new(int)
		back[s] = mine
		s.packet = func(s *session, packet []byte) {
			if !carries(packet, sent) {
				w.fail(fmt.Errorf("%.80q came back", packet))
			}
			received++
			if *mine++; *mine%pipeline == 0 && !(n.smoke && *mine >= perSmoke) {
				s.conn.send(burst)
			}
		}
		s.conn.send(burst)
	}
	return rated(w, t, n, &received)
}

// rated measures what is received; a smoke run waits for the exact count and a little for surplus.
func rated(w *crowd, t *target, n scale, received *int) (values, error) {
	if n.smoke {
		m, want := start(t), len(w.sessions)*perSmoke
		if err := w.run(20*time.Second, func() bool { return *received >= want }); err != nil {
			return nil, err
		}
		if err := w.run(50*time.Millisecond, never); err != nil {
			return nil, err
		}
		return m.rates(float64(*received)), expect(*received, want)
	}
	if err := w.run(settle, never); err != nil {
		return nil, err
	}
	m, before := start(t), *received
	if err := w.run(n.length, never); err != nil {
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
func latency(t *target, n scale) (values, error) {
	w := &crowd{loop: newLoop(), address: t.address}
	defer w.loop.release()
	defer w.close()
	if err := w.open(n.quiet); err != nil {
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
	w.each(func(_ *session, packet []byte) {
		end := bytes.IndexByte(packet, '[')
		id, err := strconv.Atoi(string(packet[2:max(2, end)]))
		if err != nil || string(packet[:2]) != "43" {
			w.fail(fmt.Errorf("unexpected acknowledgement %.80q", packet))
			return
		}
		times = append(times, time.Since(due(id)))
	})
	padding := string(event("a", 56)[2:])
	for i := 0; i < total && w.err == nil; {
		for ; i < total && !time.Now().Before(due(i)); i++ {
			packet := "42" + strconv.Itoa(i) + padding
			w.sessions[i%n.quiet].conn.send(appendFrame(nil, opText, true, []byte(packet)))
		}
		w.loop.poll(time.Until(due(i)))
	}
	if err := w.run(5*time.Second, func() bool { return len(times) >= total }); err != nil {
		return nil, err
	}
	if err := expect(len(times), total); err != nil {
		return nil, err
	}
	slices.Sort(times)
	return values{p50: quantile(times, 0.50), p99: quantile(times, 0.99)}, nil
}

// memory compares a fresh process, after some sessions that came and went, with the same one when
// many sessions are open and idle. A JVM collects its garbage before both readings.
func memory(t *target, n scale) (values, error) {
	if len(t.pids) == 0 {
		return values{}, nil
	}
	fresh, err := t.again()
	if err != nil {
		return nil, err
	}
	defer fresh.stop()
	for i := 0; i < 3; i++ {
		if _, err := pingPong(fresh, smokeScale.with(min(warmCrowd, n.idle)), 64); err != nil {
			return nil, err
		}
	}
	w := &crowd{loop: newLoop(), address: fresh.address}
	defer w.loop.release()
	defer w.close()
	heapBefore := fresh.collect()
	before := residentBytes(fresh.pids)
	if err := w.open(n.idle); err != nil {
		return nil, err
	}
	if err := w.run(2*settle, never); err != nil {
		return nil, err
	}
	heapAfter := fresh.collect()
	after := residentBytes(fresh.pids)
	sessions := float64(len(w.sessions))
	result := values{rss: (after - before) / sessions}
	if fresh.java != "" {
		result[live] = (heapAfter - heapBefore) / sessions
	}
	return result, nil
}

func (n scale) with(crowd int) scale {
	n.crowd = crowd
	return n
}

// connections opens sessions up to the answer to CONNECT and closes them, 32 at a time.
func connections(t *target, n scale) (values, error) {
	w := &crowd{loop: newLoop(), address: t.address}
	defer w.loop.release()
	m, started, done := start(t), 0, 0
	var next func()
	next = func() {
		if started == n.handshakes {
			return
		}
		started++
		w.dial(func(s *session) {
			done++
			s.close()
			next()
		})
	}
	for i := 0; i < 32; i++ {
		next()
	}
	err := w.run(60*time.Second, func() bool { return done == n.handshakes })
	if err == nil {
		err = expect(done, n.handshakes)
	}
	return m.rates(float64(done)), err
}
