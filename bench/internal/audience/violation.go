package audience

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/wire"
)

const (
	shownClients = 5
	shownLines   = 14 // before, and twice as many after
)

// fault is the worst that happened to a client, and when.
type fault struct {
	account *Account
	rank    int // 0 is the worst
	what    string
	at      time.Time
}

// fault is false if all arrived as it should.
func (a *Account) fault() (fault, bool) {
	worst := fault{account: a, rank: 10}
	note := func(rank int, at time.Time, format string, values ...any) {
		if rank < worst.rank {
			worst.rank, worst.at, worst.what = rank, at, fmt.Sprintf(format, values...)
		}
	}
	for i := range a.Events {
		e := &a.Events[i]
		name := fmt.Sprintf("event %d (%c, %d bytes)", i, e.Kind, e.Size)
		switch {
		case e.Seen == 0:
			note(0, e.sent, "%s is lost", name)
		case e.Kind == wire.AsksAnswer && e.answered == 0:
			note(1, e.sent, "%s is never answered", name)
		case e.Kind == wire.AsksAnswer && e.answered > 1:
			note(2, e.sent, "%s is answered twice", name)
		case e.Kind != wire.AsksAnswer && e.Seen > 1:
			note(5, e.sent, "%s is repeated", name)
		}
	}
	if a.reordered > 0 {
		note(3, a.Events[a.highest].sent, "events are reordered")
	}
	if len(a.closed) > 0 {
		note(4, a.closed[0].at, "closed by the server")
	}
	return worst, worst.rank < 10
}

// Explain prints the conversations around what went wrong, the worst first, and keeps the whole of that one.
func (l *Ledger) Explain(out io.Writer, home, name string, seed int64) {
	var all []fault
	for _, a := range l.Accounts {
		if f, found := a.fault(); found {
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b fault) int { return a.rank - b.rank })
	if len(all) > 0 {
		path := filepath.Join(home, "results", fmt.Sprintf("%s-seed-%d-client-%d.txt", name, seed, all[0].account.Client))
		must.Do(os.MkdirAll(filepath.Dir(path), 0o755))
		must.Do(os.WriteFile(path, []byte(all[0].account.conversation(l.began)), 0o644))
		fmt.Fprintln(out, "  the whole conversation of the first:", path)
	}
	for _, f := range all[:min(len(all), shownClients)] {
		fmt.Fprintf(out, "  seed %d, client %d: %s, at %.4f s\n", seed, f.account.Client, f.what, f.at.Sub(l.began).Seconds())
		f.account.excerpt(out, l.began, f.at)
	}
	if len(all) > shownClients {
		fmt.Fprintf(out, "  … and %d more clients\n", len(all)-shownClients)
	}
}

func (a *Account) excerpt(out io.Writer, began, around time.Time) {
	at := 0
	for at < len(a.log) && a.log[at].at.Before(around) {
		at++
	}
	for _, l := range a.log[max(0, at-shownLines):min(len(a.log), at+2*shownLines)] {
		fmt.Fprintf(out, "    %9.4f  %s\n", l.at.Sub(began).Seconds(), l.text)
	}
}

// conversation is all that happened to the client, and what it was sent.
func (a *Account) conversation(began time.Time) string {
	all := slices.Clone(a.log)
	for i := range a.Events {
		e := &a.Events[i]
		all = append(all, line{e.sent, fmt.Sprintf("sent: event %d (%c, %d bytes), seen %d, answered %d", i, e.Kind, e.Size, e.Seen, e.answered)})
	}
	slices.SortStableFunc(all, func(a, b line) int { return a.at.Compare(b.at) })
	var text strings.Builder
	for _, l := range all {
		fmt.Fprintf(&text, "%9.4f  %s\n", l.at.Sub(began).Seconds(), l.text)
	}
	return text.String()
}
