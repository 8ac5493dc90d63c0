"""kazoo: the plain client, its transactions, and all its recipes, most of them between two clients."""

import datetime
import logging
import sys
import threading
import time

from checks import PORT, PROXY_PORT, ask, check, equal, eventually, in_parallel, raises
from kazoo.client import KazooClient, KazooState
from kazoo.exceptions import (
    AuthFailedError,
    BadVersionError,
    InvalidACLError,
    LockTimeout,
    NoAuthError,
    NoChildrenForEphemeralsError,
    NodeExistsError,
    NoNodeError,
    NotEmptyError,
    RolledBackError,
    RuntimeInconsistency,
    SessionExpiredError,
)
from kazoo.protocol.states import EventType
from kazoo.recipe.cache import TreeCache, TreeEvent
from kazoo.recipe.partitioner import PartitionState
from kazoo.retry import KazooRetry
from kazoo.security import ACL, Id, make_acl, make_digest_acl

logging.basicConfig(stream=sys.stderr, level=logging.CRITICAL)


def connect(port=PORT, timeout=10.0, **options):
    client = KazooClient(f"127.0.0.1:{port}", timeout=timeout, **options)
    client.start()
    return client


one = connect()
two = connect()


# --- the plain client


@check("client: create in all its modes")
def _():
    equal(one.create("/k", b"v"), "/k")
    equal(one.create("/k/s-", sequence=True), "/k/s-0000000000")
    equal(one.create("/k/e-", ephemeral=True, sequence=True), "/k/e-0000000001")
    path, stat = one.create("/k/e", b"xy", ephemeral=True, include_data=True)
    equal((path, stat.dataLength, stat.owner_session_id), ("/k/e", 2, one.client_id[0]))
    equal(one.create("/k/a/b/c", b"deep", makepath=True), "/k/a/b/c")
    equal(two.get("/k/a/b/c")[0], b"deep")


@check("client: errors are the right ones")
def _():
    raises(NodeExistsError, one.create, "/k")
    raises(NoNodeError, one.create, "/none/k")
    raises(NoChildrenForEphemeralsError, one.create, "/k/e/x")
    raises(NoNodeError, one.get, "/none")
    raises(NoNodeError, one.get_children, "/none")
    raises(NotEmptyError, one.delete, "/k")
    raises(BadVersionError, one.delete, "/k/e", 7)
    raises(BadVersionError, one.set, "/k", b"", 7)
    raises(InvalidACLError, one.create, "/k/x", acl=[make_acl("nonsense", "x", all=True)])
    equal(one.exists("/none"), None)


@check("client: get, set, and what their stat says")
def _():
    stat = one.set("/k", b"w", 0)
    data, read = two.get("/k")
    equal((data, read), (b"w", stat))
    equal((stat.version, stat.data_length, stat.children_count), (1, 1, 4))
    assert stat.last_modified_transaction_id > stat.creation_transaction_id


@check("client: children with stat, ensure_path, recursive delete")
def _():
    children, stat = one.get_children("/k", include_data=True)
    equal(sorted(children), ["a", "e", "e-0000000001", "s-0000000000"])
    equal(stat.numChildren, 4)
    one.ensure_path("/k/x/y/z")
    one.ensure_path("/k/x/y/z")
    one.delete("/k/x", recursive=True)
    equal(one.exists("/k/x"), None)


@check("client: asynchronous requests are answered in order")
def _():
    answers = [one.create_async("/k/async", b"1")]
    answers += [one.set_async("/k/async", str(i).encode()) for i in range(100)]
    answers += [one.get_async("/k/async"), one.delete_async("/k/async")]
    equal(answers[0].get(10), "/k/async")
    equal([answer.get(10).version for answer in answers[1:101]], list(range(1, 101)))
    equal(answers[101].get(10)[0], b"99")


@check("client: sync, and the watch of get, exists and get_children")
def _():
    seen = []
    one.create("/w", b"")
    one.get("/w", watch=lambda event: seen.append((event.type, event.path)))
    one.get_children("/w", watch=lambda event: seen.append((event.type, event.path)))
    one.exists("/w/x", watch=lambda event: seen.append((event.type, event.path)))
    two.create("/w/x")
    two.set("/w", b"changed")
    eventually("three events", lambda: len(seen) == 3)
    equal(
        sorted(seen),
        sorted(
            [
                (EventType.CREATED, "/w/x"),
                (EventType.CHILD, "/w"),
                (EventType.CHANGED, "/w"),
            ]
        ),
    )
    equal(one.sync("/w"), "/w")


@check("client: ACLs and add_auth")
def _():
    guarded = connect()
    guarded.add_auth("digest", "bob:pw")
    guarded.create("/acl", b"secret", acl=[make_digest_acl("bob", "pw", all=True)])
    raises(NoAuthError, one.get, "/acl")
    raises(NoAuthError, one.set, "/acl", b"")
    equal(guarded.get("/acl")[0], b"secret")
    acls, stat = guarded.get_acls("/acl")
    equal((acls, stat.aversion), ([make_digest_acl("bob", "pw", all=True)], 0))
    guarded.set_acls("/acl", [make_acl("world", "anyone", read=True)])
    equal(one.get("/acl")[0], b"secret")
    guarded.create("/acl-auth", acl=[ACL(31, Id("auth", ""))])
    equal(guarded.get_acls("/acl-auth")[0], [make_digest_acl("bob", "pw", all=True)])
    guarded.stop()


@check("client: an unknown scheme fails the authentication")
def _():
    stranger = connect()
    raises(AuthFailedError, stranger.add_auth, "nonsense", "x")
    stranger.stop()


@check("client: chroot")
def _():
    rooted = connect()
    rooted.ensure_path("/chroot/here")
    rooted.chroot = "/chroot/here"
    equal(rooted.create("/n", b"n"), "/n")
    equal(one.get("/chroot/here/n")[0], b"n")
    equal(rooted.get_children("/"), ["n"])
    rooted.stop()


@check("client: server_version and four-letter words")
def _():
    version = one.server_version()
    assert len(version) >= 3 and version >= (3, 5), version
    equal(one.command(b"ruok"), "imok")


@check("client: eight hundred kilobytes of data")
def _():
    data = bytes(range(256)) * 3200
    one.create("/big", data)
    equal(two.get("/big")[0], data)
    one.delete("/big")


@check("transaction: results, and all or nothing")
def _():
    transaction = one.transaction()
    transaction.create("/tx", b"1")
    transaction.create("/tx/s-", sequence=True)
    transaction.set_data("/tx", b"2", 0)
    transaction.check("/tx", 1)
    results = transaction.commit()
    equal(results[:2], ["/tx", "/tx/s-0000000000"])
    equal((results[2].version, results[3]), (1, True))
    transaction = one.transaction()
    transaction.create("/tx/never")
    transaction.delete("/none")
    transaction.delete("/tx")
    equal(
        [type(result) for result in transaction.commit()],
        [RolledBackError, NoNodeError, RuntimeInconsistency],
    )
    equal(one.exists("/tx/never"), None)


@check("transaction: as a context")
def _():
    with one.transaction() as transaction:
        transaction.create("/tx/with", ephemeral=True)
        transaction.delete("/tx/s-0000000000", 0)
    equal(two.get_children("/tx"), ["with"])


@check("retry: a command that fails twice")
def _():
    attempts = []

    def shaky():
        attempts.append(1)
        if len(attempts) < 3:
            raise SessionExpiredError()
        return "done"

    equal(KazooRetry(max_tries=5, delay=0.01)(shaky), "done")
    equal(len(attempts), 3)
    equal(one.retry(one.get, "/tx")[0], b"2")


# --- recipes: locks


@check("Lock: excludes, times out, lists its contenders")
def _():
    mine = one.Lock("/lock", "mine")
    yours = two.Lock("/lock", "yours")
    assert mine.acquire()
    equal(yours.acquire(blocking=False), False)
    raises(LockTimeout, yours.acquire, timeout=0.2)
    waiting = threading.Thread(target=yours.acquire)
    waiting.start()
    eventually("both contend", lambda: mine.contenders() == ["mine", "yours"])
    mine.release()
    waiting.join(10)
    assert yours.is_acquired
    equal(yours.contenders(), ["yours"])
    yours.release()


@check("Lock: eight threads never overlap")
def _():
    inside = []
    overlaps = []
    entries = []

    def work(client):
        for _ in range(5):
            with client.Lock("/lock-contended"):
                inside.append(1)
                if len(inside) > 1:
                    overlaps.append(1)
                entries.append(1)
                inside.pop()

    in_parallel(*[lambda client=client: work(client) for client in [one, two] * 4])
    equal((overlaps, len(entries)), ([], 40))


@check("Lock: is free when its client is gone")
def _():
    three = connect()
    three.Lock("/lock-dying").acquire()
    lock = one.Lock("/lock-dying")
    equal(lock.acquire(blocking=False), False)
    three.stop()
    assert lock.acquire(timeout=10)
    lock.release()


@check("ReadLock and WriteLock: readers together, a writer alone")
def _():
    reader, other = one.ReadLock("/rw"), two.ReadLock("/rw")
    writer = two.WriteLock("/rw")
    assert reader.acquire() and other.acquire(blocking=False)
    equal(writer.acquire(blocking=False), False)
    reader.release()
    other.release()
    assert writer.acquire(timeout=10)
    equal(reader.acquire(blocking=False), False)
    writer.release()
    assert reader.acquire(timeout=10)
    reader.release()


@check("Semaphore: so many leases and no more")
def _():
    mine = one.Semaphore("/semaphore", "mine", max_leases=2)
    yours = two.Semaphore("/semaphore", "yours", max_leases=2)
    third = two.Semaphore("/semaphore", "third", max_leases=2)
    assert mine.acquire() and yours.acquire()
    equal(sorted(mine.lease_holders()), ["mine", "yours"])
    equal(third.acquire(blocking=False), False)
    waiting = threading.Thread(target=third.acquire)
    waiting.start()
    time.sleep(0.2)
    mine.release()
    waiting.join(10)
    equal(sorted(mine.lease_holders()), ["third", "yours"])
    yours.release()
    third.release()


@check("NonBlockingLease: held by one until its time is over")
def _():
    hour = datetime.timedelta(hours=1)
    now = [datetime.datetime(2030, 1, 1)]
    clock = lambda: now[0]
    assert one.NonBlockingLease("/lease", hour, identifier="mine", utcnow=clock)
    assert not two.NonBlockingLease("/lease", hour, identifier="yours", utcnow=clock)
    assert one.NonBlockingLease("/lease", hour, identifier="mine", utcnow=clock)
    now[0] += datetime.timedelta(hours=2)
    assert two.NonBlockingLease("/lease", hour, identifier="yours", utcnow=clock)


@check("MultiNonBlockingLease: held by so many")
def _():
    hour = datetime.timedelta(hours=1)
    for name, expected in [("a", True), ("b", True), ("c", False)]:
        lease = two.MultiNonBlockingLease(2, "/leases", hour, identifier=name)
        equal(bool(lease), expected)


# --- recipes: election, barriers, counters, queues


@check("Election: one after the other")
def _():
    order = []
    first_runs = threading.Event()
    may_end = threading.Event()

    def lead_first():
        order.append("first")
        first_runs.set()
        may_end.wait(10)

    def second():
        two.Election("/election", "second").run(lambda: order.append("second"))

    election = one.Election("/election", "first")
    leading = threading.Thread(target=lambda: election.run(lead_first))
    leading.start()
    assert first_runs.wait(10)
    following = threading.Thread(target=second)
    following.start()
    eventually("both contend", lambda: election.contenders() == ["first", "second"])
    equal(order, ["first"])
    may_end.set()
    leading.join(10)
    following.join(10)
    equal(order, ["first", "second"])


@check("Barrier: holds until it is removed")
def _():
    barrier = one.Barrier("/barrier")
    barrier.create()
    equal(two.Barrier("/barrier").wait(0.2), False)
    timer = threading.Timer(0.1, barrier.remove)
    timer.start()
    equal(two.Barrier("/barrier").wait(10), True)
    equal(barrier.remove(), False)


@check("DoubleBarrier: all enter together and leave together")
def _():
    arrived = []

    def visit(client, number):
        barrier = client.DoubleBarrier("/double", 3, identifier=str(number))
        arrived.append(number)
        barrier.enter()
        assert barrier.participating
        equal(len(arrived), 3)
        barrier.leave()

    in_parallel(*[lambda n=n: visit([one, two][n % 2], n) for n in range(3)])
    equal(one.get_children("/double"), [])


@check("Counter: nothing is lost under contention")
def _():
    def count(client):
        counter = client.Counter("/counter")
        for _ in range(10):
            counter += 2
        counter -= 1

    in_parallel(lambda: count(one), lambda: count(two))
    equal(one.Counter("/counter").value, 38)


@check("Counter: fractions, and Curator's encoding")
def _():
    counter = one.Counter("/counter-float", default=1.0)
    counter += 2.5
    equal((two.Counter("/counter-float", default=1.0).value, counter.pre_value), (3.5, 1.0))
    counter = one.Counter("/counter-curator", support_curator=True)
    counter += 258
    equal(two.get("/counter-curator")[0], b"\x00\x00\x01\x02")


@check("Queue: by priority, then in order; empty is None")
def _():
    queue = one.Queue("/queue")
    for value, priority in [(b"c", 100), (b"d", 100), (b"a", 1), (b"b", 50)]:
        queue.put(value, priority)
    equal(len(two.Queue("/queue")), 4)
    equal([two.Queue("/queue").get() for _ in range(5)], [b"a", b"b", b"c", b"d", None])


@check("LockingQueue: an entry is taken, consumed or released")
def _():
    mine, yours = one.LockingQueue("/locking"), two.LockingQueue("/locking")
    mine.put_all([b"one", b"two"])
    mine.put(b"urgent", priority=1)
    equal(mine.get(5), b"urgent")
    assert mine.holds_lock()
    equal(yours.get(5), b"one")
    assert mine.consume() and yours.release()
    equal([mine.get(5), mine.consume(), mine.get(5), mine.consume()], [b"one", True, b"two", True])
    equal((len(mine), yours.get(0.2)), (0, None))


@check("LockingQueue: a waiting reader is woken")
def _():
    results = []
    queue = two.LockingQueue("/locking")
    waiting = threading.Thread(target=lambda: results.append(queue.get(10)))
    waiting.start()
    time.sleep(0.2)
    one.LockingQueue("/locking").put(b"late")
    waiting.join(10)
    equal((results, queue.consume()), ([b"late"], True))


# --- recipes: parties, partitions, watchers


@check("Party: who is there, with data")
def _():
    mine, yours = one.Party("/party", "mine"), two.Party("/party", "yours")
    mine.join()
    yours.join()
    equal((sorted(mine), len(mine)), (["mine", "yours"], 2))
    yours.leave()
    equal(list(mine), ["mine"])
    mine.leave()


@check("ShallowParty: who is there, by name alone")
def _():
    mine, yours = one.ShallowParty("/shallow", "mine"), two.ShallowParty("/shallow", "yours")
    mine.join()
    yours.join()
    equal((sorted(mine), len(yours)), (["mine", "yours"], 2))
    mine.leave()
    equal(list(yours), ["yours"])
    yours.leave()


@check("SetPartitioner: two members share, and the second takes all when the first goes")
def _():
    whole = tuple(range(6))

    def partitioner(client, name):
        return client.SetPartitioner(
            "/partition", set=whole, identifier=name, time_boundary=0.3
        )

    def settle(*members):
        for _ in range(600):
            for member in members:
                if member.state == PartitionState.RELEASE:
                    member.release_set()
            if all(member.acquired for member in members):
                return
            time.sleep(0.025)
        raise AssertionError([member.state for member in members])

    mine = partitioner(one, "a")
    settle(mine)
    equal(sorted(mine), list(whole))
    yours = partitioner(two, "b")
    eventually("the first lets go", lambda: mine.state == PartitionState.RELEASE)
    settle(mine, yours)
    equal((len(list(mine)), sorted(list(mine) + list(yours))), (3, list(whole)))
    mine.finish()
    eventually("the second lets go", lambda: yours.state == PartitionState.RELEASE)
    settle(yours)
    equal(sorted(yours), list(whole))
    yours.finish()


@check("DataWatch: now, at each change, at the delete, and when it is back")
def _():
    seen = []

    @one.DataWatch("/watched")
    def _(data, stat):
        seen.append(data)

    def step(expected):
        eventually(f"{expected}", lambda: len(seen) == len(expected))
        equal(seen, expected)

    step([None])
    two.create("/watched", b"1")
    step([None, b"1"])
    two.set("/watched", b"2")
    step([None, b"1", b"2"])
    two.delete("/watched")
    step([None, b"1", b"2", None])
    two.create("/watched", b"3")
    step([None, b"1", b"2", None, b"3"])


@check("ChildrenWatch: now, at each change, until it says no")
def _():
    one.ensure_path("/children")
    seen = []

    @one.ChildrenWatch("/children")
    def _(children):
        seen.append(sorted(children))
        return len(seen) < 3

    two.create("/children/a")
    eventually("the first child", lambda: seen == [[], ["a"]])
    two.create("/children/b")
    eventually("the second child", lambda: seen == [[], ["a"], ["a", "b"]])
    two.create("/children/c")
    one.sync("/children")
    equal(len(seen), 3)


@check("TreeCache: holds the subtree and follows it")
def _():
    one.create("/tree", b"root")
    one.create("/tree/a", b"1")
    events = []
    cache = TreeCache(two, "/tree")
    cache.listen(lambda event: events.append(event.event_type))
    cache.start()
    eventually("it is initialized", lambda: TreeEvent.INITIALIZED in events)
    equal(cache.get_data("/tree/a").data, b"1")
    one.set("/tree/a", b"2")
    one.create("/tree/a/b", b"3")
    eventually("the change", lambda: cache.get_data("/tree/a").data == b"2")
    eventually("the new node", lambda: cache.get_children("/tree/a") == {"b"})
    one.delete("/tree/a", recursive=True)
    eventually("the delete", lambda: cache.get_data("/tree/a") is None)
    equal(cache.get_children("/tree"), set())
    cache.close()


# --- sessions


@check("session: cut and reconnected, with its ephemerals and watchers")
def _():
    shaky = connect(PROXY_PORT)
    session = shaky.client_id
    states, data = [], []
    shaky.add_listener(states.append)
    shaky.create("/cut", b"1", ephemeral=True)
    shaky.DataWatch("/cut", lambda value, stat: data.append(value))
    ask("refuse")
    eventually("suspended", lambda: states == [KazooState.SUSPENDED])
    two.set("/cut", b"2")
    ask("open")
    eventually("connected", lambda: states == [KazooState.SUSPENDED, KazooState.CONNECTED])
    eventually("the watcher catches up", lambda: data[-1] == b"2")
    equal(shaky.client_id, session)
    equal(shaky.exists("/cut").ephemeralOwner, session[0])
    shaky.stop()


@check("session: expired by silence, and a new one afterwards")
def _():
    shaky = connect(PROXY_PORT, timeout=2.0)
    session = shaky.client_id[0]
    states = []
    shaky.add_listener(states.append)
    shaky.create("/silent", ephemeral=True)
    ask("refuse")
    eventually("the ephemeral goes", lambda: one.exists("/silent") is None)
    ask("open")
    eventually("lost", lambda: KazooState.LOST in states)
    eventually("connected", lambda: states[-1] == KazooState.CONNECTED)
    assert shaky.client_id[0] != session
    shaky.stop()


@check("session: survives the restart of the server, a held lock with it")
def _():
    session = one.client_id[0]
    lock = one.Lock("/lock-restart")
    assert lock.acquire()
    ask("restart")
    eventually("both are back", lambda: one.connected and two.connected)
    equal(one.retry(one.get, "/k")[0], b"w")
    equal(one.client_id[0], session)
    equal(two.retry(two.Lock("/lock-restart").acquire, blocking=False), False)
    lock.release()


@check("session: stop and start again is a new session")
def _():
    client = connect()
    session = client.client_id[0]
    client.create("/again", ephemeral=True)
    client.stop()
    equal(one.exists("/again"), None)
    client.start()
    assert client.client_id[0] != session
    client.stop()
    client.close()


one.stop()
two.stop()
