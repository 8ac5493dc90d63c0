import static org.apache.zookeeper.CreateMode.EPHEMERAL;
import static org.apache.zookeeper.CreateMode.PERSISTENT;
import static org.apache.zookeeper.CreateMode.PERSISTENT_SEQUENTIAL;
import static org.apache.zookeeper.ZooDefs.Ids.OPEN_ACL_UNSAFE;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/** Sessions: negotiated, moved, cut, expired, and over the restart of the server. */
final class SessionChecks {
  private static final String DIRECT = "127.0.0.1:" + Checks.PORT;
  private static final String THROUGH_PROXY = "127.0.0.1:" + Checks.PROXY_PORT;

  private SessionChecks() {}

  static void run() throws Exception {
    negotiation();
    chroot();
    try (ZooKeeper observer = Client.connect()) {
      disconnection(observer);
      expiry(observer);
    }
    restart();
  }

  private static void negotiation() {
    Checks.check("session: the timeout is kept between two and a hundred and twenty ticks", () -> {
      try (ZooKeeper zk = Client.connect(DIRECT, 10, new Client.Events())) {
        Checks.equal(zk.getSessionTimeout(), 1000);
      }
      try (ZooKeeper zk = Client.connect(DIRECT, 9_000_000, new Client.Events())) {
        Checks.equal(zk.getSessionTimeout(), 60_000);
      }
    });
    Checks.check("session: taken over by another handle with id and password", () -> {
      Client.Events events = new Client.Events();
      ZooKeeper first = Client.connect();
      first.create("/taken", null, OPEN_ACL_UNSAFE, EPHEMERAL);
      try (ZooKeeper second = new ZooKeeper(DIRECT, Client.TIMEOUT_MS, events,
          first.getSessionId(), first.getSessionPasswd())) {
        events.awaitConnected();
        Checks.equal(second.getSessionId(), first.getSessionId());
        Checks.equal(second.getEphemerals(), List.of("/taken"));
      }
      try (ZooKeeper third = Client.connect()) {
        Checks.equal(third.exists("/taken", false), null);
      }
    });
    Checks.check("session: a wrong password or an unknown id is an expired session", () -> {
      try (ZooKeeper owner = Client.connect()) {
        owner.create("/mine", null, OPEN_ACL_UNSAFE, EPHEMERAL);
        for (long id : new long[] {owner.getSessionId(), 0x1234_5678_9abcL}) {
          Client.Events events = new Client.Events();
          try (ZooKeeper thief =
              new ZooKeeper(DIRECT, Client.TIMEOUT_MS, events, id, new byte[16])) {
            events.awaitState(KeeperState.Expired);
            Checks.equal(thief.getState(), ZooKeeper.States.CLOSED);
          }
        }
        Checks.eventually("the owner goes on", () ->
            Client.codeOf(() -> owner.exists("/mine", false)) == Code.OK);
        Checks.isTrue(owner.exists("/mine", false) != null, "with its ephemeral");
      }
    });
    Checks.check("session: close removes its ephemerals at once, and tells who watches", () -> {
      try (ZooKeeper observer = Client.connect()) {
        Client.Events events = new Client.Events();
        ZooKeeper zk = Client.connect();
        zk.create("/goes", null, OPEN_ACL_UNSAFE, EPHEMERAL);
        observer.exists("/goes", events);
        zk.close();
        Checks.equal(events.next(), "NodeDeleted /goes");
        Checks.equal(observer.exists("/goes", false), null);
      }
    });
    Checks.check("session: a client that would accept a read-only server", () -> {
      Client.Events events = new Client.Events();
      try (ZooKeeper zk = new ZooKeeper(DIRECT, Client.TIMEOUT_MS, events, true)) {
        events.awaitConnected();
        Checks.equal(zk.getState(), ZooKeeper.States.CONNECTED);
        zk.setData("/", null, -1);
      }
    });
    Checks.check("session: a host list whose first entries are dead", () -> {
      String hosts = "127.0.0.1:1,127.0.0.1:2," + DIRECT;
      try (ZooKeeper zk = Client.connect(hosts, Client.TIMEOUT_MS, new Client.Events())) {
        Checks.isTrue(zk.exists("/", false) != null, "the root is there");
      }
    });
  }

  private static void chroot() {
    Checks.check("chroot: names are relative in requests, answers and events", () -> {
      try (ZooKeeper whole = Client.connect();
          ZooKeeper zk =
              Client.connect(DIRECT + "/ch/root", Client.TIMEOUT_MS, new Client.Events())) {
        Checks.equal(Client.codeOf(() -> zk.create("/a", null, OPEN_ACL_UNSAFE, PERSISTENT)),
            Code.NONODE);
        whole.create("/ch", null, OPEN_ACL_UNSAFE, PERSISTENT);
        whole.create("/ch/root", null, OPEN_ACL_UNSAFE, PERSISTENT);
        Client.Events events = new Client.Events();
        zk.exists("/a", events);
        zk.getChildren("/", events);
        Checks.equal(zk.create("/a", null, OPEN_ACL_UNSAFE, EPHEMERAL), "/a");
        Checks.equal(events.next(), "NodeCreated /a");
        Checks.equal(events.next(), "NodeChildrenChanged /");
        Checks.equal(zk.getChildren("/", false), List.of("a"));
        Checks.isTrue(whole.exists("/ch/root/a", false) != null, "it lies below the chroot");
        Checks.equal(zk.create("/s-", null, OPEN_ACL_UNSAFE, PERSISTENT_SEQUENTIAL),
            "/s-0000000001");
        zk.addWatch("/", events, AddWatchMode.PERSISTENT_RECURSIVE);
        zk.setData("/a", null, -1);
        Checks.equal(events.next(), "NodeDataChanged /a");
      }
    });
  }

  private static void disconnection(ZooKeeper observer) {
    Checks.check("reconnect: same session, and watches tell what happened meanwhile", () -> {
      Client.Events session = new Client.Events();
      Client.Events events = new Client.Events();
      try (ZooKeeper zk = Client.connect(THROUGH_PROXY, Client.TIMEOUT_MS, session)) {
        long id = zk.getSessionId();
        zk.create("/r", null, OPEN_ACL_UNSAFE, PERSISTENT);
        for (String name : List.of("/r/changed", "/r/deleted", "/r/kids", "/r/quiet")) {
          zk.create(name, null, OPEN_ACL_UNSAFE, PERSISTENT);
        }
        zk.create("/r/eph", null, OPEN_ACL_UNSAFE, EPHEMERAL);
        zk.getData("/r/changed", events, null);
        zk.getData("/r/deleted", events, null);
        zk.exists("/r/created", events);
        zk.getChildren("/r/kids", events);
        zk.getData("/r/quiet", events, null);
        Checks.ask("refuse");
        session.awaitState(KeeperState.Disconnected);
        Checks.equal(Client.codeOf(() -> zk.exists("/r", false)), Code.CONNECTIONLOSS);
        observer.setData("/r/changed", null, -1);
        observer.delete("/r/deleted", -1);
        observer.create("/r/created", null, OPEN_ACL_UNSAFE, PERSISTENT);
        observer.create("/r/kids/k", null, OPEN_ACL_UNSAFE, PERSISTENT);
        Checks.ask("open");
        session.awaitConnected();
        Checks.equal(zk.getSessionId(), id);
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 4; i++) {
          seen.add(events.next());
        }
        Checks.equal(seen, Set.of("NodeDataChanged /r/changed", "NodeDeleted /r/deleted",
            "NodeCreated /r/created", "NodeChildrenChanged /r/kids"));
        Checks.isTrue(zk.exists("/r/eph", false).getEphemeralOwner() == id, "the ephemeral stays");
        observer.setData("/r/quiet", null, -1);
        Checks.equal(events.next(), "NodeDataChanged /r/quiet");
        Checks.equal(events.rest(), List.of());
      }
    });
    Checks.check("reconnect: persistent and recursive watches go on", () -> {
      Client.Events session = new Client.Events();
      Client.Events flat = new Client.Events();
      Client.Events deep = new Client.Events();
      try (ZooKeeper zk = Client.connect(THROUGH_PROXY, Client.TIMEOUT_MS, session)) {
        zk.addWatch("/r/kids", flat, AddWatchMode.PERSISTENT);
        zk.addWatch("/r", deep, AddWatchMode.PERSISTENT_RECURSIVE);
        Checks.ask("drop");
        session.awaitState(KeeperState.Disconnected);
        session.awaitConnected();
        zk.exists("/r", false);
        observer.setData("/r/kids", null, -1);
        observer.setData("/r/kids/k", null, -1);
        Checks.equal(flat.next(), "NodeDataChanged /r/kids");
        Checks.equal(deep.next(), "NodeDataChanged /r/kids");
        Checks.equal(deep.next(), "NodeDataChanged /r/kids/k");
      }
    });
    Checks.check("reconnect: a network that falls silent is left for a new connection", () -> {
      Client.Events session = new Client.Events();
      try (ZooKeeper zk = Client.connect(THROUGH_PROXY, 8000, session)) {
        long id = zk.getSessionId();
        zk.create("/r/held", null, OPEN_ACL_UNSAFE, EPHEMERAL);
        Checks.ask("hold");
        session.awaitState(KeeperState.Disconnected);
        Checks.ask("open");
        session.awaitConnected();
        Checks.equal(zk.getSessionId(), id);
        Checks.equal(zk.getEphemerals(), List.of("/r/held"));
      }
    });
    Checks.check("reconnect: identities are sent again", () -> {
      Client.Events session = new Client.Events();
      try (ZooKeeper zk = Client.connect(THROUGH_PROXY, Client.TIMEOUT_MS, session)) {
        zk.addAuthInfo("digest", Checks.bytes("alice:secret"));
        Checks.isTrue(zk.getData("/alice", false, null) != null, "readable");
        Checks.ask("drop");
        session.awaitState(KeeperState.Disconnected);
        session.awaitConnected();
        Checks.isTrue(zk.getData("/alice", false, null) != null, "readable again");
      }
    });
    Checks.check("reconnect: four thousand watches are registered again", () -> {
      Client.Events session = new Client.Events();
      Client.Events events = new Client.Events();
      try (ZooKeeper zk = Client.connect(THROUGH_PROXY, Client.TIMEOUT_MS, session)) {
        String padding = "x".repeat(60);
        for (int i = 0; i < 4000; i++) {
          zk.exists("/r/" + padding + i, events, (code, path, context, stat) -> {}, null);
        }
        zk.exists("/r", false);
        Checks.ask("drop");
        session.awaitState(KeeperState.Disconnected);
        session.awaitConnected();
        zk.exists("/r", false);
        for (int i : new int[] {0, 1999, 3999}) {
          observer.create("/r/" + padding + i, null, OPEN_ACL_UNSAFE, PERSISTENT);
          Checks.equal(events.next(), "NodeCreated /r/" + padding + i);
        }
      }
    });
  }

  private static void expiry(ZooKeeper observer) {
    Checks.check("expiry: a silent session ends on time, and its ephemerals with it", () -> {
      Client.Events session = new Client.Events();
      Client.Events events = new Client.Events();
      try (ZooKeeper zk = Client.connect(THROUGH_PROXY, 2000, session)) {
        zk.create("/silent", null, OPEN_ACL_UNSAFE, EPHEMERAL);
        observer.exists("/silent", events);
        long start = System.nanoTime();
        Checks.ask("refuse");
        Checks.equal(events.next(), "NodeDeleted /silent");
        long took = (System.nanoTime() - start) / 1_000_000;
        Checks.isTrue(took > 1000 && took < 10_000, "it took " + took + " ms");
        Checks.ask("open");
        session.awaitState(KeeperState.Expired);
        Checks.equal(Client.codeOf(() -> zk.exists("/", false)), Code.SESSIONEXPIRED);
      }
    });
    Checks.check("expiry: pings keep an idle session", () -> {
      try (ZooKeeper zk = Client.connect(DIRECT, 1000, new Client.Events())) {
        zk.create("/idle", null, OPEN_ACL_UNSAFE, EPHEMERAL);
        Thread.sleep(3500);
        Checks.isTrue(observer.exists("/idle", false) != null, "its ephemeral is there");
        Checks.equal(zk.getState(), ZooKeeper.States.CONNECTED);
      }
    });
  }

  private static void restart() throws Exception {
    Client.Events session = new Client.Events();
    Client.Events events = new Client.Events();
    Client.Events deep = new Client.Events();
    try (ZooKeeper zk = Client.connect(DIRECT, Client.TIMEOUT_MS, session)) {
      long id = zk.getSessionId();
      zk.create("/restart", Checks.bytes("before"), OPEN_ACL_UNSAFE, PERSISTENT);
      zk.create("/restart/n-", null, OPEN_ACL_UNSAFE, PERSISTENT_SEQUENTIAL);
      zk.create("/restart/eph", null, OPEN_ACL_UNSAFE, EPHEMERAL);
      zk.getData("/restart", events, null);
      zk.exists("/restart/new", events);
      zk.addWatch("/restart", deep, AddWatchMode.PERSISTENT_RECURSIVE);
      Stat before = zk.exists("/restart", false);
      Checks.check("restart: the client reconnects with its session", () -> {
        Checks.ask("restart");
        session.awaitState(KeeperState.Disconnected);
        session.awaitConnected();
        Checks.equal(zk.getSessionId(), id);
      });
      Checks.check("restart: data and stat are the same", () -> {
        Stat after = new Stat();
        Checks.equal(Checks.text(zk.getData("/restart", false, after)), "before");
        Checks.equal(after, before);
      });
      Checks.check("restart: ephemerals stay with their session", () -> {
        Checks.equal(zk.getEphemerals(), List.of("/restart/eph"));
        Checks.equal(zk.exists("/restart/eph", false).getEphemeralOwner(), id);
      });
      Checks.check("restart: the sequence goes on", () ->
          Checks.equal(zk.create("/restart/n-", null, OPEN_ACL_UNSAFE, PERSISTENT_SEQUENTIAL),
              "/restart/n-0000000002"));
      Checks.check("restart: watches are registered again and fire", () -> {
        Checks.equal(deep.next(), "NodeCreated /restart/n-0000000002");
        try (ZooKeeper other = Client.connect()) {
          other.setData("/restart", null, -1);
          other.create("/restart/new", null, OPEN_ACL_UNSAFE, PERSISTENT);
        }
        Checks.equal(events.next(), "NodeDataChanged /restart");
        Checks.equal(events.next(), "NodeCreated /restart/new");
        Checks.equal(deep.next(), "NodeDataChanged /restart");
        Checks.equal(deep.next(), "NodeCreated /restart/new");
      });
      Checks.check("crash: the same again when the server is killed", () -> {
        session.forgetStates();
        Checks.ask("crash");
        session.awaitState(KeeperState.Disconnected);
        session.awaitConnected();
        Checks.equal(zk.getSessionId(), id);
        Checks.equal(zk.getEphemerals(), List.of("/restart/eph"));
        Checks.isTrue(zk.exists("/restart/new", false) != null, "acknowledged writes are there");
      });
      Checks.check("restart: new sessions get new ids", () -> {
        try (ZooKeeper other = Client.connect()) {
          Checks.isTrue(other.getSessionId() != id, "another id");
          Checks.equal(other.getEphemerals(), List.of());
        }
      });
    }
    Checks.check("restart: ephemerals of a session that died with the server go in the end", () -> {
      Client.Events gone = new Client.Events();
      ZooKeeper dying = Client.connect(THROUGH_PROXY, 2000, new Client.Events());
      dying.create("/restart/dying", null, OPEN_ACL_UNSAFE, EPHEMERAL);
      Checks.ask("refuse");
      Checks.ask("restart");
      try (ZooKeeper other = Client.connect()) {
        if (other.exists("/restart/dying", gone) != null) {
          Checks.equal(gone.next(), "NodeDeleted /restart/dying");
        }
        Checks.equal(other.exists("/restart/dying", false), null);
      }
      Checks.ask("open");
      dying.close();
    });
  }
}
