// Package javatests runs the main classes among the tests of the gateway: simulation, injection and fuzzing. It must not know
// clients, upstreams or trials.
package javatests
