// Records of CSV and TSV files as JSON objects, their header names as keys, for whoever reads rows of JSON Lines.
//
// A file of this kind has no types: cells are texts, empty ones are left out. Columns that `numbers` names become
// numbers where their cells are some, columns that `values` names become lists and objects where their cells are JSON
// or Python literals of these ("['a', 'b']", as pandas writes them).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "io/rows/delimited_reader.hpp"
#include "io/rows/row_source.hpp"

namespace persona4rec {

struct DelimitedOptions {
  std::vector<std::string> numbers;
  std::vector<std::string> values;
  std::vector<std::string> required;  // columns without which no row says anything: an Error kInput at the header
  std::vector<std::string> header;    // names of the columns of a file without a header; empty = its first record
};

class DelimitedRows final : public RowSource {
 public:
  explicit DelimitedRows(LineSource source, DelimitedOptions options = {})
      : reader_(std::move(source)), options_(std::move(options)) {}

  // Throws Error kInput also for a header that lacks a required column.
  bool read() override;
  // Throws Error kInput: another number of fields than the header has, text behind closing quotes, bad UTF-8.
  [[nodiscard]] std::string& text() override;
  [[nodiscard]] std::uint64_t line() const override { return reader_.line(); }
  [[nodiscard]] bool has_buffered_row() const override { return reader_.source().has_buffered_line(); }
  [[nodiscard]] std::string sha256() override { return reader_.source().sha256(); }
  [[nodiscard]] const std::string& name() const override { return reader_.source().name(); }

 private:
  enum class Kind : std::uint8_t { kText, kNumber, kValue };
  struct Column {
    std::string name;
    std::string key;  // as JSON, with ":" behind it
    Kind kind;
  };

  void take_header(const std::vector<std::string>& names);
  void check_required() const;
  void append_cell(const Column& column, std::string_view cell);
  [[noreturn]] void fail(const std::string& field, const std::string& message) const;

  DelimitedReader reader_;
  DelimitedOptions options_;
  std::vector<Column> columns_;
  std::string json_;
};

}  // namespace persona4rec
