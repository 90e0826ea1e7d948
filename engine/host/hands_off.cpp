#include "host/hands_off.hpp"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <iterator>
#include <vector>

#include "host/newer_calls.hpp"

namespace mlenv {
namespace {

/// The calls that are refused. Architectures of Linux's later years lack those without `at`.
constexpr unsigned refused[] = {
#ifdef SYS_mknod
    SYS_mknod,    SYS_mkdir,    SYS_unlink,   SYS_rmdir,         SYS_rename,      SYS_link,
    SYS_symlink,  SYS_chmod,    SYS_chown,    SYS_lchown,
#endif
#ifdef SYS_renameat
    SYS_renameat,
#endif
    SYS_mknodat,  SYS_mkdirat,  SYS_unlinkat, SYS_renameat2,     SYS_linkat,      SYS_symlinkat,
    SYS_fchmodat, SYS_fchownat, SYS_fchmod,   SYS_fchown,        SYS_init_module, SYS_finit_module,
    SYS_execve,   SYS_execveat, SYS_mount,    SYS_delete_module,
};

std::vector<sock_filter> filter() {
  std::vector<sock_filter> steps = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  std::vector<unsigned> calls(std::begin(refused), std::end(refused));
  calls.push_back(newer_call::fchmodat2);
  for (const unsigned call : calls) {
    steps.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1));
    steps.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
  }
  steps.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  return steps;
}

}  // namespace

bool keep_hands_off() {
  auto steps = filter();
  const sock_fprog program{static_cast<unsigned short>(steps.size()), steps.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

}  // namespace mlenv
