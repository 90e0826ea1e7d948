#include "host/fact_probes.hpp"
#include "host/host_record.hpp"
#include "host/json_text.hpp"
#include "support/catch.hpp"

using namespace mlenv;

namespace {

std::string repeated(const std::string& text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("JSON that would exhaust the stack or the time is no JSON", "[host][json]") {
  CHECK(parse_json(repeated("[", 100) + repeated("]", 100)).is_array());
  CHECK(parse_json(repeated("[", 101) + repeated("]", 101)).is_discarded());
  CHECK(parse_json(repeated("{\"a\":", 2'000'000) + "1" + repeated("}", 2'000'000)).is_discarded());
  std::string members = "{\"first\":1";
  for (int i = 0; i < 1'000'000; ++i) members += ",\"" + std::to_string(i) + "\":1";
  CHECK(parse_json(members + "}").is_discarded());
  CHECK(parse_json("{\"a\": [1, null, \"x\"]}")["a"].size() == 3);
  CHECK(parse_json("{\"a\": ").is_discarded());
}

TEST_CASE("a recorded path that is deeper than any is refused, since every folder on the way is kept",
          "[host][record]") {
  const auto record = [](std::size_t depth) {
    return read_recorded_host(R"({"format": "mlenvctl.host/1", "files": {")" + repeated("/a", depth) +
                              R"(": "x"}})");
  };
  CHECK(record(40));
  const auto refused = record(500'000);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "host.record");
}

TEST_CASE("a header whose number is no version tells nothing", "[host][cuda]") {
  const auto host = recorded_reader(
      {{"/usr/local/cuda-12.4/include/cuda.h",
        {FileType::file, "#define CUDA_VERSION 99999999999999999999\n"}},
       {"/usr/include/cudnn_version.h", {FileType::file, "#define CUDNN_MAJOR 4294967304\n"}}});
  CHECK(known(probe_cuda_toolkits(*host))->empty());
  CHECK(known(probe_cudnn(*host, Absent{}))->empty());
}

TEST_CASE("a facts document in which a text is null is read as one that does not have it", "[host][record]") {
  const auto record = read_recorded_host(
      R"({"format": "mlenvctl.facts/1", "os": {"id": null, "version_id": "12"}, "user": {"name": null},
          "pythons": [{"path": null, "version": "3.11"}]})");
  REQUIRE(record);
  CHECK(known(record->facts.os)->id.empty());
  CHECK(record->facts.user.name == "user");
  CHECK_FALSE(read_recorded_host(R"({"format": "mlenvctl.facts/1", "os": "debian 12"})"));
}
