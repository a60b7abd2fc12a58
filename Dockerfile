# Holdfast in a container.
#
#   docker build -t holdfast .                              everything from source
#   docker build -t holdfast --build-arg JAR=prebuilt .     with the jar in cli/target
#   docker build -t holdfast --build-arg RUNTIME=jre .      on a whole JRE instead of a jlink'd one
#
# A Maven settings file (mirror, credentials) is given as --secret id=maven-settings,src=FILE.
# BuildKit (the default since Docker 23, else DOCKER_BUILDKIT=1) builds only the stages it needs.

ARG JDK_IMAGE=docker.io/library/eclipse-temurin:25-jdk
ARG JRE_IMAGE=docker.io/library/eclipse-temurin:25-jre
ARG BASE_IMAGE=docker.io/library/debian:bookworm-slim
ARG JAR=source
ARG RUNTIME=jlink

# The jar: built here, without the tests and checks that are not this build's, or brought along.
FROM ${JDK_IMAGE} AS jar-source
ARG MAVEN_ARGS=""
WORKDIR /src
COPY . .
# hadolint ignore=SC2086
RUN --mount=type=cache,target=/root/.m2 \
    --mount=type=secret,id=maven-settings,target=/src/settings.xml \
    if [ -s settings.xml ]; then set -- --settings settings.xml; fi \
    && ./mvnw --batch-mode --quiet "$@" ${MAVEN_ARGS} --projects cli --also-make package -Dmaven.test.skip \
         -Dspotless.check.skip -Dcheckstyle.skip -Dmdep.analyze.skip -Djacoco.skip \
    && cp cli/target/holdfast.jar /holdfast.jar

FROM scratch AS jar-prebuilt
COPY cli/target/holdfast.jar /holdfast.jar

# hadolint ignore=DL3006
FROM jar-${JAR} AS jar

# The Java runtime: at /opt/java, or that of the JRE's image.
FROM ${JDK_IMAGE} AS jlink
RUN jlink --no-header-files --no-man-pages --output /jre --add-modules \
      java.base,java.instrument,java.logging,java.management,java.naming,java.net.http,java.security.sasl,java.sql,java.xml,jdk.crypto.ec,jdk.management,jdk.unsupported

FROM ${BASE_IMAGE} AS runtime-jlink
COPY --from=jlink /jre /opt/java
ENV PATH=/opt/java/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

FROM ${JRE_IMAGE} AS runtime-jre

# The start-up cache, made where the program will run.
# hadolint ignore=DL3006
FROM runtime-${RUNTIME} AS trained
COPY --from=jar /holdfast.jar /opt/holdfast/holdfast.jar
COPY docker/train /usr/local/bin/train
RUN train

# hadolint ignore=DL3006
FROM runtime-${RUNTIME}
COPY docker/holdfast /usr/local/bin/holdfast
COPY --from=trained /opt/holdfast /opt/holdfast
# Where the admin token is kept that is made at the first start.
RUN install -d -o 10001 -g 10001 -m 0700 /run/holdfast
WORKDIR /opt/holdfast
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["holdfast", "health"]
ENTRYPOINT ["holdfast"]
CMD ["serve"]

ARG VERSION=snapshot
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Holdfast" \
      org.opencontainers.image.description="A websocket gateway for Open WebUI." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
