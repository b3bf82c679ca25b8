// The elements of one JSON array, or the members of one JSON object, that a whole file holds, one at a time, however
// its lines are broken.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "io/line_source.hpp"
#include "io/rows/row_source.hpp"

namespace persona4rec {

// Thread-safety: one object, one thread. Memory: one element (at most kMaxLineBytes).
class JsonElements {
 public:
  // REQUIRES: the source's next character is [ or {.
  explicit JsonElements(LineSource source) : source_(std::move(source)) {}

  // The next element; false behind the last. Throws Error kInput: no JSON, the file ends before the array does, text
  // behind it.
  bool next();

  [[nodiscard]] std::string& text() { return text_; }                 // of the element, not yet parsed
  [[nodiscard]] const std::string& key() const { return key_; }       // of a member, with its quotes; "" in an array
  [[nodiscard]] std::uint64_t line() const { return element_line_; }  // 1-based, where the element begins
  [[nodiscard]] LineSource& source() { return source_; }
  [[nodiscard]] const LineSource& source() const { return source_; }

 private:
  [[nodiscard]] char peek(std::string_view expected);
  [[nodiscard]] std::uint64_t here() const { return source_.line() + 1; }
  void open();
  bool close();
  void take_value(std::string& into);
  [[noreturn]] void fail(std::string_view expected, std::string_view got) const;

  LineSource source_;
  std::string text_;
  std::string key_;
  std::uint64_t opened_line_ = 0;
  std::uint64_t element_line_ = 0;
  std::uint64_t elements_ = 0;
  char end_ = '\0';  // ] or }; '\0' before the first element
  bool closed_ = false;
};

// An array's elements as rows.
class ElementRows final : public RowSource {
 public:
  explicit ElementRows(LineSource source) : elements_(std::move(source)) {}

  bool read() override { return elements_.next(); }
  [[nodiscard]] std::string& text() override { return elements_.text(); }
  [[nodiscard]] std::uint64_t line() const override { return elements_.line(); }
  [[nodiscard]] bool has_buffered_row() const override { return elements_.source().has_buffered_line(); }
  [[nodiscard]] std::string sha256() override { return elements_.source().sha256(); }
  [[nodiscard]] const std::string& name() const override { return elements_.source().name(); }

 private:
  JsonElements elements_;
};

// JSON Lines, or an array's elements.
[[nodiscard]] inline std::unique_ptr<RowSource> open_json_rows(LineSource source, bool is_array) {
  if (is_array) return std::make_unique<ElementRows>(std::move(source));
  return std::make_unique<LineRows>(std::move(source));
}

}  // namespace persona4rec
