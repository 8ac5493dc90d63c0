import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.ZooKeeper.States;

/** Apache's Java client on an ensemble: local sessions, and a member that serves readers alone. */
public final class EnsembleClient {
  /** The member that stays, then the others. */
  private static final List<String> HOSTS =
      Arrays.stream(System.getenv("PEER_PORTS").split(","))
          .map(port -> "127.0.0.1:" + port)
          .collect(Collectors.toList());

  private static final String ALL = String.join(",", HOSTS);
  private static final int TIMEOUT_MS = 6_000;

  private EnsembleClient() {}

  public static void main(String[] arguments) throws Exception {
    Checks.check("local sessions: known to one member, and to nobody else", EnsembleClient::local);
    Checks.check(
        "local sessions: the first ephemeral makes one the ensemble's, alone or in a transaction",
        EnsembleClient::upgrade);
    ZooKeeper holder = connect(ALL, false, States.CONNECTED);
    create(holder, "/held", CreateMode.EPHEMERAL);
    long held = holder.getSessionId();
    Checks.ask("alone");
    ZooKeeper reader = connect(ALL, true, States.CONNECTEDREADONLY);
    Checks.check("read-only: a member left alone is read from", () -> read(reader));
    Checks.ask("together");
    Checks.check(
        "read-only: the client finds its way to a member that writes",
        () -> {
          Checks.eventually("it writes again", () -> reader.getState() == States.CONNECTED);
          create(reader, "/later", CreateMode.EPHEMERAL);
          reader.close();
        });
    Checks.check(
        "read-only: a session from before, and its node, live on",
        () -> {
          Checks.eventually("it is back", () -> holder.getState() == States.CONNECTED);
          Checks.equal(holder.getSessionId(), held);
          Checks.equal(holder.exists("/held", false).getEphemeralOwner(), held);
          Checks.equal(Client.codeOf(() -> holder.getData("/never", false, null)), Code.NONODE);
          holder.close();
        });
    System.exit(0);
  }

  private static void local() throws Exception {
    ZooKeeper one = connect(HOSTS.get(0), false, States.CONNECTED);
    create(one, "/plain", CreateMode.PERSISTENT);
    ZooKeeper here = again(HOSTS.get(0), one);
    Checks.eventually("it is known here", () -> here.getState() == States.CONNECTED);
    ZooKeeper elsewhere = again(HOSTS.get(1), one);
    Checks.eventually("it is not known there", () -> elsewhere.getState() == States.CLOSED);
    here.close();
  }

  private static void upgrade() throws Exception {
    ZooKeeper one = connect(HOSTS.get(0), false, States.CONNECTED);
    create(one, "/eph", CreateMode.EPHEMERAL);
    ZooKeeper moved = again(HOSTS.get(1), one);
    Checks.eventually("it has moved", () -> moved.getState() == States.CONNECTED);
    Checks.equal(moved.exists("/eph", false).getEphemeralOwner(), one.getSessionId());
    moved.close();
    ZooKeeper two = connect(HOSTS.get(2), false, States.CONNECTED);
    two.multi(
        List.of(
            Op.create("/holder", new byte[0], Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT),
            Op.create("/holder/eph", new byte[0], Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL)));
    two.close();
    ZooKeeper three = connect(HOSTS.get(1), false, States.CONNECTED);
    three.sync("/", (code, path, context) -> {}, null);
    Checks.equal(three.getChildren("/holder", false), List.of());
    Checks.equal(three.exists("/eph", false), null);
    three.close();
  }

  private static void read(ZooKeeper reader) throws Exception {
    Checks.equal(
        new TreeSet<>(reader.getChildren("/", false)).toString(),
        "[held, holder, plain, zookeeper]");
    Code refused = Code.NOTREADONLY;
    Checks.equal(Client.codeOf(() -> create(reader, "/never", CreateMode.PERSISTENT)), refused);
    Checks.equal(Client.codeOf(() -> reader.setData("/plain", new byte[0], -1)), refused);
    Checks.equal(Client.codeOf(() -> reader.delete("/plain", -1)), refused);
    Checks.equal(reader.getState(), States.CONNECTEDREADONLY);
  }

  private static ZooKeeper connect(String hosts, boolean canBeReadOnly, States wanted)
      throws Exception {
    ZooKeeper zk = new ZooKeeper(hosts, TIMEOUT_MS, event -> {}, canBeReadOnly);
    Checks.eventually("it is " + wanted, () -> zk.getState() == wanted);
    return zk;
  }

  /** The session of another client, taken up by a new one. */
  private static ZooKeeper again(String hosts, ZooKeeper other) throws Exception {
    return new ZooKeeper(
        hosts, TIMEOUT_MS, event -> {}, other.getSessionId(), other.getSessionPasswd());
  }

  private static void create(ZooKeeper zk, String path, CreateMode mode) throws Exception {
    zk.create(path, new byte[0], Ids.OPEN_ACL_UNSAFE, mode);
  }
}
