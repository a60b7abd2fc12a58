package stats

import (
	"slices"
	"time"
)

// Median is the middle one, or the mean of the two in the middle.
func Median(all []float64) float64 {
	sorted := slices.Clone(all)
	slices.Sort(sorted)
	if n := len(sorted); n%2 == 0 {
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return sorted[len(sorted)/2]
}

// Quantile reads exact recorded times, which are sorted.
func Quantile(sorted []time.Duration, q float64) float64 {
	at := min(len(sorted)-1, int(q*float64(len(sorted))))
	return float64(sorted[at].Nanoseconds()) / 1e6
}

// Quantiles are quantiles in milliseconds, sorting what they are given.
func Quantiles(all []time.Duration) (p50, p99, most float64) {
	if len(all) == 0 {
		return 0, 0, 0
	}
	slices.Sort(all)
	return Quantile(all, 0.5), Quantile(all, 0.99), Quantile(all, 1)
}
