#include "io/lists/candidate_lists.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "io/jsonl_reader.hpp"
#include "io/lists/list_blocks.hpp"
#include "io/lists/list_shape.hpp"
#include "io/lists/scored_rows.hpp"
#include "io/lists/user_map.hpp"
#include "io/rows/json_elements.hpp"

namespace persona4rec {
namespace {

class JsonlLists final : public CandidateLists {
 public:
  JsonlLists(std::unique_ptr<RowSource> rows, const ListOptions& options, LineSource* lines)
      : lines_(lines),
        base_ranks_(options.base_ranks),
        reader_(std::move(rows), {.max_bad_rows = options.max_bad_rows, .on_bad_row = options.on_bad_row}) {}

  bool next(CandidateRow& list) override {
    return reader_.next(
        [&](const RowView& view) { list = read_list_row(view, reader_.row_index() == 0, base_ranks_); });
  }
  [[nodiscard]] bool ready() const override { return reader_.has_buffered_line(); }
  [[nodiscard]] Place place() const override { return reader_.place(); }
  [[nodiscard]] std::uint64_t bad_rows() const override { return reader_.bad_rows(); }
  [[nodiscard]] std::string sha256() const override { return reader_.sha256(); }
  [[nodiscard]] LineSource* lines() override { return lines_; }

 private:
  LineSource* lines_;  // of reader_; null: the rows are no lines
  bool base_ranks_;
  JsonlReader reader_;
};

enum class Ties : std::uint8_t { kFileOrder, kTrecEval };

// Equal scores by the greater item name first, as trec_eval has it, which keeps scores as floats. REQUIRES: scores.
// Those beyond a float's range, infinite there, are told apart here.
bool comes_before_in_trec_eval(const Candidate& a, const Candidate& b) {
  const double of_a = a.score.value_or(0);
  const double of_b = b.score.value_or(0);
  const auto left = static_cast<float>(of_a);
  const auto right = static_cast<float>(of_b);
  if (left != right) return left > right;
  if (std::isinf(left) && of_a != of_b) return of_a > of_b;
  return a.item_id.text() > b.item_id.text();
}

bool comes_before(const Candidate& a, const Candidate& b, Ties ties) {
  return ties == Ties::kTrecEval ? comes_before_in_trec_eval(a, b) : *a.score > *b.score;
}

// By score, highest first; a list without scores stays as it is.
void order_by_score(CandidateRow& list, Ties ties, const Place& place) {
  const auto scored = std::ranges::count_if(list.results, [](const auto& result) { return result.score.has_value(); });
  if (scored == 0) return;
  if (static_cast<std::size_t>(scored) != list.results.size()) {
    throw input_error({place.file, place.line, "score"}, "expected one in each row of the user \"" +
                                                             list.user_id.text() + "\" or in none, got some without");
  }
  std::ranges::stable_sort(list.results, [&](const auto& a, const auto& b) { return comes_before(a, b, ties); });
}

// Rows that come while they are read: a list ends where the next user's rows begin.
class RowStream final : public CandidateLists {
 public:
  RowStream(std::unique_ptr<ScoredRows> rows, Ties ties) : rows_(std::move(rows)), ties_(ties) {}

  bool next(CandidateRow& list) override {
    if (!started_) advance();
    started_ = true;
    if (!ahead_) return false;
    place_ = ahead_place_;
    list = {.user_id = ahead_->user_id};
    while (ahead_ && ahead_->user_id == list.user_id) {
      list.results.push_back({.item_id = std::move(ahead_->item_id), .score = ahead_->score});
      advance();
    }
    order_by_score(list, ties_, place_);
    return true;
  }
  [[nodiscard]] bool ready() const override { return rows_->has_buffered_row(); }
  [[nodiscard]] Place place() const override { return place_; }
  [[nodiscard]] std::uint64_t bad_rows() const override { return rows_->bad_rows(); }
  [[nodiscard]] std::string sha256() const override { return rows_->sha256(); }

 private:
  void advance() {
    ScoredRow row;
    ahead_ = rows_->next(row) ? std::optional(std::move(row)) : std::nullopt;
    ahead_place_ = rows_->place();
  }

  std::unique_ptr<ScoredRows> rows_;
  Ties ties_;
  bool started_ = false;
  std::optional<ScoredRow> ahead_;  // the first row of the next list; nothing at the end
  Place ahead_place_;
  Place place_;
};

// A whole file of rows, whose users' rows may stand anywhere: users in the order of their first rows.
class GatheredLists final : public CandidateLists {
 public:
  GatheredLists(std::unique_ptr<ScoredRows> rows, Ties ties) : rows_(std::move(rows)), ties_(ties) {
    for (ScoredRow row; rows_->next(row);) add(std::move(row));
    list_of_.clear();
    number_of_.clear();
  }

  bool next(CandidateRow& list) override {
    if (at_ == lists_.size()) return false;
    auto& from = lists_[at_++];
    list = {.user_id = std::move(from.user)};
    for (std::size_t i = 0; i < from.items.size(); ++i) {
      list.results.push_back({.item_id = items_[from.items[i]], .score = score_at(from, i)});
    }
    place_ = {.file = rows_->place().file, .line = from.line};
    from.items = {};
    from.scores = {};
    order_by_score(list, ties_, place_);
    return true;
  }
  [[nodiscard]] bool ready() const override { return true; }
  [[nodiscard]] Place place() const override { return place_; }
  [[nodiscard]] std::uint64_t bad_rows() const override { return rows_->bad_rows(); }
  [[nodiscard]] std::string sha256() const override { return rows_->sha256(); }

 private:
  struct List {
    UserId user;
    std::uint64_t line;
    std::vector<std::uint32_t> items;  // indexes into items_
    std::vector<double> scores;        // NaN = none
  };

  static std::optional<double> score_at(const List& list, std::size_t i) {
    return std::isnan(list.scores[i]) ? std::nullopt : std::optional(list.scores[i]);
  }

  void add(ScoredRow&& row) {
    const auto [user, new_user] = list_of_.try_emplace(row.user_id, lists_.size());
    if (new_user) lists_.push_back({std::move(row.user_id), rows_->place().line, {}, {}});
    const auto [item, new_item] = number_of_.try_emplace(row.item_id, static_cast<std::uint32_t>(items_.size()));
    if (new_item) items_.push_back(std::move(row.item_id));
    lists_[user->second].items.push_back(item->second);
    lists_[user->second].scores.push_back(row.score.value_or(std::nan("")));
  }

  std::unique_ptr<ScoredRows> rows_;
  Ties ties_;
  std::unordered_map<UserId, std::size_t> list_of_;
  std::unordered_map<ItemId, std::uint32_t> number_of_;
  std::vector<List> lists_;
  std::vector<ItemId> items_;
  std::size_t at_ = 0;
  Place place_;
};

class MapLists final : public CandidateLists {
 public:
  MapLists(LineSource source, std::uint64_t max_bad_rows) : map_(std::move(source), max_bad_rows) {}

  bool next(CandidateRow& list) override {
    if (!map_.next(list)) return false;
    order_by_score(list, Ties::kFileOrder, map_.place());
    return true;
  }
  [[nodiscard]] bool ready() const override { return map_.has_buffered_row(); }
  [[nodiscard]] Place place() const override { return map_.place(); }
  [[nodiscard]] std::uint64_t bad_rows() const override { return map_.bad_rows(); }
  [[nodiscard]] std::string sha256() const override { return map_.sha256(); }

 private:
  UserMap map_;
};

std::unique_ptr<CandidateLists> open_rows(LineSource source, const ListShape& shape, const ListOptions& options) {
  const auto ties = shape.kind == ListShape::Kind::kTrec ? Ties::kTrecEval : Ties::kFileOrder;
  auto rows = open_scored_rows(std::move(source), shape,
                               {.max_bad_rows = options.max_bad_rows, .on_bad_row = options.on_bad_row});
  if (options.streaming) return std::make_unique<RowStream>(std::move(rows), ties);
  return std::make_unique<GatheredLists>(std::move(rows), ties);
}

std::unique_ptr<CandidateLists> open_lists(LineSource source, bool is_array, const ListOptions& options) {
  if (is_array) return std::make_unique<JsonlLists>(std::make_unique<ElementRows>(std::move(source)), options, nullptr);
  auto rows = std::make_unique<LineRows>(std::move(source));
  LineSource* lines = &rows->source();
  return std::make_unique<JsonlLists>(std::move(rows), options, lines);
}

}  // namespace

std::unique_ptr<CandidateLists> open_candidate_lists(const InputFile& input, const ListOptions& options) {
  LineSource source(input);
  const auto shape = find_shape(source, options.format, options.streaming);
  switch (shape.kind) {
    case ListShape::Kind::kLists:
      return open_lists(std::move(source), shape.is_array, options);
    case ListShape::Kind::kUserMap:
      return std::make_unique<MapLists>(std::move(source), options.max_bad_rows);
    default:
      return open_rows(std::move(source), shape, options);
  }
}

}  // namespace persona4rec
