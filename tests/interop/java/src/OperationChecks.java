import static org.apache.zookeeper.CreateMode.CONTAINER;
import static org.apache.zookeeper.CreateMode.EPHEMERAL;
import static org.apache.zookeeper.CreateMode.EPHEMERAL_SEQUENTIAL;
import static org.apache.zookeeper.CreateMode.PERSISTENT;
import static org.apache.zookeeper.CreateMode.PERSISTENT_SEQUENTIAL;
import static org.apache.zookeeper.CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL;
import static org.apache.zookeeper.CreateMode.PERSISTENT_WITH_TTL;
import static org.apache.zookeeper.ZooDefs.Ids.OPEN_ACL_UNSAFE;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.admin.ZooKeeperAdmin;
import org.apache.zookeeper.data.Stat;

/** Create in all modes, delete, setData, the reads, and the errors of each. */
final class OperationChecks {
  private OperationChecks() {}

  static void run(ZooKeeper zk) {
    creates(zk);
    vanishing(zk);
    writes(zk);
    reads(zk);
    asynchronous(zk);
    administration(zk);
  }

  private static void creates(ZooKeeper zk) {
    Checks.check("create: persistent, and its stat", () -> {
      Stat stat = new Stat();
      Checks.equal(zk.create("/p", Checks.bytes("data"), OPEN_ACL_UNSAFE, PERSISTENT, stat), "/p");
      Checks.isTrue(stat.getCzxid() > 0, "has a czxid");
      Checks.equal(stat.getMzxid(), stat.getCzxid());
      Checks.equal(stat.getPzxid(), stat.getCzxid());
      Checks.equal(stat.getMtime(), stat.getCtime());
      Checks.isTrue(Math.abs(stat.getCtime() - System.currentTimeMillis()) < 60_000, "ctime is now");
      Checks.equal(List.of(stat.getVersion(), stat.getCversion(), stat.getAversion()),
          List.of(0, 0, 0));
      Checks.equal(List.of(stat.getDataLength(), stat.getNumChildren()), List.of(4, 0));
      Checks.equal(stat.getEphemeralOwner(), 0L);
      Checks.equal(zk.exists("/p", false), stat);
    });
    Checks.check("create: sequential names have ten digits and count per parent", () -> {
      zk.create("/seq", null, OPEN_ACL_UNSAFE, PERSISTENT);
      String first = zk.create("/seq/n-", null, OPEN_ACL_UNSAFE, PERSISTENT_SEQUENTIAL);
      zk.create("/seq/plain", null, OPEN_ACL_UNSAFE, PERSISTENT);
      String third = zk.create("/seq/", null, OPEN_ACL_UNSAFE, PERSISTENT_SEQUENTIAL);
      Checks.equal(first, "/seq/n-0000000000");
      Checks.equal(third, "/seq/0000000002");
    });
    Checks.check("create: deletes do not turn the sequence back", () -> {
      zk.delete("/seq/0000000002", 0);
      Checks.equal(zk.create("/seq/n-", null, OPEN_ACL_UNSAFE, PERSISTENT_SEQUENTIAL),
          "/seq/n-0000000003");
    });
    Checks.check("create: ephemeral is owned by the session", () -> {
      Stat stat = new Stat();
      zk.create("/e", null, OPEN_ACL_UNSAFE, EPHEMERAL, stat);
      Checks.equal(stat.getEphemeralOwner(), zk.getSessionId());
    });
    Checks.check("create: ephemeral sequential", () -> {
      Stat stat = new Stat();
      String path = zk.create("/seq/e-", null, OPEN_ACL_UNSAFE, EPHEMERAL_SEQUENTIAL, stat);
      Checks.equal(path, "/seq/e-0000000004");
      Checks.equal(stat.getEphemeralOwner(), zk.getSessionId());
    });
    Checks.check("create: no children below an ephemeral", () ->
        Checks.equal(Client.codeOf(() -> zk.create("/e/c", null, OPEN_ACL_UNSAFE, PERSISTENT)),
            Code.NOCHILDRENFOREPHEMERALS));
    Checks.check("create: container, and ephemerals may live in it", () -> {
      Stat stat = new Stat();
      zk.create("/c", null, OPEN_ACL_UNSAFE, CONTAINER, stat);
      Checks.equal(stat.getEphemeralOwner(), 0L);
      zk.create("/c/e", null, OPEN_ACL_UNSAFE, EPHEMERAL);
      zk.delete("/c/e", -1);
    });
    Checks.check("create: TTL, plain and sequential", () -> {
      Stat stat = new Stat();
      zk.create("/t", null, OPEN_ACL_UNSAFE, PERSISTENT_WITH_TTL, stat, 600_000);
      Checks.equal(stat.getEphemeralOwner(), 0L);
      String path = zk.create("/seq/t-", null, OPEN_ACL_UNSAFE, PERSISTENT_SEQUENTIAL_WITH_TTL,
          stat, 600_000);
      Checks.equal(path, "/seq/t-0000000005");
    });
    Checks.check("create: existing node, missing parent, the root", () -> {
      Checks.equal(Client.codeOf(() -> zk.create("/p", null, OPEN_ACL_UNSAFE, PERSISTENT)),
          Code.NODEEXISTS);
      Checks.equal(Client.codeOf(() -> zk.create("/no/p", null, OPEN_ACL_UNSAFE, PERSISTENT)),
          Code.NONODE);
      Checks.equal(Client.codeOf(() -> zk.create("/", null, OPEN_ACL_UNSAFE, PERSISTENT)),
          Code.NODEEXISTS);
    });
    Checks.check("create: null data and empty data are two things", () -> {
      zk.create("/null", null, OPEN_ACL_UNSAFE, PERSISTENT);
      zk.create("/empty", new byte[0], OPEN_ACL_UNSAFE, PERSISTENT);
      Checks.equal(zk.getData("/null", false, null), null);
      Checks.equal(zk.getData("/empty", false, null).length, 0);
    });
    Checks.check("create: names and data beyond ASCII", () -> {
      String name = "/grüße-日本-" + (char) 0xA0 + "x y";
      zk.create(name, Checks.bytes("żółw 🦓"), OPEN_ACL_UNSAFE, PERSISTENT);
      Checks.equal(Checks.text(zk.getData(name, false, null)), "żółw 🦓");
      Checks.isTrue(zk.getChildren("/", false).contains(name.substring(1)), "is listed");
      zk.delete(name, 0);
    });
  }

  private static void vanishing(ZooKeeper zk) {
    Checks.check("container: goes after its last child", () ->
        Checks.eventually("/c is gone", () -> zk.exists("/c", false) == null));
    Checks.check("container: its end fires watches", () -> {
      Client.Events events = new Client.Events();
      zk.create("/c2", null, OPEN_ACL_UNSAFE, CONTAINER);
      zk.exists("/c2", events);
      zk.create("/c2/k", null, OPEN_ACL_UNSAFE, PERSISTENT);
      zk.delete("/c2/k", -1);
      Checks.equal(events.next(), "NodeDeleted /c2");
    });
    Checks.check("TTL: a node goes when its time is over, not before its children", () -> {
      Stat stat = new Stat();
      zk.create("/t1", null, OPEN_ACL_UNSAFE, PERSISTENT_WITH_TTL, stat, 300);
      zk.create("/t2", null, OPEN_ACL_UNSAFE, PERSISTENT_WITH_TTL, stat, 300);
      zk.create("/t2/k", null, OPEN_ACL_UNSAFE, PERSISTENT);
      Checks.eventually("/t1 is gone", () -> zk.exists("/t1", false) == null);
      Thread.sleep(700);
      Checks.isTrue(zk.exists("/t2", false) != null, "/t2 stays while it has a child");
      zk.delete("/t2/k", -1);
      Checks.eventually("/t2 is gone", () -> zk.exists("/t2", false) == null);
    });
  }

  private static void writes(ZooKeeper zk) {
    Checks.check("setData: version, mzxid and length move, czxid stays", () -> {
      Stat before = zk.exists("/p", false);
      Stat after = zk.setData("/p", Checks.bytes("longer data"), 0);
      Checks.equal(List.of(after.getVersion(), after.getDataLength()), List.of(1, 11));
      Checks.equal(after.getCzxid(), before.getCzxid());
      Checks.isTrue(after.getMzxid() > before.getMzxid(), "mzxid grows");
      Checks.equal(zk.setData("/p", null, -1).getVersion(), 2);
      Checks.equal(zk.getData("/p", false, null), null);
    });
    Checks.check("setData: wrong version, missing node", () -> {
      Checks.equal(Client.codeOf(() -> zk.setData("/p", null, 1)), Code.BADVERSION);
      Checks.equal(Client.codeOf(() -> zk.setData("/none", null, -1)), Code.NONODE);
    });
    Checks.check("delete: wrong version, not empty, missing", () -> {
      zk.create("/p/k", null, OPEN_ACL_UNSAFE, PERSISTENT);
      Checks.equal(Client.codeOf(() -> zk.delete("/p", 0)), Code.BADVERSION);
      Checks.equal(Client.codeOf(() -> zk.delete("/p", 2)), Code.NOTEMPTY);
      Checks.equal(Client.codeOf(() -> zk.delete("/none", -1)), Code.NONODE);
      zk.delete("/p/k", 0);
      Checks.equal(Client.codeOf(() -> zk.exists("/p/k", false)), Code.OK);
      Checks.equal(zk.exists("/p/k", false), null);
    });
    Checks.check("delete: the nodes of ZooKeeper itself stay", () -> {
      for (String path : List.of("/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config")) {
        Checks.equal(Client.codeOf(() -> zk.delete(path, -1)), Code.BADARGUMENTS);
      }
    });
    Checks.check("children: cversion and pzxid of the parent follow creates and deletes", () -> {
      zk.create("/par", null, OPEN_ACL_UNSAFE, PERSISTENT);
      Stat child = new Stat();
      zk.create("/par/k", null, OPEN_ACL_UNSAFE, PERSISTENT, child);
      Stat parent = zk.exists("/par", false);
      Checks.equal(List.of(parent.getCversion(), parent.getNumChildren(), parent.getVersion()),
          List.of(1, 1, 0));
      Checks.equal(parent.getPzxid(), child.getCzxid());
      zk.delete("/par/k", -1);
      parent = zk.exists("/par", false);
      Checks.equal(List.of(parent.getCversion(), parent.getNumChildren()), List.of(2, 0));
      Checks.isTrue(parent.getPzxid() > child.getCzxid(), "pzxid is that of the delete");
    });
  }

  private static void reads(ZooKeeper zk) {
    Checks.check("getData: data with stat; a missing node", () -> {
      Stat stat = new Stat();
      zk.setData("/par", Checks.bytes("x"), -1);
      Checks.equal(Checks.text(zk.getData("/par", false, stat)), "x");
      Checks.equal(stat, zk.exists("/par", false));
      Checks.equal(Client.codeOf(() -> zk.getData("/none", false, null)), Code.NONODE);
    });
    Checks.check("getChildren: names, with and without stat; a missing node", () -> {
      zk.create("/par/b", null, OPEN_ACL_UNSAFE, PERSISTENT);
      zk.create("/par/a", null, OPEN_ACL_UNSAFE, PERSISTENT);
      Set<String> both = Set.of("a", "b");
      Stat stat = new Stat();
      Checks.equal(Set.copyOf(zk.getChildren("/par", false)), both);
      Checks.equal(Set.copyOf(zk.getChildren("/par", false, stat)), both);
      Checks.equal(stat, zk.exists("/par", false));
      Checks.equal(zk.getChildren("/par/a", false), List.of());
      Checks.equal(Client.codeOf(() -> zk.getChildren("/none", false)), Code.NONODE);
    });
    Checks.check("getAllChildrenNumber: the whole subtree without its root", () -> {
      zk.create("/par/a/deep", null, OPEN_ACL_UNSAFE, PERSISTENT);
      Checks.equal(zk.getAllChildrenNumber("/par"), 3);
      Checks.equal(zk.getAllChildrenNumber("/par/b"), 0);
      Checks.isTrue(zk.getAllChildrenNumber("/") > 10, "the root counts all");
      Checks.equal(Client.codeOf(() -> zk.getAllChildrenNumber("/none")), Code.NONODE);
    });
    Checks.check("getEphemerals: of this session, by prefix of the text", () -> {
      zk.create("/eph", null, OPEN_ACL_UNSAFE, EPHEMERAL);
      zk.create("/ephemeral", null, OPEN_ACL_UNSAFE, EPHEMERAL);
      Set<String> expected = Set.of("/e", "/eph", "/ephemeral", "/seq/e-0000000004");
      Checks.equal(new TreeSet<>(zk.getEphemerals()), new TreeSet<>(expected));
      Checks.equal(Set.copyOf(zk.getEphemerals("/eph")), Set.of("/eph", "/ephemeral"));
      Checks.equal(zk.getEphemerals("/none"), List.of());
      try (ZooKeeper other = Client.connect()) {
        Checks.equal(other.getEphemerals(), List.of());
      }
    });
    Checks.check("sync: of a node and of none", () -> {
      for (String path : List.of("/par", "/none")) {
        CompletableFuture<String> done = new CompletableFuture<>();
        zk.sync(path, (code, at, context) -> done.complete(code + " " + at), null);
        Checks.equal(done.get(10, TimeUnit.SECONDS), "0 " + path);
      }
    });
  }

  private static void asynchronous(ZooKeeper zk) {
    Checks.check("async: callbacks come in the order of the requests", () -> {
      StringBuffer order = new StringBuffer();
      CompletableFuture<Void> done = new CompletableFuture<>();
      zk.create("/async", Checks.bytes("1"), OPEN_ACL_UNSAFE, PERSISTENT,
          (code, path, context, name, stat) -> order.append("create " + code + ", "), null);
      zk.getData("/async", false,
          (code, path, context, data, stat) -> order.append("get " + Checks.text(data) + ", "),
          null);
      zk.setData("/async", Checks.bytes("2"), 0,
          (code, path, context, stat) -> order.append("set " + stat.getVersion() + ", "), null);
      zk.getData("/async", false,
          (code, path, context, data, stat) -> order.append("get " + Checks.text(data) + ", "),
          null);
      zk.delete("/async", 1, (code, path, context) -> order.append("delete " + code + ", "), null);
      zk.exists("/async", false, (code, path, context, stat) -> {
        order.append("exists " + code);
        done.complete(null);
      }, null);
      done.get(10, TimeUnit.SECONDS);
      Checks.equal(order.toString(), "create 0, get 1, set 1, get 2, delete 0, exists -101");
    });
    Checks.check("async: five thousand creates in one breath", () -> {
      zk.create("/many", null, OPEN_ACL_UNSAFE, PERSISTENT);
      CompletableFuture<Void> done = new CompletableFuture<>();
      StringBuffer problems = new StringBuffer();
      for (int i = 0; i < 5000; i++) {
        String expected = String.format("/many/n%010d", i);
        boolean last = i == 4999;
        zk.create("/many/n", null, OPEN_ACL_UNSAFE, PERSISTENT_SEQUENTIAL,
            (code, path, context, name) -> {
              if (code != 0 || !expected.equals(name)) {
                problems.append(expected + " was " + code + " " + name + "\n");
              }
              if (last) {
                done.complete(null);
              }
            }, null);
      }
      done.get(60, TimeUnit.SECONDS);
      Checks.equal(problems.toString(), "");
      Checks.equal(zk.exists("/many", false).getNumChildren(), 5000);
    });
  }

  private static void administration(ZooKeeper zk) {
    Checks.check("getConfig: empty on a server alone", () ->
        Checks.equal(Checks.text(zk.getConfig(false, null)), ""));
    Checks.check("reconfig: refused where it is not enabled", () -> {
      Client.Events events = new Client.Events();
      try (ZooKeeperAdmin admin =
          new ZooKeeperAdmin("127.0.0.1:" + Checks.PORT, Client.TIMEOUT_MS, events)) {
        events.awaitConnected();
        String joining = "server.5=127.0.0.1:1:2:participant;127.0.0.1:3";
        Checks.equal(Client.codeOf(() -> admin.reconfigure(joining, null, null, -1, null)),
            Code.RECONFIGDISABLED);
      }
    });
  }
}
