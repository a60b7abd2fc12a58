package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// topology is a way in which Redis runs, and the faults that it can have.
type topology struct {
	name     string
	servers  []*redisServer
	urls     []string // one for each node, or one for all
	settings []string
	faults   []redisFault
	closers  []func()
}

// redisFault begins and ends something that Redis should not do.
type redisFault struct {
	name  string
	begin func()
	end   func()
}

func (t *topology) close() {
	for _, each := range t.closers {
		each()
	}
	for _, s := range t.servers {
		s.stop()
	}
}

// topologies are tried in this order, those with a fault that is wanted.
var topologies = []struct {
	faults []string
	start  func(program string, nodes int) (*topology, error)
}{
	{[]string{"paused", "restarted-empty", "rights-revoked", "user-removed", "latency", "one-node-cut", "memory-full"}, standalone},
	{[]string{"failed-over"}, sentinel},
	{[]string{"slot-moves"}, cluster},
}

// rights are what an ACL user of Holdfast needs, as docs/operations.md says.
const rights = "+hello +auth +select +ping +info +eval +subscribe +unsubscribe +publish +hset +hget +hgetall +hdel " +
	"+hlen +del +pexpire +sadd +srem +smembers +set +get +time"

const (
	addedLatency = 200 * time.Millisecond
	masterName   = "bench-master"
	slots        = 16384
)

// standalone is one server behind a relay for each node, used by a user with no more rights than needed.
func standalone(program string, nodes int) (*topology, error) {
	r, err := startRedis(program)
	if err != nil {
		return nil, err
	}
	t := &topology{name: "standalone", servers: []*redisServer{r}}
	var relays []*delay
	for i := 0; i < nodes; i++ {
		relay := newDelay(r.address())
		relays = append(relays, relay)
		t.urls = append(t.urls, "redis://holdfast:secret@"+relay.address())
		t.closers = append(t.closers, relay.close)
	}
	hold := func(each time.Duration) {
		for _, relay := range relays {
			relay.hold(0, each)
		}
	}
	admit := func() {
		r.must(append(strings.Fields("ACL SETUSER holdfast on >secret ~{holdfast}:* &{holdfast}:*"), strings.Fields(rights)...)...)
	}
	admit()
	t.faults = []redisFault{
		{name: "paused", begin: func() { r.signal(syscall.SIGSTOP) }, end: func() { r.signal(syscall.SIGCONT) }},
		{name: "restarted-empty", begin: r.kill, end: func() {
			must(r.start())
			admit()
		}},
		{name: "rights-revoked", begin: func() { r.must("ACL", "SETUSER", "holdfast", "-@all") }, end: admit},
		{name: "user-removed", begin: func() { r.must("ACL", "DELUSER", "holdfast") }, end: admit},
		{name: "latency", begin: func() { hold(addedLatency) }, end: func() { hold(0) }},
		{name: "one-node-cut", begin: func() { relays[0].cut(kept, kept) }, end: func() { relays[0].cut(uncut, uncut) }},
		{name: "memory-full", begin: func() { r.must("CONFIG", "SET", "maxmemory", "1") },
			end: func() { r.must("CONFIG", "SET", "maxmemory", "0") }},
	}
	return t, nil
}

// sentinel is a master and a replica watched by three Sentinels, whose port is the same at three addresses.
func sentinel(program string, _ int) (*topology, error) {
	t := &topology{name: "sentinel", urls: []string{"redis://" + masterName}}
	for i := 0; i < 2; i++ {
		r, err := startRedis(program)
		if err != nil {
			t.close()
			return nil, err
		}
		t.servers = append(t.servers, r)
	}
	master, replica := t.servers[0], t.servers[1]
	follow(replica, master)
	port, hosts := freePort(), []string{"127.0.0.1", "127.0.0.2", "127.0.0.3"}
	for _, host := range hosts {
		s, err := startSentinel(program, host, port, master.port)
		if err != nil {
			t.close()
			return nil, err
		}
		t.closers = append(t.closers, s.stop)
	}
	t.settings = []string{"redis.sentinel-hosts=" + strings.Join(hosts, ","), fmt.Sprintf("redis.sentinel-port=%d", port)}
	t.faults = []redisFault{{name: "failed-over", begin: func() { master.kill() }, end: func() {
		awaitSo("no replica became the master", func() bool {
			return replica.must("ROLE").([]any)[0] == "master"
		})
		must(master.start())
		follow(master, replica)
		master, replica = replica, master
	}}}
	return t, awaitSentinels(hosts[0], port)
}

// follow makes a server the replica of another one, and waits until it has caught up.
func follow(replica, master *redisServer) {
	replica.must("REPLICAOF", "127.0.0.1", strconv.Itoa(master.port))
	awaitSo("a replica does not follow", func() bool {
		role, _ := replica.must("ROLE").([]any)
		return len(role) > 3 && role[3] == "connected"
	})
}

func startSentinel(program, host string, port, master int) (*redisServer, error) {
	dir, err := os.MkdirTemp("", "holdfast-bench-sentinel-")
	must(err)
	config := filepath.Join(dir, "sentinel.conf")
	text := fmt.Sprintf("port %[1]d\nbind %[2]s\ndir %[3]s\nsentinel announce-ip %[2]s\nsentinel monitor %[4]s 127.0.0.1 %[5]d 2\n"+
		"sentinel down-after-milliseconds %[4]s 1000\nsentinel failover-timeout %[4]s 10000\n", port, host, dir, masterName, master)
	must(os.WriteFile(config, []byte(text), 0o600))
	r := &redisServer{program: program, host: host, port: port, arguments: []string{config, "--sentinel"}, dir: dir}
	return r, r.start()
}

// awaitSentinels waits until they know each other and the replica.
func awaitSentinels(host string, port int) error {
	r := &redisServer{host: host, port: port}
	awaitSo("the Sentinels do not agree", func() bool {
		reply, err := r.do("SENTINEL", "CKQUORUM", masterName)
		replicas, _ := r.do("SENTINEL", "REPLICAS", masterName)
		list, _ := replicas.([]any)
		return err == nil && strings.HasPrefix(reply.(string), "OK 3") && len(list) == 1
	})
	return nil
}

// cluster is three masters, of which one after the other serves the slot of all keys.
func cluster(program string, _ int) (*topology, error) {
	t := &topology{name: "cluster", settings: []string{"redis.cluster=true"}}
	for i := 0; i < 3; i++ {
		bus := strconv.Itoa(freePort())
		r, err := startRedis(program, "--cluster-enabled", "yes", "--cluster-port", bus, "--cluster-node-timeout", "2000")
		if err != nil {
			t.close()
			return nil, err
		}
		if i > 0 {
			t.servers[0].must("CLUSTER", "MEET", "127.0.0.1", strconv.Itoa(r.port), bus)
		}
		t.servers = append(t.servers, r)
	}
	t.urls = []string{"redis://" + t.servers[0].address()}
	for i, r := range t.servers {
		words := []string{"CLUSTER", "ADDSLOTS"}
		for slot := i * slots / 3; slot < (i+1)*slots/3; slot++ {
			words = append(words, strconv.Itoa(slot))
		}
		r.must(words...)
	}
	awaitSo("the cluster is not ready", func() bool {
		for _, r := range t.servers {
			info, _ := r.must("CLUSTER", "INFO").(string)
			if !strings.Contains(info, "cluster_state:ok") || !strings.Contains(info, "cluster_known_nodes:3") {
				return false
			}
		}
		return true
	})
	slot := strconv.Itoa(t.servers[0].must("CLUSTER", "KEYSLOT", "{holdfast}:nodes").(int))
	t.faults = []redisFault{{name: "slot-moves", begin: func() { t.beginMove(slot) }, end: func() { t.endMove(slot) }}}
	return t, nil
}

// from and to are who serves the slot, and who will.
func (t *topology) from(slot string) (from, to *redisServer) {
	for i, r := range t.servers {
		if _, err := r.do("CLUSTER", "COUNTKEYSINSLOT", slot); err == nil {
			info, _ := r.must("CLUSTER", "NODES").(string)
			for _, line := range strings.Split(info, "\n") {
				if strings.Contains(line, "myself") && serves(line, slot) {
					return r, t.servers[(i+1)%len(t.servers)]
				}
			}
		}
	}
	panic("nobody serves slot " + slot)
}

// serves reads a line of CLUSTER NODES.
func serves(line, slot string) bool {
	number, _ := strconv.Atoi(slot)
	for _, field := range strings.Fields(line)[8:] {
		low, high, found := strings.Cut(field, "-")
		first, err := strconv.Atoi(low)
		last, _ := strconv.Atoi(high)
		if err == nil && (first == number || found && first <= number && number <= last) {
			return true
		}
	}
	return false
}

// beginMove has one half of the keys at the old place and the other at the new one: scripts are told to try again.
func (t *topology) beginMove(slot string) {
	from, to := t.from(slot)
	to.must("CLUSTER", "SETSLOT", slot, "IMPORTING", from.must("CLUSTER", "MYID").(string))
	from.must("CLUSTER", "SETSLOT", slot, "MIGRATING", to.must("CLUSTER", "MYID").(string))
	keys := texts(from.must("CLUSTER", "GETKEYSINSLOT", slot, "1000"))
	migrate(from, to, keys[:len(keys)/2])
}

func (t *topology) endMove(slot string) {
	from, to := t.from(slot)
	migrate(from, to, texts(from.must("CLUSTER", "GETKEYSINSLOT", slot, "1000")))
	for _, r := range []*redisServer{to, from} {
		r.must("CLUSTER", "SETSLOT", slot, "NODE", to.must("CLUSTER", "MYID").(string))
	}
	for _, r := range t.servers {
		if r != from && r != to {
			_, _ = r.do("CLUSTER", "SETSLOT", slot, "NODE", to.must("CLUSTER", "MYID").(string)) // it hears of it anyway
		}
	}
}

func migrate(from, to *redisServer, keys []string) {
	if len(keys) > 0 {
		from.must(append([]string{"MIGRATE", "127.0.0.1", strconv.Itoa(to.port), "", "0", "5000", "REPLACE", "KEYS"}, keys...)...)
	}
}

func awaitSo(not string, so func() bool) {
	for deadline := time.Now().Add(startLimit); !so(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			panic(not + " after " + startLimit.String())
		}
	}
}
