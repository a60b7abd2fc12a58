package redisfaults

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"dev.holdfast/bench/internal/cluster"
	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/process"
	"dev.holdfast/bench/internal/redis"
	"dev.holdfast/bench/internal/relay"
)

// topology is a way in which Redis runs, and the faults that it can have.
type topology struct {
	name     string
	servers  []*redis.Server
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
		s.Stop()
	}
}

// topologies are tried in this order, those with a fault that is wanted.
var topologies = []struct {
	faults []string
	start  func(program string, nodes int) (*topology, error)
}{
	{[]string{"paused", "restarted-empty", "rights-revoked", "user-removed", "latency", "one-node-cut", "memory-full"}, standalone},
	{[]string{"failed-over"}, sentinel},
	{[]string{"slot-moves"}, redisCluster},
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
	r, err := redis.Start(program)
	if err != nil {
		return nil, err
	}
	t := &topology{name: "standalone", servers: []*redis.Server{r}}
	var relays []*relay.Relay
	for i := 0; i < nodes; i++ {
		relay := relay.New(r.Address())
		relays = append(relays, relay)
		t.urls = append(t.urls, "redis://holdfast:secret@"+relay.Address())
		t.closers = append(t.closers, relay.Close)
	}
	hold := func(each time.Duration) {
		for _, relay := range relays {
			relay.Hold(0, each)
		}
	}
	admit := func() {
		r.Must(append(strings.Fields("ACL SETUSER holdfast on >secret ~{holdfast}:* &{holdfast}:*"), strings.Fields(rights)...)...)
	}
	admit()
	t.faults = []redisFault{
		{name: "paused", begin: func() { r.Signal(syscall.SIGSTOP) }, end: func() { r.Signal(syscall.SIGCONT) }},
		{name: "restarted-empty", begin: r.Kill, end: func() {
			must.Do(r.Start())
			admit()
		}},
		{name: "rights-revoked", begin: func() { r.Must("ACL", "SETUSER", "holdfast", "-@all") }, end: admit},
		{name: "user-removed", begin: func() { r.Must("ACL", "DELUSER", "holdfast") }, end: admit},
		{name: "latency", begin: func() { hold(addedLatency) }, end: func() { hold(0) }},
		{name: "one-node-cut", begin: func() { relays[0].Cut(relay.Kept, relay.Kept) }, end: func() { relays[0].Cut(relay.Uncut, relay.Uncut) }},
		{name: "memory-full", begin: func() { r.Must("CONFIG", "SET", "maxmemory", "1") },
			end: func() { r.Must("CONFIG", "SET", "maxmemory", "0") }},
	}
	return t, nil
}

// sentinel is a master and a replica watched by three Sentinels, whose port is the same at three addresses.
func sentinel(program string, _ int) (*topology, error) {
	t := &topology{name: "sentinel", urls: []string{"redis://" + masterName}}
	for i := 0; i < 2; i++ {
		r, err := redis.Start(program)
		if err != nil {
			t.close()
			return nil, err
		}
		t.servers = append(t.servers, r)
	}
	master, replica := t.servers[0], t.servers[1]
	follow(replica, master)
	port, hosts := process.FreePort(), []string{"127.0.0.1", "127.0.0.2", "127.0.0.3"}
	for _, host := range hosts {
		s, err := startSentinel(program, host, port, master.Port)
		if err != nil {
			t.close()
			return nil, err
		}
		t.closers = append(t.closers, s.Stop)
	}
	t.settings = []string{"redis.sentinel-hosts=" + strings.Join(hosts, ","), fmt.Sprintf("redis.sentinel-port=%d", port)}
	t.faults = []redisFault{{name: "failed-over", begin: func() { master.Kill() }, end: func() {
		awaitSo("no replica became the master", func() bool {
			return replica.Must("ROLE").([]any)[0] == "master"
		})
		must.Do(master.Start())
		follow(master, replica)
		master, replica = replica, master
	}}}
	return t, awaitSentinels(hosts[0], port)
}

// follow makes a server the replica of another one, and waits until it has caught up.
func follow(replica, master *redis.Server) {
	replica.Must("REPLICAOF", "127.0.0.1", strconv.Itoa(master.Port))
	awaitSo("a replica does not follow", func() bool {
		role, _ := replica.Must("ROLE").([]any)
		return len(role) > 3 && role[3] == "connected"
	})
}

func startSentinel(program, host string, port, master int) (*redis.Server, error) {
	dir, err := os.MkdirTemp("", "holdfast-bench-sentinel-")
	must.Do(err)
	config := filepath.Join(dir, "sentinel.conf")
	text := fmt.Sprintf("port %[1]d\nbind %[2]s\ndir %[3]s\nsentinel announce-ip %[2]s\nsentinel monitor %[4]s 127.0.0.1 %[5]d 2\n"+
		"sentinel down-after-milliseconds %[4]s 1000\nsentinel failover-timeout %[4]s 10000\n", port, host, dir, masterName, master)
	must.Do(os.WriteFile(config, []byte(text), 0o600))
	r := &redis.Server{Program: program, Host: host, Port: port, Arguments: []string{config, "--sentinel"}, Dir: dir}
	return r, r.Start()
}

// awaitSentinels waits until they know each other and the replica.
func awaitSentinels(host string, port int) error {
	r := &redis.Server{Host: host, Port: port}
	awaitSo("the Sentinels do not agree", func() bool {
		reply, err := r.Do("SENTINEL", "CKQUORUM", masterName)
		replicas, _ := r.Do("SENTINEL", "REPLICAS", masterName)
		list, _ := replicas.([]any)
		return err == nil && strings.HasPrefix(reply.(string), "OK 3") && len(list) == 1
	})
	return nil
}

// redisCluster is three masters, of which one after the other serves the slot of all keys.
func redisCluster(program string, _ int) (*topology, error) {
	t := &topology{name: "cluster", settings: []string{"redis.cluster=true"}}
	for i := 0; i < 3; i++ {
		bus := strconv.Itoa(process.FreePort())
		r, err := redis.Start(program, "--cluster-enabled", "yes", "--cluster-port", bus, "--cluster-node-timeout", "2000")
		if err != nil {
			t.close()
			return nil, err
		}
		if i > 0 {
			t.servers[0].Must("CLUSTER", "MEET", "127.0.0.1", strconv.Itoa(r.Port), bus)
		}
		t.servers = append(t.servers, r)
	}
	t.urls = []string{"redis://" + t.servers[0].Address()}
	for i, r := range t.servers {
		words := []string{"CLUSTER", "ADDSLOTS"}
		for slot := i * slots / 3; slot < (i+1)*slots/3; slot++ {
			words = append(words, strconv.Itoa(slot))
		}
		r.Must(words...)
	}
	awaitSo("the cluster is not ready", func() bool {
		for _, r := range t.servers {
			info, _ := r.Must("CLUSTER", "INFO").(string)
			if !strings.Contains(info, "cluster_state:ok") || !strings.Contains(info, "cluster_known_nodes:3") {
				return false
			}
		}
		return true
	})
	slot := strconv.Itoa(t.servers[0].Must("CLUSTER", "KEYSLOT", "{holdfast}:nodes").(int))
	t.faults = []redisFault{{name: "slot-moves", begin: func() { t.beginMove(slot) }, end: func() { t.endMove(slot) }}}
	return t, nil
}

// from and to are who serves the slot, and who will.
func (t *topology) from(slot string) (from, to *redis.Server) {
	for i, r := range t.servers {
		if _, err := r.Do("CLUSTER", "COUNTKEYSINSLOT", slot); err == nil {
			info, _ := r.Must("CLUSTER", "NODES").(string)
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
	to.Must("CLUSTER", "SETSLOT", slot, "IMPORTING", from.Must("CLUSTER", "MYID").(string))
	from.Must("CLUSTER", "SETSLOT", slot, "MIGRATING", to.Must("CLUSTER", "MYID").(string))
	keys := redis.Texts(from.Must("CLUSTER", "GETKEYSINSLOT", slot, "1000"))
	migrate(from, to, keys[:len(keys)/2])
}

func (t *topology) endMove(slot string) {
	from, to := t.from(slot)
	migrate(from, to, redis.Texts(from.Must("CLUSTER", "GETKEYSINSLOT", slot, "1000")))
	for _, r := range []*redis.Server{to, from} {
		r.Must("CLUSTER", "SETSLOT", slot, "NODE", to.Must("CLUSTER", "MYID").(string))
	}
	for _, r := range t.servers {
		if r != from && r != to {
			_, _ = r.Do("CLUSTER", "SETSLOT", slot, "NODE", to.Must("CLUSTER", "MYID").(string)) // it hears of it anyway
		}
	}
}

func migrate(from, to *redis.Server, keys []string) {
	if len(keys) > 0 {
		from.Must(append([]string{"MIGRATE", "127.0.0.1", strconv.Itoa(to.Port), "", "0", "5000", "REPLACE", "KEYS"}, keys...)...)
	}
}

func awaitSo(not string, so func() bool) {
	for deadline := time.Now().Add(cluster.StartLimit); !so(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			panic(not + " after " + cluster.StartLimit.String())
		}
	}
}
