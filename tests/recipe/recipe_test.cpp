#include "recipe/recipe.hpp"

#include <random>

#include "recipe/flow_guard.hpp"
#include "support/catch.hpp"

using namespace mlenv;

namespace {

struct Bench {
  std::map<std::string, std::string> files;
  RecipeRequest request;
  Diagnostics diagnostics;

  Bench() {
    request.kinds = {"directory", "venv", "pip_package"};
    request.has_field = [](const std::string& kind, const std::string& field) {
      return kind == "pip_package" && field == "venv";
    };
  }
  std::optional<Recipe> read(const std::string& main) {
    files["main.yaml"] = main;
    request.paths = {"main.yaml"};
    return read_recipe(
        request,
        [this](const std::string& path) {
          const auto found = files.find(path);
          return found == files.end()
                     ? Result<std::string>(Error{"host.not-found", "there is no file `" + path + "`", {}})
                     : Result<std::string>(found->second);
        },
        diagnostics);
  }
};

Truth holds(const std::string& condition, const Facts& facts) {
  Diagnostics diagnostics;
  const auto node = parse_document(std::make_shared<const Source>(Source{"c", condition}), diagnostics);
  REQUIRE(node);
  const auto parsed = Condition::parse(*node, diagnostics);
  INFO(condition);
  REQUIRE(parsed);
  return parsed->holds(facts);
}

Facts workstation() {
  Facts facts;
  facts.os = Os{"ubuntu", "20.04", "focal", "Ubuntu"};
  facts.arch = "x86_64";
  facts.kernel = std::string("5.15.0-91-generic");
  facts.virt = std::string("metal");
  facts.hostname = "gpu07.lab";
  facts.pythons = {{"/usr/bin/python3.8", "3.8.10"}};
  facts.gpus = std::vector<Gpu>{
      {"0000:01:00.0", "10de:2484", "GeForce RTX 3070", "Ampere", "8.6", 8589934592U, "nvml"},
      {"0000:02:00.0", "10de:ffff", {}, {}, {}, {}, "pci"}};
  facts.driver = Absent{};
  return facts;
}

}  // namespace

TEST_CASE("scalars stay as they are written", "[recipe][document]") {
  Bench bench;
  const auto recipe = bench.read(
      "recipe: r\nversion: 1\nvars: {a: 3.10, b: no, c: 010, d: \"x\", e: '~', f: 1e3}\nresources: []\n");
  REQUIRE(recipe);
  CHECK(recipe->variables ==
        std::map<std::string, std::string>{
            {"a", "3.10"}, {"b", "no"}, {"c", "010"}, {"d", "x"}, {"e", "~"}, {"f", "1e3"}});
}

TEST_CASE("who includes overrules the included, the command line everybody", "[recipe]") {
  Bench bench;
  bench.files["base/x.yaml"] =
      "recipe: x\nversion: 1\nvars: {path: /one, sub: \"${path}/sub\"}\nresources:\n  - directory: ${sub}\n";
  const std::string main =
      "recipe: r\nversion: 1\ninclude: [base/x.yaml, base/../base/x.yaml]\nvars: {path: /two}\nresources:\n  "
      "- directory: ${path}\n";
  auto recipe = bench.read(main);
  REQUIRE(recipe);
  REQUIRE(recipe->declarations.size() == 2);
  CHECK(recipe->declarations[0].name.text == "/two/sub");
  CHECK(recipe->declarations[0].folder == "base");
  CHECK(recipe->declarations[1].name.text == "/two");
  bench.request.variables = {{"path", "/three"}};
  CHECK(bench.read(main)->declarations[0].name.text == "/three/sub");
  CHECK_FALSE(bench.diagnostics.failed());
}

TEST_CASE("references mean variables, the environment and facts; a doubled dollar is a dollar",
          "[recipe][variables]") {
  Bench bench;
  bench.request.environment = {{"LAB", "here"}};
  bench.request.fact = [](const std::string& path) {
    return path == "gpu.name" ? std::optional<std::string>("RTX") : std::nullopt;
  };
  const auto recipe = bench.read(
      "recipe: r\nversion: 1\nvars: {a: x}\nresources:\n  - directory: "
      "/${a}/${env.LAB}/${facts.gpu.name}/$${a}/$a\n");
  REQUIRE(recipe);
  CHECK(recipe->declarations[0].name.text == "/x/here/RTX/${a}/$a");
}

TEST_CASE("a value knows whether it was put together, and whether from the environment", "[recipe]") {
  Bench bench;
  bench.request.environment["TOKEN"] = "x";
  const auto recipe = bench.read(
      "recipe: r\nversion: 1\nvars: {a: '${env.TOKEN}', b: '-${a}', c: plain}\nresources:\n"
      "  - directory: /d\n    owner: '${b}'\n  - directory: /e\n    owner: '${c}'\n"
      "  - directory: /f\n    owner: '$${c}'\n");
  REQUIRE(recipe);
  const auto owner = [&](std::size_t i) { return recipe->declarations[i].body.at(0).second; };
  CHECK((owner(0).interpolated && owner(0).from_environment));
  CHECK((owner(1).interpolated && !owner(1).from_environment));
  CHECK_FALSE((owner(2).interpolated || owner(2).from_environment));
}

TEST_CASE("a kind may be another kind's attribute, in any order", "[recipe]") {
  Bench bench;
  const auto recipe =
      bench.read("recipe: r\nversion: 1\nresources:\n  - venv: torch\n    pip_package: numpy\n");
  REQUIRE(recipe);
  CHECK(recipe->declarations[0].kind == "pip_package");
}

TEST_CASE("the digest changes with the text, the included text and the variables given", "[recipe]") {
  Bench bench;
  bench.files["x.yaml"] = "recipe: x\nversion: 1\n";
  const std::string main = "recipe: r\nversion: 1\ninclude: x.yaml\nvars: {a: b}\n";
  const auto first = bench.read(main)->digest;
  CHECK(bench.read(main)->digest == first);
  CHECK(bench.read(main + "# more\n")->digest != first);
  bench.files["x.yaml"] += "# more\n";
  CHECK(bench.read(main)->digest != first);
}

TEST_CASE("conditions are judged against the host", "[recipe][condition]") {
  const auto facts = workstation();
  for (const char* yes :
       {"os: ubuntu 20.04", "os: ubuntu", "os: [debian, ubuntu]", "os: ubuntu >=18.04",
        "python: '>=3.6,<3.9'", "python: 3.8", "gpu: true", "gpu: {compute_capability: '>=3.5'}",
        "gpu: {name: '*RTX 30*'}", "gpu: {memory: '>=8GiB'}", "gpu: {count: 2}", "kernel: '>=5.4'",
        "virt: metal", "hostname: gpu*.lab", "arch: [aarch64, x86_64]", "not: {os: debian}",
        "not: {driver: '>=450'}", "not: {os: ubuntu, virt: vm}"}) {
    CHECK(holds(yes, facts) == Truth::yes);
  }
  for (const char* no : {"os: ubuntu 22.04", "os: debian", "python: '>=3.9'", "gpu: false",
                         "gpu: {count: '>2'}", "driver: '>=450'", "virt: [vm, wsl2]", "hostname: gpu08*",
                         "not: {os: ubuntu}", "{os: ubuntu, arch: aarch64}"}) {
    CHECK(holds(no, facts) == Truth::no);
  }
}

TEST_CASE("what is not known of a host is neither yes nor no", "[recipe][condition]") {
  auto facts = workstation();
  CHECK(holds("gpu: {compute_capability: '>=9.0'}", facts) ==
        Truth::unknown);  // the second card's is not known
  facts.virt = Unknown{"not probed"};
  CHECK(holds("virt: metal", facts) == Truth::unknown);
  CHECK(holds("not: {virt: metal}", facts) == Truth::unknown);
  CHECK(holds("{virt: metal, os: debian}", facts) == Truth::no);
  facts.gpus = Unknown{"no /sys"};
  CHECK(holds("gpu: true", facts) == Truth::unknown);
}

TEST_CASE("a requirement says what is and what was asked", "[recipe][condition]") {
  Bench bench;
  const auto recipe = bench.read("recipe: r\nversion: 1\nrequires: {os: debian, gpu: {count: '>2'}}\n");
  REQUIRE(recipe);
  const auto answers = recipe->requirements[0].condition.failures(workstation());
  REQUIRE(answers.size() == 2);
  CHECK(answers[0].subject == "os");
  CHECK(answers[0].asked == "debian");
  CHECK(answers[0].found == "ubuntu 20.04");
  CHECK(answers[1].subject == "gpu.count");
}

TEST_CASE("a colon right before a bracket is refused where it would stand in a list, and nowhere else",
          "[recipe][document]") {
  const std::string head = "recipe: r\nversion: 1\n";
  for (const char* bad : {"x: [a:]\n", "x: [a, {b: c}, d:]\n", "- [\n  'q', # note [\n  a:]\n",
                          "x: {a: [b:]}\n", "k: |\n  t\nx: [a:]\n"}) {
    INFO(bad);
    CHECK(guard_flow(head + bad).endless_colon);
  }
  for (const char* good :
       {"x: ['a:]']\n", "x: [\"a:]\"]\n", "x: a[1:]\n", "k: |\n  a = b[1:]\n  c[:]\ny: z\n",
        "- check: c\n  python: |\n    a[1:]\n  needs: [x]\n", "# [a:]\n", "x: [a] # [b:]\n", "x: [a: b]\n",
        "x: it's [a:]\n", "k: >-\n\n    a[:]\n\nx: 1\n"}) {
    INFO(good);
    CHECK_FALSE(guard_flow(head + good).endless_colon);
  }
}

TEST_CASE("whatever its bytes, a recipe is read or refused", "[recipe][fuzz]") {
  const std::string good =
      "recipe: r\nversion: 1\nrequires: {os: [ubuntu, debian], gpu: {count: '>=1'}, not: {virt: "
      "wsl2}}\nvars: &v {a: \"x\\ty\", b: 'it''s'}\n"
      "resources:\n  - directory: ~/${a}\n    when: {python: '>=3'}\n  - venv: |\n      t\n    needs: "
      "[directory.x]\n  - pip_package: [a, *v]\n";
  std::mt19937 random(7);
  for (int i = 0; i < 4000; ++i) {
    auto text = good.substr(0, i < 500 ? static_cast<std::size_t>(i) % good.size() : good.size());
    for (int flips = i % 4; flips > 0 && !text.empty(); --flips)
      text[random() % text.size()] = "\0\t\n:-[]{}&*!|>'\"%@`#,?~$\x80\xff"[random() % 27];
    Bench bench;
    const auto recipe = bench.read(text);
    CHECK((recipe || bench.diagnostics.failed()));
  }
}
