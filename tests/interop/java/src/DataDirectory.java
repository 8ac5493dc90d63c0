import static org.apache.zookeeper.CreateMode.CONTAINER;
import static org.apache.zookeeper.CreateMode.EPHEMERAL;
import static org.apache.zookeeper.CreateMode.EPHEMERAL_SEQUENTIAL;
import static org.apache.zookeeper.CreateMode.PERSISTENT;
import static org.apache.zookeeper.CreateMode.PERSISTENT_SEQUENTIAL;
import static org.apache.zookeeper.CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL;
import static org.apache.zookeeper.CreateMode.PERSISTENT_WITH_TTL;
import static org.apache.zookeeper.ZooDefs.Ids.CREATOR_ALL_ACL;
import static org.apache.zookeeper.ZooDefs.Ids.OPEN_ACL_UNSAFE;
import static org.apache.zookeeper.ZooDefs.Ids.READ_ACL_UNSAFE;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;

/**
 * Fills a server with everything that a data directory can hold, writes down the whole tree as a
 * client sees it, and checks that containers and TTL nodes still are what they were made as.
 *
 * <p>Arguments, in order of execution: {@code write:NAME}, {@code dump:FILE}, {@code kinds:NAME}.
 */
public final class DataDirectory {
  private static final int LONG_TIMEOUT_MS = 60_000;
  private static final long HOUR_MS = 3_600_000;

  private DataDirectory() {}

  public static void main(String[] arguments) throws Exception {
    ZooKeeper zk = connect();
    zk.addAuthInfo("digest", Checks.bytes("super:secret"));
    for (String argument : arguments) {
      String[] parts = argument.split(":", 2);
      switch (parts[0]) {
        case "write" -> write(zk, "/" + parts[1]);
        case "dump" -> dump(zk, Path.of(parts[1]));
        case "kinds" -> kinds(zk, "/" + parts[1]);
        default -> throw new IllegalArgumentException(argument);
      }
    }
    zk.close();
    System.exit(0);
  }

  private static ZooKeeper connect() throws Exception {
    return Client.connect("127.0.0.1:" + Checks.PORT, LONG_TIMEOUT_MS, new Client.Events());
  }

  private static void write(ZooKeeper zk, String root) throws Exception {
    zk.create(root, Checks.bytes("root"), OPEN_ACL_UNSAFE, PERSISTENT);
    data(zk, root + "/data");
    kindsOfNodes(zk, root + "/kinds");
    access(zk, root + "/acl");
    transactions(zk, root + "/multi");
    sequences(zk, root + "/sequence");
    quota(zk, root + "/quota");
    sessions(zk, root + "/sessions");
  }

  private static void data(ZooKeeper zk, String root) throws Exception {
    zk.create(root, null, OPEN_ACL_UNSAFE, PERSISTENT);
    zk.create(root + "/null", null, OPEN_ACL_UNSAFE, PERSISTENT);
    zk.create(root + "/empty", new byte[0], OPEN_ACL_UNSAFE, PERSISTENT);
    byte[] big = new byte[900_000];
    new Random(7).nextBytes(big);
    zk.create(root + "/big", big, OPEN_ACL_UNSAFE, PERSISTENT);
    String name = root + "/ümläut 日本";
    zk.create(name, Checks.bytes("žluťoučký"), OPEN_ACL_UNSAFE, PERSISTENT);
    zk.create(root + "/often", null, OPEN_ACL_UNSAFE, PERSISTENT);
    for (int i = 0; i < 30; i++) {
      zk.setData(root + "/often", Checks.bytes("version " + i), i);
    }
    zk.setData(root + "/empty", null, 0);
    zk.setData(root + "/null", new byte[0], 0);
    zk.create(root + "/deleted", null, OPEN_ACL_UNSAFE, PERSISTENT);
    zk.delete(root + "/deleted", 0);
  }

  private static void kindsOfNodes(ZooKeeper zk, String root) throws Exception {
    Stat stat = new Stat();
    zk.create(root, null, OPEN_ACL_UNSAFE, PERSISTENT);
    zk.create(root + "/container", Checks.bytes("c"), OPEN_ACL_UNSAFE, CONTAINER);
    zk.create(root + "/container/k", null, OPEN_ACL_UNSAFE, PERSISTENT);
    zk.create(root + "/unused-container", null, OPEN_ACL_UNSAFE, CONTAINER);
    zk.create(root + "/ttl", null, OPEN_ACL_UNSAFE, PERSISTENT_WITH_TTL, stat, 500);
    zk.create(root + "/ttl/k", null, OPEN_ACL_UNSAFE, PERSISTENT);
    zk.create(root + "/ttl-long", null, OPEN_ACL_UNSAFE, PERSISTENT_WITH_TTL, stat, HOUR_MS);
    zk.create(root + "/ttl-", null, OPEN_ACL_UNSAFE, PERSISTENT_SEQUENTIAL_WITH_TTL, stat,
        HOUR_MS);
  }

  private static void access(ZooKeeper zk, String root) throws Exception {
    zk.create(root, null, OPEN_ACL_UNSAFE, PERSISTENT);
    zk.create(root + "/read", null, READ_ACL_UNSAFE, PERSISTENT);
    zk.create(root + "/creator", null, CREATOR_ALL_ACL, PERSISTENT);
    List<ACL> mixed = Arrays.asList(
        new ACL(1, new Id("world", "anyone")),
        new ACL(31, new Id("digest", "alice:aYXlLOpEooaV1cRAvUL1fp9Qt7E=")),
        new ACL(6, new Id("ip", "10.0.0.0/8")),
        new ACL(0, new Id("digest", "nobody:nothing")));
    zk.create(root + "/mixed", null, mixed, PERSISTENT);
    zk.create(root + "/changed", null, OPEN_ACL_UNSAFE, PERSISTENT);
    zk.setACL(root + "/changed", mixed, 0);
    zk.setACL(root + "/changed", READ_ACL_UNSAFE, 1);
  }

  private static void transactions(ZooKeeper zk, String root) throws Exception {
    zk.multi(List.of(
        Op.create(root, null, OPEN_ACL_UNSAFE, PERSISTENT),
        Op.create(root + "/a", Checks.bytes("1"), OPEN_ACL_UNSAFE, PERSISTENT),
        Op.create(root + "/s-", null, OPEN_ACL_UNSAFE, PERSISTENT_SEQUENTIAL),
        Op.create(root + "/container", null, OPEN_ACL_UNSAFE, CONTAINER),
        Op.create(root + "/ttl", null, OPEN_ACL_UNSAFE, PERSISTENT_WITH_TTL, HOUR_MS),
        Op.setData(root + "/a", Checks.bytes("2"), 0),
        Op.check(root + "/a", 1),
        Op.create(root + "/gone", null, OPEN_ACL_UNSAFE, PERSISTENT),
        Op.delete(root + "/gone", 0)));
    for (Op last : List.of(Op.check("/none", -1), Op.delete(root, 7), Op.setData(root, null, 7))) {
      try {
        zk.multi(List.of(
            Op.create(root + "/never", null, OPEN_ACL_UNSAFE, PERSISTENT),
            Op.setData(root + "/a", null, -1), last));
        throw new AssertionError("the multi should have failed");
      } catch (KeeperException expected) {
        // It leaves a failed transaction in the log.
      }
    }
  }

  private static void sequences(ZooKeeper zk, String root) throws Exception {
    zk.create(root, null, OPEN_ACL_UNSAFE, PERSISTENT);
    for (int i = 0; i < 20; i++) {
      String path = zk.create(root + "/n-", null, OPEN_ACL_UNSAFE, PERSISTENT_SEQUENTIAL);
      if (i % 3 == 0) {
        zk.delete(path, 0);
      }
    }
    Client.codeOf(() -> zk.delete(root, -1));
    Client.codeOf(() -> zk.create(root, null, OPEN_ACL_UNSAFE, PERSISTENT));
  }

  private static void quota(ZooKeeper zk, String root) throws Exception {
    zk.create(root, Checks.bytes("12345"), OPEN_ACL_UNSAFE, PERSISTENT);
    zk.create(root + "/before", Checks.bytes("678"), OPEN_ACL_UNSAFE, PERSISTENT);
    String path = "/zookeeper/quota";
    for (String part : root.substring(1).split("/")) {
      path += "/" + part;
      if (zk.exists(path, false) == null) {
        zk.create(path, null, OPEN_ACL_UNSAFE, PERSISTENT);
      }
    }
    zk.create(path + "/zookeeper_limits", Checks.bytes("count=100,bytes=1000"), OPEN_ACL_UNSAFE,
        PERSISTENT);
    zk.create(path + "/zookeeper_stats", Checks.bytes("count=0,bytes=0"), OPEN_ACL_UNSAFE,
        PERSISTENT);
    zk.create(root + "/after", Checks.bytes("90"), OPEN_ACL_UNSAFE, PERSISTENT);
    zk.setData(root, Checks.bytes("x"), -1);
    zk.delete(root + "/before", -1);
  }

  private static void sessions(ZooKeeper zk, String root) throws Exception {
    zk.create(root, null, OPEN_ACL_UNSAFE, PERSISTENT);
    ZooKeeper closed = connect();
    closed.create(root + "/gone", null, OPEN_ACL_UNSAFE, EPHEMERAL);
    closed.create(root + "/gone-", null, OPEN_ACL_UNSAFE, EPHEMERAL_SEQUENTIAL);
    closed.close();
    // Left behind on purpose: its ephemerals live until it expires.
    ZooKeeper open = connect();
    open.create(root + "/open", Checks.bytes("e"), OPEN_ACL_UNSAFE, EPHEMERAL);
    open.create(root + "/open-", null, OPEN_ACL_UNSAFE, EPHEMERAL_SEQUENTIAL);
  }

  /** A line per node: path, data in base64 or null, the eleven numbers of the stat, the list. */
  private static void dump(ZooKeeper zk, Path file) throws Exception {
    try (PrintStream out =
        new PrintStream(Files.newOutputStream(file), false, StandardCharsets.UTF_8)) {
      dumpNode(zk, "/", out);
    }
  }

  private static void dumpNode(ZooKeeper zk, String path, PrintStream out) throws Exception {
    Stat stat = new Stat();
    byte[] data = zk.getData(path, false, stat);
    List<String> acl = zk.getACL(path, null).stream()
        .map(entry -> entry.getPerms() + " " + entry.getId().getScheme() + ":"
            + entry.getId().getId())
        .toList();
    String text = data == null ? "null" : Base64.getEncoder().encodeToString(data);
    out.printf("%s\t%s\tczxid=%x mzxid=%x pzxid=%x ctime=%d mtime=%d version=%d cversion=%d "
        + "aversion=%d owner=%x length=%d children=%d\t%s%n", path, text, stat.getCzxid(),
        stat.getMzxid(), stat.getPzxid(), stat.getCtime(), stat.getMtime(), stat.getVersion(),
        stat.getCversion(), stat.getAversion(), stat.getEphemeralOwner(), stat.getDataLength(),
        stat.getNumChildren(), acl);
    for (String child : zk.getChildren(path, false).stream().sorted().toList()) {
      dumpNode(zk, (path.equals("/") ? "" : path) + "/" + child, out);
    }
  }

  /** A client cannot see these kinds, but it sees how they end. */
  private static void kinds(ZooKeeper zk, String root) throws Exception {
    for (String path : List.of(root + "/kinds/container", root + "/kinds/ttl")) {
      zk.delete(path + "/k", -1);
      Checks.eventually(path + " is gone", () -> zk.exists(path, false) == null);
    }
    for (String name : List.of("/ttl-long", "/unused-container")) {
      Checks.isTrue(zk.exists(root + "/kinds" + name, false) != null, name + " stays");
    }
    zk.create(root + "/sequence/n-", null, OPEN_ACL_UNSAFE, PERSISTENT_SEQUENTIAL);
    Checks.isTrue(zk.exists(root + "/sequence/n-0000000020", false) != null, "the sequence goes on");
  }
}
