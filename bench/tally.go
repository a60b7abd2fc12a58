package main

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// tally is what became of the events and connections of all tabs.
type tally struct {
	Expected  int `json:"expected"`
	Lost      int `json:"lost"`
	Silent    int `json:"lostSilently"` // no fresh session and no second CONNECT reply stands where they are missing
	Repeated  int `json:"repeated"`
	Reordered int `json:"reordered"`
	Damaged   int `json:"damaged"`
	Strange   int `json:"strange"`
	Cuts      int `json:"connectionsCut"`
	Drops     int `json:"connectionsLost"`
	Failed    int `json:"failedAttempts"`
	Recovered int `json:"recovered"`
	Fresh     int `json:"freshSessions"`
	Moved     int `json:"sidsChanged"`
}

func (w *users) sum() tally {
	var s tally
	for _, t := range w.tabs {
		end := len(w.rooms[t.user])
		if t.until >= 0 {
			end = t.until
		}
		s.Expected += max(0, end-max(0, t.from))
		s.Lost += len(w.missing(t))
		s.Silent += len(w.silent(t))
		s.Repeated += t.repeated
		s.Reordered += t.reordered
		s.Damaged += t.damaged
		s.Strange += t.strange
		s.Cuts += t.cuts
		s.Drops += t.drops
		s.Failed += t.failed
		s.Recovered += t.recovered
		s.Fresh += t.fresh
		s.Moved += t.moved
	}
	return s
}

// unharmed are the bounds on events that hold whatever happens to nodes and Redis, short of a crash.
func (s tally) unharmed() []string {
	return missed(atMost("lost", s.Lost, 0), atMost("repeated", s.Repeated, 0), atMost("reordered", s.Reordered, 0),
		atMost("damaged", s.Damaged, 0), atMost("strange", s.Strange, 0))
}

// explain prints what happened to some of the tabs that something went wrong with.
func (w *users) explain(out io.Writer, wrong func(t *tab) bool) {
	shown := 0
	for _, t := range w.tabs {
		gone := w.missing(t)
		if len(gone)+t.repeated+t.reordered+t.damaged+t.strange == 0 && !wrong(t) || shown == shownClients {
			continue
		}
		shown++
		fmt.Fprintf(out, "tab %d of user %d: lost %d %v, repeated %d, reordered %d, %d drops\n",
			t.page.number, t.user, len(gone), gone[:min(len(gone), 8)], t.repeated, t.reordered, t.drops)
		for _, l := range t.notes[max(0, len(t.notes)-shownNotes):] {
			fmt.Fprintf(out, "  %s %s\n", l.at.Format("15:04:05.000"), l.text)
		}
	}
}

func (w *users) allOpen() bool {
	for _, t := range w.tabs {
		if !t.open && !t.page.stopped {
			return false
		}
	}
	return true
}

func (w *users) lostSince(at time.Time) int {
	count := 0
	for _, t := range w.tabs {
		count += boolean(t.lostAt.After(at))
	}
	return count
}

// sentBetween is what became of the events that were sent then.
func (w *users) sentBetween(from, to time.Time) (expected, lost, silently int) {
	for _, t := range w.tabs {
		room := w.rooms[t.user]
		within := func(n int) bool { return !room[n].Before(from) && room[n].Before(to) }
		count := func(all []int) int { return len(slices.DeleteFunc(all, func(n int) bool { return !within(n) })) }
		for n := max(0, t.from); n < len(room); n++ {
			expected += boolean(within(n))
		}
		lost += count(w.missing(t))
		silently += count(w.silent(t))
	}
	return expected, lost, silently
}
