#include "cli/flags/gates.hpp"

#include <toml++/toml.h>
#include <CLI/CLI.hpp>

#include "io/json_file.hpp"

namespace persona4rec {
namespace {

constexpr const char* kGatesGroup = "Gates";

struct GateText {
  std::string text;
  Place place;
};
struct GateFile {
  std::vector<GateText> gates;
  bool strict = false;
};

Place place_in(const std::filesystem::path& path, const toml::source_region& at) {
  return {.file = path.string(), .line = at.begin.line};
}

toml::table parse_toml_file(const std::filesystem::path& path) {
  try {
    return toml::parse(read_text_file(path), path.string());
  } catch (const toml::parse_error& error) {
    throw Error(ErrorKind::kUsage, place_in(path, error.source()), std::string(error.description()));
  }
}

//   gates = ["NDCG@10 drop <= 1%", "found >= 90%"]
//   strict = false
GateFile read_gate_file(const std::filesystem::path& path) {
  GateFile file;
  for (const auto& [key, node] : parse_toml_file(path)) {
    const auto fail = [&](const toml::node& at, const std::string& message) {
      throw Error(ErrorKind::kUsage, place_in(path, at.source()), message);
    };
    if (key.str() == "strict") {
      if (!node.is_boolean()) fail(node, "key \"strict\": expected true or false");
      file.strict = node.value_or(false);
    } else if (key.str() == "gates") {
      if (!node.is_array()) fail(node, "key \"gates\": expected an array of gates, [\"NDCG@10 drop <= 1%\", ..]");
      for (const auto& gate : *node.as_array()) {
        if (!gate.is_string()) fail(gate, "key \"gates\": expected each gate as a string");
        file.gates.push_back({gate.value_or(std::string()), place_in(path, gate.source())});
      }
    } else {
      throw Error(ErrorKind::kUsage, place_in(path, key.source()),
                  "unknown key \"" + std::string(key.str()) + "\": a gate file has gates and strict");
    }
  }
  if (file.gates.empty()) throw Error(ErrorKind::kUsage, {.file = path.string()}, "holds no gate (gates = [..])");
  return file;
}

}  // namespace

void GateFlags::add(CLI::App& app) {
  app.add_option("--gate", expressions_,
                 "What must hold of the last file, several times: 'NDCG@10 >= .25', 'NDCG@10 drop <= 1%' (against the "
                 "first file or --baseline), 'HIT@5 in cold >= .1', 'users >= 5000', 'found >= 90%', 'unknown share <= "
                 "5%'")
      ->type_name("GATE")
      ->allow_extra_args(false)
      ->group(kGatesGroup);
  app.add_option("--gate-file", file_, "A TOML file of gates: gates = ['..', ..]; strict = true")
      ->type_name("PATH")
      ->default_str("")
      ->group(kGatesGroup);
  app.add_flag("--strict", strict_, "An inconclusive gate ends with exit code 5 too")->group(kGatesGroup);
}

std::vector<Gate> GateFlags::gates(const std::vector<std::size_t>& ks) const {
  std::vector<Gate> gates;
  if (!file_.empty()) {
    for (const auto& [text, place] : read_gate_file(file_).gates) gates.push_back(parse_gate(text, ks, place));
  }
  for (const auto& text : expressions_) gates.push_back(parse_gate(text, ks));
  return gates;
}

bool GateFlags::strict() const {
  return strict_ || (!file_.empty() && read_gate_file(file_).strict);
}

}  // namespace persona4rec
