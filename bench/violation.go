package main

import (
	"fmt"
	"io"
	"time"
)

const (
	shownClients = 5
	shownLines   = 14 // before and after
)

// wrong is the number and the fault of the client's first event that did not arrive as it should; false if all did.
func (a *account) wrong() (int, string) {
	for i := range a.events {
		e := &a.events[i]
		switch {
		case e.seen == 0:
			return i, "lost"
		case e.kind == asksAnswer && e.answered == 0:
			return i, "a call never answered"
		case e.kind == asksAnswer && e.answered > 1:
			return i, "a call answered twice"
		case e.kind != asksAnswer && e.seen > 1:
			return i, "repeated"
		}
	}
	if a.reordered > 0 {
		return a.highest, "reordered"
	}
	return -1, ""
}

// explain prints the conversations around what went wrong, of a few clients.
func (l *ledger) explain(out io.Writer, seed int64) {
	shown := 0
	for _, a := range l.accounts {
		n, fault := a.wrong()
		if n < 0 && len(a.closed) == 0 {
			continue
		}
		if shown++; shown > shownClients {
			fmt.Fprintln(out, "  … and more clients")
			return
		}
		if n < 0 {
			fmt.Fprintf(out, "  seed %d, client %d: closed by the server\n", seed, a.client)
			a.excerpt(out, l.began, a.closed[0].at)
			continue
		}
		e := a.events[n]
		fmt.Fprintf(out, "  seed %d, client %d: event %d (%c, %d bytes, sent at %.3f s): %s\n",
			seed, a.client, n, e.kind, e.size, e.sent.Sub(l.began).Seconds(), fault)
		a.excerpt(out, l.began, e.sent)
	}
}

func (a *account) excerpt(out io.Writer, began, around time.Time) {
	at := 0
	for at < len(a.log) && a.log[at].at.Before(around) {
		at++
	}
	for _, l := range a.log[max(0, at-shownLines):min(len(a.log), at+2*shownLines)] {
		fmt.Fprintf(out, "    %9.4f  %s\n", l.at.Sub(began).Seconds(), l.text)
	}
}
