// Package pause is the trial of processes that are stopped for a while.
package pause
