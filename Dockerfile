# Three images from one file: `board` (web and worker), `proxy`, and what they are built with.
#
# Base images are pinned by exact version. To pin them by content too, write the digest behind the version, for
# instance node:24.21.0-bookworm-slim@sha256:…, as `docker buildx imagetools inspect node:24.21.0-bookworm-slim` tells it.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim
ARG CADDY_IMAGE=caddy:2.10.2-alpine

# The web app, built with everything that building takes.
FROM ${NODE_IMAGE} AS build
WORKDIR /opsboard
COPY package.json package-lock.json .npmrc ./
COPY shared/package.json shared/
COPY embedded-mongo/package.json embedded-mongo/
COPY server/package.json server/
COPY web/package.json web/
RUN npm ci --no-audit --no-fund
COPY shared shared
COPY web web
RUN npm run build -w web

# The packages that the server runs with, and no others.
FROM ${NODE_IMAGE} AS packages
WORKDIR /opsboard
COPY package.json package-lock.json .npmrc ./
COPY shared/package.json shared/
COPY embedded-mongo/package.json embedded-mongo/
COPY server/package.json server/
COPY web/package.json web/
RUN npm ci --omit=dev --no-audit --no-fund -w server -w shared

# The board: `node server/src/main.ts web`, or `worker`, or `node scripts/backup.ts`.
FROM ${NODE_IMAGE} AS board
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /opsboard
COPY --from=packages /opsboard/node_modules node_modules
COPY package.json ./
COPY shared shared
COPY server server
COPY scripts/backup.ts scripts/restore.ts scripts/
COPY scripts/lib scripts/lib
COPY --from=build /opsboard/web/build web/build
# Where backups go: a volume put here belongs to the account that writes them.
RUN mkdir /backups && chown node:node /backups
# An account that owns none of these files.
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "server/src/main.ts", "web"]

# The way in: TLS, and WebSocket to any web process.
FROM ${CADDY_IMAGE} AS proxy
COPY deploy/Caddyfile /etc/caddy/Caddyfile
# Certificates are kept in volumes, which take the owner of the folder that they are put on.
RUN mkdir -p /data /config && chown -R 1000:1000 /data /config
USER 1000:1000
EXPOSE 8080 8443
