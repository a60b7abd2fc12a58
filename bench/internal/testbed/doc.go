// Package testbed is what the trials with several nodes stand on: Redis, upstreams, a cluster and the tabs before it. It must not
// know a trial.
package testbed
