#include "io/jsonl_reader.hpp"

#include <utility>

#include "base/stop.hpp"
#include "io/rows/row_parser.hpp"

namespace persona4rec {
struct JsonlReader::State {
  State(std::unique_ptr<RowSource> rows, JsonlOptions options)
      : source(std::move(rows)),
        options(std::move(options)),
        place{.file = source->name()},
        parser(this->options.python_dicts) {}

  std::unique_ptr<RowSource> source;
  JsonlOptions options;
  Place place;
  RowParser parser;
  std::uint64_t rows = 0;
  std::uint64_t bad_rows = 0;
  std::uint64_t row_index = UINT64_MAX;  // wraps to 0 at the first line
  std::string hash;

  void parse(const std::function<void(const RowView&)>& take) {
    take(parser.parse(source->text(), place, row_index == 0));
  }

  void finish() {
    place.line = 0;
    if (rows + bad_rows == 0 && !options.allow_empty_file) throw empty_file_error(place);
    if (hash.empty()) hash = source->sha256();
  }
};

JsonlReader::JsonlReader(const InputFile& input, JsonlOptions options)
    : JsonlReader(LineSource(input), std::move(options)) {}
JsonlReader::JsonlReader(LineSource source, JsonlOptions options)
    : JsonlReader(std::make_unique<LineRows>(std::move(source)), std::move(options)) {}
JsonlReader::JsonlReader(std::unique_ptr<RowSource> rows, JsonlOptions options)
    : state_(std::make_unique<State>(std::move(rows), std::move(options))) {}
JsonlReader::JsonlReader(JsonlReader&&) noexcept = default;
JsonlReader& JsonlReader::operator=(JsonlReader&&) noexcept = default;
JsonlReader::~JsonlReader() = default;

bool JsonlReader::next(const std::function<void(const RowView&)>& take) {
  auto& s = *state_;
  for (;;) {
    throw_if_stopped();
    if (!s.source->read()) {
      s.finish();
      return false;
    }
    s.place.line = s.source->line();
    ++s.row_index;
    try {
      s.parse(take);
      ++s.rows;
      return true;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kInput || s.bad_rows >= s.options.max_bad_rows) throw;
      ++s.bad_rows;
      if (s.options.on_bad_row) s.options.on_bad_row(error);
    }
  }
}

const Place& JsonlReader::place() const {
  return state_->place;
}
std::uint64_t JsonlReader::rows() const {
  return state_->rows;
}
std::uint64_t JsonlReader::row_index() const {
  return state_->row_index;
}
std::uint64_t JsonlReader::bad_rows() const {
  return state_->bad_rows;
}
const JsonlOptions& JsonlReader::options() const {
  return state_->options;
}
std::string JsonlReader::sha256() const {
  if (state_->hash.empty()) throw internal_error("sha256() of a file that was not read to its end");
  return state_->hash;
}
bool JsonlReader::has_buffered_line() const {
  return state_->source->has_buffered_row();
}

}  // namespace persona4rec
