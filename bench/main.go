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
)

func readOptions() options {
	var o options
	flag.StringVar(&o.home, "home", ".", "the directory bench/ (set by bench/run)")
	flag.StringVar(&o.jar, "jar", "", "Holdfast's jar (default: cli/target/holdfast.jar)")
	flag.Var(&o.only, "only", "cells whose name contains all of these words, as events,1KiB (can be repeated)")
	flag.Var(&o.also, "also", "JVM options for one more Holdfast on each JDK, the first word may be jar=FILE (can be repeated)")
	flag.StringVar(&o.proxies, "proxies", "direct,nginx,nginx-stock,haproxy,holdfast", "what to measure")
	flag.IntVar(&o.rounds, "rounds", 5, "rounds, interleaved; the table shows medians")
	flag.IntVar(&o.threads, "threads", 1, "worker processes, threads or I/O threads of each proxy")
	flag.Float64Var(&o.seconds, "seconds", 3, "length of one measurement")
	flag.StringVar(&o.pin, "pin", "", "CPUs for the proxies, as 0 or 0,1; the others are for load and upstream")
	flag.BoolVar(&o.smoke, "smoke", false, "run every cell with tiny counts and check only that they are right")
	flag.BoolVar(&o.profile, "profile", false, "what Holdfast allocates and asks of the kernel for each event")
	flag.Bool("install", false, "install nginx, HAProxy, Go and strace by apt-get")
	flag.Parse()
	if o.jar == "" {
		o.jar = filepath.Join(o.home, "..", "cli", "target", "holdfast.jar")
	}
	return o
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "upstream" {
		serveUpstream(os.Args[2:])
	}
	must(os.Setenv("HOLDFAST_ADMIN_TOKEN", adminToken)) // for every node and command
	o := readOptions()
	debug.SetGCPercent(400)
	http.DefaultTransport.(*http.Transport).DisableKeepAlives = true // who reads metrics leaves no connection
	runtime.LockOSThread()
	if err := o.command()(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// command is what is asked for: a scenario by its name, or the cells.
func (o options) command() func() error {
	switch name := flag.Arg(0); name {
	case "":
		if o.smoke {
			return func() error { return smoke(o) }
		}
		return func() error {
			_, err := runCells(o)
			return err
		}
	case "jitter":
		return newJitter(o).read(flag.Args()[1:]).run
	case "avalanche":
		return newAvalanche(o).read(flag.Args()[1:]).run
	case "slow":
		return newSlow(o).read(flag.Args()[1:]).run
	case "rolling":
		return newRolling(o).read(flag.Args()[1:]).run
	case "crash":
		return newCrash(o).read(flag.Args()[1:]).run
	case "partition":
		return newPartition(o).read(flag.Args()[1:]).run
	case "pause":
		return newPause(o).read(flag.Args()[1:]).run
	case "attacks":
		return newAttacks(o).read(flag.Args()[1:]).run
	case "leaks":
		return newLeaks(o).read(flag.Args()[1:]).run
	case "redis-faults":
		return newRedisFaults(o).read(flag.Args()[1:]).run
	case "redis-traffic":
		return newTraffic(o).read(flag.Args()[1:]).run
	case "compare":
		return newCompare(o).read(flag.Args()[1:]).run
	case "simulate":
		return func() error { return runTests(o, simulator, flag.Args()[1:]) }
	case "inject":
		return func() error { return runTests(o, injector, flag.Args()[1:]) }
	case "fuzz":
		return func() error { return runTests(o, fuzzer, flag.Args()[1:]) }
	default:
		return func() error {
			return fmt.Errorf("unknown scenario %s: jitter, avalanche, slow, rolling, crash, partition, pause, attacks, leaks, redis-faults, redis-traffic, compare, simulate, inject or fuzz", name)
		}
	}
}
