import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderSelector;
import org.apache.curator.framework.recipes.leader.LeaderSelectorListenerAdapter;
import org.apache.curator.framework.recipes.locks.InterProcessLock;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreV2;
import org.apache.curator.framework.recipes.locks.Lease;
import org.apache.curator.framework.recipes.locks.Revoker;
import org.apache.curator.retry.ExponentialBackoffRetry;

/** Contends for Curator's recipes as it is told: one command a line, one answer a line. */
public final class CuratorContender {
  private static final long PATIENCE_S = 20;

  private final CuratorFramework client;
  private final Map<String, InterProcessLock> locks = new HashMap<>();
  private final Map<String, Lease> leases = new HashMap<>();
  private final CountDownLatch resigned = new CountDownLatch(1);
  private LeaderLatch latch;

  private CuratorContender(CuratorFramework client) {
    this.client = client;
  }

  public static void main(String[] args) throws Exception {
    CuratorFramework client =
        CuratorFrameworkFactory.newClient(args[0], 10_000, 10_000, new ExponentialBackoffRetry(100, 3));
    client.start();
    client.blockUntilConnected();
    CuratorContender contender = new CuratorContender(client);
    System.out.println("ready");
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      System.out.println(contender.answer(line.split(" ")));
    }
  }

  private String answer(String[] command) {
    try {
      return run(command[0], command[1], command[2]);
    } catch (Exception error) {
      return "failed " + error;
    }
  }

  private String run(String verb, String kind, String path) throws Exception {
    long seconds = verb.equals("try") ? 0 : PATIENCE_S;
    switch (verb) {
      case "try":
      case "acquire":
        return acquire(kind, path, seconds) ? "held" : "busy";
      case "release":
        if (kind.equals("semaphore")) leases.remove(path).close();
        else lock(kind, path).release();
        return "released";
      case "lead":
        return kind.equals("latch") ? leadByLatch(path) : leadBySelector(path);
      case "resign":
        if (kind.equals("latch")) latch.close();
        resigned.countDown();
        return "resigned";
      case "revoke":
        Revoker.attemptRevoke(client, path);
        return "revoked";
      default:
        throw new IllegalArgumentException(verb);
    }
  }

  private boolean acquire(String kind, String path, long seconds) throws Exception {
    if (!kind.equals("semaphore")) return lock(kind, path).acquire(seconds, TimeUnit.SECONDS);
    Lease lease = new InterProcessSemaphoreV2(client, path, 2).acquire(Math.max(1, seconds), TimeUnit.SECONDS);
    if (lease == null) return false;
    leases.put(path, lease);
    return true;
  }

  private InterProcessLock lock(String kind, String path) {
    return locks.computeIfAbsent(kind + path, key -> {
      switch (kind) {
        case "read":
          return new InterProcessReadWriteLock(client, path).readLock();
        case "write":
          return new InterProcessReadWriteLock(client, path).writeLock();
        default:
          return new InterProcessMutex(client, path);
      }
    });
  }

  private String leadByLatch(String path) throws Exception {
    latch = new LeaderLatch(client, path, "curator");
    latch.start();
    return latch.await(PATIENCE_S, TimeUnit.SECONDS) ? "leads" : "follows";
  }

  private String leadBySelector(String path) throws Exception {
    CountDownLatch leading = new CountDownLatch(1);
    LeaderSelector selector =
        new LeaderSelector(client, path, new LeaderSelectorListenerAdapter() {
          @Override
          public void takeLeadership(CuratorFramework leader) throws Exception {
            leading.countDown();
            resigned.await();
          }
        });
    selector.setId("curator");
    selector.start();
    return leading.await(PATIENCE_S, TimeUnit.SECONDS) ? "leads" : "follows";
  }
}
