# Our own Node programs, and the agent, which needs Nginx beside it. Context: the repository's root.
# Node is the one that package.json brings for npm start: a test holds them together.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim
ARG NGINX_IMAGE=nginx:1.28.0-bookworm
ARG POSTGRES_IMAGE=postgres:16.9-bookworm

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# npm checks the lock file against every workspace, so all manifests are needed though not all are installed.
COPY packages/action-service/package.json packages/action-service/
COPY packages/agent/package.json packages/agent/
COPY packages/contracts/package.json packages/contracts/
COPY packages/host/package.json packages/host/
COPY packages/launcher/package.json packages/launcher/
COPY packages/stand-ins/package.json packages/stand-ins/
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
  --workspace @dfr-ops/action-service --workspace @dfr-ops/agent --workspace @dfr-ops/contracts \
  --workspace @dfr-ops/host --workspace @dfr-ops/stand-ins

FROM ${NODE_IMAGE} AS programs
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app ./
COPY packages/contracts/src packages/contracts/src
COPY packages/action-service/src packages/action-service/src
COPY packages/host/src packages/host/src
COPY packages/stand-ins/src packages/stand-ins/src
COPY docker/door.mjs docker/health.sh docker/
# Where the built page, the bundle and the dashboards are mounted.
RUN mkdir -p dist dashboards packages/host/dist
USER 10001:10001

# The agent tests and starts Nginx itself: it is that image with Node added, and Nginx runs from the same one.
FROM ${NGINX_IMAGE} AS agent
ENV NODE_ENV=production
COPY --from=dependencies /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY --from=dependencies /app ./
COPY packages/contracts/src packages/contracts/src
COPY packages/agent/src packages/agent/src
COPY docker/nginx docker/nginx
ENTRYPOINT []
USER 10001:10001

# pg_dump must be as new as its server: the backup program runs in the server's own image, with Node added.
FROM ${POSTGRES_IMAGE} AS backup
ENV NODE_ENV=production
COPY --from=dependencies /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY --from=dependencies /app ./
COPY packages/agent/src packages/agent/src
COPY docker/health.sh docker/
ENTRYPOINT []
USER 10001:10001
