# shellcheck shell=bash disable=SC2154,SC2016
# Base images made on the spot, for machines without an image registry, under the names that
# Dockerfile and compose file use. They carry this machine's CA certificates: never push them.
# Sourced by run; needs $cache, $work and engine.sh.

owui_version=0.12.4
valkey_image=docker.io/valkey/valkey:8.0.1-alpine
nginx_image=docker.io/library/nginx:1.28-alpine
postgres_image=docker.io/pgvector/pgvector:pg17
owui_image=ghcr.io/open-webui/open-webui:main

# bootstrap FILE SUITE OPTION...: a Debian root file system as a tar, cached.
bootstrap() {
  local file=$1 suite=$2
  shift 2
  [ -e "$file" ] && return
  say "bootstrapping $(basename "$file" .tar)"
  mmdebstrap --quiet --variant=minbase --aptopt='Acquire::Retries "3"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --customize-hook='rm -rf "$1"/var/cache/apt/archives/*.deb "$1"/var/lib/apt/lists/*' \
    "$@" "$suite" "$file.new.tar"
  mv "$file.new.tar" "$file"
}

import() {
  local file=$1 name=$2
  shift 2
  docker import "$@" "$file" "$name" >/dev/null
}

image_debian() {
  bootstrap "$cache/debian.tar" bookworm --include=ca-certificates
  import "$cache/debian.tar" debian:bookworm-slim
}

# image_java JAVA_HOME NAME: a JDK of this machine, laid out like Eclipse Temurin's images.
image_java() {
  local home=$1 name=$2 context=$work/java
  mkdir -p "$context"
  tar -C "$home" --dereference --exclude=./lib/src.zip \
    --transform 's,^\.,./opt/java/openjdk,' -cf "$context/java.tar" .
  cat >"$context/Dockerfile" <<'END'
FROM debian:bookworm-slim
ADD java.tar /
ENV JAVA_HOME=/opt/java/openjdk PATH=/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
RUN java -version
END
  docker build --quiet --tag "$name" "$context" >/dev/null
  rm -rf "$context"
}

# image_maven FROM NAME: a JDK's image with this machine's Maven and its repository, to build offline.
image_maven() {
  local from=$1 name=$2 context=$work/maven
  mkdir -p "$context"
  tar -C "$HOME/.m2" -cf "$context/m2.tar" --transform 's,^,opt/m2/,' repository wrapper || [ $? -eq 1 ]
  printf 'FROM %s\nADD m2.tar /\nENV MAVEN_USER_HOME=/opt/m2\n' "$from" >"$context/Dockerfile"
  docker build --quiet --tag "$name" "$context" >/dev/null
  rm -rf "$context"
}

# The entry point does what the official image's does: give up root, with three capabilities.
image_valkey() {
  # shellcheck disable=SC2016
  bootstrap "$cache/valkey.tar" trixie --include=valkey-server,valkey-tools \
    --customize-hook='chroot "$1" install -d -o valkey -g valkey /data' \
    --customize-hook="install -m 755 '$here/valkey-entrypoint' \"\$1/usr/local/bin/docker-entrypoint.sh\""
  say "Valkey 8.1 of Debian stands in for $valkey_image"
  import "$cache/valkey.tar" "$valkey_image" -c 'WORKDIR /data' -c 'VOLUME /data' -c 'EXPOSE 6379' \
    -c 'ENTRYPOINT ["docker-entrypoint.sh"]' -c 'CMD ["valkey-server"]'
}

# As in the official image, logs go to the container's own.
image_nginx() {
  bootstrap "$cache/nginx.tar" trixie --include=nginx,curl \
    --customize-hook='ln -sf /dev/stdout "$1/var/log/nginx/access.log" && ln -sf /dev/stderr "$1/var/log/nginx/error.log"'
  say "nginx 1.26 of Debian stands in for $nginx_image"
  import "$cache/nginx.tar" "$nginx_image" -c 'CMD ["nginx", "-g", "daemon off;"]'
}

image_postgres() {
  bootstrap "$cache/postgres.tar" trixie --include=postgresql-17-pgvector \
    --customize-hook='rm -rf "$1/var/lib/postgresql/17" "$1/etc/postgresql/17"'
  say "PostgreSQL 17 of Debian stands in for $postgres_image"
  import "$cache/postgres.tar" holdfast-e2e/postgres:17 \
    -c 'ENV PATH=/usr/lib/postgresql/17/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin LC_ALL=C.UTF-8' \
    -c 'ENTRYPOINT ["docker-entrypoint.sh"]' -c 'CMD ["postgres"]'
  docker build --quiet --tag "$postgres_image" -f - "$here" >/dev/null <<<'FROM holdfast-e2e/postgres:17
COPY postgres-entrypoint /usr/local/bin/docker-entrypoint.sh'
}

# The real Open WebUI on Debian, without the models and vector databases of the official image. The
# interpreter that its environment was made for comes along at its own path; Debian's brings the libraries.
image_openwebui() {
  local venv python
  venv=$("$here/../setup-openwebui" "$owui_version")
  python=$("$venv/bin/python" -c 'import sys; print(sys.base_prefix)')
  bootstrap "$cache/open-webui-$owui_version.tar" bookworm --include=ca-certificates,curl,python3 \
    --customize-hook="mkdir -p \"\$1/app/backend/data\" && cp -a '$venv' \"\$1/app/venv\"" \
    --customize-hook="[ '$python' = /usr ] || tar -C / --exclude=test --exclude=$python/lib/python3.11/site-packages \
      -c '$python' | tar -C \"\$1\" -x"
  say "Open WebUI $owui_version of PyPI stands in for $owui_image"
  import "$cache/open-webui-$owui_version.tar" "$owui_image" \
    -c 'WORKDIR /app/backend' -c 'EXPOSE 8080' -c 'ENV PATH=/app/venv/bin:/usr/local/bin:/usr/bin:/bin' \
    -c 'ENV DATA_DIR=/app/backend/data USE_SLIM_DOCKER=true RAG_EMBEDDING_ENGINE=openai OFFLINE_MODE=true' \
    -c 'ENV HF_HUB_OFFLINE=1 ENABLE_VERSION_UPDATE_CHECK=false' \
    -c 'CMD ["open-webui", "serve", "--host", "0.0.0.0", "--port", "8080"]'
}
