package main

import (
	"slices"
	"time"
)

func median(all []float64) float64 {
	sorted := slices.Clone(all)
	slices.Sort(sorted)
	if n := len(sorted); n%2 == 0 {
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return sorted[len(sorted)/2]
}

// quantile reads exact recorded times, which are sorted.
func quantile(sorted []time.Duration, q float64) float64 {
	at := min(len(sorted)-1, int(q*float64(len(sorted))))
	return float64(sorted[at].Nanoseconds()) / 1e6
}

// times are quantiles in milliseconds, sorting what they are given.
func times(all []time.Duration) (p50, p99, most float64) {
	if len(all) == 0 {
		return 0, 0, 0
	}
	slices.Sort(all)
	return quantile(all, 0.5), quantile(all, 0.99), quantile(all, 1)
}
