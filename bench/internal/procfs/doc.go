// Package procfs reads CPU time, memory and threads of processes from /proc. It imports nothing of the benchmarks.
package procfs
