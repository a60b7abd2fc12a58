package audience

import (
	"fmt"
	"io"
	"slices"
	"time"

	"dev.holdfast/bench/internal/bound"
)

// Tally is what became of the events and connections of all tabs.
type Tally struct {
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

// Sum is the tally so far.
func (w *Users) Sum() Tally {
	var s Tally
	for _, t := range w.Tabs {
		end := len(w.Rooms[t.User])
		if t.until >= 0 {
			end = t.until
		}
		s.Expected += max(0, end-max(0, t.from))
		s.Lost += len(w.Missing(t))
		s.Silent += len(w.silent(t))
		s.Repeated += t.repeated
		s.Reordered += t.reordered
		s.Damaged += t.damaged
		s.Strange += t.strange
		s.Cuts += t.cuts
		s.Drops += t.Drops
		s.Failed += t.Failed
		s.Recovered += t.Recovered
		s.Fresh += t.Fresh
		s.Moved += t.Moved
	}
	return s
}

// Unharmed are the bounds on events that hold whatever happens to nodes and Redis, short of a crash.
func (s Tally) Unharmed() []string {
	return bound.Missed(bound.AtMost("lost", s.Lost, 0), bound.AtMost("repeated", s.Repeated, 0), bound.AtMost("reordered", s.Reordered, 0),
		bound.AtMost("damaged", s.Damaged, 0), bound.AtMost("strange", s.Strange, 0))
}

// Explain prints what happened to some of the tabs that something went wrong with.
func (w *Users) Explain(out io.Writer, wrong func(t *Tab) bool) {
	shown := 0
	for _, t := range w.Tabs {
		gone := w.Missing(t)
		if len(gone)+t.repeated+t.reordered+t.damaged+t.strange == 0 && !wrong(t) || shown == shownClients {
			continue
		}
		shown++
		fmt.Fprintf(out, "tab %d of user %d: lost %d %v, repeated %d, reordered %d, %d drops\n",
			t.Page.Number, t.User, len(gone), gone[:min(len(gone), 8)], t.repeated, t.reordered, t.Drops)
		for _, l := range t.notes[max(0, len(t.notes)-shownNotes):] {
			fmt.Fprintf(out, "  %s %s\n", l.at.Format("15:04:05.000"), l.text)
		}
	}
}

// AllOpen says whether each tab that has not left is connected.
func (w *Users) AllOpen() bool {
	for _, t := range w.Tabs {
		if !t.Open && !t.Page.Stopped {
			return false
		}
	}
	return true
}

// LostSince counts the tabs that have lost their connection since then.
func (w *Users) LostSince(at time.Time) int {
	count := 0
	for _, t := range w.Tabs {
		count += bound.Count(t.LostAt.After(at))
	}
	return count
}

// SentBetween is what became of the events that were sent then.
func (w *Users) SentBetween(from, to time.Time) (expected, lost, silently int) {
	for _, t := range w.Tabs {
		room := w.Rooms[t.User]
		within := func(n int) bool { return !room[n].Before(from) && room[n].Before(to) }
		count := func(all []int) int { return len(slices.DeleteFunc(all, func(n int) bool { return !within(n) })) }
		for n := max(0, t.from); n < len(room); n++ {
			expected += bound.Count(within(n))
		}
		lost += count(w.Missing(t))
		silently += count(w.silent(t))
	}
	return expected, lost, silently
}

// Missing are the events that the tab should have got and has not.
func (w *Users) Missing(t *Tab) []int {
	var all []int
	end := len(w.Rooms[t.User])
	if t.until >= 0 {
		end = t.until
	}
	for n := max(0, t.from); n < end; n++ {
		if n >= len(t.Seen) || t.Seen[n] == 0 {
			all = append(all, n)
		}
	}
	return all
}

// silent are the events that the tab has not got, and was not told that it might not get any.
func (w *Users) silent(t *Tab) []int {
	return slices.DeleteFunc(w.Missing(t), func(n int) bool {
		return slices.ContainsFunc(t.breaks, func(b interval) bool { return b.from <= n && n < b.to })
	})
}
