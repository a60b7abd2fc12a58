// Package machine says what a run ran on, keeps its results, and takes CPUs for it. It must not know what was measured.
package machine
