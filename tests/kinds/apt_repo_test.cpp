#include "base/text.hpp"
#include "kinds/apt_sources.hpp"
#include "kinds/kind_bench.hpp"

using namespace mlenv;

namespace {

AddRepository step_of(const Decision& decision) {
  REQUIRE(decision.steps.size() == 1);
  return std::get<AddRepository>(decision.steps[0]);
}

constexpr const char* cuda_list = "/etc/apt/sources.list.d/cuda.list";

}  // namespace

TEST_CASE("NVIDIA's repository comes with its layout, key and pin", "[kinds][cuda_repo]") {
  KindBench bench;
  const auto decision = bench.decide("  - cuda_repo: ubuntu2004\n");
  CHECK(decision.action == Action::create);
  const auto step = step_of(decision);
  CHECK(step.fingerprints == std::vector<std::string>{"EB693B3035CD5710E231E123A4B469963BF863CC"});
  CHECK(step.key_locations.front() ==
        "https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2004/x86_64/3bf863cc.pub");
  CHECK(step.pin_path == "/etc/apt/preferences.d/cuda-repository-pin-600");
  CHECK(step.pin_content.find("Pin: release l=NVIDIA CUDA\nPin-Priority: 600\n") != std::string::npos);
  CHECK(step.source_content ==
        "# made by mlenvctl (cuda_repo.ubuntu2004)\nTypes: deb\n"
        "URIs: https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2004/x86_64/\nSuites: /\n"
        "Signed-By: /etc/apt/keyrings/cuda-ubuntu2004-x86_64.gpg\n");
}

TEST_CASE("`auto` takes the directory of the distribution, with its own key", "[kinds][cuda_repo]") {
  KindBench bench;
  CHECK(step_of(bench.decide("  - cuda_repo: auto\n")).name == "cuda-debian12-x86_64");
  bench.facts.os = Os{"debian", "13", "trixie", "Debian"};
  CHECK(step_of(bench.decide("  - cuda_repo: auto\n")).fingerprints.front() ==
        "02182E60104FCDC26EAE1B8597A5D4CB8793F200");
  bench.facts.virt = std::string("wsl2");
  CHECK(step_of(bench.decide("  - cuda_repo: auto\n")).name == "cuda-wsl-ubuntu-x86_64");
  bench.facts.virt = std::string("metal");
  bench.facts.os = Os{"arch", "", "", ""};
  bench.read("  - cuda_repo: auto\n");
  CHECK(bench.diagnostics.all().back().code == "cuda.no-directory");
}

TEST_CASE("a lab's mirror takes NVIDIA's place, layout and all", "[kinds][cuda_repo]") {
  KindBench bench;
  const auto step = step_of(
      bench.decide("  - cuda_repo: debian12\n    mirror: http://mirror.lab/cuda/\n    pin_priority: 700\n"));
  CHECK(step.source_content.find("URIs: http://mirror.lab/cuda/debian12/x86_64/\n") != std::string::npos);
  CHECK(step.pin_content.find("Pin-Priority: 700") != std::string::npos);
}

TEST_CASE("the key that NVIDIA has replaced is warned of", "[kinds][cuda_repo]") {
  KindBench bench;
  bench.decide("  - cuda_repo: debian12\n    key: {fingerprint: AE09FE4BBD223A84B2CCFCE3F60F4B3D7FA2AF80}\n");
  REQUIRE_FALSE(bench.diagnostics.all().empty());
  CHECK(bench.diagnostics.all()[0].code == "apt.key-replaced");
}

TEST_CASE("another source of the same archive is switched off, the rest of its file stays",
          "[kinds][apt_repo]") {
  const std::string url = "developer.download.nvidia.com/compute/cuda/repos/ubuntu2004/x86_64";
  for (const auto& line : {"deb https://" + url + "/ /", "deb [arch=amd64] http://" + url + " ./",
                           "deb http://user:pw@" + url + "// /"}) {
    KindBench bench;
    bench.file(cuda_list, "# mine\n" + line + "\n");
    const auto alone = step_of(bench.decide("  - cuda_repo: ubuntu2004\n"));
    REQUIRE(alone.disabled.size() == 1);
    CHECK(alone.disabled[0].to == std::string(cuda_list) + ".disabled");
    bench.file(cuda_list, "deb http://deb.debian.org/debian bookworm main\n" + line + "\n");
    const auto shared = step_of(bench.decide("  - cuda_repo: ubuntu2004\n"));
    REQUIRE(shared.replaced.size() == 1);
    CHECK(shared.replaced[0].content.starts_with("deb http://deb.debian.org/debian bookworm main\n# "));
    CHECK(parse_sources(cuda_list, shared.replaced[0].content).size() == 1);
  }
}

TEST_CASE("a deb822 stanza of the same archive is switched off by its own field", "[kinds][apt_repo]") {
  KindBench bench;
  const std::string path = "/etc/apt/sources.list.d/all.sources";
  bench.file(path,
             "Types: deb\nURIs: http://deb.debian.org/debian\nSuites: bookworm\nComponents: main\n\n# "
             "cuda\nTypes: deb\n"
             "URIs: https://developer.download.nvidia.com/compute/cuda/repos/debian12/x86_64\nSuites: /\n");
  const auto step = step_of(bench.decide("  - cuda_repo: debian12\n"));
  REQUIRE(step.replaced.size() == 1);
  const auto left = parse_sources(path, step.replaced[0].content);
  REQUIRE(left.size() == 1);
  CHECK(left[0].suites == std::vector<std::string>{"bookworm"});
}

TEST_CASE("a source that is switched off or of another archive is no duplicate", "[kinds][apt_repo]") {
  KindBench bench;
  bench.file("/etc/apt/sources.list.d/off.sources",
             "Enabled: no\nTypes: deb\nURIs: "
             "https://developer.download.nvidia.com/compute/cuda/repos/debian12/x86_64\nSuites: /\n");
  bench.file(cuda_list,
             "# deb https://developer.download.nvidia.com/compute/cuda/repos/debian12/x86_64 /\n"
             "deb https://developer.download.nvidia.com/compute/cuda/repos/debian11/x86_64 /\n");
  const auto step = step_of(bench.decide("  - cuda_repo: debian12\n"));
  CHECK(step.disabled.empty());
  CHECK(step.replaced.empty());
}

TEST_CASE("a file of that name that mlenvctl did not make waits for a person", "[kinds][apt_repo]") {
  KindBench bench;
  bench.file("/etc/apt/sources.list.d/cuda-debian12-x86_64.sources",
             "Types: deb\nURIs: http://x\nSuites: /\n");
  CHECK(bench.decide("  - cuda_repo: debian12\n").action == Action::manual);
  CHECK(bench.decide("  - cuda_repo: debian12\n    state: absent\n").action == Action::manual);
}

TEST_CASE("an apt that is too old for deb822 gets a line", "[kinds][apt_repo]") {
  KindBench bench;
  bench.package("apt", "1.0.1ubuntu2");
  const auto step = step_of(bench.decide("  - cuda_repo: ubuntu1604\n"));
  CHECK(step.source_path == "/etc/apt/sources.list.d/cuda-ubuntu1604-x86_64.list");
  CHECK(step.source_content.find("deb [signed-by=/etc/apt/keyrings/cuda-ubuntu1604-x86_64.gpg] https://") !=
        std::string::npos);
}

TEST_CASE("a stanza that says that it is enabled says so no longer", "[kinds][apt_repo]") {
  KindBench bench;
  const std::string path = "/etc/apt/sources.list.d/all.sources";
  bench.file(path,
             "Types: deb\nURIs: http://deb.debian.org/debian\nSuites: bookworm\nComponents: main\n \n"
             "# cuda\nEnabled: yes\nTypes: deb\n"
             "URIs: https://developer.download.nvidia.com/compute/cuda/repos/debian12/x86_64\nSuites: /\n");
  const auto step = step_of(bench.decide("  - cuda_repo: debian12\n"));
  REQUIRE(step.replaced.size() == 1);
  CHECK(step.replaced[0].content ==
        "Types: deb\nURIs: http://deb.debian.org/debian\nSuites: bookworm\nComponents: main\n \n"
        "# cuda\nEnabled: no\nTypes: deb\n"
        "URIs: https://developer.download.nvidia.com/compute/cuda/repos/debian12/x86_64\nSuites: /\n");
}

TEST_CASE("one address with two keys is refused by apt, whatever the type and architecture",
          "[kinds][apt_repo]") {
  const auto entry = [](const std::string& line) { return parse_sources("a.list", line + "\n").at(0); };
  const auto ours = entry("deb [arch=amd64 signed-by=/k.gpg] https://x.org/debian stable main");
  CHECK(same_archive(entry("deb-src https://x.org/debian/ stable main"), ours));
  CHECK(same_archive(entry("deb [arch=arm64] https://x.org/debian stable main"), ours));
  CHECK_FALSE(same_archive(entry("deb-src [signed-by=/k.gpg] https://x.org/debian stable main"), ours));
  CHECK_FALSE(same_archive(entry("deb-src http://x.org/debian stable main"), ours));
  CHECK_FALSE(same_archive(entry("deb https://x.org/debian testing main"), ours));
}

TEST_CASE("options stand behind the type; other brackets belong to the address", "[kinds][apt_repo]") {
  const auto entries = parse_sources(
      "a.list",
      "deb cdrom:[Debian 12]/ bookworm main\ndeb [ arch=amd64,i386 ] http://x.org/d s main # mine\n");
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].architectures.empty());
  CHECK(entries[1].architectures == std::vector<std::string>{"amd64", "i386"});
  CHECK(entries[1].components == std::vector<std::string>{"main"});
}

TEST_CASE("a file that was set aside before is not written over", "[kinds][apt_repo]") {
  KindBench bench;
  bench.file(cuda_list, "deb https://developer.download.nvidia.com/compute/cuda/repos/debian12/x86_64/ /\n");
  bench.file(std::string(cuda_list) + ".disabled", "mine\n");
  CHECK(step_of(bench.decide("  - cuda_repo: debian12\n")).disabled.at(0).to ==
        std::string(cuda_list) + ".2.disabled");
}

namespace {

constexpr const char* other =
    "  - apt_repo: other\n    uris: http://x.org/d\n    suites: [a, b]\n    components: main\n";
constexpr const char* key_and_pin =
    "    key: {url: 'http://x.org/k', fingerprint: EB693B3035CD5710E231E123A4B469963BF863CC}\n"
    "    pin: [{package: '*', pin: origin x.org, priority: 700}]\n";

/// The host as it is after the step.
void carry_out(const AddRepository& step, KindBench& bench) {
  bench.file(step.source_path, step.source_content);
  if (!step.pin_path.empty()) bench.file(step.pin_path, step.pin_content);
  if (!step.keyring_path.empty()) bench.file(step.keyring_path, "");
}

std::vector<std::string> attributes_of(const Decision& decision) {
  std::vector<std::string> names;
  for (const auto& each : decision.differences) names.push_back(each.attribute);
  return names;
}

}  // namespace

TEST_CASE("what was put in place is as declared, in either format", "[kinds][apt_repo]") {
  for (const char* apt : {"2.6.1", "1.0.1ubuntu2"}) {
    KindBench bench;
    bench.package("apt", apt);
    carry_out(step_of(bench.decide(other)), bench);
    CHECK(bench.decide(other).action == Action::none);
  }
}

TEST_CASE("each attribute that differs is told with old and new", "[kinds][apt_repo]") {
  KindBench bench;
  carry_out(step_of(bench.decide(other)), bench);
  const auto changed = bench.decide(
      "  - apt_repo: other\n    uris: http://x.org/d\n    types: [deb, deb-src]\n    suites: [a, b]\n"
      "    components: [main, contrib]\n");
  CHECK(changed.action == Action::update);
  CHECK(changed.differences ==
        std::vector<Difference>{{"types", "deb", "deb deb-src"}, {"components", "main", "main contrib"}});
  const auto with_key = bench.decide(std::string(other) + key_and_pin);
  CHECK(attributes_of(with_key) == std::vector<std::string>{"keyring", "key", "pin"});
  CHECK(with_key.differences.back() == Difference{"pin", std::nullopt, "* origin x.org 700"});
}

TEST_CASE("key and pin go when they are no longer declared", "[kinds][apt_repo]") {
  KindBench bench;
  carry_out(step_of(bench.decide(std::string(other) + key_and_pin)), bench);
  const auto decision = bench.decide(other);
  REQUIRE(decision.steps.size() == 3);
  CHECK(std::get<RemovePath>(decision.steps[1]).path == "/etc/apt/preferences.d/other");
  CHECK(std::get<RemovePath>(decision.steps[2]).path == "/etc/apt/keyrings/other.gpg");
}

TEST_CASE("a pin that says the same is as declared, whoever wrote it", "[kinds][cuda_repo]") {
  KindBench bench;
  auto step = step_of(bench.decide("  - cuda_repo: debian12\n"));
  step.pin_content = step.pin_content.substr(step.pin_content.find('\n') + 1);
  carry_out(step, bench);
  CHECK(attributes_of(bench.decide("  - cuda_repo: debian12\n")) == std::vector<std::string>{"key"});
  const auto removal = bench.decide("  - cuda_repo: debian12\n    state: absent\n");
  for (const auto& each : removal.steps) {
    if (const auto* gone = std::get_if<RemovePath>(&each)) CHECK(gone->path != step.pin_path);
  }
}

TEST_CASE("the pin of a name with a dot has the extension that apt reads", "[kinds][apt_repo]") {
  KindBench bench;
  auto text = std::string(other) + key_and_pin;
  text.replace(text.find("other"), 5, "x.org");
  CHECK(step_of(bench.decide(text)).pin_path == "/etc/apt/preferences.d/x.org.pref");
}

TEST_CASE("what apt would refuse is told with the remedy", "[kinds][apt_repo]") {
  for (const char* fields : {"suites: /\n    components: main\n", "suites: stable\n",
                             "suites: 'a b'\n    components: main\n", "types: rpm\n    suites: /\n"}) {
    KindBench bench;
    bench.read("  - apt_repo: x\n    uris: https://x.org\n    " + std::string(fields));
    REQUIRE_FALSE(bench.diagnostics.all().empty());
    CHECK(bench.diagnostics.all()[0].code == "apt.source");
    CHECK(bench.diagnostics.all()[0].hint);
  }
}

TEST_CASE("components that nobody else brings are added beside the user's own source", "[kinds][apt_repo]") {
  const std::string debian = "deb http://deb.debian.org/debian bookworm main\n";
  const std::string wanted =
      "  - apt_repo: non-free\n    uris: http://deb.debian.org/debian\n    suites: bookworm\n"
      "    components: [contrib, non-free]\n";
  KindBench bench;
  bench.file("/etc/apt/sources.list", debian);
  const auto step = step_of(bench.decide(wanted));
  CHECK(step.replaced.empty());
  CHECK(step.disabled.empty());
  CHECK(step.source_content.find("Signed-By") == std::string::npos);

  // apt refuses two keys for one archive, and switching `main` off is nobody's wish.
  bench.file("/etc/apt/sources.list",
             "deb [signed-by=/usr/share/keyrings/debian.gpg] http://deb.debian.org/debian bookworm main\n");
  const auto refused = bench.decide(wanted);
  CHECK(refused.action == Action::manual);
  REQUIRE(refused.findings.size() == 1);
  CHECK(refused.findings[0].hint == "write `signed_by: /usr/share/keyrings/debian.gpg`");
  const auto fitting = step_of(bench.decide(wanted + "    signed_by: /usr/share/keyrings/debian.gpg\n"));
  CHECK(fitting.source_content.find("Signed-By: /usr/share/keyrings/debian.gpg\n") != std::string::npos);
  CHECK(fitting.keyring_path.empty());
}

namespace {

// A key made for this test by gpg; nobody holds its secret half any more.
constexpr const char* key_text = R"(-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawRIxxYJKwYBBAHaRw8BAQdA3CrOxbKmgyfrpIA9+xmZ7E307FH9ytFarBW8
MrHC4yy0A29uZYiQBBMWCAA4FiEEOgCnOYHyL1oVpNMlV8XY2SG1yTMFAmsESMcC
GwMFCwkIBwIGFQoJCAsCBBYCAwECHgECF4AACgkQV8XY2SG1yTMu7QEAtF2Q/ZoS
SFjKDDfBbRaI0FAYCcb+sg2uM6OwNTIXZrsA/jrLvhyJJIFTwSDs78l06DvBJsiP
2XAjeoxETWn1nGMB
=V1Vy
-----END PGP PUBLIC KEY BLOCK-----
)";
const std::string keyed =
    "  - apt_repo: other\n    uris: https://x.org/d\n    suites: stable\n    components: main\n"
    "    key: {url: 'https://x.org/k', fingerprint: 3A00A73981F22F5A15A4D32557C5D8D921B5C933}\n";

}  // namespace

TEST_CASE("a source of somebody else's that says just this by the same key is left as it is",
          "[kinds][apt_repo]") {
  for (const std::string line : {"deb [signed-by=/usr/share/keyrings/x.gpg] https://x.org/d/ stable main\n",
                                 "deb https://x.org/d stable main\n"}) {
    KindBench bench;
    const bool global = line.find("signed-by") == line.npos;
    bench.file("/etc/apt/sources.list.d/mine.list", line);
    CHECK(bench.decide(keyed).action == Action::create);  // without the key
    bench.file(global ? "/etc/apt/trusted.gpg.d/x.asc" : "/usr/share/keyrings/x.gpg", key_text);
    const auto decision = bench.decide(keyed);
    CHECK(decision.action == Action::none);
    CHECK(decision.because == "`/etc/apt/sources.list.d/mine.list` declares it");
    const auto pinned = bench.decide(keyed + "    pin: [{package: '*', pin: origin x.org, priority: 700}]\n");
    CHECK(pinned.action == Action::create);
    bench.file("/etc/apt/sources.list.d/mine.list", line + "deb-src https://x.org/d stable main\n");
    CHECK(bench.decide(keyed).action == Action::create);  // more than that, and by another key
  }
}

TEST_CASE("a source file of the same name that says just this need not be mlenvctl's", "[kinds][apt_repo]") {
  KindBench bench;
  bench.file("/etc/apt/sources.list.d/other.sources",
             "Types: deb\nURIs: https://x.org/d\nSuites: stable\nComponents: main\nSigned-By: /k.asc\n");
  CHECK(bench.decide(keyed).action == Action::manual);
  bench.file("/k.asc", key_text);
  CHECK(bench.decide(keyed).action == Action::none);
  std::string held = "Types: deb\nURIs: https://x.org/d\nSuites: stable\nComponents: main\nSigned-By:\n";
  for (const auto line : split_lines(key_text)) held += " " + std::string(line.empty() ? "." : line) + "\n";
  bench.file("/etc/apt/sources.list.d/other.sources", held);
  CHECK(bench.decide(keyed).action == Action::none);
}

TEST_CASE("a recipe may hold the key itself", "[kinds][apt_repo]") {
  KindBench bench;
  auto text = keyed;
  text.replace(text.find("    key:"), text.npos,
               "    key:\n      fingerprint: 3A00A73981F22F5A15A4D32557C5D8D921B5C933\n      text: |\n");
  for (const auto line : split_lines(key_text))
    text += line.empty() ? "\n" : "        " + std::string(line) + "\n";
  const auto step = step_of(bench.decide(text));
  CHECK(step.key_text == key_text);
  CHECK(step.key_locations.empty());
}

TEST_CASE("an address of slashes alone, and a stanza of thousands of them, are compared without delay",
          "[kinds][apt_sources]") {
  CHECK(archive_location("http://x.example/a" + std::string(2'000'000, '/') + "b//", "stable") ==
        "//x.example/a/b");
  std::string uris, suites;
  for (int i = 0; i < 20'000; ++i) {
    uris += " http://x.example/" + std::to_string(i);
    suites += " s" + std::to_string(i);
  }
  const auto entries = parse_sources("/x.sources", "Types: deb\nURIs:" + uris + "\nSuites:" + suites + "\n");
  REQUIRE(entries.size() == 1);
  CHECK(same_archive(entries[0], entries[0]));
}

TEST_CASE("a stanza is switched off however it says that it is on", "[kinds][apt_sources]") {
  for (const std::string text : {"Types: deb\nURIs: http://x\nSuites: /\nEnabled : yes\n",
                                 "Enabled: yes\n more\nTypes: deb\nURIs: http://x\nSuites: /\n",
                                 "# c\njunk\n more\nTypes: deb\nURIs: http://x\nSuites: /\n"}) {
    INFO(text);
    const auto entries = parse_sources("/x.sources", text);
    REQUIRE(entries.size() == 1);
    CHECK(parse_sources("/x.sources", without_entry(text, entries[0])).empty());
  }
}
