// Package attacks is the trial of what one address without an account can do to a small node.
package attacks
