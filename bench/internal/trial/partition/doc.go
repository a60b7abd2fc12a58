// Package partition is the trial of a node that is cut off from Redis, another node or the upstream.
package partition
