"""kazoo on an ensemble: local sessions, and a member that is left alone and serves readers."""

import logging
import sys

from checks import PORTS, ask, check, equal, eventually, raises
from kazoo.client import KazooClient
from kazoo.exceptions import NoNodeError, NotReadOnlyCallError
from kazoo.protocol.states import KeeperState

logging.basicConfig(stream=sys.stderr, level=logging.CRITICAL)

HOSTS = ",".join(f"127.0.0.1:{port}" for port in PORTS)


def connect(hosts, **options):
    client = KazooClient(hosts, timeout=6.0, **options)
    client.start(timeout=30)
    return client


def at(index):
    return f"127.0.0.1:{PORTS[index]}"


def sessions_at(index):
    """How many local and global sessions this member knows."""
    asker = KazooClient(at(index), timeout=6.0)
    asker.start()
    lines = dict(line.split("\t") for line in asker.command(b"mntr").splitlines() if "\t" in line)
    asker.stop()
    asker.close()
    return int(lines["zk_local_sessions"]) - 1, int(lines["zk_global_sessions"])


@check("local sessions: known to one member, and to nobody else")
def _():
    one = connect(at(0))
    one.create("/plain", b"1")
    one.set("/plain", b"2")
    equal(one.get("/plain")[0], b"2")
    equal(sessions_at(0), (1, 0))
    equal(sessions_at(1), (0, 0))
    # Elsewhere it is no session: kazoo begins a new one.
    two = connect(at(1), client_id=one.client_id)
    assert two.client_id != one.client_id
    two.stop()
    one.stop()
    equal(sessions_at(0), (0, 0))


@check("local sessions: the first ephemeral makes one the ensemble's, alone or in a transaction")
def _():
    one = connect(at(0))
    one.create("/eph", ephemeral=True)
    equal(sessions_at(0), (0, 1))
    two = connect(at(1), client_id=one.client_id)
    equal(two.client_id[0], one.client_id[0])
    equal(two.exists("/eph").owner_session_id, one.client_id[0])
    two.stop()
    three = connect(at(2))
    transaction = three.transaction()
    transaction.create("/holder")
    transaction.create("/holder/eph", ephemeral=True)
    equal(transaction.commit(), ["/holder", "/holder/eph"])
    equal(sessions_at(2), (0, 1))
    three.stop()
    four = connect(at(1))
    raises(NoNodeError, four.get, "/eph")
    equal(four.get_children("/holder"), [])
    four.stop()
    equal(sessions_at(1), (0, 0))


holder = connect(HOSTS)
holder.create("/held", ephemeral=True)
holder_id = holder.client_id
ask("alone")


@check("read-only: a member left alone is read from")
def _():
    global reader
    reader = connect(HOSTS, read_only=True)
    equal(reader.client_state, KeeperState.CONNECTED_RO)
    equal(reader.get("/plain")[0], b"2")
    equal(reader.command(b"isro"), "ro")
    raises(NotReadOnlyCallError, reader.create, "/never")
    raises(NotReadOnlyCallError, reader.set, "/plain", b"3")
    raises(NotReadOnlyCallError, reader.delete, "/plain")
    equal(sorted(reader.get_children("/")), ["held", "holder", "plain", "zookeeper"])


ask("together")


@check("read-only: the client finds its way to a member that writes")
def _():
    eventually("kazoo writes again", lambda: reader.client_state == KeeperState.CONNECTED)
    reader.create("/later", ephemeral=True)
    reader.stop()


@check("read-only: a session from before, and its node, live on")
def _():
    eventually("the session is back", lambda: holder.client_state == KeeperState.CONNECTED)
    equal(holder.client_id, holder_id)
    equal(holder.exists("/held").owner_session_id, holder_id[0])
    raises(NoNodeError, holder.get, "/never")
    holder.stop()
