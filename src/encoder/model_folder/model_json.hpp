// The small files of a model folder: text and JSON, with errors that name the file and the field.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace persona4rec {

// The whole file. Throws Error kInput: missing, a directory, not UTF-8, and what `refuse_foreign_file` refuses.
[[nodiscard]] std::string read_model_text(const std::filesystem::path& path);

// Throws Error kInput that calls by its name what is plainly another kind of file: a Git LFS pointer, a zip archive, a
// Python pickle, an HTML page. `start` = the first bytes; `expected` = what the file should be ("safetensors weights").
void refuse_foreign_file(const std::filesystem::path& path, std::string_view start, std::string_view expected);

// A JSON object of a model folder. Cheap to copy. Keys come in alphabetical order: vocabularies have too many of them
// for the ordered value type of rows and meta files.
class ModelJson {
 public:
  using Value = nlohmann::json;

  // Throws Error kInput: unreadable, not JSON, not an object.
  explicit ModelJson(const std::filesystem::path& path);
  // `text` = JSON that stands in the file.
  ModelJson(const std::filesystem::path& path, std::string_view text);
  // An object inside `file`, at `field_path` for messages. Throws Error kInput: `value` is no object.
  ModelJson(const ModelJson& file, const Value& value, std::string field_path);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] const Value& value() const { return *value_; }
  [[nodiscard]] bool has(std::string_view field) const;  // present and not null

  // Required fields; a missing or null one, or another type, is an Error kInput.
  [[nodiscard]] std::size_t count(std::string_view field) const;  // an integer >= 0
  [[nodiscard]] std::string text(std::string_view field) const;
  [[nodiscard]] const Value& array(std::string_view field) const;
  [[nodiscard]] ModelJson object(std::string_view field) const;

  // Optional fields: missing or null is the default; another type is an error.
  [[nodiscard]] std::size_t count_or(std::string_view field, std::size_t otherwise) const;
  [[nodiscard]] std::string text_or(std::string_view field, std::string_view otherwise) const;
  [[nodiscard]] double number_or(std::string_view field, double otherwise) const;
  [[nodiscard]] bool flag_or(std::string_view field, bool otherwise) const;

  [[noreturn]] void fail(std::string_view field, std::string_view message) const;

 private:
  [[nodiscard]] const Value& required(std::string_view field, std::string_view expected) const;
  [[noreturn]] void wrong_type(std::string_view field, std::string_view expected, const Value& got) const;

  std::filesystem::path path_;
  std::shared_ptr<const Value> value_;  // keeps its whole file alive
  std::string field_path_;              // of this object inside the file: "model"; empty = the file's own
};

}  // namespace persona4rec
