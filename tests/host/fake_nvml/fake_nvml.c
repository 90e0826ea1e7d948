/* A stand-in for libnvidia-ml.so.1. FAKE_NVML says how it behaves, as words parted by commas:
 *   init=N, count=N        nvmlInit_v2 and nvmlDeviceGetCount_v2 return the code N
 *   no-device, two-cards, h100-mig, bare-card (of which only the handle can be had); else one card
 *   lost=I                 the card of that index has no handle
 *   no-cuda-v2, garbage-name, endless-name, strange-bus
 *   hang, crash, abort, exit, straggle    what nvmlInit_v2 does; load-hang: what dlopen does
 *   close, close-hang, scribble, flood    what it does to every descriptor but the streams
 *   self                   the card's name tells of the process that asks
 *   meddle                 the card's name tells what it may do to the file FAKE_NVML_FILE
 *
 * FAKE_NVML_PID names a file for the number of the process that hangs or straggles.
 * Compiled with FAKE_NVML_OLD it lacks what old drivers lack, with FAKE_NVML_EMPTY everything. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int fake_nvml_is_loaded = 1;

#ifndef FAKE_NVML_EMPTY

struct card {
  const char *name, *bus_id;
  unsigned pci_id;
  int major, minor;
  unsigned long long memory;
  int mig; /* below 0: not supported */
};

static const struct card rtx3070 = {
    "NVIDIA GeForce RTX 3070", "00000000:01:00.0", 0x248410deU, 8, 6, 8589934592ULL, -1};
static const struct card gtx1080 = {
    "NVIDIA GeForce GTX 1080", "00000000:0A:00.0", 0x1b8010deU, 6, 1, 8513978368ULL, -1};
static const struct card h100 = {
    "NVIDIA H100 80GB HBM3", "00010000:5D:00.0", 0x233010deU, 9, 0, 85520809984ULL, 1};

/* What follows `word` in FAKE_NVML ("" for a bare word); NULL when the word is not there. */
static const char* said(const char* word) {
  const char* at = getenv("FAKE_NVML");
  const size_t length = strlen(word);
  while (at != NULL && *at != '\0') {
    if (strncmp(at, word, length) == 0 && (at[length] == '\0' || at[length] == ',')) return at + length;
    if (strncmp(at, word, length) == 0 && at[length] == '=') return at + length + 1;
    at = strchr(at, ',');
    if (at != NULL) ++at;
  }
  return NULL;
}

static int number(const char* word, int otherwise) {
  const char* text = said(word);
  return text == NULL ? otherwise : atoi(text);
}

static void tell_number(int process) {
  const char* path = getenv("FAKE_NVML_PID");
  FILE* file = path == NULL ? NULL : fopen(path, "w");
  if (file == NULL) return;
  fprintf(file, "%d\n", process);
  fclose(file);
}

static void hang(void) {
  tell_number((int)getpid());
  for (;;) pause();
}

static void straggle(void) {
  const int process = (int)fork();
  if (process == 0)
    for (;;) pause();
  tell_number(process);
}

static void write_everywhere(const char* text) {
  for (int descriptor = 3; descriptor < 64; ++descriptor)
    if (write(descriptor, text, strlen(text)) < 0) continue;
}

static void flood(void) {
  for (;;) write_everywhere("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
}

static void close_everything(void) {
  for (int descriptor = 3; descriptor < 64; ++descriptor) close(descriptor);
}

__attribute__((constructor)) static void on_load(void) {
  if (said("load-hang")) hang();
}

static int init(void) {
  if (said("hang")) hang();
  if (said("crash")) raise(SIGSEGV);
  if (said("abort")) abort();
  if (said("exit")) exit(3);
  if (said("straggle")) straggle();
  if (said("close") || said("close-hang")) close_everything();
  if (said("close-hang")) hang();
  if (said("scribble")) write_everywhere("{\"status\": 0, \"why\": 7");
  if (said("flood")) flood();
  return number("init", 0);
}

const char* nvmlErrorString(int code) {
  static const char* const words[] = {"Success", "Uninitialized", "Invalid Argument", "Not Supported",
                                      "Insufficient Permissions"};
  if (code >= 0 && code <= 4) return words[code];
  if (code == 9) return "Driver Not Loaded";
  if (code == 15) return "GPU is lost";
  if (code == 18) return "Driver/library version mismatch";
  return code == 999 ? NULL : "Unknown Error";
}

int nvmlSystemGetDriverVersion(char* version, unsigned length) {
  snprintf(version, length, "535.161.07");
  return 0;
}

/* The one that makes a number up. */
int nvmlSystemGetCudaDriverVersion(int* version) {
  *version = 99090;
  return 0;
}

static unsigned cards(void) {
  if (said("no-device")) return 0;
  return said("two-cards") ? 2 : 1;
}

int nvmlDeviceGetCount_v2(unsigned* count) {
  *count = cards();
  return number("count", 0);
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, const struct card** device) {
  if (number("lost", -1) == (int)index) return 15;
  if (index >= cards()) return 2;
  *device = index == 1 ? &gtx1080 : said("h100-mig") ? &h100 : &rtx3070;
  return 0;
}

/* What the process that asks is like: nothing of it may reach the terminal, other descriptors or the disk. */
static void describe_self(char* text, unsigned length) {
  struct rlimit core;
  struct stat nowhere, stream;
  int streams = 0, others = 0;
  getrlimit(RLIMIT_CORE, &core);
  if (stat("/dev/null", &nowhere) != 0) return;
  for (int i = 0; i < 3; ++i)
    if (fstat(i, &stream) == 0 && stream.st_rdev == nowhere.st_rdev) ++streams;
  for (int i = 4; i < 1024; ++i)
    if (fcntl(i, F_GETFD) >= 0) ++others;
  snprintf(text, length, "core %d, own group %d, null streams %d, others %d, SIGTERM ignored %d",
           (int)core.rlim_cur, getpgrp() == getpid(), streams, others, signal(SIGTERM, SIG_DFL) == SIG_IGN);
}

/* The errno of a call that failed, else 0. */
static int failure(int result) { return result < 0 ? errno : 0; }

static int failure_to_start(void) {
  int status = 0;
  const pid_t child = fork();
  if (child == 0) {
    execl("/bin/sh", "sh", "-c", "exit 0", (char*)NULL);
    _exit(errno);
  }
  waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

static void meddle(char* text, unsigned length) {
  const char* path = getenv("FAKE_NVML_FILE");
  const int mode = failure(chmod(path, 0600)), owner = failure(chown(path, getuid(), getgid()));
  const int removed = failure(unlink(path)), made = failure(mknod(path, S_IFIFO | 0600, 0));
  snprintf(text, length, "chmod %d, chown %d, unlink %d, mknod %d, exec %d", mode, owner, removed, made,
           failure_to_start());
}

int nvmlDeviceGetName(const struct card* device, char* name, unsigned length) {
  if (said("bare-card")) return 15;
  if (said("self"))
    describe_self(name, length);
  else if (said("meddle"))
    meddle(name, length);
  else if (said("garbage-name"))
    snprintf(name, length, "\x1b[31mRTX\n\xff\xfe");
  else
    snprintf(name, length, "%s", device->name);
  if (said("endless-name")) memset(name, 'x', length);
  return 0;
}

int nvmlDeviceGetMemoryInfo(const struct card* device, unsigned long long* total_free_used) {
  if (said("bare-card")) return 3;
  total_free_used[0] = device->memory;
  total_free_used[1] = device->memory - 1;
  total_free_used[2] = 1;
  return 0;
}

int nvmlDeviceGetCudaComputeCapability(const struct card* device, int* major, int* minor) {
  if (said("bare-card")) return 15;
  *major = device->major;
  *minor = device->minor;
  return 0;
}

#ifdef FAKE_NVML_OLD
int nvmlInit(void) { return init(); }
#else
int nvmlInit_v2(void) { return init(); }

/* The old one stands beside the new one in every library, and is never the better one. */
int nvmlInit(void) { return 999; }

int nvmlSystemGetCudaDriverVersion_v2(int* version) {
  if (said("no-cuda-v2")) return 12;
  *version = 12020;
  return 0;
}

struct pci_info {
  char bus_id_legacy[16];
  unsigned domain, bus, device, pci_id, subsystem_id;
  char bus_id[32];
};

int nvmlDeviceGetPciInfo_v3(const struct card* device, struct pci_info* info) {
  if (said("bare-card")) return 15;
  memset(info, 0xff, sizeof *info);
  info->pci_id = device->pci_id;
  if (!said("strange-bus")) snprintf(info->bus_id, sizeof info->bus_id, "%s", device->bus_id);
  return 0;
}

int nvmlDeviceGetMigMode(const struct card* device, unsigned* current, unsigned* pending) {
  if (device->mig < 0 || said("bare-card")) return 3;
  *current = (unsigned)device->mig;
  *pending = 0;
  return 0;
}
#endif
#endif
