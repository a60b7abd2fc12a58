package process

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"dev.holdfast/bench/internal/must"
)

const holdfastConnections = 20000

// nginx with a buffer of 16 KiB each way for upgraded connections, as HAProxy has (what comes from the
// client is kept in the header buffer, 1 KiB by default), 64 KiB for bodies, which are streamed, and
// kept connections to the upstream.
const nginxConfig = `
daemon off;
worker_processes %[1]d;
worker_rlimit_nofile 20000;
pid %[2]s/pid;
error_log stderr error;
events { worker_connections 20000; }
http {
  access_log off;
  client_body_temp_path %[2]s/body;
  proxy_temp_path %[2]s/proxy;
  fastcgi_temp_path %[2]s/fastcgi;
  uwsgi_temp_path %[2]s/uwsgi;
  scgi_temp_path %[2]s/scgi;
  keepalive_requests 1000000;
  client_header_buffer_size %[6]s;
  client_max_body_size 0;
  upstream webui {
    server %[3]s;
    keepalive 128;
    keepalive_requests 1000000;
  }
  server {
    listen 127.0.0.1:%[4]d backlog=4096;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_buffers 8 64k;
    proxy_busy_buffers_size 128k;
    proxy_buffering off;
    proxy_request_buffering off;
    location / {
      proxy_set_header Connection "";
      proxy_buffer_size 64k;
      client_body_buffer_size 64k;
      proxy_pass http://webui;
    }
    location /ws/socket.io/ {
      proxy_set_header Connection "Upgrade";
      proxy_set_header Upgrade $http_upgrade;
      proxy_buffer_size %[5]s;
      proxy_read_timeout 1h;
      proxy_pass http://webui;
    }
  }
}
`

const haproxyConfig = `
global
  nbthread %[1]d
  maxconn 9000
defaults
  mode http
  option http-keep-alive
  option forwardfor
  http-reuse always
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  timeout tunnel 1h
frontend browsers
  bind 127.0.0.1:%[2]d backlog 4096
  default_backend webui
backend webui
  server webui %[3]s
`

// Nginx has default buffers for upgraded connections if stock is set.
func Nginx(threads int, pin []string, stock bool) (Proxy, error) {
	path, version, err := Find("nginx", "-v", `nginx/(\S+)`)
	name, down, up := "nginx", "16k", "16k"
	if stock {
		name, down, up = "nginx-stock", "4k", "1k"
	}
	return Proxy{Name: name, Version: version, Command: func(dir, upstream string, port int) (*exec.Cmd, error) {
		config := filepath.Join(dir, "nginx.conf")
		text := fmt.Sprintf(nginxConfig, threads, dir, upstream, port, down, up)
		must.Do(os.WriteFile(config, []byte(text), 0o600))
		return pinned(pin, path, "-p", dir, "-c", config, "-e", "stderr"), nil
	}}, err
}

// HAProxy is HAProxy with that many threads.
func HAProxy(threads int, pin []string) (Proxy, error) {
	path, version, err := Find("haproxy", "-v", `version (\S+)`)
	return Proxy{Name: "haproxy", Version: version, Command: func(dir, upstream string, port int) (*exec.Cmd, error) {
		config := filepath.Join(dir, "haproxy.cfg")
		must.Do(os.WriteFile(config, []byte(fmt.Sprintf(haproxyConfig, threads, port, upstream)), 0o600))
		return pinned(pin, path, "-db", "-f", config), nil
	}}, err
}

// JavaOptions are for every Holdfast, which would take the variable for a setting it does not know.
var JavaOptions = func() string {
	options := os.Getenv("HOLDFAST_JAVA_OPTS")
	must.Do(os.Unsetenv("HOLDFAST_JAVA_OPTS"))
	return options
}()

// Holdfast runs the jar, or that of an option jar=FILE, with these options on that JDK and these settings.
func Holdfast(jdk JDK, jar string, options []string, threads int, pin []string, settings ...string) (Proxy, error) {
	var jvm []string
	for _, option := range options {
		if file, found := strings.CutPrefix(option, "jar="); found {
			jar = file
		} else {
			jvm = append(jvm, option)
		}
	}
	_, err := os.Stat(jar)
	p := Proxy{Name: fmt.Sprintf("holdfast-%d", jdk.Feature), Java: jdk.Home}
	p.Version = strings.Join(append([]string{jdk.version}, options...), " ")
	p.Command = func(_, upstream string, port int) (*exec.Cmd, error) {
		arguments := append(slices.Clone(jvm), "-jar", jar, "serve",
			"--listen", fmt.Sprintf("127.0.0.1:%d", port), "--upstream", "http://"+upstream,
			"--admin-listen", fmt.Sprintf("127.0.0.1:%d", FreePort()),
			"--set", fmt.Sprintf("threads.io=%d", threads),
			"--set", fmt.Sprintf("limits.connections-per-address=%d", holdfastConnections))
		for _, setting := range settings {
			arguments = append(arguments, "--set", setting)
		}
		return pinned(pin, filepath.Join(jdk.Home, "bin", "java"), arguments...), nil
	}
	return p, err
}

// Find finds a program, also where Debian keeps servers, and its version.
func Find(name, flag, pattern string) (path, version string, err error) {
	must.Do(os.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/usr/local/sbin"))
	if path, err = exec.LookPath(name); err != nil {
		return "", "", fmt.Errorf("%s is not installed (bench/run --install)", name)
	}
	out, _ := exec.Command(path, flag).CombinedOutput()
	if found := regexp.MustCompile(pattern).FindSubmatch(out); found != nil {
		version = string(found[1])
	}
	return path, version, nil
}

// JDK is an installed one.
type JDK struct {
	Home    string
	version string
	Feature int
}

// JDKs are one JDK 17 and one JDK 25, from JAVA_HOME_17, JAVA_HOME_25, JAVA_HOME and where systems keep them.
func JDKs() []JDK {
	homes := []string{os.Getenv("JAVA_HOME_17"), os.Getenv("JAVA_HOME_25"), os.Getenv("JAVA_HOME_17_X64"),
		os.Getenv("JAVA_HOME_25_X64"), os.Getenv("JAVA_HOME")}
	for _, pattern := range []string{"/usr/lib/jvm/*", "/opt/java/*", "/opt/hostedtoolcache/Java_*/*/x64"} {
		found, _ := filepath.Glob(pattern)
		homes = append(homes, found...)
	}
	byFeature := map[int]JDK{}
	for _, home := range homes {
		if found, err := readJDK(home); err == nil && byFeature[found.Feature].Home == "" {
			byFeature[found.Feature] = found
		}
	}
	var all []JDK
	for _, feature := range []int{17, 25} {
		if found := byFeature[feature]; found.Home != "" {
			all = append(all, found)
		}
	}
	return all
}

func readJDK(home string) (JDK, error) {
	if home == "" {
		return JDK{}, errors.New("no directory")
	}
	text, err := os.ReadFile(filepath.Join(home, "release"))
	if err != nil {
		return JDK{}, err
	}
	found := regexp.MustCompile(`JAVA_VERSION="((\d+)[^"]*)"`).FindSubmatch(text)
	if found == nil {
		return JDK{}, errors.New("no version")
	}
	var feature int
	_, err = fmt.Sscan(string(found[2]), &feature)
	return JDK{home, string(found[1]), feature}, err
}
