#include "resource/installer_settings.hpp"

#include "host/recorded_host.hpp"
#include "support/catch.hpp"

using namespace mlenv;

TEST_CASE("uv is told otherwise by its variables and by files in the folders that XDG names",
          "[resource][uv]") {
  const auto told = [](const Environment& own, const std::string& file) {
    std::map<std::string, RecordedFile> files;
    files[file].content = "[pip]\n";
    return uv_is_told_otherwise(*recorded_reader(files), "/home/student", own);
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

TEST_CASE("a file that names mirrors and certificates leaves pip's choice as it is", "[resource][pip]") {
  const auto told = [](const std::string& text, const Environment& own = {}) {
    std::map<std::string, RecordedFile> files;
    files["/home/student/.config/pip/pip.conf"].content = text;
    return pip_is_told_otherwise(*recorded_reader(files), "/home/student", own);
  };
  CHECK_FALSE(told(""));
  CHECK_FALSE(
      told("# the lab's\n[global]\nindex-url = https://mirror.lab/simple\ntimeout: 60\n\n[install]\n"
           "trusted_host=mirror.lab\n"));
  for (const char* text : {"[global]\nfind-links = /wheels\n", "[install]\nconstraint = /c.txt\n",
                           "[global]\npre = true\n", "[global]\nindex-url =\n  https://a.lab/simple\n",
                           "[global]\n  find-links = /wheels\n", "[global\n", "no key at all\n"}) {
    INFO(text);
    CHECK(told(text));
  }
  CHECK(told("", {{"PIP_CONFIG_FILE", "/srv/pip.conf"}}));
  CHECK_FALSE(told("", {{"PIP_INDEX_URL", "https://mirror.lab/simple"}, {"PIPX_HOME", "/srv"}}));
}

TEST_CASE("a configuration that cannot be read may say anything", "[resource][pip]") {
  std::map<std::string, RecordedFile> files;
  files["/etc/pip.conf"].unread = Error{"host.denied", "permission denied", {}};
  CHECK(pip_is_told_otherwise(*recorded_reader(files), "/home/student", {}));
}
