/*
 * Loaded before libc (LD_PRELOAD), this makes the disk fail on command: once the file named by
 * FAULT_ORDER exists, calls on files whose path contains FAULT_PATH fail with the errno written in
 * it. The order's text is "<calls> <errno> <count>": calls is "sync" (fsync, fdatasync, and writes
 * on descriptors opened O_DSYNC or O_SYNC, which sync as well) or "write" (every write); count is
 * how many calls fail before the disk recovers, -1 for all. A call that fails does nothing.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_int failed;

static int on_faulty_file(int fd) {
  const char *wanted = getenv("FAULT_PATH");
  char link[64];
  char path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0 || wanted == NULL) return 0;
  path[length] = 0;
  return strstr(path, wanted) != NULL;
}

/* Returns the errno to fail with, or 0. */
static int fault(int fd, int is_sync) {
  const char *order = getenv("FAULT_ORDER");
  if (order == NULL || access(order, R_OK) != 0 || !on_faulty_file(fd)) return 0;
  char calls[16] = "";
  int code = 0;
  int count = 0;
  FILE *file = fopen(order, "r");
  if (file == NULL) return 0;
  int fields = fscanf(file, "%15s %d %d", calls, &code, &count);
  fclose(file);
  if (fields != 3) return 0;
  int syncs = is_sync || (fcntl(fd, F_GETFL) & (O_DSYNC | O_SYNC)) != 0;
  if (strcmp(calls, "sync") == 0 ? !syncs : is_sync) return 0;
  if (count >= 0 && atomic_fetch_add(&failed, 1) >= count) return 0;
  return code;
}

#define FORWARD(name, result, parameters, arguments, is_sync)                  \
  result name parameters {                                                     \
    static result(*real) parameters;                                           \
    if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, #name);               \
    int code = fault(fd, is_sync);                                             \
    if (code != 0) {                                                           \
      errno = code;                                                            \
      return -1;                                                               \
    }                                                                          \
    return real arguments;                                                     \
  }

FORWARD(fsync, int, (int fd), (fd), 1)
FORWARD(fdatasync, int, (int fd), (fd), 1)
FORWARD(write, ssize_t, (int fd, const void *bytes, size_t count), (fd, bytes, count), 0)
FORWARD(pwrite, ssize_t, (int fd, const void *bytes, size_t count, off_t offset),
        (fd, bytes, count, offset), 0)
FORWARD(pwrite64, ssize_t, (int fd, const void *bytes, size_t count, off64_t offset),
        (fd, bytes, count, offset), 0)
FORWARD(writev, ssize_t, (int fd, const struct iovec *parts, int count), (fd, parts, count), 0)
FORWARD(pwritev, ssize_t, (int fd, const struct iovec *parts, int count, off_t offset),
        (fd, parts, count, offset), 0)
FORWARD(pwritev64, ssize_t, (int fd, const struct iovec *parts, int count, off64_t offset),
        (fd, parts, count, offset), 0)
