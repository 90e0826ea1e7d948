#pragma once

#include <memory>

#include "host/reader.hpp"
#include "host/status_file.hpp"

namespace mlenv {

/// The host as it was when each thing was asked for first: no file, folder or link is looked at twice. For
/// one planning, by one thread, until forget_looks().
std::unique_ptr<HostReader> caching_reader(std::unique_ptr<HostReader> direct);

/// What one such reader has seen below a folder, the other need not look at again.
void keep_looks(const HostReader& from, const HostReader& to, const std::string& folder);

/// From now on such a reader answers what is so then; others do so anyhow.
void forget_looks(const HostReader& host);

/// The bytes of a file as they are now, also where such a reader has seen others.
Result<std::optional<std::string>> look_again(const HostReader& host, const std::string& path);

/// dpkg's status, null when the host has none; a reader that keeps it takes it apart once.
Result<std::shared_ptr<const StatusFile>> share_status_file(const HostReader& host);

}  // namespace mlenv
