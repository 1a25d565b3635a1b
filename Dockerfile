# A node, or any other command of the program: docker run IMAGE node --host 0.0.0.0 --data-dir /data/chain
# The base is any Debian with Node.js 22 and npm.
ARG BASE=node:22-bookworm-slim

FROM ${BASE} AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
# As it is published: the bundle, with the three packages that hold native code.
RUN npm pack --pack-destination /tmp \
 && npm install --global --prefix /opt/forklore --no-audit --no-fund /tmp/forklore-*.tgz \
 && find /opt/forklore -name '*.map' -delete

FROM ${BASE}
# As process 1, tini hands signals on, and reaps the children of processes that ended before them.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends tini \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 forklore \
 && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin forklore \
 && install --directory --owner 10001 --group 10001 --mode 700 /data
COPY --from=build /opt/forklore /opt/forklore
ENV PATH=/opt/forklore/bin:$PATH NODE_ENV=production FORKLORE_RUNTIME_DIR=/data/runtime
# By number, so that Kubernetes sees that it is not root.
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.FORKLORE_PORT ?? 5000}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tini", "--", "forklore"]
CMD ["node", "--host", "0.0.0.0", "--data-dir", "/data/chain", "--admin-token-file", "/data/admin-token"]
