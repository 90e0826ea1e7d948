#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/dotted_version.hpp"
#include "base/text.hpp"
#include "recipe/condition_term.hpp"

namespace mlenv {
namespace {

Truth truth_of(bool value) { return value ? Truth::yes : Truth::no; }

/// The answer over all cards: yes when one fits, no when none can.
template <class Fits>
Truth any_gpu(const Facts& facts, Fits fits) {
  if (std::holds_alternative<Absent>(facts.gpus)) return Truth::no;
  const auto* gpus = known(facts.gpus);
  if (gpus == nullptr) return Truth::unknown;
  Truth any = Truth::no;
  for (const auto& gpu : *gpus) {
    const auto truth = fits(gpu);
    if (truth == Truth::yes) return Truth::yes;
    if (truth == Truth::unknown) any = Truth::unknown;
  }
  return any;
}

template <class Text>
std::string describe_gpus(const Facts& facts, Text text) {
  if (std::holds_alternative<Absent>(facts.gpus)) return "no GPU";
  const auto* gpus = known(facts.gpus);
  if (gpus == nullptr) return "not known";
  std::vector<std::string> parts;
  for (const auto& gpu : *gpus) parts.push_back(text(gpu));
  return parts.empty() ? "no GPU" : join(parts, ", ");
}

std::string name_of(const Gpu& gpu) { return gpu.name.value_or("a card with the PCI id " + gpu.pci_id); }

struct MemoryBound {
  std::string comparison;
  double bytes = 0;
};

/// `>=8GiB`, `12 GB`, `8192MiB`; a bare size means at least.
std::optional<MemoryBound> parse_memory(std::string_view text) {
  MemoryBound bound{">=", 0};
  text = trim(text);
  const auto digits = text.find_first_of("0123456789");
  if (digits == std::string_view::npos) return std::nullopt;
  const auto comparison = trim(text.substr(0, digits));
  if (!comparison.empty()) bound.comparison = std::string(comparison);
  if (bound.comparison != ">=" && bound.comparison != ">" && bound.comparison != "<=" &&
      bound.comparison != "<") {
    return std::nullopt;
  }
  unsigned long long number = 0;
  const auto [end, failure] = std::from_chars(text.data() + digits, text.data() + text.size(), number);
  const auto unit =
      to_lower(trim(std::string_view(end, static_cast<std::size_t>(text.data() + text.size() - end))));
  const double scale = unit == "gib"   ? 0x1p30
                       : unit == "gb"  ? 1e9
                       : unit == "mib" ? 0x1p20
                       : unit == "mb"  ? 1e6
                                       : 0;
  if (failure != std::errc() || scale == 0) return std::nullopt;
  bound.bytes = static_cast<double>(number) * scale;
  return bound;
}

Truth memory_fits(const Gpu& gpu, const MemoryBound& bound) {
  if (!gpu.memory_bytes) return Truth::unknown;
  const auto have = static_cast<double>(*gpu.memory_bytes);
  if (bound.comparison == ">=") return truth_of(have >= bound.bytes);
  if (bound.comparison == ">") return truth_of(have > bound.bytes);
  return truth_of(bound.comparison == "<=" ? have <= bound.bytes : have < bound.bytes);
}

Truth capability_fits(const Gpu& gpu, const std::string& asked) {
  if (!gpu.compute_capability) return Truth::unknown;
  const auto have = DottedVersion::parse(*gpu.compute_capability);
  const auto range = DottedRange::parse(asked);
  return have && range ? truth_of(range->contains(*have)) : Truth::unknown;
}

Truth count_fits(const Facts& facts, const std::string& asked) {
  if (!known(facts.gpus) && !std::holds_alternative<Absent>(facts.gpus)) return Truth::unknown;
  const auto count = known(facts.gpus) ? known(facts.gpus)->size() : 0;
  return truth_of(DottedRange::parse(asked)->contains(*DottedVersion::parse(std::to_string(count))));
}

std::string check_range(const std::string& text) {
  return DottedRange::parse(text) ? "" : "a range such as `>=3.5`";
}

std::optional<Terms> gpu_term(const Node& key, const Node& value, Diagnostics& diagnostics) {
  const std::string subject = "gpu." + key.text;
  if (key.text == "name") {
    return any_of_term(
        subject, value, [](const std::string&) { return std::string(); },
        [](const Facts& facts, const std::string& asked) {
          return any_gpu(facts, [&](const Gpu& gpu) {
            return gpu.name ? truth_of(glob_match(to_lower(asked), to_lower(*gpu.name))) : Truth::unknown;
          });
        },
        [](const Facts& facts) { return describe_gpus(facts, name_of); }, diagnostics);
  }
  if (key.text == "compute_capability") {
    return any_of_term(
        subject, value, check_range,
        [](const Facts& facts, const std::string& asked) {
          return any_gpu(facts, [&](const Gpu& gpu) { return capability_fits(gpu, asked); });
        },
        [](const Facts& facts) {
          return describe_gpus(facts, [](const Gpu& gpu) {
            return gpu.compute_capability.value_or("not known") + " (" + name_of(gpu) + ")";
          });
        },
        diagnostics);
  }
  if (key.text == "memory") {
    return any_of_term(
        subject, value,
        [](const std::string& text) {
          return parse_memory(text) ? "" : std::string("a size such as `>=8GiB`");
        },
        [](const Facts& facts, const std::string& asked) {
          return any_gpu(facts, [&](const Gpu& gpu) { return memory_fits(gpu, *parse_memory(asked)); });
        },
        [](const Facts& facts) {
          return describe_gpus(facts, [](const Gpu& gpu) {
            return gpu.memory_bytes ? std::to_string(*gpu.memory_bytes >> 20) + " MiB"
                                    : std::string("not known");
          });
        },
        diagnostics);
  }
  if (key.text == "count") {
    return any_of_term(
        subject, value, check_range, count_fits,
        [](const Facts& facts) {
          return known(facts.gpus) ? std::to_string(known(facts.gpus)->size()) : std::string("not known");
        },
        diagnostics);
  }
  const auto near = nearest_word(key.text, {"name", "compute_capability", "memory", "count"});
  diagnostics.error(
      "condition.unknown-key", "`gpu` has no key `" + key.text + "`", key.span,
      near ? "did you mean `" + *near + "`?" : "its keys are: name, compute_capability, memory, count");
  return std::nullopt;
}

std::optional<Terms> presence_term(const Node& node, Diagnostics& diagnostics) {
  const auto check = [](const std::string& text) {
    return text == "true" || text == "false" ? std::string() : "`true`, `false` or a mapping";
  };
  return any_of_term(
      "gpu", node, check,
      [](const Facts& facts, const std::string& asked) {
        const auto there = any_gpu(facts, [](const Gpu&) { return Truth::yes; });
        if (there == Truth::unknown || asked == "true") return there;
        return there == Truth::yes ? Truth::no : Truth::yes;
      },
      [](const Facts& facts) { return describe_gpus(facts, name_of); }, diagnostics);
}

}  // namespace

std::optional<Terms> parse_gpu_terms(const Node& node, Diagnostics& diagnostics) {
  if (!node.is_mapping()) return presence_term(node, diagnostics);
  Terms terms;
  bool good = true;
  for (const auto& [key, value] : node.entries) {
    const auto parsed = gpu_term(key, value, diagnostics);
    good = good && parsed;
    if (parsed) terms.insert(terms.end(), parsed->begin(), parsed->end());
  }
  return good ? std::optional(std::move(terms)) : std::nullopt;
}

}  // namespace mlenv
