// JSON Lines whose rows are made beside each other and taken in the order of the file: what JsonlReader reads, with its
// errors and counts, by several threads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/bulk/ordered_units.hpp"
#include "base/stop.hpp"
#include "base/utf8.hpp"
#include "io/jsonl_reader.hpp"
#include "io/line_source.hpp"
#include "io/rows/row_parser.hpp"

namespace persona4rec {

struct RowsRead {
  std::uint64_t rows = 0;      // good ones
  std::uint64_t bad_rows = 0;  // skipped
  std::string sha256;          // of the bytes, gzip unpacked
};

template <class Made>
class RowBlocks {
 public:
  using Make = std::function<Made(const RowView&)>;                   // from any thread; an Error kInput: a bad row
  using Take = std::function<void(Made&& made, const Place& place)>;  // in order, one at a time

  // `threads`: 0 = default_threads(). Opens at once. Throws as JsonlReader does.
  RowBlocks(const InputFile& input, JsonlOptions options, std::size_t threads)
      : lines_(input), options_(std::move(options)), threads_(threads) {}

  // All rows, once. Throws as JsonlReader does, and what `take` throws.
  RowsRead read(const Make& make, const Take& take) {
    OrderedUnits<Unit>({.take =
                            [&](Unit& unit) {
                              throw_if_stopped();
                              return lines_.next_block(unit.block);
                            },
                        .make_worker =
                            [&] {
                              return [this, &make, parser = std::make_shared<RowParser>(options_.python_dicts)](
                                         Unit& unit) { make_rows(unit, *parser, make); };
                            },
                        .give = [&](Unit& unit) { give(unit, take); },
                        .idle = {},
                        .would_wait = {},
                        .give_up = [this] { lines_.stop(); }},
                       threads_)
        .run();
    if (read_.rows + read_.bad_rows == 0 && !options_.allow_empty_file) throw empty_file_error({.file = lines_.name()});
    read_.sha256 = lines_.sha256();
    return std::move(read_);
  }

 private:
  struct Row {
    std::uint64_t line = 0;
    std::variant<Made, Error> made;
  };
  struct Unit {
    LineBlock block;
    std::vector<Row> rows;
  };

  void make_rows(Unit& unit, RowParser& parser, const Make& make) const {
    unit.rows.clear();
    bool is_first = unit.block.holds_first;
    Place place{.file = lines_.name()};
    std::string copy;
    for (BlockLines lines(unit.block); !lines.at_end();) {
      place.line = lines.number();
      const auto line = lines.next();
      if (trim(line).empty()) continue;
      copy = line;
      try {
        unit.rows.push_back({place.line, make(parser.parse(copy, place, is_first))});
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::kInput) throw;
        unit.rows.push_back({place.line, error});
      }
      is_first = false;
    }
  }

  void give(Unit& unit, const Take& take) {
    lines_.hash(unit.block);
    Place place{.file = lines_.name()};
    for (auto& [line, made] : unit.rows) {
      place.line = line;
      if (const auto* error = std::get_if<Error>(&made)) {
        if (read_.bad_rows >= options_.max_bad_rows) throw *error;
        ++read_.bad_rows;
        if (options_.on_bad_row) options_.on_bad_row(*error);
      } else {
        ++read_.rows;
        take(std::move(std::get<Made>(made)), place);
      }
    }
  }

  LineSource lines_;
  JsonlOptions options_;
  std::size_t threads_;
  RowsRead read_;
};

}  // namespace persona4rec
