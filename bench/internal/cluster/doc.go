// Package cluster starts several nodes of Holdfast that share a Redis, the balancer before them, and the relays by which a node can
// be cut off. It must not know clients or trials.
package cluster
