// Package stats is the arithmetic of figures: quantiles, medians, and the confidence interval of a ratio. It imports nothing of the
// benchmarks.
package stats
