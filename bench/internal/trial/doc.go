// Package trial holds what all trials have in common: the options of the command, and an upstream with what stands before it. The
// trials are the packages below it; none knows another, but compare knows the loads of cells.
package trial
