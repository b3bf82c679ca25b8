// Rows set down in a temporary file to be read again in another order: memory holds an offset a row, not its text.
//
// The file has no name (it goes with the process, SIGKILL or not) and lies in the folder of the stage's output (the
// system's for temporary files where that is a stream).
// Throws Error kOutput when it cannot be written (a full disk). Thread-safety: one object, one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "records/row_json.hpp"
#include "records/row_view.hpp"

namespace persona4rec {

class RowSpool {
 public:
  // A file in scratch_folder(output), which is made when it is missing.
  explicit RowSpool(const std::filesystem::path& output);
  RowSpool(RowSpool&&) noexcept;
  RowSpool& operator=(RowSpool&&) noexcept;
  ~RowSpool();

  // Returns the row's number: 0, 1, 2, ...
  std::size_t append(const Json& row);
  [[nodiscard]] std::size_t size() const;

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

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace persona4rec
