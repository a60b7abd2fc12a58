// Package disturbance lets something happen to a process or to the network while tabs get their events, and judges what it cost
// them. What happens, partition, pause and attacks say.
package disturbance
