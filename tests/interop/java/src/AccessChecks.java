import static org.apache.zookeeper.CreateMode.PERSISTENT;
import static org.apache.zookeeper.ZooDefs.Ids.ANYONE_ID_UNSAFE;
import static org.apache.zookeeper.ZooDefs.Ids.CREATOR_ALL_ACL;
import static org.apache.zookeeper.ZooDefs.Ids.OPEN_ACL_UNSAFE;
import static org.apache.zookeeper.ZooDefs.Perms.ADMIN;
import static org.apache.zookeeper.ZooDefs.Perms.ALL;
import static org.apache.zookeeper.ZooDefs.Perms.CREATE;
import static org.apache.zookeeper.ZooDefs.Perms.DELETE;
import static org.apache.zookeeper.ZooDefs.Perms.READ;
import static org.apache.zookeeper.ZooDefs.Perms.WRITE;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.Watcher.WatcherType;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;

/** Permissions: who is asked for what, on which node, and what a stranger sees. */
final class AccessChecks {
  /** The digest of `alice:secret`. */
  private static final Id ALICE = new Id("digest", "alice:aYXlLOpEooaV1cRAvUL1fp9Qt7E=");

  private AccessChecks() {}

  static void run(ZooKeeper anyone) {
    Checks.check("whoAmI: the address, and every identity that was added", () -> {
      try (ZooKeeper alice = connectAs("alice:secret")) {
        Set<String> identities = alice.whoAmI().stream()
            .map(info -> info.getAuthScheme() + " " + info.getUser())
            .collect(Collectors.toSet());
        Checks.equal(identities, Set.of("ip 127.0.0.1", "digest alice"));
      }
    });
    Checks.check("ACL: set, read back, and its own version", () -> {
      anyone.create("/acl", null, OPEN_ACL_UNSAFE, PERSISTENT);
      List<ACL> acl = list(new ACL(READ | ADMIN, ANYONE_ID_UNSAFE), new ACL(ALL, ALICE));
      Stat before = anyone.exists("/acl", false);
      Stat after = anyone.setACL("/acl", acl, 0);
      Checks.equal(after.getAversion(), 1);
      Checks.equal(List.of(after.getMzxid(), after.getPzxid()),
          List.of(before.getMzxid(), before.getPzxid()));
      Stat read = new Stat();
      Checks.equal(anyone.getACL("/acl", read), acl);
      Checks.equal(read, after);
      Checks.equal(Client.codeOf(() -> anyone.setACL("/acl", acl, 0)), Code.BADVERSION);
    });
    Checks.check("ACL: lists that mean nothing are refused", () -> {
      List<List<ACL>> lists = List.of(
          list(),
          list(new ACL(ALL, new Id("world", "somebody"))),
          list(new ACL(ALL, new Id("nonsense", "x"))),
          list(new ACL(ALL, new Id("digest", "nocolon"))),
          list(new ACL(ALL, new Id("ip", "1.2.3"))),
          list(new ACL(ALL, new Id("ip", "1.2.3.4/33"))),
          CREATOR_ALL_ACL);
      for (List<ACL> acl : lists) {
        Checks.equal(Client.codeOf(() -> anyone.create("/acl/x", null, acl, PERSISTENT)),
            Code.INVALIDACL);
      }
    });
    Checks.check("ACL: the scheme auth stands for the creator's identities", () -> {
      try (ZooKeeper alice = connectAs("alice:secret")) {
        alice.create("/alice", Checks.bytes("hers"), CREATOR_ALL_ACL, PERSISTENT);
        Checks.equal(alice.getACL("/alice", null), list(new ACL(ALL, ALICE)));
        alice.create("/alice/child", null, OPEN_ACL_UNSAFE, PERSISTENT);
      }
    });
    Checks.check("ACL: a stranger is refused everything on the node", () -> {
      Checks.equal(Client.codeOf(() -> anyone.getData("/alice", false, null)), Code.NOAUTH);
      Checks.equal(Client.codeOf(() -> anyone.getChildren("/alice", false)), Code.NOAUTH);
      Checks.equal(Client.codeOf(() -> anyone.getAllChildrenNumber("/alice")), Code.NOAUTH);
      Checks.equal(Client.codeOf(() -> anyone.setData("/alice", null, -1)), Code.NOAUTH);
      Checks.equal(Client.codeOf(() -> anyone.setACL("/alice", OPEN_ACL_UNSAFE, -1)),
          Code.NOAUTH);
      Checks.equal(Client.codeOf(() -> anyone.getACL("/alice", null)), Code.NOAUTH);
      Checks.equal(
          Client.codeOf(() -> anyone.create("/alice/x", null, OPEN_ACL_UNSAFE, PERSISTENT)),
          Code.NOAUTH);
      Checks.equal(Client.codeOf(() -> anyone.delete("/alice/child", -1)), Code.NOAUTH);
      Checks.equal(Client.codeOf(() -> anyone.multi(List.of(Op.check("/alice", -1)))),
          Code.NOAUTH);
    });
    Checks.checkSince39("ACL: exists needs READ too", () ->
        Checks.equal(Client.codeOf(() -> anyone.exists("/alice", false)), Code.NOAUTH));
    Checks.check("ACL: the child of a closed node is open on its own", () -> {
      anyone.setData("/alice/child", Checks.bytes("open"), -1);
      Checks.equal(Checks.text(anyone.getData("/alice/child", false, null)), "open");
    });
    Checks.check("addauth: opens what was closed, on the same session", () -> {
      try (ZooKeeper late = Client.connect()) {
        Checks.equal(Client.codeOf(() -> late.getData("/alice", false, null)), Code.NOAUTH);
        late.addAuthInfo("digest", Checks.bytes("alice:wrong"));
        Checks.equal(Client.codeOf(() -> late.getData("/alice", false, null)), Code.NOAUTH);
        late.addAuthInfo("digest", Checks.bytes("alice:secret"));
        Checks.equal(Checks.text(late.getData("/alice", false, null)), "hers");
      }
    });
    Checks.check("ACL: create and delete are asked of the parent", () -> {
      List<ACL> acl = list(new ACL(READ | CREATE, ANYONE_ID_UNSAFE), new ACL(ALL, ALICE));
      try (ZooKeeper alice = connectAs("alice:secret")) {
        alice.create("/grow", null, acl, PERSISTENT);
        anyone.create("/grow/k", null, list(new ACL(ALL, ALICE)), PERSISTENT);
        Checks.equal(Client.codeOf(() -> anyone.delete("/grow/k", -1)), Code.NOAUTH);
        alice.setACL("/grow", list(new ACL(DELETE, ANYONE_ID_UNSAFE), new ACL(ALL, ALICE)), -1);
        anyone.delete("/grow/k", -1);
        Checks.equal(alice.getChildren("/grow", false), List.of());
      }
    });
    Checks.check("ACL: each permission alone opens its own door", () -> {
      anyone.create("/only", Checks.bytes("o"),
          list(new ACL(WRITE, ANYONE_ID_UNSAFE), new ACL(ALL, ALICE)), PERSISTENT);
      anyone.setData("/only", Checks.bytes("w"), -1);
      Checks.equal(Client.codeOf(() -> anyone.getData("/only", false, null)), Code.NOAUTH);
      try (ZooKeeper alice = connectAs("alice:secret")) {
        alice.setACL("/only", list(new ACL(READ, ANYONE_ID_UNSAFE), new ACL(ALL, ALICE)), -1);
      }
      Checks.equal(Checks.text(anyone.getData("/only", false, null)), "w");
      Checks.equal(Client.codeOf(() -> anyone.setData("/only", null, -1)), Code.NOAUTH);
    });
    Checks.check("getACL: who may not change the list does not see the digests", () ->
        Checks.equal(anyone.getACL("/only", null),
            list(new ACL(READ, ANYONE_ID_UNSAFE), new ACL(ALL, new Id("digest", "alice:x")))));
    Checks.check("ACL: by address", () -> {
      Id here = new Id("ip", "127.0.0.0/8");
      Id elsewhere = new Id("ip", "10.1.2.3");
      anyone.create("/here", Checks.bytes("h"), list(new ACL(ALL, here)), PERSISTENT);
      anyone.create("/there", Checks.bytes("t"), list(new ACL(ALL, elsewhere)), PERSISTENT);
      Checks.equal(Checks.text(anyone.getData("/here", false, null)), "h");
      Checks.equal(Client.codeOf(() -> anyone.getData("/there", false, null)), Code.NOAUTH);
    });
    Checks.check("watch: an event about a node that may not be read is not sent", () -> {
      Client.Events events = new Client.Events();
      anyone.addWatch("/alice", events, AddWatchMode.PERSISTENT_RECURSIVE);
      try (ZooKeeper alice = connectAs("alice:secret")) {
        alice.setData("/alice", Checks.bytes("still hers"), -1);
        alice.setData("/alice/child", null, -1);
      }
      Checks.equal(events.next(), "NodeDataChanged /alice/child");
      anyone.removeWatches("/alice", events, WatcherType.Any, false);
    });
    Checks.check("super: passes every list, and the nodes of ZooKeeper itself", () -> {
      try (ZooKeeper superuser = connectAs("super:secret")) {
        Checks.equal(Checks.text(superuser.getData("/there", false, null)), "t");
        Checks.equal(superuser.getACL("/alice", null), list(new ACL(ALL, ALICE)));
        superuser.delete("/there", -1);
        Checks.equal(Client.codeOf(() -> superuser.setData("/zookeeper/config", null, 77)),
            Code.BADVERSION);
      }
      Checks.equal(Client.codeOf(() -> anyone.setData("/zookeeper/config", null, 77)),
          Code.NOAUTH);
    });
    Checks.check("addauth: an unknown scheme ends in AuthFailed", () -> {
      Client.Events events = new Client.Events();
      try (ZooKeeper zk =
          Client.connect("127.0.0.1:" + Checks.PORT, Client.TIMEOUT_MS, events)) {
        zk.addAuthInfo("nonsense", Checks.bytes("x"));
        events.awaitState(KeeperState.AuthFailed);
        Checks.equal(Client.codeOf(() -> zk.getData("/acl", false, null)), Code.AUTHFAILED);
      }
    });
  }

  /** Unlike `List.of`, a list that may be asked for null, as the client does. */
  private static List<ACL> list(ACL... entries) {
    return Arrays.asList(entries);
  }

  private static ZooKeeper connectAs(String user) throws Exception {
    ZooKeeper zk = Client.connect();
    zk.addAuthInfo("digest", Checks.bytes(user));
    return zk;
  }
}
