import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;

/** Connected clients, and watchers that remember what they saw. */
final class Client {
  static final int TIMEOUT_MS = 20_000;

  private Client() {}

  static ZooKeeper connect() throws Exception {
    return connect("127.0.0.1:" + Checks.PORT, TIMEOUT_MS, new Events());
  }

  static ZooKeeper connect(String hosts, int timeoutMs, Events events) throws Exception {
    ZooKeeper zk = new ZooKeeper(hosts, timeoutMs, events);
    events.awaitConnected();
    return zk;
  }

  /** The error code that an operation ends with; OK if with none. */
  static KeeperException.Code codeOf(Checks.Body operation) throws Exception {
    try {
      operation.run();
      return KeeperException.Code.OK;
    } catch (KeeperException problem) {
      return problem.code();
    }
  }

  /** A watcher with a queue. */
  static final class Events implements Watcher {
    private final LinkedBlockingQueue<WatchedEvent> queue = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<KeeperState> states = new LinkedBlockingQueue<>();
    private volatile CountDownLatch connected = new CountDownLatch(1);

    @Override
    public void process(WatchedEvent event) {
      if (event.getType() != EventType.None) {
        queue.add(event);
        return;
      }
      if (event.getState() == KeeperState.SyncConnected) {
        connected.countDown();
      } else {
        connected = new CountDownLatch(1);
      }
      states.add(event.getState());
    }

    void awaitConnected() throws Exception {
      if (!connected.await(Checks.PATIENCE_MS, TimeUnit.MILLISECONDS)) {
        throw new IOException("not connected, states seen: " + states);
      }
    }

    /** Waits for a state, passing over others. */
    void awaitState(KeeperState wanted) throws Exception {
      List<KeeperState> seen = new ArrayList<>();
      for (; ; ) {
        KeeperState state = states.poll(Checks.PATIENCE_MS, TimeUnit.MILLISECONDS);
        if (state == null) {
          throw new AssertionError("no " + wanted + " came, only " + seen);
        }
        if (state == wanted) {
          return;
        }
        seen.add(state);
      }
    }

    void forgetStates() {
      states.clear();
    }

    /** The next event as `Type path`. */
    String next() throws Exception {
      WatchedEvent event = nextEvent();
      return event.getType() + " " + event.getPath();
    }

    WatchedEvent nextEvent() throws Exception {
      WatchedEvent event = queue.poll(Checks.PATIENCE_MS, TimeUnit.MILLISECONDS);
      if (event == null) {
        throw new AssertionError("no event came");
      }
      return event;
    }

    /** What has come so far and was not taken; the caller makes sure that nothing is under way. */
    List<String> rest() {
      List<WatchedEvent> events = new ArrayList<>();
      queue.drainTo(events);
      return events.stream().map(event -> event.getType() + " " + event.getPath()).toList();
    }
  }
}
