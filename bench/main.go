// Command bench measures Holdfast beside nginx and HAProxy in front of the same fast upstream.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"dev.holdfast/bench/internal/javatests"
	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/openwebui"
	"dev.holdfast/bench/internal/trial"
	"dev.holdfast/bench/internal/trial/attacks"
	"dev.holdfast/bench/internal/trial/avalanche"
	"dev.holdfast/bench/internal/trial/cells"
	"dev.holdfast/bench/internal/trial/compare"
	"dev.holdfast/bench/internal/trial/crash"
	"dev.holdfast/bench/internal/trial/jitter"
	"dev.holdfast/bench/internal/trial/leaks"
	"dev.holdfast/bench/internal/trial/partition"
	"dev.holdfast/bench/internal/trial/pause"
	"dev.holdfast/bench/internal/trial/redisfaults"
	"dev.holdfast/bench/internal/trial/redistraffic"
	"dev.holdfast/bench/internal/trial/rolling"
	"dev.holdfast/bench/internal/trial/slow"
)

func readOptions() trial.Options {
	var o trial.Options
	flag.StringVar(&o.Home, "home", ".", "the directory bench/ (set by bench/run)")
	flag.StringVar(&o.Jar, "jar", "", "Holdfast's jar (default: cli/target/holdfast.jar)")
	flag.Var(&o.Only, "only", "cells whose name contains all of these words, as events,1KiB (can be repeated)")
	flag.Var(&o.Also, "also", "JVM options for one more Holdfast on each JDK, the first word may be jar=FILE (can be repeated)")
	flag.StringVar(&o.Proxies, "proxies", "direct,nginx,nginx-stock,haproxy,holdfast", "what to measure")
	flag.IntVar(&o.Rounds, "rounds", 5, "rounds, interleaved; the table shows medians")
	flag.IntVar(&o.Threads, "threads", 1, "worker processes, threads or I/O threads of each proxy")
	flag.Float64Var(&o.Seconds, "seconds", 3, "length of one measurement")
	flag.StringVar(&o.Pin, "pin", "", "CPUs for the proxies, as 0 or 0,1; the others are for load and upstream")
	flag.BoolVar(&o.Smoke, "smoke", false, "run every cell with tiny counts and check only that they are right")
	flag.BoolVar(&o.Profile, "profile", false, "what Holdfast allocates and asks of the kernel for each event")
	flag.Bool("install", false, "install nginx, HAProxy, Go and strace by apt-get")
	flag.Parse()
	if o.Jar == "" {
		o.Jar = filepath.Join(o.Home, "..", "cli", "target", "holdfast.jar")
	}
	return o
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "upstream" {
		openwebui.Serve(os.Args[2:])
	}
	must.Do(os.Setenv("HOLDFAST_ADMIN_TOKEN", trial.AdminToken)) // for every node and command
	o := readOptions()
	debug.SetGCPercent(400)
	http.DefaultTransport.(*http.Transport).DisableKeepAlives = true // who reads metrics leaves no connection
	runtime.LockOSThread()
	if err := run(o, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// command is what follows bench/run, with its arguments.
type command func(o trial.Options, arguments []string) error

// commands are the trials, and the programs of the gateway's tests.
var commands = map[string]command{
	"jitter":        of(jitter.New),
	"avalanche":     of(avalanche.New),
	"slow":          of(slow.New),
	"rolling":       of(rolling.New),
	"crash":         of(crash.New),
	"partition":     of(partition.New),
	"pause":         of(pause.New),
	"attacks":       of(attacks.New),
	"leaks":         of(leaks.New),
	"redis-faults":  of(redisfaults.New),
	"redis-traffic": of(redistraffic.New),
	"compare":       of(compare.New),
	"simulate":      javatests.Command(javatests.Simulator),
	"inject":        javatests.Command(javatests.Injector),
	"fuzz":          javatests.Command(javatests.Fuzzer),
}

// of is the command of a trial that has flags of its own.
func of[T interface {
	Read(arguments []string) T
	Run() error
}](create func(trial.Options) T) command {
	return func(o trial.Options, arguments []string) error { return create(o).Read(arguments).Run() }
}

// run does what is asked for: a trial by its name, or the cells.
func run(o trial.Options, arguments []string) error {
	if len(arguments) > 0 {
		named, known := commands[arguments[0]]
		if !known {
			return fmt.Errorf("unknown scenario %s: jitter, avalanche, slow, rolling, crash, partition, pause, attacks, leaks, redis-faults, redis-traffic, compare, simulate, inject or fuzz", arguments[0])
		}
		return named(o, arguments[1:])
	}
	if o.Smoke {
		return smoke(o)
	}
	_, err := cells.Run(o)
	return err
}
