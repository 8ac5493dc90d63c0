import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.transaction.CuratorTransactionResult;
import org.apache.curator.framework.recipes.atomic.DistributedAtomicLong;
import org.apache.curator.framework.recipes.barriers.DistributedBarrier;
import org.apache.curator.framework.recipes.barriers.DistributedDoubleBarrier;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderSelector;
import org.apache.curator.framework.recipes.leader.LeaderSelectorListenerAdapter;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreV2;
import org.apache.curator.framework.recipes.locks.Lease;
import org.apache.curator.framework.recipes.nodes.GroupMember;
import org.apache.curator.framework.recipes.nodes.PersistentNode;
import org.apache.curator.framework.recipes.nodes.PersistentTtlNode;
import org.apache.curator.framework.recipes.queue.DistributedPriorityQueue;
import org.apache.curator.framework.recipes.queue.DistributedQueue;
import org.apache.curator.framework.recipes.queue.QueueBuilder;
import org.apache.curator.framework.recipes.queue.QueueConsumer;
import org.apache.curator.framework.recipes.queue.QueueSerializer;
import org.apache.curator.framework.recipes.queue.SimpleDistributedQueue;
import org.apache.curator.framework.recipes.shared.SharedCount;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.ExponentialBackoffRetry;
import org.apache.curator.utils.ZKPaths;
import org.apache.curator.x.discovery.ServiceCache;
import org.apache.curator.x.discovery.ServiceDiscovery;
import org.apache.curator.x.discovery.ServiceDiscoveryBuilder;
import org.apache.curator.x.discovery.ServiceInstance;
import org.apache.curator.x.discovery.ServiceProvider;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;

/** Curator's recipes, most of them between two clients. */
public final class CuratorClient {
  private static final QueueSerializer<String> TEXT = new QueueSerializer<>() {
    @Override
    public byte[] serialize(String item) {
      return Checks.bytes(item);
    }

    @Override
    public String deserialize(byte[] bytes) {
      return Checks.text(bytes);
    }
  };

  private final CuratorFramework first;
  private final CuratorFramework second;

  private CuratorClient(CuratorFramework first, CuratorFramework second) {
    this.first = first;
    this.second = second;
  }

  public static void main(String[] arguments) throws Exception {
    try (CuratorFramework first = connect(Checks.PORT); CuratorFramework second =
        connect(Checks.PORT)) {
      CuratorClient checks = new CuratorClient(first, second);
      checks.framework();
      checks.locks();
      checks.election();
      checks.caches();
      checks.queues();
      checks.counters();
      checks.barriers();
      checks.nodes();
      checks.discovery();
      checks.faults();
    }
    System.exit(0);
  }

  private static CuratorFramework connect(int port) throws Exception {
    CuratorFramework client = CuratorFrameworkFactory.builder()
        .connectString("127.0.0.1:" + port)
        .sessionTimeoutMs(10_000)
        .connectionTimeoutMs(10_000)
        .retryPolicy(new ExponentialBackoffRetry(100, 10))
        .build();
    client.start();
    if (!client.blockUntilConnected(15, TimeUnit.SECONDS)) {
      throw new IllegalStateException("Curator does not connect");
    }
    return client;
  }

  private void framework() {
    Checks.check("framework: parents are made as containers and vanish", () -> {
      first.create().creatingParentContainersIfNeeded().forPath("/fw/a/b", Checks.bytes("x"));
      Checks.equal(Checks.text(second.getData().forPath("/fw/a/b")), "x");
      first.delete().guaranteed().forPath("/fw/a/b");
      Checks.eventually("/fw is gone", () -> first.checkExists().forPath("/fw") == null);
    });
    Checks.check("framework: protected sequential create", () -> {
      String path = first.create().creatingParentsIfNeeded().withProtection()
          .withMode(CreateMode.EPHEMERAL_SEQUENTIAL).forPath("/protected/n-");
      Checks.isTrue(path.matches("/protected/_c_[0-9a-f-]{36}-n-0000000000"), path);
    });
    Checks.check("framework: delete with children, and create or set", () -> {
      for (String path : List.of("/tree/a/1", "/tree/a/2", "/tree/b/1")) {
        first.create().creatingParentsIfNeeded().forPath(path);
      }
      first.create().orSetData().forPath("/tree", Checks.bytes("set"));
      Checks.equal(Checks.text(first.getData().forPath("/tree")), "set");
      first.delete().deletingChildrenIfNeeded().forPath("/tree");
      Checks.equal(first.checkExists().forPath("/tree"), null);
    });
    Checks.check("framework: transaction", () -> {
      List<CuratorTransactionResult> results = first.transaction().forOperations(
          first.transactionOp().create().forPath("/tx", Checks.bytes("1")),
          first.transactionOp().setData().withVersion(0).forPath("/tx", Checks.bytes("2")),
          first.transactionOp().check().withVersion(1).forPath("/tx"));
      Checks.equal(results.size(), 3);
      try {
        first.transaction().forOperations(
            first.transactionOp().delete().forPath("/tx"),
            first.transactionOp().check().forPath("/none"));
        throw new AssertionError("the transaction should have failed");
      } catch (KeeperException.NoNodeException expected) {
        Checks.isTrue(first.checkExists().forPath("/tx") != null, "nothing was deleted");
      }
    });
    Checks.check("framework: namespace, compression, TTL", () -> {
      CuratorFramework spaced = first.usingNamespace("space");
      spaced.create().compressed().forPath("/c", Checks.bytes("compressed".repeat(100)));
      Checks.equal(Checks.text(spaced.getData().decompressed().forPath("/c")),
          "compressed".repeat(100));
      Checks.isTrue(first.getData().forPath("/space/c").length < 100, "it is compressed");
      spaced.create().withTtl(200).withMode(CreateMode.PERSISTENT_WITH_TTL).forPath("/t");
      Checks.eventually("/t is gone", () -> spaced.checkExists().forPath("/t") == null);
    });
  }

  private void locks() {
    Checks.check("InterProcessMutex: excludes, is reentrant, and goes on to the next", () -> {
      InterProcessMutex mine = new InterProcessMutex(first, "/locks/mutex");
      InterProcessMutex yours = new InterProcessMutex(second, "/locks/mutex");
      mine.acquire();
      mine.acquire();
      Checks.isTrue(!yours.acquire(200, TimeUnit.MILLISECONDS), "the other one waits in vain");
      mine.release();
      Checks.isTrue(!yours.acquire(200, TimeUnit.MILLISECONDS), "and still");
      Checks.equal(mine.getParticipantNodes().size(), 1);
      mine.release();
      Checks.isTrue(yours.acquire(10, TimeUnit.SECONDS), "now it is free");
      yours.release();
    });
    Checks.check("InterProcessMutex: eight threads never overlap", () -> {
      AtomicInteger inside = new AtomicInteger();
      AtomicInteger most = new AtomicInteger();
      AtomicInteger entries = new AtomicInteger();
      inParallel(8, index -> {
        InterProcessMutex lock = new InterProcessMutex(index % 2 == 0 ? first : second,
            "/locks/contended");
        for (int i = 0; i < 10; i++) {
          lock.acquire();
          most.accumulateAndGet(inside.incrementAndGet(), Math::max);
          entries.incrementAndGet();
          inside.decrementAndGet();
          lock.release();
        }
      });
      Checks.equal(List.of(most.get(), entries.get()), List.of(1, 80));
    });
    Checks.check("InterProcessMutex: the lock of a client that closes is free", () -> {
      CuratorFramework third = connect(Checks.PORT);
      new InterProcessMutex(third, "/locks/dying").acquire();
      InterProcessMutex mine = new InterProcessMutex(first, "/locks/dying");
      Checks.isTrue(!mine.acquire(100, TimeUnit.MILLISECONDS), "taken");
      third.close();
      Checks.isTrue(mine.acquire(10, TimeUnit.SECONDS), "free");
      mine.release();
    });
    Checks.check("InterProcessReadWriteLock: readers together, a writer alone", () -> {
      InterProcessReadWriteLock mine = new InterProcessReadWriteLock(first, "/locks/rw");
      InterProcessReadWriteLock yours = new InterProcessReadWriteLock(second, "/locks/rw");
      mine.readLock().acquire();
      Checks.isTrue(yours.readLock().acquire(5, TimeUnit.SECONDS), "two readers");
      yours.readLock().release();
      Checks.isTrue(!yours.writeLock().acquire(200, TimeUnit.MILLISECONDS), "no writer beside");
      mine.readLock().release();
      Checks.isTrue(yours.writeLock().acquire(5, TimeUnit.SECONDS), "a writer alone");
      Checks.isTrue(!mine.readLock().acquire(200, TimeUnit.MILLISECONDS), "no reader beside");
      yours.writeLock().release();
    });
    Checks.check("InterProcessSemaphoreV2: so many leases and no more", () -> {
      InterProcessSemaphoreV2 mine = new InterProcessSemaphoreV2(first, "/locks/semaphore", 2);
      InterProcessSemaphoreV2 yours = new InterProcessSemaphoreV2(second, "/locks/semaphore", 2);
      Lease one = mine.acquire(5, TimeUnit.SECONDS);
      Lease two = yours.acquire(5, TimeUnit.SECONDS);
      Checks.isTrue(one != null && two != null, "two leases");
      Checks.equal(mine.acquire(200, TimeUnit.MILLISECONDS), null);
      yours.returnLease(two);
      Lease three = mine.acquire(5, TimeUnit.SECONDS);
      Checks.isTrue(three != null, "a lease came back");
      mine.returnAll(List.of(one, three));
    });
  }

  private void election() {
    Checks.check("LeaderLatch: one leads, the next follows when it closes", () -> {
      LeaderLatch mine = new LeaderLatch(first, "/leader/latch", "mine");
      LeaderLatch yours = new LeaderLatch(second, "/leader/latch", "yours");
      mine.start();
      Checks.isTrue(mine.await(10, TimeUnit.SECONDS), "the first leads");
      yours.start();
      Checks.eventually("both take part", () -> mine.getParticipants().size() == 2);
      Checks.isTrue(!yours.hasLeadership(), "the second does not lead");
      Checks.equal(yours.getLeader().getId(), "mine");
      mine.close();
      Checks.isTrue(yours.await(10, TimeUnit.SECONDS), "the second leads");
      yours.close();
    });
    Checks.check("LeaderSelector: each gets its turn", () -> {
      List<String> turns = new CopyOnWriteArrayList<>();
      CountDownLatch both = new CountDownLatch(2);
      List<LeaderSelector> selectors = new ArrayList<>();
      for (CuratorFramework client : List.of(first, second)) {
        String name = client == first ? "first" : "second";
        LeaderSelector selector =
            new LeaderSelector(client, "/leader/selector", new LeaderSelectorListenerAdapter() {
              @Override
              public void takeLeadership(CuratorFramework leader) {
                turns.add(name);
                both.countDown();
              }
            });
        selector.start();
        selectors.add(selector);
      }
      Checks.isTrue(both.await(10, TimeUnit.SECONDS), "two turns");
      Checks.equal(new TreeSet<>(turns), new TreeSet<>(Set.of("first", "second")));
      selectors.forEach(LeaderSelector::close);
    });
  }

  private void caches() {
    Checks.check("CuratorCache: holds the subtree and follows it", () -> {
      first.create().creatingParentsIfNeeded().forPath("/cache/a", Checks.bytes("1"));
      List<String> events = new CopyOnWriteArrayList<>();
      CountDownLatch initialized = new CountDownLatch(1);
      try (CuratorCache cache = CuratorCache.build(second, "/cache")) {
        cache.listenable().addListener(CuratorCacheListener.builder()
            .forInitialized(initialized::countDown)
            .forCreates(node -> events.add("created " + node.getPath()))
            .forChanges((before, after) -> events.add("changed " + after.getPath()))
            .forDeletes(node -> events.add("deleted " + node.getPath()))
            .build());
        cache.start();
        Checks.isTrue(initialized.await(10, TimeUnit.SECONDS), "it is initialized");
        Checks.equal(Set.copyOf(events), Set.of("created /cache", "created /cache/a"));
        events.clear();
        first.setData().forPath("/cache/a", Checks.bytes("2"));
        first.create().forPath("/cache/a/b", Checks.bytes("3"));
        Checks.eventually("two events", () -> events.size() == 2);
        first.delete().forPath("/cache/a/b");
        first.delete().forPath("/cache/a");
        Checks.eventually("four events", () -> events.size() == 4);
        Checks.equal(List.copyOf(events), List.of("changed /cache/a", "created /cache/a/b",
            "deleted /cache/a/b", "deleted /cache/a"));
        Checks.equal(cache.stream().map(node -> node.getPath()).toList(), List.of("/cache"));
      }
    });
    Checks.check("CuratorCache: two hundred nodes arrive", () -> {
      try (CuratorCache cache = CuratorCache.build(second, "/cache")) {
        cache.start();
        for (int i = 0; i < 200; i++) {
          first.create().inBackground().forPath("/cache/n" + i, Checks.bytes("" + i));
        }
        Checks.eventually("all are there", () -> cache.size() == 201);
        Checks.equal(Checks.text(cache.get("/cache/n150").orElseThrow().getData()), "150");
      }
    });
  }

  private void queues() {
    Checks.check("DistributedQueue: every item once, in order", () -> {
      List<String> taken = new CopyOnWriteArrayList<>();
      QueueConsumer<String> consumer = consumer(taken);
      try (DistributedQueue<String> producer =
              QueueBuilder.builder(first, null, TEXT, "/queues/plain").buildQueue();
          DistributedQueue<String> queue =
              QueueBuilder.builder(second, consumer, TEXT, "/queues/plain").buildQueue()) {
        producer.start();
        queue.start();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
          producer.put("item " + i);
          expected.add("item " + i);
        }
        Checks.eventually("fifty items", () -> taken.size() >= 50);
        Checks.equal(new TreeSet<>(taken), new TreeSet<>(expected));
        Checks.equal(taken.size(), 50);
      }
    });
    Checks.check("DistributedQueue: with locks, two consumers share the items", () -> {
      List<String> taken = Collections.synchronizedList(new ArrayList<>());
      try (DistributedQueue<String> one = QueueBuilder
              .builder(first, consumer(taken), TEXT, "/queues/safe").lockPath("/queues/safe-locks")
              .buildQueue();
          DistributedQueue<String> two = QueueBuilder
              .builder(second, consumer(taken), TEXT, "/queues/safe").lockPath("/queues/safe-locks")
              .buildQueue()) {
        one.start();
        two.start();
        for (int i = 0; i < 20; i++) {
          one.put("item " + i);
        }
        Checks.eventually("twenty items", () -> taken.size() >= 20);
        Checks.equal(new TreeSet<>(taken).size(), 20);
      }
    });
    Checks.check("DistributedPriorityQueue: the lower number first", () -> {
      List<String> taken = new CopyOnWriteArrayList<>();
      try (DistributedPriorityQueue<String> producer =
          QueueBuilder.builder(first, null, TEXT, "/queues/priority").buildPriorityQueue(0)) {
        producer.start();
        for (int priority : new int[] {5, -5, 100, 0}) {
          producer.put("p" + priority, priority);
        }
        Checks.isTrue(producer.flushPuts(10, TimeUnit.SECONDS), "all are written");
        Checks.eventually("four nodes", () ->
            second.getChildren().forPath("/queues/priority").size() == 4);
        try (DistributedPriorityQueue<String> queue = QueueBuilder
            .builder(second, consumer(taken), TEXT, "/queues/priority")
            .executor(Runnable::run).buildPriorityQueue(0)) {
          queue.start();
          Checks.eventually("four items", () -> taken.size() == 4);
        }
      }
      Checks.equal(List.copyOf(taken), List.of("p-5", "p0", "p5", "p100"));
    });
    Checks.check("SimpleDistributedQueue: offer, peek, poll, take", () -> {
      SimpleDistributedQueue mine = new SimpleDistributedQueue(first, "/queues/simple");
      SimpleDistributedQueue yours = new SimpleDistributedQueue(second, "/queues/simple");
      mine.offer(Checks.bytes("1"));
      mine.offer(Checks.bytes("2"));
      Checks.equal(Checks.text(yours.peek()), "1");
      Checks.equal(Checks.text(yours.poll()), "1");
      Checks.equal(Checks.text(yours.take()), "2");
      Checks.equal(yours.poll(100, TimeUnit.MILLISECONDS), null);
      ExecutorService thread = Executors.newSingleThreadExecutor();
      Future<byte[]> waiting = thread.submit(yours::take);
      mine.offer(Checks.bytes("3"));
      Checks.equal(Checks.text(waiting.get(10, TimeUnit.SECONDS)), "3");
      thread.shutdown();
    });
  }

  private static QueueConsumer<String> consumer(List<String> taken) {
    return new QueueConsumer<>() {
      @Override
      public void consumeMessage(String message) {
        taken.add(message);
      }

      @Override
      public void stateChanged(CuratorFramework client, ConnectionState state) {}
    };
  }

  private void counters() {
    Checks.check("DistributedAtomicLong: nothing is lost under contention", () -> {
      inParallel(4, index -> {
        DistributedAtomicLong counter = new DistributedAtomicLong(
            index % 2 == 0 ? first : second, "/counters/long",
            new ExponentialBackoffRetry(5, 20));
        for (int i = 0; i < 10; i++) {
          while (!counter.increment().succeeded()) {
            Thread.sleep(5);
          }
        }
      });
      DistributedAtomicLong counter =
          new DistributedAtomicLong(first, "/counters/long", new ExponentialBackoffRetry(5, 20));
      Checks.equal(counter.get().postValue(), 40L);
    });
    Checks.check("SharedCount: one sets, the other hears; a stale set is refused", () -> {
      try (SharedCount mine = new SharedCount(first, "/counters/shared", 7);
          SharedCount yours = new SharedCount(second, "/counters/shared", 7)) {
        mine.start();
        yours.start();
        var stale = mine.getVersionedValue();
        yours.setCount(8);
        Checks.eventually("the other hears", () -> mine.getCount() == 8);
        Checks.isTrue(!mine.trySetCount(stale, 9), "stale");
        Checks.isTrue(mine.trySetCount(mine.getVersionedValue(), 10), "fresh");
        Checks.eventually("and back", () -> yours.getCount() == 10);
      }
    });
  }

  private void barriers() {
    Checks.check("DistributedBarrier: holds until it is removed", () -> {
      DistributedBarrier mine = new DistributedBarrier(first, "/barriers/single");
      DistributedBarrier yours = new DistributedBarrier(second, "/barriers/single");
      mine.setBarrier();
      Checks.isTrue(!yours.waitOnBarrier(200, TimeUnit.MILLISECONDS), "it holds");
      mine.removeBarrier();
      Checks.isTrue(yours.waitOnBarrier(10, TimeUnit.SECONDS), "it is open");
    });
    Checks.check("DistributedDoubleBarrier: all enter together and leave together", () -> {
      AtomicInteger inside = new AtomicInteger();
      inParallel(3, index -> {
        DistributedDoubleBarrier barrier = new DistributedDoubleBarrier(
            index % 2 == 0 ? first : second, "/barriers/double", 3);
        inside.incrementAndGet();
        Checks.isTrue(barrier.enter(20, TimeUnit.SECONDS), "entered");
        Checks.equal(inside.get(), 3);
        Checks.isTrue(barrier.leave(20, TimeUnit.SECONDS), "left");
      });
    });
  }

  private void nodes() {
    Checks.check("PersistentNode: comes back when somebody deletes it", () -> {
      try (PersistentNode node = new PersistentNode(
          first, CreateMode.EPHEMERAL, false, "/nodes/persistent", Checks.bytes("p"))) {
        node.start();
        Checks.isTrue(node.waitForInitialCreate(10, TimeUnit.SECONDS), "it is made");
        second.delete().forPath("/nodes/persistent");
        Checks.eventually("it is back", () ->
            second.checkExists().forPath("/nodes/persistent") != null);
      }
    });
    Checks.check("PersistentTtlNode: is kept alive, and goes when its owner does", () -> {
      PersistentTtlNode node =
          new PersistentTtlNode(first, "/nodes/ttl", 1000, Checks.bytes("t"));
      node.start();
      Checks.isTrue(node.waitForInitialCreate(10, TimeUnit.SECONDS), "it is made");
      Thread.sleep(2000);
      Checks.isTrue(second.checkExists().forPath("/nodes/ttl") != null, "it lives on");
      node.close();
      Checks.eventually("it is gone", () -> second.checkExists().forPath("/nodes/ttl") == null);
    });
    Checks.check("GroupMember: everybody sees everybody", () -> {
      try (GroupMember mine = new GroupMember(first, "/nodes/group", "one", Checks.bytes("1"));
          GroupMember yours = new GroupMember(second, "/nodes/group", "two", Checks.bytes("2"))) {
        mine.start();
        yours.start();
        Checks.eventually("two members", () -> mine.getCurrentMembers().size() == 2);
        Map<String, String> members = new TreeMap<>();
        mine.getCurrentMembers().forEach((id, data) -> members.put(id, Checks.text(data)));
        Checks.equal(members, Map.of("one", "1", "two", "2"));
      }
    });
  }

  private void discovery() {
    Checks.check("ServiceDiscovery: registered, found, and gone", () -> {
      try (ServiceDiscovery<Void> mine = discovery(first);
          ServiceDiscovery<Void> yours = discovery(second)) {
        ServiceInstance<Void> instance = ServiceInstance.<Void>builder()
            .name("web").address("10.0.0.1").port(80).build();
        mine.registerService(instance);
        Checks.equal(Set.copyOf(yours.queryForNames()), Set.of("web"));
        ServiceInstance<Void> found = yours.queryForInstances("web").iterator().next();
        Checks.equal(List.of(found.getId(), found.getAddress(), found.getPort()),
            List.of(instance.getId(), "10.0.0.1", 80));
        try (ServiceProvider<Void> provider =
            yours.serviceProviderBuilder().serviceName("web").build()) {
          provider.start();
          Checks.equal(provider.getInstance().getId(), instance.getId());
        }
        mine.unregisterService(instance);
        Checks.equal(yours.queryForInstances("web").size(), 0);
      }
    });
    Checks.check("ServiceCache: follows the instances", () -> {
      try (ServiceDiscovery<Void> mine = discovery(first);
          ServiceDiscovery<Void> yours = discovery(second);
          ServiceCache<Void> cache = yours.serviceCacheBuilder().name("db").build()) {
        cache.start();
        List<ServiceInstance<Void>> instances = new ArrayList<>();
        for (int port = 1; port <= 3; port++) {
          instances.add(ServiceInstance.<Void>builder().name("db").address("a").port(port).build());
          mine.registerService(instances.get(port - 1));
        }
        Checks.eventually("three instances", () -> cache.getInstances().size() == 3);
        mine.unregisterService(instances.get(0));
        Checks.eventually("two instances", () -> cache.getInstances().size() == 2);
      }
    });
  }

  private static ServiceDiscovery<Void> discovery(CuratorFramework client) throws Exception {
    ServiceDiscovery<Void> discovery =
        ServiceDiscoveryBuilder.builder(Void.class).client(client).basePath("/services").build();
    discovery.start();
    return discovery;
  }

  private void faults() {
    Checks.check("faults: states go by, the cache catches up, the latch keeps its place", () -> {
      Map<ConnectionState, Boolean> states = new ConcurrentHashMap<>();
      try (CuratorFramework shaky = connect(Checks.PROXY_PORT);
          CuratorCache cache = CuratorCache.build(shaky, "/faults");
          LeaderLatch latch = new LeaderLatch(shaky, "/faults-latch")) {
        shaky.getConnectionStateListenable()
            .addListener((client, state) -> states.put(state, true));
        first.create().forPath("/faults", Checks.bytes("before"));
        cache.start();
        latch.start();
        Checks.eventually("the cache is filled", () -> cache.size() == 1);
        Checks.isTrue(latch.await(10, TimeUnit.SECONDS), "it leads");
        Checks.ask("refuse");
        Checks.eventually("suspended", () -> states.containsKey(ConnectionState.SUSPENDED));
        Checks.eventually("no longer leading", () -> !latch.hasLeadership());
        first.create().forPath("/faults/new");
        first.setData().forPath("/faults", Checks.bytes("after"));
        Checks.ask("open");
        Checks.eventually("reconnected", () -> states.containsKey(ConnectionState.RECONNECTED));
        Checks.eventually("the cache catches up", () -> cache.size() == 2
            && "after".equals(Checks.text(cache.get("/faults").orElseThrow().getData())));
        Checks.isTrue(latch.await(10, TimeUnit.SECONDS), "it leads again");
        Checks.equal(shaky.getZookeeperClient().getZooKeeper().getState().isConnected(), true);
      }
    });
    Checks.check("faults: the restart of the server is survived by lock and cache", () -> {
      InterProcessMutex lock = new InterProcessMutex(first, "/faults-lock");
      try (CuratorCache cache = CuratorCache.build(second, "/faults")) {
        cache.start();
        lock.acquire();
        Checks.eventually("the cache is filled", () -> cache.size() == 2);
        Checks.ask("restart");
        second.blockUntilConnected(15, TimeUnit.SECONDS);
        first.setData().forPath("/faults/new", Checks.bytes("again"));
        Checks.eventually("the cache hears it", () ->
            "again".equals(Checks.text(cache.get("/faults/new").orElseThrow().getData())));
        InterProcessMutex other = new InterProcessMutex(second, "/faults-lock");
        Checks.isTrue(!other.acquire(200, TimeUnit.MILLISECONDS), "still held");
        lock.release();
        Checks.isTrue(other.acquire(10, TimeUnit.SECONDS), "free");
        other.release();
      }
    });
    Checks.check("paths: ordered children of everything that was made", () ->
        Checks.isTrue(ZKPaths.getSortedChildren(
            first.getZookeeperClient().getZooKeeper(), "/").contains("faults"), "it is listed"));
  }

  interface Worker {
    void run(int index) throws Exception;
  }

  private static void inParallel(int count, Worker worker) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int index = i;
        running.add(threads.submit(() -> {
          worker.run(index);
          return null;
        }));
      }
      for (Future<?> one : running) {
        one.get(60, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
