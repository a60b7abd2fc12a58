package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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

func (f *fleet) balance(directive string) error {
	path, version, err := program("nginx", "-v", `nginx/(\S+)`)
	if err != nil {
		return err
	}
	var servers []string
	if directive != "" {
		servers = append(servers, directive+";")
	}
	for _, n := range f.nodes {
		servers = append(servers, "server "+n.address()+" max_fails=0;")
	}
	balancer := proxy{name: "nginx", version: version, quiet: true, command: func(dir, _ string, port int) (*exec.Cmd, error) {
		config := filepath.Join(dir, "nginx.conf")
		text := fmt.Sprintf(balancerConfig, dir, strings.Join(servers, "\n    "), port)
		must(os.WriteFile(config, []byte(text), 0o600))
		return exec.Command(path, "-p", dir, "-c", config, "-e", "stderr"), nil
	}}
	if f.balancer, err = balancer.launch("", nil); err != nil {
		return err
	}
	f.address = f.balancer.address
	return nil
}
