import static org.apache.zookeeper.CreateMode.CONTAINER;
import static org.apache.zookeeper.CreateMode.EPHEMERAL;
import static org.apache.zookeeper.CreateMode.PERSISTENT;
import static org.apache.zookeeper.CreateMode.PERSISTENT_SEQUENTIAL;
import static org.apache.zookeeper.CreateMode.PERSISTENT_WITH_TTL;
import static org.apache.zookeeper.ZooDefs.Ids.OPEN_ACL_UNSAFE;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/** Transactions: results, codes of every operation, atomicity; and reads in one request. */
final class MultiChecks {
  private MultiChecks() {}

  static void run(ZooKeeper zk) {
    Checks.check("multi: the results of every kind of operation", () -> {
      List<OpResult> results = zk.multi(List.of(
          Op.create("/m", Checks.bytes("1"), OPEN_ACL_UNSAFE, PERSISTENT),
          Op.create("/m/s-", null, OPEN_ACL_UNSAFE, PERSISTENT_SEQUENTIAL),
          Op.create("/m/s-", null, OPEN_ACL_UNSAFE, PERSISTENT_SEQUENTIAL),
          Op.setData("/m", Checks.bytes("2"), 0),
          Op.check("/m", 1),
          Op.setData("/m", Checks.bytes("3"), 1),
          Op.create("/m/gone", null, OPEN_ACL_UNSAFE, EPHEMERAL),
          Op.delete("/m/gone", 0)));
      Checks.equal(results.size(), 8);
      Checks.equal(created(results.get(0)), "/m");
      Checks.equal(created(results.get(1)), "/m/s-0000000000");
      Checks.equal(created(results.get(2)), "/m/s-0000000001");
      Checks.equal(((OpResult.SetDataResult) results.get(3)).getStat().getVersion(), 1);
      Checks.isTrue(results.get(4) instanceof OpResult.CheckResult, "a check result");
      Checks.equal(((OpResult.SetDataResult) results.get(5)).getStat().getVersion(), 2);
      Checks.equal(created(results.get(6)), "/m/gone");
      Checks.isTrue(results.get(7) instanceof OpResult.DeleteResult, "a delete result");
      Checks.equal(Checks.text(zk.getData("/m", false, null)), "3");
    });
    Checks.check("multi: one zxid for all of it", () -> {
      Stat node = zk.exists("/m", false);
      Stat child = zk.exists("/m/s-0000000001", false);
      Checks.equal(List.of(node.getMzxid(), child.getCzxid(), node.getPzxid()),
          List.of(node.getCzxid(), node.getCzxid(), node.getCzxid()));
      Checks.equal(child.getCtime(), node.getMtime());
    });
    Checks.check("multi: containers and TTL nodes", () -> {
      List<OpResult> results = zk.multi(List.of(
          Op.create("/m/container", null, OPEN_ACL_UNSAFE, CONTAINER),
          Op.create("/m/ttl", null, OPEN_ACL_UNSAFE, PERSISTENT_WITH_TTL, 600_000)));
      Checks.equal(List.of(created(results.get(0)), created(results.get(1))),
          List.of("/m/container", "/m/ttl"));
      zk.create("/m/container/k", null, OPEN_ACL_UNSAFE, PERSISTENT);
      zk.delete("/m/container/k", -1);
      Checks.eventually("it is a container", () -> zk.exists("/m/container", false) == null);
    });
    Checks.check("multi: a failure names the code of every operation", () -> {
      List<OpResult> results = failure(zk, List.of(
          Op.create("/m/x", null, OPEN_ACL_UNSAFE, PERSISTENT),
          Op.check("/m", 2),
          Op.delete("/m/none", -1),
          Op.setData("/m", null, -1)));
      Checks.equal(codes(results), List.of(0, 0, Code.NONODE.intValue(), -2));
    });
    Checks.check("multi: a failure changes nothing, not even the sequence", () -> {
      Checks.equal(zk.exists("/m/x", false), null);
      Stat before = zk.exists("/m", false);
      failure(zk, List.of(
          Op.create("/m/s-", null, OPEN_ACL_UNSAFE, PERSISTENT_SEQUENTIAL),
          Op.delete("/m", 77)));
      Checks.equal(zk.exists("/m", false), before);
      String next = "/m/s-" + String.format("%010d", 5);
      Checks.equal(zk.create("/m/s-", null, OPEN_ACL_UNSAFE, PERSISTENT_SEQUENTIAL), next);
    });
    Checks.check("multi: each reason to fail has its own code", () -> {
      zk.create("/m/e", null, OPEN_ACL_UNSAFE, EPHEMERAL);
      Checks.equal(firstError(zk, Op.create("/m", null, OPEN_ACL_UNSAFE, PERSISTENT)),
          Code.NODEEXISTS);
      Checks.equal(firstError(zk, Op.create("/m/n/o", null, OPEN_ACL_UNSAFE, PERSISTENT)),
          Code.NONODE);
      Checks.equal(firstError(zk, Op.create("/m/e/o", null, OPEN_ACL_UNSAFE, PERSISTENT)),
          Code.NOCHILDRENFOREPHEMERALS);
      Checks.equal(firstError(zk, Op.create("/m/y", null, List.of(), PERSISTENT)),
          Code.INVALIDACL);
      Checks.equal(firstError(zk, Op.delete("/m", -1)), Code.NOTEMPTY);
      Checks.equal(firstError(zk, Op.delete("/m", 77)), Code.BADVERSION);
      Checks.equal(firstError(zk, Op.setData("/m", null, 77)), Code.BADVERSION);
      Checks.equal(firstError(zk, Op.check("/m", 77)), Code.BADVERSION);
      Checks.equal(firstError(zk, Op.check("/m/none", -1)), Code.NONODE);
    });
    Checks.check("multi: none at all", () -> Checks.equal(zk.multi(List.of()), List.of()));
    Checks.check("multi: delete and create the same node", () -> {
      Stat before = zk.exists("/m/s-0000000000", false);
      zk.multi(List.of(
          Op.delete("/m/s-0000000000", 0),
          Op.create("/m/s-0000000000", Checks.bytes("new"), OPEN_ACL_UNSAFE, PERSISTENT)));
      Stat after = zk.exists("/m/s-0000000000", false);
      Checks.isTrue(after.getCzxid() > before.getCzxid(), "it is a new node");
    });
    Checks.check("multi: asynchronous, and as a transaction object", () -> {
      CompletableFuture<List<OpResult>> done = new CompletableFuture<>();
      zk.multi(List.of(Op.check("/m", -1), Op.check("/none", -1)),
          (code, path, context, results) -> done.complete(results), null);
      Checks.equal(codes(done.get(10, TimeUnit.SECONDS)), List.of(0, Code.NONODE.intValue()));
      List<OpResult> results = zk.transaction()
          .create("/m/tx", null, OPEN_ACL_UNSAFE, PERSISTENT)
          .setData("/m/tx", Checks.bytes("t"), 0)
          .check("/m/tx", 1)
          .delete("/m/tx", 1)
          .commit();
      Checks.equal(results.size(), 4);
    });
    Checks.check("multi: a watcher sees all or nothing", () -> {
      Client.Events events = new Client.Events();
      zk.exists("/m/w1", events);
      zk.exists("/m/w2", events);
      failure(zk, List.of(
          Op.create("/m/w1", null, OPEN_ACL_UNSAFE, PERSISTENT), Op.check("/none", -1)));
      zk.multi(List.of(
          Op.create("/m/w2", null, OPEN_ACL_UNSAFE, PERSISTENT),
          Op.create("/m/w1", null, OPEN_ACL_UNSAFE, PERSISTENT)));
      Checks.equal(events.next(), "NodeCreated /m/w2");
      Checks.equal(events.next(), "NodeCreated /m/w1");
      Checks.equal(events.rest(), List.of());
    });
    Checks.check("multi read: data, children, and an error that stays alone", () -> {
      List<OpResult> results = zk.multi(List.of(
          Op.getData("/m"), Op.getData("/m/none"), Op.getChildren("/m/s-0000000001"),
          Op.getChildren("/")));
      OpResult.GetDataResult data = (OpResult.GetDataResult) results.get(0);
      Checks.equal(Checks.text(data.getData()), "3");
      Checks.equal(data.getStat(), zk.exists("/m", false));
      Checks.equal(((OpResult.ErrorResult) results.get(1)).getErr(), Code.NONODE.intValue());
      Checks.equal(((OpResult.GetChildrenResult) results.get(2)).getChildren(), List.of());
      Checks.isTrue(Set.copyOf(((OpResult.GetChildrenResult) results.get(3)).getChildren())
          .contains("m"), "the root lists it");
    });
  }

  private static String created(OpResult result) {
    return ((OpResult.CreateResult) result).getPath();
  }

  private static List<OpResult> failure(ZooKeeper zk, List<Op> operations) throws Exception {
    try {
      zk.multi(operations);
    } catch (KeeperException problem) {
      return problem.getResults();
    }
    throw new AssertionError("the multi should have failed");
  }

  private static Code firstError(ZooKeeper zk, Op operation) throws Exception {
    List<OpResult> results =
        failure(zk, List.of(operation, Op.create("/m/never", null, OPEN_ACL_UNSAFE, PERSISTENT)));
    Checks.equal(codes(results).get(1), -2);
    return Code.get(codes(results).get(0));
  }

  private static List<Integer> codes(List<OpResult> results) {
    return results.stream().map(result -> ((OpResult.ErrorResult) result).getErr()).toList();
  }
}
