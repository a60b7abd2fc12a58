package main

import (
	"errors"
	"fmt"
)

var errMissed = errors.New("Holdfast misses a bound")

// bound is a count that may not be above a limit.
type bound struct {
	what      string
	got, most int
}

// atMost is a count with its limit.
func atMost(what string, got, most int) bound { return bound{what, got, most} }

// missed are those bounds that were not kept.
func missed(all ...bound) []string {
	var over []string
	for _, b := range all {
		if b.got > b.most {
			over = append(over, fmt.Sprintf("%s: %d, not %d at most", b.what, b.got, b.most))
		}
	}
	return over
}

func boolean(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// word says how a time came out that a busy machine may spoil: it does not decide the exit status.
func word(met bool) string {
	if met {
		return "met"
	}
	return "MISSED"
}

var errSkipped = errors.New("skipped")
