import static org.apache.zookeeper.CreateMode.PERSISTENT;
import static org.apache.zookeeper.ZooDefs.Ids.OPEN_ACL_UNSAFE;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/** Big data, many children, many connections, long names. */
final class LimitChecks {
  /** What fits into a frame of 1 048 575 bytes together with path, ACL and headers. */
  private static final int ALMOST_A_MEBIBYTE = 1_048_400;

  private LimitChecks() {}

  static void run(ZooKeeper zk) {
    Checks.check("limits: a mebibyte of data, but for the frame around it", () -> {
      byte[] data = new byte[ALMOST_A_MEBIBYTE];
      new Random(1).nextBytes(data);
      zk.create("/big", data, OPEN_ACL_UNSAFE, PERSISTENT);
      Checks.isTrue(Arrays.equals(zk.getData("/big", false, null), data), "the bytes are equal");
      new Random(2).nextBytes(data);
      Stat stat = zk.setData("/big", data, 0);
      Checks.equal(stat.getDataLength(), ALMOST_A_MEBIBYTE);
      Checks.isTrue(Arrays.equals(zk.getData("/big", false, null), data), "the bytes are equal");
      zk.delete("/big", 1);
    });
    Checks.check("limits: a frame above the limit costs the connection, not the session", () -> {
      try (ZooKeeper other = Client.connect()) {
        long session = other.getSessionId();
        byte[] data = new byte[1_048_576];
        Checks.equal(
            Client.codeOf(() -> other.create("/toobig", data, OPEN_ACL_UNSAFE, PERSISTENT)),
            Code.CONNECTIONLOSS);
        Checks.eventually("the client is back", () ->
            Client.codeOf(() -> other.exists("/", false)) == Code.OK);
        Checks.equal(other.exists("/toobig", false), null);
        Checks.equal(other.getSessionId(), session);
      }
    });
    Checks.check("limits: ten thousand children", () -> {
      zk.create("/wide", null, OPEN_ACL_UNSAFE, PERSISTENT);
      Set<String> names = new HashSet<>();
      CompletableFuture<Void> done = new CompletableFuture<>();
      for (int start = 0; start < 10_000; start += 500) {
        List<Op> operations = new ArrayList<>();
        for (int i = start; i < start + 500; i++) {
          names.add("child-" + i);
          operations.add(Op.create("/wide/child-" + i, null, OPEN_ACL_UNSAFE, PERSISTENT));
        }
        boolean last = start == 9_500;
        zk.multi(operations, (code, path, context, results) -> {
          if (code != 0) {
            done.completeExceptionally(new AssertionError("multi ended with " + code));
          } else if (last) {
            done.complete(null);
          }
        }, null);
      }
      done.get(60, TimeUnit.SECONDS);
      Stat stat = new Stat();
      Checks.equal(new HashSet<>(zk.getChildren("/wide", false, stat)), names);
      Checks.equal(List.of(stat.getNumChildren(), stat.getCversion()), List.of(10_000, 10_000));
      Checks.equal(zk.getAllChildrenNumber("/wide"), 10_000);
    });
    Checks.check("limits: a path of sixty levels and a name of four thousand letters", () -> {
      StringBuilder path = new StringBuilder();
      for (int level = 0; level < 60; level++) {
        path.append("/level").append(level);
        zk.create(path.toString(), null, OPEN_ACL_UNSAFE, PERSISTENT);
      }
      String name = "n".repeat(4000);
      zk.create(path + "/" + name, Checks.bytes("deep"), OPEN_ACL_UNSAFE, PERSISTENT);
      Checks.equal(zk.getChildren(path.toString(), false), List.of(name));
      Checks.equal(Checks.text(zk.getData(path + "/" + name, false, null)), "deep");
    });
    Checks.check("limits: a hundred sessions at once", () -> {
      List<ZooKeeper> clients = new ArrayList<>();
      try {
        Set<Long> sessions = new HashSet<>();
        for (int i = 0; i < 100; i++) {
          clients.add(Client.connect());
        }
        for (ZooKeeper client : clients) {
          Checks.equal(client.getSessionPasswd().length, 16);
          sessions.add(client.getSessionId());
          client.exists("/", false);
        }
        Checks.equal(sessions.size(), 100);
      } finally {
        closeAll(clients);
      }
    });
  }

  /** At the same time, since each close takes the client a tenth of a second. */
  private static void closeAll(List<ZooKeeper> clients) throws InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(clients.size());
    for (ZooKeeper client : clients) {
      threads.submit(() -> client.close(1000));
    }
    threads.shutdown();
    threads.awaitTermination(10, TimeUnit.SECONDS);
  }
}
