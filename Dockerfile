# One image for every process of CareMatch; which one it is, the command says:
#   docker build -t carematch .
#   docker run -p 8000:8000 -v carematch:/data carematch                  web (the default command)
#   docker run -v carematch:/data carematch carematch worker              runs the night on schedule
#   docker run -v carematch:/data carematch carematch nightly --once      one night, for cron or a CronJob
# Behind a proxy that speaks HTTPS: CAREMATCH_SECURE_COOKIES=true, and FORWARDED_ALLOW_IPS=<the proxy's address>, for sign-ins
# are throttled by address too, and everybody would share the proxy's.
# With DATABASE_URL=postgresql://... the record lives there; /data then holds the field key and day packs.
FROM python:3.11-slim AS packages
WORKDIR /build
RUN python -m venv /opt/carematch
COPY requirements.lock ./
RUN /opt/carematch/bin/pip install --no-cache-dir --require-hashes --only-binary=:all: -r requirements.lock
COPY pyproject.toml README.md ./
COPY app app
COPY solver solver
COPY migrations migrations
RUN /opt/carematch/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim
# An ordinary user with a fixed number, so that a volume keeps its owner from one image to the next.
RUN groupadd --gid 10001 carematch \
 && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin carematch \
 && install -d -o carematch -g carematch -m 0750 /data
COPY --from=packages /opt/carematch /opt/carematch
# Requests are logged where the container's other output goes; a file a day below /data/logs without this word.
ENV PATH=/opt/carematch/bin:$PATH PYTHONUNBUFFERED=1 DATA=/data PORT=8000 CAREMATCH_LOG=stdout
USER carematch
WORKDIR /data
VOLUME /data
EXPOSE 8000
# A worker has no address to ask: run it with --no-healthcheck; its sign of life is GET /api/ready of the web process.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD \
  ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:%s/api/health' % os.environ['PORT'], timeout=4)"]
CMD ["carematch", "serve", "--host", "0.0.0.0"]
