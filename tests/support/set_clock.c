/* For LD_PRELOAD: the clock of the day is as many seconds off as the file named by CLOCK_OFFSET says at that
 * moment. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Without a stream, which would ask for memory: sanitizers ask for the time before they have any to give. */
static long offset(void) {
  const char* path = getenv("CLOCK_OFFSET");
  char text[32] = "";
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return 0;
  if (read(file, text, sizeof text - 1) < 0) text[0] = '\0';
  close(file);
  return strtol(text, NULL, 10);
}

int clock_gettime(clockid_t clock, struct timespec* now) {
  int failure = (int)syscall(SYS_clock_gettime, clock, now); /* dlsym would ask for memory */
  if (!failure && clock == CLOCK_REALTIME) now->tv_sec += offset();
  return failure;
}

time_t time(time_t* to) {
  struct timespec now = {0, 0};
  clock_gettime(CLOCK_REALTIME, &now);
  if (to) *to = now.tv_sec;
  return now.tv_sec;
}
