# stylize, for machines without a GPU (target cpu) and with one (target cuda).
#
#   docker build --target cpu  -t stylize .
#   docker build --target cuda -t stylize:cuda .
#   docker run --rm --user "$(id -u):$(id -g)" -e HOME=/tmp -v "$PWD:/clips" stylize run clip.mp4 --style anime
#   docker run --rm --gpus all --user "$(id -u):$(id -g)" -e HOME=/tmp -v "$PWD:/clips" stylize:cuda run clip.mp4 --style anime

FROM python:3.11-slim-bookworm AS base
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ffmpeg libegl1 libgl1-mesa-dri \
    && rm -rf /var/lib/apt/lists/*
RUN pip install --no-cache-dir "uv>=0.9"
RUN useradd --create-home --uid 1000 stylize
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy HF_HUB_OFFLINE=1
WORKDIR /opt/stylize
COPY pyproject.toml uv.lock README.md LICENSE ./

# PyPI's torch for Linux carries CUDA, which is what the lock names.
FROM base AS cuda
RUN uv sync --locked --no-dev --extra camera --no-install-project
COPY . .
RUN uv sync --locked --no-dev --extra camera --no-editable
ENV PATH=/opt/stylize/.venv/bin:$PATH
WORKDIR /clips
USER stylize
ENTRYPOINT ["stylize"]

# The same versions with torch's build for CPUs, some 5 GB smaller.
FROM base AS cpu
RUN uv venv .venv \
    && uv export --locked --no-dev --extra camera --no-hashes --no-emit-project --prune torch --prune torchvision > locked.txt \
    && uv pip install --torch-backend cpu -r locked.txt \
        "torch==$(uv export --locked --no-dev --no-hashes | sed -n 's/^torch==\([^ ;+]*\).*/\1/p')" torchvision
COPY . .
RUN uv pip install --no-deps .
ENV PATH=/opt/stylize/.venv/bin:$PATH
WORKDIR /clips
USER stylize
ENTRYPOINT ["stylize"]
