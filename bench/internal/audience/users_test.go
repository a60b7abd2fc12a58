package audience

import (
	"testing"
	"time"

	"dev.holdfast/bench/internal/client"
	"dev.holdfast/bench/internal/eventloop"
	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/openwebui"
	"dev.holdfast/bench/internal/relay"
)

// tallyOf sends events to the three tabs of one user behind a relay with a fault.
func tallyOf(t *testing.T, worsen func(*worsening)) Tally {
	t.Helper()
	t.Parallel()
	s, err := openwebui.Start(openwebui.StandIn(), 0)
	must.Do(err)
	defer s.Stop()
	r := newWorsening(t, s.Address())
	worsen(r)
	w := NewUsers(r.listener.Addr().String(), 1, 1, s)
	defer w.Close()
	if err := w.Open(); err != nil {
		t.Fatal(err)
	}
	w.Begin(50)
	w.Run(time.Minute, func() bool { return len(w.Rooms[0]) >= 20 })
	w.End()
	return w.Sum()
}

func TestEveryTabOfAUserGetsEachEventOnce(t *testing.T) {
	s := tallyOf(t, func(*worsening) {})

	if s.Expected < 3*20 || s.Lost+s.Repeated+s.Reordered+s.Damaged+s.Strange+s.Drops != 0 {
		t.Errorf("%+v", s)
	}
}

func TestAnEventThatOneTabMissesIsLost(t *testing.T) {
	missed := false
	s := tallyOf(t, func(r *worsening) {
		r.down = func(n int, packet []byte) [][]byte {
			if n == 5 && !missed {
				missed = true
				return nil
			}
			return [][]byte{packet}
		}
	})

	if s.Lost != 1 || s.Repeated+s.Reordered+s.Damaged != 0 {
		t.Errorf("%+v", s)
	}
}

func TestEventsThatTabsGetTwiceOrLateAreSeen(t *testing.T) {
	var held []byte
	s := tallyOf(t, func(r *worsening) {
		r.down = func(n int, packet []byte) [][]byte {
			switch n {
			case 4:
				return [][]byte{packet, packet}
			case 8:
				held = packet
				return nil
			case 9:
				return [][]byte{packet, held}
			}
			return [][]byte{packet}
		}
	})

	if s.Repeated != TabsOfUser || s.Reordered != TabsOfUser || s.Lost+s.Damaged != 0 {
		t.Errorf("%+v", s)
	}
}

func TestRoomIsThatOfTheUserInTheToken(t *testing.T) {
	for packet, want := range map[string]int{
		`40{"token":"` + client.TokenOf(17) + `"}`:            17,
		`40{"token":"` + client.TokenOf(17) + `","client":3}`: 3,
		`40{"pid":"a.b","token":"` + client.TokenOf(0) + `"}`: 0,
		`40{"token":"bench"}`:                                 -1,
		`40`:                                                  -1,
	} {
		if got := openwebui.ClientOf([]byte(packet)); got != want {
			t.Errorf("%s: %d, not %d", packet, got, want)
		}
	}
}

func TestMessagesOfASubscriptionAreReadWholly(t *testing.T) {
	text := "*3\r\n$9\r\nsubscribe\r\n$11\r\nbench:rooms\r\n:1\r\n" +
		"*3\r\n$7\r\nmessage\r\n$11\r\nbench:rooms\r\n$9\r\n0 0 o 32\n\r\n"
	data, first := []byte(text), 0
	for end := range data {
		if message, size := openwebui.NextMessage(data[:end]); size > 0 {
			first = size
			if len(message) > 0 {
				t.Errorf("a subscription is no message: %q", message)
			}
			break
		}
	}
	message, size := openwebui.NextMessage(data[first:])
	if string(message) != "0 0 o 32\n" || first+size != len(data) {
		t.Errorf("%q, %d of %d bytes", message, first+size, len(data))
	}
	if _, size := openwebui.NextMessage(data[first : len(data)-1]); size != 0 {
		t.Errorf("half a message was read")
	}
}

// withUser is three tabs of one user behind a relay, with 50 events a second.
func withUser(t *testing.T, do func(w *Users, d *relay.Relay)) {
	t.Helper()
	t.Parallel()
	s, err := openwebui.Start(openwebui.StandIn(), 0)
	must.Do(err)
	defer s.Stop()
	d := relay.New(s.Address())
	defer d.Close()
	w := NewUsers(d.Address(), 1, 1, s)
	defer w.Close()
	if err := w.Open(); err != nil {
		t.Fatal(err)
	}
	w.Begin(50)
	do(w, d)
}

func TestTabsThatGetNothingAreDead(t *testing.T) {
	withUser(t, func(w *Users, d *relay.Relay) {
		if alive := w.Dead(5 * time.Second); len(alive) != 0 {
			t.Errorf("%d tabs are dead though they get events", len(alive))
		}
		d.Cut(relay.Uncut, relay.Lost)
		w.Run(200*time.Millisecond, eventloop.Never)
		d.Cut(relay.Uncut, relay.Uncut)

		if dead := w.Dead(500 * time.Millisecond); len(dead) != TabsOfUser {
			t.Errorf("%d of %d tabs are dead", len(dead), TabsOfUser)
		}
	})
}

func TestLossBeforeAFreshSessionIsNotSilent(t *testing.T) {
	withUser(t, func(w *Users, _ *relay.Relay) {
		w.Run(200*time.Millisecond, eventloop.Never)
		for _, tab := range w.Tabs {
			w.Cut(tab, client.Cut{Way: client.ByReset}, 200*time.Millisecond)
		}
		w.Run(OpenLimit, w.AllOpen)
		w.End()

		if s := w.Sum(); s.Fresh != TabsOfUser || s.Cuts != TabsOfUser || s.Drops != 0 || s.Lost == 0 || s.Silent != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestLossWithoutAFreshSessionIsSilent(t *testing.T) {
	s := tallyOf(t, func(r *worsening) {
		r.down = func(n int, packet []byte) [][]byte {
			if n == 5 {
				return nil
			}
			return [][]byte{packet}
		}
	})

	if s.Silent != TabsOfUser || s.Lost != TabsOfUser {
		t.Errorf("%+v", s)
	}
}
