#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "host/recorded_host.hpp"

namespace mlenv {

/// Reads the document `mlenvctl.host/1`:
///   format    mlenvctl.host/1
///   unlisted  `unknown`: what the record does not list is not known; without it: is not there
///   tree      true for a system tree that nobody runs
///   facts     as facts --json
///   packages  {NAME: VERSION | {"version": …, "status": …, "provides": …}}, become /var/lib/dpkg/status
///   answers   [{"command": […], "output": …}]
///   absent    [PATH]: looked for, and not there
///   files     {PATH: TEXT | [LINE…] | {"content": TEXT | "lines": [LINE…] | "lines": {NUMBER: LINE} |
///             "base64": …, "mode": "0644", "uid": 0, "gid": 0, "modified": [SECONDS, NANOSECONDS]} |
///             {"link": …} |
///             {"directory": true, "entries": […], "others": N} | {"unread": WHY} |
///             {"error": {"code": …, "message": …}}}
/// Owners that are not said are those of the folder above where `unlisted` is there, else root. A bare
/// `mlenvctl.facts/1` document is a host without files. Errors (`host.record`) begin with the place.
Result<RecordedHost> read_recorded_host(const std::string& json);

/// The document of a record. `facts` are its facts as a document.
nlohmann::ordered_json recorded_host_document(const RecordedHost& host, nlohmann::ordered_json facts);

}  // namespace mlenv
