# Exporters that no pinned image with a health check exists for.
ARG DEBIAN_IMAGE=debian:bookworm-20250811-slim
ARG NGINX_EXPORTER_IMAGE=nginx/nginx-prometheus-exporter:1.4.2
ARG BUSYBOX_IMAGE=busybox:1.37.0-musl

# mtail has no published image, and justwatchcom's sql_exporter only a moving tag. These are the versions of native mode.
FROM ${DEBIAN_IMAGE} AS debian
RUN apt-get update \
  && apt-get install -y --no-install-recommends busybox 'mtail=3.0.0~rc50-1*' 'prometheus-sql-exporter=0.4.5-1*' \
  && rm -rf /var/lib/apt/lists/*
USER 10001:10001

FROM ${BUSYBOX_IMAGE} AS busybox

# The exporter's image holds nothing but the exporter: wget is for the health check.
FROM ${NGINX_EXPORTER_IMAGE} AS nginx
COPY --from=busybox /bin/busybox /bin/wget
USER 10001:10001
