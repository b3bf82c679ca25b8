#include "encoder/model_folder/model_json.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/utf8.hpp"
#include "io/json_file.hpp"
#include "io/mapped_file.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kMaxJsonBytes = 64U << 20U;  // the largest tokenizer.json of note has half of it

struct ForeignKind {
  std::string_view start;
  std::string_view name;
};

constexpr std::array kForeignKinds = {
    ForeignKind{"version https://git-lfs", "a Git LFS pointer: fetch the file that it points to (git lfs pull)"},
    ForeignKind{std::string_view("PK\x03\x04", 4), "a zip archive (torch.save writes such files)"},
    ForeignKind{"\x80\x02", "a Python pickle (an old torch.save)"},
    ForeignKind{"\x1f\x8b", "a gzip file"},
    ForeignKind{"<!DOCTYPE", "an HTML page"},
    ForeignKind{"<html", "an HTML page"},
};

}  // namespace

void refuse_foreign_file(const std::filesystem::path& path, std::string_view start, std::string_view expected) {
  for (const auto& kind : kForeignKinds) {
    if (!start.starts_with(kind.start)) continue;
    throw input_error({.file = path.string()}, "expected " + std::string(expected) + ", got " + std::string(kind.name));
  }
}

std::string read_model_text(const std::filesystem::path& path) {
  const MappedFile file(path);
  refuse_foreign_file(path, file.text(), "text");
  if (file.text().size() > kMaxJsonBytes) {
    throw input_error({.file = path.string()}, "expected at most " + std::to_string(kMaxJsonBytes) + " bytes, got " +
                                                   std::to_string(file.text().size()));
  }
  if (const auto offset = find_bad_utf8(file.text())) {
    throw input_error({.file = path.string()}, "not UTF-8 at byte " + std::to_string(*offset));
  }
  return std::string(file.text());
}

ModelJson::ModelJson(const std::filesystem::path& path) : ModelJson(path, read_model_text(path)) {}

ModelJson::ModelJson(const std::filesystem::path& path, std::string_view text) : path_(path) {
  if (is_too_deep(text)) {  // what goes through nested values calls itself
    throw input_error({.file = path.string()},
                      "JSON nested more than " + std::to_string(kMaxJsonDepth) + " levels deep");
  }
  value_ = std::make_shared<const Value>(Value::parse(text, nullptr, /*allow_exceptions=*/false));
  if (!value_->is_object()) throw input_error({.file = path.string()}, "expected a JSON object");
}

ModelJson::ModelJson(const ModelJson& file, const Value& value, std::string field_path)
    : path_(file.path_), value_(file.value_, &value), field_path_(std::move(field_path)) {
  if (!value.is_object()) throw input_error({.file = path_.string(), .field = field_path_}, "expected a JSON object");
}

bool ModelJson::has(std::string_view field) const {
  const auto found = value_->find(field);
  return found != value_->end() && !found->is_null();
}

void ModelJson::fail(std::string_view field, std::string_view message) const {
  const std::string prefix = field_path_.empty() ? "" : field_path_ + ".";
  throw input_error({.file = path_.string(), .field = prefix + std::string(field)}, message);
}

void ModelJson::wrong_type(std::string_view field, std::string_view expected, const Value& got) const {
  std::string text = got.dump(-1, ' ', false, Value::error_handler_t::replace);
  if (text.size() > 40) text = got.type_name();
  fail(field, "expected " + std::string(expected) + ", got " + text);
}

const ModelJson::Value& ModelJson::required(std::string_view field, std::string_view expected) const {
  const auto found = value_->find(field);
  if (found == value_->end()) fail(field, "expected " + std::string(expected) + ", the field is missing");
  return *found;
}

std::size_t ModelJson::count(std::string_view field) const {
  constexpr std::string_view kExpected = "an integer >= 0";
  const Value& found = required(field, kExpected);
  if (!found.is_number_unsigned()) wrong_type(field, kExpected, found);
  return found.get<std::size_t>();
}

std::string ModelJson::text(std::string_view field) const {
  const Value& found = required(field, "a string");
  if (!found.is_string()) wrong_type(field, "a string", found);
  return found.get<std::string>();
}

const ModelJson::Value& ModelJson::array(std::string_view field) const {
  const Value& found = required(field, "an array");
  if (!found.is_array()) wrong_type(field, "an array", found);
  return found;
}

ModelJson ModelJson::object(std::string_view field) const {
  const Value& found = required(field, "an object");
  if (!found.is_object()) wrong_type(field, "an object", found);
  return ModelJson(*this, found, field_path_.empty() ? std::string(field) : field_path_ + "." + std::string(field));
}

std::size_t ModelJson::count_or(std::string_view field, std::size_t otherwise) const {
  return has(field) ? count(field) : otherwise;
}

std::string ModelJson::text_or(std::string_view field, std::string_view otherwise) const {
  return has(field) ? text(field) : std::string(otherwise);
}

double ModelJson::number_or(std::string_view field, double otherwise) const {
  if (!has(field)) return otherwise;
  const Value& found = *value_->find(field);
  if (!found.is_number()) wrong_type(field, "a number", found);
  return found.get<double>();
}

bool ModelJson::flag_or(std::string_view field, bool otherwise) const {
  if (!has(field)) return otherwise;
  const Value& found = *value_->find(field);
  if (!found.is_boolean()) wrong_type(field, "true or false", found);
  return found.get<bool>();
}

}  // namespace persona4rec
