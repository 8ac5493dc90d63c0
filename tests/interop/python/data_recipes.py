"""kazoo's recipes for data, each step when the suite asks: a line in, a line out."""

import sys

from kazoo.client import KazooClient

PATIENCE_S = 30

client = KazooClient(hosts=sys.argv[1], timeout=20)
client.start(timeout=PATIENCE_S)
parties = {}


def text(data):
    return "" if data is None else data.decode()


def queue_put(path, priority, item):
    client.Queue(path).put(item.encode(), priority=int(priority))
    return ""


def queue_get(path):
    return text(client.Queue(path).get())


def locking_put(path, priority, item):
    client.LockingQueue(path).put(item.encode(), priority=int(priority))
    return ""


def locking_take(path):
    queue = client.LockingQueue(path)
    item = text(queue.get(timeout=PATIENCE_S))
    queue.consume()
    return item


def counter_add(path, delta):
    counter = client.Counter(path)
    counter += int(delta)
    return str(counter.value)


def curator_counter_add(path, delta):
    counter = client.Counter(path, support_curator=True)
    counter += int(delta)
    return str(counter.value)


def barrier_set(path):
    client.Barrier(path).create()
    return ""


def barrier_lift(path):
    return str(client.Barrier(path).remove())


def barrier_wait(path):
    return str(client.Barrier(path).wait(PATIENCE_S))


def double_through(path, count):
    barrier = client.DoubleBarrier(path, int(count))
    barrier.enter()
    barrier.leave()
    return ""


def party_join(path, who):
    party = client.Party(path, who)
    party.join()
    parties[path] = party
    return ""


def shallow_join(path, who):
    party = client.ShallowParty(path, who)
    party.join()
    parties[path] = party
    return ""


def party_members(path):
    return ",".join(sorted(parties[path]))


def party_leave(path):
    parties.pop(path).leave()
    return ""


STEPS = {
    name: step
    for name, step in list(globals().items())
    if callable(step) and getattr(step, "__module__", "") == "__main__"
}

for line in sys.stdin:
    name, *arguments = line.rstrip("\n").split("\t")
    try:
        answer = "ok\t" + STEPS[name.replace("-", "_")](*arguments)
    except Exception as problem:
        answer = "error\t" + repr(problem)
    print(answer, flush=True)

client.stop()
