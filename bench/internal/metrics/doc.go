// Package metrics reads /metrics of a node, and checks the ledger in it. It must not know who started the node.
package metrics
