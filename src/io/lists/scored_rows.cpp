#include "io/lists/scored_rows.hpp"

#include <cmath>
#include <cstdlib>
#include <utility>

#include "base/utf8.hpp"
#include "io/jsonl_reader.hpp"
#include "io/lists/trec_reader.hpp"
#include "io/rows/delimited_rows.hpp"
#include "io/rows/json_elements.hpp"

namespace persona4rec {
namespace {

class TrecRows final : public ScoredRows {
 public:
  TrecRows(LineSource source, std::uint64_t max_bad_rows) : reader_(std::move(source), max_bad_rows) {}

  bool next(ScoredRow& row) override {
    return reader_.next([&](std::string_view line, const Place& place) {
      auto read = parse(line, place);
      first_ = false;
      row = {.user_id = std::move(read.user_id), .item_id = std::move(read.item_id), .score = read.score};
    });
  }
  [[nodiscard]] const Place& place() const override { return reader_.place(); }
  [[nodiscard]] bool has_buffered_row() const override { return reader_.has_buffered_line(); }
  [[nodiscard]] std::uint64_t bad_rows() const override { return reader_.bad_rows(); }
  [[nodiscard]] std::string sha256() const override { return reader_.sha256(); }

 private:
  // A file of none of the known shapes ends here, at its first line.
  [[nodiscard]] RunLine parse(std::string_view line, const Place& place) {
    try {
      return parse_run_line(line, place);
    } catch (const Error& error) {
      if (!first_) throw;
      first_ = false;
      throw Error(error.kind(), std::string(error.what()) + "; " + std::string(known_shapes()));
    }
  }

  TrecReader reader_;
  bool first_ = true;
};

class ObjectRows final : public ScoredRows {
 public:
  ObjectRows(std::unique_ptr<RowSource> rows, RowNames names, const ScoredRowOptions& options)
      : reader_(std::move(rows), {.max_bad_rows = options.max_bad_rows, .on_bad_row = options.on_bad_row}),
        names_(std::move(names)) {}

  bool next(ScoredRow& row) override {
    return reader_.next([&](const RowView& view) {
      row = {.user_id = view.id<UserId>(names_.user), .item_id = view.id<ItemId>(names_.item), .score = score(view)};
    });
  }
  [[nodiscard]] const Place& place() const override { return reader_.place(); }
  [[nodiscard]] bool has_buffered_row() const override { return reader_.has_buffered_line(); }
  [[nodiscard]] std::uint64_t bad_rows() const override { return reader_.bad_rows(); }
  [[nodiscard]] std::string sha256() const override { return reader_.sha256(); }

 private:
  // A cell that is no JSON number ("-inf", "05") comes as a string.
  [[nodiscard]] std::optional<double> score(const RowView& view) const {
    const auto value = names_.score.empty() ? std::nullopt : view.maybe(names_.score);
    if (!value) return std::nullopt;
    if (!value->is_string()) return view.number(names_.score);
    return score_of(value->get_string().value_unsafe(), reader_.place(), names_.score);
  }

  JsonlReader reader_;
  RowNames names_;
};

std::unique_ptr<RowSource> row_source(LineSource source, const ListShape& shape) {
  if (shape.kind == ListShape::Kind::kTable) {
    return std::make_unique<DelimitedRows>(std::move(source),
                                           DelimitedOptions{.numbers = {shape.names.score},
                                                            .values = {},
                                                            .required = {shape.names.user, shape.names.item},
                                                            .header = shape.header});
  }
  return open_json_rows(std::move(source), shape.is_array);
}

}  // namespace

double score_of(std::string_view text, const Place& place, const std::string& field) {
  const std::string copy(trim(text));
  char* end = nullptr;
  const double value = std::strtod(copy.c_str(), &end);
  if (copy.empty() || end != copy.c_str() + copy.size() || std::isnan(value)) {
    throw input_error({place.file, place.line, field}, "expected a number, got \"" + copy + "\"");
  }
  return value;
}

std::unique_ptr<ScoredRows> open_scored_rows(LineSource source, const ListShape& shape,
                                             const ScoredRowOptions& options) {
  if (shape.kind == ListShape::Kind::kTrec) return std::make_unique<TrecRows>(std::move(source), options.max_bad_rows);
  return std::make_unique<ObjectRows>(row_source(std::move(source), shape), shape.names, options);
}

}  // namespace persona4rec
