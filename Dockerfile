# The workbench for a team: docker compose up (compose.yaml, docs/configuration.md).
FROM python:3.11-slim
# app: the pages. collect: the label store and the labelling page. judges: clients of AI judges. all: training too, which
# brings torch and needs several gigabytes.
ARG EXTRAS=app,collect,judges
WORKDIR /app
COPY . .
RUN pip install --no-cache-dir -c constraints.txt -e ".[${EXTRAS}]" "streamlit[auth]" \
    && useradd --uid 10001 --create-home workbench \
    && mkdir -p /data/exports && chown -R workbench /data
USER workbench
ENV WORKBENCH_DATA_ROOTS=/data/exports \
    WORKBENCH_UPLOADS=/data/uploads \
    WORKBENCH_RUNS=/data/runs \
    WORKBENCH_JUDGING=/data/judging \
    WORKBENCH_EMBEDDINGS=/data/embeddings \
    WORKBENCH_LABELS=/data/labels.sqlite \
    NUMBA_CACHE_DIR=/data/numba
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --start-period=60s \
    CMD python -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=5)"
ENTRYPOINT ["workbench", "app", "--address", "0.0.0.0", "--port", "8501", "--no-demo", "--no-browser"]
