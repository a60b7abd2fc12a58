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
	return missed(bound{"lost", s.Lost, 0}, bound{"repeated", s.Repeated, 0}, bound{"reordered", s.Reordered, 0},
		bound{"damaged", s.Damaged, 0}, bound{"strange", s.Strange, 0})
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

// times are quantiles in milliseconds, sorting what they are given.
func times(all []time.Duration) (p50, p99, most float64) {
	if len(all) == 0 {
		return 0, 0, 0
	}
	slices.Sort(all)
	return quantile(all, 0.5), quantile(all, 0.99), quantile(all, 1)
}
