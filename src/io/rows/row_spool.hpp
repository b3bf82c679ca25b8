// Rows set down in a temporary file to be read again in another order: memory holds an offset a row, not its text.
//
// The file has no name (it goes with the process, SIGKILL or not) and lies in the folder of the stage's output (the
// system's for temporary files where that is a stream).
// Throws Error kOutput when it cannot be written (a full disk) or read back. Thread-safety: one object, one thread;
// from finish() to the next append(), other threads may read through SpoolReaders of their own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "records/row_json.hpp"
#include "records/row_view.hpp"

namespace persona4rec {

class SpoolReader;

class RowSpool {
 public:
  // A file in scratch_folder(output), which is made when it is missing.
  explicit RowSpool(const std::filesystem::path& output);
  RowSpool(RowSpool&&) noexcept;
  RowSpool& operator=(RowSpool&&) noexcept;
  ~RowSpool();

  // Returns the row's number: 0, 1, 2, ...
  std::size_t append(const Json& row);
  std::size_t append(std::string_view row);  // its JSON
  [[nodiscard]] std::size_t size() const;
  // Bytes of the rows [first, first + count). REQUIRES: first + count <= size().
  [[nodiscard]] std::uint64_t byte_count(std::size_t first, std::size_t count = 1) const;

  // Sets down what was appended.
  void finish();

  // The row as it was written, until the next call. REQUIRES: index < size().
  [[nodiscard]] std::string_view bytes(std::size_t index);
  template <class Row>
  [[nodiscard]] Row row(std::size_t index, const ReadOptions& options = {});

 private:
  friend class SpoolReader;
  struct State;
  [[nodiscard]] SpoolReader& reader();
  std::unique_ptr<State> state_;
};

// Reads the rows of a spool. Thread-safety: one object, one thread. REQUIRES: the spool outlives it.
class SpoolReader {
 public:
  explicit SpoolReader(const RowSpool& spool) : SpoolReader(*spool.state_) {}
  explicit SpoolReader(const RowSpool::State& state) : state_(&state) {}

  // The row as it was written, until the next call. REQUIRES: index < size().
  [[nodiscard]] std::string_view bytes(std::size_t index);
  // REQUIRES: index < size().
  void read(std::size_t index, const std::function<void(const RowView&)>& take);
  template <class Row>
  [[nodiscard]] Row row(std::size_t index, const ReadOptions& options = {}) {
    Row made;
    read(index, [&](const RowView& view) { made = read_row<Row>(view, options); });
    return made;
  }
  // What the last call read, until the next.
  [[nodiscard]] std::string_view line() const { return line_; }

 private:
  const RowSpool::State* state_;
  std::string line_;
  simdjson::dom::parser parser_;
};

template <class Row>
Row RowSpool::row(std::size_t index, const ReadOptions& options) {
  return reader().row<Row>(index, options);
}

}  // namespace persona4rec
