import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.ExponentialBackoffRetry;
import org.apache.zookeeper.data.Stat;

/**
 * An application on Curator that goes on whatever happens to the servers, until its input ends. It
 * counts under a mutex, and says in the end how often it was told that it had counted, how often it
 * was not told, and how often its session was lost.
 */
public final class CuratorWorker {
  private static final String PATH = "/curator";

  private CuratorWorker() {}

  public static void main(String[] arguments) throws Exception {
    AtomicBoolean isOver = new AtomicBoolean();
    Thread ear = new Thread(() -> {
      try {
        while (System.in.read() >= 0) {}
      } catch (java.io.IOException gone) {
        // As good as the end.
      }
      isOver.set(true);
    });
    ear.setDaemon(true);
    ear.start();
    AtomicInteger lost = new AtomicInteger();
    int done = 0;
    int unknown = 0;
    try (CuratorFramework client = CuratorFrameworkFactory.builder()
        .connectString(System.getenv("WORKER_HOSTS"))
        .sessionTimeoutMs(10_000)
        .connectionTimeoutMs(5_000)
        .retryPolicy(new ExponentialBackoffRetry(50, 8, 1000))
        .build()) {
      client.getConnectionStateListenable().addListener((one, state) -> {
        if (state == ConnectionState.LOST) {
          lost.incrementAndGet();
        }
      });
      client.start();
      if (!client.blockUntilConnected(60, TimeUnit.SECONDS)) {
        throw new IllegalStateException("Curator does not connect");
      }
      client.create().orSetData().forPath(PATH, "0".getBytes());
      InterProcessMutex mutex = new InterProcessMutex(client, "/curator-lock");
      while (!isOver.get()) {
        try {
          if (!mutex.acquire(5, TimeUnit.SECONDS)) {
            continue;
          }
          try {
            Stat stat = new Stat();
            int value = Integer.parseInt(new String(client.getData().storingStatIn(stat).forPath(PATH)));
            try {
              byte[] next = Integer.toString(value + 1).getBytes();
              client.setData().withVersion(stat.getVersion()).forPath(PATH, next);
              done += 1;
            } catch (Exception untold) {
              unknown += 1;
            }
          } finally {
            mutex.release();
          }
        } catch (Exception failed) {
          // It tries again, as applications do.
        }
        Thread.sleep(50);
      }
      String value = new String(client.getData().forPath(PATH));
      System.out.printf("{\"done\":%d,\"unknown\":%d,\"lost\":%d,\"value\":%s}%n", done, unknown,
          lost.get(), value);
    }
    System.exit(0);
  }
}
