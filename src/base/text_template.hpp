// Text with named placeholders: prompts, interaction and persona texts (prompts/<domain>/*.txt). A small part of
// Mustache:
//
//   {{name}}              the value: a string as it is, numbers and booleans as JSON writes them, null = nothing
//   {{#name}}..{{/name}}  a list: once an element (inside, an object's keys and {{.}} are in scope, outer names too);
//                         an object: once, inside it; else once when the value is there and not "", false, null or []
//   {{^name}}..{{/name}}  once when the section above would not be rendered
//
// A section tag alone on a line takes its line with it. Values are never escaped: this makes prompts, not HTML.
// Thread-safety: const use from any thread.
#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "persona4rec/json.hpp"

namespace persona4rec {

// A named value without a Json around it, for texts that are rendered by the million: a view of what lives longer.
struct TextValue {
  using Value = std::variant<std::string_view, bool, const Json*>;
  std::string_view name;
  Value value;
};

class TextTemplate {
 public:
  TextTemplate() = default;
  // Throws Error kUsage naming `source` and the line: an unclosed or misnamed section, an unknown tag.
  [[nodiscard]] static TextTemplate parse(std::string_view text, const std::string& source);
  // Throws Error kUsage when the file cannot be read (a prompt belongs to the configuration).
  [[nodiscard]] static TextTemplate load(const std::filesystem::path& path);

  // A name that `values` lacks renders as nothing; use names() to check a template against what a stage offers.
  [[nodiscard]] std::string render(const Json& values) const;
  // The same text from an object of these values.
  [[nodiscard]] std::string render_values(std::span<const TextValue> values) const;
  // The template for values of which these, all bool, are known: without the outer sections that they rule out, so that
  // names() has what is left to ask for.
  [[nodiscard]] TextTemplate assuming(std::span<const TextValue> known) const;
  [[nodiscard]] const std::set<std::string>& names() const { return names_; }

  struct Node;

 private:
  std::shared_ptr<const std::vector<Node>> nodes_;
  std::set<std::string> names_;
};

}  // namespace persona4rec
