package compare

import (
	"io"
	"net"
	"sync/atomic"
	"testing"

	"dev.holdfast/bench/internal/client"
	"dev.holdfast/bench/internal/eventloop"
	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/process"
	"dev.holdfast/bench/internal/wire"
)

// pipe passes what the upstream says in reads of that many bytes at most, and counts it.
func pipe(t *testing.T, upstream string, most int) (address string, passed *atomic.Int64) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must.Do(err)
	t.Cleanup(func() { _ = listener.Close() })
	passed = new(atomic.Int64)
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", upstream)
			must.Do(err)
			go func() {
				defer server.Close()
				_, _ = io.Copy(server, client)
			}()
			go func() {
				defer client.Close()
				buffer := make([]byte, most)
				for {
					n, err := server.Read(buffer)
					if err != nil {
						return
					}
					passed.Add(int64(n))
					_, _ = client.Write(buffer[:n])
				}
			}()
		}
	}()
	return listener.Addr().String(), passed
}

// halves opens a crowd of which one half is before each address.
func halves(t *testing.T, addresses ...string) *client.Crowd {
	w := &client.Crowd{Loop: eventloop.New()}
	t.Cleanup(func() {
		w.Close()
		w.Loop.Release()
	})
	for _, w.Address = range addresses {
		must.Do(w.Open(10))
	}
	return w
}

func TestTheSlowerHalfIsOfferedAsManyEventsAsTheOther(t *testing.T) {
	for name, x := range map[string]exchange{"streamed": streamed(64, 500), "echoed": echoed(64, 8)} {
		t.Run(name, func(t *testing.T) {
			upstream := process.StartUpstream(nil)
			defer upstream.Stop()
			fast, ofFast := pipe(t, upstream.Address, 64<<10)
			slow, ofSlow := pipe(t, upstream.Address, 100)
			w := halves(t, fast, slow)
			before := [2]int64{ofFast.Load(), ofSlow.Load()}

			events, err := inStep(w, x, 50*x.count)

			want := int64(events * (len(x.event) + 2)) // with the header of a frame
			if err != nil || events < 50*x.count || ofFast.Load()-before[0] != want || ofSlow.Load()-before[1] != want {
				t.Errorf("%d events: %d and %d bytes instead of %d, %v", events, ofFast.Load()-before[0], ofSlow.Load()-before[1], want, err)
			}
		})
	}
}

func TestTheSlowerSideOpensAndAsksAsOftenAsTheOther(t *testing.T) {
	for name, load := range map[string]paced{"connections": openedInStep, "http requests": askedInStep} {
		t.Run(name, func(t *testing.T) {
			upstream := process.StartUpstream(nil)
			defer upstream.Stop()
			fast, ofFast := pipe(t, upstream.Address, 64<<10)
			slow, ofSlow := pipe(t, upstream.Address, 10)
			w := &client.Crowd{Loop: eventloop.New()}
			defer w.Loop.Release()

			done, err := load(w, [2]string{fast, slow}, 200)

			if err != nil || done < 200 || done > 200+askers || ofFast.Load() < 200 || ofFast.Load() != ofSlow.Load() {
				t.Errorf("%d of 200: %d and %d bytes, %v", done, ofFast.Load(), ofSlow.Load(), err)
			}
		})
	}
}

func TestSurplusEventsAreSeen(t *testing.T) {
	upstream := process.StartUpstream(nil)
	defer upstream.Stop()
	w, x := halves(t, upstream.Address, upstream.Address), streamed(64, 5)
	x.count = 4

	if _, err := inStep(w, x, 1); err == nil {
		t.Error("nothing is wrong")
	}
}

func TestEventsOfAnotherContentAreSeen(t *testing.T) {
	upstream := process.StartUpstream(nil)
	defer upstream.Stop()
	w, x := halves(t, upstream.Address, upstream.Address), streamed(64, 5)
	x.event = wire.Event("s", 65)

	if _, err := inStep(w, x, 1); err == nil {
		t.Error("nothing is wrong")
	}
}
