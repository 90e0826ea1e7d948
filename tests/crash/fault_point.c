/* Preloaded into mlenvctl: counts what it does to files, and ends it at a chosen place with SIGKILL.
 *
 *   CRASH_AT=operation:17   just before the 17th operation
 *   CRASH_AT=torn:17        in the middle of it, where it writes
 *   CRASH_AT=boundary:3     just after the 3rd line of the journal that tells of a run's or a step's begin or
 * end CRASH_TREE=1            the children of the user's part end with it CRASH_COUNTS=FILE       at the end:
 * how many operations and boundaries there were CRASH_LIST=FILE         one line for each operation: its
 * number and what it was
 *
 * A run of the same recipe from the same state counts the same with `--parallel 1`, or nearly so. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Shared with the children that do the user's part of the work without becoming another program. */
struct Counters {
  atomic_long operations, boundaries;
  atomic_int doomed;
  pid_t program;
};

static struct Counters* counters;
static long kill_operation, kill_torn, kill_boundary;
static int list = -1;

static long number_after(const char* text, const char* word) {
  const size_t length = strlen(word);
  return strncmp(text, word, length) == 0 ? atol(text + length) : 0;
}

static int raw_open(const char* path) {
  return (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* A child that has become the user may not kill root's process: it says that the time has come. */
static void* watch(void* unused) {
  while (atomic_load(&counters->doomed) == 0)
    syscall(SYS_futex, &counters->doomed, FUTEX_WAIT, 0, NULL, NULL, 0);
  kill(getpid(), SIGKILL);
  return unused;
}

__attribute__((constructor)) static void begin(void) {
  if (strcmp(program_invocation_short_name, "mlenvctl") != 0) return;
  const char* at = getenv("CRASH_AT");
  if (at == NULL) return;
  kill_operation = number_after(at, "operation:");
  kill_torn = number_after(at, "torn:");
  kill_boundary = number_after(at, "boundary:");
  if (getenv("CRASH_LIST") != NULL) list = raw_open(getenv("CRASH_LIST"));
  counters = mmap(NULL, sizeof *counters, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (counters == MAP_FAILED) abort();
  counters->program = getpid();
  pthread_t watcher;
  if (pthread_create(&watcher, NULL, watch, NULL) != 0) abort();
}

__attribute__((destructor)) static void report(void) {
  const char* path = getenv("CRASH_COUNTS");
  if (counters == NULL || path == NULL || getpid() != counters->program) return;
  char text[64];
  const int size = snprintf(text, sizeof text, "%ld %ld\n", atomic_load(&counters->operations),
                            atomic_load(&counters->boundaries));
  const int file = raw_open(path);
  syscall(SYS_write, file, text, (size_t)size);
  syscall(SYS_close, file);
}

static void die(void) {
  atomic_store(&counters->doomed, 1);
  syscall(SYS_futex, &counters->doomed, FUTEX_WAKE, 1, NULL, NULL, 0);
  while (getpid() == counters->program || getenv("CRASH_TREE") != NULL) pause();
  /* A child of the program's own goes on when that is gone, as it would. */
  while (kill(counters->program, 0) == 0 || errno == EPERM) usleep(1000);
}

/* Before each operation; true when this one is to be torn. */
static int pass(const char* what, const char* detail) {
  if (counters == NULL) return 0;
  const int before = errno;
  const long number = atomic_fetch_add(&counters->operations, 1) + 1;
  if (list >= 0) {
    char text[512];
    const int size = snprintf(text, sizeof text, "%ld %s %s\n", number, what, detail);
    syscall(SYS_write, list, text, size < (int)sizeof text ? (size_t)size : sizeof text - 1);
  }
  if (number == kill_operation) die();
  errno = before;
  return number == kill_torn;
}

static const char* name_of(int descriptor, char* buffer, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t length = readlink(link, buffer, size - 1);
  buffer[length > 0 ? length : 0] = '\0';
  return buffer;
}

static int is_file(int descriptor) {
  struct stat found;
  return counters != NULL && fstat(descriptor, &found) == 0 && S_ISREG(found.st_mode);
}

static int has(const void* bytes, size_t size, const char* word) {
  return memmem(bytes, size, word, strlen(word)) != NULL;
}

static int is_boundary(const void* bytes, size_t size) {
  return has(bytes, size, "\"event\":\"step_started\"") || has(bytes, size, "\"event\":\"step_finished\"") ||
         has(bytes, size, "\"event\":\"run_started\"") || has(bytes, size, "\"event\":\"run_finished\"");
}

#define REAL(name)               \
  static __typeof__(&name) real; \
  if (real == NULL) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int descriptor, const void* bytes, size_t size) {
  REAL(write);
  if (!is_file(descriptor)) return real(descriptor, bytes, size);
  char name[256];
  name_of(descriptor, name, sizeof name);
  if (pass("write", name)) {
    const ssize_t half = real(descriptor, bytes, size / 2);
    die();
    return half; /* a child of the program's own goes on with the rest */
  }
  const ssize_t done = real(descriptor, bytes, size);
  const size_t length = strlen(name);
  const int journal = length > 6 && strcmp(name + length - 6, ".jsonl") == 0;
  if (journal && is_boundary(bytes, size) && atomic_fetch_add(&counters->boundaries, 1) + 1 == kill_boundary)
    die();
  return done;
}

static mode_t mode_in(int flags, va_list* more) {
  return (flags & (O_CREAT | __O_TMPFILE)) != 0 ? (mode_t)va_arg(*more, int) : 0;
}

#define OPEN(name, PARAMETERS, ARGUMENTS)                         \
  int name PARAMETERS {                                           \
    REAL(name);                                                   \
    va_list more;                                                 \
    va_start(more, flags);                                        \
    const mode_t mode = mode_in(flags, &more);                    \
    va_end(more);                                                 \
    if ((flags & (O_CREAT | O_TRUNC)) != 0) pass("create", path); \
    return real ARGUMENTS;                                        \
  }
OPEN(open, (const char* path, int flags, ...), (path, flags, mode))
OPEN(open64, (const char* path, int flags, ...), (path, flags, mode))
OPEN(openat, (int folder, const char* path, int flags, ...), (folder, path, flags, mode))
OPEN(openat64, (int folder, const char* path, int flags, ...), (folder, path, flags, mode))

#define CALL(name, PARAMETERS, ARGUMENTS, DETAIL) \
  int name PARAMETERS {                           \
    REAL(name);                                   \
    pass(#name, DETAIL);                          \
    return real ARGUMENTS;                        \
  }
CALL(rename, (const char* from, const char* to), (from, to), to)
CALL(renameat, (int a, const char* from, int b, const char* to), (a, from, b, to), to)
CALL(renameat2, (int a, const char* from, int b, const char* to, unsigned flags), (a, from, b, to, flags), to)
CALL(unlink, (const char* path), (path), path)
CALL(unlinkat, (int folder, const char* path, int flags), (folder, path, flags), path)
CALL(rmdir, (const char* path), (path), path)
CALL(mkdir, (const char* path, mode_t mode), (path, mode), path)
CALL(mkdirat, (int folder, const char* path, mode_t mode), (folder, path, mode), path)
CALL(symlink, (const char* to, const char* path), (to, path), path)
CALL(symlinkat, (const char* to, int folder, const char* path), (to, folder, path), path)
CALL(link, (const char* from, const char* path), (from, path), path)
CALL(linkat, (int a, const char* from, int b, const char* path, int flags), (a, from, b, path, flags), path)

#define ON_FILE(name, PARAMETERS, ARGUMENTS)                                       \
  int name PARAMETERS {                                                            \
    REAL(name);                                                                    \
    char detail[256];                                                              \
    if (counters != NULL) pass(#name, name_of(descriptor, detail, sizeof detail)); \
    return real ARGUMENTS;                                                         \
  }
ON_FILE(fsync, (int descriptor), (descriptor))
ON_FILE(fdatasync, (int descriptor), (descriptor))
ON_FILE(syncfs, (int descriptor), (descriptor))
ON_FILE(fchmod, (int descriptor, mode_t mode), (descriptor, mode))
ON_FILE(fchown, (int descriptor, uid_t user, gid_t group), (descriptor, user, group))
ON_FILE(ftruncate, (int descriptor, off_t size), (descriptor, size))
ON_FILE(ftruncate64, (int descriptor, off64_t size), (descriptor, size))
