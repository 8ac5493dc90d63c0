import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.atomic.DistributedAtomicLong;
import org.apache.curator.framework.recipes.barriers.DistributedBarrier;
import org.apache.curator.framework.recipes.barriers.DistributedDoubleBarrier;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.nodes.GroupMember;
import org.apache.curator.framework.recipes.queue.DistributedPriorityQueue;
import org.apache.curator.framework.recipes.queue.DistributedQueue;
import org.apache.curator.framework.recipes.queue.QueueBuilder;
import org.apache.curator.framework.recipes.queue.QueueConsumer;
import org.apache.curator.framework.recipes.queue.QueueSerializer;
import org.apache.curator.framework.recipes.queue.SimpleDistributedQueue;
import org.apache.curator.framework.recipes.shared.SharedCount;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.ExponentialBackoffRetry;

/** Curator's recipes for data, each step when the suite asks: a line in, a line out. */
public final class DataRecipes {
  private static final QueueSerializer<String> TEXT = new QueueSerializer<>() {
    @Override
    public byte[] serialize(String item) {
      return item.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String deserialize(byte[] bytes) {
      return new String(bytes, StandardCharsets.UTF_8);
    }
  };

  private static final long PATIENCE_S = 30;

  private final CuratorFramework client;
  private final Map<String, GroupMember> groups = new HashMap<>();

  private DataRecipes(CuratorFramework client) {
    this.client = client;
  }

  public static void main(String[] arguments) throws Exception {
    PrintStream out = System.out;
    System.setOut(System.err);
    CuratorFramework client = CuratorFrameworkFactory.newClient(
        arguments[0], 20_000, 20_000, new ExponentialBackoffRetry(100, 5));
    client.start();
    client.blockUntilConnected();
    DataRecipes recipes = new DataRecipes(client);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String answer;
      try {
        answer = "ok\t" + recipes.perform(line.split("\t"));
      } catch (Exception problem) {
        answer = "error\t" + problem;
      }
      out.println(answer);
      out.flush();
    }
    client.close();
  }

  private String perform(String[] step) throws Exception {
    String path = step[1];
    switch (step[0]) {
      case "queue-put":
        return put(path, step[2], List.of(step).subList(3, step.length));
      case "queue-take":
        return take(path, step[2], Integer.parseInt(step[3]));
      case "priority-put":
        return putByPriority(path, Integer.parseInt(step[2]), step[3]);
      case "simple-offer":
        return "" + new SimpleDistributedQueue(client, path).offer(TEXT.serialize(step[2]));
      case "simple-poll":
        byte[] polled = new SimpleDistributedQueue(client, path).poll();
        return polled == null ? "" : TEXT.deserialize(polled);
      case "long-add":
        return "" + new DistributedAtomicLong(client, path, new ExponentialBackoffRetry(10, 20))
            .add(Long.parseLong(step[2])).postValue();
      case "count-set":
        return count(path, Integer.parseInt(step[2]));
      case "barrier-set":
        new DistributedBarrier(client, path).setBarrier();
        return "";
      case "barrier-lift":
        new DistributedBarrier(client, path).removeBarrier();
        return "";
      case "barrier-wait":
        return "" + new DistributedBarrier(client, path).waitOnBarrier(PATIENCE_S, TimeUnit.SECONDS);
      case "double-through":
        DistributedDoubleBarrier both =
            new DistributedDoubleBarrier(client, path, Integer.parseInt(step[2]));
        boolean entered = both.enter(PATIENCE_S, TimeUnit.SECONDS);
        return entered + " " + both.leave(PATIENCE_S, TimeUnit.SECONDS);
      case "group-join":
        GroupMember member = new GroupMember(client, path, step[2], TEXT.serialize(step[3]));
        member.start();
        groups.put(path, member);
        return "";
      case "group-members":
        Map<String, String> members = new TreeMap<>();
        groups.get(path).getCurrentMembers()
            .forEach((id, data) -> members.put(id, TEXT.deserialize(data)));
        return members.toString();
      case "group-leave":
        groups.remove(path).close();
        return "";
      case "cache":
        return cached(path, Integer.parseInt(step[2]));
      default:
        throw new IllegalArgumentException(step[0]);
    }
  }

  private String put(String path, String lockPath, List<String> items) throws Exception {
    try (DistributedQueue<String> queue =
        QueueBuilder.builder(client, null, TEXT, path).lockPath(lockPath).buildQueue()) {
      queue.start();
      for (String item : items) {
        queue.put(item);
      }
      queue.flushPuts(30, TimeUnit.SECONDS);
    }
    return "";
  }

  private String putByPriority(String path, int priority, String item) throws Exception {
    try (DistributedPriorityQueue<String> queue =
        QueueBuilder.builder(client, null, TEXT, path).buildPriorityQueue(0)) {
      queue.start();
      queue.put(item, priority);
      queue.flushPuts(30, TimeUnit.SECONDS);
    }
    return "";
  }

  private String take(String path, String lockPath, int count) throws Exception {
    List<String> taken = Collections.synchronizedList(new ArrayList<>());
    QueueConsumer<String> consumer = new QueueConsumer<>() {
      @Override
      public void consumeMessage(String item) {
        taken.add(item);
      }

      @Override
      public void stateChanged(CuratorFramework framework, ConnectionState state) {}
    };
    try (DistributedQueue<String> queue =
        QueueBuilder.builder(client, consumer, TEXT, path).lockPath(lockPath).buildQueue()) {
      queue.start();
      while (taken.size() < count || client.checkExists().forPath(path).getNumChildren() > 0) {
        Thread.sleep(10);
      }
    }
    return String.join(",", taken);
  }

  private String count(String path, int value) throws Exception {
    try (SharedCount count = new SharedCount(client, path, 0)) {
      count.start();
      int before = count.getCount();
      count.setCount(value);
      return "" + before;
    }
  }

  private String cached(String path, int nodes) throws Exception {
    try (CuratorCache cache = CuratorCache.build(client, path)) {
      cache.start();
      while (cache.size() < nodes) {
        Thread.sleep(10);
      }
      Map<String, String> found = new TreeMap<>();
      cache.stream().forEach(data -> found.put(data.getPath(), TEXT.deserialize(data.getData())));
      return found.toString();
    }
  }
}
