// Where rows come from that a JsonlReader reads: one JSON text each, however the file holds them.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "io/line_source.hpp"

namespace persona4rec {

// Thread-safety: one object, one thread. Memory: one row (at most kMaxLineBytes).
class RowSource {
 public:
  RowSource() = default;
  RowSource(const RowSource&) = delete;
  RowSource& operator=(const RowSource&) = delete;
  virtual ~RowSource() = default;

  // Goes to the next row that is not blank; false at the end. Throws Error kInput where nothing behind can be read.
  virtual bool read() = 0;
  // The row as JSON; the caller may change it. Throws Error kInput where this row alone cannot be read. REQUIRES:
  // read() returned true.
  [[nodiscard]] virtual std::string& text() = 0;
  [[nodiscard]] virtual std::uint64_t line() const = 0;  // 1-based, where the row begins
  // True when read() need not wait for input.
  [[nodiscard]] virtual bool has_buffered_row() const = 0;
  // As LineSource has it. REQUIRES: read() returned false.
  [[nodiscard]] virtual std::string sha256() = 0;
  [[nodiscard]] virtual const std::string& name() const = 0;
};

// JSON Lines.
class LineRows final : public RowSource {
 public:
  explicit LineRows(LineSource source) : source_(std::move(source)) {}

  bool read() override;
  [[nodiscard]] std::string& text() override { return line_; }
  [[nodiscard]] std::uint64_t line() const override { return source_.line(); }
  [[nodiscard]] bool has_buffered_row() const override { return source_.has_buffered_line(); }
  [[nodiscard]] std::string sha256() override { return source_.sha256(); }
  [[nodiscard]] const std::string& name() const override { return source_.name(); }
  [[nodiscard]] LineSource& source() { return source_; }

 private:
  LineSource source_;
  std::string line_;
};

}  // namespace persona4rec
