#include "host/facts.hpp"

#include "fuzz/fuzz.hpp"
#include "fuzz/host_files.hpp"
#include "host/facts_json.hpp"
#include "view/facts_view.hpp"

namespace mlenv::fuzz {

/// Files of /proc, /sys, /etc, /usr and /var: what is found is the same when it is read back from its
/// document.
void facts(std::string_view input) {
  auto files = files_in(input);
  files.emplace("/etc/passwd", owned_file("student:x:1000:1000::/home/student:/bin/bash\n"));
  const auto host = recorded_reader(std::move(files));
  const auto found = probe_facts(*host, "student");
  if (!found) return;
  facts_text(*found, {false, true, 0});
  const auto document = facts_document(*found);
  // Bytes that are no UTF-8 do not come through JSON as they were.
  const auto text = document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  const auto again = facts_from_json(nlohmann::ordered_json::parse(text));
  hold(facts_document(again).dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) == text,
       "facts are the same when they are read back");
}

}  // namespace mlenv::fuzz
