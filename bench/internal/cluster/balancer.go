package cluster

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/process"
)

// balancerConfig is nginx as a plain balancer, which knows no session and asks the next node if one refuses.
// Without max_fails=0 it would leave out a node that was away once for most requests: a failure is forgotten
// only when a request succeeds, that is ends, and a WebSocket does not for hours.
const balancerConfig = `
daemon off;
worker_processes 1;
pid %[1]s/pid;
error_log stderr error;
events { worker_connections 15000; }
http {
  access_log off;
  client_body_temp_path %[1]s/body;
  proxy_temp_path %[1]s/proxy;
  fastcgi_temp_path %[1]s/fastcgi;
  uwsgi_temp_path %[1]s/uwsgi;
  scgi_temp_path %[1]s/scgi;
  upstream nodes {
    %[2]s
  }
  server {
    listen 127.0.0.1:%[3]d backlog=4096;
    location / {
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header Connection "Upgrade";
      proxy_set_header Upgrade $http_upgrade;
      proxy_connect_timeout 1s;
      proxy_read_timeout 1h;
      proxy_next_upstream error timeout http_502 http_503;
      proxy_pass http://nodes;
    }
  }
}
`

// haproxyBalancer is HAProxy as the same.
const haproxyBalancer = `
global
  nbthread 1
  maxconn 9000
defaults
  mode http
  option forwardfor
  option redispatch 1
  retries 3
  retry-on conn-failure empty-response 503
  timeout connect 1s
  timeout client 1h
  timeout server 1h
  timeout tunnel 1h
frontend tabs
  bind 127.0.0.1:%[3]d backlog 4096
  http-request set-header X-Forwarded-Proto http
  default_backend nodes
backend nodes
  balance %[1]s
  %[2]s
`

// balancers are those that there are, with what asks for their version.
var balancers = map[string][2]string{"nginx": {"-v", `nginx/(\S+)`}, "haproxy": {"-v", `version (\S+)`}}

// BalancerProgram finds the program of that name.
func BalancerProgram(name string) (path, version string, err error) {
	asked, known := balancers[name]
	if !known {
		return "", "", fmt.Errorf("unknown balancer %s: nginx or haproxy", name)
	}
	return process.Find(name, asked[0], asked[1])
}

// balance starts the balancer before the nodes.
func (f *Cluster) balance(name, directive string) error {
	path, version, err := BalancerProgram(name)
	if err != nil {
		return err
	}
	balancer := process.Proxy{Name: name, Version: version, Quiet: true, Command: func(dir, _ string, port int) (*exec.Cmd, error) {
		config := filepath.Join(dir, name+".conf")
		if name == "haproxy" {
			must.Do(os.WriteFile(config, []byte(f.haproxy(directive, port)), 0o600))
			return exec.Command(path, "-db", "-f", config), nil
		}
		must.Do(os.WriteFile(config, []byte(f.nginx(directive, dir, port)), 0o600))
		return exec.Command(path, "-p", dir, "-c", config, "-e", "stderr"), nil
	}}
	if f.Balancer, err = balancer.Launch("", nil); err != nil {
		return err
	}
	f.Address = f.Balancer.Address
	return nil
}

func (f *Cluster) nginx(directive, dir string, port int) string {
	var servers []string
	if directive != "" {
		servers = append(servers, directive+";")
	}
	for _, n := range f.Nodes {
		servers = append(servers, "server "+n.Address()+" max_fails=0;")
	}
	return fmt.Sprintf(balancerConfig, dir, strings.Join(servers, "\n    "), port)
}

func (f *Cluster) haproxy(directive string, port int) string {
	var servers []string
	if directive == "" {
		directive = "roundrobin"
	}
	for _, n := range f.Nodes {
		servers = append(servers, "server "+n.Name+" "+n.Address())
	}
	return fmt.Sprintf(haproxyBalancer, directive, strings.Join(servers, "\n  "), port)
}
