// Package bound holds the bounds that a trial is judged by: counts that may not be above a limit, and the errors of a trial. It
// imports nothing of the benchmarks.
package bound
