// Package crash is the trial of a node that is killed, and of tabs that come and go while nodes are.
package crash
