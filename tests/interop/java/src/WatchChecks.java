import static org.apache.zookeeper.AddWatchMode.PERSISTENT_RECURSIVE;
import static org.apache.zookeeper.CreateMode.PERSISTENT;
import static org.apache.zookeeper.ZooDefs.Ids.OPEN_ACL_UNSAFE;

import java.util.List;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher.WatcherType;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/** One-shot, persistent and recursive watches: what fires, how often, and how they end. */
final class WatchChecks {
  private WatchChecks() {}

  static void run(ZooKeeper zk) {
    oneShot(zk);
    lasting(zk);
    removing(zk);
  }

  private static void make(ZooKeeper zk, String path) throws Exception {
    zk.create(path, null, OPEN_ACL_UNSAFE, PERSISTENT);
  }

  private static void oneShot(ZooKeeper zk) {
    Checks.check("watch: exists on a missing node fires when it is made, once", () -> {
      Client.Events events = new Client.Events();
      Checks.equal(zk.exists("/w", events), null);
      make(zk, "/w");
      zk.setData("/w", Checks.bytes("1"), -1);
      Checks.equal(events.next(), "NodeCreated /w");
      zk.exists("/w", false);
      Checks.equal(events.rest(), List.of());
    });
    Checks.check("watch: data, fired by setData also of equal bytes", () -> {
      Client.Events events = new Client.Events();
      zk.getData("/w", events, null);
      zk.setData("/w", Checks.bytes("1"), -1);
      zk.setData("/w", Checks.bytes("1"), -1);
      Checks.equal(events.next(), "NodeDataChanged /w");
      zk.exists("/w", false);
      Checks.equal(events.rest(), List.of());
    });
    Checks.check("watch: children, fired by create and by delete of a child, not deeper", () -> {
      Client.Events events = new Client.Events();
      zk.getChildren("/w", events);
      make(zk, "/w/a");
      Checks.equal(events.next(), "NodeChildrenChanged /w");
      zk.getChildren("/w", events);
      make(zk, "/w/a/b");
      zk.setData("/w/a", null, -1);
      zk.delete("/w/a/b", -1);
      zk.delete("/w/a", -1);
      Checks.equal(events.next(), "NodeChildrenChanged /w");
      Checks.equal(events.rest(), List.of());
    });
    Checks.check("watch: a delete tells the node's watcher once and the parent's", () -> {
      Client.Events events = new Client.Events();
      make(zk, "/w/d");
      zk.getData("/w/d", events, null);
      zk.getChildren("/w/d", events);
      zk.getChildren("/w", events);
      zk.delete("/w/d", -1);
      Checks.equal(events.next(), "NodeDeleted /w/d");
      Checks.equal(events.next(), "NodeChildrenChanged /w");
      zk.exists("/w", false);
      Checks.equal(events.rest(), List.of());
    });
    Checks.check("watch: another session's change arrives before that change can be read", () -> {
      Client.Events events = new Client.Events();
      zk.getData("/w", events, null);
      try (ZooKeeper other = Client.connect()) {
        Stat written = other.setData("/w", Checks.bytes("new"), -1);
        Checks.eventually("the change is read", () ->
            zk.exists("/w", false).getMzxid() == written.getMzxid());
      }
      Checks.equal(events.next(), "NodeDataChanged /w");
    });
    Checks.check("watch: setACL and failed writes fire nothing", () -> {
      Client.Events events = new Client.Events();
      zk.getData("/w", events, null);
      zk.setACL("/w", OPEN_ACL_UNSAFE, -1);
      Client.codeOf(() -> zk.setData("/w", null, 99));
      Client.codeOf(() -> zk.delete("/w", 99));
      zk.exists("/w", false);
      Checks.equal(events.rest(), List.of());
      zk.removeWatches("/w", events, WatcherType.Data, false);
    });
    Checks.check("watch: a read that fails leaves no watch", () -> {
      Client.Events events = new Client.Events();
      Checks.equal(Client.codeOf(() -> zk.getData("/w/none", events, null)), Code.NONODE);
      Checks.equal(Client.codeOf(() -> zk.getChildren("/w/none", events)), Code.NONODE);
      make(zk, "/w/none");
      zk.delete("/w/none", -1);
      zk.exists("/w", false);
      Checks.equal(events.rest(), List.of());
    });
    Checks.checkSince39("watch: an event carries the zxid of its change", () -> {
      Client.Events events = new Client.Events();
      zk.getData("/w", events, null);
      Stat stat = zk.setData("/w", null, -1);
      Checks.equal(events.nextEvent().getZxid(), stat.getMzxid());
    });
  }

  private static void lasting(ZooKeeper zk) {
    Checks.check("watch: persistent fires for node and children, again and again", () -> {
      Client.Events events = new Client.Events();
      zk.addWatch("/pw", events, AddWatchMode.PERSISTENT);
      make(zk, "/pw");
      zk.setData("/pw", null, -1);
      zk.setData("/pw", null, -1);
      make(zk, "/pw/k");
      zk.setData("/pw/k", null, -1);
      zk.delete("/pw/k", -1);
      zk.delete("/pw", -1);
      make(zk, "/pw");
      for (String expected : List.of("NodeCreated /pw", "NodeDataChanged /pw",
          "NodeDataChanged /pw", "NodeChildrenChanged /pw", "NodeChildrenChanged /pw",
          "NodeDeleted /pw", "NodeCreated /pw")) {
        Checks.equal(events.next(), expected);
      }
      Checks.equal(events.rest(), List.of());
      zk.removeWatches("/pw", events, WatcherType.Any, false);
    });
    Checks.check("watch: recursive fires for the whole subtree, never for children lists", () -> {
      Client.Events events = new Client.Events();
      zk.addWatch("/pw", events, PERSISTENT_RECURSIVE);
      make(zk, "/pw/a");
      make(zk, "/pw/a/b");
      zk.setData("/pw/a/b", null, -1);
      make(zk, "/pwx");
      zk.delete("/pwx", -1);
      zk.delete("/pw/a/b", -1);
      zk.delete("/pw/a", -1);
      zk.setData("/pw", null, -1);
      for (String expected : List.of("NodeCreated /pw/a", "NodeCreated /pw/a/b",
          "NodeDataChanged /pw/a/b", "NodeDeleted /pw/a/b", "NodeDeleted /pw/a",
          "NodeDataChanged /pw")) {
        Checks.equal(events.next(), expected);
      }
      Checks.equal(events.rest(), List.of());
      zk.removeWatches("/pw", events, WatcherType.Any, false);
    });
    Checks.check("watch: recursive on the root sees everything", () -> {
      Client.Events events = new Client.Events();
      zk.addWatch("/", events, PERSISTENT_RECURSIVE);
      make(zk, "/pw/root");
      zk.delete("/pw/root", -1);
      Checks.equal(events.next(), "NodeCreated /pw/root");
      Checks.equal(events.next(), "NodeDeleted /pw/root");
      zk.removeWatches("/", events, WatcherType.Any, false);
    });
    Checks.checkSince39("watch: kinds on one path do not disturb each other", () -> {
      Client.Events shot = new Client.Events();
      Client.Events recursive = new Client.Events();
      zk.addWatch("/pw", recursive, PERSISTENT_RECURSIVE);
      zk.getChildren("/pw", shot);
      make(zk, "/pw/k");
      zk.delete("/pw/k", -1);
      Checks.equal(shot.next(), "NodeChildrenChanged /pw");
      Checks.equal(recursive.next(), "NodeCreated /pw/k");
      Checks.equal(recursive.next(), "NodeDeleted /pw/k");
      Checks.equal(shot.rest(), List.of());
      zk.removeWatches("/pw", recursive, WatcherType.Any, false);
    });
  }

  private static void removing(ZooKeeper zk) {
    Checks.check("removeWatches: data and children are told apart", () -> {
      Client.Events events = new Client.Events();
      zk.getData("/w", events, null);
      zk.getChildren("/w", events);
      zk.removeWatches("/w", events, WatcherType.Data, false);
      Checks.equal(events.next(), "DataWatchRemoved /w");
      zk.setData("/w", null, -1);
      make(zk, "/w/r");
      Checks.equal(events.next(), "NodeChildrenChanged /w");
      zk.getChildren("/w", events);
      zk.removeWatches("/w", events, WatcherType.Children, false);
      Checks.equal(events.next(), "ChildWatchRemoved /w");
      zk.delete("/w/r", -1);
      zk.exists("/w", false);
      Checks.equal(events.rest(), List.of());
    });
    Checks.check("removeWatches: a watch of an exists on a missing node", () -> {
      Client.Events events = new Client.Events();
      zk.exists("/w/missing", events);
      zk.removeWatches("/w/missing", events, WatcherType.Data, false);
      Checks.equal(events.next(), "DataWatchRemoved /w/missing");
    });
    Checks.check("removeWatches: persistent ones", () -> {
      Client.Events events = new Client.Events();
      zk.addWatch("/w", events, AddWatchMode.PERSISTENT);
      zk.removeWatches("/w", events, WatcherType.Any, false);
      Checks.equal(events.next(), "PersistentWatchRemoved /w");
      zk.setData("/w", null, -1);
      zk.exists("/w", false);
      Checks.equal(events.rest(), List.of());
    });
    Checks.checkSince39("removeWatches: persistent and recursive are told apart", () -> {
      Client.Events flat = new Client.Events();
      Client.Events deep = new Client.Events();
      zk.addWatch("/w", flat, AddWatchMode.PERSISTENT);
      zk.addWatch("/w", deep, PERSISTENT_RECURSIVE);
      zk.removeWatches("/w", flat, WatcherType.Persistent, false);
      Checks.equal(flat.next(), "PersistentWatchRemoved /w");
      zk.setData("/w", null, -1);
      Checks.equal(deep.next(), "NodeDataChanged /w");
      zk.removeWatches("/w", deep, WatcherType.PersistentRecursive, false);
      Checks.equal(deep.next(), "PersistentWatchRemoved /w");
      zk.setData("/w", null, -1);
      zk.exists("/w", false);
      Checks.equal(flat.rest(), List.of());
      Checks.equal(deep.rest(), List.of());
    });
    Checks.check("removeAllWatches: every watcher of a path", () -> {
      Client.Events first = new Client.Events();
      Client.Events second = new Client.Events();
      zk.getData("/w", first, null);
      zk.getData("/w", second, null);
      zk.removeAllWatches("/w", WatcherType.Any, false);
      Checks.equal(first.next(), "DataWatchRemoved /w");
      Checks.equal(second.next(), "DataWatchRemoved /w");
    });
    Checks.check("removeWatches: none there", () -> {
      Client.Events events = new Client.Events();
      Checks.equal(Client.codeOf(() -> zk.removeWatches("/w", events, WatcherType.Any, false)),
          Code.NOWATCHER);
      Checks.equal(Client.codeOf(() -> zk.removeAllWatches("/w", WatcherType.Any, false)),
          Code.NOWATCHER);
    });
    Checks.check("watch: an event names a connected session", () -> {
      Client.Events events = new Client.Events();
      zk.exists("/w", events);
      zk.delete("/w", -1);
      WatchedEvent event = events.nextEvent();
      Checks.equal(event.getState().name(), "SyncConnected");
      Checks.equal(event.getType().name(), "NodeDeleted");
    });
  }
}
