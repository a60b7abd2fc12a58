package main

import "time"

// meter measures what a proxy does for a while: wall time, its CPU time, ours and the upstream's.
type meter struct {
	target  *target
	started time.Time
	proxy   float64
	others  float64
	jit     float64
}

func start(t *target) meter {
	m := meter{t, time.Now(), cpuSeconds(t.pids), cpuSeconds(t.others), 0}
	if t.java != "" {
		m.jit = compilerSeconds(t.pids[0])
	}
	return m
}

// rates are the amount per wall second and per CPU second of the proxy, and how busy everybody was.
func (m meter) rates(amount float64) values {
	wall := time.Since(m.started).Seconds()
	result := values{perWall: amount / wall}
	others := cpuSeconds(m.target.others) - m.others
	result[load] = others / wall
	if len(m.target.pids) > 0 {
		cpu := cpuSeconds(m.target.pids) - m.proxy
		result[busy] = cpu / wall
		if m.target.java != "" {
			result[jit] = (compilerSeconds(m.target.pids[0]) - m.jit) / wall
		}
		if cpu > 0 {
			result[perCPU] = amount / cpu
		}
	}
	return result
}

// values are the figures of one round of one cell, by name.
type values map[string]float64

const (
	perCPU  = "per CPU second"
	perWall = "per second"
	busy    = "proxy's CPUs"
	load    = "CPUs of load and upstream"
	jit     = "CPUs of the compilers"
	p50     = "p50 ms"
	p99     = "p99 ms"
	rss     = "RSS bytes per session"
	live    = "live heap bytes per session"
)
