/*
 * The load generator: plays a script of ready-made frames over many connections and checks what
 * comes back. One thread, one epoll loop; per connection and turn one read and one write.
 *
 * It knows frames by their length field, the session handshake and the sixteen bytes of a reply
 * header. What the requests mean stands in the script, which the bench writes (src/script.ts).
 * It is C because it shares the machine with the server it measures: whatever it burns is missing
 * there, and an event loop of its own would add its own wake-up to every latency.
 *
 * Invariant: every reply is matched with the oldest request of its connection; one that is not
 * in order ends the run, so a rate is never printed for a conversation that went wrong.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define INPUT_BYTES (256 * 1024)
#define SAMPLES_MAX (4 * 1024 * 1024)
#define DRAIN_NS 20000000000ULL
#define SERVERS_MAX 16

struct expected {
  uint32_t body_length; /* of the frame, after the reply header */
  uint32_t prefix_length;
  const uint8_t *prefix;
};

struct connection {
  int fd;
  uint32_t next;         /* script position of the next request to send */
  uint32_t awaited;      /* script position of the oldest request without a reply */
  uint64_t sent;         /* requests handed to the kernel or waiting in the remainder */
  uint64_t received;     /* replies */
  uint32_t owed;         /* requests that may be sent as soon as the remainder is out */
  size_t remainder_from; /* bytes of the script the kernel did not take yet */
  size_t remainder_to;
  uint64_t *sent_at; /* window entries: when each outstanding request left */
  uint8_t *input;
  size_t input_length;
  uint64_t started_at; /* session mode: when connect() was called */
  int port;            /* session mode */
  int step;            /* session mode: 0 connecting, 1 handshake, 2 closing, 3 awaiting the end */
};

/* Connections go to the ports in turn; the CPU time of all the processes is added up. */
static int ports[SERVERS_MAX], port_count, server_pids[SERVERS_MAX], server_pid_count;
static int connections = 1, window = 1, stride = 1, session_mode;
static uint64_t warmup_ns, duration_ns, operations_max;
static const char *script_path, *samples_path;

static uint8_t *script;       /* all requests, then the first `window` of them again */
static size_t *script_offset; /* script_count + window + 1 entries */
static struct expected *expectations;
static uint32_t script_count;

static int poller;
static uint64_t window_start, window_end, operations, errors, stride_counter, max_ns;
static uint64_t sendable = UINT64_MAX; /* requests left when the number of operations is given */
static int64_t first_error;
static int measuring, draining;
static double *samples;
static size_t sample_count;
static double cpu_from, cpu_to, server_from, server_to;

static void fail(const char *what) {
  fprintf(stderr, "load: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
  exit(3);
}

static void broken(const char *what) {
  errno = 0;
  fail(what);
}

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

static uint32_t read_u32(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static double own_cpu_ms(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec * 1e3 + usage.ru_utime.tv_usec / 1e3 + usage.ru_stime.tv_sec * 1e3 +
         usage.ru_stime.tv_usec / 1e3;
}

/* utime + stime of a process. The name in brackets may hold spaces, hence the last bracket. */
static double process_cpu_ms(int pid) {
  char path[64], text[1024];
  unsigned long user, kernel;
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  int fd = open(path, O_RDONLY);
  if (fd < 0) return 0;
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return 0;
  text[length] = 0;
  char *after = strrchr(text, ')');
  if (!after) return 0;
  if (sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel) != 2)
    return 0;
  return (double)(user + kernel) * 1e3 / (double)sysconf(_SC_CLK_TCK);
}

static double server_cpu_ms(void) {
  double sum = 0;
  for (int i = 0; i < server_pid_count; i++) sum += process_cpu_ms(server_pids[i]);
  return sum;
}

static void begin_measuring(uint64_t now) {
  measuring = 1;
  window_start = now;
  cpu_from = own_cpu_ms();
  server_from = server_cpu_ms();
}

static void end_measuring(uint64_t now) {
  measuring = 0;
  draining = 1;
  window_end = now;
  cpu_to = own_cpu_ms();
  server_to = server_cpu_ms();
}

static void note_latency(uint64_t ns) {
  if (ns > max_ns) max_ns = ns;
  if (++stride_counter < (uint64_t)stride) return;
  stride_counter = 0;
  if (sample_count < SAMPLES_MAX) samples[sample_count++] = (double)ns;
}

static void note_error(int32_t code) {
  if (errors++ == 0) first_error = code;
}

/* Script: per request three little-endian numbers (request length, expected body length, expected
 * prefix length), the request, the prefix. */
static void load_script(void) {
  FILE *file = fopen(script_path, "rb");
  if (!file) fail(script_path);
  fseek(file, 0, SEEK_END);
  size_t size = (size_t)ftell(file);
  rewind(file);
  uint8_t *raw = malloc(size);
  if (!raw || fread(raw, 1, size, file) != size) broken("cannot read the script");
  fclose(file);
  uint32_t count = 0;
  size_t bytes = 0, largest = 0;
  for (size_t at = 0; at < size; count++) {
    uint32_t head[3];
    memcpy(head, raw + at, sizeof head);
    at += sizeof head + head[0] + head[2];
    bytes += head[0];
    if (head[0] > largest) largest = head[0];
  }
  if (!count) broken("the script is empty");
  script_count = count;
  script = malloc(bytes + (size_t)window * largest);
  script_offset = malloc((count + (size_t)window + 1) * sizeof *script_offset);
  expectations = malloc(count * sizeof *expectations);
  size_t at = 0, to = 0;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t head[3];
    memcpy(head, raw + at, sizeof head);
    at += sizeof head;
    memcpy(script + to, raw + at, head[0]);
    script_offset[i] = to;
    to += head[0];
    at += head[0];
    expectations[i] = (struct expected){head[1], head[2], raw + at};
    at += head[2];
  }
  script_offset[count] = to;
  /* The tail repeats the head, so that any `window` requests in a row are contiguous. */
  for (uint32_t i = 0; i < (uint32_t)window; i++) {
    size_t from = script_offset[i % count];
    size_t length = script_offset[i % count + 1] - from;
    memcpy(script + to, script + from, length);
    to += length;
    script_offset[count + i + 1] = to;
  }
}

static int open_socket(int non_blocking) {
  int fd = socket(AF_INET, SOCK_STREAM | (non_blocking ? SOCK_NONBLOCK : 0), 0);
  if (fd < 0) fail("socket");
  int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

static struct sockaddr_in server_address(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static void watch(struct connection *c, uint32_t events, int operation) {
  struct epoll_event event = {.events = events, .data.ptr = c};
  if (epoll_ctl(poller, operation, c->fd, &event) < 0) fail("epoll_ctl");
}

/* ConnectRequest: version 0, no zxid seen, 30 s, no session, 16 zero bytes, not read-only. */
static const uint8_t connect_request[49] = {[3] = 45, [18] = 0x75, [19] = 0x30, [31] = 16};
/* closeSession: xid 0x7fffffff, type -11. */
static const uint8_t close_request[12] = {[3] = 8,    [4] = 0x7f,  [5] = 0xff,  [6] = 0xff,
                                          [7] = 0xff, [8] = 0xff,  [9] = 0xff,  [10] = 0xff,
                                          [11] = 0xf5};
/* ping: xid -2, type 11. */
static const uint8_t ping_request[12] = {[3] = 8,    [4] = 0xff, [5] = 0xff,
                                         [6] = 0xff, [7] = 0xfe, [11] = 11};
#define PING_XID 0xfffffffeU
#define CONNECT_RESPONSE_BYTES 41

static void check_connect_response(const uint8_t *p) {
  if (read_u32(p) != 37 || (int32_t)read_u32(p + 8) <= 0) broken("the session was refused");
}

static void send_fully(int fd, const uint8_t *data, size_t length) {
  if (send(fd, data, length, MSG_NOSIGNAL) != (ssize_t)length) fail("send");
}

static void open_session(struct connection *c, int port) {
  struct sockaddr_in address = server_address(port);
  uint8_t answer[CONNECT_RESPONSE_BYTES];
  c->fd = open_socket(0);
  if (connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
  send_fully(c->fd, connect_request, sizeof connect_request);
  if (recv(c->fd, answer, sizeof answer, MSG_WAITALL) != sizeof answer)
    broken("the server closed the connection in the handshake");
  check_connect_response(answer);
  fcntl(c->fd, F_SETFL, fcntl(c->fd, F_GETFL) | O_NONBLOCK);
}

/* Returns 0 when the kernel did not take everything. */
static int flush_remainder(struct connection *c) {
  size_t length = c->remainder_to - c->remainder_from;
  if (!length) return 1;
  ssize_t n = send(c->fd, script + c->remainder_from, length, MSG_NOSIGNAL);
  if (n < 0 && errno != EAGAIN) fail("send");
  if (n > 0) c->remainder_from += (size_t)n;
  return c->remainder_from == c->remainder_to;
}

static void send_owed(struct connection *c, int was_writable) {
  if (!flush_remainder(c)) return;
  uint64_t n = c->owed;
  if (n > sendable) n = sendable;
  if (draining) n = 0;
  if (n) {
    uint64_t now = now_ns();
    for (uint64_t i = 0; i < n; i++) c->sent_at[(c->sent + i) % (uint64_t)window] = now;
    c->remainder_from = script_offset[c->next];
    c->remainder_to = script_offset[c->next + n];
    c->next = (uint32_t)((c->next + n) % script_count);
    c->sent += n;
    c->owed -= (uint32_t)n;
    if (sendable != UINT64_MAX) sendable -= n;
  }
  int complete = flush_remainder(c);
  if (!complete && !was_writable) watch(c, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
  if (complete && was_writable) watch(c, EPOLLIN, EPOLL_CTL_MOD);
}

/*
 * Nothing came for a while: whoever waits for an answer asks whether the server lives, as clients do.
 * An Apache leader (seen with 3.8.0) now and then forgets one write until the next request comes.
 */
static void ping_those_who_wait(const struct connection *all) {
  for (int i = 0; i < connections; i++) {
    const struct connection *c = &all[i];
    if (c->received == c->sent || c->remainder_from != c->remainder_to) continue;
    send_fully(c->fd, ping_request, sizeof ping_request);
  }
}

static void check_reply(struct connection *c, const uint8_t *frame, uint32_t length) {
  if (length < 16) broken("a reply is shorter than its header");
  if (c->received == c->sent) broken("a reply came that nothing had asked for");
  if (memcmp(frame, script + script_offset[c->awaited] + 4, 4) != 0)
    broken("replies are out of order");
  const struct expected *e = &expectations[c->awaited];
  int32_t code = (int32_t)read_u32(frame + 12);
  if (code)
    note_error(code);
  else if (e->body_length != length - 16)
    broken("a reply has the wrong length");
  else if (e->prefix_length && memcmp(frame + 16, e->prefix, e->prefix_length) != 0)
    broken("a reply carries the wrong data");
}

static void on_replies(struct connection *c) {
  ssize_t n = recv(c->fd, c->input + c->input_length, INPUT_BYTES - c->input_length, 0);
  if (n == 0) broken("the server closed a connection");
  if (n < 0) {
    if (errno == EAGAIN) return;
    fail("recv");
  }
  uint64_t now = now_ns();
  size_t end = c->input_length + (size_t)n, at = 0;
  uint32_t replies = 0;
  while (end - at >= 4) {
    uint32_t length = read_u32(c->input + at);
    if (length > INPUT_BYTES - 4) broken("a reply is too long");
    if (end - at - 4 < length) break;
    if (length >= 4 && read_u32(c->input + at + 4) == PING_XID) {
      at += 4 + length;
      continue;
    }
    check_reply(c, c->input + at + 4, length);
    if (measuring) note_latency(now - c->sent_at[c->received % (uint64_t)window]);
    c->received++;
    if (++c->awaited == script_count) c->awaited = 0;
    at += 4 + length;
    replies++;
  }
  if (at && at < end) memmove(c->input, c->input + at, end - at);
  c->input_length = end - at;
  if (measuring) operations += replies;
  c->owed += replies;
}

static void close_sessions(struct connection *all) {
  uint8_t rest[256];
  for (int i = 0; i < connections; i++) {
    fcntl(all[i].fd, F_SETFL, fcntl(all[i].fd, F_GETFL) & ~O_NONBLOCK);
    struct timeval patience = {.tv_sec = 5};
    setsockopt(all[i].fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    send_fully(all[i].fd, close_request, sizeof close_request);
  }
  /* Until the server closes too: the next run shall not meet the end of this one. */
  for (int i = 0; i < connections; i++) {
    while (recv(all[i].fd, rest, sizeof rest, 0) > 0) continue;
    close(all[i].fd);
  }
}

static int is_idle(const struct connection *all) {
  for (int i = 0; i < connections; i++)
    if (all[i].received != all[i].sent) return 0;
  return 1;
}

static void run_requests(void) {
  struct connection *all = calloc((size_t)connections, sizeof *all);
  struct epoll_event events[256];
  if (operations_max) sendable = operations_max;
  for (int i = 0; i < connections; i++) {
    struct connection *c = &all[i];
    c->sent_at = calloc((size_t)window, sizeof *c->sent_at);
    c->input = malloc(INPUT_BYTES);
    /* Connections start at different keys, else all would ask for the same one in step. */
    c->next = c->awaited = (uint32_t)((uint64_t)i * script_count / (uint64_t)connections);
    c->owed = (uint32_t)window;
    open_session(c, ports[i % port_count]);
    watch(c, EPOLLIN, EPOLL_CTL_ADD);
  }
  uint64_t start = now_ns();
  if (operations_max || !warmup_ns) begin_measuring(start);
  for (int i = 0; i < connections; i++) send_owed(&all[i], 0);
  for (;;) {
    int n = epoll_wait(poller, events, 256, 100);
    if (n < 0 && errno != EINTR) fail("epoll_wait");
    if (n == 0) ping_those_who_wait(all);
    for (int i = 0; i < n; i++) {
      struct connection *c = events[i].data.ptr;
      int was_writable = (events[i].events & EPOLLOUT) != 0;
      if (events[i].events & ~(uint32_t)EPOLLOUT) on_replies(c);
      if (c->owed || c->remainder_from != c->remainder_to) send_owed(c, was_writable);
    }
    uint64_t now = now_ns();
    if (operations_max) {
      if (operations >= operations_max) break;
      if (duration_ns && now - start > duration_ns) broken("the operations took too long");
    } else if (!measuring && !draining) {
      if (now - start >= warmup_ns) begin_measuring(now);
    } else if (measuring) {
      if (now - window_start >= duration_ns) end_measuring(now);
    } else if (now - window_end > DRAIN_NS) {
      broken("the server left requests unanswered");
    }
    if (draining && is_idle(all)) break;
  }
  if (!draining) end_measuring(now_ns());
  close_sessions(all);
}

static void begin_session(struct connection *c) {
  struct sockaddr_in address = server_address(c->port);
  c->fd = open_socket(1);
  c->step = 0;
  c->input_length = 0;
  c->started_at = now_ns();
  if (connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS)
    fail("connect");
  watch(c, EPOLLOUT, EPOLL_CTL_ADD);
}

/* Returns 1 when the server has ended the connection. */
static int step_session(struct connection *c) {
  if (c->step == 0) {
    int problem = 0;
    socklen_t length = sizeof problem;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &problem, &length);
    errno = problem;
    if (problem) fail("connect");
    send_fully(c->fd, connect_request, sizeof connect_request);
    watch(c, EPOLLIN, EPOLL_CTL_MOD);
    c->step = 1;
    return 0;
  }
  ssize_t n = recv(c->fd, c->input + c->input_length, 256 - c->input_length, 0);
  if (n < 0 && errno == EAGAIN) return 0;
  /* A server that closes may reset: after the reply to closeSession that is an end like any other. */
  if (n <= 0 && c->step == 3) return 1;
  if (n <= 0) fail("the server ended a session early");
  c->input_length += (size_t)n;
  if (c->step == 1 && c->input_length >= CONNECT_RESPONSE_BYTES) {
    check_connect_response(c->input);
    if (measuring) note_latency(now_ns() - c->started_at);
    send_fully(c->fd, close_request, sizeof close_request);
    c->step = 2;
  } else if (c->step == 2 && c->input_length >= CONNECT_RESPONSE_BYTES + 20) {
    if (memcmp(c->input + CONNECT_RESPONSE_BYTES + 4, close_request + 4, 4) != 0)
      broken("the reply to closeSession has the wrong xid");
    if (measuring) operations++;
    c->step = 3;
  }
  return 0;
}

static void run_sessions(void) {
  struct connection *all = calloc((size_t)connections, sizeof *all);
  struct epoll_event events[256];
  int open_count = connections;
  uint64_t start = now_ns();
  if (!warmup_ns) begin_measuring(start);
  for (int i = 0; i < connections; i++) {
    all[i].input = malloc(256);
    all[i].port = ports[i % port_count];
    begin_session(&all[i]);
  }
  while (open_count) {
    int n = epoll_wait(poller, events, 256, 100);
    if (n < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < n; i++) {
      struct connection *c = events[i].data.ptr;
      if (!step_session(c)) continue;
      close(c->fd);
      if (draining)
        open_count--;
      else
        begin_session(c);
    }
    uint64_t now = now_ns();
    if (!measuring && !draining && now - start >= warmup_ns) begin_measuring(now);
    if (measuring && now - window_start >= duration_ns) end_measuring(now);
    if (draining && now - window_end > DRAIN_NS) broken("the server left sessions unanswered");
  }
}

static void write_samples(void) {
  FILE *file = fopen(samples_path, "wb");
  if (!file) fail(samples_path);
  if (fwrite(samples, sizeof *samples, sample_count, file) != sample_count) fail(samples_path);
  fclose(file);
}

static int read_list(char *text, int *values) {
  int count = 0;
  for (char *word = strtok(text, ","); word; word = strtok(0, ",")) {
    if (count == SERVERS_MAX) broken("there are too many servers");
    values[count++] = atoi(word);
  }
  return count;
}

static void read_option(char *argument) {
  char *value = strchr(argument, '=');
  if (!value) broken("an argument lacks its value");
  *value++ = 0;
  if (!strcmp(argument, "ports")) port_count = read_list(value, ports);
  else if (!strcmp(argument, "connections")) connections = atoi(value);
  else if (!strcmp(argument, "window")) window = atoi(value);
  else if (!strcmp(argument, "stride")) stride = atoi(value);
  else if (!strcmp(argument, "serverPids")) server_pid_count = read_list(value, server_pids);
  else if (!strcmp(argument, "sessions")) session_mode = atoi(value);
  else if (!strcmp(argument, "warmupMs")) warmup_ns = strtoull(value, 0, 10) * 1000000ULL;
  else if (!strcmp(argument, "durationMs")) duration_ns = strtoull(value, 0, 10) * 1000000ULL;
  else if (!strcmp(argument, "operations")) operations_max = strtoull(value, 0, 10);
  else if (!strcmp(argument, "script")) script_path = value;
  else if (!strcmp(argument, "samples")) samples_path = value;
  else broken("an argument is unknown");
}

int main(int count, char **arguments) {
  for (int i = 1; i < count; i++) read_option(arguments[i]);
  if (!port_count) broken("there is no port");
  samples = malloc(SAMPLES_MAX * sizeof *samples);
  poller = epoll_create1(0);
  if (session_mode) {
    run_sessions();
  } else {
    load_script();
    run_requests();
  }
  if (samples_path) write_samples();
  double wall_ms = (double)(window_end - window_start) / 1e6;
  printf("{\"operations\":%llu,\"errors\":%llu,\"firstError\":%lld,\"elapsedMs\":%.3f,"
         "\"generatorCpuMs\":%.3f,\"serverCpuMs\":%.3f,\"maxNs\":%llu}\n",
         (unsigned long long)operations, (unsigned long long)errors, (long long)first_error,
         wall_ms, cpu_to - cpu_from, server_to - server_from, (unsigned long long)max_ns);
  return 0;
}
