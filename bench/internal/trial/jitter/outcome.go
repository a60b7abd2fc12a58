package jitter

import (
	"fmt"
	"io"

	"dev.holdfast/bench/internal/audience"
)

// printOutcomes is the table of a jitter run.
func printOutcomes(out io.Writer, title string, trials []*attempt) {
	fmt.Fprintf(out, "%-27s", "")
	for _, t := range trials {
		fmt.Fprintf(out, "%12s", t.Target)
	}
	fmt.Fprintf(out, "    %s\n", title)
	rows := []struct {
		name  string
		value func(o audience.Outcome) string
	}{
		{"expected", count(func(o audience.Outcome) int { return o.Expected })},
		{"received", count(func(o audience.Outcome) int { return o.Received })},
		{"lost", count(func(o audience.Outcome) int { return o.Lost })},
		{"repeated", count(func(o audience.Outcome) int { return o.Repeated })},
		{"reordered", count(func(o audience.Outcome) int { return o.Reordered })},
		{"calls answered once", count(func(o audience.Outcome) int { return o.Once })},
		{"calls never answered", count(func(o audience.Outcome) int { return o.Never })},
		{"calls answered twice", count(func(o audience.Outcome) int { return o.Twice })},
		{"calls asked again", count(func(o audience.Outcome) int { return o.Again })},
		{"cuts", count(func(o audience.Outcome) int { return o.Cuts })},
		{"  within what was sent", count(func(o audience.Outcome) int { return o.Within })},
		{"  that repeated events", count(func(o audience.Outcome) int { return o.Repeating })},
		{"  that did not fall there", count(func(o audience.Outcome) int { return o.Between })},
		{"came back recovered", count(func(o audience.Outcome) int { return o.Resumed })},
		{"  with a fresh session", count(func(o audience.Outcome) int { return o.Refused })},
		{"closed by the server", count(func(o audience.Outcome) int { return o.Closed })},
		{"replay p50 ms", replay(func(o audience.Outcome) float64 { return o.ReplayP50 })},
		{"replay p99 ms", replay(func(o audience.Outcome) float64 { return o.ReplayP99 })},
		{"replay max ms", replay(func(o audience.Outcome) float64 { return o.ReplayMax })},
	}
	for _, row := range rows {
		fmt.Fprintf(out, "%-27s", row.name)
		for _, t := range trials {
			fmt.Fprintf(out, "%12s", row.value(t.Outcome))
		}
		fmt.Fprintln(out)
	}
}

func count(of func(audience.Outcome) int) func(audience.Outcome) string {
	return func(o audience.Outcome) string { return fmt.Sprint(of(o)) }
}

// replay is a time from a return to the last event that was missed.
func replay(of func(audience.Outcome) float64) func(audience.Outcome) string {
	return func(o audience.Outcome) string {
		if o.Replays == 0 {
			return "-"
		}
		return fmt.Sprintf("%.1f", of(o))
	}
}
