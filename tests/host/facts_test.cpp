#include "host/facts.hpp"

#include "host/fact_probes.hpp"
#include "host/host_record.hpp"
#include "support/catch.hpp"

using namespace mlenv;

namespace {

using Files = std::map<std::string, RecordedFile>;

RecordedFile text(std::string content) { return {FileType::file, std::move(content), 0755, 0, 0}; }
RecordedFile link_to(std::string target) { return {FileType::symlink, std::move(target), 0777, 0, 0}; }

std::string virt_of(const Files& files) {
  const auto virt = probe_virt(*recorded_reader(files));
  return known(virt) ? *known(virt) : "unknown";
}

void add_device(Files& files, const std::string& address, const std::string& vendor,
                const std::string& device, const std::string& device_class) {
  const auto folder = "/sys/devices/pci0000:00/" + address;
  files[folder + "/vendor"] = text(vendor + "\n");
  files[folder + "/device"] = text(device + "\n");
  files[folder + "/class"] = text(device_class + "\n");
  files["/sys/bus/pci/devices/" + address] = link_to("../../../devices/pci0000:00/" + address);
}

}  // namespace

TEST_CASE("where it runs is told from files", "[host][facts]") {
  CHECK(virt_of({{"/proc/version", text("Linux version 5.15.0-microsoft-standard-WSL2")}}) == "wsl2");
  CHECK(virt_of({{"/proc/version", text("Linux version 5.15.0")}, {"/.dockerenv", text("")}}) == "container");
  CHECK(virt_of({{"/proc/version", text("Linux")}, {"/sys/class/dmi/id/sys_vendor", text("QEMU\n")}}) ==
        "vm");
  CHECK(virt_of({{"/proc/version", text("Linux")}, {"/proc/cpuinfo", text("flags : fpu hypervisor\n")}}) ==
        "vm");
  CHECK(virt_of({{"/proc/version", text("Linux")}, {"/sys/class/dmi/id/sys_vendor", text("LENOVO\n")}}) ==
        "metal");
  CHECK(virt_of({}) == "unknown");
}

TEST_CASE("NVIDIA's display controllers are found on the PCI bus, and nothing else is", "[host][facts]") {
  Files files;
  add_device(files, "0000:01:00.0", "0x10de", "0x2484", "0x030000");
  add_device(files, "0000:01:00.1", "0x10de", "0x228b", "0x040300");  // its audio function
  add_device(files, "0000:02:00.0", "0x8086", "0x9bc4", "0x030000");
  add_device(files, "0000:65:00.0", "0x10de", "0x20b0", "0x030200");
  const auto gpus = probe_pci_gpus(*recorded_reader(files));
  REQUIRE(known(gpus));
  REQUIRE(known(gpus)->size() == 2);
  CHECK(known(gpus)->at(0).pci_id == "10de:2484");
  CHECK(known(gpus)->at(0).pci_address == "0000:01:00.0");
  CHECK(known(gpus)->at(0).source == "pci");
  CHECK(known(gpus)->at(1).pci_id == "10de:20b0");
  CHECK_FALSE(known(probe_pci_gpus(*recorded_reader({}))));
}

TEST_CASE("Pythons are told by their files, the one that `python3` means first", "[host][facts]") {
  const Files files = {
      {"/usr/bin/python3", link_to("python3.8")},
      {"/usr/bin/python3.8", text("")},
      {"/usr/bin/python3.11", text("")},
      {"/usr/bin/python3-config", text("")},
      {"/usr/bin/python3.9", link_to("/nowhere")},
      {"/usr/local/bin/python3.12", text("")},
      {"/var/lib/dpkg/status", text("Package: python3.8-minimal\nStatus: install ok installed\n"
                                    "Version: 3.8.10-0ubuntu1~20.04.9\n\n")}};
  const auto reader = recorded_reader(files);
  const auto pythons = probe_pythons(*reader, probe_packages(*reader));
  CHECK(pythons == std::vector<Python>{{"/usr/bin/python3.8", "3.8.10"},
                                       {"/usr/local/bin/python3.12", "3.12"},
                                       {"/usr/bin/python3.11", "3.11"}});
}

TEST_CASE("a record without a value is unknown, never a guess", "[host][record]") {
  const auto host =
      read_recorded_host(R"({"format": "mlenvctl.facts/1", "arch": "x86_64", "gpus": [], "driver": null})");
  REQUIRE(host);
  CHECK_FALSE(known(host->facts.os));
  REQUIRE(known(host->facts.gpus));
  CHECK(known(host->facts.gpus)->empty());
  CHECK(std::holds_alternative<Unknown>(host->facts.driver));
  for (const char* broken :
       {"", "[]", "{}", R"({"format": "other"})", R"({"format": "mlenvctl.host/1", "files": {"a": ""}})",
        R"({"format": "mlenvctl.host/1", "facts": {"arch": 3}})"}) {
    INFO(broken);
    CHECK_FALSE(read_recorded_host(broken));
  }
}

TEST_CASE("the packages of a record are those of dpkg", "[host][record]") {
  const auto host = read_recorded_host(
      R"({"format": "mlenvctl.host/1", "facts": {"arch": "x86_64"}, "packages": {"jq": "1.6-2"}})");
  REQUIRE(host);
  CHECK(host->files.at("/var/lib/dpkg/status").content.find("Package: jq\n") != std::string::npos);
}
