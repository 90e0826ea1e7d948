#include <map>

#include "host/fact_probes.hpp"
#include "host/facts_json.hpp"
#include "host/nvml_facts.hpp"
#include "host/recorded_host.hpp"
#include "support/catch.hpp"

using namespace mlenv;

namespace {

/// A machine as its files; what is not said is not there.
struct Tree {
  std::map<std::string, RecordedFile> files;

  Tree& file(const std::string& path, std::string content = {}) {
    files[path] = {FileType::file, std::move(content), 0644, 0, 0};
    return *this;
  }
  Tree& link(const std::string& path, std::string target) {
    files[path] = {FileType::symlink, std::move(target), 0777, 0, 0};
    return *this;
  }
  Tree& module(const std::string& version, const std::string& kind = "NVIDIA UNIX x86_64 Kernel Module") {
    file("/sys/module/nvidia/version", version + "\n");
    return file("/proc/driver/nvidia/version", "NVRM version: " + kind + "  " + version + "  Thu Mar 7\n");
  }
  Tree& libraries(const std::string& version, const std::string& folder = "/usr/lib/x86_64-linux-gnu") {
    file(folder + "/libcuda.so." + version);
    return link(folder + "/libcuda.so.1", "libcuda.so." + version);
  }
  std::unique_ptr<HostReader> reader() const { return recorded_reader(files); }
};

Driver driver_of(const Tree& tree) {
  const auto fact = probe_driver(*tree.reader());
  REQUIRE(known(fact) != nullptr);
  return *known(fact);
}

}  // namespace

TEST_CASE("module and libraries of one version are a driver that is in order", "[host][facts][driver]") {
  const auto driver = driver_of(Tree().module("535.183.01").libraries("535.183.01"));
  CHECK(driver == Driver{"535.183.01", "535.183.01", {}, "proprietary", "ok", {}});
  const auto open = driver_of(Tree()
                                  .module("550.54.14", "NVIDIA UNIX Open Kernel Module for x86_64")
                                  .libraries("550.54.14", "/usr/lib64"));
  CHECK(open.flavour == "open");
}

TEST_CASE("each way in which a driver is not in order is another answer", "[host][facts][driver]") {
  CHECK(driver_of(Tree().module("460.56").libraries("460.73.01")).status == "mismatch");
  CHECK(driver_of(Tree().module("460.56")).status == "no-library");
  CHECK(driver_of(Tree().file("/sys/module/kernel/x").libraries("460.56")).status == "not-loaded");
  CHECK(std::holds_alternative<Absent>(probe_driver(*Tree().file("/sys/module/kernel/x").reader())));
  CHECK(std::holds_alternative<Unknown>(probe_driver(*Tree().reader())));
}

TEST_CASE("Debian's libraries are found through its alternatives", "[host][facts][driver]") {
  Tree tree;
  const std::string folder = "/usr/lib/x86_64-linux-gnu";
  tree.file("/sys/module/kernel/x")
      .link(folder + "/libcuda.so.1", "/etc/alternatives/glx--libcuda.so.1-x86_64-linux-gnu")
      .link("/etc/alternatives/glx--libcuda.so.1-x86_64-linux-gnu", folder + "/nvidia/current/libcuda.so.1")
      .link(folder + "/nvidia/current/libcuda.so.1", "libcuda.so.535.261.03")
      .file(folder + "/nvidia/current/libcuda.so.535.261.03");
  CHECK(driver_of(tree).userspace == "535.261.03");
}

TEST_CASE("under WSL2 the driver is that of Windows, and has no version here", "[host][facts][driver]") {
  const auto driver =
      driver_of(Tree().file("/dev/dxg").file("/sys/module/x/y").file("/usr/lib/wsl/lib/libcuda.so.1"));
  CHECK_FALSE(driver.userspace);
  CHECK(driver.status == "ok");
}

TEST_CASE("toolkits tell their version in three ways, and one is current", "[host][facts][cuda]") {
  Tree tree;
  tree.file("/usr/local/cuda-12.4/version.json", R"({"cuda": {"name": "CUDA SDK", "version": "12.4.1"}})")
      .file("/usr/local/cuda-10.2/version.txt", "CUDA Version 10.2.89\n")
      .file("/usr/local/cuda-11.0/include/cuda.h", "#define CUDA_VERSION 11000\n")
      .link("/usr/local/cuda-12", "/usr/local/cuda-12.4")
      .link("/usr/local/cuda", "/etc/alternatives/cuda")
      .link("/etc/alternatives/cuda", "/usr/local/cuda-11.0");
  const auto fact = probe_cuda_toolkits(*tree.reader());
  REQUIRE(known(fact) != nullptr);
  CHECK(*known(fact) == std::vector<CudaToolkit>{{"10.2", "/usr/local/cuda-10.2", false, "10.2.89"},
                                                 {"11.0", "/usr/local/cuda-11.0", true, ""},
                                                 {"12.4", "/usr/local/cuda-12.4", false, "12.4.1"}});
}

TEST_CASE("the distribution's own toolkit is found where its programs are", "[host][facts][cuda]") {
  Tree tree;
  tree.file("/usr/bin/nvcc").file("/usr/lib/cuda/version.txt", "CUDA Version 11.8.89\n");
  const auto fact = probe_cuda_toolkits(*tree.reader());
  REQUIRE(known(fact) != nullptr);
  CHECK(*known(fact) == std::vector<CudaToolkit>{{"11.8", "/usr/lib/cuda", true, "11.8.89"}});
}

TEST_CASE("cuDNN is known by its package, else by a header that no package owns", "[host][facts][cuda]") {
  Fact<std::vector<FactPackage>> packages = std::vector<FactPackage>{
      {"libcudnn8", "8.0.5.39-1+cuda11.0", "", true}, {"libcudnn8-dev", "8.0.5", "", true}};
  const auto packaged = probe_cudnn(*Tree().reader(), packages);
  CHECK(*known(packaged) == std::vector<Cudnn>{{"8.0.5", "libcudnn8", ""}});
  Tree tree;
  tree.file("/usr/local/cuda/include/cudnn_version.h",
            "#define CUDNN_MAJOR 9\n#define CUDNN_MINOR 10\n#define CUDNN_PATCHLEVEL 2\n");
  const auto header = probe_cudnn(*tree.reader(), Absent{});
  CHECK(known(header)->at(0).version == "9.10.2");
}

TEST_CASE("Secure Boot is the fifth byte of its variable", "[host][facts][boot]") {
  const std::string path = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
  const auto probed = [&](const std::string& bytes) {
    return probe_secure_boot(*Tree().file("/sys/kernel/x").file(path, bytes).reader());
  };
  CHECK(*known(probed(std::string("\6\0\0\0\1", 5))));
  CHECK_FALSE(*known(probed(std::string("\6\0\0\0\0", 5))));
  CHECK(known(probed(std::string("\6\0", 2))) == nullptr);
  CHECK_FALSE(*known(probe_secure_boot(*Tree().file("/sys/kernel/x").reader())));
  CHECK(known(probe_secure_boot(*Tree().reader())) == nullptr);
}

TEST_CASE("the newest kernel is the one of the greatest numbers", "[host][facts][kernel]") {
  Tree tree;
  tree.file("/boot/vmlinuz-5.15.0-91-generic").file("/boot/vmlinuz-5.15.0-101-generic");
  CHECK(*known(probe_newest_kernel(*tree.reader())) == "5.15.0-101-generic");
  const Fact<std::string> kernel = std::string("5.15.0-91-generic");
  CHECK_FALSE(*known(probe_headers(*tree.reader(), kernel)));
  tree.file("/usr/src/linux-headers-5.15.0-91-generic/Makefile");
  CHECK(*known(probe_headers(*tree.reader(), kernel)));
}

TEST_CASE("nouveau is blocked by modprobe's settings or the kernel's command line", "[host][facts][kernel]") {
  const auto blocked = [](const std::string& path, const std::string& text) {
    return *known(probe_nouveau_blocked(*Tree().file(path, text).reader()));
  };
  CHECK(blocked("/etc/modprobe.d/a.conf", "# none\nblacklist nouveau\n"));
  CHECK(blocked("/usr/lib/modprobe.d/nvidia.conf", "options nouveau modeset=0\n"));
  CHECK(blocked("/etc/modprobe.d/a.conf", "install nouveau /bin/false\n"));
  CHECK(blocked("/proc/cmdline", "root=/dev/sda1 modprobe.blacklist=nouveau quiet\n"));
  CHECK_FALSE(blocked("/etc/modprobe.d/a.conf", "# blacklist nouveau\n"));
  CHECK_FALSE(blocked("/etc/modprobe.d/a.conf.disabled", "blacklist nouveau\n"));
}

TEST_CASE("DKMS tells for which kernels it has built and installed", "[host][facts][kernel]") {
  Tree tree;
  tree.file("/var/lib/dkms/nvidia/535.183.01/5.15.0-91-generic/x86_64/module/nvidia.ko")
      .file("/var/lib/dkms/nvidia/535.183.01/5.15.0-101-generic/x86_64/module/nvidia.ko")
      .file("/lib/modules/5.15.0-91-generic/updates/dkms/nvidia.ko.zst")
      .file("/var/lib/dkms/nvidia-fs/2.17/source/x")
      .file("/var/lib/dkms/other/1.0/k/x86_64/module/other.ko");
  const auto modules = *known(probe_dkms(*tree.reader()));
  REQUIRE(modules.size() == 3);
  CHECK(modules[0] == DkmsModule{"nvidia", "535.183.01", "5.15.0-101-generic", "built"});
  CHECK(modules[1] == DkmsModule{"nvidia", "535.183.01", "5.15.0-91-generic", "installed"});
  CHECK(modules[2].status == "added");
}

TEST_CASE("unattended upgrades touch the driver unless they are off or it is blacklisted", "[host][facts]") {
  const Fact<std::vector<FactPackage>> there =
      std::vector<FactPackage>{{"unattended-upgrades", "2.8", "", false}};
  Tree tree;
  CHECK_FALSE(*known(probe_unattended_upgrades(*tree.reader(), there)));
  tree.file("/etc/apt/apt.conf.d/20auto-upgrades", "APT::Periodic::Unattended-Upgrade \"1\";\n");
  CHECK(*known(probe_unattended_upgrades(*tree.reader(), there)));
  CHECK_FALSE(*known(probe_unattended_upgrades(*tree.reader(), std::vector<FactPackage>{})));
  tree.file("/etc/apt/apt.conf.d/52guard",
            "Unattended-Upgrade::Package-Blacklist {\n // \"x\";\n \"nvidia-\";\n};\n");
  CHECK_FALSE(*known(probe_unattended_upgrades(*tree.reader(), there)));
  tree.file("/etc/apt/apt.conf.d/52guard", "Unattended-Upgrade::Package-Blacklist {\n // \"nvidia-\";\n};\n");
  CHECK(*known(probe_unattended_upgrades(*tree.reader(), there)));
}

TEST_CASE("apt's history tells who changed the driver last, and when", "[host][facts]") {
  Tree tree;
  tree.file("/var/log/apt/history.log",
            "\nStart-Date: 2021-04-24  06:50:12\nCommandline: /usr/bin/unattended-upgrade\nUpgrade: "
            "vim:amd64 (1, 2), "
            "libnvidia-compute-460:amd64 (460.56-0ubuntu0.20.04.1, 460.73.01-0ubuntu0.20.04.1)\n"
            "End-Date: 2021-04-24  06:50:40\n\nStart-Date: 2021-04-25  10:00:00\nCommandline: apt upgrade\n"
            "Upgrade: vim:amd64 (2, 3)\nEnd-Date: 2021-04-25  10:00:01\n");
  const auto upgrade = probe_last_upgrade(*tree.reader());
  REQUIRE(known(upgrade) != nullptr);
  CHECK(*known(upgrade) == DriverUpgrade{"2021-04-24  06:50:12", "unattended-upgrades",
                                         "libnvidia-compute-460", "460.56-0ubuntu0.20.04.1",
                                         "460.73.01-0ubuntu0.20.04.1"});
}

TEST_CASE("a package is part of a driver by the longest beginning of its name", "[host][facts]") {
  for (const char* part : {"nvidia-driver-535", "libnvidia-compute-535", "libcuda1", "cuda-drivers-550",
                           "linux-modules-nvidia-535-generic", "xserver-xorg-video-nvidia-470"})
    CHECK(is_driver_package(part));
  for (const char* other : {"nvidia-cuda-toolkit", "nvidia-container-toolkit", "libnvidia-container1",
                            "nvidia-settings", "cuda-toolkit-12-4", "libcudnn8", "linux-image-generic"})
    CHECK_FALSE(is_driver_package(other));
}

TEST_CASE("rubbish in the place of a fact is no fact, and nothing worse", "[host][facts]") {
  std::string rubbish;
  for (int i = 0; i < 70000; ++i) rubbish += static_cast<char>(i * 7919 % 256);
  for (const std::string& text :
       {std::string(), std::string("\n\n\n"), std::string(100000, 'a'), rubbish, std::string("Package: "),
        std::string("Package: nvidia-x\nStatus: "), std::string("Upgrade: a (b"),
        std::string("#define CUDA_VERSION 99999999999999999999"), std::string("{\"cuda\": {\"version\": 7}}"),
        std::string("{\"cuda\": []}")}) {
    Tree tree;
    for (const char* path :
         {"/sys/module/nvidia/version", "/proc/driver/nvidia/version", "/var/lib/dpkg/status",
          "/var/log/apt/history.log", "/usr/local/cuda-1/version.json", "/usr/local/cuda-1/version.txt",
          "/usr/local/cuda-1/include/cuda.h", "/usr/include/cudnn_version.h", "/etc/modprobe.d/a.conf",
          "/etc/apt/apt.conf.d/a", "/var/lib/dkms/mok.pub", "/proc/cmdline", "/boot/vmlinuz-"})
      tree.file(path, text);
    tree.file("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", text)
        .file("/sys/kernel/x");
    const auto reader = tree.reader();
    const auto packages = probe_packages(*reader);
    const auto driver = probe_driver(*reader);
    probe_cuda_toolkits(*reader);
    probe_cudnn(*reader, packages);
    probe_secure_boot(*reader);
    probe_last_upgrade(*reader);
    const auto ground = probe_driver_ground(*reader, Unknown{}, driver, packages);
    CHECK(known(ground.packages) != nullptr);
  }
}

TEST_CASE("what NVML says is added to what files say", "[host][facts][nvml]") {
  Facts facts;
  Gpu card;
  card.pci_address = "0000:01:00.0";
  card.pci_id = "10de:2484";
  card.source = "pci";
  facts.gpus = std::vector<Gpu>{card};
  facts.driver = Driver{"535.183.01", "535.183.01", {}, "open", "ok"};
  NvmlAnswer answer{NvmlStatus::ok, {}, "535.183.01", "12.2", {}};
  answer.gpus.push_back({"0000:01:00.0", "10de:2484", "NVIDIA GeForce RTX 3070", "8.6", 8589934592U, false});
  answer.gpus.push_back({"0000:02:00.0", "10de:2330", "NVIDIA H100 80GB HBM3", "9.0", 85899345920U, true});
  add_nvml(facts, answer);
  const auto& cards = *known(facts.gpus);
  REQUIRE(cards.size() == 2);
  CHECK(cards[0].memory_bytes == 8589934592U);
  CHECK(cards[0].source == "nvml");
  CHECK(cards[1].mig == true);
  CHECK(known(facts.driver)->cuda == "12.2");
}

TEST_CASE("each end of NVML is another status of the driver", "[host][facts][nvml]") {
  const std::pair<NvmlStatus, const char*> all[] = {
      {NvmlStatus::mismatch, "mismatch"},   {NvmlStatus::no_permission, "no-permission"},
      {NvmlStatus::no_device, "no-device"}, {NvmlStatus::failed, "failing"},
      {NvmlStatus::crashed, "failing"},     {NvmlStatus::timeout, "failing"},
      {NvmlStatus::not_loaded, "failing"},  {NvmlStatus::no_library, "ok"}};
  for (const auto& [end, status] : all) {
    Facts facts;
    facts.driver = Driver{"1.2", "1.2", {}, {}, "ok"};
    add_nvml(facts, {end, "why", {}, {}, {}});
    CHECK(known(facts.driver)->status == status);
  }
  Facts nothing;
  nothing.driver = Absent{};
  add_nvml(nothing, {NvmlStatus::no_library, "not there", {}, {}, {}});
  CHECK(std::holds_alternative<Absent>(nothing.driver));
}

TEST_CASE("the variables that conda, pixi and uv know stand in place of a probe", "[host][facts]") {
  const auto overrides =
      cuda_overrides({{"CONDA_OVERRIDE_CUDA", "12.4"}, {"UV_CUDA_DRIVER_VERSION", " 550.54 "}});
  CHECK(overrides.cuda == "12.4");
  CHECK(overrides.driver == "550.54");
  CHECK_FALSE(overrides.arch);
  CHECK(cuda_overrides({{"CONDA_OVERRIDE_CUDA", ""}}).cuda == "");
}
