// Package rolling is the trial of restarts of nodes, and of drained upstreams.
package rolling
