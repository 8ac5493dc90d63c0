"""The peers' side of the report: one JSON line per check, and wishes to the harness."""

import json
import os
import sys
import threading
import time
import traceback

PORT = int(os.environ.get("PEER_PORT", "0"))
PROXY_PORT = int(os.environ.get("PEER_PROXY_PORT", "0"))
# Of an ensemble: the member that stays, then the others.
PORTS = [int(port) for port in os.environ.get("PEER_PORTS", "").split(",") if port]
PATIENCE_S = 15

_print_lock = threading.Lock()


def _emit(message):
    with _print_lock:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


def check(name):
    """A decorator that runs the check at once; it passes unless it raises."""

    def run(body):
        try:
            body()
            _emit({"name": name, "ok": True, "detail": ""})
        except Exception:
            _emit({"name": name, "ok": False, "detail": traceback.format_exc()[-1500:]})
        return body

    return run


def equal(actual, expected):
    assert actual == expected, f"expected {expected!r}, got {actual!r}"


def raises(error, operation, *args, **options):
    try:
        operation(*args, **options)
    except error:
        return
    raise AssertionError(f"{error.__name__} was not raised")


def eventually(what, fact):
    """Waits for something that other threads or the server bring about."""
    deadline = time.monotonic() + PATIENCE_S
    while not fact():
        assert time.monotonic() < deadline, f"did not happen in {PATIENCE_S} s: {what}"
        time.sleep(0.01)


def ask(wish):
    """Asks the harness for a fault and waits until it has happened."""
    _emit({"ask": wish})
    answer = sys.stdin.readline().strip()
    assert answer == "done", f"the harness did not answer to {wish}"


def in_parallel(*bodies):
    """Runs the bodies in threads and raises what the first of them raises."""
    problems = []

    def guarded(body):
        try:
            body()
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=guarded, args=(body,), daemon=True) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive(), "a thread hangs"
    if problems:
        raise problems[0]
