// Package redisfaults is the trial of what happens to Redis, alone, with Sentinel or as a cluster.
package redisfaults
