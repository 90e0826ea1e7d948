#include "view/kind_view.hpp"

#include <nlohmann/json.hpp>

#include "golden.hpp"

using namespace mlenv;

namespace {

struct Seal {
  std::string color;
  bool wax = false;
  bool operator==(const Seal&) const = default;
  static void describe(Fields<Seal>& fields) {
    fields.required("color", &Seal::color, "its color");
    fields.optional("wax", &Seal::wax, "whether it is of wax", "false");
  }
};

Decision nothing() { return {}; }

/// A kind with every sort of field.
struct Letter {
  static constexpr KindText text = {
      "letter", "A letter in an envelope.",
      "Letters are written once.\nNobody opens them.\n\nWhat others wrote is left alone.\n",
      "\n  - letter: hello\n    envelope: brown\n", Naming::one};
  struct Spec {
    std::string name;
    std::string envelope;
    std::string color;
    std::vector<std::string> stamps;
    std::optional<Seal> seal;
    bool operator==(const Spec&) const = default;
  };
  struct State {};
  static std::vector<std::string> states() { return {"present", "absent"}; }
  static void describe(Fields<Spec>& fields) {
    fields.name(&Spec::name, "what is written on it");
    fields.required("envelope", &Spec::envelope, "the envelope that it is in");
    fields.choice("color", &Spec::color, {"white", "blue"}, "of the paper", "white");
    fields.optional("stamps", &Spec::stamps, "the stamps on it");
    fields.nested("seal", &Spec::seal, "how it is closed");
  }
  static std::string resource_name(const Spec& spec) { return spec.name; }
  static Result<State> probe(const Spec&, const ProbeScope&) { return State{}; }
  static Decision diff(const Spec&, const State&, const ProbeScope&) { return nothing(); }
};

/// A kind whose name is a field of the other one, and that takes lists of names.
struct Envelope {
  static constexpr KindText text = {"envelope", "An envelope.", "", "", Naming::many};
  struct Spec {
    std::string name;
    bool operator==(const Spec&) const = default;
  };
  struct State {};
  static std::vector<std::string> states() { return {"present"}; }
  static void describe(Fields<Spec>& fields) { fields.name(&Spec::name, "its name"); }
  static std::string resource_name(const Spec& spec) { return spec.name; }
  static Result<State> probe(const Spec&, const ProbeScope&) { return State{}; }
  static Decision diff(const Spec&, const State&, const ProbeScope&) { return nothing(); }
};

std::vector<Kind> sample_kinds() { return {make_kind<Letter>(), make_kind<Envelope>()}; }

}  // namespace

TEST_CASE("explain lists the kinds and tells what one takes", "[view][kinds]") {
  const auto kinds = sample_kinds();
  check_golden("explain.txt", explain_index(kinds, {}));
  check_golden("explain-letter.txt", explain_kind(kinds[0], {}));
  check_golden("explain-letter-40-columns.txt", explain_kind(kinds[0], {false, false, 40}));
}

TEST_CASE("explain tells of one field, of a nested one and of the name", "[view][kinds]") {
  const auto kinds = sample_kinds();
  check_golden("explain-letter.seal.txt", explain_field(kinds[0], "seal", {}).value_or(""));
  CHECK(explain_field(kinds[0], "seal.color", {}) ==
        "KIND      letter\nFIELD     letter.seal.color\nTYPE      text\nREQUIRED  yes\n\n  its color\n");
  CHECK(explain_field(kinds[1], "envelope", {}).value_or("").find("TYPE      text, or a list of them") !=
        std::string::npos);
  CHECK(explain_field(kinds[0], "state", {}).value_or("").find("present | absent") != std::string::npos);
  CHECK_FALSE(explain_field(kinds[0], "seal.colour", {}));
  CHECK_FALSE(explain_field(kinds[0], "", {}));
  CHECK_FALSE(explain_field(kinds[0], "color.white", {}));
  CHECK(field_names(kinds[1]) == std::vector<std::string>{"envelope", "state", "needs", "when", "id"});
}

TEST_CASE("the schema holds every kind and can be read back", "[view][kinds]") {
  const auto text = recipe_schema(sample_kinds());
  const auto schema = nlohmann::ordered_json::parse(text);
  CHECK(schema["definitions"]["letter"]["required"].dump() == R"(["letter","envelope"])");
  CHECK(schema["definitions"]["envelope"]["properties"]["envelope"]["anyOf"][1]["type"] == "array");
  CHECK(schema["definitions"]["letter"]["properties"]["when"]["$ref"] == "#/definitions/condition");
  // `envelope` alone is an envelope; beside `letter` it is a field of the letter.
  CHECK(schema["definitions"]["resource"]["allOf"][1]["if"].dump() ==
        R"({"required":["envelope"],"not":{"anyOf":[{"required":["letter"]}]}})");
  CHECK(text == recipe_schema(sample_kinds()));
  auto own = schema;  // what a condition is belongs to another room
  own["definitions"]["condition"] = "…";
  check_golden("schema.json", own.dump(2) + "\n");
}
