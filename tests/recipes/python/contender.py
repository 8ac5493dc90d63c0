"""Contends for kazoo's recipes as it is told: one command a line, one answer a line."""

import logging
import sys
import threading

from kazoo.client import KazooClient
from kazoo.exceptions import LockTimeout

logging.basicConfig(stream=sys.stderr, level=logging.CRITICAL)
client = KazooClient(sys.argv[1], timeout=10.0)
client.start()
objects = {}
resign = threading.Event()


def thing(kind, path):
    key = (kind, path)
    if key not in objects:
        objects[key] = {
            "lock": lambda: client.Lock(path, "kazoo"),
            "read": lambda: client.ReadLock(path, "kazoo"),
            "write": lambda: client.WriteLock(path, "kazoo"),
            "semaphore": lambda: client.Semaphore(path, "kazoo", max_leases=2),
            "election": lambda: client.Election(path, "kazoo"),
        }[kind]()
    return objects[key]


def run(verb, kind, path):
    it = thing(kind, path)
    if verb == "try":
        return "held" if it.acquire(blocking=False) else "busy"
    if verb == "acquire":
        try:
            return "held" if it.acquire(timeout=20) else "busy"
        except LockTimeout:
            return "busy"
    if verb == "release":
        it.release()
        return "released"
    if verb == "lead":
        resign.clear()
        leading = threading.Event()

        def body():
            leading.set()
            resign.wait()

        threading.Thread(target=it.run, args=(body,), daemon=True).start()
        return "leads" if leading.wait(20) else "follows"
    if verb == "resign":
        resign.set()
        return "resigned"
    if verb == "contenders":
        return ",".join(it.contenders())
    raise ValueError(verb)


print("ready", flush=True)
for line in sys.stdin:
    try:
        answer = run(*line.split())
    except Exception as error:
        answer = f"failed {error!r}"
    print(answer, flush=True)
