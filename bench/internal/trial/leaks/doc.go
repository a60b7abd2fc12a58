// Package leaks is the trial of what tabs leave behind in nodes and in Redis.
package leaks
