package bound

import (
	"errors"
	"fmt"
)

// ErrMissed is the error of a trial in which Holdfast did not keep a bound.
var ErrMissed = errors.New("Holdfast misses a bound")

// Bound is a count that may not be above a limit.
type Bound struct {
	what      string
	got, most int
}

// AtMost is a count with its limit.
func AtMost(what string, got, most int) Bound { return Bound{what, got, most} }

// Missed are those bounds that were not kept.
func Missed(all ...Bound) []string {
	var over []string
	for _, b := range all {
		if b.got > b.most {
			over = append(over, fmt.Sprintf("%s: %d, not %d at most", b.what, b.got, b.most))
		}
	}
	return over
}

// Count is 1 for what is so, for sums.
func Count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// Word says how a time came out that a busy machine may spoil: it does not decide the exit status.
func Word(met bool) string {
	if met {
		return "met"
	}
	return "MISSED"
}

// ErrSkipped is the error of what cannot be tried here, which only CI minds.
var ErrSkipped = errors.New("skipped")
