import org.apache.zookeeper.ZooKeeper;

/** Every operation of Apache's Java client, by topics. */
public final class JavaClient {
  private JavaClient() {}

  public static void main(String[] arguments) throws Exception {
    try (ZooKeeper zk = Client.connect()) {
      OperationChecks.run(zk);
      MultiChecks.run(zk);
      WatchChecks.run(zk);
      AccessChecks.run(zk);
      LimitChecks.run(zk);
    }
    SessionChecks.run();
    System.exit(0);
  }
}
