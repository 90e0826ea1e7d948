#include "resource/uv.hpp"

#include "host/recorded_host.hpp"
#include "support/catch.hpp"

using namespace mlenv;

TEST_CASE("uv is configured by its variables and by files in the folders that XDG names", "[resource][uv]") {
  const auto told = [](const Environment& own, const std::string& file) {
    std::map<std::string, RecordedFile> files;
    files[file].content = "[pip]\n";
    return uv_is_configured(*recorded_reader(files), "/home/student", own);
  };
  CHECK_FALSE(told({{"PIP_CONSTRAINT", "/c.txt"}, {"UV_CACHE_DIR", "/scratch"}}, "/home/student/uv.toml"));
  CHECK(told({{"UV_CONSTRAINT", "/c.txt"}}, "/none"));
  for (const char* file : {"/etc/uv/uv.toml", "/etc/xdg/uv/uv.toml", "/home/student/.config/uv/uv.toml"}) {
    INFO(file);
    CHECK(told({}, file));
  }
  CHECK_FALSE(told({}, "/srv/settings/uv/uv.toml"));
  CHECK(told({{"XDG_CONFIG_HOME", "/srv/settings"}}, "/srv/settings/uv/uv.toml"));
  CHECK(told({{"XDG_CONFIG_DIRS", "relative:/srv/settings"}}, "/srv/settings/uv/uv.toml"));
}
