// Package redistraffic is the trial of what nodes ask of Redis.
package redistraffic
