"""How many requests a second the machine itself can do: h2load against nginx, where both are installed."""

import re
import shutil
import subprocess
import time
from pathlib import Path

from tests.benchmarks.push.bodies import Mail
from tests.benchmarks.push.server import STREAMS, fcm_at, free_port

CONNECTIONS = 16
REQUESTS = 150_000

_CONFIGURATION = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_body_temp_path {folder}/body; http2_max_concurrent_streams {streams};
  keepalive_requests 1000000;
  server {{
    listen 127.0.0.1:{port} ssl http2; ssl_certificate {chain}; ssl_certificate_key {chain};
    location / {{ default_type application/json; return 200 '{{"name": "projects/x/messages/1"}}'; }}
  }}
}}
"""


def measure_limit(folder: Path) -> None:
    """Prints it, or what is missing."""
    print("\nthe limit of the machine, without Python")
    missing = [name for name in ("nginx", "h2load") if shutil.which(name) is None]
    if missing:
        print(f"  not measured: {' and '.join(missing)} not installed")
        return
    port = free_port()
    base_url = f"https://127.0.0.1:{port}"
    chain = fcm_at(base_url, folder).identity.chain
    body, configuration = folder / "body.json", folder / "nginx.conf"
    body.write_bytes(Mail().build())
    configuration.write_text(_CONFIGURATION.format(folder=folder, port=port, chain=chain, streams=STREAMS))
    # It starts as root where we are root, and its workers may then not read the folder.
    server = subprocess.Popen(["nginx", "-p", folder, "-c", configuration], stderr=subprocess.DEVNULL)
    try:
        time.sleep(1)
        print(f"  h2load against nginx {_h2load(base_url, body):>22.0f} requests/s")
    finally:
        server.terminate()
        server.wait(20)


def _h2load(base_url: str, body: Path) -> float:
    words = ["-n", str(REQUESTS), "-c", str(CONNECTIONS), "-m", str(STREAMS), "-t", "1", "-d", str(body)]
    words += ["-H", "content-type: application/json", f"{base_url}/v1/projects/x/messages:send"]
    ended = subprocess.run(["h2load", *words], capture_output=True, check=True, timeout=120)
    found = re.search(rb"([\d.]+) req/s", ended.stdout)
    if found is None:
        raise RuntimeError("h2load said nothing of req/s")
    return float(found[1])
