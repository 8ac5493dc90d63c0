"""An application on kazoo that goes on whatever happens to the servers, until its input ends.

It counts under a lock, and says in the end how often it was told that it had counted, how often it
was not told, and how often its session was lost.
"""

import json
import logging
import os
import sys
import threading

from kazoo.client import KazooClient, KazooState
from kazoo.exceptions import KazooException
from kazoo.handlers.threading import KazooTimeoutError

logging.basicConfig(level=logging.CRITICAL)
over = threading.Event()
lost = [0]


def on_state(state):
    if state == KazooState.LOST:
        lost[0] += 1


def wait_for_end():
    sys.stdin.read()
    over.set()


threading.Thread(target=wait_for_end, daemon=True).start()
client = KazooClient(hosts=os.environ["WORKER_HOSTS"], timeout=10.0)
client.add_listener(on_state)
client.start(timeout=60)
client.retry(client.ensure_path, "/kazoo")
done = 0
unknown = 0
while not over.is_set():
    lock = client.Lock("/kazoo/lock", "worker")
    try:
        if not lock.acquire(timeout=5):
            continue
        value, stat = client.get("/kazoo")
        try:
            client.set("/kazoo", str(int(value or b"0") + 1).encode(), version=stat.version)
            done += 1
        except KazooException:
            unknown += 1
    except (KazooException, KazooTimeoutError):
        pass
    finally:
        try:
            lock.release()
        except (KazooException, KazooTimeoutError):
            pass
    over.wait(0.05)
value, _ = client.retry(client.get, "/kazoo")
# Its own stop counts as a loss for kazoo.
account = {"done": done, "unknown": unknown, "lost": lost[0], "value": int(value or b"0")}
client.stop()
print(json.dumps(account))
