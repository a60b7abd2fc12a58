// Package audience holds the clients of a trial and the ledger of what they were sent and have got: pages that are clients of their
// own, and users with three tabs each.
// It knows clients and an upstream that emits on command, and must not know what stands between them: no proxy, node or trial.
package audience
