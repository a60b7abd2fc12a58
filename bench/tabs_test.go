package main

import (
	"testing"
	"time"
)

// tallyOf sends events to the three tabs of one user behind a relay with a fault.
func tallyOf(t *testing.T, worsen func(*relay)) tally {
	t.Helper()
	t.Parallel()
	s, err := startSource(goUpstream(), 0)
	must(err)
	defer s.stop()
	r := newRelay(t, s.address())
	worsen(r)
	w := newUsers(r.listener.Addr().String(), 1, 1, s)
	defer w.close()
	if err := w.open(); err != nil {
		t.Fatal(err)
	}
	w.begin(50)
	w.run(time.Minute, func() bool { return len(w.rooms[0]) >= 20 })
	w.end()
	return w.sum()
}

func TestEveryTabOfAUserGetsEachEventOnce(t *testing.T) {
	s := tallyOf(t, func(*relay) {})

	if s.Expected < 3*20 || s.Lost+s.Repeated+s.Reordered+s.Damaged+s.Strange+s.Drops != 0 {
		t.Errorf("%+v", s)
	}
}

func TestAnEventThatOneTabMissesIsLost(t *testing.T) {
	missed := false
	s := tallyOf(t, func(r *relay) {
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
	s := tallyOf(t, func(r *relay) {
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

	if s.Repeated != tabsOfUser || s.Reordered != tabsOfUser || s.Lost+s.Damaged != 0 {
		t.Errorf("%+v", s)
	}
}

func TestRoomIsThatOfTheUserInTheToken(t *testing.T) {
	for packet, want := range map[string]int{
		`40{"token":"` + tokenOf(17) + `"}`:            17,
		`40{"token":"` + tokenOf(17) + `","client":3}`: 3,
		`40{"pid":"a.b","token":"` + tokenOf(0) + `"}`: 0,
		`40{"token":"bench"}`:                          -1,
		`40`:                                           -1,
	} {
		if got := clientOf([]byte(packet)); got != want {
			t.Errorf("%s: %d, not %d", packet, got, want)
		}
	}
}

func TestMessagesOfASubscriptionAreReadWholly(t *testing.T) {
	text := "*3\r\n$9\r\nsubscribe\r\n$11\r\nbench:rooms\r\n:1\r\n" +
		"*3\r\n$7\r\nmessage\r\n$11\r\nbench:rooms\r\n$9\r\n0 0 o 32\n\r\n"
	data, first := []byte(text), 0
	for end := range data {
		if message, size := nextMessage(data[:end]); size > 0 {
			first = size
			if len(message) > 0 {
				t.Errorf("a subscription is no message: %q", message)
			}
			break
		}
	}
	message, size := nextMessage(data[first:])
	if string(message) != "0 0 o 32\n" || first+size != len(data) {
		t.Errorf("%q, %d of %d bytes", message, first+size, len(data))
	}
	if _, size := nextMessage(data[first : len(data)-1]); size != 0 {
		t.Errorf("half a message was read")
	}
}

// withUser is three tabs of one user behind a relay, with 50 events a second.
func withUser(t *testing.T, do func(w *users, d *delay)) {
	t.Helper()
	t.Parallel()
	s, err := startSource(goUpstream(), 0)
	must(err)
	defer s.stop()
	d := newDelay(s.address())
	defer d.close()
	w := newUsers(d.address(), 1, 1, s)
	defer w.close()
	if err := w.open(); err != nil {
		t.Fatal(err)
	}
	w.begin(50)
	do(w, d)
}

func TestTabsThatGetNothingAreDead(t *testing.T) {
	withUser(t, func(w *users, d *delay) {
		if alive := w.dead(5 * time.Second); len(alive) != 0 {
			t.Errorf("%d tabs are dead though they get events", len(alive))
		}
		d.cut(uncut, lost)
		w.run(200*time.Millisecond, never)
		d.cut(uncut, uncut)

		if dead := w.dead(500 * time.Millisecond); len(dead) != tabsOfUser {
			t.Errorf("%d of %d tabs are dead", len(dead), tabsOfUser)
		}
	})
}

func TestLossBeforeAFreshSessionIsNotSilent(t *testing.T) {
	withUser(t, func(w *users, _ *delay) {
		w.run(200*time.Millisecond, never)
		for _, tab := range w.tabs {
			w.cut(tab, cut{way: byReset}, 200*time.Millisecond)
		}
		w.run(openLimit, w.allOpen)
		w.end()

		if s := w.sum(); s.Fresh != tabsOfUser || s.Cuts != tabsOfUser || s.Drops != 0 || s.Lost == 0 || s.Silent != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestLossWithoutAFreshSessionIsSilent(t *testing.T) {
	s := tallyOf(t, func(r *relay) {
		r.down = func(n int, packet []byte) [][]byte {
			if n == 5 {
				return nil
			}
			return [][]byte{packet}
		}
	})

	if s.Silent != tabsOfUser || s.Lost != tabsOfUser {
		t.Errorf("%+v", s)
	}
}
