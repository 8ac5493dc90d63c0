import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.Callable;

/** The peers' side of the report: one JSON line per check, and wishes to the harness. */
final class Checks {
  static final int PORT = port("PEER_PORT");
  static final int PROXY_PORT = port("PEER_PROXY_PORT");
  static final boolean SINCE_39 = "3.9".equals(System.getenv("PEER_SEMANTICS"));
  static final long PATIENCE_MS = 15_000;

  private static final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
  private static final BufferedReader in =
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));

  interface Body {
    void run() throws Exception;
  }

  private Checks() {}

  private static int port(String variable) {
    return Integer.parseInt(Objects.requireNonNullElse(System.getenv(variable), "0"));
  }

  /** A check passes unless its body throws; either way the program goes on. */
  static void check(String name, Body body) {
    try {
      body.run();
      report(name, true, "");
    } catch (Throwable problem) {
      StringWriter text = new StringWriter();
      problem.printStackTrace(new PrintWriter(text));
      String detail = text.toString();
      report(name, false, detail.substring(0, Math.min(detail.length(), 1500)));
    }
  }

  static void checkSince39(String name, Body body) {
    if (SINCE_39) {
      check(name, body);
    }
  }

  static void equal(Object actual, Object expected) {
    if (!Objects.equals(actual, expected)) {
      throw new AssertionError("expected " + expected + ", got " + actual);
    }
  }

  static void isTrue(boolean fact, String what) {
    if (!fact) {
      throw new AssertionError("not true: " + what);
    }
  }

  /** Waits for something that other threads or the server bring about. */
  static void eventually(String what, Callable<Boolean> fact) throws Exception {
    long deadline = System.nanoTime() + PATIENCE_MS * 1_000_000;
    while (!fact.call()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("did not happen in " + PATIENCE_MS + " ms: " + what);
      }
      Thread.sleep(10);
    }
  }

  /** Asks the harness for a fault and waits until it has happened. */
  static synchronized void ask(String wish) throws IOException {
    out.println("{\"ask\":" + quote(wish) + "}");
    if (!"done".equals(in.readLine())) {
      throw new IOException("the harness did not answer to " + wish);
    }
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte[] data) {
    return data == null ? null : new String(data, StandardCharsets.UTF_8);
  }

  static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append(String.format("\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }

  private static void report(String name, boolean ok, String detail) {
    out.println(
        "{\"name\":" + quote(name) + ",\"ok\":" + ok + ",\"detail\":" + quote(detail) + "}");
  }
}
