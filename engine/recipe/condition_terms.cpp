#include <algorithm>
#include <array>
#include <map>

#include "base/dotted_version.hpp"
#include "base/pep_version.hpp"
#include "base/text.hpp"
#include "recipe/condition_term.hpp"

namespace mlenv {
namespace {

using Check = std::function<std::string(const std::string&)>;

Truth truth_of(bool value) { return value ? Truth::yes : Truth::no; }

std::string check_range(const std::string& text) {
  return DottedRange::parse(text) ? "" : "a version range such as `>=450.80.02`";
}
std::string check_python(const std::string& text) {
  return PepSpecifierSet::parse(text) || DottedRange::parse(text) ? ""
                                                                  : "a version range such as `>=3.6,<3.9`";
}
std::string check_os(const std::string& text) {
  const auto space = text.find(' ');
  if (text.empty() || (space != std::string::npos && !DottedRange::parse(text.substr(space + 1)))) {
    return "an OS and perhaps a version range, such as `ubuntu 20.04`";
  }
  return "";
}
std::string check_virt(const std::string& text) {
  constexpr std::array<std::string_view, 4> words = {"metal", "vm", "container", "wsl2"};
  return std::find(words.begin(), words.end(), text) != words.end() ? ""
                                                                    : "`metal`, `vm`, `container` or `wsl2`";
}
std::string accept_all(const std::string&) { return ""; }

/// A fact's version against a range; `debian testing` has no version, and a range on it cannot be told.
Truth in_range(const std::string& version, const std::string& asked) {
  const auto parsed = DottedVersion::parse(version);
  const auto range = DottedRange::parse(asked);
  return parsed && range ? truth_of(range->contains(*parsed)) : Truth::unknown;
}

Truth judge_os(const Facts& facts, const std::string& asked) {
  const auto* os = known(facts.os);
  if (os == nullptr) return Truth::unknown;
  const auto space = asked.find(' ');
  if (to_lower(asked.substr(0, space)) != os->id) return Truth::no;
  return space == std::string::npos ? Truth::yes : in_range(os->version_id, asked.substr(space + 1));
}

std::string describe_os(const Facts& facts) {
  const auto* os = known(facts.os);
  return os == nullptr ? "not known" : os->id + (os->version_id.empty() ? "" : " " + os->version_id);
}

/// A bare `3.8` means 3.8.anything, as everywhere in the recipe language.
bool python_fits(const std::string& version, const std::string& asked) {
  const auto specifiers = PepSpecifierSet::parse(asked);
  const auto parsed = PepVersion::parse(version);
  if (specifiers) return parsed && specifiers->contains(*parsed);
  return in_range(version, asked) == Truth::yes;
}

Truth judge_python(const Facts& facts, const std::string& asked) {
  const auto& pythons = facts.pythons;
  return truth_of(std::any_of(pythons.begin(), pythons.end(),
                              [&](const Python& python) { return python_fits(python.version, asked); }));
}

std::string describe_pythons(const Facts& facts) {
  std::vector<std::string> versions;
  for (const auto& python : facts.pythons) versions.push_back(python.version);
  return versions.empty() ? "none" : join(versions, ", ");
}

Truth judge_driver(const Facts& facts, const std::string& asked) {
  if (std::holds_alternative<Absent>(facts.driver)) return Truth::no;
  const auto* driver = known(facts.driver);
  if (driver == nullptr) return Truth::unknown;
  if (driver->status == "absent") return Truth::no;
  const auto& version = driver->loaded ? driver->loaded : driver->userspace;
  return version ? in_range(*version, asked) : Truth::unknown;
}

std::string describe_driver(const Facts& facts) {
  if (std::holds_alternative<Absent>(facts.driver)) return "none";
  const auto* driver = known(facts.driver);
  if (driver == nullptr) return "not known";
  if (driver->status == "absent") return "none";
  return driver->loaded.value_or(driver->userspace.value_or("not known"));
}

std::string text_or_unknown(const Fact<std::string>& fact) {
  const auto* text = known(fact);
  return text == nullptr ? "not known" : *text;
}

/// What a key means: in words, how its text is checked, judged against the host, and what the host has.
struct Row {
  std::string_view key;
  std::string_view summary;
  Check check;
  Judge judge;
  Describe describe;
};

const std::vector<Row>& rows() {
  static const std::vector<Row> all = {
      {"os", "the distribution, with a version or a range where it matters: `ubuntu 20.04`, `debian >=12`",
       check_os, judge_os, describe_os},
      {"arch", "the architecture: `x86_64`, `aarch64`", accept_all,
       [](const Facts& f, const std::string& a) {
         return f.arch.empty() ? Truth::unknown : truth_of(f.arch == a);
       },
       [](const Facts& f) { return f.arch.empty() ? "not known" : f.arch; }},
      {"kernel", "the running kernel's version, as a range: `>=5.15`", check_range,
       [](const Facts& f, const std::string& a) {
         return known(f.kernel) ? in_range(*known(f.kernel), a) : Truth::unknown;
       },
       [](const Facts& f) { return text_or_unknown(f.kernel); }},
      {"virt", "what it runs on: `metal`, `vm`, `container` or `wsl2`", check_virt,
       [](const Facts& f, const std::string& a) {
         return known(f.virt) ? truth_of(*known(f.virt) == a) : Truth::unknown;
       },
       [](const Facts& f) { return text_or_unknown(f.virt); }},
      {"driver", "the version of NVIDIA's driver, as a range: `>=450.80.02`", check_range, judge_driver,
       describe_driver},
      {"python", "a Python that is there, as a range: `>=3.6,<3.9`", check_python, judge_python,
       describe_pythons},
      {"hostname", "the name of the host, as a glob: `gpu-*`", accept_all,
       [](const Facts& f, const std::string& a) { return truth_of(glob_match(a, f.hostname)); },
       [](const Facts& f) { return f.hostname; }},
  };
  return all;
}

void report_unknown_key(const Node& key, Diagnostics& diagnostics) {
  std::vector<std::string> known_keys = {"gpu", "not"};
  for (const auto& row : rows()) known_keys.emplace_back(row.key);
  const auto near = nearest_word(key.text, known_keys);
  diagnostics.error("condition.unknown-key", "a condition has no key `" + key.text + "`", key.span,
                    near ? "did you mean `" + *near + "`?" : "its keys are: " + join(known_keys, ", "));
}

/// What is under `not:` fails as a whole: one term that holds when not all of them do.
std::optional<Terms> negated_terms(const Node& node, Diagnostics& diagnostics) {
  auto condition = Condition::parse(node, diagnostics);
  if (!condition) return std::nullopt;
  auto inner = parse_terms(node, diagnostics);
  if (!inner) return std::nullopt;
  const Span where = node.span;
  auto ask = [condition = *condition, inner = *inner, where](const Facts& facts) {
    Answer whole{condition.holds(facts), {}, {}, {}, where};
    for (const auto& term : inner) {
      const auto answer = term->ask(facts);
      whole.subject += (whole.subject.empty() ? "" : ", ") + answer.subject;
      whole.asked += (whole.asked.empty() ? "" : ", ") + answer.asked;
      whole.found += (whole.found.empty() ? "" : ", ") + answer.found;
    }
    return whole;
  };
  return Terms{std::make_shared<Condition::Term>(Condition::Term{std::move(ask), true})};
}

std::optional<Terms> terms_of_key(const Node& key, const Node& value, Diagnostics& diagnostics) {
  if (key.text == "gpu") return parse_gpu_terms(value, diagnostics);
  if (key.text == "not") return negated_terms(value, diagnostics);
  const auto& all = rows();
  const auto row =
      std::find_if(all.begin(), all.end(), [&](const Row& each) { return each.key == key.text; });
  if (row == all.end()) return report_unknown_key(key, diagnostics), std::nullopt;
  return any_of_term(key.text, value, row->check, row->judge, row->describe, diagnostics);
}

}  // namespace

std::optional<Terms> any_of_term(const std::string& subject, const Node& node, const Check& check,
                                 Judge judge, Describe describe, Diagnostics& diagnostics) {
  std::vector<std::string> asked;
  std::vector<const Node*> values;
  if (node.is_sequence()) {
    for (const auto& item : node.items) values.push_back(&item);
  } else {
    values.push_back(&node);
  }
  for (const auto* value : values) {
    const auto expected = value->is_scalar() ? check(value->text) : "text or a list of text";
    if (!expected.empty()) {
      diagnostics.error("condition.type",
                        "`" + subject + "` expects " + expected + ", found " + describe_type(*value),
                        value->span);
      return std::nullopt;
    }
    asked.push_back(value->text);
  }
  if (asked.empty()) {
    diagnostics.error("condition.type", "`" + subject + "` lists nothing, so it could never hold", node.span);
    return std::nullopt;
  }
  auto ask = [subject, asked, judge = std::move(judge), describe = std::move(describe),
              where = node.span](const Facts& facts) {
    Truth any = Truth::no;
    for (const auto& each : asked) {
      const auto truth = judge(facts, each);
      if (truth == Truth::yes) any = Truth::yes;
      if (truth == Truth::unknown && any == Truth::no) any = Truth::unknown;
    }
    return Answer{any, subject, join(asked, " or "), describe(facts), where};
  };
  return Terms{std::make_shared<Condition::Term>(Condition::Term{std::move(ask), false})};
}

std::optional<Terms> parse_terms(const Node& node, Diagnostics& diagnostics) {
  if (!node.is_mapping()) {
    diagnostics.error("condition.type", "expected a mapping of conditions, found " + describe_type(node),
                      node.span, "such as `os: ubuntu 20.04`");
    return std::nullopt;
  }
  Terms terms;
  bool good = true;
  for (const auto& [key, value] : node.entries) {
    const auto parsed = terms_of_key(key, value, diagnostics);
    good = good && parsed;
    if (parsed) terms.insert(terms.end(), parsed->begin(), parsed->end());
  }
  return good ? std::optional(std::move(terms)) : std::nullopt;
}

namespace {

/// A property whose value is one scalar, or a list of which any may hold.
std::string property_schema(std::string_view key, std::string_view summary) {
  return "\"" + std::string(key) + R"(": {"description": ")" + std::string(summary) +
         R"(", "anyOf": [{"type": ["string", "number", "boolean"]}, {"type": "array", "items": )"
         R"({"type": ["string", "number", "boolean"]}, "minItems": 1}]})";
}

std::string gpu_schema() {
  return R"("gpu": {"description": "whether there is an NVIDIA card, or what one of the cards has", "anyOf": [)"
         R"({"enum": [true, false, "true", "false"]}, {"type": "object", "properties": {)" +
         join({property_schema("name", "its name, as a glob: `*RTX 30*`"),
               property_schema("compute_capability", "as a range: `>=8.0`"),
               property_schema("memory", "its memory, as a range: `>=24 GB`"),
               property_schema("count", "how many cards there are, as a range: `>=2`")},
              ", ") +
         R"(}, "additionalProperties": false}]})";
}

}  // namespace

std::string condition_schema() {
  std::vector<std::string> properties;
  for (const auto& row : rows()) properties.push_back(property_schema(row.key, row.summary));
  properties.push_back(gpu_schema());
  properties.push_back(
      R"("not": {"description": "conditions that must not hold together", "$ref": "#/definitions/condition"})");
  return R"({"type": "object", "properties": {)" + join(properties, ", ") +
         R"(}, "additionalProperties": false})";
}

}  // namespace mlenv
