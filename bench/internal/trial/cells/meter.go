package cells

import (
	"time"

	"dev.holdfast/bench/internal/process"
	"dev.holdfast/bench/internal/procfs"
)

// meter measures what a proxy does for a while: wall time, its CPU time, ours and the upstream's.
type meter struct {
	target  *process.Target
	started time.Time
	proxy   float64
	others  float64
	jit     float64
}

func start(t *process.Target) meter {
	m := meter{t, time.Now(), procfs.CPUSeconds(t.Pids), procfs.CPUSeconds(t.Others), 0}
	if t.Java != "" {
		m.jit = procfs.CompilerSeconds(t.Pids[0])
	}
	return m
}

// rates are the amount per wall second and per CPU second of the proxy, and how busy everybody was.
func (m meter) rates(amount float64) values {
	wall := time.Since(m.started).Seconds()
	result := values{perWall: amount / wall}
	others := procfs.CPUSeconds(m.target.Others) - m.others
	result[load] = others / wall
	if len(m.target.Pids) > 0 {
		cpu := procfs.CPUSeconds(m.target.Pids) - m.proxy
		result[busy] = cpu / wall
		if m.target.Java != "" {
			result[jit] = (procfs.CompilerSeconds(m.target.Pids[0]) - m.jit) / wall
		}
		if cpu > 0 {
			result[PerCPU] = amount / cpu
		}
	}
	return result
}

// values are the figures of one round of one cell, by name.
type values map[string]float64

const (
	PerCPU  = "per CPU second"
	perWall = "per second"
	busy    = "proxy's CPUs"
	load    = "CPUs of load and upstream"
	jit     = "CPUs of the compilers"
	p50     = "p50 ms"
	p99     = "p99 ms"
	rss     = "RSS bytes per session"
	live    = "live heap bytes per session"
)
