# syntax=docker/dockerfile:1
# One image for every process: `api`, `push worker`, `scheduler`, `db upgrade`, `doctor` ... (docs/install.md).

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/diary
WORKDIR /src
# First what changes seldom, so that a change of the code does not install everything again.
COPY requirements.lock ./
RUN /opt/diary/bin/pip install --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md ./
COPY schemas ./schemas
COPY push ./push
COPY backend ./backend
RUN /opt/diary/bin/pip install --no-deps .

FROM python:3.13-slim
ENV PATH=/opt/diary/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000
# The number is fixed, so that a secret file can be given to it on the host: chown 10001.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin diary
COPY --from=build /opt/diary /opt/diary
# Where a volume with files is mounted; a new one takes over the owner.
RUN install --directory --owner=10001 --group=10001 --mode=700 /var/lib/diary/files
WORKDIR /
USER 10001:10001
EXPOSE 8000
ENTRYPOINT ["diary"]
CMD ["--help"]
